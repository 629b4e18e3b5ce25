"""What people take out of an installation before its end: a skill, a bundle, a backup of their own, an archive."""

from __future__ import annotations

from pathlib import Path

from bots.exchanging import seal_bundle
from bots.skills.exporting import export_skill
from bots.subject.export import archive
from bots.withheld import keeping, words
from persona_store.consent.record import Recipient
from persona_store.envelope import Identity
from persona_store.withheld.backup import backup, sealed
from persona_store.withheld.levels import Rule
from tests.scenarios.world import World

FRIEND = Recipient(name="friend", role="processor", region="CN", retention_days=30, trains=False)


async def given_away(w: World, to: Path) -> None:
    """A skill and the subject's archive, which anybody may read who has them; a bundle and a private backup, which
    only the holder of a key may."""
    services = w.app.services
    persona = await services.personas.get("lin")
    assert persona is not None
    holder = Identity.kept_in(to / "holder.key")
    skill = await export_skill(services, persona, recipient=FRIEND.name, lang="en", actor="operator:cli")
    for name, content in skill.files.items():
        path = to / "skill" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    bundle = await seal_bundle(services, persona, to=holder.address, recipient=FRIEND.name, actor="operator:cli")
    (to / "lin.bundle").write_bytes(bundle.data)
    planned = await keeping.plan(services, persona, Rule({"pitfall": "heavy", "incident": "heavy"}))
    kept = backup(persona.name, planned.changes, services.clock.now())
    (to / "lin.age").write_bytes(sealed(kept, words.backup_of(persona, kept, "en"), holder.address))
    with (to / "lin.zip").open("wb") as out:
        async for piece in archive(services, persona, persona.subject, "en", persona.subject):
            out.write(piece)
