"""May this persona speak here, now? Every doubt is a no, and every no has a sentence."""

from datetime import UTC, datetime

import pytest
from msgspec import structs

from adapters.model import Thread
from bots import gate
from bots.wording import LANGUAGES, sentences
from persona_store.consent import draft, parsing
from persona_store.model import STATES, Persona

NOW = datetime(2026, 6, 2, tzinfo=UTC)
ROOM = Thread("chat", "general", "T1")
LIN = Persona("lin", "Lin", "live", NOW, NOW, owner="chat:U1", chats=("chat:*",))
CONSENT = parsing.parse(
    draft.draft(
        draft.Choices(
            owner="chat:U1",
            sources=("slack_export",),
            containers=("*",),
            audiences=("chat:*",),
            cooling_off_days=0,
            learn=True,
            days=30,
        ),
        NOW,
    )
)


def test_only_a_live_persona_with_consent_and_owner_speaks() -> None:
    assert gate.check(LIN, CONSENT, ROOM, "answer", NOW) is None
    for state in STATES:
        reason = gate.check(structs.replace(LIN, state=state), CONSENT, ROOM, "answer", NOW)
        assert (reason is None) == (state == "live")


@pytest.mark.parametrize(
    ("persona", "code"),
    [
        (None, "unknown"),
        (structs.replace(LIN, state="erased"), "retired"),
        (structs.replace(LIN, state="erasing"), "retired"),
        (structs.replace(LIN, state="suspended"), "paused"),
        (structs.replace(LIN, state="draft"), "not_live"),
        (structs.replace(LIN, owner=""), "no_owner"),
        (structs.replace(LIN, chats=("chat:other",)), "not_here"),
        (structs.replace(LIN, chats=()), "not_here"),
    ],
)
def test_each_no_has_its_reason_and_that_its_sentence(persona: Persona | None, code: str) -> None:
    reason = gate.check(persona, CONSENT, ROOM, "answer", NOW)
    assert reason == gate.Reason(code)
    for lang in LANGUAGES:
        assert gate.wording(reason) in sentences(lang)


def test_without_consent_nothing_is_said_and_the_sentence_gives_no_code_away() -> None:
    reason = gate.check(LIN, None, ROOM, "answer", NOW)
    assert reason is not None
    assert reason.code == "CONSENT_MISSING"
    assert gate.wording(reason) == "refused.not_live"


@pytest.mark.parametrize(
    ("chats", "place", "serves"),
    [
        (("chat:*",), ROOM, True),
        (("chat:general",), ROOM, True),
        (("chat:gen",), ROOM, False),
        (("slack:*",), ROOM, False),
        (("chat:other",), Thread("chat", "dm-U1", direct=True), True),
        (("slack:C1",), Thread("chat", "dm-U1", direct=True), False),
        ((), Thread("chat", "dm-U1", direct=True), False),
    ],
)
def test_it_answers_where_the_admin_lets_it_and_in_direct_chats_of_those_platforms(
    chats: tuple[str, ...], place: Thread, serves: bool
) -> None:
    assert gate.serves(structs.replace(LIN, chats=chats), place) is serves
