"""`withhold`: the subject points at something they wrote, and the persona forgets it for good."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from bots.audit import line
from bots.said import Said
from bots.services import Services
from bots.wording import say
from persona_store.model import Passage, Persona
from persona_store.protocols import Batch
from persona_store.withholding import kept_back

_LINK = re.compile(r"/archives/([^/\s]+)/p(\d{7,17})")  # how Slack, and our citations, point at a message


async def withhold(services: Services, personas: list[Persona], said: Said) -> Batch:
    """By the link of a citation, or by a source's id or file name. Their own words only: what others wrote is not
    theirs to take out, and is never quoted anyway."""
    wanted = said.args.strip().strip("<>")
    if not wanted:
        return said.tell(services, say(said.lang, "withhold.usage"))
    count = 0
    for persona in personas:
        file = await services.library.file(persona.name)
        ids = [p.id for p in await file.all() if p.by_subject and _meant(p, wanted)]
        if not ids:
            continue
        audited = line(services, persona.name, "withheld", said.author.key, refs=tuple(ids))
        await services.store.commit(Batch(puts=kept_back(persona.name, ids), log=(audited,)))
        count += await file.remove(ids)
    key = "withhold.done" if count else "withhold.nothing"
    return said.tell(services, say(said.lang, key, count=str(count)))


def _meant(passage: Passage, wanted: str) -> bool:
    if link := _LINK.search(wanted):
        ts = link[2]
        at = datetime.fromtimestamp(int(ts[:10]) + int(ts[10:].ljust(6, "0")) / 1e6, UTC)
        return passage.container == link[1] and abs((passage.at - at).total_seconds()) < 0.001
    return wanted in (passage.id, passage.id.partition("#")[0])
