"""One human, several accounts: who can write from both says so from both (rights.md T14).

`link` in one account gives a code; `link CODE`, typed to the bot alone from the other, shows whose account it is
and asks once more. Both sides matter: with the code alone a stranger could hand theirs to an admin and become one.
So whoever types a code sees the name behind it before anything happens, the account it came from is told
afterwards, and a code that was typed where others read along is burnt.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta

from msgspec import Struct

from adapters.model import Button, Person, Post, Press
from bots import cards, confirm, keys
from bots.outbox import queue
from bots.people import language, person_of, shown
from bots.replies import alone
from bots.said import Said
from bots.services import Services
from bots.wording import say
from persona_store import audit
from persona_store.protocols import Batch, Put

GOOD_FOR = timedelta(minutes=10)
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: none that are taken for another
LENGTH = 10  # 50 bits: nobody guesses one of them within its ten minutes
_LOOKALIKE = str.maketrans("OILU", "011V")


class Offer(Struct, frozen=True):
    """Who may be claimed by the one who types the code."""

    person: Person
    until: datetime


async def link(services: Services, said: Said) -> Batch:
    """`link`: a code. `link CODE`: is it yours?"""
    code = _code(said.args)
    return await _claim(services, said, code) if code else await _offer(services, said)


async def _offer(services: Services, said: Said) -> Batch:
    code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    until = services.clock.now() + GOOD_FOR
    key = _key(code)
    others = await services.directory.identities(said.author.key) - {said.author.key}
    text = say(said.lang, "link.code", code=f"{code[:5]}-{code[5:]}")
    if others:
        text += "\n\n" + say(said.lang, "link.linked", accounts=", ".join(sorted(others)))
    kept = Put(key, services.seal(Offer(said.author, until), key), until)
    return Batch(puts=(kept,)).plus(said.tell(services, text))


async def _claim(services: Services, said: Said, code: str) -> Batch:
    key = _key(code)
    offer, raw = await services.read_raw(key, Offer)
    used = Batch(deletes=(key,), unchanged=((key, raw),)) if offer is not None else Batch()
    if not said.thread.direct and not said.private:
        return used.plus(said.tell(services, say(said.lang, "link.seen_by_others")))
    if offer is None or offer.until < services.clock.now():
        return used.plus(said.tell(services, say(said.lang, "link.unknown")))
    if await services.directory.same(said.author.key, offer.person.key):
        return used.plus(said.tell(services, say(said.lang, "link.already", account=offer.person.key)))
    nonce = keys.short(said.id, "link")
    until = services.clock.now() + confirm.GOOD_FOR
    deed = confirm.Deed("link", offer.person.key, said.author.key, said.thread.chat_key, until)
    text = say(said.lang, "link.sure", name=shown(offer.person), account=offer.person.key)
    buttons = (
        Button("confirm", say(said.lang, "button.link"), nonce, style="primary"),
        Button("cancel", say(said.lang, "button.cancel"), nonce),
    )
    asked = confirm.ask(services, nonce, deed).plus(said.tell(services, text, buttons=buttons, what="sure"))
    return used.plus(asked)


async def join(services: Services, other: str, press: Press, lang: str) -> Batch:
    """The second step was taken: from now on `other` and who pressed are one human, and both hear of it."""
    bound = await services.directory.bind(press.author.key, other)
    audited = audit.entry(at=services.clock.now(), actor="", action="link.people", persona="", decision="done")
    told = say(lang, "link.done", account=other)
    reply = alone(services, press.author, press.thread, told, lang=lang, key=f"press:{keys.short(press.key)}")
    return bound.plus(Batch(log=(audited,))).plus(reply).plus(await _tell(services, other, press))


async def _tell(services: Services, other: str, press: Press) -> Batch:
    person = person_of(other)
    if person.platform not in services.adapters:
        return Batch()
    lang = await language(services, person)
    text = say(lang, "link.notice", name=shown(press.author), account=press.author.key)
    post = Post(f"linked:{keys.short(press.key)}", cards.notice(text, lang=lang, tone="admin"))
    return queue(services, post, to=person)


async def unlink(services: Services, said: Said) -> Batch:
    """`unlink`: this account stands alone again. `unlink platform:id`: that one; one's own, or an admin's doing."""
    account = said.args.strip() or said.author.key
    mine = await services.directory.identities(said.author.key)
    if account not in mine and not await services.directory.is_admin(said.author):
        services.metrics.denials.labels("admin_only").inc()
        return said.tell(services, say(said.lang, "refused.admin_only"))
    if len(await services.directory.identities(account)) == 1:
        return said.tell(services, say(said.lang, "link.alone", account=account[:80]))
    audited = audit.entry(at=services.clock.now(), actor="", action="unlink.people", persona="", decision="done")
    parted = (await services.directory.unbind(account)).plus(Batch(log=(audited,)))
    return parted.plus(said.tell(services, say(said.lang, "link.undone", account=account)))


def _code(text: str) -> str:
    """What was meant: small letters, blanks, dashes and look-alikes are forgiven. Empty if nothing was typed."""
    return re.sub(r"[\s\-–—]", "", text).upper().translate(_LOOKALIKE)


def _key(code: str) -> str:
    return keys.LINK + keys.short(code)
