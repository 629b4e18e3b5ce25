"""What it does not know: unanswered, answered in doubt, thin, contradicted or missing; and in nobody's words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from persona_store.distill import gaps as module
from persona_store.distill.gaps import BASICS, QUESTIONS, Gaps
from persona_store.distill.model import Facet, Gap
from persona_store.model import Passage
from tests.persona_store.distill.facets import facet
from tests.persona_store.passages import START, passage

NOW = START + timedelta(days=30)


def talk(*lines: tuple[str, str], thread: str = "t", author: str = "slack:U2") -> list[Passage]:
    """("lin", text) is the Subject's; anything else somebody's."""
    return [
        passage(f"{thread}{n}", text, own=who == "lin", thread=thread, minutes=n, **_by(who, author))
        for n, (who, text) in enumerate(lines)
    ]


def _by(who: str, author: str) -> dict[str, Any]:
    return {} if who == "lin" else {"author": f"{author}{who}", "author_name": who}


def found(*episodes: list[Passage], facets: tuple[Facet, ...] = ()) -> list[Gap]:
    gaps = Gaps()
    gaps.see(
        [passage(f"v{n}", "The reconciliation-service posts the ledger at night", minutes=n) for n in range(3)]
    )
    for n in range(2):
        gaps.see([passage(f"w{n}", "restarted the reconciliation-service again", thread=f"w{n}", minutes=9 + n)])
    for episode in episodes:
        gaps.see(episode)
    return [gap for gap in gaps.gaps(facets, NOW) if gap.reason != "missing"]


@pytest.mark.parametrize(
    "question", ["How do I restart the reconciliation-service?", "reconciliation-service 怎么重启？"]
)
def test_a_question_nobody_answered_is_a_gap_without_its_words(question: str) -> None:
    [gap] = found(talk(("bo", question)))
    assert (gap.reason, gap.question, gap.passages) == ("unanswered", "interview.unanswered", ("t0",))
    assert "reconciliation" in gap.topic
    assert question not in gap.topic


def test_what_somebody_answered_is_no_gap() -> None:
    question = ("bo", "How do I restart the reconciliation-service?")
    assert found(talk(question, ("lin", "systemctl restart reconciliation"))) == []
    assert found(talk(question, ("mei", "systemctl restart reconciliation"))) == []
    assert len(found(talk(question, ("bo", "anyone?")))) == 1  # the asker again is no answer


def test_an_answer_days_later_is_none() -> None:
    asked, told = talk(("bo", "How do I restart the reconciliation-service?"), ("lin", "see the wiki"))
    late = structs.replace(told, at=asked.at + timedelta(days=9))
    assert [gap.reason for gap in found([asked, late])] == ["unanswered"]


@pytest.mark.parametrize(
    "doubt", ["not sure, I'd have to check", "I don't remember", "这个我不太清楚", "忘了，回头查一下"]
)
def test_an_answer_in_doubt_is_a_gap_of_more_weight(doubt: str) -> None:
    [gap] = found(talk(("bo", "Does the reconciliation-service retry?"), ("lin", doubt)))
    assert (gap.reason, gap.passages) == ("unsure", ("t1",))
    assert gap.weight > 1


def test_one_question_about_something_foreign_was_not_meant_for_them() -> None:
    assert found(talk(("bo", "Anybody knows a good dentist in Hamburg?"))) == []


def test_the_same_question_again_weighs_more() -> None:
    question = ("bo", "Does the reconciliation-service retry?")
    [gap] = found(*(talk(question, thread=f"t{n}") for n in range(4)))
    assert (gap.weight, len(gap.passages)) == (4.0, 4)


def test_what_is_spoken_of_often_and_told_nowhere_is_thin() -> None:
    system = structs.replace(
        facet("system", passage("m1", "x")), topic="ledger", text="x", measures={"passages": 24.0}
    )
    [gap] = found(facets=(system,))
    assert (gap.reason, gap.topic, gap.weight) == ("thin", "ledger", 3.0)
    told = tuple(facet("pitfall", passage(f"p{n}", f"the ledger never closes on day {n}")) for n in range(2))
    assert found(facets=(system, *told)) == []


def test_somebodys_name_and_a_verb_are_no_topic() -> None:
    asked = talk(("bo", "Bo, how do I better restart it directly, anyway?"))
    assert found(*(talk(("bo", "hi there"), thread=f"n{n}") for n in range(4)), asked) == []


def test_what_they_were_asked_by_name_weighs_more() -> None:
    question = "how do I restart the reconciliation-service?"
    [plain] = found(talk(("bo", question)))
    [called] = found(talk(("bo", f"@Lin {question}")))
    assert called.weight == 2 * plain.weight


def test_a_long_answer_with_a_doubt_in_it_is_an_answer() -> None:
    told = "not sure why, but " + "the reconciliation-service writes the ledger of the day once more. " * 5
    assert found(talk(("bo", "Does the reconciliation-service retry?"), ("lin", told))) == []


def test_no_reason_fills_the_list() -> None:
    services = [f"pay_{name}" for name in "abcdefghijkl"]
    heard = [talk(("lin", f"restarted {name} today"), thread=f"{name}{n}") for name in services for n in range(3)]
    asked = [talk(("bo", f"how does {name} retry?"), thread=f"q{name}") for name in services]
    assert len(found(*heard, *asked)) == module.OF_A_REASON


def test_an_old_answer_is_not_asked_again_and_a_gap_without_a_thing_is_told_by_the_words() -> None:
    old = {"status": "stale", "last": START - timedelta(days=900)}
    answer = structs.replace(facet("answer", passage("m1", "old")), **old)
    rule = structs.replace(facet("standard", passage("m2", "two")), topic="", text="so it is " * 20, **old)
    new = facet("standard", passage("m3", "three"))
    [gap] = found(facets=(answer, rule, new))
    assert gap.reason == "stale"
    assert gap.topic.startswith("so it is")
    assert len(gap.topic) <= module.CLIPPED


def test_contradictions_and_what_is_older_than_the_rest() -> None:
    old = structs.replace(facet("standard", passage("m1", "old")), status="stale", last=START - timedelta(days=900))
    two = structs.replace(facet("standard", passage("m2", "two")), status="conflicting")
    assert [gap.reason for gap in found(facets=(two, old))] == ["conflicting", "stale"]
    assert found(facets=(old,)) == []  # all of it is old: that is said once, elsewhere


def test_what_every_handover_needs_is_asked_for_where_it_is_missing() -> None:
    gaps = Gaps()
    assert [gap.topic for gap in gaps.gaps((), NOW)] == list(BASICS)
    one = facet("responsibility", passage("m1", "x"))
    assert [gap.topic for gap in gaps.gaps((one,), NOW)] == list(BASICS[1:])


def test_every_question_has_a_key() -> None:
    gaps = Gaps()
    assert {gap.question for gap in gaps.gaps((), NOW)} <= set(QUESTIONS)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_KEPT", 10)
    gaps = Gaps()
    for n in range(200):
        gaps.see(talk(("bo", f"how does thing{n} work?"), thread=f"t{n}"))
    assert len(gaps._asked) <= 20
