"""What each letter says: sentences and facts, in the language of the record. Decides nothing and sends nothing.

No letter holds a word of any chat: only what was agreed, what was done, and the proofs of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from bots import keys
from bots.letters.model import Attachment, Copy, Facts, Letter, Link, Part, Points, Words
from bots.wording import LANGUAGES, say
from persona_store.certificate import SignedCertificate
from persona_store.consent import parsing, summary
from persona_store.consent.receipt import Receipt
from persona_store.consent.record import Consent
from persona_store.model import Persona
from persona_store.proof import Proof

JSON, TEXT = "application/json", "text/plain"


def language(consent: Consent | None, default: str) -> str:
    """The record's, where there is one that we speak."""
    spoken = consent.language if consent else default
    return spoken if spoken in LANGUAGES else "en"


def request(persona: Persona, about: str, link: str, until: str, lang: str, id: str) -> Letter:
    parts = (
        Words(say(lang, "letter.request", about=about, name=persona.display_name)),
        Link(say(lang, "letter.request_open"), link),
        Words(say(lang, "letter.request_free", until=until)),
    )
    return Letter(id, lang, say(lang, "letter.request_subject", about=about), parts)


def offered(persona: Persona, org: str, link: str, until: str, lang: str) -> Letter:
    """An organisation would like a licence (bots/licensed/laying.py)."""
    name = persona.display_name
    parts = (
        Words(say(lang, "letter.offered", org=org, name=name)),
        Link(say(lang, "letter.offered_open"), link),
        Words(say(lang, "letter.offered_free", until=until)),
    )
    return Letter(
        f"offered:{keys.short(link)}", lang, say(lang, "letter.offered_subject", org=org, name=name), parts
    )


def receipt(persona: Persona, made: Receipt, link: str, lang: str) -> Letter:
    """With the very bytes that were signed, the notice that was read, and our signature over both."""
    record = parsing.parse(made.record.encode())
    parts: tuple[Part, ...] = (
        Words(say(lang, "letter.receipt", name=persona.display_name)),
        Points(tuple(summary.lines(record, lang))),
        *_rights(persona, record, link, lang),
        Words(say(lang, "letter.receipt_files", name=persona.name)),
    )
    files = (
        Attachment("receipt.json", JSON, msgspec.json.format(msgspec.json.encode(made), indent=2)),
        Attachment("record.json", JSON, made.record.encode()),
        Attachment("record.json.jws", TEXT, made.record_signature.encode()),
        Attachment("notice.md", TEXT, made.notice.encode()),
    )
    return Letter(
        f"receipt:{record.record_id}",
        lang,
        say(lang, "letter.receipt_subject", name=persona.display_name),
        parts,
        files,
    )


def built(
    persona: Persona, consent: Consent | None, passages: int, versions: int, at: datetime, link: str, id: str
) -> Letter:
    lang = language(consent, "en")
    rows = [(say(lang, "letter.built_passages"), str(passages))]
    rows += [(say(lang, "letter.built_versions"), str(versions))] if versions else []
    parts: tuple[Part, ...] = (
        Words(say(lang, "letter.built", name=persona.display_name, at=f"{at:%Y-%m-%d %H:%M} UTC")),
        Facts(tuple(rows)),
        *_rights(persona, consent, link, lang),
    )
    return Letter(f"built:{id}", lang, say(lang, "letter.built_subject", name=persona.display_name), parts)


def live(persona: Persona, consent: Consent | None, note: bytes, at: datetime, link: str) -> Letter:
    lang = language(consent, "en")
    parts: tuple[Part, ...] = (
        Words(say(lang, "letter.live", name=persona.display_name, at=f"{at:%Y-%m-%d %H:%M} UTC")),
        *((Points(tuple(summary.lines(consent, lang))),) if consent else ()),
        *_rights(persona, consent, link, lang),
        *kept(note, lang),
    )
    id = f"live:{at:%Y%m%dT%H%M%S}"
    return Letter(id, lang, say(lang, "letter.live_subject", name=persona.display_name), parts)


def ended(name: str, done: SignedCertificate, proof: Proof, note: bytes, lang: str) -> Letter:
    """The end: what was destroyed, what is kept and what is out of reach, and how to check it."""
    told = done.certificate
    rows = (
        (say(lang, "letter.ended_certificate"), told.cert_id),
        (say(lang, "letter.ended_why"), say(lang, f"letter.trigger_{told.trigger}")),
        (say(lang, "letter.ended_silent"), f"{told.suspended_at:%Y-%m-%d %H:%M} UTC"),
        (say(lang, "letter.ended_done"), f"{told.completed_at:%Y-%m-%d %H:%M} UTC"),
        (say(lang, "letter.ended_keys"), str(len(told.key_ids_destroyed))),
    )
    parts = (
        Words(say(lang, "letter.ended", name=name)),
        Facts(rows),
        Words(say(lang, "letter.ended_rest", kept=str(len(told.retained)), left=str(len(told.residuals)))),
        *kept(note, lang),
    )
    attached = Attachment("certificate.json", JSON, msgspec.json.format(msgspec.json.encode(proof), indent=2))
    return Letter("ended", lang, say(lang, "letter.ended_subject", name=name), parts, (attached,))


def checkpoint(persona: Persona, consent: Consent | None, note: bytes, link: str, at: datetime) -> Letter:
    """Once a month, so that what was written since cannot be taken back unnoticed (rights.md §2D)."""
    lang = language(consent, "en")
    state = Facts(((say(lang, "letter.state"), say(lang, f"state.{persona.state}")),))
    parts: tuple[Part, ...] = (
        Words(say(lang, "letter.checkpoint", name=persona.display_name)),
        state,
        *kept(note, lang),
        *_rights(persona, consent, link, lang),
    )
    subject = say(lang, "letter.checkpoint_subject", name=persona.display_name)
    return Letter(f"checkpoint:{at:%Y-%m-%d}", lang, subject, parts)


def statement(
    persona: Persona, month: str, facts: Sequence[tuple[str, str]], files: Sequence[Attachment], lang: str, org: str
) -> Letter:
    """The month's statement of a licence, whose figures and files are the caller's (rights.md §2A)."""
    parts = (Words(say(lang, "letter.statement", name=persona.display_name, month=month)), Facts(tuple(facts)))
    subject = say(lang, "letter.statement_subject", name=persona.display_name, month=month)
    return Letter(f"statement:{month}:{org}", lang, subject, parts, tuple(files))


def died(persona: Persona, consent: Consent | None, by: str, until: datetime, link: str, at: datetime) -> Letter:
    """To whoever is said to have died: should it be wrong, they are the one who can say so (rights.md L13)."""
    lang = language(consent, "en")
    day = f"{until:%Y-%m-%d %H:%M} UTC"
    parts = (
        Words(say(lang, "letter.died", name=persona.display_name, by=by, until=day)),
        *_open(link, lang),
        Words(say(lang, "letter.died_else")),
    )
    subject = say(lang, "letter.died_subject", name=persona.display_name)
    return Letter(f"died:{at:%Y%m%dT%H%M%S}", lang, subject, parts)


def takeover(persona: Persona, link: str, code: str, until: datetime, lang: str) -> Letter:
    """The only copy of the link with which a record on paper passes into the Subject's own hands."""
    parts = (
        Words(say(lang, "letter.takeover", name=persona.display_name, until=until.date().isoformat())),
        *((Link(say(lang, "letter.takeover_open"), link),) if link else ()),
        Words(say(lang, "letter.takeover_cli")),
        Copy(f"understudy consent takeover {persona.name} --code {code}"),
    )
    subject = say(lang, "letter.takeover_subject", name=persona.display_name)
    return Letter(f"takeover:{keys.short(code)}", lang, subject, parts)


def kin(persona: Persona, link: str, until: datetime, lang: str) -> Letter:
    parts = (
        Words(say(lang, "letter.kin", name=persona.display_name, until=until.date().isoformat())),
        Link(say(lang, "letter.kin_open"), link),
    )
    return Letter(
        f"kin:{keys.short(link)}", lang, say(lang, "letter.kin_subject", name=persona.display_name), parts
    )


def kept(note: bytes, lang: str) -> tuple[Part, ...]:
    """A checkpoint, to the letter, and what it is good for."""
    return (Words(say(lang, "witness.note")), Copy(note.decode()))


def _rights(persona: Persona, consent: Consent | None, link: str, lang: str) -> tuple[Part, ...]:
    """Who answers, what one may do, and how it ends: in every letter, as it may be the only one that is read."""
    owner = consent.owner.id if consent else persona.owner
    contact = consent.pii_controllers[0].contact if consent else "–"
    controller = consent.pii_controllers[0].party if consent else "–"
    rows = (
        (say(lang, "letter.who_controller"), controller),
        (say(lang, "letter.who_contact"), contact),
        (say(lang, "letter.who_owner"), owner),
    )
    return (Facts(rows), Words(say(lang, "letter.rights", name=persona.name)), *_open(link, lang))


def _open(link: str, lang: str) -> tuple[Part, ...]:
    return (Link(say(lang, "letter.open"), link),) if link else ()
