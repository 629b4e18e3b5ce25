"""`understudy persona …`: make, show, set live, silence and erase personas."""

from __future__ import annotations

from collections import Counter
from typing import get_args

from msgspec import to_builtins

from bots import keys
from bots.app import App
from bots.assessment import filing
from bots.assessment.keeping import papers_of
from bots.cli import calibrating, distilling, embedding, ending, given, handing
from bots.cli import filing as checklist
from bots.cli.context import Context, add_json, add_yes
from bots.cli.next_step import next_step
from bots.cli.parser import Group
from bots.drilling import Drill, drill
from bots.operator import OPERATOR, create, found, switch
from bots.options import Settings
from bots.wording import say
from persona_store import names
from persona_store.errors import Refused
from persona_store.model import GONE, Offered, Persona, PersonaRules
from persona_store.papers import needs


def add(commands: Group, lang: str) -> None:
    verbs = Group(commands.add("persona", "persona"), "VERB")

    create = verbs.add("create", "persona_create", more="persona_create_more")
    create.add_argument("name", metavar="NAME", help=say(lang, "cli.persona_name"))
    create.add_argument("--display-name", default="", metavar="TEXT", help=say(lang, "cli.persona_display_name"))
    create.add_argument("--subject", default="", metavar="PLATFORM:ID", help=say(lang, "cli.persona_subject"))
    create.add_argument("--owner", default="", metavar="PLATFORM:ID", help=say(lang, "cli.persona_owner"))
    create.add_argument("--deputy", default="", metavar="PLATFORM:ID", help=say(lang, "cli.persona_deputy"))
    create.add_argument("--chats", default="", metavar="LIST", help=say(lang, "cli.persona_chats"))
    create.add_argument("--by", default="", metavar="PLATFORM:ID", help=say(lang, "cli.persona_by"))
    create.add_argument(
        "--offered-to", default="internal", choices=get_args(Offered), help=say(lang, "cli.persona_offered")
    )
    create.add_argument("--aliases", default="", metavar="LIST", help=say(lang, "cli.persona_aliases"))
    create.add_argument("--timezone", default="", metavar="ZONE", help=say(lang, "cli.persona_timezone"))
    create.add_argument(
        "--risk-budget", type=float, default=0.10, metavar="SHARE", help=say(lang, "cli.persona_budget")
    )
    add_json(create, lang)
    create.set_defaults(call=_create)

    for verb, call in (
        ("list", _list),
        ("show", _show),
        ("live", _switch),
        ("pause", _switch),
        ("resume", _switch),
    ):
        parser = verbs.add(verb, f"persona_{verb}")
        if verb != "list":
            parser.add_argument("name", metavar="NAME", help=say(lang, "cli.for_persona"))
        add_json(parser, lang)
        parser.set_defaults(call=call, verb=verb)

    offer = verbs.add("offer", "persona_offer")
    offer.add_argument("name", metavar="NAME", help=say(lang, "cli.for_persona"))
    offer.add_argument("to", choices=get_args(Offered), help=say(lang, "cli.persona_offered"))
    add_json(offer, lang)
    offer.set_defaults(call=_offer)

    retire = verbs.add("retire", "persona_retire")
    retire.add_argument("name", metavar="NAME", help=say(lang, "cli.for_persona"))
    retire.add_argument("--drill", action="store_true", help=say(lang, "cli.persona_drill"))
    add_yes(retire, lang)
    add_json(retire, lang)
    retire.set_defaults(call=_retire)
    distilling.add(verbs, lang)
    calibrating.add(verbs, lang)
    embedding.add(verbs, lang)


async def _create(context: Context) -> int:
    asked = context.arguments
    name = names.checked(asked.name)
    if not 0 < asked.risk_budget < 1:
        raise Refused(
            "RISK_BUDGET", f"--risk-budget {asked.risk_budget} is no share", "use a number between 0 and 1"
        )
    people = {what: given.person(f"--{what}", getattr(asked, what)) for what in ("subject", "owner", "deputy")}
    chats = given.chats("--chats", asked.chats)
    zone = given.zone("--timezone", asked.timezone) or _usual_zone(people["owner"], context.settings)
    rules = PersonaRules(timezone=zone, risk_budget=asked.risk_budget)
    async with context.app() as app:
        now = app.services.clock.now()
        persona = Persona(
            name=name,
            display_name=asked.display_name or name,
            state="draft",
            created_at=now,
            state_at=now,
            chats=chats,
            aliases=given.words(asked.aliases),
            rules=rules,
            subject=people["subject"],
            owner=people["owner"],
            deputy=people["deputy"],
            made_by=given.person("--by", asked.by),
            offered_to=asked.offered_to,
        )
        await create(app, persona)
    if context.json:
        context.give(to_builtins(persona))
        return 0
    context.tell("persona_created", name=name)
    if not persona.owner:
        context.tell("persona_no_owner")
    elif not zone and persona.owner.startswith(("feishu:", "dingtalk:")):
        context.tell("persona_no_zone")
    return 0


def _usual_zone(owner: str, settings: Settings) -> str:
    """Feishu and DingTalk tell nobody's time zone. Where they serve China it can only be one; elsewhere the
    operator has to say, and until then it is UTC."""
    addresses = {"feishu": settings.feishu.domain, "dingtalk": settings.dingtalk.api_url}
    address = addresses.get(owner.partition(":")[0])
    return "" if address is None or "larksuite." in address or "dingtalk.io" in address else "Asia/Shanghai"


async def _list(context: Context) -> int:
    async with context.app() as app:
        everyone = await app.services.personas.all()
    if context.json:
        context.give([to_builtins(p) for p in everyone])
        return 0
    rows = [(p.name, p.display_name, say(context.lang, f"state.{p.state}"), p.owner) for p in everyone]
    context.table(("name", "display_name", "state", "owner"), rows) if rows else context.tell("persona_none")
    return 0


async def _show(context: Context) -> int:
    async with context.app() as app:
        persona = await found(app, context.arguments.name)
        gone = persona.state in GONE
        sources = {} if gone else await _sources(app, persona.name)
        consent = None if gone else await app.services.consents.current(persona.name)
        waiting = [k async for k, _ in app.services.store.scan(keys.open_question(persona.name, ""))]
        papers = await papers_of(app.services, persona, consent)
        now = app.services.clock.now()
    needed = needs(persona, consent, papers) if consent else ()
    passages = sum(sources.values())
    if context.json:
        more = {"passages": passages, "sources": sources, "open_escalations": len(waiting)}
        more |= {"assessment": papers.assessment, "assessment_needed": needed}
        context.give({**to_builtins(persona), **more, "consent": to_builtins(consent) if consent else None})
        return 0
    counted = ", ".join(f"{kind} {count}" for kind, count in sources.items())
    context.tell(
        "persona_shown",
        name=persona.display_name,
        state=say(context.lang, f"state.{persona.state}"),
        owner=persona.owner or "–",
        deputy=persona.deputy or "–",
        subject=persona.subject or "–",
        chats=", ".join(persona.chats) or "–",
        passages=f"{passages} ({counted})" if counted else passages,
        open=len(waiting),
        consent=consent.term.end.isoformat() if consent else say(context.lang, "status.no_consent"),
    )
    if needed:
        context.tell(f"assess_is_{papers.assessment}", name=persona.name)
    if step := next_step(persona, consent, passages, papers, now):
        context.tell(step[0], name=persona.name, what=context.told(step[1]))
    return 0


async def _sources(app: App, name: str) -> dict[str, int]:
    """How many passages came from where, most first."""
    counts: Counter[str] = Counter()
    async for _, passage in (await app.services.library.file(name)).scan():
        counts[passage.source] += 1
    return dict(counts.most_common())


async def _offer(context: Context) -> int:
    """Wider than it was assessed and filed for, one that is live falls silent with this."""
    asked = context.arguments
    async with context.app() as app:
        persona = await found(app, asked.name)
        await app.services.store.commit(await filing.offer(app.services, persona, asked.to, OPERATOR))
        after = await found(app, asked.name)
    if context.json:
        context.give(to_builtins(after))
        return 0
    context.tell("persona_offered_now", name=after.name, to=say(context.lang, f"assessment.offered_{asked.to}"))
    checklist.tell(context, after.name, after.offered_to, filing.checklist(after))
    if after.state != persona.state:
        context.tell("persona_offered_paused", name=after.name, state=say(context.lang, f"state.{after.state}"))
    return 0


SWITCHES = {
    "live": ("live", "persona_live_now"),
    "pause": ("suspend", "persona_paused"),
    "resume": ("resume", "persona_resumed"),
}
"""verb → (what happens to the persona, what is said about it)"""


async def _switch(context: Context) -> int:
    event, told = SWITCHES[context.arguments.verb]
    async with context.app() as app:
        await switch(app, await found(app, context.arguments.name), event)
        after = await found(app, context.arguments.name)
        if event == "live":
            await handing.live(context, app, after)
        empty = not await (await app.services.library.file(after.name)).count()
    if context.json:
        context.give(to_builtins(after))
        return 0
    context.tell(told, name=after.name)
    if empty:
        context.tell("persona_knows_nothing", name=after.name)
    elif event == "live":
        context.hint("persona_live_next", name=after.name)
    return 0


async def _retire(context: Context) -> int:
    """Silence, then erase here and now: the command line does not wait for a running bot."""
    async with context.app() as app:
        persona = await found(app, context.arguments.name)
        if persona.state == "erased":
            raise Refused("RETIRED", f"persona {persona.name!r} is retired already")
        if context.arguments.drill:
            return _drilled(context, await drill(app.services, persona, OPERATOR))
        if not context.arguments.yes and not sure(context, persona):
            context.tell("cancelled")
            return 1
        ended = await ending.begun(app, persona.name, "retire", context.lang)
    return await ending.told(context, persona.name, "retire", ended)


def _drilled(context: Context, measured: Drill) -> int:
    """1 if something was still in hand when the watching ended: then the silence is not what it should be."""
    if context.json:
        context.give(to_builtins(measured))
    else:
        context.tell(
            "persona_drilled" if measured.ended else "persona_drill_open",
            name=measured.persona,
            silent=f"{measured.silent:.3f}",
            quiet=f"{measured.quiet:.3f}",
            placed=measured.placed,
            waiting=measured.waiting,
        )
    return 0 if measured.ended else 1


def sure(context: Context, persona: Persona) -> bool:
    """Ask for the name, typed out, before what cannot be undone."""
    return context.answer("persona_retire_sure", name=persona.name) == persona.name
