"""Interactive cards: created from a published template, delivered to spaces, rewritten, streamed.

An outTrackId names one card for good. The SDK's docstring calls such an id idempotent and good for bringing the
same card to several conversations; what becomes of a second createAndDeliver is not written anywhere. Here it
changes no data and brings the card once more, which is the worst that fits those words. Error codes without a
source are marked.
"""

from __future__ import annotations

import asyncio
from typing import Any

from tests.platforms.dingtalk_api import Refused
from tests.platforms.dingtalk_robot import DingTalkRobot
from tests.platforms.dingtalk_state import Card, Json, Posted, Template
from tests.platforms.dingtalk_text import all_words, card_buttons, card_rendered, links

SPACE = "dtv1.card//"
MODELS = {"IM_GROUP": "imGroupOpen", "IM_ROBOT": "imRobotOpen"}
AT_WORK = ("1", "2")  # flowStatus: processing, inputing; 3 is finished, 5 failed


class DingTalkCards(DingTalkRobot):
    """`card_template` is published; `card_draft` exists and is not."""

    card_template = "fixture-template.schema"
    card_draft = "fixture-draft.schema"

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._forms = asyncio.Condition()
        for template in (Template(self.card_template), Template(self.card_draft, published=False)):
            self.space.templates[template.id] = template

    def do_card_instances(self, body: Json) -> Json:
        self._created(body)
        return {"success": True, "result": body["outTrackId"]}

    def do_card_instances_createAndDeliver(self, body: Json) -> Json:
        self._created(body)
        results = self._delivered(body)
        return {"success": True, "result": {"outTrackId": body["outTrackId"], "deliverResults": results}}

    def do_card_instances_deliver(self, body: Json) -> Json:
        return {"success": True, "result": self._delivered(body)}

    def do_card_instances_put(self, body: Json) -> Json:
        card = self._card(body["outTrackId"])
        self.rewrite(card, body, body.get("privateData") or {})
        return {"success": True, "result": True}

    def do_card_streaming(self, body: Json) -> Json:
        card = self._card(body["outTrackId"])
        key, content, guid = body["key"], body["content"], body["guid"]
        if not isinstance(content, str):
            raise Refused("InvalidParameter", "content is a string")
        if key not in self.space.templates[card.template].streams:
            raise Refused("unknownError", status=500)  # what the field gets for it
        if card.finished:
            raise Refused("param.streamFinished")  # assumed
        if guid in card.guids:
            return {"success": True, "result": True}
        card.guids.add(guid)
        card.params[key] = content if body["isFull"] else card.params.get(key, "") + content
        card.streaming = True
        if body.get("isFinalize") or body.get("isError"):
            card.streaming, card.finished = False, True
            card.params["flowStatus"] = "5" if body.get("isError") else "3"
            self._show(card)
        return {"success": True, "result": True}

    def rewrite(self, card: Card, change: Json, private: Json) -> None:
        """A card's data after an update or the answer to a press; without updateCardDataByKey they are replaced,
        and so are those of a person."""
        options = change.get("cardUpdateOptions") or {}
        before = dict(card.params)
        given = _params(change.get("cardData"))
        if change.get("cardData") is not None:
            card.params = {**card.params, **given} if options.get("updateCardDataByKey") is True else given
        for user, data in private.items():
            kept = card.private.get(user, {}) if options.get("updatePrivateDataByKey") is True else {}
            card.private[user] = {**kept, **_params(data)}
        if given.get("flowStatus") in ("3", "5"):
            card.streaming, card.finished = False, True
        if card.params != before:
            self._show(card)
        if private:
            self.spawn(self._tell_forms())

    async def _tell_forms(self) -> None:
        async with self._forms:
            self._forms.notify_all()

    async def next_form(self, user: str, *, within: float = 5.0) -> Card:
        """The card that shows this person a form, once there is one."""
        id = self.space.users[user].card_id

        def shown() -> list[Card]:
            return [card for card in self.space.cards.values() if card.private.get(id, {}).get("form")]

        async with self._forms, asyncio.timeout(within):
            await self._forms.wait_for(shown)
        return shown()[0]

    def spins(self, out_track_id: str) -> bool:
        """D13: whether the reader still sees this card at work."""
        card = self._card(out_track_id)
        return card.streaming or card.params.get("flowStatus") in AT_WORK

    # inside ----------------------------------------------------------------------------------------------------

    def _created(self, body: Json) -> None:
        if not body["outTrackId"]:
            raise Refused("param.outTrackIdEmpty")
        template = self.space.templates.get(body["cardTemplateId"])
        if template is None:
            raise Refused("param.templateNotExist")  # assumed
        if not template.published:
            raise Refused("param.templateUnpublished")
        params = _params(body.get("cardData"))
        private = {user: _params(data) for user, data in (body.get("privateData") or {}).items()}
        if body["outTrackId"] not in self.space.cards:
            models = frozenset(kind for kind, name in MODELS.items() if body.get(name + "SpaceModel") is not None)
            card = Card(body["outTrackId"], template.id, params, body.get("callbackType", ""), models, private)
            self.space.cards[card.out_track_id] = card

    def _card(self, id: str) -> Card:
        if id not in self.space.cards:
            raise Refused("param.cardNotExist")  # assumed
        return self.space.cards[id]

    def _delivered(self, body: Json) -> list[Json]:
        card = self._card(body["outTrackId"])
        kind, _, id = body["openSpaceId"].removeprefix(SPACE).partition(".")
        if kind not in card.models:
            raise Refused("param.openSpaceModelInvalid")
        error = self._undeliverable(kind, id, body)
        if not error and self.faults.take("card/deliver", frozenset({"undelivered"})):
            error = "fixture: not delivered"
        result = {"spaceType": kind, "spaceId": id, "success": not error, "errorMsg": error}
        if error:
            return [result]
        chat = self.space.direct(id) if kind == "IM_ROBOT" else self.space.chats[id]
        at = (body.get("imGroupOpenDeliverModel") or {}).get("atUserIds") or {}
        names = self.space.members_named(chat)
        card.mentions += ("@all",) if "@ALL" in at else tuple(who for who in at if who in names)
        again = len(card.carriers)
        carrier = card.out_track_id + (f"~{again + 1}" if again else "")
        card.carriers.append((chat.id, carrier))
        self._show(card, only=carrier)
        return [{**result, "carrierId": self.carrier(carrier)}]

    @staticmethod
    def carrier(post: str) -> str:
        """What a quotation of a card names it by."""
        return f"carrier-{post}"

    def _undeliverable(self, kind: str, id: str, body: Json) -> str:
        """Why a card cannot stand there, or nothing; how to deliver it has to come along."""
        model = body[MODELS[kind] + "DeliverModel"]
        if kind == "IM_GROUP":
            chat = self.space.chats.get(id)
            there = chat is not None and chat.bot and not chat.direct and model["robotCode"] == self.robot_code
            return "" if there else "chatbot is not in this group"
        if model["spaceType"] != "IM_ROBOT":
            raise Refused("param.openSpaceModelInvalid")
        user = self.space.users.get(id)
        return "user does not exist" if user is None or user.left or user.external else ""

    def _show(self, card: Card, *, only: str = "") -> None:
        """A card at work is not a post yet: it is looked at once its text is whole."""
        if self.spins(card.out_track_id):
            return
        text, buttons = card.params.get("content", ""), card_buttons(card.params.get("buttons", ""))
        for chat, id in card.carriers:
            if only in ("", id):
                self.placed(
                    Posted(
                        id,
                        "card",
                        chat,
                        text,
                        all_words(card_rendered(text), buttons),
                        buttons=tuple(buttons),
                        links=links(text),
                        mentions=card.mentions,
                        out_track_id=card.out_track_id,
                        raw=dict(card.params),
                    )
                )


def _params(data: Json | None) -> dict[str, str]:
    params = (data or {}).get("cardParamMap") or {}
    if any(not isinstance(value, str) for value in params.values()):
        raise Refused("InvalidParameter", "cardParamMap values are strings")
    return dict(params)
