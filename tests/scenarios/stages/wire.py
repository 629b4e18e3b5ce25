"""What the stages of real platforms share: people act on the platform's own server, the unmodified adapter brings
it to the bot, and what the bot says is taken down where the adapter placed it.

The dialogues name chats, people and messages as they like (`general`, `U0MEI`, `q`); a stage knows what they are
called on its platform, and gives back what was posted in the dialogue's names.
"""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Mapping
from typing import Any

import pytest
from msgspec import structs

from adapters.model import Audience, Person, Post, Receipt, Thread
from adapters.protocol import Adapter, CanRetract, Retracted
from adapters.scripted import Posted
from adapters.text import parse, plain
from bots.app import App
from persona_store.model import Passage

ANYWHERE = "anywhere"
LONG = 1500  # characters; more than that may stand in several messages
NUMBERED = re.compile(r"^\s*\d+\.\s")  # a list's numbers are the platform's to show


class WireStage:
    """One real adapter on one local platform. `lacks` says what cannot be played there, and why: a dialogue that
    comes to it is skipped with that reason."""

    name: str
    lacks: Mapping[str, str]

    def __init__(self, adapter: Adapter, lacks: Mapping[str, str]) -> None:
        self.adapter = adapter
        self.lacks = lacks
        self.complaints: list[str] = []  # what was posted and is not shown
        self._really = adapter.post
        self._numbers = itertools.count()
        self._posted: dict[int, Posted] = {}  # by the order in which the bot said it
        self._chats: dict[str, str] = {}  # the dialogue's name → the platform's id
        self._messages: dict[str, str] = {}
        self._people: dict[str, Person] = {}  # by the platform's id of their direct chat
        self._cards: dict[tuple[str, str], Any] = {}  # (message, post) → as it was shown, to be pressed
        self._where: dict[str, Thread] = {}  # message → where it really stands
        adapter.post = self._post  # type: ignore[method-assign]  # looks over its shoulder
        if isinstance(adapter, CanRetract):
            self._retracts = adapter.retract
            adapter.retract = self._retract  # type: ignore[method-assign]  # as above

    # what every platform plays in its own way --------------------------------------------------------------------

    def person_id(self, id: str) -> str:
        """What the dialogue's `U0MEI` is called here."""
        return id

    def add(self, id: str, name: str = "", *, external: bool = False, timezone: str = "") -> Person:
        """Make somebody known, or know them anew."""
        raise NotImplementedError

    def room(self, chat: str, audience: Audience | None) -> None:
        """Make a chat; None: nobody can find out who reads along."""
        raise NotImplementedError

    def direct_chat(self, person: Person) -> str:
        """The platform's id of somebody's direct chat with the bot."""
        raise NotImplementedError

    async def deliver(
        self, who: Person, text: str, where: Thread, *, addressed: bool, command: bool, mentions: tuple[Person, ...]
    ) -> str:
        """Somebody writes below `where.root` if that is given; returns the platform's id."""
        raise NotImplementedError

    async def redeliver(self, message: str, times: int) -> None:
        """The platform brings a message again, so many times."""
        raise NotImplementedError

    async def card(self, receipt: Receipt, post: Post) -> Any:
        """The message as the platform has it now, for somebody to press; None if it does not stand there."""
        raise NotImplementedError

    def shown(self, card: Any) -> str:
        """Every word a reader sees of it."""
        return str(card.shown)

    def place(self, card: Any) -> tuple[str, str]:
        """Chat and root below which it really stands, in the adapter's names; the root may be ANYWHERE."""
        raise NotImplementedError

    async def tap(self, who: Person, posted: Posted, action: str) -> Any:
        """Somebody presses a button; returns the form it opened, or None."""
        raise NotImplementedError

    async def submit(self, who: Person, form: Any, fields: dict[str, str]) -> None:
        raise NotImplementedError

    async def ready(self, app: App) -> None:
        """Until the platform and the bot are connected."""
        raise NotImplementedError

    async def settled(self) -> None:
        """Until everything that people did was delivered."""
        raise NotImplementedError

    # what dialogues do -------------------------------------------------------------------------------------------

    def need(self, ability: str) -> None:
        if ability in self.lacks:
            pytest.skip(f"{self.name}: {self.lacks[ability]}")

    async def say(
        self,
        who: Person,
        text: str,
        *,
        chat: str = "general",
        root: str = "",
        direct: bool = False,
        addressed: bool | None = None,
        command: bool = False,
        mentions: tuple[Person, ...] = (),
        id: str = "",
        times: int = 1,
    ) -> None:
        """As ScriptedAdapter.say. The dialogue calls the message `id`; it is delivered `times` times."""
        called = True if addressed is None or direct or command else addressed
        if command:
            self.need("commands")
        if root and not called:
            self.need("follow_ups")
        place = self.direct_chat(who) if direct else self._chats.get(chat, chat)
        where = Thread(self.name, place, root=self._messages.get(root, root), direct=direct)
        message = await self.deliver(who, text, where, addressed=called, command=command, mentions=mentions)
        self._messages[id or message] = message
        if times > 1:
            await self.settled()
            await self.redeliver(message, times - 1)

    async def press(
        self, who: Person, posted: Posted, action: str, *, fields: dict[str, str] | None = None
    ) -> None:
        """Somebody presses a button, and submits the form it opens with `fields`."""
        form = await self.form(who, posted, action)
        if form is not None:
            await self.submit(who, form, fields or {})

    async def form(self, who: Person, posted: Posted, action: str) -> Any:
        """Somebody presses a button; returns the form it opened, or None."""
        button = next((b for b in posted.post.card.buttons if b.action == action), None)
        assert button is not None, f"no button {action!r} on {[b.action for b in posted.post.card.buttons]}"
        if button.opens_form:
            self.need("forms")
        return await self.tap(who, posted, action)

    async def press_plainly(self, who: Person, posted: Posted, action: str) -> None:
        """Somebody presses a button that would open a form, and none opens."""
        self.need("plain_presses")

    async def unsay(self, source: Passage) -> None:
        """The message that a passage was imported from is deleted on the platform."""
        self.need("deletions")

    # what was said -----------------------------------------------------------------------------------------------

    @property
    def posted(self) -> list[Posted]:
        return [self._posted[number] for number in sorted(self._posted)]

    async def _post(self, thread: Thread, post: Post) -> Receipt:
        number = next(self._numbers)
        receipt = await self._really(thread, post)
        try:
            await self._take_down(number, thread, post, receipt)
        except Exception as error:  # to the bot it would be one more post that failed
            self.complaints.append(repr(error))
        return receipt

    async def _retract(self, receipt: Receipt, marked: Post) -> Retracted:
        """What a reader finds afterwards: nothing, or the mark. What only one person ever saw no platform deletes:
        it is gone for the bot, and goes for them when their page is loaded again."""
        end = await self._retracts(receipt, marked)
        for posted in [each for each in self._posted.values() if each.id == receipt.message_id]:
            card = await self.card(receipt, marked)
            if end != "gone" and card is not None and getattr(card, "kind", "") != "gone":
                self._look(card, receipt.thread, marked)
            self.forget(posted)
        return end

    async def _take_down(self, number: int, thread: Thread, post: Post, receipt: Receipt) -> None:
        known = {posted.id: n for n, posted in self._posted.items()}
        before = known.get(receipt.message_id)
        if before is not None and self._posted[before].post.key == post.key:
            return  # a repeat
        card = await self.card(receipt, post)
        if getattr(card, "kind", "") == "gone":
            return  # a retirement took it back before anybody looked
        self._look(card, receipt.thread, post)
        self._where[receipt.message_id] = receipt.thread
        self._cards[receipt.message_id, post.key] = card
        if before is None and post.replaces in known and not self.stands(post.replaces):
            before = known[post.replaces]  # another message took its place
        posted = Posted(receipt.message_id, self._told(thread), post)
        self._posted[number if before is None else before] = posted

    def stands(self, message: str) -> bool:
        """Whether a post that another was to replace still stands; where posts are rewritten it has the same id."""
        return True

    def forget(self, posted: Posted) -> None:
        """It does not stand there any more."""
        self._posted = {n: known for n, known in self._posted.items() if known.id != posted.id}

    def _told(self, thread: Thread) -> Thread:
        """A thread in the dialogue's names."""
        chat = {id: name for name, id in self._chats.items()}.get(thread.chat, thread.chat)
        if thread.direct and thread.chat in self._people:
            chat = f"dm-{self._people[thread.chat].id}"
        root = self.root_of(thread)
        names = {id: name for name, id in self._messages.items()}
        return structs.replace(thread, chat=chat, root=names.get(root, root))

    def root_of(self, thread: Thread) -> str:
        """The message below which something stands, as a reader sees it."""
        return thread.root

    def _look(self, card: Any, thread: Thread, post: Post) -> None:
        """A post that was placed stands where its receipt says and shows all of its words. A text that is too long
        for one message begins or ends there."""
        if card is None:
            self.complaints.append(f"{post.key} stands nowhere")
            return
        chat, root = self.place(card)
        if chat != thread.chat or ("threads" not in self.lacks and root not in (ANYWHERE, thread.root)):
            self.complaints.append(f"{post.key} stands in {chat} below {root!r} and not where {thread} says")
        shown, said = bare(self.shown(card)), post.card
        lines = [bare(NUMBERED.sub("", line)) for line in plain(parse(said.text)).splitlines()]
        if len(said.text) > LONG:
            self.complaints += [] if lines[0][:40] in shown or lines[-1][-40:] in shown else [shown]
            return
        quotes, buttons = [quote.text for quote in said.quotes], [button.label for button in said.buttons]
        words = [*lines, *map(bare, (said.label, said.title, *quotes, *said.notes, *buttons))]
        self.complaints += [f"{line!r} is not shown in {shown!r}" for line in words if line not in shown]


def bare(text: str) -> str:
    """Letters and digits: what no platform's markup changes."""
    return "".join(filter(str.isalnum, html.unescape(text)))
