"""`withhold` in the chat: the subject points at something, or names a category and how much of it, and it is kept
back. What goes by category is shown first and needs a second step: it may be much."""

from __future__ import annotations

from msgspec.structs import replace

from adapters.model import Button, Press
from bots import confirm, keys
from bots.replies import alone
from bots.said import Said
from bots.services import Services
from bots.withheld import keeping, words
from bots.withheld.pointing import pointed_at
from bots.withheld.preview import Preview, preview
from bots.wording import say
from persona_store.errors import Refused
from persona_store.model import Persona
from persona_store.protocols import Batch
from persona_store.withheld.levels import CATEGORIES, LEVELS, Category, Level, at

ACTION = "withhold"
SHOWN = 4  # questions of a preview in a chat
LARGE = 100_000  # passages from which on the chat shows counts alone: both sides would fill the bot's memory
_ALL = ("all", "everything", "全部", "所有")
_RELEASE = ("release", "放开", "恢复")


async def withhold(services: Services, personas: list[Persona], said: Said) -> Batch:
    """By the link of a citation, by a source's id or file name, or by category. Their own words only: what others
    wrote is not theirs to take out, and is never quoted anyway."""
    wanted = said.args.strip().strip("<>")
    if not wanted:
        return said.tell(services, say(said.lang, "withhold.usage"))
    chosen = _chosen(wanted)
    if chosen is not None:
        return await _by_category(services, personas, said, *chosen)
    count = 0
    for persona in personas:
        rule = (await keeping.standing(services, persona)).rule
        planned = await keeping.plan(services, persona, rule, item=pointed_at((wanted,)))
        pointed = [each for each in planned.changes if any(held.reason == "item" for held in each.cut.held)]
        if pointed:
            await keeping.keep_back(services, persona, planned, said.author.key)
            count += len(pointed)
    key = "withhold.done" if count else "withhold.nothing"
    return said.tell(services, say(said.lang, key, count=str(count)))


def _chosen(wanted: str) -> tuple[str, tuple[Category, ...], Level] | None:
    """(`keep` or `release`, categories, level), or None for what names something else."""
    first, *rest = wanted.replace("，", " ").replace(",", " ").split()
    verb = "release" if first.casefold() in _RELEASE else "keep"
    named = rest if verb == "release" else [first, *rest]
    level = words.level_of(named[-1]) if named else None
    if level is not None:
        named = named[:-1]
    found = [words.category_of(word) for word in named]
    if not named or (len(named) == 1 and named[0].casefold() in _ALL):
        if level is None and verb == "keep":
            return None
        return verb, CATEGORIES if verb == "release" else at(level or "medium"), level or "medium"
    if any(category is None for category in found):
        return None
    return verb, tuple(dict.fromkeys(each for each in found if each is not None)), level or "medium"


async def _by_category(
    services: Services,
    personas: list[Persona],
    said: Said,
    verb: str,
    categories: tuple[Category, ...],
    level: Level,
) -> Batch:
    if len(personas) > 1:
        known = ", ".join(persona.name for persona in personas)
        return said.tell(services, say(said.lang, "withhold.which", known=known))
    persona = personas[0]
    if verb == "release":
        await keeping.release(services, persona, categories, items=False, actor=said.author.key)
        named = ", ".join(words.kind(each, said.lang) for each in categories)
        return said.tell(services, say(said.lang, "withhold.released", what=named))
    try:
        rule = keeping.wanted((await keeping.standing(services, persona)).rule, categories, level)
    except Refused:
        idle = ", ".join(words.kind(each, said.lang) for each in categories if each not in at(level))
        text = say(said.lang, "withhold.idle", what=idle, level=words.level(level, said.lang))
        return said.tell(services, text)
    if not said.thread.direct:  # the preview quotes: what would be kept back is not shown where others read
        return said.tell(services, say(said.lang, "withhold.direct"))
    planned = await keeping.plan(services, persona, rule)
    if await (await services.library.file(persona.name)).count() > LARGE:
        shown = Preview(planned, (), ())
    else:
        shown = await preview(services, persona, planned)
    changed = tuple(pair for pair in shown.pairs if not pair.same)[:SHOWN]
    nonce = keys.short(said.id, "withhold")
    about = " ".join((persona.name, level, *categories))
    until = services.clock.now() + confirm.GOOD_FOR
    deed = confirm.Deed(ACTION, about, said.author.key, said.thread.chat_key, until)
    buttons = (
        Button("confirm", say(said.lang, "button.withhold"), nonce, style="danger"),
        Button("cancel", say(said.lang, "button.cancel"), nonce),
    )
    text = words.text(replace(shown, pairs=changed), persona, said.lang)
    text += "\n\n" + say(said.lang, "withhold.sure")
    return confirm.ask(services, nonce, deed).plus(said.tell(services, text, buttons=buttons, what="sure"))


async def confirmed(services: Services, about: str, press: Press, lang: str) -> Batch:
    """The second step; looked up anew, as the subject may have changed and material may have come in."""
    name, level, *named = about.split(" ")
    persona = await services.personas.get(name)
    if persona is None or "subject" not in await services.directory.roles(press.author, persona):
        return _reply(services, press, say(lang, "subject.none"), lang)
    chosen: Level = next(each for each in LEVELS if each == level)
    categories = tuple(each for each in CATEGORIES if each in named)
    rule = keeping.wanted((await keeping.standing(services, persona)).rule, categories, chosen)
    kept = await keeping.keep_back(services, persona, await keeping.plan(services, persona, rule), press.author.key)
    text = say(
        lang,
        "withhold.kept",
        sentences=str(sum(kept.counts.values())),
        shortened=str(kept.shortened),
        gone=str(kept.gone),
    )
    return _reply(services, press, text, lang)


def _reply(services: Services, press: Press, text: str, lang: str) -> Batch:
    return alone(services, press.author, press.thread, text, lang=lang, key=f"press:{keys.short(press.key)}")
