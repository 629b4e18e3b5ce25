"""`understudy subject …`: what others have to report or ask for when the Subject cannot any more."""

from __future__ import annotations

from pathlib import Path

from bots.cli import given
from bots.cli.context import Context, add_json, add_yes
from bots.cli.parser import Group
from bots.cli.personas import sure
from bots.operator import OPERATOR, found
from bots.subject import death, kin, reports
from bots.wording import say


def add(commands: Group, lang: str) -> None:
    verbs = Group(commands.add("subject", "subject"), "VERB")

    died = verbs.add("died", "subject_died", more="subject_died_more")
    died.add_argument("name", metavar="NAME", help=say(lang, "cli.for_persona"))
    died.add_argument("--reported-by", required=True, metavar="PERSON", help=say(lang, "cli.subject_died_by"))
    died.add_argument("--evidence", required=True, metavar="FILE", help=say(lang, "cli.subject_died_evidence"))
    add_yes(died, lang)
    add_json(died, lang)
    died.set_defaults(call=_died)

    relatives = verbs.add("kin", "subject_kin", more="subject_kin_more")
    relatives.add_argument("name", metavar="NAME", help=say(lang, "cli.for_persona"))
    relatives.add_argument(
        "--for", dest="kin", required=True, metavar="NAME", help=say(lang, "cli.subject_kin_for")
    )
    relatives.add_argument(
        "--as", dest="by", required=True, metavar="PLATFORM:ID", help=say(lang, "cli.subject_kin_as")
    )
    relatives.add_argument("--mail", default="", metavar="ADDRESS", help=say(lang, "cli.subject_kin_mail"))
    add_json(relatives, lang)
    relatives.set_defaults(call=_kin)


async def _died(context: Context) -> int:
    """Silent in this commit; what follows, the record says and a running bot does."""
    asked = context.arguments
    evidence = asked.evidence.lower()
    if not death.HASH.fullmatch(evidence):
        evidence = given.digest(Path(asked.evidence))
    reporter = " ".join(asked.reported_by.split())[:100]
    async with context.app() as app:
        persona = await found(app, asked.name)
        if not asked.yes and not sure(context, persona):
            context.tell("cancelled")
            return 1
        await app.services.store.commit(await death.report(app.services, persona, reporter, evidence, OPERATOR))
        told = await reports.reported(app.services, persona.name)
    if told is None:  # undone this very moment
        return 1
    until = f"{told.until:%Y-%m-%d %H:%M} UTC"
    if context.json:
        context.give({"persona": persona.name, "after_death": told.after, "until": told.until})
    else:
        after = context.say(f"subject_after_{told.after}")
        context.tell("subject_died_noted", name=persona.name, until=until, after=after)
    return 0


async def _kin(context: Context) -> int:
    asked = context.arguments
    async with context.app() as app:
        persona = await found(app, asked.name)
        by = given.person("--as", asked.by)
        batch = await kin.propose(app.services, persona, asked.kin, asked.mail, by)
        await app.services.store.commit(batch)
    if context.json:
        context.give({"persona": persona.name, "asked": len(batch.jobs)})
    else:
        context.tell("subject_kin_asked", name=persona.name, kin=asked.kin, count=len(batch.jobs))
    return 0
