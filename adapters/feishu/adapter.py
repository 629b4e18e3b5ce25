"""The Feishu adapter: identity, connection and delivery; what it can do besides is in the rooms next door."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import structs

from adapters.errors import AdapterError, NotFound, RateLimited, Rejected, Unauthorised, Unreachable
from adapters.feishu import cards, check, inbound, outbound, webhook
from adapters.feishu.check import Console
from adapters.feishu.client import Api, SdkConnector
from adapters.feishu.config import Config
from adapters.feishu.door import Door
from adapters.feishu.failures import PLATFORM
from adapters.feishu.history import History
from adapters.feishu.link import Connect, Keeper, Link, LoopLink, ThreadLink
from adapters.feishu.people import People, ids_in
from adapters.feishu.presses import Presses
from adapters.feishu.rooms import Rooms
from adapters.feishu.sender import Sender
from adapters.feishu.status import Status
from adapters.feishu.streaming import Streamer
from adapters.feishu.thin import ThinConnector
from adapters.model import Audience, Inbound, Message, Person, Post, Press, Receipt, Thread
from adapters.protocol import Finding, Host, Retracted

Json = dict[str, Any]

NAMES_WITHIN = 1.0  # seconds of the three before the ack that may go into learning names
CHOICE_WITHIN = 0.8  # and into finding people to choose from in a form
ASK_AGAIN = 600.0  # how often a running bot asks whether its secret is still good
OPENED, SENT, PUT_ASIDE = "📝", "✓", "✕"

log = logging.getLogger("adapters.feishu")


class FeishuAdapter:
    """One app in one tenant."""

    name = PLATFORM

    def __init__(
        self,
        config: Config,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._config = config
        self._now = now
        self._api = Api(config.app_id, config.app_secret, config.domain, timeout=config.timeout_seconds)
        self._people = People(self._api, ticks)
        self._rooms = Rooms(self._api, self._people, ticks)
        self._status = Status(self._api, ticks)
        self._history = History(self._api, config.app_id)
        streamer = Streamer(self._api, ticks) if config.stream else None
        self._presses = Presses()
        self._sender = Sender(self._api, self._rooms, self._history, streamer, self._presses, ticks)
        self._door = Door(self._deliver)
        self._link = self._make_link()
        self._known: inbound.Me | None = None
        self._host: Host | None = None
        self._refused = False

    def _make_link(self) -> Link:
        config = self._config
        thin = config.link == "thin"
        connect: Connect = ThinConnector(self._api.endpoint) if thin else SdkConnector(self._api)
        keeper = Keeper(connect, ping_seconds=config.ping_seconds, reconnect_seconds=config.reconnect_seconds)
        return LoopLink(keeper, self._door.take) if thin else ThreadLink(keeper, self._door.take)

    # listening -------------------------------------------------------------------------------------------------

    async def run(self, host: Host) -> None:
        self._host = host
        self._door.open()
        try:
            await self._until_reached(self._identity)
            if self._config.mode == "ws":
                await self._until_reached(self._link.open)
            await self._watch()
        finally:
            await self._door.close()
            await self._link.close()

    async def connected(self) -> bool:
        """In ws mode that the link is up and heard; in http mode, where Feishu comes to us, that our secret is
        good."""
        if self._known is None or self._refused:
            return False
        return self._config.mode == "http" or self._link.connected()

    async def _until_reached(self, step: Callable[[], Awaitable[object]]) -> None:
        """Feishu being away at the start is waited out; a refused secret is not."""
        wait = self._config.reconnect_seconds
        while True:
            try:
                await step()
                return
            except RateLimited as error:
                pause = error.retry_after
            except Unreachable as error:
                log.warning("%s; trying again in %.0f s", error, wait)
                pause, wait = wait, min(wait * 2, 60.0)
            await asyncio.sleep(pause)

    async def _watch(self) -> None:
        """The link looks after itself. That the secret was replaced shows only when we ask: it is then said at each
        look and in `connected`, and comes right as soon as it is good again."""
        while True:
            await asyncio.sleep(ASK_AGAIN)
            try:
                await self._api.read("bot/v3/info")
                self._refused = False
            except Unauthorised as error:
                self._refused = True
                log.error("%s", error)
            except AdapterError as error:
                log.warning("%s", error)

    def routes(self, host: Host) -> webhook.Routes:
        config = self._config
        if config.mode != "http":
            return ()
        self._host = host
        return webhook.routes(
            config.encrypt_key, config.verification_token, self._door.take, lambda: self._now().timestamp()
        )

    async def _deliver(self, payload: Json) -> Json | None:
        """One payload in whatever mode it came; what it returns answers a callback. Returning acknowledges it,
        raising has Feishu bring it again."""
        if self._host is None or self._known is None:
            # without knowing who we are, nobody can tell whether they mean us (peers.md F11)
            raise Unreachable(PLATFORM, "an event came before the start was done")
        me = self._known
        try:
            changed = inbound.changed_chat(payload)
            if changed:
                self._rooms.forget(changed)
            event = await self._read(payload, me)
            value = inbound.callback_value(payload)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            # a redelivery would read no better
            log.error("feishu: %s cannot be read (%s)", inbound.kind_of(payload)[:60], type(error).__name__)
            return None
        if value and value["do"] == cards.CANCELLED:
            return _replaced(value, PUT_ASIDE)
        if event is None:
            return None
        with self._presses.waiting(inbound.pressed_card(payload)):
            if isinstance(event, Press) and value.get("do") == cards.OPENS_FORM:
                opened = await self._open_form(event)
                if opened is not None:
                    return opened
            await self._host.receive(event)
        return _replaced(value, SENT) if value.get("do") == cards.SUBMITTED else None

    async def _read(self, payload: Json, me: inbound.Me) -> Inbound | None:
        """The event, with as much of names and places as could be had in time for the ack."""
        stands = await self._stands(payload, me)
        event = inbound.parse(payload, me, self._now(), self._people.known, stands)
        if event is None:
            return None
        self._remember(payload, event)
        await self._learn(payload, event)
        event = inbound.parse(payload, me, self._now(), self._people.known, stands) or event
        if isinstance(event, Message | Press) and not event.thread.direct:
            event = structs.replace(event, thread=self._rooms.named(event.thread))
        return event

    async def _stands(self, payload: Json, me: inbound.Me) -> inbound.Place | None:
        """Where the message of a thumb is. One that cannot be looked up would be no better known the next time;
        only if Feishu is away is it worth another."""
        reacted = inbound.reaction_on(payload, me)
        if not reacted:
            return None
        by = str(payload["event"]["user_id"]["open_id"])
        try:
            return self._sender.place_of(reacted) or await self._history.whereabouts(reacted, by)
        except (NotFound, Rejected, Unauthorised) as error:
            log.debug("%s", error)
            return None

    def _remember(self, payload: Json, event: Inbound) -> None:
        """What only events tell: our tenant, that of people, the private chats' own names, what is recent."""
        tenant = str((payload.get("header") or {}).get("tenant_key") or "")
        self._people.tenant = self._people.tenant or tenant
        if isinstance(event, Message):
            self._status.heard(event.id)
            message = (payload.get("event") or {}).get("message") or {}
            if event.thread.direct and message.get("chat_id"):
                self._history.chatted(event.author.id, str(message["chat_id"]))
        if isinstance(event, Message | Press) and not event.author.external:
            self._people.seen(event.author)

    async def _learn(self, payload: Json, event: Inbound) -> None:
        unknown = [id for id in ids_in(payload) if not self._people.known(id)]
        chat = event.thread.chat if isinstance(event, Message | Press) and not event.thread.direct else ""
        if unknown or (chat and not self._rooms.knows(chat)):
            people = self._people.learn(unknown, within=NAMES_WITHIN)
            await asyncio.gather(people, *([self._rooms.learn(chat, within=NAMES_WITHIN)] if chat else []))

    async def _open_form(self, press: Press) -> Json | None:
        """The form as a card in the private chat of whoever pressed, since a card in a group is everybody's; None
        if there is none. In the group a line says that something opened."""
        assert self._host is not None
        form = await self._host.form(press)
        if form is None:
            return None
        wants_person = any(field.kind == "person" for field in form.fields)
        people = await self._rooms.candidates(press.thread, within=CHOICE_WITHIN) if wants_person else []
        await self._sender.form(press.author, outbound.form(form, press, people), press.id)
        return {} if press.thread.direct else {"toast": {"type": "info", "content": f"{OPENED} {form.title}"[:100]}}

    # speaking --------------------------------------------------------------------------------------------------

    async def post(self, thread: Thread, post: Post) -> Receipt:
        receipt = await self._sender.post(thread, post)
        await self._status.done(thread)
        return receipt

    async def edit(self, receipt: Receipt, post: Post) -> Receipt:
        return await self._sender.edit(receipt, post)

    async def retract(self, receipt: Receipt, marked: Post) -> Retracted:
        return await self._sender.retract(receipt, marked)

    async def direct(self, person: Person) -> Thread:
        return await self._rooms.direct(person)

    async def working(self, thread: Thread, text: str) -> None:
        await self._status.working(thread, text)

    # knowing ---------------------------------------------------------------------------------------------------

    async def audience(self, thread: Thread) -> Audience:
        return await self._rooms.audience(thread)

    async def person(self, id: str) -> Person:
        return await self._people.person(id)

    async def _identity(self) -> inbound.Me:
        if self._known is None:
            bot = (await self._api.read("bot/v3/info")).get("bot") or {}
            if not bot.get("open_id"):
                raise Unreachable(PLATFORM, "who the bot is was not told: is the bot feature on?")
            self._known = inbound.Me(str(bot["open_id"]), self._config.app_id, str(bot.get("app_name") or ""))
        return self._known

    async def check(self) -> Sequence[Finding]:
        config = self._config
        console = Console(config.domain, config.app_id)
        try:
            answer, headers = await self._api.call("GET", "bot/v3/info")
        except AdapterError as error:
            return [Finding(False, str(error), f"{console.page('baseinfo')}: App ID and App Secret")]
        findings = [check.identity(answer.get("bot") or {}, console), *check.clock(headers, self._now())]
        findings += await self._checked_scopes(console)
        findings += await self._checked_subscriptions(console)
        if config.mode == "ws":
            findings.append(check.link(await self._link_error()))
        return [*findings, check.menu(console)]

    async def _checked_scopes(self, console: Console) -> Sequence[Finding]:
        try:
            return check.scopes(await self._api.read("application/v6/scopes"), console)
        except AdapterError as error:
            return [Finding(False, str(error), f"{console.page('auth')}: compare the scopes")]

    async def _checked_subscriptions(self, console: Console) -> Sequence[Finding]:
        paths = {"app_id": self._config.app_id}
        try:
            answer = await self._api.read("application/v6/applications/:app_id", paths=paths, lang="en_us")
        except AdapterError:
            return [check.unseen(self._config.mode, console)]
        app = (answer.get("data") or {}).get("app") or {}
        return list(check.subscriptions(app, self._config.mode, console))

    async def _link_error(self) -> AdapterError | None:
        try:
            await self._api.endpoint()
        except AdapterError as error:
            return error
        return None

    async def close(self) -> None:
        await self._api.close()


def _replaced(value: Mapping[str, str], mark: str) -> Json:
    """A form that was sent or put aside becomes one line, so that it cannot be sent twice."""
    return {"card": {"type": "raw", "data": cards.settled(value.get("title", ""), mark)}}
