"""Who may be shown what, tried out before anybody asks; and what the whole team can read, perhaps unmeant.

`verify` asks for each restricted passage in its own words, as each of the people named, as all of them in one room
and as the whole team, and holds what the search hands out against the readers its source had: by a rule of its own,
so that one mistake does not hide the other (rights.md §4, T06). `shared` lists where the material came from and who
could read it there, with what looks as if it were not meant for everybody (T08).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from bots.services import Services
from persona_store.model import Passage

MOST = 300  # restricted passages that are asked for, spread evenly over all there are
QUESTION = 300  # characters of one
NAMES = re.compile(
    r"(?<![a-z])(?:hr|salar(?:y|ies)|payroll|legal|private|secret|confidential|1on1|one-on-one|board|layoffs?|perf)"
    r"(?![a-z])|薪|工资|人事|法务|绩效|保密|机密|裁员|高管|董事",
    re.IGNORECASE,
)
WORDS = re.compile(
    r"\b(?:salary|salaries|bonus(?:es)?|severance|lay-?offs?|performance (?:review|rating)s?|sick leave|lawsuit|"
    r"confidential)\b|薪资|工资|奖金|年终奖|裁员|绩效考核|病假|仲裁|离职补偿|保密",
    re.IGNORECASE,
)


class Audience(Struct, frozen=True):
    """Those who would read one reply. `readable` of the restricted passages are theirs by right, `found` were found
    when they were asked for, and `leaked` are ids of what was handed out and is not theirs."""

    who: tuple[str, ...]  # () = the whole team
    asked: int
    readable: int
    found: int
    leaked: tuple[str, ...]


class Place(Struct, frozen=True):
    """Where material stood. `readers`: how many people could read it there, -1 for the whole team; `name_tells` and
    `words_tell`: it can be read by everybody, and its name, or so many of its passages, look as if not meant to."""

    container: str
    name: str
    passages: int
    readers: int
    name_tells: bool = False
    words_tell: int = 0


async def verify(services: Services, persona: str, people: Sequence[str]) -> tuple[Audience, ...]:
    """The whole team, each of the people (person keys), and all of them together."""
    rooms = [(), *((each,) for each in people), *((tuple(people),) if len(people) > 1 else ())]
    passages = await (await services.library.file(persona)).all()
    restricted = [each for each in passages if each.readers is not None and each.text.strip()]
    step = max(1, -(-len(restricted) // MOST))
    return tuple([await _tried(services, persona, room, restricted[::step]) for room in rooms])


async def _tried(services: Services, persona: str, room: tuple[str, ...], asked: Sequence[Passage]) -> Audience:
    identities = [await services.directory.identities(each) for each in room]
    readable, found, leaked = 0, 0, []
    for passage in asked:
        theirs = _theirs(passage, identities)
        readable += theirs
        handed = await services.library.search(
            persona, passage.text[:QUESTION], readers=tuple(identities) if room else None
        )
        found += theirs and any(each.passage.id == passage.id for each in handed.evidence)
        leaked += [each.passage.id for each in handed.evidence if not _theirs(each.passage, identities)]
    return Audience(room, len(asked), readable, found, tuple(dict.fromkeys(leaked)))


def _theirs(passage: Passage, identities: Sequence[frozenset[str]]) -> bool:
    """What everybody could read is everybody's; else each of them must have been among its readers."""
    if passage.readers is None:
        return True
    return bool(identities) and all(any(key in mine for key in passage.readers) for mine in identities)


async def shared(services: Services, persona: str) -> tuple[Place, ...]:
    """What needs a look first, then the largest."""
    places: dict[tuple[str, int], Place] = {}
    async for _, passage in (await services.library.file(persona)).scan():
        open_to = -1 if passage.readers is None else len(passage.readers)
        key = (passage.container, open_to)
        before = places.get(key) or Place(passage.container, passage.container_name, 0, open_to)
        tells = open_to < 0 and WORDS.search(passage.text) is not None
        places[key] = Place(
            before.container,
            before.name,
            before.passages + 1,
            open_to,
            open_to < 0 and NAMES.search(f"{before.name} {before.container}") is not None,
            before.words_tell + tells,
        )
    return tuple(
        sorted(places.values(), key=lambda each: (not (each.name_tells or each.words_tell), -each.passages))
    )
