"""From a persona to the files of its skill, as far as the consent lets it out."""

from __future__ import annotations

from msgspec import Struct, structs

from bots import exports
from bots.audit import line
from bots.portrait.audience import granted
from bots.services import Services
from bots.skills.making import made
from bots.skills.writing import Skill
from bots.withheld.words import ruled
from bots.wording import say
from persona_store import skill
from persona_store.consent import licensing
from persona_store.consent.policy import Ask, allow
from persona_store.consent.record import Consent
from persona_store.consented import covered
from persona_store.distill.book import FacetBook
from persona_store.distill.colleagues import Colleagues
from persona_store.distill.gaps import Gaps
from persona_store.distill.model import Gap, Portrait
from persona_store.distill.reading import episodes
from persona_store.errors import Refused
from persona_store.evidence import EvidenceFile
from persona_store.model import Passage, Persona
from persona_store.personas import thawed
from persona_store.protocols import Batch
from persona_store.withheld.book import WithheldBook


class Exported(Struct, frozen=True):
    """A folder's name, its files by path, and the digest of what they say."""

    folder: str
    files: dict[str, bytes]
    content: str
    statements: int


async def export_skill(services: Services, persona: Persona, *, recipient: str, lang: str, actor: str) -> Exported:
    """Raises Refused if the consent names no such recipient, or nothing was distilled yet."""
    thawed(persona)
    ask = Ask("export", services.clock.now(), recipient=recipient)
    consent = await services.consent(persona.name)
    decision = allow(consent, ask)
    if not decision.ok or consent is None:
        what = f"persona {persona.name!r} may not be given to {recipient[:80]!r}"
        raise Refused(decision.code, what, decision.fix)
    licensing.kept_there(consent, f"persona {persona.name!r}")
    file = await services.library.file(persona.name)
    portrait = await FacetBook(file.sealed).portrait()
    if not portrait.version:
        what = f"nothing was distilled of {persona.name!r} yet"
        raise Refused("NOT_DISTILLED", what, f"run `understudy persona distil {persona.name}` first")
    seen = await _seen(file, portrait, consent, ask)
    told = made(persona, portrait, seen.gaps, seen.passages, consent, seen.colleagues, lang)
    told = structs.replace(told, open=(*await _kept_back(file, persona, lang), *told.open))
    files = Skill(told, _terms(consent, recipient, lang)).files()
    content = skill.digest(told)
    audited = line(services, persona.name, "exported", actor, code="skill", refs=(recipient, content))
    note = exports.note(services, persona.name, "skill", recipient)
    await services.store.commit(Batch(puts=(note,), log=(audited,)))
    return Exported(told.name, files, content, len(told.statements))


class _Seen(Struct, frozen=True):
    """What is needed of the material: what is cited, what is open, and who else is in it."""

    passages: dict[str, Passage]
    gaps: list[Gap]
    colleagues: Colleagues


async def _seen(file: EvidenceFile, portrait: Portrait, consent: Consent, ask: Ask) -> _Seen:
    """Others' words make gaps and pseudonyms here, and leave in neither."""
    colleagues, gaps = Colleagues(file.sealed.mac(b"pseudonyms of colleagues")), Gaps()
    reading = structs.replace(ask, action="distil", recipient="")
    async for episode in episodes(file):
        colleagues.see(episode)
        gaps.see(tuple(passage for passage in episode if covered(consent, passage, reading)))
    found = gaps.gaps(granted(portrait, consent).facets, ask.now)
    named = {citation.passage for facet in portrait.facets for citation in facet.citations}
    named |= {id for gap in found for id in gap.passages}
    wanted = await file.get(named)
    cited = {passage.id: passage for passage in wanted if covered(consent, passage, ask)}
    open_ones = {passage.id for passage in wanted if covered(consent, passage, reading) and passage.readers is None}
    return _Seen(cited, [gap for gap in found if set(gap.passages) <= open_ones], colleagues)


async def _kept_back(file: EvidenceFile, persona: Persona, lang: str) -> tuple[str, ...]:
    """Said openly, in one line: whoever reads the skill asks a human there instead of taking a gap for all."""
    book = WithheldBook(file.sealed)
    rule = await book.rule()
    if not await book.counts():
        return ()
    what = ", ".join(ruled(rule, lang)) if rule.told and rule.levels else say(lang, "withhold.some")
    return (say(lang, "withhold.in_skill", name=persona.display_name, what=what),)


def _terms(consent: Consent, recipient: str, lang: str) -> str:
    return say(lang, "skill.terms", recipient=recipient, record=consent.record_id, end=consent.last_day.isoformat())
