"""CardKit: card entities that are created, sent once by id, streamed into, and closed (cardkit/v1)."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from tests.platforms.feishu_api import Endpoint, Refused, ok
from tests.platforms.feishu_cards import card_fault
from tests.platforms.feishu_messages import FeishuMessages
from tests.platforms.feishu_reading import elements
from tests.platforms.feishu_state import Entity, Json

WRITE = ("cardkit:card:write",)
STREAM_SECONDS = 600.0
ENTITY_DAYS = 14
CARD_BYTES = 30 * 1024
DIRECT = {300301: "element_id(", 300305: "element exceeds"}  # what CardKit answers where a message answers 230099


class FeishuCardKit(FeishuMessages):
    """A card entity keeps its sequence. Streaming ends by itself ten minutes after it began: the first write then
    gets 200850, those after it 300309, until `settings` switches it on again."""

    ENDPOINTS: ClassVar[tuple[Endpoint, ...]] = (
        Endpoint("POST", "/cardkit/v1/cards", "cardkit.card.create", WRITE),
        Endpoint("PUT", "/cardkit/v1/cards/{card_id}", "cardkit.card.update", WRITE),
        Endpoint("PATCH", "/cardkit/v1/cards/{card_id}/settings", "cardkit.card.settings", WRITE),
        Endpoint("POST", "/cardkit/v1/cards/id_convert", "cardkit.card.convert", WRITE),
        Endpoint(
            "PUT", "/cardkit/v1/cards/{card_id}/elements/{element_id}/content", "cardkit.element.content", WRITE
        ),
        Endpoint("PUT", "/cardkit/v1/cards/{card_id}/elements/{element_id}", "cardkit.element.update", WRITE),
    )

    def __init__(self, **base: Any) -> None:
        super().__init__(**base)
        self.busy_cards: set[str] = set()  # messages whose card waits for the answer to a press
        self._operations: dict[tuple[str, str], Json] = {}  # (card, uuid) → the first answer

    def do_cardkit_card_create(self, body: Json) -> Json:
        if body["type"] != "card_json":
            raise Refused(10002, "Your request contains an invalid request parameter.")
        card = self._card(body["data"])
        id = self.space.next("7")
        streams = bool(card.get("config", {}).get("streaming_mode"))
        self.space.entities[id] = Entity(id, card, self.clock(), streaming_since=self.clock() if streams else 0.0)
        return ok({"card_id": id})

    async def do_cardkit_card_update(self, body: Json) -> Json:
        entity, again = self._operate(body)
        if again is not None:
            return again
        if body["card"]["type"] != "card_json":
            raise Refused(10002, "Your request contains an invalid request parameter.")
        entity.card = self._card(body["card"]["data"])
        self._switch(entity, entity.card.get("config", {}))
        return await self._done(entity, body, "cardkit.card.update")

    async def do_cardkit_card_settings(self, body: Json) -> Json:
        """A setting that is not under `config` is silently passed over."""
        entity, again = self._operate(body)
        if again is not None:
            return again
        config = json.loads(body["settings"]).get("config", {})
        if "summary" in config and config.get("streaming_mode") is None:
            raise Refused(2200, "internal error")  # field report; the page does not say so
        entity.card["config"] = {**entity.card.get("config", {}), **config}
        self._switch(entity, config)
        return await self._done(entity, body, "cardkit.card.settings")

    async def do_cardkit_element_content(self, body: Json) -> Json:
        """The whole text so far into a Markdown or plain-text element."""
        entity, again = self._operate(body)
        if again is not None:
            return again
        element = self._element(entity, body["element_id"])
        if entity.streaming_since and self.clock() - entity.streaming_since > STREAM_SECONDS:
            entity.streaming_since = 0.0
            raise Refused(200850, "Card streaming timeout")
        if not entity.streaming_since:
            raise Refused(300309, "Card streaming closed")
        if element.get("tag") not in ("markdown", "plain_text"):
            raise Refused(300310, "Only update text")
        if not 1 <= len(body["content"]) <= 100_000:
            raise Refused(10002, "Your request contains an invalid request parameter.")
        before, element["content"] = element.get("content", ""), body["content"]
        try:
            self._card(json.dumps(entity.card))
        except Refused:
            element["content"] = before
            raise
        return await self._done(entity, body, "")

    async def do_cardkit_element_update(self, body: Json) -> Json:
        entity, again = self._operate(body)
        if again is not None:
            return again
        element = self._element(entity, body["element_id"])
        before = dict(element)
        element.clear()
        element |= json.loads(body["element"])
        try:
            self._card(json.dumps(entity.card))
        except Refused:
            element.clear()
            element |= before
            raise
        return await self._done(entity, body, "cardkit.element.update")

    def do_cardkit_card_convert(self, body: Json) -> Json:
        message = self._message(body["message_id"])
        if not message.card_id:
            raise Refused(10002, "Your request contains an invalid request parameter.")
        return ok({"card_id": message.card_id})

    # inside ----------------------------------------------------------------------------------------------------

    def _operate(self, body: Json) -> tuple[Entity, Json | None]:
        """The entity, if this operation may happen now; a repeat of an operation has its first answer."""
        entity = self.space.entities.get(body["card_id"])
        if entity is None:
            raise Refused(200740, "The card entity does not exist")
        if self.clock() - entity.created > ENTITY_DAYS * 86400:
            raise Refused(200750, "The card entity has expired")
        if known := self._operations.get((entity.id, body.get("uuid") or "")):
            return entity, known
        if entity.message in self.busy_cards:
            raise Refused(200810, "The card is in an ongoing interaction and cannot be updated")
        if body["sequence"] <= entity.sequence:
            text = "The sequence number for operating on the card did not increment consecutively"
            raise Refused(300317, text)
        return entity, None

    async def _done(self, entity: Entity, body: Json, how: str) -> Json:
        entity.sequence = body["sequence"]
        answer = ok()
        if body.get("uuid"):
            self._operations[entity.id, body["uuid"]] = answer
        if how and entity.message:
            await self.space.show(how, self._message(entity.message))
        return answer

    def _switch(self, entity: Entity, config: Json) -> None:
        if "streaming_mode" in config:
            entity.streaming_since = self.clock() if config["streaming_mode"] else 0.0

    def _element(self, entity: Entity, id: str) -> Json:
        for element in elements(entity.card):
            for each in (element, element.get("text")):
                if isinstance(each, dict) and each.get("element_id") == id:
                    return each
        raise Refused(300313, "Failed to update element properties")

    def _card(self, data: str) -> Json:
        """A card entity's JSON, or what CardKit answers for it."""
        try:
            card = json.loads(data)
        except ValueError as bad:
            raise Refused(200220, "Failed to generate card content") from bad
        if not card:
            raise Refused(300307, "The card DSL is empty")
        if not isinstance(card, dict) or card.get("schema") != "2.0":
            raise Refused(300303, "Only schema 2.0 is supported")
        if card.get("config", {}).get("update_multi") is False:
            raise Refused(300302, "update_multi property is false")
        if len(json.dumps(card, ensure_ascii=False).encode()) > CARD_BYTES:
            raise Refused(200860, "Card content exceeds limit.")
        _, msg = card_fault(card, set(self.space.users), self.images)
        if msg:
            code = next((code for code, words in DIRECT.items() if words in msg), 200220)
            raise Refused(code, msg)
        return card
