"""`understudy persona embed`: vectors of a persona's passages, now and to the end."""

from __future__ import annotations

from msgspec import to_builtins

from bots.app import App
from bots.cli.context import Context, add_json, add_yes
from bots.cli.parser import Group
from bots.cli.progress import bar
from bots.llm.opening import prices
from bots.llm.tokens import estimate
from bots.operator import OPERATOR, found
from bots.options import Llm
from bots.wording import say, sentences
from persona_store.completion import Usage
from persona_store.errors import ModelError, Refused
from persona_store.model import Persona


def add(verbs: Group, lang: str) -> None:
    """Below `understudy persona`."""
    parser = verbs.add("embed", "persona_embed")
    parser.add_argument("name", metavar="NAME", help=say(lang, "cli.for_persona"))
    add_yes(parser, lang)
    add_json(parser, lang)
    parser.set_defaults(call=_embed)


async def _embed(context: Context) -> int:
    if not context.settings.embedding.model:
        raise Refused("EMBEDDING", "no embedder is set", "set UNDERSTUDY_EMBEDDING_MODEL (docs/models.md)")
    from bots.embedding.making import make, require_named, require_ready  # needs numpy

    async with context.app(embedding=True) as app:
        persona = await found(app, context.arguments.name)
        try:
            await require_named(app.services, persona)
            meaning = await require_ready(app.services)
            if meaning.embedder.recipient and not await _agreed(context, app, persona):
                context.tell("cancelled")
                return 1
            with bar(context, "persona_embedding") as progress:
                made = await make(app.services, persona, OPERATOR, progress)
        except ModelError as error:  # what was made is kept; the next time it goes on from there
            raise Refused(error.code, error.what, error.fix) from None
    if context.json:
        context.give(to_builtins(made))
        return 0
    if made.old:
        context.tell("persona_embedded_old", count=made.old)
    context.tell("persona_embedded", name=persona.name, made=made.made)
    for reason, count in made.dropped.items():
        known = sentences(context.lang).get(f"cli.reason_{reason.lower()}", reason)
        context.tell("import_dropped", reason=known, count=count)
    return 0


async def _agreed(context: Context, app: App, persona: Persona) -> bool:
    """What goes to whom, and what it costs, before anything goes."""
    from bots.embedding.making import wanting
    from persona_store.meaning import shown, words_of

    embedding = context.settings.embedding
    passages = (await wanting(app.services, persona)).passages
    prefix = estimate(embedding.passage_prefix)
    usage = Usage(sum(prefix + estimate(shown(words_of(each))) for each in passages), 0, estimated=True)
    cost = prices(Llm(price_in=embedding.price, currency=embedding.currency)).words(usage)
    context.tell(
        "persona_embed_plan",
        count=len(passages),
        model=embedding.model,
        recipient=app.services.meaning.embedder.recipient if app.services.meaning else "",
        tokens=f"{usage.total:,}",
        cost=cost or context.say("model_price_unknown"),
    )
    return context.arguments.yes or not passages or context.agreed("model_sure")
