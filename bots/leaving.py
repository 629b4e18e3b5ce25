"""`leave-me-out`: anybody, also from outside, says that their words are no context of anybody's persona."""

from __future__ import annotations

from adapters.model import Button, Press
from bots import confirm, keys
from bots.audit import line
from bots.replies import alone
from bots.said import Said
from bots.services import Services
from bots.wording import say
from persona_store.left_out import LeftOut
from persona_store.model import GONE
from persona_store.protocols import Batch

ACTION = "leave_out"
BACK = frozenset(("off", "undo", "取消", "恢复"))


async def leave(services: Services, said: Said) -> Batch:
    """Asked once more, as what is taken out does not come back; no reason is asked for."""
    if said.args.strip().lower() in BACK:
        mine = await services.directory.identities(said.author.key)
        return (
            LeftOut(services.store, services.vault)
            .back(mine)
            .plus(said.tell(services, say(said.lang, "leave.back")))
        )
    nonce = keys.short(said.id, ACTION)
    until = services.clock.now() + confirm.GOOD_FOR
    deed = confirm.Deed(ACTION, "", said.author.key, said.thread.chat_key, until)
    buttons = (
        Button("confirm", say(said.lang, "button.leave_out"), nonce, style="danger"),
        Button("cancel", say(said.lang, "button.cancel"), nonce),
    )
    asked = said.tell(services, say(said.lang, "leave.sure"), buttons=buttons, what="sure")
    return confirm.ask(services, nonce, deed).plus(asked)


async def confirmed(services: Services, press: Press, lang: str) -> Batch:
    """The mark first: a crash before the passages are gone must not let an import bring more of them."""
    left_out = LeftOut(services.store, services.vault)
    mine = await services.directory.identities(press.author.key)
    await services.store.commit(left_out.out(mine))
    lines, count = [], 0
    for persona in await services.personas.all():
        if persona.state in GONE or not services.vault.has_key(persona.name):
            continue
        gone = await left_out.purge(await services.library.file(persona.name))
        if gone:
            lines.append(line(services, persona.name, "left_out", press.author.key, decision=f"removed={gone}"))
        count += gone
    text = say(lang, "leave.done", count=str(count))
    told = alone(services, press.author, press.thread, text, lang=lang, key=f"press:{keys.short(press.key)}")
    return Batch(log=tuple(lines)).plus(told)
