"""Exports of real communities through the real command line: what a stranger would measure, in one command.

    python -m tests.benchmarks.real_exports [EVAL] [--only slack-racket,lean] [--keep FOLDER]

EVAL is a folder of development data (its README says what lies in it); without one, the folder `shared/eval` beside
the repository. For every set: its documents become a Slack export with noise in it, as a user would hand it in;
each persona of the set is created, signed for, imported and set live in four commands; its questions go through
`understudy ask --batch`; and the set's own `score.py` judges what came back. Nothing but the id and the text of a
question is handed over.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

BESIDE = Path(__file__).parents[3] / "shared" / "eval"
SETS = (
    *("slack-racket", "slack-clojure", "slack-elm", "lean", "rmail", "egret-zh"),
    *("squad2", "cmrc-zh", "drcd-zht", "rgb-zh", "rgb-en", "xling"),
)
JUDGED = ("hit@1", "hit@5", "MRR", "AURC", "AUROC", "useful@10", "coverage", "selective_acc", "escalated", "ECE")


class Machine:
    """An installation of its own, driven as from a shell; counts the seconds and the memory that commands take."""

    def __init__(self, folder: Path) -> None:
        self._env = {**os.environ, "UNDERSTUDY_DATA_DIR": str(folder / "data"), "HOME": str(folder)}
        self._env.pop("XDG_CONFIG_HOME", None)
        self.seconds = 0.0

    def __call__(self, *words: str) -> str:
        command = [sys.executable, "-m", "bots", *words]
        begun = time.perf_counter()
        done = subprocess.run(command, env=self._env, capture_output=True, text=True, encoding="utf-8")
        self.seconds = time.perf_counter() - begun
        if done.returncode:
            raise SystemExit(f"understudy {' '.join(words)}: exit status {done.returncode}\n{done.stderr}")
        return done.stdout


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("eval", nargs="?", type=Path, default=BESIDE)
    parser.add_argument("--only", default="", metavar="SETS")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where predictions are kept")
    given = parser.parse_args()
    if not (given.eval / "score.py").is_file():
        print(f"no development data at {given.eval}; nothing to measure")
        return 0
    wanted = [name for name in given.only.split(",") if name] or SETS
    header = ("set", "personas", "kept", "passages", "import s", "ask/s", "MB", *JUDGED)
    print("  ".join(cell.rjust(max(8, len(cell))) for cell in header), flush=True)
    for name in wanted:
        with tempfile.TemporaryDirectory() as scratch:
            cells = (name, *measured(given.eval, name, Path(scratch), given.keep))
        line = zip(cells, header, strict=True)
        print("  ".join(str(cell).rjust(max(8, len(head))) for cell, head in line), flush=True)
    return 0


def measured(evaluation: Path, name: str, scratch: Path, keep: Path | None) -> tuple[str, ...]:
    """Everything about one set, as cells of the table."""
    source = evaluation / "data" / name
    convert = [sys.executable, evaluation / "convert_export.py", source / "docs.jsonl.gz", scratch / "export"]
    subprocess.run([*convert, "--slack", "--zip", "--noise"], check=True, stdout=subprocess.DEVNULL)
    machine, export = Machine(scratch), scratch / "export.zip"
    asked: dict[str, list[dict[str, Any]]] = {}
    for question in lines(source / "questions.jsonl.gz"):
        asked.setdefault(question["persona"], []).append(question)
    ids = {user.get("real_name"): user["id"] for user in json.loads(zipfile.ZipFile(export).read("users.json"))}
    members = len(zipfile.ZipFile(export).namelist())
    people = json.loads((source / "meta.json").read_text(encoding="utf-8"))["personas"]
    predictions: list[str] = []
    kept = passages = 0
    importing = asking = 0.0
    for number, person in enumerate(people):
        # A set of documents has one owner called `kb`, and its pages are by whoever wrote them.
        subject = ids[person["name"]]
        report = distilled(machine, f"p{number}", subject, export, members)
        kept, importing = kept + report["kept"], importing + machine.seconds
        passages += json.loads(machine("persona", "show", f"p{number}", "--json"))["passages"]
        batch = scratch / f"{number}.jsonl"
        batch.write_text("".join(bare(asked.get(person["id"], []))), encoding="utf-8")
        predictions += machine("ask", "--persona", f"p{number}", "--batch", str(batch)).splitlines()
        asking += machine.seconds
    folder = keep or scratch
    folder.mkdir(parents=True, exist_ok=True)
    answers = folder / f"{name}.jsonl"
    answers.write_text("\n".join(predictions) + "\n", encoding="utf-8")
    judge = [sys.executable, evaluation / "score.py", source, answers, "--json"]
    scores = json.loads(subprocess.run(judge, check=True, capture_output=True).stdout)
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // (1024 if sys.platform != "darwin" else 1 << 20)
    figures = (f"{importing:.1f}", f"{len(predictions) / asking:.0f}", str(most))
    judged = ("–" if scores.get(key) is None else f"{scores[key]:.3f}" for key in JUDGED)
    return (str(len(people)), str(kept), str(passages), *figures, *judged)


def distilled(machine: Machine, name: str, subject: str, export: Path, members: int) -> dict[str, Any]:
    """The four commands of docs/commands.md; leaves the seconds of the import in `machine`."""
    machine("persona", "create", name, "--owner", "slack:U1", "--deputy", "slack:U2", "--chats", "slack:*")
    machine(
        *("consent", "sign", name, "--sources", "slack-export", "--facets", "work_knowledge"),
        *("--days", "90", "--cooling-off", "0", "--yes"),
    )
    many = ("--max-files", str(members + 1)) if members > 20_000 else ()
    report = machine(
        "import", "slack-export", str(export), "--persona", name, "--subject", subject, "--json", *many
    )
    seconds = machine.seconds
    machine("persona", "live", name)
    machine.seconds = seconds
    return dict(json.loads(report))


def bare(questions: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Without what would give the answer away."""
    for question in questions:
        yield json.dumps({"id": question["id"], "text": question["text"]}, ensure_ascii=False) + "\n"


def lines(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


if __name__ == "__main__":
    sys.exit(main())
