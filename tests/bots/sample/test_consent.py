"""The sample's consent record: properly signed, and granting what the sample needs and nothing beside it."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from bots import sample
from persona_store.consent.parsing import parse
from persona_store.consent.policy import Ask, Origin, Place, allow
from persona_store.consent.record import Consent
from persona_store.consent.signing import verify
from persona_store.errors import Refused
from tests.sample.build import Team
from tests.sample.sign import record

NOW = datetime(2026, 11, 21, tzinfo=UTC)
SAID = datetime(2026, 5, 18, tzinfo=UTC)
PUBLIC = ("C0GENERAL", "C0PAYMENTS", "C0RELEASES", "C0ONCALL", "C0DATA")


@pytest.fixture(scope="module")
def consent() -> Consent:
    signed = sample.consent()
    verify(signed.raw, signed.jws, signed.public_key)
    return parse(signed.raw)


def test_the_signature_is_over_exactly_these_bytes() -> None:
    signed = sample.consent()
    verify(signed.raw, signed.jws, signed.public_key)
    with pytest.raises(Refused, match="CONSENT_INVALID"):
        verify(signed.raw.replace(b"2029", b"2028", 1), signed.jws, signed.public_key)


def test_what_was_signed_is_what_the_source_says(consent: Consent) -> None:
    assert consent == record(sample.privacy_notice())


def test_the_record_names_the_notice_that_was_shown(consent: Consent) -> None:
    assert consent.privacy_notice.sha256 == hashlib.sha256(sample.privacy_notice()).hexdigest()


def test_it_is_about_the_people_of_the_persona(consent: Consent) -> None:
    persona = sample.persona()
    assert consent.deputy is not None
    assert (consent.owner.id, consent.deputy.id) == (persona.owner, persona.deputy)
    assert persona.subject == f"local:{Team().user('lin')}"


def said(container: str, **more: object) -> Origin:
    fields = {"kind": "slack_export", "container": container, "at": SAID, "by_subject": True} | more
    return Origin(**fields)


def code(consent: Consent, action: str = "import", **more: object) -> str:
    """ "" if it is allowed, else the reason."""
    return allow(consent, Ask(action=action, now=NOW, **more)).code


@pytest.mark.parametrize("room", PUBLIC)
def test_each_public_room_may_be_imported(consent: Consent, room: str) -> None:
    assert code(consent, origin=said(room)) == ""


def test_the_private_room_may_be_imported_because_it_is_named(consent: Consent) -> None:
    assert code(consent, origin=said("G0PAYVENDORS", private=True)) == ""
    assert code(consent, origin=said("G0OTHER", private=True)) == "CONSENT_PRIVATE"


@pytest.mark.parametrize("chat", ["D0LINMAYA", "D0LINLAN"])
def test_direct_chats_may_not(consent: Consent, chat: str) -> None:
    assert code(consent, origin=said(chat, private=True, direct=True)) == "CONSENT_PRIVATE"


@pytest.mark.parametrize("at", [datetime(2026, 2, 28, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)])
def test_nothing_from_before_or_after_the_agreed_days(consent: Consent, at: datetime) -> None:
    assert code(consent, origin=said("C0PAYMENTS", at=at)) == "CONSENT_DATES"


@pytest.mark.parametrize("word", ["薪资", "年终奖", "Salary", "BONUS"])
def test_nothing_about_money_for_work(consent: Consent, word: str) -> None:
    assert code(consent, origin=said("C0GENERAL", text=f"… {word} …")) == "CONSENT_EXCLUDED"


def test_documents_and_corrections_and_no_other_kind(consent: Consent) -> None:
    assert code(consent, origin=said("", kind="doc")) == ""
    assert code(consent, "learn", origin=said("", kind="correction", at=NOW)) == ""
    for kind in ("mail", "feishu_export", "dingtalk_export", "self_written"):
        assert code(consent, origin=said("", kind=kind)) == "CONSENT_SOURCE"


def test_it_answers_on_the_local_page_and_nowhere_else(consent: Consent) -> None:
    assert code(consent, "answer", place=Place("local", "C0PAYMENTS", direct=False)) == ""
    assert code(consent, "answer", place=Place("local", "D-U0PRIYA", direct=True)) == ""
    assert code(consent, "answer", place=Place("slack", "C0PAYMENTS", direct=False)) == "CONSENT_AUDIENCE"


@pytest.mark.parametrize("facet", ["decision_patterns", "communication_style", "name_avatar"])
def test_knowledge_of_the_work_and_no_other_facet(consent: Consent, facet: str) -> None:
    assert code(consent, "retrieve") == ""
    assert code(consent, "retrieve", facet=facet) == "CONSENT_FACET"


def test_it_may_be_handed_to_nobody_outside(consent: Consent) -> None:
    assert code(consent, "export", recipient="any-model") == "CONSENT_RECIPIENT"


def test_it_lasts_for_a_good_while_yet(consent: Consent) -> None:
    """Fails half a year before the sample falls silent: then `python -m tests.sample.sign` with a later end."""
    assert consent.ends_at - datetime.now(UTC) > timedelta(days=180)
