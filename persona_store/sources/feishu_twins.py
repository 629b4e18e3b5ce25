"""One person under two apps: an open_id is one app's, a union_id the same for all of a developer's.

The app that reads history is not the bot's (rights.md P6), so it knows everybody by other ids than those the bot
meets in the chat. Left so, the subject would be nobody, and whoever was in a private chat could not ask about it.
https://open.feishu.cn/document/uAjLw4CM/ugTN1YjL4UTN24CO1UjN/trouble-shooting/how-to-obtain-openid
https://open.feishu.cn/document/server-docs/contact-v3/user/batch
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from persona_store.sources.chat_json import Json, dicts, string
from persona_store.sources.feishu_calls import FeishuCalls
from persona_store.sources.http import Denied

AT_ONCE = 50  # ids that contact/v3/users/batch takes
_PLACES = ("member_id", "p2p_target_id")


class FeishuTwins:
    """`bot` reads as the bot's app; None if it is the same app, or there is none: then nothing is changed."""

    def __init__(self, reader: FeishuCalls, bot: FeishuCalls | None) -> None:
        self._reader = reader
        self._bot = bot
        self._known: dict[str, str] = {}  # the reader's open_id → the bot's; its own where that is not to be had
        self.problems: list[str] = []

    async def told_of(self, items: list[Json]) -> list[Json]:
        """Messages or members, with their people as the bot knows them."""
        if self._bot is None:
            return items
        await self._meet({ident for item in items for ident in _people(item)})
        return [self._renamed(item) for item in items]

    async def own(self, ident: str) -> str:
        """One person."""
        if self._bot is not None and ident:
            await self._meet({ident})
        return self._known.get(ident, ident)

    async def _meet(self, idents: Iterable[str]) -> None:
        new = iter(sorted(set(idents) - self._known.keys()))
        while some := list(islice(new, AT_ONCE)):
            self._known |= dict.fromkeys(some, "") | await self._looked_up(some)
            self._known |= {ident: ident for ident in some if not self._known[ident]}

    async def _looked_up(self, idents: list[str]) -> dict[str, str]:
        """Whom either app may not see keeps the id they have."""
        try:
            unions = await _ids(self._reader, idents, "open_id", "union_id")
            assert self._bot is not None
            opens = await _ids(self._bot, sorted(set(unions.values())), "union_id", "open_id")
        except Denied as denied:
            line = f"people: {denied}"
            if line not in self.problems:
                self.problems.append(line)
            return {}
        return {ident: opens.get(union, "") for ident, union in unions.items()}

    def _renamed(self, item: Json) -> Json:
        changed: Json = {
            key: self._known.get(item[key], item[key]) for key in _PLACES if isinstance(item.get(key), str)
        }
        sender = item.get("sender")
        if isinstance(sender, dict):
            changed["sender"] = self._one(sender)
        if isinstance(item.get("mentions"), list):
            changed["mentions"] = [self._one(each) for each in dicts(item["mentions"])]
        return {**item, **changed}

    def _one(self, person: Json) -> Json:
        ident = person.get("id")
        return {**person, "id": self._known.get(ident, ident)} if isinstance(ident, str) else person


async def _ids(calls: FeishuCalls, idents: list[str], given: str, wanted: str) -> dict[str, str]:
    if not idents:
        return {}
    told = await calls.batch(idents, given)
    pairs = ((string(user, given), string(user, wanted)) for user in dicts(told.get("items")))
    return {one: other for one, other in pairs if one and other}


def _people(item: Json) -> Iterator[str]:
    for key in _PLACES:
        if string(item, key).startswith("ou_"):
            yield string(item, key)
    for person in (item.get("sender"), *dicts(item.get("mentions"))):
        if (ident := string(person, "id")).startswith("ou_"):
            yield ident
