"""What they ask first: kinds of questions, counted over episodes."""

from __future__ import annotations

from tests.persona_store.distill.talks import of, talk


def asked(count: int, line: str = "Which version are you on?", before: str = "Bo: it fails") -> list[list[object]]:
    return [talk(f"a{n}", before, line, days=n) for n in range(count)]


def test_a_kind_of_question_asked_in_several_episodes() -> None:
    (facet,) = of("asks_first", *asked(4))
    assert (facet.topic, facet.text, facet.measures) == ("version", "Which version are you on?", {"episodes": 4.0})
    assert facet.status == "standing"
    (facet,) = of("asks_first", *asked(3, "有回滚方案吗？", "Bo: 今晚上线"))
    assert facet.topic == "plan"


def test_more_often_is_surer() -> None:
    assert of("asks_first", *asked(12))[0].confidence > of("asks_first", *asked(3))[0].confidence


def test_twice_in_one_episode_is_once_and_two_episodes_are_too_few() -> None:
    again = [talk("x", "Bo: it fails", *["Which version are you on?"] * 5)]
    assert of("asks_first", *again, *asked(1)) == []


def test_their_own_questions_and_those_of_others_do_not_count() -> None:
    assert of("asks_first", *asked(4, before="it fails here")) == []
    assert of("asks_first", *asked(4, "Mei: Which version are you on?")) == []
