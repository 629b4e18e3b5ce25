"""`understudy ask`: one question for a person, many for an evaluation."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

import bots.app
from bots.agent.summary import Said, SaidSentence
from bots.llm.scripted import ScriptedModel
from persona_store.errors import ModelUnavailable
from tests.bots.cli.shell import Shell
from tests.persona_store.sources.exports import said

KEYS = ["id", "answered", "confidence", "evidence_ids", "text", "outcome", "owner"]


def asked(sh: Shell, *lines: str) -> list[dict[str, object]]:
    (sh.folder / "q.jsonl").write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    done = sh.done("ask", "--persona", "lin", "--batch", "q.jsonl")
    return [json.loads(line) for line in done.out.splitlines()]


def test_a_batch_answers_line_by_line_in_order(sh: Shell) -> None:
    sh.live()
    first, second, third = asked(
        sh,
        '{"id": "q1", "text": "How often does the payment retry job run?", "gold_ids": ["x"]}',
        '{"id": 2, "text": "Which queue do refunds go to?"}',
        '{"id": "q3", "text": "Who feeds the office cat?"}',
    )
    assert [list(line) for line in (first, second, third)] == [KEYS] * 3
    assert [line["id"] for line in (first, second, third)] == ["q1", 2, "q3"]
    assert {line["outcome"] for line in (first, second, third)} <= {"answered", "escalated", "declined"}
    for line in (first, second, third):
        assert line["answered"] is (line["outcome"] == "answered")
        assert 0 <= float(str(line["confidence"])) <= 1


def test_evidence_has_the_ids_of_its_source(sh: Shell) -> None:
    """`client_msg_id` where there is one, else channel/ts; a document's path with the number of its passage."""
    sh.live()
    folder = sh.documents(
        {"runbook/ledger.md": b"---\ndate: 2026-03-01\n---\nThe general ledger closes at nine.\n"}
    )
    sh.done("import", "documents", folder, "--persona", "lin")
    retry, refund, ledger = asked(
        sh,
        '{"id": 1, "text": "payment retry job"}',
        '{"id": 2, "text": "refund-slow queue bank requests"}',
        '{"id": 3, "text": "general ledger closes"}',
    )
    assert retry["evidence_ids"][0] == "m1"  # type: ignore[index]  # a list, as the format says
    assert str(refund["evidence_ids"][0]).startswith("C_payments/17")
    assert str(ledger["evidence_ids"][0]).startswith("runbook/ledger.md")


def test_a_batch_may_come_through_a_pipe(sh: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    sh.live()
    piped = io.BytesIO(
        b'\xef\xbb\xbf{"id": 1, "text": "refunds?"}\n\n{"id": 2, "text": "\xe9\x80\x80\xe6\xac\xbe"}\n'
    )
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=piped))
    assert len(sh.done("ask", "--persona", "lin", "--batch", "-").out.splitlines()) == 2


@pytest.mark.parametrize(
    "line", [b"{", b"[]", b'{"id": 1}', b'{"id": 1, "text": 5}', '{"id": 1, "text": "退款"}'.encode("gbk")]
)
def test_a_line_that_is_no_question_is_named(sh: Shell, line: bytes) -> None:
    sh.live()
    (sh.folder / "q.jsonl").write_bytes(b"\n" + line)
    wrong = sh("ask", "--persona", "lin", "--batch", "q.jsonl")
    assert wrong.refused("BATCH")
    assert "line 2 of 'q.jsonl'" in wrong.err


def test_only_what_is_older_is_used_with_as_of(sh: Shell) -> None:
    sh.live()
    words = ("ask", "--persona", "lin", "payment retry job", "--json", "--as-of")
    assert sh.done(*words, "2026-03-02").json["evidence_ids"] == []
    assert sh.done(*words, "2026-03-03T00:00:00Z").json["evidence_ids"] != []
    assert sh(*words, "yesterday").refused("TIME")
    assert sh(*words, "9" * 30).refused("TIME")


def test_who_would_be_asked_is_called_by_name(sh: Shell) -> None:
    """The owner wrote in the material, so that nobody needs to see their id."""
    sh.live()
    shown = sh.done("ask", "--persona", "lin", "Who feeds the office cat?").out
    assert "Bob" in shown
    assert "slack:U0BOB" not in shown


def test_imported_words_cannot_steer_the_terminal(sh: Shell) -> None:
    sh.signed()
    evil = said("U0LIN", "The zebra ledger closes at nine \x1b]0;owned\x07\x1b[2J every evening.", 60)
    path = sh.slack(channels={"x": [said("U0BOB", "When does the zebra ledger close?", 0), evil]})
    sh.done("import", "slack-export", path, "--persona", "lin", "--subject", "U0LIN")
    sh.done("persona", "live", "lin")
    shown = sh.done("ask", "--persona", "lin", "When does the zebra ledger close?")
    assert "zebra ledger closes at nine" in shown.out
    assert "\x1b" not in shown.out + shown.err


def test_either_a_question_or_a_batch(sh: Shell) -> None:
    sh.live()
    assert sh("ask", "--persona", "lin").refused("USAGE")
    assert sh("ask", "--persona", "lin", "why?", "--batch", "q").refused("USAGE")
    assert sh("ask", "--persona", "lin", "--batch", "missing.jsonl").refused("FILE")
    assert sh("ask", "--persona", "lin", "--batch", ".").refused("FILE")


def test_a_persona_that_is_not_live_is_not_asked(sh: Shell) -> None:
    sh.signed()
    assert sh("ask", "--persona", "lin", "refunds?").refused("NOT_LIVE")


# ------------------------------------------------------------------ with a model

SHORT = "The zebra ledger closes at nine."
SAID = Said(True, [SaidSentence(SHORT, [1])])
ZEBRA = "When does the zebra ledger close?"


@pytest.fixture
def model(sh: Shell, monkeypatch: pytest.MonkeyPatch) -> ScriptedModel:
    """A model that the settings and the consent name; what it says is written by the test."""
    monkeypatch.setenv("UNDERSTUDY_LLM_BASE_URL", "http://localhost:9/v1")
    monkeypatch.setenv("UNDERSTUDY_LLM_MODEL", "scripted")
    model = ScriptedModel(recipient="localhost")

    @asynccontextmanager
    async def opened(*_: Any) -> AsyncIterator[ScriptedModel]:
        yield model

    monkeypatch.setattr(bots.app, "open_model", opened)
    sh.draft("lin", "--risk-budget", "0.3")  # how sure is not what this is about
    words = ("--sources", "slack-export", "--cooling-off", "0", "--recipients", "localhost:CN:0", "--yes")
    sh.done("consent", "sign", "lin", *words)
    told = said("U0LIN", "The zebra ledger closes at nine every evening, ask the desk.", 60)
    path = sh.slack(channels={"x": [said("U0BOB", ZEBRA, 0), told]})
    sh.done("import", "slack-export", path, "--persona", "lin", "--subject", "U0LIN")
    sh.done("persona", "live", "lin")
    return model


def test_a_model_puts_it_into_words_and_the_quote_stands_below(sh: Shell, model: ScriptedModel) -> None:
    model.add([SAID, SAID])
    shown = sh.done("ask", "--persona", "lin", ZEBRA).out
    assert shown.index(f"{SHORT} [1]") < shown.index("closes at nine every evening") < shown.index("[1] ")
    told = sh.done("ask", "--persona", "lin", ZEBRA, "--json").json
    assert told["summary"] == [{"text": SHORT, "cites": [1]}]
    assert told["answered"] is True


def test_a_batch_is_answered_with_the_model_and_goes_on_without_it(sh: Shell, model: ScriptedModel) -> None:
    model.add([SAID, ModelUnavailable("MODEL_DOWN", "it is away", retryable=True), Said(False, [])])
    lines = asked(sh, *(json.dumps({"id": n, "text": ZEBRA}) for n in range(3)))
    assert [line["answered"] for line in lines] == [True, True, False]
    assert [str(line["text"]).startswith(f"{SHORT}\n") for line in lines] == [True, False, False]
    assert all(line["evidence_ids"] for line in lines)
    assert float(str(lines[2]["confidence"])) < float(str(lines[1]["confidence"]))


def test_a_question_nobody_could_answer_is_none_for_a_model(sh: Shell, model: ScriptedModel) -> None:
    sh.done("ask", "--persona", "lin", "Who feeds the office cat?")
    assert model.prompts == []


def test_a_model_that_failed_is_said(sh: Shell, model: ScriptedModel) -> None:
    model.add([ModelUnavailable("MODEL_DOWN", "it is away", retryable=True)])
    assert "without the model" in sh.done("ask", "--persona", "lin", ZEBRA).out
