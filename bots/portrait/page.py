"""A portrait → the page its readers may see, as data in the order in which it is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec import structs

from bots import cards
from bots.portrait.audience import granted, open_to, visible
from bots.portrait.entries import LONGEST_TOPIC, Desk, anchor
from bots.portrait.model import Aigc, Changes, Chapter, Entry, Fact, Open, Page, Section
from bots.portrait.words import ASPECTS, BY, GAPS, day, gap_topic, listed, number, one_line, source
from bots.wording import say
from persona_store.consent.draft import USUAL
from persona_store.consent.record import Consent
from persona_store.consent.record import Facet as FacetKind
from persona_store.distill.colleagues import Colleagues
from persona_store.distill.coverage import MOST_PEOPLE, Coverage
from persona_store.distill.difference import Difference, difference
from persona_store.distill.model import ASPECTS as ALL
from persona_store.distill.model import KIND_OF, Aspect, Facet, Gap, Portrait, Status
from persona_store.model import Passage, Persona, Readers

CHAPTERS: tuple[tuple[FacetKind, str, str], ...] = (
    ("work_knowledge", "portrait.work", "portrait.work_lead"),
    ("decision_patterns", "portrait.deciding", "portrait.deciding_lead"),
    ("communication_style", "portrait.style", "portrait.style_lead"),
)
STATES = {
    "draft": "state.draft",
    "requested": "state.requested",
    "cooling": "state.cooling",
    "assessed": "state.assessed",
    "live": "state.live",
    "suspended": "state.suspended",
    "restricted": "state.restricted",
    "deceased": "state.deceased",
    "erasing": "state.erasing",
    "erased": "state.erased",
}
_RANK: Mapping[Status, int] = {"standing": 0, "single": 0, "conflicting": 0, "stale": 1, "superseded": 2}


def page(
    persona: Persona,
    portrait: Portrait,
    previous: Portrait | None,
    coverage: Coverage,
    gaps: Sequence[Gap],
    passages: Mapping[str, Passage],
    consent: Consent | None,
    lang: str,
    readers: Readers = None,
    *,
    colleagues: Colleagues | None = None,
    names: Mapping[str, str] | None = None,
    withheld: int = 0,
    produce_id: str = "",
) -> Page:
    """`passages` are those that facets and gaps name, by id; what is not among them is not shown. `coverage` has to
    be found for the same readers, and `colleagues` with it (CoverageFinder.colleagues): who is to stand under a
    pseudonym; without them, whoever wrote one of the passages and whoever is mentioned. `names` are those of Owner
    and Deputy by person key, `withheld` is how many items the Subject kept back, `produce_id` is the
    audit log's leaf of this making."""
    if colleagues is None:
        colleagues = Colleagues(persona.name.encode())
        colleagues.see(passages.values())
    agreed = granted(portrait, consent)
    facets = visible(agreed, passages, readers, all_told=coverage.told == coverage.own)
    coverage = _agreed(coverage, consent)
    known = open_to(gaps, passages, readers) if consent else ()
    hidden = len(agreed.facets) - len(facets) + len(gaps) - len(known)
    changed = difference(granted(previous, consent), agreed) if previous else None
    desk = Desk(persona, {facet.id: facet for facet in facets}, passages, changed, colleagues, lang)
    people = _People(persona, names or {}, lang)
    chapters = tuple(_chapters(facets, desk, lang))
    return Page(
        lang=lang,
        title=one_line(persona.display_name, LONGEST_TOPIC) or persona.name,
        label=one_line(cards.label(persona, lang), 2 * LONGEST_TOPIC),
        aigc=_aigc(consent, produce_id or f"{persona.name}/{portrait.version}"),
        facts=tuple(_facts(persona, portrait, facets, consent, people, lang)),
        changes=_changes(facets, previous, changed, desk, lang),
        glance=tuple(_glance(coverage, readers, lang)),
        numbers=tuple(_numbers(facets, coverage, known, lang)),
        coverage=coverage,
        missing=tuple(_missing(chapters, consent, lang)),
        chapters=chapters,
        gaps=tuple(
            Open(one_line(colleagues.hidden(gap_topic(gap, lang)), LONGEST_TOPIC), say(lang, GAPS[gap.reason]))
            for gap in sorted(known, key=lambda gap: (-gap.weight, gap.topic))
        ),
        gaps_lead=say(lang, "portrait.gaps_lead", who=people.answering),
        kept=tuple(_kept(hidden, consent, withheld, readers, lang)),
        made=tuple(_made(facets, coverage, consent, lang)),
    )


def _agreed(coverage: Coverage, consent: Consent | None) -> Coverage:
    """Nothing without a consent; what the material is about, where the consent names what they know of the work."""
    if consent is None:
        return Coverage()
    return coverage if consent.facets.work_knowledge else structs.replace(coverage, topics=())


class _People:
    """Who answers, as they are called here."""

    def __init__(self, persona: Persona, names: Mapping[str, str], lang: str) -> None:
        self.owner, self.deputy = (
            one_line(names.get(key, "") or key.partition(":")[2], 60) for key in (persona.owner, persona.deputy)
        )
        alone = self.owner or say(lang, "portrait.nobody")
        both = say(lang, "portrait.owner_or_deputy", owner=self.owner, deputy=self.deputy)
        self.answering = both if self.owner and self.deputy else alone


def _facts(
    persona: Persona,
    portrait: Portrait,
    facets: Sequence[Facet],
    consent: Consent | None,
    people: _People,
    lang: str,
) -> list[Fact]:
    told = [
        ("portrait.state", say(lang, STATES[persona.state]) if persona.state in STATES else persona.state),
        ("portrait.answers_for", people.answering),
        ("portrait.consent", say(lang, "portrait.no_consent")),
    ]
    if consent is not None:
        uses = [say(lang, "portrait.usual") if use == USUAL else one_line(use, 300) for use in consent.uses]
        told[-1] = ("portrait.consent", say(lang, "portrait.until", last=day(consent.last_day, lang)))
        told.append(("portrait.used_for", listed(uses, lang)))
    told += [("portrait.called", one_line(facet.text, 80)) for facet in facets if facet.aspect == "name"]
    if any(facet.aspect == "avatar" for facet in facets):
        told.append(("portrait.avatar", say(lang, "portrait.avatar_kept")))
    made = say(lang, "portrait.version_of", version=portrait.version, made=day(portrait.made_at, lang))
    told.append(("portrait.version", made))
    return [Fact(say(lang, key), value) for key, value in told if value]


def _changes(
    facets: Sequence[Facet], previous: Portrait | None, changed: Difference | None, desk: Desk, lang: str
) -> Changes:
    if previous is None or changed is None:
        return Changes(say(lang, "portrait.first_version"))
    new = [facet for facet in facets if facet.id in desk.new]
    other = [facet for facet in facets if facet.id in desk.changed]
    gone = len(changed.gone)  # how many and no more: what was struck must not come back by being told (T04)
    if not (new or other or gone):
        return Changes(say(lang, "portrait.unchanged", version=previous.version))
    told = say(
        lang,
        "portrait.changed",
        version=previous.version,
        new=len(new),
        changed=len(other),
        gone=gone,
    )
    new_ones, others = (tuple(Fact(desk.topic(each), anchor(each.id)) for each in group) for group in (new, other))
    return Changes(told, new_ones, others)


def _glance(coverage: Coverage, readers: Readers, lang: str) -> list[str]:
    if not coverage.told or coverage.first is None or coverage.last is None:
        return [say(lang, "portrait.no_material")]
    told = [
        say(
            lang,
            "portrait.material",
            count=number(coverage.told),
            first=day(coverage.first, lang),
            last=day(coverage.last, lang),
        )
    ]
    if coverage.restricted:
        key = "portrait.restricted" if readers is None else "portrait.restricted_shown"
        told.append(say(lang, key, share=_share(coverage.restricted, coverage.own)))
    return told


def _numbers(facets: Sequence[Facet], coverage: Coverage, gaps: Sequence[Gap], lang: str) -> list[Fact]:
    said = sum(facet.kind in ("work_knowledge", "decision_patterns") for facet in facets)
    counted = (
        (said, "portrait.number_statements", "portrait.number_statement"),
        (coverage.told, "portrait.number_own", "portrait.number_own_one"),
        (coverage.helped, "portrait.number_helped", "portrait.number_helped_one"),
        (len(gaps), "portrait.number_gaps", "portrait.number_gap"),
    )
    facts = [Fact(say(lang, one if count == 1 else several), number(count)) for count, several, one in counted]
    if coverage.helped >= MOST_PEOPLE:
        facts[2] = Fact(facts[2].name, f"{facts[2].value}+")
    return facts


def _missing(chapters: Sequence[Chapter], consent: Consent | None, lang: str) -> list[str]:
    """What has no heading, in one sentence each: not agreed to, or agreed to and not found."""
    if consent is None:
        return []
    there = {section.key for chapter in chapters for section in chapter.sections}
    told = []
    agreed = [kind for kind, _, _ in CHAPTERS if getattr(consent.facets, kind)]
    if refused := [say(lang, title) for kind, title, _ in CHAPTERS if kind not in agreed]:
        told.append(say(lang, "portrait.not_agreed", what=" · ".join(refused)))
    absent = [
        say(lang, key) for aspect, key in ASPECTS.items() if KIND_OF[aspect] in agreed and aspect not in there
    ]
    if absent and there:
        told.append(say(lang, "portrait.not_found", what=" · ".join(absent)))
    return told


def _chapters(facets: Sequence[Facet], desk: Desk, lang: str) -> list[Chapter]:
    chapters = []
    for kind, title, lead in CHAPTERS:
        groups = ((aspect, [each for each in facets if each.aspect == aspect]) for aspect in _ordered(kind))
        sections = tuple(_section(aspect, group, desk, lang) for aspect, group in groups if group)
        sections = tuple(section for section in sections if section.entries or section.past)
        if sections:
            chapters.append(Chapter(kind, say(lang, title), say(lang, lead), sections))
    return chapters


def _ordered(kind: FacetKind) -> list[Aspect]:
    return sorted(ALL[kind], key=list(ASPECTS).index)


def _section(aspect: Aspect, facets: Sequence[Facet], desk: Desk, lang: str) -> Section:
    """What holds, the newest first, then what is old; what was superseded stands apart."""
    ordered = sorted(facets, key=lambda each: (_RANK[each.status], -each.last.timestamp(), each.topic, each.id))
    entries: list[Entry] = [desk.entry(each) for each in ordered if each.status != "superseded"]
    if KIND_OF[aspect] == "communication_style":
        entries = [entry for entry in entries if entry.lines]  # numbers too small for a sentence
    past = [desk.entry(each) for each in ordered if each.status == "superseded"]
    return Section(aspect, say(lang, ASPECTS[aspect]), tuple(entries), tuple(past))


def _kept(hidden: int, consent: Consent | None, withheld: int, readers: Readers, lang: str) -> list[str]:
    """Counts and nothing else: what is kept back must not be told by saying what it is."""
    told = [say(lang, "portrait.withheld", count=withheld) if withheld else say(lang, "portrait.nothing_withheld")]
    excluded = consent.scope.excluded if consent else None
    if excluded and (rules := len(excluded.containers) + len(excluded.keywords) + len(excluded.people)):
        told.append(say(lang, "portrait.excluded", count=rules))
    if hidden:
        told.append(say(lang, "portrait.hidden", count=hidden))
    told.append(say(lang, "portrait.for_team" if readers is None else "portrait.for_few"))
    return told


def _made(facets: Sequence[Facet], coverage: Coverage, consent: Consent | None, lang: str) -> list[str]:
    told = []
    if coverage.sources:
        kinds = [
            say(lang, "portrait.source", kind=source(kind, lang), count=number(count))
            for kind, count in coverage.sources.items()
        ]
        told.append(say(lang, "portrait.made_of", sources=listed(kinds, lang)))
    ways = Counter(facet.by for facet in facets)
    if ways:
        said = [say(lang, BY[way], count=number(ways[way])) for way in BY if ways[way]]
        told.append(say(lang, "portrait.made_how", ways=listed(said, lang)))
        told.append(say(lang, "portrait.with_model" if ways["model"] else "portrait.without_model"))
    if consent is not None and consent.recipients:
        given = [f"{one_line(each.name, 80)} ({one_line(each.region, 20)})" for each in consent.recipients]
        told.append(say(lang, "portrait.given_to", who=listed(given, lang)))
    told.append(say(lang, "portrait.promise"))
    return told


def _aigc(consent: Consent | None, id: str) -> Aigc:
    """The provider is who answers for the installation: the first controller in the consent."""
    party = one_line(consent.pii_controllers[0].party, 200) if consent and consent.pii_controllers else "understudy"
    return Aigc(content_producer=party, produce_id=id, content_propagator=party, propagate_id=id)


def _share(part: int, whole: int) -> str:
    """In per cent, without the sign; little is not nothing."""
    share = 100 * part / whole
    return f"{share:.1f}" if 0 < share < 1 else str(round(share))
