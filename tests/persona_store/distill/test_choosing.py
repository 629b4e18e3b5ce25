"""Choosing: the few that are shown, and how sure they are."""

from __future__ import annotations

from datetime import timedelta

from persona_store.distill.choosing import CAP, CAPS
from persona_store.distill.confidence import FLOOR, SUPPORT, confidence
from tests.persona_store.distill.talks import NOW, found, ground, of, one, talk

KNOWN = ground("gateway", "settlement")


def test_confidence_grows_with_support_and_repetition_and_shrinks_with_doubt_and_age() -> None:
    base = confidence(0.5, (), times=1, last=NOW, now=NOW)
    assert base == 0.5
    assert all(confidence(0.5, (name,), times=1, last=NOW, now=NOW) > base for name in SUPPORT)
    assert confidence(0.5, (), times=2, last=NOW, now=NOW) > base
    assert confidence(0.5, (), times=4, last=NOW, now=NOW) == confidence(0.5, (), times=40, last=NOW, now=NOW)
    assert confidence(0.5, (), times=1, last=NOW, now=NOW, weaker=1) < base
    assert confidence(0.5, (), times=1, last=NOW - timedelta(days=366), now=NOW) < base
    assert confidence(1.0, SUPPORT, times=9, last=NOW, now=NOW) <= 1
    assert confidence(0.9, (), times=1, last=NOW, now=NOW, described=True) < base


def test_what_was_said_again_later_is_one_facet_and_stands() -> None:
    text = "Never run two settlement jobs on the gateway at once."
    again = [talk(f"again{n}", "Bo: ok", text, days=n) for n in range(3)]
    (facet,) = of("pitfall", *KNOWN, *again)
    assert facet.status == "standing"
    assert len(facet.citations) == 3
    assert facet.confidence > of("pitfall", *KNOWN, one(text))[0].confidence


def test_copies_of_one_message_count_once() -> None:
    text = "Never run two settlement jobs on the gateway at once."
    (facet,) = of("pitfall", *KNOWN, talk("a", "Bo: ok", text), talk("b", "Bo: ok", text))
    assert (facet.status, len(facet.citations)) == ("single", 1)


def test_what_is_said_at_length_and_in_short_is_said_twice() -> None:
    """On a real page "we switched from X to Y" stood twice, in other words."""
    texts = (
        "We switched from the old gateway to the settlement hook last year, because callbacks got lost.",
        "Happy to tell more: we switched over from the old gateway to the settlement hook completely last year, "
        "after we had looked at callbacks that got lost for many months, which is the reason we wanted it.",
    )
    (facet,) = of("decision", *KNOWN, *(one(text, days=n) for n, text in enumerate(texts)))
    assert {each.quote for each in facet.citations} == set(texts)


def test_of_two_about_the_same_things_one_is_shown_but_a_contradiction_stays() -> None:
    """Each of them is fine; eight of them are no page."""
    same = ("Don't pull the release from the gateway unless the settlement is late.",)
    more = ("Unless you are in a hurry with the settlement, please don't take the release from the gateway.",)
    ok = ("The release may be pulled: always use the gateway unless the settlement is late.",)
    assert len(of("condition", *KNOWN, *map(one, same + more))) == 1
    assert len(of("condition", *KNOWN, *map(one, same + ok))) == 2


def test_a_word_is_explained_once() -> None:
    texts = ("`recon` is short for the settlement of files.", "`recon` stands for what the gateway does at night.")
    assert len(of("term", *KNOWN, *(one(text, days=n) for n, text in enumerate(texts)))) == 1


def test_a_system_is_told_by_words_that_stand_nowhere_else_on_the_page() -> None:
    """The same sentence as an answer and as a system is one too many."""
    asked = [
        talk(f"s{n}", f"Bo: why does the hook lose calls on day {n}?", f"pay_hook loses calls on day {n} {why}")
        for n, why in enumerate(["since the gateway restarts", "when settlement is late", "until it is restarted"])
    ]
    plain = [talk(f"p{n}", f"looked at pay_hook on the settlement host number {n}") for n in range(3)]
    facets = found(*KNOWN, *asked, *plain)
    (system,) = (facet for facet in facets if facet.topic == "pay_hook" and facet.aspect == "system")
    answers = [facet.text for facet in facets if facet.aspect == "answer"]
    assert answers
    assert system.text == system.citations[0].quote
    assert not any(system.text in text or text in system.text for text in answers)


def test_an_answer_that_takes_up_nothing_of_the_question_is_not_shown_unless_it_helped() -> None:
    asked, told = "Bo: how come?", "The settlement of the gateway keeps a lock for the whole night."
    assert of("answer", *KNOWN, talk("q", asked, told)) == []
    assert len(of("answer", *KNOWN, talk("q", asked, told, "Bo: thanks, that helped"))) == 1


def test_another_number_is_another_statement() -> None:
    texts = (f"Never run {n} settlement jobs on the gateway at once." for n in (2, 3))
    assert len(of("pitfall", *KNOWN, *(one(text, days=n) for n, text in enumerate(texts)))) == 2


def test_a_page_is_for_reading() -> None:
    """However much there is, no aspect shows more than its cap, and nothing unsure."""
    things = [f"{a}{b}" for a in "abcdefghij" for b in "klmnopqrst"]
    lines = (one(f"Never run {each}_job and {each}_hook on the gateway.") for each in things)
    facets = found(*KNOWN, *lines)
    assert len([facet for facet in facets if facet.aspect == "pitfall"]) == CAPS["pitfall"]
    assert all(facet.confidence >= FLOOR for facet in facets)
    assert max(CAPS.values(), default=CAP) <= 12


def test_the_same_words_are_not_shown_as_two_things() -> None:
    text = "Never use floats in the settlement gateway, by convention we always use integers."
    facets = [facet for facet in found(*KNOWN, talk("q", "Bo: which type in the gateway?", text))]
    assert [facet.citations[0].quote for facet in facets].count(text) == 1
