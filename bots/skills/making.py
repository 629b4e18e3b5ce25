"""What of a persona goes into a skill: what the whole team may read and consent lets out, others under pseudonyms.

A folder of text files goes wherever somebody copies it, so nothing is in it that only some may read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from msgspec import structs

from bots import cards
from bots.portrait.audience import granted, visible
from bots.portrait.words import gap_topic, one_line
from persona_store import skill
from persona_store.consent.record import Consent
from persona_store.distill.colleagues import Colleagues
from persona_store.distill.model import Facet, Gap, Portrait, facet_id
from persona_store.model import Passage, Persona
from persona_store.skill import SkillPortrait

MOST_OPEN = 12  # gaps that are told


def made(
    persona: Persona,
    portrait: Portrait,
    gaps: Sequence[Gap],
    passages: Mapping[str, Passage],
    consent: Consent | None,
    colleagues: Colleagues,
    lang: str,
) -> SkillPortrait:
    """`passages` are those that facets name; what is not among them is not shown. `gaps` are those everybody may be
    told."""
    shown = visible(granted(portrait, consent), passages, None, all_told=False)
    hidden = [facet if _hidden_before(facet, passages) else _hidden(facet, colleagues) for facet in shown]
    ids = {before.id: after.id for before, after in zip(shown, hidden, strict=True)}
    hidden = [
        structs.replace(each, conflicts=tuple(ids[id] for id in each.conflicts if id in ids)) for each in hidden
    ]
    cited = {each.passage for facet in hidden for each in facet.citations}
    places = {id: _place(passages[id], persona, lang) for id in cited if id in passages}
    return SkillPortrait(
        format=skill.FORMAT,
        name=folder(persona),
        display_name=one_line(persona.display_name, 200),
        language=lang,
        open=tuple(one_line(colleagues.hidden(gap_topic(gap, lang)), 200) for gap in gaps[:MOST_OPEN]),
        statements=skill.statements(hidden, {id: passages[id] for id in places}, places),
    )


def folder(persona: Persona) -> str:
    """The skill's name and its folder's, which have to be the same: as AgentSkills want it."""
    return re.sub("-+", "-", persona.name).strip("-")


def _hidden_before(facet: Facet, passages: Mapping[str, Passage]) -> bool:
    """What came in a skill has its pseudonyms already; a second one would only tear them apart."""
    return all(passages[each.passage].source == skill.SOURCE for each in facet.citations)


def _hidden(facet: Facet, colleagues: Colleagues) -> Facet:
    """The name facet is the Subject's own and stays. The id goes with the words: it is a hash of them without a
    key, and of those with the name in them it would tell whoever tries names which is the right one."""
    if facet.kind == "name_avatar":
        return facet
    told = structs.replace(
        facet,
        topic=colleagues.hidden(facet.topic),
        text=colleagues.hidden(facet.text),
        citations=tuple(structs.replace(each, quote=colleagues.hidden(each.quote)) for each in facet.citations),
    )
    if told == facet:
        return facet
    anchor = (part for each in told.citations for part in (each.passage, each.quote))
    return structs.replace(told, id=facet_id(facet.aspect, told.text, *anchor))


def _place(passage: Passage, persona: Persona, lang: str) -> str:
    """What came from a skill keeps what it was called there."""
    if passage.source == skill.SOURCE and not passage.title:
        return passage.container_name
    return one_line(cards.quote(passage, "", lang, persona).place, 200)
