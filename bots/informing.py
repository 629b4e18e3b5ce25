"""Owner and Subject hear what happens to a persona, by themselves: the receipt, every build, the going live, the
end, and once a month a checkpoint of the log (rights.md T37, §2A, §2D).

What happens leaves a job in the very commit that makes it happen, and the running bot tells: the Subject by letter
to their private address, where there is one and mail is set up, else by direct message; the Owner by direct
message. So nothing happens untold because a process died, and nothing is told twice."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct, structs

from adapters.model import Post
from bots import cards, keys, witness
from bots.letters import sending, writing
from bots.letters.model import Letter
from bots.outbox import queue
from bots.people import own_language, reach
from bots.services import Services
from bots.subject import passes, reports
from bots.wording import say
from persona_store import proof
from persona_store.certificate import SignedCertificate
from persona_store.consent import receipt
from persona_store.model import GONE, Persona
from persona_store.protocols import Batch, NewJob, Put

INFORM = "inform"
TOGETHER = timedelta(minutes=10)  # builds in a row are one message
RECEIPTS = "receipts"  # which of the installation's keys stands under receipts

What = Literal["receipt", "built", "live", "ended", "died"]


class News(Struct, frozen=True):
    """`ref` tells it from others of its kind: a record's id, a moment."""

    what: What
    persona: str
    ref: str
    at: datetime


class Built(Struct, frozen=True):
    """One import, or one distillation."""

    at: datetime
    passages: int
    versions: int


class Farewell(Struct, frozen=True):
    """Whom to tell of the end, kept apart from what is erased, until they were told. `told`: who is told anyway."""

    name: str  # as it was called
    address: str
    lang: str
    subject: str
    owner: str
    told: str


def happened(services: Services, what: What, persona: str, ref: str = "") -> Batch:
    """Rides on the change itself."""
    now = services.clock.now()
    return Batch(jobs=(_job(services, News(what, persona, ref or now.isoformat(), now)),))


def build(services: Services, persona: str, *, passages: int = 0, versions: int = 0) -> Batch:
    """Something was brought in, or drawn from it."""
    now = services.clock.now()
    key = keys.of_subject(persona, f"built/{now:%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}")
    put = Put(key, services.seal(Built(now, passages, versions), key))
    return Batch(puts=(put,), jobs=(_job(services, News("built", persona, now.isoformat(), now), now + TOGETHER),))


async def farewell(services: Services, persona: Persona, told: str) -> Put:
    """Rides on the silence, when it is still known who they are."""
    consent = await services.consent(persona.name)
    lang = writing.language(consent, services.lang)
    address = await sending.address_of(services, persona.name)
    last = Farewell(persona.display_name, address, lang, persona.subject, persona.owner, told)
    key = keys.farewell(persona.name)
    return Put(key, services.seal(last, key), services.clock.now() + sending.KEPT)


def handed_over(services: Services, persona: str, last: Farewell) -> Batch:
    """The address is needed no more; who else is to hear of the end still is."""
    key = keys.farewell(persona)
    rest = services.seal(structs.replace(last, address=""), key)
    return Batch(puts=(Put(key, rest, services.clock.now() + sending.KEPT),))


async def tell(services: Services, body: bytes, certificate: SignedCertificate | None = None) -> Batch:
    """The messages for a piece of news. `certificate`: of the end, which its caller has."""
    news = services.unseal(body, INFORM, News)
    if news.what == "ended":
        return await _ended(services, news, certificate)
    persona = await services.personas.get(news.persona)
    if persona is None or persona.state in GONE:
        return Batch()
    match news.what:
        case "receipt":
            return await _receipt(services, persona, news.ref)
        case "built":
            return await _built(services, persona, news)
        case "live":
            return await _live(services, persona, news)
        case "died":
            return await _died(services, persona, news)


# ------------------------------------------------------------------ what is told


async def _receipt(services: Services, persona: Persona, record_id: str) -> Batch:
    letter, issued = await receipt_letter(services, persona, record_id)
    return await _posted(services, persona, letter, issued) if letter else Batch()


async def receipt_letter(
    services: Services, persona: Persona, record_id: str, *, linked: bool = True
) -> tuple[Letter | None, Batch]:
    """For one of the records of its chain; None if it is not among them. Not `linked`: for other eyes than the
    Subject's."""
    chain = await services.consents.chain(persona.name)
    records = await services.consents.history(persona.name)
    for signed, record in zip(chain.records if chain else (), records, strict=True):
        if record.record_id == record_id and chain is not None:
            private = services.vault.signing_key(RECEIPTS)
            made = receipt.make(
                persona.name,
                signed.raw,
                signed.signature,
                chain.key_of(signed),
                private,
                services.clock.now(),
            )
            link, issued = _place(services, persona, record.ends_at + passes.KEPT_AFTER, linked=linked)
            return writing.receipt(persona, made, link, writing.language(record, services.lang)), issued
    return None, Batch()


async def _built(services: Services, persona: Persona, news: News) -> Batch:
    """All that was built since it was told last, in one message."""
    done = Batch()
    builds: list[Built] = []
    async for key, raw in services.store.scan(keys.of_subject(persona.name, "built/")):
        builds.append(services.unseal(raw, key, Built))
        done = done.plus(Batch(deletes=(key,), unchanged=((key, raw),)))
    if not builds:
        return Batch()
    letter, issued = await built_letter(services, persona, builds)
    sent = await _posted(services, persona, letter, issued)
    if not sent.jobs and (passages := sum(each.passages for each in builds)):
        # what was drawn from it is told by bots/telling.py already
        sent = await _direct(
            services, persona.subject, "witness.built", news, name=persona.display_name, count=passages
        )
    return done.plus(sent)


async def built_letter(
    services: Services, persona: Persona, builds: list[Built], *, linked: bool = True
) -> tuple[Letter, Batch]:
    passages, versions = sum(each.passages for each in builds), sum(each.versions for each in builds)
    link, issued = _place(services, persona, linked=linked)
    last = max(each.at for each in builds)
    consent = await services.consent(persona.name)
    return writing.built(persona, consent, passages, versions, last, link, f"{last:%Y%m%dT%H%M%S%f}"), issued


async def _live(services: Services, persona: Persona, news: News) -> Batch:
    letter, issued = await live_letter(services, persona, news.at)
    batch = await _posted(services, persona, letter, issued)
    note = await witness.note(services)
    told = [persona.owner] if batch.jobs else [persona.owner, persona.subject]
    for who in dict.fromkeys(told):
        batch = batch.plus(await _direct(services, who, "witness.live", news, note=note, name=persona.display_name))
    return batch.plus(witness.held(services, persona.owner, persona.subject))


async def live_letter(
    services: Services, persona: Persona, at: datetime, *, linked: bool = True
) -> tuple[Letter, Batch]:
    link, issued = _place(services, persona, linked=linked)
    note = await witness.note(services)
    return writing.live(persona, await services.consent(persona.name), note, at, link), issued


async def _died(services: Services, persona: Persona, news: News) -> Batch:
    """By every way there is: should it be a mistake, it has to be heard of (rights.md L13)."""
    report = await reports.reported(services, persona.name)
    if report is None:
        return Batch()
    link, issued = _place(services, persona)
    consent = await services.consent(persona.name)
    letter = writing.died(persona, consent, report.by, report.until, link, report.at)
    batch = await _posted(services, persona, letter, issued)
    until = f"{report.until:%Y-%m-%d %H:%M} UTC"
    for who, key in ((persona.subject, "witness.died_you"), (persona.owner, "witness.died")):
        told = await _direct(
            services, who, key, news, name=persona.display_name, by=report.by, until=until, id=persona.name
        )
        batch = batch.plus(told)
    return batch


async def _ended(services: Services, news: News, certificate: SignedCertificate | None) -> Batch:
    last, raw = await services.read_raw(keys.farewell(news.persona), Farewell)
    if last is None or certificate is None:
        return Batch()
    key = keys.farewell(news.persona)
    batch = Batch(deletes=(key,), unchanged=((key, raw),))
    note = await witness.note(services)
    kept = proof.make(certificate, services.vault.signing_key(RECEIPTS))
    letter = writing.ended(last.name, certificate, kept, note, last.lang)
    sent = await sending.queue(services, news.persona, last.address, letter, outlives=True)
    batch = batch.plus(sent)
    identities = await services.directory.identities(last.told) if last.told else frozenset()
    for who in dict.fromkeys((last.owner, "" if sent.jobs else last.subject)):
        if who and who not in identities:
            id = certificate.certificate.cert_id
            told = await _direct(services, who, "witness.ended", news, note=note, name=last.name, certificate=id)
            batch = batch.plus(told)
    return batch


# ------------------------------------------------------------------ how


async def _posted(services: Services, persona: Persona, letter: Letter, issued: Batch) -> Batch:
    """The letter, and the link in it; neither where no letter goes."""
    sent = await sending.queue(services, persona.name, await sending.address_of(services, persona.name), letter)
    return sent.plus(issued) if sent.jobs else Batch()


async def _direct(
    services: Services, who: str, key: str, news: News, /, *, note: bytes = b"", **words: object
) -> Batch:
    person = await reach(services, who) if who else None
    if person is None:
        return Batch()
    lang = await own_language(services, person)
    text = say(lang, key, **words) + (f"\n\n{witness.told(note, lang)}" if note else "")
    post = Post(f"news:{keys.short(news.what, news.persona, news.ref, person.key)}", cards.notice(text, lang=lang))
    return queue(services, post, to=person)


def _place(
    services: Services, persona: Persona, until: datetime | None = None, *, linked: bool = True
) -> tuple[str, Batch]:
    """A link to the Subject's own place, where one can be given out."""
    return passes.to_place(services, persona.name, persona.subject, until) if linked else ("", Batch())


def _job(services: Services, news: News, due: datetime | None = None) -> NewJob:
    """In a lane of its own: what waits for more builds holds up nothing."""
    id = f"{INFORM}:{news.what}:{news.persona}:{news.ref}"
    return NewJob(INFORM, id, services.seal(news, INFORM), due, id=id)
