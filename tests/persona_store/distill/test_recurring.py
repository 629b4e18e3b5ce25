"""Terms that recur: counted by episode, told apart by where they stand, in bounded memory."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from persona_store.distill import recurring
from persona_store.distill.recurring import Recurring

AT = datetime(2024, 5, 1, 9, tzinfo=UTC)


def nobody(word: str) -> bool:
    return False


def seen(*episodes: str) -> Recurring:
    """Each episode is a text, or several with a bar between them."""
    terms = Recurring()
    for episode in episodes:
        terms.see([(text, AT) for text in episode.split("|")])
    return terms


def test_an_episode_counts_once_and_each_of_its_passages() -> None:
    ((term, words),) = seen("ledger|the ledger again|ledger", "ledger").topics(9, nobody)
    assert (words, term.episodes, term.passages) == (("ledger",), 2, 4)


def test_words_that_stand_in_the_same_episodes_are_one_topic() -> None:
    """Also those that are not among its companions."""
    found = [
        words
        for _, words in seen(*["the corvo of the gateway, with its webhook and the endpoint"] * 6).topics(9, nobody)
    ]
    assert len(found) == 1


def test_companions_are_close_and_not_merely_common() -> None:
    episodes = (
        ["pay_ledger|pay_ledger of zeta, by the mains"] * 6 + ["pay_ledger|pay_ledger"] * 6 + ["the mains"] * 30
    )
    assert next(seen(*episodes).topics(9, nobody))[1][:2] == ("pay_ledger", "zeta")


def test_what_is_written_as_a_name_comes_before_a_plain_word() -> None:
    episodes = ["we restart E1007 often", "they restart pay_job now"] * 3 + ["E1007 pay_job"]
    assert next(seen(*episodes).topics(1, nobody))[1][0] in ("e1007", "E1007", "pay_job")


def test_samples_tell_how_far_a_rare_term_stands_where_a_frequent_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the frequent one's sample cannot know is left out of the reckoning, and is no "no"."""
    monkeypatch.setattr(recurring, "SAMPLE", 32)
    terms = seen(*("ledger corvo" if n % 5 == 0 else "ledger" for n in range(3000)))
    rare, frequent = terms._terms["corvo"], terms._terms["ledger"]
    count, of = rare.shared(frequent)
    assert count == of > 2
    count, of = frequent.shared(rare)
    assert count < of / 2


def test_addresses_and_people_that_are_called_are_no_topics() -> None:
    found = seen(*["see https://wiki.example/ledger/canary and ask @canary about corvo"] * 4).topics(9, nobody)
    words = {word for _, words in found for word in words}
    assert "corvo" in words
    assert not [word for word in words if "canary" in word or "example" in word]


def test_what_is_heard_now_and_then_survives_what_is_heard_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of equally rare terms those go first that were not heard for longest."""
    monkeypatch.setattr(recurring, "MOST_TERMS", 200)
    terms = Recurring()
    for n in range(600):
        terms.see([(" ".join(f"noise{n}x{k}" for k in range(20)), AT)])
        if n % 6 == 5:
            terms.see([("settlement", AT)])
    assert terms._terms["settlement"].episodes > 90
