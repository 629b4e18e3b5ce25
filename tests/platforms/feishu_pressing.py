"""People who press buttons, submit forms and choose from the bot's menu, and what they get to see for it."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

from tests.platforms.feishu_cards import MOST_TYPED, card_fault
from tests.platforms.feishu_delivery import Delivery, FeishuDelivery
from tests.platforms.feishu_reading import elements, value_of
from tests.platforms.feishu_state import Json, Message, Posted


class Pressed(Struct, frozen=True):
    """What a press came to, as the presser sees it. `code`: 0, or what the client shows: 200340 no answer in time,
    200671 an answer that is none, 200672 a bad toast, 200673 a bad card."""

    code: int
    toast: Json = field(default_factory=dict)
    card: Json = field(default_factory=dict)
    delivery: Delivery | None = None

    @property
    def acked(self) -> bool:
        return self.code == 0


class FeishuPressing(FeishuDelivery):
    """`presses_win`: a card that is rewritten while a press waits for its answer goes back to what it was, as the
    reference page of the delayed update warns. Off by default: then the two may cross."""

    def __init__(self, **base: Any) -> None:
        super().__init__(**base)
        self.presses_win = False

    async def press(self, user: str, posted: Posted, action: str) -> Pressed:
        """Press the button that says `action`, or has it as its name or in its value (`:action` at their end)."""
        found = [b for b in posted.buttons if _means(b, action)]
        assert found, f"no button {action!r} among {[value_of(b) or b.get('name') for b in posted.buttons]}"
        assert not found[0].get("disabled"), f"the button {action!r} is disabled"
        return await self._trigger(user, posted, found[0], {})

    async def submit(self, user: str, posted: Posted, fields: Json, *, button: str = "") -> Pressed:
        """Fill the card's form by the names of its inputs (`:name` at the end will do) and submit it."""
        form = next(e for e in elements(posted.content) if e.get("tag") == "form")
        inputs = [e for e in elements(form["elements"]) if e.get("name") and e.get("tag") != "button"]
        values: Json = {}
        for element in inputs:
            name = element["name"]
            given = next((v for k, v in fields.items() if k == name or name.endswith(f":{k}")), None)
            values[name] = (
                element.get("default_value", element.get("initial_option", "")) if given is None else given
            )
            assert values[name] or not element.get("required"), f"the client wants {name} filled"
            assert len(values[name]) <= element.get("max_length", MOST_TYPED), f"the client takes less in {name}"
        names = {e["name"] for e in inputs}
        assert all(any(n == k or n.endswith(f":{k}") for n in names) for k in fields), (
            f"{set(fields)} not in {names}"
        )
        submits = [
            b
            for b in elements(form["elements"])
            if (b.get("form_action_type") == "submit" or b.get("action_type") == "form_submit")
            and (not button or _means(b, button))
        ]
        return await self._trigger(user, posted, submits[0], {"form_value": values})

    async def _trigger(self, user: str, posted: Posted, button: Json, more: Json) -> Pressed:
        message = self._found(posted.message_id)
        token = self.space.next("c-token")
        action: Json = {"tag": "button", "value": value_of(button), "timezone": "Asia/Shanghai", **more}
        if button.get("name"):
            action["name"] = button["name"]
        event = {
            "operator": {"tenant_key": self.space.users[user].tenant_key, **self._ids(user)},
            "token": token,
            "action": action,
            "host": "im_message",
            "context": {"open_message_id": message.id, "open_chat_id": message.chat},
        }
        before = self.space.content_of(message)
        self.busy_cards.add(message.id)
        try:
            delivery = await self.event("card.action.trigger", event, retries=False)
        finally:
            self.busy_cards.discard(message.id)
        self.card_tokens[token] = (message.id, self.clock(), 0)
        if self.presses_win and self.space.content_of(message) is not before:
            await self.rewrite("card.action", message, before)
        return await self._answered(message, delivery)

    async def _answered(self, message: Message, delivery: Delivery | None) -> Pressed:
        """What the client makes of the app's answer; a card in it takes the place of the pressed one."""
        if delivery is None or delivery.code == 0:
            return Pressed(200340, delivery=delivery)
        answer = delivery.answer or {}
        if not delivery.acked or not isinstance(answer, dict):
            return Pressed(200671, delivery=delivery)
        toast, card = answer.get("toast") or {}, answer.get("card") or {}
        kinds = ("info", "success", "warning", "error")
        if toast and (toast.get("type") not in kinds or not isinstance(toast.get("content"), str)):
            return Pressed(200672, delivery=delivery)
        if card:
            data = card.get("data")
            if card.get("type") != "raw" or card_fault(data, set(self.space.users), self.images)[0]:
                return Pressed(200673, delivery=delivery)
            await self.rewrite("card.action", message, data)
        return Pressed(0, toast, card, delivery)

    def menu(self, user: str, event_key: str) -> None:
        """Somebody chooses an entry of the bot's menu; it exists in the p2p chat only."""
        known = self.space.users[user]
        operator = {"operator_name": known.name, "operator_id": self._ids(user)}
        event = {"operator": operator, "event_key": event_key, "timestamp": int(self.clock())}
        self.spawn(self.event("application.bot.menu_v6", event))

    def enter_p2p(self, user: str) -> None:
        """Somebody opens the chat with the bot."""
        event = {
            "chat_id": self.space.direct(user).id,
            "operator_id": self._ids(user),
            "last_message_id": "",
            "last_message_create_time": "",
        }
        self.spawn(self.event("im.chat.access_event.bot_p2p_chat_entered_v1", event))

    def _ids(self, user: str) -> Json:
        """user_id only for an app that may read it."""
        ids = self.space.users[user].ids
        return ids if "contact:user.employee_id:readonly" in self.granted else {**ids, "user_id": ""}

    def _found(self, message: str) -> Message:
        found = self.space.message(message)
        assert found is not None, f"no message {message}"
        return found


def _means(button: Json, action: str) -> bool:
    value = value_of(button)
    said = [button.get("name", ""), (button.get("text") or {}).get("content", "")]
    said += [str(v) for v in value.values()] if isinstance(value, dict) else [str(value)]
    return any(each == action or each.endswith(f":{action}") for each in said)
