"""A persona to another installation and from one: what goes along, what is looked at before anything is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator

from msgspec import Struct, structs

from bots import exports, informing
from bots.audit import line
from bots.services import Services
from persona_store import bundle, jws, names, withholding
from persona_store.bundle import Bundle, Sealed
from persona_store.consent import licensing
from persona_store.consent.book import Chain, holding
from persona_store.consent.policy import Ask, allow
from persona_store.consent.record import Consent
from persona_store.consented import covered
from persona_store.distill.book import FacetBook
from persona_store.distill.distil import granted
from persona_store.distill.model import Facet
from persona_store.errors import Refused
from persona_store.model import Passage, Persona
from persona_store.personas import thawed
from persona_store.protocols import Batch, Put
from persona_store.withheld.book import WithheldBook

TOGETHER = 1000  # passages written in one transaction


SIGNS = "ed25519:"  # before a key's thumbprint, which may begin with a dash, as only an option should


def signs_with(services: Services) -> str:
    """The key that bundles from here are signed with, as people pass it on."""
    return SIGNS + jws.key_id(jws.public_bytes(services.vault.signing_key("bundles")))


class Taken(Struct, frozen=True):
    """What was taken out of a bundle, and how much was left: CONSENT does not cover it, or a FACET that rests on
    nothing that was taken."""

    persona: Persona
    passages: int
    facets: int
    left: dict[str, int]


async def seal_bundle(services: Services, persona: Persona, *, to: str, recipient: str, actor: str) -> Sealed:
    """The persona as a file for who has the key of `to`; `recipient` is what the consent calls them. Raises Refused
    if it names no such recipient."""
    thawed(persona)
    now = services.clock.now()
    consent = await services.consent(persona.name)
    ask = Ask("export", now, recipient=recipient)
    decision = allow(consent, ask)
    if not decision.ok:
        what = f"persona {persona.name!r} may not be given to {recipient[:80]!r}"
        raise Refused(decision.code, what, decision.fix)
    licensing.kept_there(consent, f"persona {persona.name!r}")
    private = services.vault.signing_key("bundles")
    lines = _lines(services, persona, consent, ask)
    sealed = await bundle.seal(lines, to=to, private=private, now=now)
    audited = line(services, persona.name, "exported", actor, code="bundle", refs=(recipient, to, sealed.content))
    note = exports.note(services, persona.name, "bundle", recipient)
    await services.store.commit(Batch(puts=(note,), log=(audited,)))
    return sealed


async def _lines(
    services: Services, persona: Persona, consent: Consent | None, ask: Ask
) -> AsyncIterator[bundle.Line]:
    """Of passages, what consent lets out: the Subject's own words, the Owner's, and descriptions; never what others
    said around them, nor what an asker wrote to the Owner. Of facets, what rests on nothing else: consent may have
    been narrowed since they were distilled."""
    chain = await services.consents.chain(persona.name)
    if chain is None or consent is None:  # asked before; here for whoever calls it otherwise
        raise Refused("CONSENT_MISSING", f"{persona.name!r} has no consent", "the subject signs one")
    yield bundle.Head(
        bundle.FORMAT, persona.name, persona.display_name, persona.subject, persona.aliases, chain.public_key
    )
    for record in chain.records:
        yield bundle.Consented(record)
    for hash in sorted(await withholding.hashes(services.store, persona.name)):
        yield bundle.Withheld(hash)
    file = await services.library.file(persona.name)
    if (rule := await WithheldBook(file.sealed).rule()).levels:
        yield bundle.Ruled(rule)
    book = FacetBook(file.sealed)
    for hash in sorted(await book.struck()):
        yield bundle.Struck(hash)
    facets = (await book.portrait()).facets
    cited = {citation.passage for facet in facets for citation in facet.citations}
    told: set[str] = set()
    async for _, passage in file.scan():
        if covered(consent, passage, ask):
            told |= {passage.id} & cited
            yield bundle.Told(structs.replace(passage, question="") if passage.source == "correction" else passage)
    for facet in sorted(facets, key=lambda facet: facet.id):
        carried = all(citation.passage in told for citation in facet.citations)
        if carried and allow(consent, structs.replace(ask, facet=facet.kind)).ok:
            yield bundle.Distilled(facet)


async def take_bundle(services: Services, opened: Bundle, draft: Persona, actor: str) -> Taken:
    """A new persona: `draft` says what is this installation's own to say, its name, owner and chats; the rest is
    the bundle's. Cut off, it can be taken again. Raises Refused PERSONA_EXISTS, or the consent's code."""
    now = services.clock.now()
    head, name = opened.head, names.checked(draft.name)
    chain = _chain(opened)
    consent = holding(chain, now)
    persona = structs.replace(
        draft, display_name=head.display_name or name, subject=head.subject, aliases=head.aliases
    )
    created = await services.personas.create(persona)
    consented = await services.consents.add_chain(name, chain)
    # What a try that was cut off left there is nobody's yet, and may have been somebody else's.
    await services.library.forget(name)
    services.vault.shred(name)
    services.vault.create_key(name)
    # The passages first: without the persona nobody reads them, and with it they have to be there.
    passages, facets, withheld, left = await _take(services, opened, name, consent, Ask("import", now))
    audited = line(services, name, "imported", actor, code="bundle", refs=(opened.signer, opened.statement.content))
    told = informing.build(services, name, passages=passages, versions=1 if facets else 0)
    kept = Batch(puts=withheld, log=(audited,))
    await services.store.commit(created.plus(consented).plus(kept).plus(told))
    return Taken(persona, passages, facets, dict(left))


def _chain(opened: Bundle) -> Chain:
    records = tuple(each.record for each in opened.lines() if isinstance(each, bundle.Consented))
    return Chain(opened.head.consent_key, records)


async def _take(
    services: Services, opened: Bundle, name: str, consent: Consent, ask: Ask
) -> tuple[int, int, tuple[Put, ...], Counter[str]]:
    file = await services.library.file(name)
    kinds = granted(consent, ask.now)
    waiting: list[Passage] = []
    facets: list[Facet] = []
    withheld: list[str] = []
    struck: list[str] = []
    left: Counter[str] = Counter()
    for each in opened.lines():
        if isinstance(each, bundle.Withheld):
            withheld.append(each.hash)
        elif isinstance(each, bundle.Struck):
            struck.append(each.hash)
        elif isinstance(each, bundle.Ruled):
            await WithheldBook(file.sealed).choose(each.rule)
        elif isinstance(each, bundle.Distilled):
            facets.append(each.facet)
        elif isinstance(each, bundle.Told):
            if not covered(consent, each.passage, ask):
                left["CONSENT"] += 1
            else:
                waiting.append(each.passage)
        if len(waiting) >= TOGETHER:
            await file.add(waiting)
            waiting = []
    await file.add(waiting)
    cited = {citation.passage for facet in facets for citation in facet.citations}
    there = {passage.id for passage in await file.get(cited)}
    kept = [f for f in facets if f.kind in kinds and all(citation.passage in there for citation in f.citations)]
    left["FACET"] += len(facets) - len(kept)
    book = FacetBook(file.sealed)
    await book.keep_struck(struck)
    if kept:
        await book.keep(kept, ask.now)
    puts = tuple(Put(withholding.prefix(name) + hash, b"") for hash in withheld)
    return await file.count(), len(kept), puts, +left
