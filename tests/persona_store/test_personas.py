"""A persona speaks only with a valid consent and an owner, and what is erased stays erased."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from persona_store.backends import open_store
from persona_store.clock import ManualClock
from persona_store.consent.draft import Choices, draft
from persona_store.consent.parsing import parse
from persona_store.consent.record import Consent
from persona_store.errors import Conflict, Refused
from persona_store.model import STATES, Persona
from persona_store.papers import Papers
from persona_store.personas import TRANSITIONS, Personas, ready, thawed, transition
from persona_store.protocols import Batch, Put, Store

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NOW = START + timedelta(days=1)
LIN = Persona(
    "lin", "Lin Zhou 周林", "draft", START, START, subject="slack:U0", owner="slack:U1", aliases=("Linny", "林工")
)
EVENTS = (
    *("request", "sign", "assess", "stale", "live", "suspend", "resume", "restrict", "lift", "die", "undo"),
    *("retire", "withdraw", "erased"),
)
SIGNED = ("cooling", "assessed", "live", "suspended", "restricted")
ALIVE = ("draft", "requested", *SIGNED, "deceased")


def consent(cooling_off_days: int = 0) -> Consent:
    choices = Choices(owner="slack:U1", sources=("doc",), audiences=("slack:*",), cooling_off_days=cooling_off_days)
    return parse(draft(choices, START))


ASSESSED = Papers(assessment="valid")
RECORD = consent()
WITHDRAWN = replace(consent(), event=replace(consent().event, type="withdrawn"))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = await open_store(f"sqlite://{tmp_path}/store.db", clock=ManualClock(START))
    yield store
    await store.close()


def in_state(state: str) -> Persona:
    return replace(LIN, state=state)


def reached(state: str, event: str) -> str:
    try:
        return transition(in_state(state), event, NOW, consent=consent()).state
    except Refused as refused:
        return refused.code


def test_the_whole_table_of_states_and_events() -> None:
    """Every pair that is not listed here is refused."""
    allowed = {
        ("draft", "request"): "requested",
        ("requested", "request"): "requested",
        ("draft", "sign"): "cooling",
        ("requested", "sign"): "cooling",
        ("draft", "assess"): "assessed",
        ("cooling", "assess"): "assessed",
        ("assessed", "stale"): "cooling",
        ("draft", "live"): "live",
        ("cooling", "live"): "live",
        ("assessed", "live"): "live",
        ("live", "stale"): "suspended",
        ("live", "suspend"): "suspended",
        ("suspended", "resume"): "live",
        ("cooling", "restrict"): "restricted",
        ("assessed", "restrict"): "restricted",
        ("live", "restrict"): "restricted",
        ("suspended", "restrict"): "restricted",
        ("restricted", "lift"): "suspended",
        **dict.fromkeys(product(SIGNED, ("die",)), "deceased"),
        ("deceased", "undo"): "suspended",
        ("erasing", "erased"): "erased",
        **dict.fromkeys(product(ALIVE, ("retire", "withdraw")), "erasing"),
    }
    expected = {pair: allowed.get(pair, "ILLEGAL_STATE") for pair in product(STATES, EVENTS)}
    assert {pair: reached(*pair) for pair in product(STATES, EVENTS)} == expected
    assert set(TRANSITIONS) == set(allowed)


@pytest.mark.parametrize("state", SIGNED)
@pytest.mark.parametrize("stops", [("restrict",), ("die",), ("restrict", "die")])
def test_l32_what_takes_a_stop_back_leads_to_where_it_stood(state: str, stops: tuple[str, ...]) -> None:
    """Never further: what spoke is paused, and `resume` asks for all that is asked for."""
    if (state, stops[0]) not in TRANSITIONS:
        return
    before = persona = replace(in_state(state), reason="drill")
    for event in stops:
        persona = transition(persona, event, NOW, "why")
    for event in reversed(stops):
        persona = transition(persona, {"restrict": "lift", "die": "undo"}[event], NOW, "again")
    expected = ("suspended", "again") if state == "live" else (state, "drill")
    assert (persona.state, persona.reason, persona.stood) == (*expected, before.stood)


def test_l32_who_lives_after_all_still_has_it_frozen() -> None:
    """The freeze is the Subject's, and a mistaken report takes nothing away from them."""
    frozen = transition(in_state("live"), "restrict", NOW, "subject")
    back = transition(transition(frozen, "die", NOW, "death"), "undo", NOW, "subject")
    assert (back.state, back.reason, back.stood) == ("restricted", "subject", frozen.stood)


def test_what_was_frozen_before_it_was_noted_where_it_stood_is_paused() -> None:
    assert transition(in_state("restricted"), "lift", NOW).state == "suspended"


@given(st.sampled_from(ALIVE), st.lists(st.sampled_from(sorted({*EVENTS} - {"live", "resume"})), max_size=12))
def test_nothing_goes_live_but_by_the_two_steps_that_ask(start: str, events: list[str]) -> None:
    """Whatever else happens in whatever order, also with all that is asked for at hand."""
    persona, was_live = in_state(start), start == "live"
    for event in events:
        try:
            persona = transition(persona, event, NOW, consent=RECORD, papers=ASSESSED)
        except Refused:
            continue
        assert persona.state != "live" or was_live


@given(st.lists(st.sampled_from(EVENTS), max_size=12))
def test_no_sequence_of_events_leads_out_of_erasure(events: list[str]) -> None:
    """From the first retire or withdraw on it never speaks again, whatever is tried."""
    persona, silenced = LIN, False
    for event in events:
        try:
            persona = transition(persona, event, NOW, consent=consent())
        except Refused:
            continue
        silenced = silenced or event in ("retire", "withdraw")
        assert silenced == (persona.state in ("erasing", "erased"))


def test_a_transition_keeps_everything_but_state_time_and_reason() -> None:
    live = transition(LIN, "live", NOW, consent=consent())
    paused = transition(live, "suspend", NOW + timedelta(days=1), "owner_left")
    assert paused == replace(LIN, state="suspended", state_at=NOW + timedelta(days=1), reason="owner_left")
    assert transition(paused, "resume", NOW, consent=consent()).reason == ""


@pytest.mark.parametrize("event", ["live", "resume"])
@pytest.mark.parametrize(
    ("given_consent", "owner", "now", "code"),
    [
        (None, "slack:U1", NOW, "NO_CONSENT"),
        (consent(), "", NOW, "NO_OWNER"),
        (None, "", NOW, "NO_CONSENT"),
        (consent(7), "slack:U1", NOW, "CONSENT_COOLING"),
        (consent(), "slack:U1", START + timedelta(days=100), "CONSENT_EXPIRED"),
        (WITHDRAWN, "slack:U1", NOW, "CONSENT_WITHDRAWN"),
    ],
)
def test_nothing_speaks_without_a_valid_consent_and_an_owner(
    event: str, given_consent: Consent | None, owner: str, now: datetime, code: str
) -> None:
    """Neither at first nor after a pause; the refusal names the way out in one line."""
    persona = replace(LIN, state="draft" if event == "live" else "suspended", owner=owner)
    with pytest.raises(Refused) as refused:
        transition(persona, event, now, consent=given_consent)
    assert refused.value.code == code
    assert refused.value.fix
    assert "\n" not in str(refused.value)


def test_whoever_is_ready_is_let_pass() -> None:
    ready(LIN, consent(), NOW)


@pytest.mark.parametrize("method", ["web_device_key", "paper"])
def test_who_was_asked_approves_first_and_who_answers_accepts_first(method: str) -> None:
    """L18, §2B: what is missing is told one after the other, and with all of it there it may speak."""
    record = replace(consent(), event=replace(consent().event, method=method))
    persona, codes = replace(LIN, deputy="slack:U2"), []
    for more in (
        {"approved": record.record_id},
        {"accepted": {"slack:U1": "sha256:0"}},
        {"accepted": {"slack:U1": "sha256:0", "slack:U2": "sha256:0"}},
    ):
        with pytest.raises(Refused) as refused:
            ready(persona, record, NOW, ASSESSED)
        codes.append((refused.value.code, "slack:U2" in refused.value.what))
        persona = replace(persona, **more)
    ready(persona, record, NOW, ASSESSED)
    assert codes == [("NOT_APPROVED", False), ("NOT_ACCEPTED", False), ("NOT_ACCEPTED", True)]


@pytest.mark.parametrize(("asked_by", "papers"), [("slack:U9", ASSESSED), ("", replace(ASSESSED, asked=True))])
def test_2b_signed_at_the_command_line_a_request_is_approved_and_accepted_as_well(
    asked_by: str, papers: Papers
) -> None:
    """Whoever may type there could have signed; the approval comes from the Subject's own page."""
    persona, record = replace(LIN, asked_by=asked_by), consent()
    with pytest.raises(Refused, match="NOT_APPROVED"):
        ready(persona, record, NOW, papers)
    persona = replace(persona, approved=record.record_id)
    with pytest.raises(Refused, match="NOT_ACCEPTED"):
        ready(persona, record, NOW, papers)
    ready(replace(persona, accepted={"slack:U1": "sha256:0"}), record, NOW, papers)


def test_frozen_is_told_by_its_state_alone() -> None:
    stopped = {"restricted": "RESTRICTED", "deceased": "DECEASED"}
    for state in STATES:
        if state in stopped:
            with pytest.raises(Refused, match=stopped[state]):
                thawed(in_state(state))
        else:
            thawed(in_state(state))


async def test_a_persona_is_kept_and_read_back(store: Store) -> None:
    personas = Personas(store)
    assert await personas.get("lin") is None
    await store.commit(await personas.create(LIN))
    assert await personas.get("lin") == LIN
    assert await personas.all() == [LIN]


@pytest.mark.parametrize("state", ["draft", "live", "erased"])
async def test_a_name_is_given_once_and_never_again(store: Store, state: str) -> None:
    """Not even after erasure: a new persona must not be mistaken for the retired colleague."""
    personas = Personas(store)
    await store.commit(await personas.create(in_state(state)))
    with pytest.raises(Refused) as refused:
        await personas.create(LIN)
    assert refused.value.code == "PERSONA_EXISTS"


async def test_of_two_who_create_the_same_name_at_once_one_succeeds(store: Store) -> None:
    personas = Personas(store)
    first, second = await personas.create(LIN), await personas.create(replace(LIN, owner="slack:U666"))
    await store.commit(first)
    with pytest.raises(Conflict):
        await store.commit(second)
    assert await personas.get("lin") == LIN


async def test_a_change_that_another_has_overtaken_conflicts(store: Store) -> None:
    personas = Personas(store)
    await store.commit(await personas.create(LIN))
    before = await personas.raw("lin")
    await store.commit(Batch(puts=(personas.put(replace(LIN, state="erasing")),)))
    with pytest.raises(Conflict):
        await store.commit(
            Batch(puts=(personas.put(replace(LIN, state="live")),), unchanged=((Personas.key("lin"), before),))
        )


async def test_what_was_decided_on_has_to_be_what_is_kept(store: Store) -> None:
    """Whoever read it before a withdrawal writes nothing over it; also where an earlier version wrote it."""
    personas = Personas(store)
    await store.commit(await personas.create(LIN))
    assert await personas.unchanged(LIN) == (Personas.key("lin"), await personas.raw("lin"))
    with pytest.raises(Conflict):
        await personas.unchanged(replace(LIN, state="live"))
    with pytest.raises(Conflict):
        await personas.unchanged(replace(LIN, name="nobody"))
    raw = await personas.raw("lin")
    assert raw is not None
    fewer = {key: value for key, value in msgspec.json.decode(raw).items() if key not in ("stood", "filings")}
    await store.commit(Batch(puts=(Put(Personas.key("lin"), msgspec.json.encode(fewer)),)))
    key, kept = await personas.unchanged(LIN)
    assert msgspec.json.decode(kept) == fewer


@pytest.mark.parametrize("name", ["../lin", "lin/../maya", "", "LIN", "lin\n", "persona/lin"])
async def test_a_name_that_is_none_finds_nobody_and_is_not_created(store: Store, name: str) -> None:
    """CMD-03."""
    personas = Personas(store)
    await store.commit(await personas.create(LIN))
    assert await personas.get(name) is None
    with pytest.raises(Refused) as refused:
        await personas.create(replace(LIN, name=name))
    assert refused.value.code == "PERSONA_NAME"


def test_a_persona_that_an_earlier_version_kept_is_read_as_what_it_was() -> None:
    """What came since is empty: nobody asked, nothing is filed, and it may go on speaking."""
    kept = (
        b'{"name":"lin","display_name":"Lin","state":"live","created_at":"2026-03-02T09:00:00Z","state_at":'
        b'"2026-03-02T09:00:00Z","subject":"slack:U0","owner":"slack:U1","deputy":"","chats":["slack:*"],"aliases":[],'
        b'"rules":{"risk_budget":0.1},"reason":"","approved":"","accepted":{}}'
    )
    old = msgspec.json.decode(kept, type=Persona)
    assert (old.asked_by, old.offered_to, old.filings, old.stood, old.stands_until) == (
        "",
        "internal",
        (),
        (),
        None,
    )
    ready(old, RECORD, NOW)
