"""Coverage: what is told of the material is only what its readers may read, and memory stays bounded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from persona_store.distill import coverage as rules
from persona_store.distill import recurring
from persona_store.distill.coverage import Coverage, CoverageFinder
from persona_store.distill.recurring import Recurring
from persona_store.model import Passage, Readers

AT = datetime(2024, 5, 1, 9, tzinfo=UTC)


def passage(id: str, text: str, *, own: bool = True, author: str = "", days: int = 0, **given: object) -> Passage:
    fields: dict[str, object] = {"source": "slack_export", "readers": None, "author_name": "", **given}
    return Passage(
        id=id, container="C1", container_name="pay", thread=id,
        author=author or ("slack:U1" if own else "slack:U5"), by_subject=own, at=AT + timedelta(days=days),
        text=text, **fields,
    )  # fmt: skip


def covered(*episodes: tuple[Passage, ...], readers: Readers = None) -> Coverage:
    finder = CoverageFinder(readers)
    for episode in episodes:
        finder.see(episode)
    return finder.coverage()


def test_own_passages_are_counted_by_month_and_source() -> None:
    found = covered(
        (passage("a", "ledger"), passage("q", "ledger?", own=False)),
        (passage("b", "ledger", days=40, source="mail"),),
        (passage("c", "ledger", days=41),),
    )
    assert found.months == {"2024-05": 1, "2024-06": 2}
    assert found.sources == {"slack_export": 2, "mail": 1}
    assert (found.own, found.told, found.restricted) == (3, 3, 0)
    assert (found.first, found.last) == (AT, AT + timedelta(days=41))


def test_people_are_counted_once_and_only_those_who_met_the_subject() -> None:
    """Neither the Owner who answered, nor who described them, nor who wrote where they did not."""
    found = covered(
        (passage("a", "x"), passage("q", "?", own=False), passage("r", "?", own=False)),
        (passage("b", "x"), passage("s", "?", own=False, author="slack:U6")),
        (passage("c", "?", own=False, author="slack:U7"),),
        (passage("d", "x"), passage("e", "no", own=False, author="slack:U8", source="correction")),
        (passage("f", "x"), passage("g", "kind", own=False, author="slack:U9", source="description")),
    )
    assert found.helped == 2


def test_topics_are_told_by_quarter() -> None:
    episodes = [(passage(f"l{n}", "The ledger closed", days=30 * n),) for n in range(6)]
    episodes += [(passage(f"k{n}", "Rotate the certificate", days=9 * n),) for n in range(4)]
    first, second = covered(*episodes).topics
    assert "ledger" in first.words
    assert (first.passages, first.quarters) == (6, {"2024Q2": 3, "2024Q3": 3})
    assert "certificate" in second.words
    assert sum(second.quarters.values()) == 4


def test_the_order_of_episodes_does_not_matter() -> None:
    episodes = [(passage(f"l{n}", f"ledger {('close', 'open')[n % 2]}", days=n),) for n in range(20)]
    one, other = covered(*episodes), covered(*episodes[::-1])
    assert (one.months, one.told, one.first, one.last) == (other.months, other.told, other.first, other.last)
    assert {t.words[0]: t.quarters for t in one.topics} == {t.words[0]: t.quarters for t in other.topics}


@pytest.mark.parametrize(
    ("readers", "told"), [(None, 1), ((frozenset({"slack:U7"}),), 1), ((frozenset({"slack:U2"}),), 4)]
)
def test_what_some_may_not_read_is_a_number_to_them(readers: Readers, told: int) -> None:
    """Neither its words, nor its month, nor its source, nor who was there."""
    secret = {"readers": ("slack:U1", "slack:U2"), "source": "mail"}
    asked = passage("q", "canary?", own=False, author="slack:U2", **secret)
    episodes = [(passage(f"s{n}", "the canary is in the vault", days=99, **secret), asked) for n in range(3)]
    found = covered((passage("a", "ledger"),), *episodes, readers=readers)
    assert (found.own, found.restricted, found.told) == (4, 3, told)
    seen = any("canary" in topic.words for topic in found.topics)
    assert seen == ("mail" in found.sources) == ("2024-08" in found.months) == (found.helped == 1) == (told == 4)


def test_who_asked_in_private_is_not_counted_for_the_team() -> None:
    """Also where the answer was for everybody."""
    asked = passage("q", "?", own=False, readers=("slack:U1", "slack:U5"))
    assert covered((passage("a", "ledger"), asked)).helped == 0
    assert covered((passage("a", "ledger"), asked), readers=(frozenset({"slack:U5"}),)).helped == 1


def test_nothing_seen_is_an_empty_coverage() -> None:
    assert covered() == Coverage()
    assert covered((passage("q", "?", own=False),)) == Coverage()


def test_a_name_is_no_topic() -> None:
    """However often it is said, and although it is no secret who was there."""
    asked = passage("q", "?", own=False, author_name="Maya Lindqvist")
    found = covered(*((passage(f"a{n}", "Maya closed the ledger"), asked) for n in range(5)))
    words = {word.lower() for topic in found.topics for word in topic.words}
    assert "ledger" in words
    assert not words & {"maya", "lindqvist"}


def test_when_and_how_much_is_no_topic() -> None:
    """However often it is said; and nothing is in that list that could be one."""
    found = covered(*((passage(f"a{n}", "以后 minutes 超过 the ledger. 对账失败"),) for n in range(5)))
    words = {word for topic in found.topics for word in topic.words}
    assert words == {"ledger", "对账"}
    assert not recurring.no_topics() & {"工作", "ledger", "支付", "releas"}


# ------------------------------------------------------------------ bounded


def nobody(word: str) -> bool:
    return False


def test_people_are_counted_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST_PEOPLE", 5)
    episodes = [(passage(f"a{n}", "x"), passage(f"q{n}", "?", own=False, author=f"slack:A{n}")) for n in range(50)]
    finder = CoverageFinder()
    for episode in episodes:
        finder.see(episode)
    assert finder.coverage().helped == 5
    assert len(finder._people) <= 6  # one more episode's at most


def test_what_recurs_survives_a_flood_of_words_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred times as many terms as are kept; the one topic is counted to the last."""
    monkeypatch.setattr(recurring, "MOST_TERMS", 200)
    terms = Recurring()
    for n in range(1000):
        terms.see([(" ".join(f"noise{n}x{k}" for k in range(20)), AT)])
        if n % 3 == 0:
            terms.see([("the settlement of the ledger", AT)])
        assert len(terms._terms) <= 200
    topic, words = next(terms.topics(3, nobody))
    assert set(words) >= {"settlement", "ledger"}
    assert (topic.episodes, topic.passages) == (334, 334)


def test_one_long_text_does_not_hold_more_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recurring, "MOST_TERMS", 100)
    terms = Recurring()
    terms.see((f"word{n}abc other{n}abc", AT) for n in range(5000))
    assert len(terms._terms) <= 102


TALKS = (
    "the corvo of the gateway and its webhook",
    "a ledger, its closing and the journal",
    "any refund with an approval of the limits",
)


def test_two_names_of_one_thing_are_one_topic_also_when_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Samples may be far smaller than the number of episodes."""
    monkeypatch.setattr(recurring, "SAMPLE", 32)
    terms = Recurring()
    for n in range(3000):
        terms.see([(TALKS[n % 3], AT)])
    found = [set(words) for _, words in terms.topics(12, nobody)]
    assert {frozenset(each) for each in found} == {
        frozenset({"corvo", "gateway", "webhook"}),
        frozenset({"ledger", "closing", "journal"}),
        frozenset({"refund", "approval", "limits"}),
    }


def test_quarters_of_a_term_are_bounded() -> None:
    """Dates that somebody made up; the latest are kept."""
    terms = Recurring()
    for year in range(1000, 1200):
        terms.see([("ledger", datetime(year, 1, 1, tzinfo=UTC))])
    topic, _ = next(terms.topics(1, nobody))
    assert (len(topic.quarters), max(topic.quarters), topic.passages) == (64, "1199Q1", 200)
