"""The pack: what of a persona goes to the organisation its Subject licensed it to, and the count of what does not.

Both records have to allow each passage: the employer's, under which it is kept here, and the licence, under which
it goes there. Facets are drawn anew from what goes along, so that none carries a number or a word of anything
else; what the Subject struck is not drawn again there either.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from msgspec import Struct, structs

from bots import exports
from bots.assessment.keeping import papers_of
from bots.audit import line
from bots.licensed import records
from bots.licensed.drawing import Drawing
from bots.services import Services
from bots.withheld.keeping import held_to_rule
from persona_store import bundle
from persona_store.bundle import Sealed
from persona_store.consent.book import Chain, holding
from persona_store.consent.policy import FIXES, Ask, allow
from persona_store.consent.record import Consent
from persona_store.consented import origin_of
from persona_store.distill.book import FacetBook
from persona_store.distill.colleagues import Colleagues
from persona_store.distill.reading import episodes
from persona_store.errors import Refused
from persona_store.licensed import canary
from persona_store.licensed.passages import Moved
from persona_store.model import Passage, Persona
from persona_store.papers import asked as asked_for
from persona_store.personas import approved, thawed
from persona_store.protocols import Batch
from persona_store.withheld.book import WithheldBook

PURPOSE = "licensed packs"  # of the installation's key, from which the seeds come
LONGEST = 90  # days in which a pack may be taken in; the persona itself lives by its record


class Packed(Struct, frozen=True):
    """`left`: how many passages stayed, by the code of what kept them."""

    sealed: Sealed
    pack: str
    organisation: str
    phrase: str
    release: str
    expires: datetime
    passages: int
    facets: int
    left: dict[str, int]


async def pack(
    services: Services, persona: Persona, org: str, *, to: str, release: str, days: int, actor: str
) -> Packed:
    """The persona for who has the key of `to`. `release` is the hash of the controller's paper, "" if there is
    none. Raises Refused LICENCE_MISSING, NOT_APPROVED, PACK_EMPTY, USAGE, or the code of the record that does not
    allow it."""
    thawed(persona)
    if not 1 <= days <= LONGEST:
        raise Refused("USAGE", f"--valid {days} is out of range", f"1 to {LONGEST} days")
    now = services.clock.now()
    guard = (  # before what it guards is read
        await services.consents.key(persona.name),
        await records.book(services, persona.name).key(records.name(org)),
    )
    chain = await records.of(services, persona.name, org)
    if chain is None:
        what = f"the subject of {persona.name!r} signed no licence for {org!r}"
        raise Refused("LICENCE_MISSING", what, f"`understudy consent licence {persona.name} --org {org} …`")
    record = holding(chain, now)
    ask = Ask("license", now, recipient=org, released=bool(release))
    own = await services.consent(persona.name)
    for consent, asked in ((own, Ask("retrieve", now)), (record, ask)):
        if not (decision := allow(consent, asked)).ok:
            what = f"persona {persona.name!r} may not be packed for {org!r}"
            raise Refused(decision.code, what, decision.fix)
    if own is not None and asked_for(persona, own, await papers_of(services, persona, own)):
        approved(persona)  # nobody asks them again where it goes (persona_store/papers.py)
    number = uuid.uuid4().hex
    terms = bundle.Licensed(
        organisation=org,
        pack=number,
        record=records.digest_of(chain, record),
        release=release,
        expires=min(now + timedelta(days=days), record.ends_at).replace(microsecond=0),
    )
    packing = _Packing(services, persona, own, record, chain, terms, ask)
    sealed = await bundle.seal(packing.lines(), to=to, private=services.vault.signing_key("bundles"), now=now)
    if not packing.passages:
        counted = ", ".join(f"{code} {count}" for code, count in sorted(packing.left.items())) or "there is nothing"
        raise Refused("PACK_EMPTY", f"nothing of {persona.name!r} may go: {counted}", _way_out(packing.left))
    noted = _noted(services, persona, record, terms, sealed, actor)
    await services.store.commit(noted.plus(Batch(unchanged=guard)))  # neither was taken back meanwhile
    return Packed(
        sealed=sealed,
        pack=number,
        organisation=org,
        phrase=packing.phrase,
        release=release,
        expires=terms.expires,
        passages=packing.passages,
        facets=packing.facets,
        left=dict(packing.left),
    )


def seed_of(services: Services, persona: str, org: str, number: str = "") -> str:
    """Of a pack, or of all that this organisation is given of the persona: made again from the log whenever
    somebody asks whose copy a text is (tracing.py)."""
    return services.vault.stand_in(PURPOSE, f"{persona}\0{org}\0{number}")


def _noted(
    services: Services,
    persona: Persona,
    record: Consent,
    terms: bundle.Licensed,
    sealed: Sealed,
    actor: str,
) -> Batch:
    """In the log: which pack went to whom, and by which paper of the controller's, by its hash."""

    def told(action: str, code: str, *refs: str) -> bytes:
        org, id = terms.organisation, record.record_id
        return line(services, persona.name, action, actor, record_id=id, decision=org, code=code, refs=refs)

    log = [told("licensed", terms.pack, sealed.content)]
    if terms.release:
        log.append(told("licence.released", terms.release))
    note = exports.note(services, persona.name, exports.LICENSED, terms.organisation)
    return Batch(puts=(note,), log=tuple(log))


class _Packing:
    """The lines of one pack, and what is counted while they are written."""

    def __init__(
        self,
        services: Services,
        persona: Persona,
        own: Consent | None,
        record: Consent,
        chain: Chain,
        terms: bundle.Licensed,
        ask: Ask,
    ) -> None:
        self._s = services
        self._persona = persona
        self._own = own
        self._record = record
        self._chain = chain
        self._terms = terms
        self._ask = ask
        org, number = terms.organisation, terms.pack
        self._tag = canary.tag(seed_of(services, persona.name, org))
        self.phrase = canary.phrase(seed_of(services, persona.name, org, number), record.language)
        self.passages = 0
        self.facets = 0
        self.left: Counter[str] = Counter()

    async def lines(self) -> AsyncIterator[bundle.Line]:
        persona, now = self._persona, self._ask.now
        file = await self._s.library.file(persona.name)
        org = self._terms.organisation.encode()
        ids, people = file.sealed.mac(b"licensed ids " + org), file.sealed.mac(b"licensed pseudonyms " + org)
        colleagues = Colleagues(people)
        async for episode in episodes(file):
            colleagues.see(episode)  # who speaks in the chats is known, so that nobody is named who did
        moved = Moved(self._record, colleagues, name=persona.display_name, key=ids, tag=self._tag)
        aliases = persona.aliases if self._record.facets.name_avatar else ()
        yield bundle.Head(bundle.LICENSED, persona.name, persona.display_name, "", aliases, self._chain.public_key)
        yield self._terms
        for record in self._chain.records:
            yield bundle.Consented(record)
        if (rule := await WithheldBook(file.sealed).rule()).levels:
            yield bundle.Ruled(rule)
        drawing = Drawing(self._record, now, moved, key=people, struck=await FacetBook(file.sealed).struck())
        async for episode in episodes(file):
            going = [passage for passage in episode if self._goes(passage)]
            told = [moved.passage(passage) for passage in going]
            drawing.see(going, told)
            for passage in told:
                self.passages += 1
                yield bundle.Told(passage)
                if self.passages == 1:
                    yield bundle.Told(canary.passage(self.phrase, self._tag, passage.at))
        facets, struck = await drawing.drawn()
        for hash in sorted(struck):
            yield bundle.Struck(hash)
        for facet in await held_to_rule(self._s, persona, facets):
            self.facets += 1
            yield bundle.Distilled(facet)

    def _goes(self, passage: Passage) -> bool:
        """What stays is counted by the first thing that keeps it."""
        for consent, ask in ((self._record, self._ask), (self._own, Ask("retrieve", self._ask.now))):
            decision = allow(consent, structs.replace(ask, origin=origin_of(passage), facet=passage.facet))
            if not decision.ok:
                self.left[decision.code] += 1
                return False
        return True


def _way_out(left: Counter[str]) -> str:
    return FIXES.get(max(left, key=lambda code: left[code]), "") if left else "import what the licence covers first"
