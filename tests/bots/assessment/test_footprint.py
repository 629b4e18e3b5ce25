"""L14: what gets wider makes an assessment stale, what gets narrower does not, and everything else is left
alone."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import to_builtins
from msgspec.structs import replace

from bots.assessment.footprint import ASPECTS, Change, Footprint, canonical, digest, footprint, widened
from bots.assessment.installation import Installation
from persona_store.consent.record import Recipient
from persona_store.model import Offered
from tests.bots.assessment.configurations import CN, HERE, LIN, US, record

BEFORE = footprint(LIN, record(recipients=(CN,)), HERE)


def after(**more: Any) -> tuple[Change, ...]:
    """What is new when the record is as `more` says."""
    return widened(BEFORE, footprint(LIN, record(**{"recipients": (CN,), **more}), HERE))


@pytest.mark.parametrize(
    ("aspect", "item", "more"),
    [
        ("facets", "communication_style", {"facets": ("work_knowledge", "communication_style")}),
        ("audiences", "slack:*", {"audiences": ("slack:C1", "slack:*")}),
        ("audiences", "slack:C2", {"audiences": ("slack:C1", "slack:C2")}),
        ("sources", "doc", {"sources": ("slack_export", "doc")}),
        ("recipients", "api.example:US:30", {"recipients": (US,)}),
        ("recipients", "api.example:CN:7", {"recipients": (replace(CN, retention_days=7),)}),
        ("recipients", "b.example:CN:0", {"recipients": (CN, replace(CN, name="b.example"))}),
        ("jurisdiction", "DE", {"jurisdiction": ("CN", "DE")}),
    ],
)
def test_l14_each_aspect_of_the_record_that_gets_wider_is_named(
    aspect: Any, item: str, more: dict[str, Any]
) -> None:
    assert after(**more) == (Change(aspect, item),)


def test_l14_a_purpose_that_is_new_is_named() -> None:
    """There is one purpose today; a second would be a change."""
    assert widened(BEFORE, replace(BEFORE, purposes=("handover_qa", "training"))) == (
        Change("purposes", "training"),
    )


def test_l14_another_platform_is_named() -> None:
    more = replace(HERE, platforms=("feishu", "slack"))
    assert widened(BEFORE, footprint(LIN, record(recipients=(CN,)), more)) == (Change("platforms", "feishu"),)


def test_l14_another_model_is_named_where_it_would_be_asked() -> None:
    """One that the record does not name is not asked; one on machines of one's own is."""
    agreed = record(recipients=(CN,))
    elsewhere = replace(HERE, model="other.example")
    assert widened(BEFORE, footprint(LIN, agreed, elsewhere)) == ()
    assert widened(BEFORE, footprint(LIN, agreed, replace(HERE, model="api.example"))) == (
        Change("models", "api.example"),
    )
    inside = replace(HERE, model="ollama", private=True)
    assert widened(BEFORE, footprint(LIN, agreed, inside)) == (Change("models", "ollama"),)


@pytest.mark.parametrize(("to", "expected"), [
    ("internal", ()), ("licensed_org", ("licensed_org",)), ("public", ("licensed_org", "public")),
])  # fmt: skip
def test_l14_a_wider_offer_is_named_and_a_narrower_one_is_not(to: Offered, expected: tuple[str, ...]) -> None:
    reach = footprint(replace(LIN, offered_to=to), record(recipients=(CN,)), HERE)
    assert widened(BEFORE, reach) == tuple(Change("offered_to", item) for item in expected)
    assert widened(reach, BEFORE) == ()


@pytest.mark.parametrize(
    "more",
    [
        {"recipients": ()},
        {"audiences": ("slack:C1",), "direct": False},
        {"learn": False},
        {"days": 10},
        {"containers": ("C9",)},
        {"excluded_keywords": ("salary",)},
        {"cooling_off_days": 30},
    ],
)
def test_l14_what_is_narrower_or_no_aspect_of_it_makes_nothing_stale(more: dict[str, Any]) -> None:
    assert after(**more) == ()


def test_l14_one_chat_of_all_that_were_assessed_is_narrower_and_a_direct_chat_is_not() -> None:
    whole = footprint(LIN, record(audiences=("slack:*",), direct=False), HERE)
    assert widened(whole, footprint(LIN, record(audiences=("slack:C7",), direct=False), HERE)) == ()
    changes = widened(whole, footprint(LIN, record(audiences=("slack:dm",)), HERE))
    assert changes == (Change("audiences", "slack:dm"),)
    assert widened(whole, footprint(LIN, record(audiences=("feishu:oc_1",), direct=False), HERE)) == (
        Change("audiences", "feishu:oc_1"),
    )


# ------------------------------------------------------------------ as a property

words = st.lists(st.sampled_from(["a", "b", "c", "d"]), unique=True).map(lambda items: tuple(sorted(items)))
recipients = st.lists(
    st.builds(
        Recipient,
        name=st.sampled_from(["x", "y"]),
        role=st.just("processor"),
        region=st.sampled_from(["CN", "US"]),
        retention_days=st.sampled_from([0, 30]),
        trains=st.booleans(),
    ),
    max_size=3,
).map(tuple)
reaches = st.builds(Footprint, **{aspect: recipients if aspect == "recipients" else words for aspect in ASPECTS})


@settings(deadline=None)  # a busy machine is no failure
@given(reaches)
def test_what_was_assessed_covers_itself(reach: Footprint) -> None:
    assert widened(reach, reach) == ()


@settings(deadline=None)
@given(reaches, reaches)
def test_nothing_is_new_exactly_where_everything_was_there(before: Footprint, now: Footprint) -> None:
    """And where something is, each of it is named."""
    changes = widened(before, now)
    for aspect in ASPECTS:
        if aspect == "recipients":
            continue
        new = set(getattr(now, aspect)) - set(getattr(before, aspect))
        assert {change.item for change in changes if change.aspect == aspect} == new


@settings(deadline=None)
@given(reaches, reaches, reaches)
def test_what_covers_what_covers_covers(first: Footprint, second: Footprint, third: Footprint) -> None:
    """Narrowing twice is narrowing."""
    if not widened(first, second) and not widened(second, third):
        assert not widened(first, third)


@settings(deadline=None)
@given(reaches)
def test_the_canonical_form_is_the_one_anybody_would_write(reach: Footprint) -> None:
    """Keys sorted, no blanks, UTF-8: another program finds the same digest."""
    again = json.dumps(to_builtins(reach), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert canonical(reach) == again.encode()


def test_the_same_reach_has_the_same_digest_in_whatever_order_it_was_typed() -> None:
    one = footprint(LIN, record(sources=("doc", "slack_export"), audiences=("slack:C1", "feishu:oc_1")), HERE)
    other = footprint(LIN, record(sources=("slack_export", "doc"), audiences=("feishu:oc_1", "slack:C1")), HERE)
    assert digest(one) == digest(other)
    assert digest(one) != digest(BEFORE)


def test_every_aspect_is_a_field_and_every_field_an_aspect() -> None:
    """The one place in which it is listed."""
    assert set(ASPECTS) == set(Footprint.__struct_fields__)
    assert set(get_args(Offered)) == {"internal", "licensed_org", "public"}
    assert Installation().platforms == ()
