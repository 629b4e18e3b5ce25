"""A Post → the bodies of DingTalk's card calls. Pure.

The template (deploy/dingtalk/card.md) is as small as it can be: `content`, a Markdown text that begins with the
label; `buttons`, a list of them; and a form of two inputs, hidden until its title is set, which is done for one
person alone (`privateData`), so that nobody else sees what somebody is about to write. All values are strings,
whatever they are (peers.md D13). A card is named by its post's key: that is how a repeat is recognised.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from adapters.dingtalk import outbound
from adapters.dingtalk.addresses import staff_of
from adapters.model import Button, Form, Person, Post, Thread
from adapters.text import mute

Json = dict[str, Any]

PRESS, SUBMIT, CANCEL = "press", "submit", "cancel"  # the ids of the template's actions
INPUTS = 2
WEIGHT = 14_000  # bytes of a card's text; what is more follows in further cards
_COLOURS = {"primary": "blue", "danger": "red"}


def bodies(post: Post, thread: Thread, *, robot: str, template: str) -> list[Json]:
    """What to create, in order. The last one is the post's own: it has the buttons, and stands only if the ones
    before do."""
    name = outbound.name(post.key)
    parts = outbound.parts(post, outbound.by_name(post.mention), rich=True, weight=WEIGHT)
    of = len(parts)
    return [
        _create(
            name if number == of else f"{name}-{number}",
            part,
            post.card.buttons if number == of else (),
            thread,
            robot=robot,
            template=template,
            mention=post.mention if number == 1 else (),
        )
        for number, part in enumerate(parts, 1)
    ]


def update(name: str, params: Json) -> Json:
    """Only these variables change; without the option they would be all there is."""
    return {
        "outTrackId": name,
        "cardData": {"cardParamMap": params},
        "cardUpdateOptions": {"updateCardDataByKey": True},
    }


def look(name: str) -> Json:
    """A change of nothing: it is refused if and only if there is no such card. No call reads a card."""
    return update(name, {})


def params_of(body: Json) -> Json:
    """The variables of a card that is to be created."""
    params: Json = body["cardData"]["cardParamMap"]
    return params


def _create(
    name: str,
    part: outbound.Part,
    shown: Sequence[Button],
    thread: Thread,
    *,
    robot: str,
    template: str,
    mention: Sequence[Person],
) -> Json:
    space = {
        "supportForward": False,  # a forwarded button would be pressed where its card does not stand
        "lastMessageI18n": {"ZH_CN": part.title, "EN_US": part.title},
        "notification": {"alertContent": part.title, "notificationOff": False},
    }
    body: Json = {
        "cardTemplateId": template,
        "outTrackId": name,
        "callbackType": "STREAM",
        "userIdType": 1,
        "cardData": {"cardParamMap": {"content": part.text, "buttons": _buttons(shown, thread)}},
    }
    if thread.direct:
        body["openSpaceId"] = f"dtv1.card//IM_ROBOT.{staff_of(thread)}"
        body["imRobotOpenSpaceModel"] = space
        body["imRobotOpenDeliverModel"] = {"spaceType": "IM_ROBOT", "robotCode": robot}
    else:
        called = {person.id: mute(person.name or person.id) for person in mention}
        body["openSpaceId"] = f"dtv1.card//IM_GROUP.{thread.chat}"
        body["imGroupOpenSpaceModel"] = space
        body["imGroupOpenDeliverModel"] = {"robotCode": robot, **({"atUserIds": called} if called else {})}
    return body


def _buttons(shown: Sequence[Button], thread: Thread) -> str:
    return json.dumps([_button(button, thread) for button in shown], ensure_ascii=False)


def _button(button: Button, thread: Thread) -> Json:
    """What is pressed comes back in `params`. The chat too, because not every callback says where it came from; and
    our organisation, because after a restart nothing else may have told it yet when a stranger presses."""
    params = {
        "action": button.action,
        "value": button.value,
        "form": "1" if button.opens_form else "",
        "chat": thread.chat,
        "corp": thread.tenant,
    }
    return {
        "text": button.label,
        "color": _COLOURS.get(button.style, "gray"),
        "status": "normal",
        "event": {"type": "sendCardRequest", "params": {"actionId": PRESS, "params": params}},
    }


# forms ---------------------------------------------------------------------------------------------------------


def opened(form: Form) -> Json:
    """The variables that show one person a form. Fields beyond what the template has are left out."""
    fields = form.fields[:INPUTS]
    about = {"action": form.action, "value": form.value, "fields": [field.name for field in fields]}
    shown = {
        "form": form.title,
        "about": json.dumps(about, separators=(",", ":")),
        "submit": form.submit,
        "cancel": form.cancel,
    }
    for number in range(1, INPUTS + 1):
        field = fields[number - 1] if number <= len(fields) else None
        shown[f"label{number}"] = field.label if field else ""
        shown[f"input{number}"] = field.initial if field else ""
    return shown


def closed() -> Json:
    return {"form": ""}


def answer(private: Json) -> Json:
    """What a callback is answered with, to change what whoever pressed sees of the card."""
    return {
        "cardUpdateOptions": {"updateCardDataByKey": True, "updatePrivateDataByKey": True},
        "userPrivateData": {"cardParamMap": private},
    }
