"""A local DingTalk: gateway and stream, both APIs, HTTP callbacks, with people who talk, press and submit.

    async with DingTalkServer() as ding:
        ding.space.add_user("staff_ana", "Ana")
        ding.space.add_chat("cid1==", "general", ["staff_ana"])
        id = ding.say("staff_ana", "cid1==", "who approves invoices?")
        answer = await ding.next_post()

Everything a person does returns at once and is delivered in the background; `await ding.settled()` waits until all
of it was acked or given up. `ding.faults` decides what goes wrong. The real SDK is sent here by the environment's
DINGTALK_OPENAPI_ENDPOINT before it is imported, or by DingTalkStreamClient.OPEN_CONNECTION_API.

A group tells the robot only what names it, and a robot hears of no one's coming and going there: no event of such a
kind is documented for robots (the chat_… events are for groups that the organisation made through the API).
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable

from tests.platforms import dingtalk_wire as wire
from tests.platforms.dingtalk_api import ALL_SCOPES
from tests.platforms.dingtalk_delivery import Delivery, DingTalkDelivery
from tests.platforms.dingtalk_state import BOT_NAME, Button, Chat, Json, Posted
from tests.platforms.dingtalk_text import said_by


class DingTalkServer(DingTalkDelivery):
    """`url` answers for both APIs: their paths differ."""

    def __init__(self, *, granted: set[str] | None = None, clock: Callable[[], float] = time.time) -> None:
        super().__init__(granted=set(ALL_SCOPES if granted is None else granted), clock=clock)

    @property
    def mention(self) -> str:
        return f"@{BOT_NAME}"

    # what people do --------------------------------------------------------------------------------------------

    def say(
        self,
        user: str,
        chat: str,
        text: str,
        *,
        quote: str = "",
        kind: str = "text",
        at: list[str] | None = None,
        mention: bool = True,
        harmony: bool = False,
    ) -> str:
        """Somebody writes; `at` are others whom they name, whose `@Name` in the text is theirs to type. Returns the
        msgId. `kind`: text, richText, picture, audio, file. A group's message reaches the bot only if it names it,
        which only text and richText can. `harmony`: HarmonyOS's client repeats the bot's name in rich text
        (D11)."""
        room = self.space.chats[chat]
        id, payload = self._written(user, room, text, quote=quote, kind=kind, at=at or [], mention=mention)
        if harmony:
            payload["content"]["richText"][0]["text"] = f"{self.mention}{payload['content']['richText'][0]['text']}"
        if self._heard(room, kind, mention):
            self.spawn(self.deliver("CALLBACK", wire.MESSAGES, payload, name="message"))
        return id

    def dm(self, user: str, text: str, *, quote: str = "", kind: str = "text") -> str:
        return self.say(user, self.space.direct(user).id, text, quote=quote, kind=kind)

    async def press(self, user: str, posted: Posted, action: str) -> Delivery:
        """Press the button that is called so, whose action is this or ends in `:action`, or that has it as a part
        of the words it makes its reader say to the bot (a dtmd link; in a group with the bot's name)."""
        button = self._button(posted, action)
        chat = self.space.chats[posted.chat]
        if not button.id:
            words = said_by(button.url)
            assert words is not None, f"nothing happens at {button.url}"
            _, payload = self._written(user, chat, words)
            return await self.deliver("CALLBACK", wire.MESSAGES, payload, name="message")
        return await self._callback(user, posted, wire.pressed(button))

    async def submit(self, user: str, posted: Posted, fields: dict[str, str]) -> Delivery:
        """Fill the inputs of the form that this card shows to this person, in their order, and send it off."""
        return await self._callback(user, posted, wire.submitted(self._shown_form(user, posted), fields))

    async def cancel(self, user: str, posted: Posted) -> Delivery:
        """Close the form without sending it."""
        return await self._callback(user, posted, wire.cancelled(self._shown_form(user, posted)))

    def join(self, chat: str) -> None:
        """The bot is put into a group; it is not told."""
        self.space.chats[chat].bot = True

    def leave(self, chat: str) -> None:
        """The bot is taken out of a group; it is not told, and finds out by being refused."""
        self.space.chats[chat].bot = False

    def leave_org(self, *users: str) -> None:
        """People leave the organisation."""
        for user in users:
            self.space.users[user].left = True
        event = {"timeStamp": str(self.space.millis()), "eventId": self.space.next_id("event"), "userId": [*users]}
        self.spawn(self.event("user_leave_org", event))

    # what a test waits for -------------------------------------------------------------------------------------

    async def next_post(self, chat: str = "", *, within: float = 5.0) -> Posted:
        """The next thing the bot places or rewrites, in any conversation or in this one; what is passed over is
        kept for whoever asks for it."""
        async with asyncio.timeout(within):
            while True:
                for posted in self.space.posts:
                    if chat in ("", posted.chat):
                        self.space.posts.remove(posted)
                        return posted
                self.space.news.clear()
                await self.space.news.wait()

    def standing(self, chat: str = "") -> list[Posted]:
        """What stands of the bot, oldest first."""
        rooms = [self.space.chats[chat]] if chat else list(self.space.chats.values())
        return [posted for room in rooms for posted in room.posts.values()]

    # inside ----------------------------------------------------------------------------------------------------

    def _written(
        self,
        user: str,
        chat: Chat,
        text: str,
        *,
        quote: str = "",
        kind: str = "text",
        at: list[str] | None = None,
        mention: bool = True,
    ) -> tuple[str, Json]:
        """A message as it stands in the conversation, and what the robot's topic carries of it."""
        sender, id = self.space.users[user], self.space.next_id()
        content = wire.content_of(kind, wire.typed(text, mention=mention and not chat.direct))
        quoted = chat.messages[quote] if quote else None
        chat.messages[id] = {
            "msgType": kind,
            "senderId": sender.dingtalk_id,
            "createdAt": self.space.millis(),
            "text": text,
        }
        named = [self.space.users[other] for other in at or []]
        payload = wire.message(self.space, chat, sender, id, content, self.new_webhook(chat), named)
        payload["robotCode"] = self.robot_code
        if quoted is not None:
            payload["originalMsgId"] = quote
            payload["text"] |= wire.quotation(quote, quoted, self.space.bot_user)
            if posted := chat.posts.get(quote):  # by webhook there is no key to name it by
                keys = {"webhook": {}, "card": {"originalProcessQueryKey": self.carrier(quote)}}
                payload |= keys.get(posted.how, {"originalProcessQueryKey": quote})
        return id, payload

    def _heard(self, chat: Chat, kind: str, mention: bool) -> bool:
        return chat.direct or (chat.bot and mention and kind in ("text", "richText"))

    def _shown_form(self, user: str, posted: Posted) -> dict[str, str]:
        private = self.space.cards[posted.out_track_id].private.get(self.space.users[user].card_id, {})
        assert private.get("form"), f"this card shows no form to {user}"
        return private

    def _button(self, posted: Posted, wanted: str) -> Button:
        for button in posted.buttons:
            said = re.split(r"[⟦|⟧]", said_by(button.url) or "")
            names = [button.text, str(button.params.get("action", "")), *said]
            if wanted in names or any(name.endswith(f":{wanted}") for name in names):
                assert not button.disabled, f"{wanted!r} is disabled"
                return button
        raise AssertionError(f"no button {wanted!r} among {posted.buttons}")

    async def _callback(self, user: str, posted: Posted, private: Json) -> Delivery:
        """A press comes by stream; what the ack carries changes the card, for all and for who pressed."""
        card = self.space.cards[posted.out_track_id]
        assert card.callback == "STREAM", f"a card with callbackType {card.callback!r} calls nobody here"
        chat, sender = self.space.chats[posted.chat], self.space.users[user]
        payload = wire.card_press(self.space, chat, sender, card.out_track_id, private)
        done = await self.deliver("CALLBACK", wire.CARD_PRESSES, payload, name="card")
        answer = done.answer.get("response")
        if isinstance(answer, dict):
            own = answer.get("userPrivateData")
            self.rewrite(card, answer, {sender.card_id: own} if own else {})
        return done
