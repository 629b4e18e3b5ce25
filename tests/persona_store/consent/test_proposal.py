"""Ticks and proposals: nothing is granted that was not ticked, nothing amended that is not less."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given as with_
from hypothesis import strategies as st
from msgspec.structs import asdict, replace

from persona_store.consent import draft, parsing, summary
from persona_store.consent.proposal import Proposal, Ticks, everything, given, narrowed, proposed
from persona_store.consent.record import Consent, Recipient
from persona_store.errors import Refused
from tests.bots.subject.stage import proposal
from tests.scenarios.world import START

LATER = START + timedelta(days=3, seconds=5)
RECIPIENTS = (
    Recipient("a.example", "processor", "CN", 0, False),
    Recipient("b.example", "processor", "CN", 7, False),
)
WIDE: Proposal = proposal(
    START,
    sources=("slack_export", "doc", "mail"),
    facets=draft.FACETS,
    audiences=("slack:*", "feishu:c1"),
    recipients=RECIPIENTS,
)
PLACES = {
    "sources": WIDE.sources,
    "facets": WIDE.facets,
    "audiences": WIDE.audiences,
    "recipients": WIDE.recipients,
}


def some(draws: st.DataObject, what: Proposal) -> Ticks:
    chosen = {
        name: tuple(draws.draw(st.lists(st.integers(0, len(getattr(what, name))), unique=True, max_size=8)))
        for name in PLACES
    }
    days, cooling = draws.draw(st.integers(1, what.days + 1)), draws.draw(st.integers(0, 9))
    words = draws.draw(st.lists(st.sampled_from(("salary", "薪资")), unique=True))
    return Ticks(**chosen, days=days, cooling_off_days=cooling, keywords=tuple(words))


def tried(raw: bytes) -> Consent:
    return parsing.parse(raw)


@with_(st.data())
def test_a_record_grants_exactly_what_was_ticked(draws: st.DataObject) -> None:
    """Or there is none."""
    ticks = some(draws, WIDE)
    try:
        record = tried(given(WIDE, ticks, START, language="en"))
    except Refused as refused:
        if refused.code not in ("CONSENT_TICKS", "CONSENT_NOTHING"):
            raise
        return
    assert set(record.scope.sources) == {WIDE.sources[n] for n in ticks.sources}
    assert {f for f, on in asdict(record.facets).items() if on} == {WIDE.facets[n] for n in ticks.facets}
    assert set(record.audiences) == {WIDE.audiences[n] for n in ticks.audiences}
    assert set(record.recipients) == {WIDE.recipients[n] for n in ticks.recipients}
    assert (record.term.end - START.date()).days == ticks.days
    assert record.voluntariness.cooling_off_days == ticks.cooling_off_days >= 7
    assert record.scope.excluded.keywords == ticks.keywords
    assert record.event.method == "web_device_key"


@with_(st.data())
def test_what_is_narrowed_grants_nothing_that_was_not_granted(draws: st.DataObject) -> None:
    """Nor for longer, nor to anybody else, nor sooner; and what was left out stays out."""
    first = given(WIDE, everything(WIDE), START, language="en")
    before = tried(first)
    ticks = some(draws, proposed(before, LATER.date()))
    try:
        after = tried(narrowed(first, ticks, LATER, language="zh-CN"))
    except Refused as refused:
        if refused.code not in ("CONSENT_TICKS", "CONSENT_NOTHING"):
            raise
        return
    assert set(after.scope.sources) <= set(before.scope.sources)
    assert all(
        was or not now
        for was, now in zip(asdict(before.facets).values(), asdict(after.facets).values(), strict=True)
    )
    assert set(after.audiences) <= set(before.audiences)
    assert set(after.recipients) <= set(before.recipients)
    assert set(after.scope.excluded.keywords) >= set(before.scope.excluded.keywords)
    assert after.last_day <= before.last_day
    assert after.effective_at >= before.effective_at
    assert after.prev_record == draft.digest(first)
    assert (after.uses, after.purposes, after.licence) == (before.uses, before.purposes, before.licence)


def test_l30_the_law_and_its_papers_are_those_that_were_proposed_and_stay() -> None:
    """L35: given on the page and narrowed there, the record names the same references."""
    offered = replace(WIDE, jurisdiction=("CN", "DE"), lia_ref="LIA-7", workers_notice_ref="works council 3/26")
    first = given(offered, everything(offered), START, language="en", assessment_ref=None)
    less = replace(everything(offered), facets=(0,), cooling_off_days=0, days=30)
    newer = "sha256:" + "0" * 64
    second = narrowed(first, less, LATER, language="en", assessment_ref=newer)
    for raw, ref in ((first, None), (second, newer), (narrowed(second, less, LATER, language="en"), newer)):
        record = tried(raw)
        assert record.jurisdiction == ("CN", "DE")
        assert (record.lia_ref, record.workers_notice_ref) == ("LIA-7", "works council 3/26")
        assert record.assessment_ref == ref
    shown = "\n".join(summary.lines(tried(first), "en"))
    assert all(word in shown for word in ("CN, DE", "LIA-7", "works council 3/26"))


def test_after_the_cooling_off_less_holds_at_once() -> None:
    first = given(WIDE, everything(WIDE), START, language="en")
    later = START + timedelta(days=30)
    ticks = everything(proposed(tried(first), later.date()))
    assert tried(narrowed(first, ticks, later, language="en")).effective_at == later


@pytest.mark.parametrize("place", [99, 200])
def test_a_box_that_was_not_there_is_not_ticked(place: int) -> None:
    with pytest.raises(Refused, match="CONSENT_TICKS"):
        given(WIDE, Ticks((place,), (0,), (0,), (), 10, 7), START, language="en")
