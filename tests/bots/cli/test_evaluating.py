"""`understudy evaluate`: from questions to figures, a report, and the exit status by which CI knows."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import resource
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.model import Person, Thread
from bots import keys, sample, settings
from bots.app import open_app
from bots.model import Escalation, Waiter
from bots.records import Outcome
from persona_store.protocols import Batch, Put
from tests.bots.cli.shell import Shell

ASK = {"id": "retry", "text": "How often does the payment retry job run?", "answerable": True, "gold_ids": ["m1"]}
CAT = {"id": "cat", "text": "Who feeds the office cat?", "answerable": False, "kind": "other"}


def written(sh: Shell, lines: Iterable[dict[str, Any]], name: str = "q.jsonl") -> str:
    (sh.folder / name).write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return name


def evaluate(*words: str) -> tuple[str, ...]:
    return ("evaluate", "--persona", "lin", *words)


def files(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


@pytest.fixture
def lin(sh: Shell) -> Shell:
    sh.live()
    written(sh, [ASK, CAT])
    return sh


@pytest.fixture
def team(sh: Shell) -> Shell:
    sh.sample()
    return sh


# ------------------------------------------------------------------ asking


def test_the_sample_is_measured_from_end_to_end(team: Shell) -> None:
    """Its own questions as they ship: about half answered, hardly anything wrong."""
    questions = str(sample.export_path().parent / "questions.jsonl")
    told = team.done("evaluate", "--persona", sample.persona().name, questions, "--out", "report")
    assert told.out.startswith("At the set budget of 10 % it answers ")
    report = json.loads((team.folder / "report/report.json").read_text(encoding="utf-8"))
    figures = report["figures"]
    assert (figures["questions"], figures["answerable"]) == (125, 82)
    assert figures["useful"] >= 0.45
    assert figures["hit@5"] >= 0.85
    assert figures["wrong"] <= 0.07
    assert files(team.folder / "report") == ["predictions.jsonl", "report.html", "report.json"]
    assert (team.folder / "report").stat().st_mode & 0o077 == 0
    assert "On many more questions" in (team.folder / "report/report.html").read_text(encoding="utf-8")


def test_it_asks_as_the_batch_does(lin: Shell) -> None:
    """The same outcome, confidence and evidence; what was quoted is not kept."""
    lin.done(*evaluate("q.jsonl", "--out", "report"))
    kept = [json.loads(line) for line in (lin.folder / "report/predictions.jsonl").read_text().splitlines()]
    batch = [
        json.loads(line) for line in lin.done("ask", "--persona", "lin", "--batch", "q.jsonl").out.splitlines()
    ]
    wanted = ("id", "answered", "confidence", "evidence_ids")
    assert kept == [{key: line[key] for key in wanted} for line in batch]


def test_json_is_the_report(lin: Shell) -> None:
    told = lin.done(*evaluate("q.jsonl", "--json", "--out", "report")).json
    kept = json.loads((lin.folder / "report/report.json").read_text(encoding="utf-8"))
    assert told == kept
    assert told["figures"]["hit@1"] == 1.0
    assert {kind["kind"] for kind in told["kinds"]} == {"answerable", "other"}


def test_a_stricter_budget_answers_less(lin: Shell) -> None:
    shares = [
        lin.done(*evaluate("q.jsonl", "--json", "--budget", b)).json["figures"]["coverage"]
        for b in ("0.3", "0.001")
    ]
    assert shares == [0.5, 0.0]
    assert "none of the 2 questions" in lin.done(*evaluate("q.jsonl", "--budget", "0.001")).out


def test_each_question_is_asked_as_of_its_own_time(lin: Shell) -> None:
    """Before the answer was there it cannot be found; 0 and none are no time."""
    early = [{**ASK, "id": n, "ts": ts} for n, ts in enumerate(("2026-03-02", "2026-03-03T00:00:00Z", 0.0, None))]
    written(lin, early, "early.jsonl")
    lin.done(*evaluate("early.jsonl", "--as-of-column", "--out", "report"))
    kept = [json.loads(line) for line in (lin.folder / "report/predictions.jsonl").read_text().splitlines()]
    assert [bool(line["evidence_ids"]) for line in kept] == [False, True, True, True]
    assert lin.done(*evaluate("early.jsonl", "--json")).json["figures"]["hit@1"] == 1.0


def test_what_would_be_right_is_not_told_to_whom_is_asked(lin: Shell) -> None:
    """Questions that claim the opposite get the same predictions."""
    lin.done(*evaluate("q.jsonl", "--out", "one"))
    lied = {"answerable": True, "gold_ids": ["C_payments/1"], "gold_answers": ["the cat"], "kind": "x"}
    written(lin, [{**ASK, **lied}, {**CAT, **lied}], "lied.jsonl")
    lin.done(*evaluate("lied.jsonl", "--out", "two"))
    one, two = ((lin.folder / name / "predictions.jsonl").read_bytes() for name in ("one", "two"))
    assert one == two


def test_the_report_speaks_the_readers_language(lin: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert lin.done(*evaluate("q.jsonl", "--out", "report")).out.startswith("按设定的 10% 预算")
    assert '<html lang="zh-CN">' in (lin.folder / "report/report.html").read_text(encoding="utf-8")


def test_hostile_questions_steer_neither_terminal_nor_page(lin: Shell) -> None:
    evil = "<script>alert(1)</script>\x1b[2J"
    written(lin, [{**ASK, "kind": evil, "gold_ids": ["elsewhere"], "text": ASK["text"] + evil}], "evil.jsonl")
    told = lin.done(*evaluate("evil.jsonl", "--out", "report", "--budget", "0.3"))
    html = (lin.folder / "report/report.html").read_text(encoding="utf-8")
    assert "\x1b" not in told.out + told.err + html
    assert "<script" not in html


# ------------------------------------------------------------------ predictions made earlier


def test_predictions_are_measured_without_asking(lin: Shell) -> None:
    """Threads are those of the persona's material, or of a file that names them."""
    made = [{"id": "retry", "answered": True, "confidence": 0.9, "evidence_ids": ["x1"]}]
    words = evaluate("q.jsonl", "--predictions", written(lin, made, "p.jsonl"), "--json")
    told = lin.done(*words).json
    assert (told["missing"], told["figures"]["hit@1"], told["figures"]["coverage"]) == (1, 0.0, 0.5)
    with gzip.open(lin.folder / "d.jsonl.gz", "wt") as file:
        file.write("".join(json.dumps({"id": id, "thread": "t", "text": "…"}) + "\n" for id in ("x1", "m1")))
    assert lin.done(*words, "--documents", "d.jsonl.gz").json["figures"]["hit@1"] == 1.0


def test_the_guard_passes_what_is_the_same_and_stops_what_is_worse(lin: Shell) -> None:
    questions = [{**ASK, "id": n} for n in range(60)]
    good = [{"id": n, "answered": True, "confidence": 0.9, "evidence_ids": ["m1"]} for n in range(60)]
    bad = [{**line, "evidence_ids": ["m1"] if n % 3 else []} for n, line in enumerate(good)]
    written(lin, questions, "many.jsonl")
    written(lin, good, "good.jsonl")
    written(lin, bad, "bad.jsonl")
    same = lin.done(*evaluate("many.jsonl", "--predictions", "good.jsonl", "--against", "good.jsonl"))
    assert "nothing got significantly worse" in same.out
    assert lin(*evaluate("many.jsonl", "--predictions", "good.jsonl", "--against", "bad.jsonl")).status == 0
    worse = lin(*evaluate("many.jsonl", "--predictions", "bad.jsonl", "--against", "good.jsonl", "--out", "report"))
    assert worse.status == 1
    assert worse.err.count("\n") == 1
    assert worse.err.startswith("error[WORSE]: significantly worse: hit@1 1.000 → 0.667")
    assert "0 questions won, 20 lost" in worse.err
    assert json.loads((lin.folder / "report/report.json").read_text())["against"]["lost"] == [*range(0, 60, 3)]
    tolerated = ("--tolerance", "1")
    assert (
        lin(*evaluate("many.jsonl", "--predictions", "bad.jsonl", "--against", "good.jsonl", *tolerated)).status
        == 0
    )


def test_what_it_asked_can_be_compared_with_later(lin: Shell) -> None:
    lin.done(*evaluate("q.jsonl", "--out", "report"))
    assert "0 questions won, 0 lost" in lin.done(*evaluate("q.jsonl", "--against", "report/predictions.jsonl")).out


# ------------------------------------------------------------------ a team's own questions


def keep_escalations(sh: Shell, answers: Iterable[str], persona: str = "lin") -> None:
    """As they stand after an owner has answered: sealed, with the draft and how sure it was."""

    async def keep() -> None:
        async with open_app(settings.load(None), adapters={}) as app:
            services, asker = app.services, Person("slack", "U0ASKER", name="Ann Asker")
            thread, now = Thread("slack", "T", "C", "1"), app.services.clock.now()
            for n, answer in enumerate(answers):
                record = Escalation(
                    **{
                        "id": f"e{persona}{n}",
                        "persona": persona,
                        "state": "answered",
                        "question": "a private matter?",
                    },
                    **{
                        "lang": "en",
                        "reason": "low_confidence",
                        "askers": (Waiter(asker, thread, now, "a secret?"),),
                    },
                    **{"assignee": asker, "owner": asker, "deputy": None, "opened_at": now, "due_at": now},
                    draft="The payment retry job runs every 15 minutes.",
                    answer=answer,
                    settled_at=now,
                )
                outcome = Outcome(
                    **{
                        "id": f"o{persona}{n}",
                        "persona": persona,
                        "kind": "escalated",
                        "question": "a private matter?",
                    },
                    **{"lang": "en", "asker": asker, "thread": thread, "at": now},
                    confidence=0.55,
                    escalation=record.id,
                )
                for key, value in ((keys.escalation(record.id), record), (keys.outcome(outcome.id), outcome)):
                    put = Put(key, services.seal(value, key), now + timedelta(days=1))
                    await services.store.commit(Batch(puts=(put,)))

    asyncio.run(keep())


def test_a_teams_own_questions_say_how_often_nobody_was_needed(lin: Shell) -> None:
    keep_escalations(lin, ["The payment retry job runs every 15 minutes."] * 3 + ["Never."])
    keep_escalations(lin, ["Never."] * 5, persona="other")
    told = lin.done(*evaluate("--from-escalations", "--out", "report"))
    assert told.out.startswith("Of 4 questions that a human answered, 75 % were asked needlessly")
    report = json.loads((lin.folder / "report/report.json").read_text())
    assert report["fates"] == {"as_it_was": 3, "edited": 0, "otherwise": 1, "no_draft": 0}
    assert report["confidence"] == [{"above": 0.5, "drafts": 4, "as_it_was": 3}]
    assert lin.done(*evaluate("--from-escalations", "--json")).json == report
    assert files(lin.folder / "report") == ["report.html", "report.json"]
    shown = told.out + "".join(path.read_text() for path in (lin.folder / "report").iterdir())
    assert not any(word in shown for word in ("Ann", "U0ASKER", "secret", "private matter", "15 minutes"))


def test_another_persona_that_is_being_erased_stops_no_looking(lin: Shell) -> None:
    """Its key is gone before its records are: they are passed over, by the open list as well."""
    lin.draft("bob")
    keep_escalations(lin, ["Never."], persona="bob")
    keep_escalations(lin, ["Never."])

    async def shred() -> None:
        async with open_app(settings.load(None), adapters={}) as app:
            app.services.vault.shred("bob")

    asyncio.run(shred())
    told = lin.done(*evaluate("--from-escalations", "--json")).json
    assert (told["answered"], told["fates"]["otherwise"]) == (1, 1)
    assert [each["persona"] for each in lin.done("escalations", "--all", "--json").json] == ["lin"]


def test_nothing_answered_yet_is_said(lin: Shell) -> None:
    assert "has been answered yet" in lin.done(*evaluate("--from-escalations")).out


# ------------------------------------------------------------------ bad input


@pytest.mark.parametrize(("words", "code"), [
    ((), "USAGE"),
    (("q.jsonl", "--from-escalations"), "USAGE"),
    (("--from-escalations", "--budget", "0.1"), "USAGE"),
    (("--from-escalations", "--as-of-column"), "USAGE"),
    (("q.jsonl", "--predictions", "q.jsonl", "--as-of-column"), "USAGE"),
    (("q.jsonl", "--budget", "1.5"), "RISK_BUDGET"),
    (("q.jsonl", "--budget", "nan"), "RISK_BUDGET"),
    (("q.jsonl", "--budget", "much"), "USAGE"),
    (("q.jsonl", "--tolerance", "-1"), "TOLERANCE"),
    (("missing.jsonl",), "FILE"),
    ((".",), "FILE"),
    (("empty.jsonl",), "QUESTIONS"),
    (("twice.jsonl",), "QUESTIONS"),
    (("keys.jsonl",), "LINE"),
    (("broken.jsonl.gz",), "FILE"),
    (("when.jsonl", "--as-of-column"), "TIME"),
    (("q.jsonl", "--predictions", "others.jsonl"), "PREDICTIONS"),
    (("q.jsonl", "--against", "part.jsonl"), "PREDICTIONS"),
    (("q.jsonl", "--documents", "others.jsonl"), "LINE"),
    (("q.jsonl", "--out", "data"), "OUT"),
    (("q.jsonl", "--out", "q.jsonl"), "FILE"),
    (("q.jsonl", "--out", "q.jsonl/report"), "OUT"),
])  # fmt: skip
def test_bad_input_is_one_line_and_nothing_is_written(lin: Shell, words: tuple[str, ...], code: str) -> None:
    written(lin, [], "empty.jsonl")
    written(lin, [ASK, ASK], "twice.jsonl")
    written(lin, [{"id": 1, "text": "?"}], "keys.jsonl")
    written(lin, [{**ASK, "ts": "yesterday"}], "when.jsonl")
    written(lin, [{"id": "who?"}], "others.jsonl")
    written(lin, [{"id": "retry"}], "part.jsonl")
    (lin.folder / "broken.jsonl.gz").write_bytes(b"no gzip")
    before = files(lin.folder)
    out = () if "--out" in words else ("--out", "report")
    assert lin(*evaluate(*words, *out)).refused(code)
    assert files(lin.folder) == before


def test_who_is_not_there_or_not_live_is_not_measured(lin: Shell) -> None:
    assert lin("evaluate", "--persona", "nobody", "q.jsonl").refused("PERSONA_UNKNOWN")
    lin.draft("ada")
    assert lin("evaluate", "--persona", "ada", "q.jsonl", "--out", "report").refused("NOT_LIVE")
    assert not (lin.folder / "report").exists()


def test_an_earlier_report_is_replaced_and_nothing_else_is(lin: Shell) -> None:
    """The folder of a report takes the next one; one with anything else in it is somebody's."""
    lin.done(*evaluate("q.jsonl", "--out", "report"))
    lin.done(*evaluate("--from-escalations", "--out", "report"))
    assert files(lin.folder / "report") == ["report.html", "report.json"]
    (lin.folder / "report/notes.txt").write_text("mine")
    assert lin(*evaluate("q.jsonl", "--out", "report")).refused("OUT")
    assert (lin.folder / "report/notes.txt").read_text() == "mine"


def test_what_fails_while_it_is_written_leaves_nothing(lin: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full before the second file."""
    whole = Path.write_bytes

    def full(path: Path, data: bytes) -> int:
        if path.name == "report.json":
            raise OSError(28, "No space left on device")
        return whole(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    before = files(lin.folder)
    failed = lin(*evaluate("q.jsonl", "--out", "report"))
    assert (failed.status, failed.err) == (1, "error[SYSTEM]: No space left on device\n")
    assert files(lin.folder) == before


def test_many_questions_take_little_memory(lin: Shell) -> None:
    """Ten thousand predictions with twenty sources each; the process grows by less than 100 MB."""
    count = 10_000
    written(lin, ({**ASK, "id": n} for n in range(count)), "many.jsonl")
    cited = [f"some-channel/{n}.000100" for n in range(19)] + ["m1"]
    made = ({"id": n, "answered": n % 2 == 0, "confidence": n / count, "evidence_ids": cited} for n in range(count))
    written(lin, made, "p.jsonl")
    written(lin, [{"id": "m1", "thread": "t"}], "d.jsonl")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    words = ("many.jsonl", "--predictions", "p.jsonl", "--documents", "d.jsonl", "--out", "report")
    told = lin.done(*evaluate(*words, "--json")).json
    assert told["figures"]["hit@20"] == 1.0
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024
    assert (lin.folder / "report/report.html").stat().st_size < 300_000
