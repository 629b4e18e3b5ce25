"""A key leaked, or data did: whose it is, exactly, and drafts of what has to be told to whom (PIPL 51, 57; GDPR 33,
34; rights.md L16).

Every persona has a key of its own, so that who is affected can be told by the key: the persona it opens, and after
an erasure the one whose certificate names it. Nothing here sends anything; what is made are drafts in zh and en
with the facts that the installation knows, and a line to be filled in where it cannot know."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct

from bots import exports
from bots.letters import sending
from bots.letters.addresses import hinted
from bots.services import Services
from bots.wording import LANGUAGES, say
from persona_store.certificate import SignedCertificate
from persona_store.consent import summary
from persona_store.consent.record import Consent
from persona_store.errors import Refused
from persona_store.model import GONE, Persona

REPORT_WITHIN = timedelta(hours=72)  # GDPR 33(1); PIPL 57 says at once
ALL = "installation"
"""The key that wraps all others, by the name it is asked for with `--key`."""


class Certificates(Protocol):
    async def certificate(self, persona: str) -> SignedCertificate | None: ...


class Affected(Struct, frozen=True):
    """One persona and what lies, or lay, under its key. `copies`: files that left the installation."""

    persona: str
    display_name: str
    state: str
    subject: str  # person key; "" once it is erased
    address: str  # enough to know it by; the whole is sealed
    key_id: str
    items: int
    kinds: tuple[tuple[str, int], ...]
    first: str
    last: str
    people: int  # others whose words are among them
    copies: tuple[str, ...]
    controller: str
    contact: str
    record_id: str
    certificate: str = ""


async def affected(services: Services, certificates: Certificates, name: str, key_id: str) -> tuple[Affected, ...]:
    """By name, by the id of a persona's key, or everybody by ALL. Raises Refused INCIDENT for what is neither."""
    found = []
    for persona in await services.personas.all():
        done = await certificates.certificate(persona.name)
        gone = done.certificate.key_ids_destroyed if done else ()
        own = (services.vault.key_id(persona.name),) if services.vault.has_key(persona.name) else ()
        if persona.name == name or key_id == ALL or key_id in (*own, *gone):
            found.append(await _of(services, persona, (*own, *gone), done))
    if not found:
        what = f"no persona is called {name!r}" if name else f"no persona's key has the id {key_id[:40]!r}"
        raise Refused("INCIDENT", what, "`understudy incident --list` names the keys; `--key installation` is all")
    return tuple(found)


async def keys_there_are(services: Services) -> tuple[tuple[str, str], ...]:
    """(persona, id of its key)."""
    everyone = await services.personas.all()
    return tuple(
        (each.name, services.vault.key_id(each.name)) for each in everyone if services.vault.has_key(each.name)
    )


async def _of(
    services: Services, persona: Persona, ids: tuple[str, ...], done: SignedCertificate | None
) -> Affected:
    gone = persona.state in GONE or not services.vault.has_key(persona.name)
    kinds: Counter[str] = Counter()
    people: set[str] = set()
    days: list[str] = []
    if not gone:
        async for _, passage in (await services.library.file(persona.name)).scan():
            kinds[passage.source] += 1
            days.append(passage.at.date().isoformat())
            if not passage.by_subject and passage.author:
                people.add(passage.author)
    record = await _record(services, persona)
    address = "" if gone else await sending.address_of(services, persona.name)
    return Affected(
        persona=persona.name,
        display_name=persona.display_name,
        state=persona.state,
        subject=persona.subject,
        address=hinted(address) if address else "",
        key_id=ids[0] if ids else "",
        items=sum(kinds.values()),
        kinds=tuple(kinds.most_common()),
        first=min(days, default=""),
        last=max(days, default=""),
        people=len(people),
        copies=() if gone else tuple(sorted({each.what for each in await exports.noted(services, persona.name)})),
        controller=record.pii_controllers[0].party if record else "",
        contact=record.pii_controllers[0].contact if record else "",
        record_id=record.record_id if record else "",
        certificate=done.certificate.cert_id if done else "",
    )


async def _record(services: Services, persona: Persona) -> Consent | None:
    try:
        history = await services.consents.history(persona.name)
    except Refused:  # tampered with, which may be the very incident
        return None
    return history[-1] if history else None


# ------------------------------------------------------------------ what has to be told


def drafts(found: tuple[Affected, ...], *, key_id: str, at: datetime, noticed: datetime) -> dict[str, bytes]:
    """File name → text: one for the authority, and one for each Subject, in both languages. Pure."""
    files = {}
    for lang in LANGUAGES:
        files[f"authority.{lang}.md"] = _authority(found, key_id, at, noticed, lang)
        for each in found:
            files[f"subject.{each.persona}.{lang}.md"] = _subject(each, noticed, lang)
    return {name: text.encode() for name, text in files.items()}


def _authority(found: tuple[Affected, ...], key_id: str, at: datetime, noticed: datetime, lang: str) -> str:
    due = f"{noticed + REPORT_WITHIN:%Y-%m-%d %H:%M} UTC"
    controllers = "; ".join(
        dict.fromkeys(f"{each.controller} ({each.contact})" for each in found if each.controller)
    )
    rows = (
        (say(lang, "incident.made"), f"{at:%Y-%m-%d %H:%M} UTC"),
        (say(lang, "incident.noticed"), f"{noticed:%Y-%m-%d %H:%M} UTC"),
        (say(lang, "incident.due"), due),
        (say(lang, "incident.key"), key_id or "–"),
        (say(lang, "incident.subjects"), str(len(found))),
        (say(lang, "incident.items"), str(sum(each.items for each in found))),
        (say(lang, "incident.others"), str(sum(each.people for each in found))),
        (say(lang, "incident.kinds"), _kinds(found, lang)),
        (say(lang, "incident.contact"), controllers or "–"),
    )
    whose = [f"- {each.display_name} (`{each.persona}`, {say(lang, f'state.{each.state}')})" for each in found]
    return _document(
        (say(lang, "incident.authority_title"), say(lang, "incident.draft")),
        rows,
        (say(lang, "incident.whose"), "\n".join(whose)),
        (say(lang, "incident.consequences_title"), say(lang, "incident.consequences")),
        (say(lang, "incident.measures_title"), say(lang, "incident.measures")),
        (say(lang, "incident.open_title"), say(lang, "incident.open")),
    )


def _subject(each: Affected, noticed: datetime, lang: str) -> str:
    rows = (
        (say(lang, "incident.noticed"), f"{noticed:%Y-%m-%d %H:%M} UTC"),
        (say(lang, "incident.items"), str(each.items)),
        (say(lang, "incident.kinds"), _kinds((each,), lang)),
        (say(lang, "incident.days"), f"{each.first} – {each.last}" if each.items else "–"),
        (say(lang, "incident.copies"), ", ".join(each.copies) or "–"),
        (say(lang, "incident.contact"), f"{each.controller} ({each.contact})" if each.controller else "–"),
    )
    erased = say(lang, "incident.erased", certificate=each.certificate) if each.certificate else ""
    return _document(
        (say(lang, "incident.subject_title", name=each.display_name), say(lang, "incident.subject_lead")),
        rows,
        *(((say(lang, "incident.erased_title"), erased),) if erased else ()),
        (say(lang, "incident.consequences_title"), say(lang, "incident.consequences")),
        (say(lang, "incident.yours_title"), say(lang, "incident.yours", name=each.persona)),
        (say(lang, "incident.open_title"), say(lang, "incident.open")),
    )


def _document(head: tuple[str, str], rows: tuple[tuple[str, str], ...], *sections: tuple[str, str]) -> str:
    table = "\n".join(f"| {name} | {_cell(value)} |" for name, value in rows)
    parts = [f"# {head[0]}", head[1], f"| | |\n|---|---|\n{table}"]
    parts += [f"## {title}\n\n{text}" for title, text in sections]
    return "\n\n".join(parts) + "\n"


def _kinds(found: tuple[Affected, ...], lang: str) -> str:
    counts: Counter[str] = Counter()
    for each in found:
        counts.update(dict(each.kinds))
    return ", ".join(f"{summary.kind(kind, lang)} {count}" for kind, count in counts.most_common()) or "–"


def _cell(text: str) -> str:
    return text.replace("|", "/").replace("\n", " ")
