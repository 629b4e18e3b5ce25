"""Reads the live configuration of a persona: record, settings, people, and what is held."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from importlib.metadata import version

from bots import distilling, exports
from bots.assessment.configuration import Configuration, Container, Held
from bots.assessment.footprint import footprint
from bots.assessment.keeping import papers_of
from bots.services import Services
from bots.subject.passes import reachable
from bots.withheld import keeping
from persona_store.consent import notice
from persona_store.errors import Refused
from persona_store.model import GONE, Persona
from persona_store.papers import needs


async def configuration(services: Services, persona: Persona) -> Configuration:
    """Raises Refused RETIRED, and NO_CONSENT where nothing was agreed to that could be assessed."""
    if persona.state in GONE:
        raise Refused("RETIRED", f"persona {persona.name!r} is retired", "there is nothing left to assess")
    consent = await services.consents.current(persona.name)
    if consent is None:
        raise Refused(
            "NO_CONSENT",
            f"persona {persona.name!r} has no consent, and an assessment is about one",
            f"the subject signs first: `understudy consent sign {persona.name} …`, or `consent request`",
        )
    papers = await papers_of(services, persona, consent)
    return Configuration(
        persona=persona,
        consent=consent,
        records=len(await services.consents.history(persona.name)),
        notice_current=consent.privacy_notice.sha256 == notice.sha256(consent.language),
        page_reached=reachable(services),
        held=await held(services, persona),
        installation=services.installation,
        needs=needs(persona, consent, papers),
        reach=footprint(persona, consent, services.installation),
        version=version("understudy"),
        at=services.clock.now().replace(microsecond=0),
    )


async def held(services: Services, persona: Persona) -> Held:
    """One walk over the passages; nothing of them but where they stood is looked at."""
    places: Counter[tuple[str, str]] = Counter()
    own = others = private = taught = 0
    first: datetime | None = None
    last: datetime | None = None
    async for _, passage in (await services.library.file(persona.name)).scan():
        places[passage.source, passage.container] += 1
        own += passage.by_subject
        taught += passage.quotable and not passage.by_subject
        others += not passage.quotable
        private += passage.readers is not None
        first = passage.at if first is None else min(first, passage.at)
        last = passage.at if last is None else max(last, passage.at)
    portrait = await (await distilling.book_of(services, persona)).portrait()
    standing = await keeping.standing(services, persona)
    return Held(
        own=own,
        others=others,
        taught=taught,
        private=private,
        first=_day(first),
        last=_day(last),
        containers=tuple(Container(*place, count) for place, count in sorted(places.items())),
        facets=dict(sorted(Counter(facet.kind for facet in portrait.facets).items())),
        distilled=portrait.version > 0,
        withheld=dict(sorted(standing.counts.items())),
        rule={str(category): str(level) for category, level in sorted(standing.rule.levels.items())},
        files_out=len(await exports.noted(services, persona.name)),
    )


def _day(at: datetime | None) -> date | None:
    return None if at is None else at.astimezone(UTC).date()
