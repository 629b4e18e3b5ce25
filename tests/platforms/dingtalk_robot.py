"""What a robot says without cards: by the sessionWebhook of a message, to a group, to people; and taking it
back."""

from __future__ import annotations

import json
from typing import Any

from tests.platforms.dingtalk_api import DingTalkApi, Refused, too_fast
from tests.platforms.dingtalk_state import Button, Chat, Json, Posted
from tests.platforms.dingtalk_text import addressed, all_words, link_buttons, links, rendered, with_names

WEBHOOK_LIFE = 90 * 60  # seconds; seen in recorded payloads: sessionWebhookExpiredTime - createAt
WEBHOOK_RATE = 20  # a minute
MOST_PEOPLE = 20  # of one batchSend
LARGEST_PARAM = 15_000  # bytes of msgParam

ACTION_CARDS = {  # msgKey → (title, url) of each button
    "sampleActionCard": [("singleTitle", "singleURL")],
    **{
        f"sampleActionCard{n}": [(f"actionTitle{i}", f"actionURL{i}") for i in range(1, n + 1)] for n in range(2, 6)
    },
    "sampleActionCard6": [("buttonTitle1", "buttonUrl1"), ("buttonTitle2", "buttonUrl2")],
}


class DingTalkRobot(DingTalkApi):
    """`flow_controlled`: people whom DingTalk does not bother again just now (a fault `flow` names everybody
    once)."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.flow_controlled: set[str] = set()
        self.webhooks: dict[str, tuple[str, float]] = {}  # session → (chat id, good until)
        self._said: dict[str, list[float]] = {}

    def placed(self, posted: Posted) -> None:
        self.space.show(posted)

    # by the webhook of a message -------------------------------------------------------------------------------

    def new_webhook(self, chat: Chat) -> tuple[str, int]:
        """An address for answers in this chat, and when it goes stale (milliseconds since 1970)."""
        session = self.space.next_id("fixture-session-").rstrip("=")
        until = self.clock() + WEBHOOK_LIFE
        self.webhooks[session] = (chat.id, until)
        return f"{self.url}/robot/sendBySession?session={session}", int(until * 1000)

    def do_robot_sendBySession(self, body: Json) -> Json:
        chat_id, until = self.webhooks.get(body["session"], ("", 0.0))
        if self.clock() >= until:
            raise Refused(300001, "session 不存在")
        chat = self.space.chats[chat_id]
        if not chat.bot:
            raise Refused(300001, "session 不存在")
        now = self.clock()
        said = self._said[body["session"]] = [at for at in self._said.get(body["session"], []) if now - at < 60] + [
            now
        ]
        if len(said) > WEBHOOK_RATE:
            raise too_fast("robot/sendBySession", old=True)
        title, text, buttons = _webhook_words(body)
        kind = body["msgtype"]
        mentions = self._notified(chat, text, body.get("at") or {}) if kind in ("text", "markdown") else ()
        self._place("webhook", chat, title, text, buttons, raw=body, mentions=mentions, plain=kind == "text")
        return {}

    def _notified(self, chat: Chat, text: str, at: Json) -> tuple[str, ...]:
        """D8: only who stands in the text as well as in the list."""
        names = self.space.members_named(chat)
        by_phone = {user.mobile: id for id, user in self.space.users.items() if user.mobile}
        found = [id for id in addressed(text, at.get("atUserIds") or []) if id in names]
        found += [by_phone[phone] for phone in addressed(text, at.get("atMobiles") or []) if phone in by_phone]
        return ("@all",) if at.get("isAtAll") in (True, "true") else tuple(found)

    # to groups and people --------------------------------------------------------------------------------------

    def do_robot_groupMessages_send(self, body: Json) -> Json:
        self._check_robot(body["robotCode"])
        chat = self._group(body["openConversationId"])
        title, text, buttons, plain = _param_words(body)
        posted = self._place("group", chat, title, text, buttons, raw=body, plain=plain)
        return {"processQueryKey": posted.id}

    def do_robot_oToMessages_batchSend(self, body: Json) -> Json:
        self._check_robot(body["robotCode"])
        wanted = body["userIds"]
        if not wanted:
            raise Refused("invalidParameter.userIds.empty")
        if len(wanted) > MOST_PEOPLE:
            raise Refused("invalidParameter.userIds.overMax")
        title, text, buttons, plain = _param_words(body)
        known = [id for id in wanted if id in self.space.users and not self.space.users[id].external]
        if not known:
            raise Refused("staffId.notExisted")
        gone = [id for id in wanted if id not in known or self.space.users[id].left]
        flow = self.faults.take("robot/oToMessages/batchSend", frozenset({"flow"}))
        held = [id for id in known if id not in gone and (flow or id in self.flow_controlled)]
        key = self.space.next_id("key")
        for id in wanted:
            if id not in gone and id not in held:
                chat = self.space.direct(id)
                self._place("oto", chat, title, text, buttons, raw=body, plain=plain, id=key)
        return {"processQueryKey": key, "invalidStaffIdList": gone, "flowControlledStaffIdList": held}

    def do_robot_groupMessages_recall(self, body: Json) -> Json:
        self._check_robot(body["robotCode"])
        return self._recalled([self._group(body["openConversationId"])], body["processQueryKeys"])

    def do_robot_otoMessages_batchRecall(self, body: Json) -> Json:
        self._check_robot(body["robotCode"])
        return self._recalled([chat for chat in self.space.chats.values() if chat.direct], body["processQueryKeys"])

    def _recalled(self, chats: list[Chat], keys: list[str]) -> Json:
        done = [key for key in keys if any([self.space.recall(chat, key) for chat in chats])]
        return {"successResult": done, "failedResult": {key: "not found" for key in keys if key not in done}}

    def _check_robot(self, code: str) -> None:
        if not code:
            raise Refused("invalidParameter.robotCode.empty")
        if code != self.robot_code:
            raise Refused("invalidParameter.robotCode.auth")

    def _group(self, id: str) -> Chat:
        chat = self.space.chats.get(id)
        if chat is None or chat.direct:
            raise Refused("invalid.openConversationId")
        if not chat.bot:
            raise Refused("invalidParameter.robotCode.notExsit")  # spelt so on the platform
        return chat

    def _place(
        self,
        how: str,
        chat: Chat,
        title: str,
        text: str,
        buttons: list[Button],
        *,
        raw: Json,
        mentions: tuple[str, ...] = (),
        plain: bool = False,
        id: str = "",
    ) -> Posted:
        names = {id: name for id, name in self.space.members_named(chat).items() if id in mentions}
        pressed = [*([] if plain else link_buttons(text)), *buttons]
        shown = all_words(with_names(text if plain else rendered(text), names), pressed)
        opened = links(text) + tuple(button.url for button in buttons)
        id = id or self.space.next_id("key")
        posted = Posted(id, how, chat.id, text, shown, title, tuple(pressed), opened, mentions, raw=raw)
        self.placed(posted)
        return posted

    # signs and files -------------------------------------------------------------------------------------------

    def do_robot_emotion_reply(self, body: Json) -> Json:
        self.space.emotions.append(self._emotion(body))
        return {"success": True}

    def do_robot_emotion_recall(self, body: Json) -> Json:
        emotion = self._emotion(body)
        if emotion in self.space.emotions:
            self.space.emotions.remove(emotion)
        return {"success": True}

    def _emotion(self, body: Json) -> tuple[str, str]:
        """A reaction by name; one of the kind 2 carries its own words (fields as several connectors send them)."""
        self._check_robot(body["robotCode"])
        chat = self.space.chats.get(body["openConversationId"])
        if chat is None or body["openMsgId"] not in chat.messages:
            raise Refused("invalidParameter.openMsgId.invalid")
        if body["emotionType"] == 2:
            words = body["textEmotion"]
            if not all(words[key] for key in ("emotionId", "emotionName", "text", "backgroundId")):
                raise Refused("invalidParameter.textEmotion.invalid")
        return body["openMsgId"], body["emotionName"]

    def do_robot_messageFiles_download(self, body: Json) -> Json:
        self._check_robot(body["robotCode"])
        return {"downloadUrl": f"{self.url}/files/{body['downloadCode']}"}


def _webhook_words(body: Json) -> tuple[str, str, list[Button]]:
    """Title, text and buttons of a message by webhook; 40035 where the platform misses something."""
    kind = body["msgtype"]
    content = body[kind]
    if kind == "text":
        title, text = "", content["content"]
        buttons = []
    elif kind == "markdown":
        title, text, buttons = content["title"], content["text"], []
    elif kind == "actionCard":
        title, text = content["title"], content["text"]
        if "singleTitle" in content:
            buttons = [Button(content["singleTitle"], content["singleURL"])]
        else:
            buttons = [Button(one["title"], one["actionURL"]) for one in content["btns"]]
    else:
        raise Refused(40035, f"unsupported msgtype {kind}")
    if not text or (kind != "text" and not title):
        raise Refused(40035, "缺少参数 title 或 text")
    return title, text, buttons


def _param_words(body: Json) -> tuple[str, str, list[Button], bool]:
    """Title, text and buttons of a template message, and whether it is plain text."""
    key, given = body["msgKey"], body["msgParam"]
    if not key:
        raise Refused("invalidParameter.msgKey.empty")
    if key not in {"sampleText", "sampleMarkdown", *ACTION_CARDS}:
        raise Refused("invalidParameter.msgKey.invalid")
    if not isinstance(given, str) or len(given.encode()) > LARGEST_PARAM:
        raise Refused("invalidParameter.msgParam.invalid")
    try:
        param = json.loads(given)
        if key == "sampleText":
            title, text, buttons = "-", param["content"], []
        else:
            title, text = param["title"], param["text"]
            buttons = [Button(param[name], param[url]) for name, url in ACTION_CARDS.get(key, [])]
    except (ValueError, KeyError, TypeError) as error:
        raise Refused("invalidParameter.msgParam.invalid") from error
    if not (isinstance(title, str) and isinstance(text, str) and title and text):
        raise Refused("invalidParameter.msgParam.invalid")
    return title.removeprefix("-") if key == "sampleText" else title, text, buttons, key == "sampleText"
