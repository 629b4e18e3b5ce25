"""A team's own questions: the owner's reply judges the draft, and nobody is named."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from adapters.model import Person, Thread
from bots.evaluation.escalated import fate_of, handed
from bots.model import Escalation, Waiter

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ASKER, OWNER = Person("chat", "U0ASK", name="Asker"), Person("chat", "U0OWN", name="Owner")
DRAFT = "The payment retry job runs every 15 minutes and gives up after 3 attempts."


def record(id: str, answer: str = "", draft: str = DRAFT, **more: object) -> Escalation:
    given = {
        "id": id,
        "persona": "lin",
        "state": "answered" if answer else "expired",
        "question": "How often?",
        "lang": "en",
        "reason": "low_confidence",
        "askers": (Waiter(ASKER, Thread("chat", "T", "C", "1"), NOW, "How often?"),),
        "assignee": OWNER,
        "owner": OWNER,
        "deputy": None,
        "opened_at": NOW,
        "due_at": NOW,
        "draft": draft,
        "answer": answer,
        **more,
    }
    return Escalation(**given)


@pytest.mark.parametrize(("draft", "answer", "fate"), [
    (DRAFT, DRAFT, "as_it_was"),
    (DRAFT, DRAFT.replace(" and ", "\n and  "), "as_it_was"),
    (DRAFT, DRAFT.replace("15", "20"), "edited"),
    (DRAFT, DRAFT + " Since July it also writes a line to the log, ask Bob where that is kept." * 3, "edited"),
    (DRAFT, "No idea, the bank changed everything in July.", "otherwise"),
    ("退款要走 refund-slow 队列，银行每秒收两个请求。", "退款要走 refund-slow 队列，银行每秒收三个。", "edited"),
    ("退款要走 refund-slow 队列。", "问一下银行。", "otherwise"),
    ("", "Every hour.", "no_draft"),
    ("…", "Every hour.", "otherwise"),
])  # fmt: skip
def test_what_the_owner_did_with_the_draft(draft: str, answer: str, fate: str) -> None:
    assert fate_of(draft, answer) == fate


def test_how_often_it_was_asked_needlessly() -> None:
    records = [
        record("a", DRAFT),
        record("b", DRAFT, reason="unconfirmed"),
        record("c", "Never."),
        record("d", "Every hour.", draft="", reason="no_evidence"),
        record("e"),
        record("f", state="asked"),
    ]
    counted = handed("lin", records, {"a": 0.66, "b": 0.62, "c": 1.0, "d": 0.1})
    assert (counted.answered, counted.unsettled, counted.needless) == (4, 1, 0.5)
    assert counted.fates == {"as_it_was": 2, "edited": 0, "otherwise": 1, "no_draft": 1}
    assert counted.reasons == {"low_confidence": (2, 1), "no_evidence": (1, 0), "unconfirmed": (1, 1)}
    assert [(each.above, each.drafts, each.as_it_was) for each in counted.confidence] == [(0.6, 2, 2), (0.9, 1, 0)]


def test_nothing_answered_is_no_share() -> None:
    assert handed("lin", [record("e")], {}).needless is None


def test_nobody_and_nothing_said_is_in_it() -> None:
    told = msgspec.json.encode(handed("lin", [record("a", DRAFT)], {"a": 0.5})).decode()
    assert not any(word in told for word in ("Asker", "U0ASK", "Owner", "U0OWN", "retry", "often"))
