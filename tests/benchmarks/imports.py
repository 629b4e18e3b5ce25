"""How fast every source is read and imported, and how much memory that takes: docs/benchmarks.md, "Imports".

    python -m tests.benchmarks.imports [--million] [--of slack,feishu,…] [--counts 10000,100000] [--theirs]

Each figure is of a process of its own: `read` is the source alone; `import` reads, redacts, cuts and writes the
encrypted evidence file; `again` imports the same once more into that file, so that everything is there already,
and looks for what is missing. Seconds are of the processor, since other work on the machine does not count there;
memory is the peak of the process, Python and libraries with it. Material is written to a temporary folder message
by message and deleted after each source.

`core` is a source that costs nothing and of which everything is kept: redaction, cutting, encryption and the search
for what is missing by themselves. `one-file` is Feishu as one file, `one-chat` a single chat of everything. With
`--theirs` the readers that described_parsers.py rebuilds run on the same material, as ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec import Struct

from persona_store.model import Document
from tests.benchmarks.import_documents import make_documents
from tests.benchmarks.import_mail import SUBJECT as MAIL_SUBJECT
from tests.benchmarks.import_mail import make_mbox
from tests.benchmarks.import_messages import SUBJECTS, WORDS, chats_of, make, make_file, talk
from tests.benchmarks.import_slack import SUBJECT as SLACK_SUBJECT
from tests.benchmarks.import_slack import make_export

NOW = datetime(2026, 1, 5, tzinfo=UTC)
KEY = bytes(range(32))
NAME = "Person 00"  # of the subject, where there are no ids
STEPS = ("read", "import", "again")


class Material(Struct, frozen=True):
    """A source: what its material is called, how it is made, and who reads it."""

    file: str
    make: Callable[[Path, int], None]
    open: Callable[[Path], Any]
    unit: str = "messages"
    theirs: Callable[[Path], int] | None = None


class Core:
    """Documents that come from nowhere: what is left is what every import pays."""

    kind = "slack_export"
    progress = (0, 0)

    def __init__(self, count: int) -> None:
        self._count = count
        self.dropped: Counter[str] = Counter()
        self.problems: list[str] = []

    def read(self) -> Iterator[Document]:
        for number in range(self._count):
            words = (WORDS[(number * step) % len(WORDS)] for step in range(1, 20))
            yield Document(
                id=f"message-{number}",
                source=self.kind,
                container=f"C{number // 5000}",
                container_name="payments",
                thread=f"C{number // 5000}/{number // 10}",
                author=f"slack:U{number % 40}",
                author_name="Lin",
                by_subject=number % 40 == 0,
                at=datetime(2025, 1, 6, tzinfo=UTC) + timedelta(seconds=number),
                text=" ".join(words),
            )

    async def documents(self) -> AsyncIterator[Document]:
        for document in self.read():
            yield document


def chat_export(kind: str, *, names: tuple[str, ...] = ()) -> Callable[[Path], Any]:
    def opened(path: Path) -> Any:
        from persona_store.sources.chat_export import Told
        from persona_store.sources.dingtalk_export import DingTalkExport
        from persona_store.sources.feishu_export import FeishuExport
        from persona_store.sources.members import Limits
        from persona_store.sources.qq_export import QQExport
        from persona_store.sources.telegram_export import TelegramExport
        from persona_store.sources.wechat_export import WeChatExport
        from persona_store.sources.wecom_export import WeComExport

        source: Any = {
            "feishu": FeishuExport,
            "dingtalk": DingTalkExport,
            "wechat": WeChatExport,
            "wecom": WeComExport,
            "qq": QQExport,
            "telegram": TelegramExport,
        }[kind]
        team = ("*", *(f"wr{chat:020}" for chat in range(1000)))  # of WeCom's chats `*` does not mean all
        return source(path, SUBJECTS[kind], Told(team_chats=team, names=names), limits=Limits(members=1_000_000))

    return opened


def slack(path: Path) -> Any:
    from persona_store.sources.members import Limits
    from persona_store.sources.slack_export import SlackExport

    return SlackExport(path, SLACK_SUBJECT, limits=Limits(members=1_000_000))


def mail(path: Path) -> Any:
    from persona_store.sources.mail import Mail

    return Mail(path, [MAIL_SUBJECT])


def documents(path: Path) -> Any:
    from persona_store.sources.documents import Documents
    from persona_store.sources.members import Limits

    return Documents(path, "slack:U1", limits=Limits(members=1_000_000))


def make_named(path: Path, count: int) -> None:
    """The JSON colleague-skill asks for: names, no ids."""
    chats = chats_of(count)
    talks = [map(_named, talk("feishu", chat, count // chats)) for chat in range(chats)]
    make_file(path, talks, "messages")


def _named(item: dict[str, Any]) -> dict[str, Any]:
    moment = datetime.fromtimestamp(int(item["create_time"]) / 1000, UTC)
    text = json.loads(item["body"]["content"])["text"]
    return {
        "sender_name": f"Person {item['sender']['id'][-2:]}",
        "content": text,
        "timestamp": f"{moment:%Y-%m-%d %H:%M}",
    }


def _their_feishu(path: Path) -> int:
    from tests.benchmarks.described_parsers import feishu

    return len(feishu(path, NAME))


def _their_mail(path: Path) -> int:
    from tests.benchmarks.described_parsers import mail as theirs

    return len(theirs(path, MAIL_SUBJECT))


def _their_mbox(path: Path) -> int:
    from tests.benchmarks.described_parsers import hybridclaw

    return len(hybridclaw(path, (MAIL_SUBJECT,)))


def messenger(kind: str, ending: str) -> Material:
    return Material(
        f"{kind}.{ending}", lambda path, count: make(kind, path, count, chats_of(count)), chat_export(kind)
    )


SOURCES = {
    "core": Material(
        "core", lambda path, count: path.write_text(str(count)) and None, lambda path: Core(int(path.read_text()))
    ),
    "slack": Material("slack.zip", lambda path, count: make_export(path, count, chats_of(count)), slack),
    "feishu": messenger("feishu", "zip"),
    "dingtalk": messenger("dingtalk", "zip"),
    "wechat": messenger("wechat", "db"),
    "wecom": messenger("wecom", "zip"),
    "qq": messenger("qq", "zip"),
    "telegram": messenger("telegram", "json"),
    "mail": Material("mail.mbox", make_mbox, mail, "mails", _their_mail),
    "documents": Material("documents.zip", make_documents, documents, "files"),
    "one-file": messenger("feishu", "json"),
    "one-chat": Material("chat.json", lambda path, count: make("feishu", path, count, 1), chat_export("feishu")),
    "named": Material("named.json", make_named, chat_export("feishu", names=(NAME,)), theirs=_their_feishu),
    "mbox": Material("mbox.mbox", make_mbox, mail, "mails", _their_mbox),
}
USUAL = "core,slack,feishu,dingtalk,wechat,wecom,qq,telegram,mail,documents"
COMPARED = "named,mail,mbox"


class Figures(Struct, frozen=True):
    seconds: float
    cpu: float
    peak: int  # MiB
    told: str
    kept: int


# ------------------------------------------------------------------ in the process that is measured


def measured(name: str, step: str, path: Path, evidence: Path) -> Figures:
    material = SOURCES[name]
    begin, busy = time.perf_counter(), time.process_time()
    if step == "theirs":
        assert material.theirs
        kept = material.theirs(path)
        told = f"{kept:,} taken for the subject's"
    elif step == "read":
        kept, told = _read(material.open(path))
    else:
        kept, told = asyncio.run(_imported(material.open(path), evidence))
    return Figures(time.perf_counter() - begin, time.process_time() - busy, _peak(), told, kept)


def _read(source: Any) -> tuple[int, str]:
    own = whole = 0
    for document in source.read():
        own, whole = own + document.by_subject, whole + 1
    return own, f"{own:,} own, {whole - own:,} context, {sum(source.dropped.values()):,} left out"


async def _imported(source: Any, path: Path) -> tuple[int, str]:
    from persona_store.consent.draft import Choices, draft
    from persona_store.consent.parsing import parse
    from persona_store.evidence import EvidenceFile
    from persona_store.importing import run_import

    choices = Choices(
        owner="slack:U1",
        sources=(source.kind,),
        containers=("*", MAIL_SUBJECT),
        audiences=("slack:*",),
        first=date(2024, 1, 1),
    )
    evidence = EvidenceFile.open(path, KEY)
    report = await run_import(source, persona="lin", consent=parse(draft(choices, NOW)), evidence=evidence, now=NOW)
    evidence.close()
    told = f"{report.kept:,} own, {report.context:,} context, {report.new:,} new, {report.same:,} same"
    return report.kept, told + (f", {report.missing:,} missing" if report.missing else "")


def _peak() -> int:
    """Linux counts into `ru_maxrss` what the parent had when it forked; VmHWM is of this process alone."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) >> 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 20


# ------------------------------------------------------------------ in the process that asks


def run(name: str, step: str, path: Path, evidence: Path) -> Figures:
    asked = [sys.executable, "-m", "tests.benchmarks.imports", "--once", name, step, str(path), str(evidence)]
    done = subprocess.run(asked, check=True, stdout=subprocess.PIPE)
    return Figures(**json.loads(done.stdout))


def row(name: str, count: int, steps: tuple[str, ...]) -> dict[str, Figures]:
    with tempfile.TemporaryDirectory(prefix="understudy-imports-") as folder:
        path = Path(folder) / SOURCES[name].file
        SOURCES[name].make(path, count)
        size = path.stat().st_size / (1 << 20)
        found = {step: run(name, step, path, Path(folder) / "lin.db") for step in steps}
    cells = (f"{count / each.cpu:,.0f} · {each.cpu:.1f} s · {each.peak} MB" for each in found.values())
    told = "; ".join(dict.fromkeys(each.told for each in found.values()))
    unit = SOURCES[name].unit
    print(f"| {name} | {count:,} {unit}, {size:,.1f} MB | {' | '.join(cells)} | {told} |", flush=True)
    return found


def table(names: list[str], counts: list[int], steps: tuple[str, ...]) -> None:
    rule = "---|" * (3 + len(steps))
    print(f"| source | material | {' | '.join(steps)} | what came of it |\n|{rule}", flush=True)
    grown = []
    for name in names:
        peaks = [{step: each.peak for step, each in row(name, count, steps).items()} for count in counts]
        if len(peaks) > 1:
            ratios = ", ".join(f"{step} {peaks[-1][step] / peaks[-2][step]:.2f}" for step in steps)
            grown.append(f"{name}: peak at {counts[-1]:,} ÷ peak at {counts[-2]:,}: {ratios}")
    print("\n" + "\n".join(grown))


def compare(names: list[str], counts: list[int]) -> None:
    print("| material | | theirs | ours | ours ÷ theirs |\n|---|---|---|---|---|", flush=True)
    for name in names:
        for count in counts:
            with tempfile.TemporaryDirectory(prefix="understudy-imports-") as folder:
                path = Path(folder) / SOURCES[name].file
                SOURCES[name].make(path, count)
                theirs, ours = (run(name, step, path, Path(folder) / "lin.db") for step in ("theirs", "read"))
            sides = [f"{count / each.cpu:,.0f}/s · {each.peak} MB · {each.told}" for each in (theirs, ours)]
            ratio = f"{theirs.cpu / ours.cpu:.2f} × the speed, {ours.peak / theirs.peak:.2f} × the memory"
            print(f"| {name} | {count:,} | {' | '.join(sides)} | {ratio} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--counts", default="10000,100000")
    parser.add_argument(
        "--million", action="store_true", help="a million too; documents stay at what --counts says"
    )
    parser.add_argument("--of", help=f"{USUAL}; one-file, one-chat; with --theirs {COMPARED}")
    parser.add_argument("--steps", default=",".join(STEPS), help="`again` needs `import` before it")
    parser.add_argument("--theirs", action="store_true", help="beside the readers of described_parsers.py")
    parser.add_argument("--once", nargs=4, metavar=("SOURCE", "STEP", "PATH", "EVIDENCE"), help="in this process")
    options = parser.parse_args()
    if options.once:
        name, step, path, evidence = options.once
        figures = measured(name, step, Path(path), Path(evidence))
        print(json.dumps({field: getattr(figures, field) for field in Figures.__struct_fields__}))
        return
    counts = [*map(int, options.counts.split(",")), *([1_000_000] if options.million else [])]
    names = (options.of or (COMPARED if options.theirs else USUAL)).split(",")
    if options.theirs:
        compare(names, counts)
    else:
        table(names, counts, tuple(options.steps.split(",")))


if __name__ == "__main__":
    main()
