"""HybridClaw's claims and corpus: what is told by whom, and what is not read at all."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from persona_store.sources.hybridclaw import LONGEST_LINE, check_consent, claims, corpus, work
from tests.persona_store.sources.exports import code_of


def document(ident: str = "doc_0123456789ab", **more: Any) -> dict[str, Any]:
    fields = {
        "id": ident,
        "source": "markdown",
        "authoredBySubject": True,
        "content": "In December two are on call.",
    }
    return {**fields, "timestamp": "2026-01-05T00:00:00Z", **more}


def read(*items: Any, size: int = 1 << 20) -> tuple[list[str], Counter[str]]:
    """(ids that may be read, what was left out), of lines handed out in chunks of some size."""
    lines = (item if isinstance(item, str) else json.dumps(item, ensure_ascii=False) for item in items)
    raw = "\n".join(lines).encode()
    left: Counter[str] = Counter()
    chunks = (raw[at : at + size] for at in range(0, len(raw), size))
    return [told.id for told in corpus(chunks, "corpus/documents.jsonl", left)], +left


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (document(source="slack-export"), "raw_material"),
        (document(source="email-mbox"), "raw_material"),
        (document(authoredBySubject=False, author="Bob"), "other_author"),
        (document(authoredBySubject="yes"), "other_author"),
        (document(content='[{"id": "C1", "name": "support"}]'), "malformed"),  # their channels.json
        (document(content="1qe4trvY" * 40), "malformed"),  # their undecoded mail
        (document(content="\ufffd\ufffd 30"), "ENCODING"),  # their GBK
        (document(content="  "), "empty"),
        (document(content=None), "malformed"),
        (document("../../evil"), "malformed"),
        (document(["doc_0123456789ab"]), "malformed"),
        ([], "malformed"),
        ("null", "malformed"),
        ("{", "JSON_BROKEN"),
        ('{"id": NaN}', "JSON_NUMBER"),
        ("[" * 5000, "JSON_DEPTH"),
        ('{"id": "a", "id": "b"}', "JSON_DUPKEY"),
        ("x" * (LONGEST_LINE + 10), "too_long"),
    ],
)
def test_what_cannot_be_read_costs_its_line_only(item: Any, reason: str) -> None:
    for size in (1 << 20, 50_000):
        assert read(item, document("doc_aaaaaaaaaaaa"), size=size) == (["doc_aaaaaaaaaaaa"], {reason: 1})


def test_a_correction_by_the_operator_is_a_description() -> None:
    assert read(document(source="correction", authoredBySubject=False)) == (["doc_0123456789ab"], {})


def test_an_id_counts_once() -> None:
    assert read(document(), document(content="other")) == (["doc_0123456789ab"], {"duplicate": 1})


def test_a_line_without_end_is_not_held_in_memory() -> None:
    """A hundred megabytes of one line go by in pieces."""
    seen = 0

    def chunks() -> Iterator[bytes]:
        nonlocal seen
        for _ in range(100):
            seen += 1
            yield b"x" * (1 << 20)

    left: Counter[str] = Counter()
    assert list(corpus(chunks(), "x", left)) == []
    assert (seen, left) == (100, {"too_long": 1})


def test_claims_keep_their_evidence_and_dead_ones_do_not_come_back() -> None:
    markdown, left = claims(
        {
            "claims": [
                {
                    "dimension": "experience",
                    "claim": "Refunds  go\nto finance.",
                    "evidence": ["doc_0123456789ab", "x", 5],
                },
                {"dimension": "experience", "claim": "Old.", "status": "superseded"},
                {"dimension": "experience", "claim": "Doubted.", "status": "under-review"},
                {"dimension": "mood", "claim": "Sad."},
                {"dimension": "experience", "claim": ["x"]},
                None,
            ]
        }
    )
    assert markdown == "# Experience\n\n- Refunds go to finance. [doc_0123456789ab]"
    assert left == {"old_version": 2, "malformed": 3}
    for nothing in (None, [], {}, {"claims": 5}, {"claims": {"a": 1}}):
        assert claims(nothing) == ("", {})


def test_a_work_module_that_was_not_rendered_is_read() -> None:
    module = {
        "scope": ["Support queue"],
        "workflows": [{"title": "Escalations", "steps": ["Call first", 5], "evidence": ["doc_0123456789ab"]}],
        "knowHow": [{"topic": "Holidays", "notes": "Two on call."}],
        "workedExamples": [
            {"title": "May", "situation": "Outage.", "approach": "Called.", "outcome": "Fine."},
            "x",
        ],
    }
    text = work({"workModule": module})
    for part in (
        "- Support queue",
        "# Escalations",
        "1. Call first",
        "[doc_0123456789ab]",
        "# Holidays",
        "Outage. Called. Fine.",
    ):
        assert part in text
    assert work({"workModule": 5}) == work(None) == ""


def test_a_consent_that_was_taken_back_is_honoured() -> None:
    check_consent({"recordedAt": "2026-01-01"})
    check_consent(None)
    assert code_of(lambda: check_consent({"revokedAt": "2026-02-01\nerror"})) == "SKILL_REVOKED"
    assert code_of(lambda: check_consent({"revokedAt": 5})) == "SKILL_REVOKED"
