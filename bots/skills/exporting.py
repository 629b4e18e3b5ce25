"""From a persona to the files of its skill, as far as the consent lets it out."""

from __future__ import annotations

from msgspec import Struct

from bots.audit import line
from bots.services import Services
from bots.skills.making import made
from bots.skills.writing import Skill
from bots.wording import say
from persona_store import skill
from persona_store.consent.policy import Ask, allow
from persona_store.consent.record import Consent
from persona_store.consented import covered
from persona_store.distill.book import FacetBook
from persona_store.distill.colleagues import Colleagues
from persona_store.errors import Refused
from persona_store.model import Passage, Persona
from persona_store.protocols import Batch


class Exported(Struct, frozen=True):
    """A folder's name, its files by path, and the digest of what they say."""

    folder: str
    files: dict[str, bytes]
    content: str
    statements: int


async def export_skill(services: Services, persona: Persona, *, recipient: str, lang: str, actor: str) -> Exported:
    """Raises Refused if the consent names no such recipient, or nothing was distilled yet."""
    ask = Ask("export", services.clock.now(), recipient=recipient)
    consent = await services.consent(persona.name)
    decision = allow(consent, ask)
    if not decision.ok or consent is None:
        what = f"persona {persona.name!r} may not be given to {recipient[:80]!r}"
        raise Refused(decision.code, what, decision.fix)
    file = await services.library.file(persona.name)
    portrait = await FacetBook(file.sealed).portrait()
    if not portrait.version:
        what = f"nothing was distilled of {persona.name!r} yet"
        raise Refused("NOT_DISTILLED", what, f"run `understudy persona distil {persona.name}` first")
    cited = {citation.passage for facet in portrait.facets for citation in facet.citations}
    passages: dict[str, Passage] = {}
    colleagues = Colleagues(file.sealed.mac(b"pseudonyms of colleagues"))
    async for _, passage in file.scan():
        colleagues.see((passage,))
        if passage.id in cited and covered(consent, passage, ask):
            passages[passage.id] = passage
    told = made(persona, portrait, (), passages, consent, colleagues, lang)
    files = Skill(told, _terms(consent, recipient, lang)).files()
    content = skill.digest(told)
    audited = line(services, persona.name, "exported", actor, code="skill", refs=(recipient, content))
    await services.store.commit(Batch(log=(audited,)))
    return Exported(told.name, files, content, len(told.statements))


def _terms(consent: Consent, recipient: str, lang: str) -> str:
    return say(lang, "skill.terms", recipient=recipient, record=consent.record_id, end=consent.last_day.isoformat())
