"""What is still known of what is kept back: enough to say so, too little to read."""

from __future__ import annotations

import hmac
from datetime import timedelta
from typing import Any

from persona_store.model import Passage
from persona_store.tokens import terms
from persona_store.withheld.cutting import Held
from persona_store.withheld.hints import AROUND, MANY, OWN, SIZE, Hint, Hints, episode_hash, hint, share
from tests.persona_store.passages import START, passage

TEXT = "Never retry a refund by hand, otherwise the bank pays it twice."


def mac(value: bytes) -> bytes:
    return hmac.digest(b"key of the persona", value, "sha256")


def of(text: str = TEXT, before: Passage | None = None, **more: Any) -> Hint:
    found = hint(passage("p", text, **more), Held(text, "pitfall", "cue"), before, mac)
    assert found is not None
    return found


def asked(text: str, weight: float = 1.0) -> dict[str, float]:
    return dict.fromkeys(terms(text), weight)


def test_t04_a_question_for_it_is_known_and_another_is_not() -> None:
    hints = Hints([of()], mac)
    match = hints.best(asked("May I retry a refund by hand?"), None)
    assert match is not None
    assert (match.kind, match.covered > 0.7) == ("pitfall", True)
    assert hints.best(asked("Which database holds the ledger?"), None) is None
    assert hints.best(asked("reindex redis hosts before payday"), None) is None  # words that only begin alike


def test_t04_no_word_stands_in_it_and_another_key_reads_nothing() -> None:
    one = of()
    assert len(one.terms) <= OWN
    assert all(len(term) == SIZE for term in one.terms)
    other = Hints([one], lambda value: hmac.digest(b"another key", value, "sha256"))
    assert other.best(asked(TEXT), None) is None


def test_a_long_sentence_leaves_few_terms_and_names_first() -> None:
    text = "The E4009 answer of pay_hook means " + " ".join(
        f"{one}{two}lephone" for one in "bcdfgh" for two in "aeiou"
    )
    one = of(text)
    assert len(one.terms) == OWN
    assert Hints([one], mac).best(asked("pay_hook E4009"), None) is not None


def test_t06_who_could_not_have_read_it_is_not_told_that_it_was_there() -> None:
    hints = Hints([of(readers=("slack:U1", "slack:U2"))], mac)
    question = asked("retry refund by hand")
    assert hints.best(question, None) is None
    assert hints.best(question, (frozenset({"slack:U9"}),)) is None
    assert hints.best(question, (frozenset({"slack:U2"}),)) is not None


def test_what_was_not_said_yet_is_not_kept_back_yet() -> None:
    hints = Hints([of()], mac)
    question = asked("retry refund by hand")
    assert hints.best(question, None, START - timedelta(minutes=1)) is None
    assert hints.best(question, None, START + timedelta(minutes=1)) is not None


def test_what_somebody_had_asked_before_helps_but_alone_is_no_sign() -> None:
    before = passage("q", "Anything about chargebacks in Lisbon?", own=False)
    hints = Hints([of(before=before)], mac)
    assert len(of(before=before).around) <= AROUND
    assert hints.best(asked("chargebacks Lisbon"), None) is None
    assert hints.best(asked("retry chargebacks Lisbon"), None) is not None


def test_where_it_stood_is_a_hash_that_tells_one_place_from_another() -> None:
    assert episode_hash(passage("a", "x", thread="t"), mac) == episode_hash(passage("b", "y", thread="t"), mac)
    assert episode_hash(passage("a", "x", thread="t"), mac) != episode_hash(passage("a", "x", thread="u"), mac)


def test_words_that_name_nothing_leave_no_hint() -> None:
    assert hint(passage("p", "it is"), Held("it is", "pitfall", "cue"), None, mac) is None


def test_shares_are_by_weight() -> None:
    assert share({"rare": 3.0, "often": 1.0}, {"rare"}) == 0.75
    assert share({}, {"rare"}) == 0.0


def test_a_term_in_very_many_still_counts_where_a_rarer_one_leads() -> None:
    """And where there is nothing else, it leads itself."""
    many = [of(f"Never retry the refund of shop number{n}.") for n in range(MANY + 50)]
    hints = Hints([*many, of("Never retry the quetzal refund.")], mac)
    match = hints.best(asked("retry quetzal refund"), None)
    assert match is not None
    assert match.covered == 1.0
    assert hints.best(asked("retry refund"), None) is not None
    assert hints.best(asked("retry refund unheard"), None) is not None
