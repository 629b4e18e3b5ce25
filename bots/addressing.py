"""A question on its way to the persona it is for; and a plain sentence where there is none to ask."""

from __future__ import annotations

from adapters.model import Post
from bots import cards, choosing, gate, keys
from bots.outbox import queue
from bots.pipeline import Asked, Pipeline
from bots.records import KEPT, Pending
from bots.said import conversation_in
from bots.services import Services
from bots.wording import say
from persona_store.model import UNBORN
from persona_store.protocols import Batch, Put

MAX_QUESTION = 4000


class Addressing:
    def __init__(self, services: Services, pipeline: Pipeline) -> None:
        self._s = services
        self._pipeline = pipeline

    async def ask(self, words: Pending, id: str, *, files: bool = False) -> Batch:
        """`files`: something was attached, which explains a question without words."""
        text, lang, thread = words.text, words.lang, words.thread
        if not text.strip():
            return self._say(words, id, say(lang, "refused.only_files" if files else "refused.empty"))
        if len(text) > MAX_QUESTION:
            return self._say(words, id, say(lang, "refused.too_long", most=str(MAX_QUESTION)))
        # That somebody is to be distilled is nobody's business yet: a draft is unknown (rights.md T09).
        everyone = [p for p in await self._s.personas.all() if p.state not in UNBORN]
        here = [p for p in everyone if p.state != "erased" and gate.serves(p, thread)]
        state = await conversation_in(self._s, thread, words.alone)
        default = await self._s.store.get(keys.chat_default(thread.chat_key)) or b""
        choice = choosing.choose(
            text, here, everyone, thread=state.persona if state else "", default=default.decode()
        )
        match choice:
            case choosing.Chosen(persona, question):
                private = words.alone is not None
                return await self._pipeline.answer(
                    Asked(id, persona, question, lang, words.author, thread, private=private)
                )
            case choosing.Retired(name):
                return self._say(words, id, say(lang, "refused.retired", name=name))
            case choosing.Unknown(name):
                live = [p.display_name for p in here if p.state == "live"]
                known = ", ".join(live) or say(lang, "personas.none_short")
                return self._say(words, id, say(lang, "refused.unknown", name=name, known=known))
            case choosing.Ambiguous(personas):
                post = Post(f"{id}:pick", cards.picker(personas, lang=lang, pending=id), only_for=words.alone)
                return keep(self._s, words, id).plus(queue(self._s, post, to=thread))
            case _:
                return self._say(words, id, say(lang, "refused.nobody"))

    def _say(self, words: Pending, id: str, text: str) -> Batch:
        post = Post(f"{id}:said", cards.notice(text, lang=words.lang), only_for=words.alone)
        return queue(self._s, post, to=words.thread)


def keep(services: Services, words: Pending, id: str) -> Batch:
    """Until their author has said what they are for."""
    key = keys.DRAFTED + id
    return Batch(puts=(Put(key, services.seal(words, key), words.at + KEPT),))
