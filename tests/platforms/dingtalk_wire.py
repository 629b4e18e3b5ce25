"""The payloads by which DingTalk tells an app what people did. Pure; after recorded ones with the people
changed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

from tests.platforms.dingtalk_state import BOT_NAME, Button, Chat, Json, Organisation, User

MESSAGES = "/v1.0/im/bot/messages/get"
CARD_PRESSES = "/v1.0/card/instances/callback"
EVENTS = "*"


def content_of(kind: str, text: str) -> Json:
    """The part of a message that depends on its kind."""
    code = {"downloadCode": "fixture-download-code"}
    picture = {**code, "pictureDownloadCode": "fixture-picture-code"}
    if kind == "text":
        return {"msgtype": kind, "text": {"content": text}}
    if kind == "richText":
        parts: list[Json] = [{"text": text}, {**picture, "type": "picture"}]
        return {"msgtype": kind, "content": {"richText": parts}}
    if kind == "picture":
        return {"msgtype": kind, "content": picture}
    if kind == "audio":
        return {"msgtype": kind, "content": {**code, "duration": 4000, "recognition": text}}
    if kind == "file":
        return {"msgtype": kind, "content": {**code, "fileName": text, "fileId": "f1", "spaceId": "s1"}}
    raise ValueError(kind)


def typed(text: str, *, mention: bool) -> str:
    """What is left of a text for the app: its own name is cut out, the blank after it stays."""
    if not mention:
        return text
    name = f"@{BOT_NAME}"
    return text.replace(name, "", 1) if name in text else f" {text}"


def message(
    space: Organisation, chat: Chat, sender: User, id: str, content: Json, webhook: tuple[str, int], at: list[User]
) -> Json:
    """What the robot's topic carries. Somebody from outside has no staffId and another organisation."""
    payload: Json = {
        "conversationId": chat.id,
        "conversationType": "1" if chat.direct else "2",
        "chatbotCorpId": space.corp,
        "chatbotUserId": space.bot_user,
        "msgId": id,
        "senderNick": sender.name,
        "senderId": sender.dingtalk_id,
        "senderCorpId": space.corp_of(sender),
        "isAdmin": sender.admin,
        "createAt": space.millis(),
        "sessionWebhook": webhook[0],
        "sessionWebhookExpiredTime": webhook[1],
        "senderPlatform": "Mac",
        **content,
    }
    if not sender.external:
        payload["senderStaffId"] = sender.staff_id
    if not chat.direct:
        named = [{"dingtalkId": u.dingtalk_id, **({} if u.external else {"staffId": u.staff_id})} for u in at]
        payload |= {
            "conversationTitle": chat.name,
            "isInAtList": True,
            "atUsers": [{"dingtalkId": space.bot_user}, *named],
        }
    return payload


def quotation(id: str, quoted: Json, bot: str) -> Json:
    """What is added to a text that answers a message: its words if a person typed it; of the bot's own posts only
    that there was one."""
    replied: Json = {"msgId": id, "msgType": quoted["msgType"], "senderId": quoted["senderId"]}
    if quoted["senderId"] != bot:
        replied |= {"createdAt": quoted["createdAt"], "content": {"text": quoted["text"]}}
    return {"isReplyMsg": True, "repliedMsg": replied}


def pressed(button: Button) -> Json:
    """What a button of a card's button group sends."""
    return {"actionIds": [button.id], "params": button.params}


def submitted(private: dict[str, str], fields: dict[str, str]) -> Json:
    """What the template sends for its form: what it was about, and its inputs in their order."""
    inputs = {f"input{n}": value for n, value in enumerate(fields.values(), 1)}
    return {"actionIds": ["submit"], "params": {"about": private["about"], **inputs}}


def cancelled(private: dict[str, str]) -> Json:
    """What the template sends for the button that closes its form."""
    return {"actionIds": ["cancel"], "params": {"about": private["about"]}}


def card_press(space: Organisation, chat: Chat, user: User, track: str, private: Json) -> Json:
    """What the card topic carries: the organisation is that of who pressed, `content` is JSON in a string."""
    return {
        "type": "actionCallback",
        "corpId": space.corp_of(user),
        "outTrackId": track,
        "spaceType": "IM_ROBOT" if chat.direct else "IM_GROUP",
        "spaceId": user.staff_id if chat.direct else chat.id,
        "userId": user.card_id,
        "userIdType": 1,
        "content": json.dumps({"cardPrivateData": private}, ensure_ascii=False),
        "extension": "{}",
    }


def frame(link: str, id: str, millis: int, type: str, topic: str, data: Json, **headers: str) -> str:
    """A stream frame: its data are JSON in a string."""
    outer = {
        "appId": "fixture-app",
        "connectionId": link,
        "contentType": "application/json",
        "messageId": id,
        "time": str(millis),
        "topic": topic,
        **headers,
    }
    return json.dumps({"specVersion": "1.0", "type": type, "headers": outer, "data": json.dumps(data)})


def signature(secret: str, millis: int) -> dict[str, str]:
    """The headers of an HTTP callback: the body is not signed."""
    digest = hmac.new(secret.encode(), f"{millis}\n{secret}".encode(), hashlib.sha256).digest()
    return {"timestamp": str(millis), "sign": base64.b64encode(digest).decode()}
