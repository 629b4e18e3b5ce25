"""What the Subject sees of what is held about them: everything that is theirs, page by page, each with its source.

What others said stays theirs: it is counted, and shown only where the Subject could read it and it speaks of them
(PIPL 45, 48; GDPR 15(1), 15(4); rights.md L10).
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from bots import cards, keys
from bots.portrait.audience import granted, visible
from bots.portrait.html import html
from bots.portrait.looking import look
from bots.portrait.words import ASPECTS
from bots.records import Outcome
from bots.services import Services
from bots.subject import signing
from bots.wording import say
from persona_store import withholding
from persona_store.audit import Line
from persona_store.consent import summary
from persona_store.consent.policy import Ask, allow
from persona_store.consent.receipt import Receipt
from persona_store.consent.record import Consent
from persona_store.distill.book import FacetBook
from persona_store.errors import Refused
from persona_store.model import GONE, Passage, Persona, may_read
from persona_store.personas import BY_SUBJECT

PAGE = 20
LOOKED_AT = 20_000  # passages one request goes through at most; the next goes on from there


class Item(Struct, frozen=True):
    """Something that is held: whose words, from where, and what stands there."""

    id: str
    kind: str
    about: str  # own | learnt | described
    place: str
    when: str
    text: str
    title: str
    url: str
    author: str
    question: str


class Items(Struct, frozen=True):
    """`next` is where the following page begins; 0 at the end."""

    items: tuple[Item, ...]
    next: int


class Answer(Struct, frozen=True):
    """What was said in the Subject's name. Who asked is a stand-in that is always the same for the same person."""

    at: datetime
    kind: str
    asker: str
    place: str
    question: str  # "" where it was asked in private
    quotes: tuple[str, ...]


class Answers(Struct, frozen=True):
    """`earlier`: of what is not kept in words any more, how much there was in each month, from the audit log."""

    answers: tuple[Answer, ...]
    total: int
    earlier: tuple[tuple[str, int], ...]


class Statement(Struct, frozen=True):
    """A facet, to be struck or left."""

    id: str
    aspect: str
    topic: str
    text: str


class Overview(Struct, frozen=True):
    """Where it stands, in words that are ready to be read."""

    name: str
    display_name: str
    state: str
    state_words: str
    role: str
    lines: tuple[str, ...]
    method: str
    effective_at: datetime | None
    last_day: str
    cooling: bool
    approved: bool
    may_approve: bool
    ready_to_read: bool
    material: bool  # whether there is anything to look at
    own_pause: bool  # paused by the Subject, who alone lets it answer again
    own: int
    learnt: int
    described: int
    context: int
    withheld: int
    address: str
    certificate: str  # id; "" before the end


async def overview(services: Services, persona: Persona, role: str, lang: str, certificate: str) -> Overview:
    """Everything but words of others: also the Owner may know how it stands while it cools off."""
    gone = persona.state in GONE
    consent = None if gone else await services.consent(persona.name)
    now = services.clock.now()
    counts = Counter[str]() if gone else await _counts(services, persona)
    address = None if gone else await services.read(keys.of_subject(persona.name, "address"), str)
    return Overview(
        name=persona.name,
        display_name=persona.display_name,
        state=persona.state,
        state_words=say(lang, f"state.{persona.state}"),
        role=role,
        lines=tuple(summary.lines(consent, lang)) if consent else (),
        method=consent.event.method if consent else "",
        effective_at=consent.effective_at if consent else None,
        last_day=consent.last_day.isoformat() if consent else "",
        cooling=bool(consent and now < consent.effective_at),
        approved=bool(persona.approved),
        may_approve=bool(consent and not persona.approved and may_preview(consent, role, now)),
        ready_to_read=bool(consent and may_preview(consent, role, now)),
        material=bool(counts),
        own_pause=(persona.state, persona.reason) == ("suspended", BY_SUBJECT),
        own=counts["own"],
        learnt=counts["learnt"],
        described=counts["described"],
        context=counts[""],
        withheld=0 if gone else len(await withholding.hashes(services.store, persona.name)),
        address=address or "" if role == "subject" else "",
        certificate=certificate,
    )


def may_preview(consent: Consent | None, role: str, now: datetime) -> bool:
    """Only the Subject and the Owner, and only under a consent; the facet that is asked about is any that is
    granted, as the page itself shows no other."""
    facets = ("work_knowledge", "decision_patterns", "communication_style", "name_avatar")
    return any(allow(consent, Ask("preview", now, facet=facet, role=role)).ok for facet in facets)


async def held(services: Services, persona: Persona, who: str, lang: str, after: int = 0) -> Items:
    """The Subject's own items from `after` on, in the order they came in. A page may be short of items where many
    in a row are words of others."""
    mine = await services.directory.identities(who or persona.subject)
    found: list[Item] = []
    looked = 0
    async for seq, passage in (await services.library.file(persona.name)).scan(after):
        looked += 1
        if shown(passage, mine):
            found.append(item(passage, lang, persona))
        if len(found) == PAGE or looked == LOOKED_AT:
            return Items(tuple(found), seq)
    return Items(tuple(found), 0)


async def every_answer(services: Services, persona: Persona, lang: str) -> list[Answer]:
    """The newest first. Words are kept for thirty days (bots/records.py)."""
    said = [each async for _, each in services.all(keys.OUTCOME, Outcome) if each.persona == persona.name]
    said.sort(key=lambda outcome: outcome.at, reverse=True)
    names = services.vault.pseudonyms(persona.name, [outcome.asker.key for outcome in said])
    return [_answer(outcome, name, lang) for outcome, name in zip(said, names, strict=True)]


async def answers(services: Services, persona: Persona, lang: str, page: int = 0) -> Answers:
    """A page of them, and how many there were before, by month: that there was an answer is known for as long as
    the audit log is."""
    told = await every_answer(services, persona, lang)
    earlier: Counter[str] = Counter()
    oldest = min((answer.at for answer in told), default=services.clock.now())
    async for entry in services.store.log():
        line = msgspec.json.decode(entry.body, type=Line)
        if line.persona == persona.name and line.action == "answered" and line.ts < oldest - timedelta(seconds=1):
            earlier[f"{line.ts:%Y-%m}"] += 1
    start = page * PAGE
    return Answers(tuple(told[start : start + PAGE]), len(told), tuple(sorted(earlier.items(), reverse=True)))


async def statements(services: Services, persona: Persona, role: str, who: str, lang: str) -> tuple[Statement, ...]:
    """What was distilled, as far as consent names its kind now and this reader may read what it rests on."""
    consent = await services.consent(persona.name)
    if not may_preview(consent, role, services.clock.now()):
        return ()
    file = await services.library.file(persona.name)
    portrait = granted(await FacetBook(file.sealed).portrait(), consent)
    cited = {citation.passage for facet in portrait.facets for citation in facet.citations}
    passages = {passage.id: passage for passage in await file.get(cited)}
    mine = await services.directory.identities(who or persona.subject)
    seen = visible(portrait, passages, (mine,), all_told=role == "subject")
    return tuple(Statement(facet.id, say(lang, ASPECTS[facet.aspect]), facet.topic, facet.text) for facet in seen)


async def preview(services: Services, persona: Persona, role: str, who: str, lang: str) -> str:
    """The persona's page, for the eyes of this one reader. Raises Refused CONSENT_PREVIEW, NOT_DISTILLED and what
    else consent has to say."""
    consent = await services.consent(persona.name)
    if not may_preview(consent, role, services.clock.now()):
        decision = allow(consent, Ask("preview", services.clock.now(), role=role))
        raise Refused(decision.code or "CONSENT_PREVIEW", "there is nothing that may be shown", decision.fix)
    mine = await services.directory.identities(who or persona.subject)
    return html(await look(services, persona, lang, readers=(mine,)))


async def receipts(services: Services, persona: str) -> tuple[Receipt, ...]:
    """One for each record, oldest first; also after the end."""
    chain = await services.consents.chain(persona)
    if chain is None:
        return ()
    now = services.clock.now()
    return tuple(
        signing.again(services, persona, each.raw, each.signature, chain.key_of(each), now)
        for each in chain.records
    )


def shown(passage: Passage, mine: frozenset[str]) -> bool:
    """Whether it is the Subject's to see: their own words, and what speaks for or of them where they could read
    it. Context that others said is not."""
    return passage.by_subject or (passage.quotable and may_read(passage.readers, (mine,)))


def about(passage: Passage) -> str:
    if passage.by_subject:
        return "own"
    return "described" if passage.described else "learnt" if passage.quotable else ""


def item(passage: Passage, lang: str, persona: Persona) -> Item:
    quote = cards.quote(passage, passage.text, lang, persona)
    return Item(
        id=passage.id,
        kind=passage.source,
        about=about(passage),
        place=quote.place,
        when=quote.when,
        text=passage.text,
        title=passage.title,
        url=passage.url if passage.url.startswith(("https://", "http://")) else "",
        author=quote.author,
        question=passage.question,
    )


async def _counts(services: Services, persona: Persona) -> Counter[str]:
    """How much there is of each; "" is context."""
    counts: Counter[str] = Counter()
    async for _, passage in (await services.library.file(persona.name)).scan():
        counts[about(passage)] += 1
    return counts


def _answer(outcome: Outcome, asker: str, lang: str) -> Answer:
    private = outcome.private or outcome.thread.direct
    place = say(lang, "subject_page.in_private") if private else (outcome.thread.chat_name or outcome.thread.chat)
    return Answer(
        at=outcome.at,
        kind=outcome.kind,
        asker=asker[:6],
        place=f"{outcome.thread.platform} · {place}",
        question="" if private else outcome.question,
        quotes=outcome.quotes if outcome.kind == "answered" else (),
    )
