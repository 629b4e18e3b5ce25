"""What `understudy doctor` says about DingTalk: each permission is probed with a call that changes nothing.

DingTalk has no call that lists what an app may do. So each is asked for something that does not exist: the answer
that it does not exist is the permission; the answer that one may not ask names what is missing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from adapters.dingtalk import cards
from adapters.dingtalk.calls import Calls
from adapters.dingtalk.client import TOPICS
from adapters.dingtalk.failures import CONSOLE
from adapters.dingtalk.permissions import BY_CODE
from adapters.dingtalk.webhook import PATH
from adapters.errors import AdapterError, NotFound, Rejected, Unauthorised
from adapters.protocol import Finding

Json = dict[str, Any]

NOBODY = "understudy-check"  # the name of what is asked for
SKEW = 60.0  # seconds; signatures and the ends of reply addresses go by the clock


async def findings(
    calls: Calls, *, robot: str, template: str, streams: bool, mode: str, now: datetime
) -> AsyncIterator[Finding]:
    """One after the other; after a refused token nothing else can be asked."""
    try:
        await calls.identify()
    except AdapterError as error:
        yield Finding(False, str(error), f"{CONSOLE} → Credentials → Client ID and Client Secret")
        return
    yield Finding(True, "dingtalk: the credentials are good")
    for finding in clock(calls.date, now):
        yield finding
    if mode == "stream":
        yield await _gateway(calls)
    for probe in _probes(calls, robot, template, streams):
        yield await probe
    for finding in unseen(mode, template):
        yield finding


def _probes(calls: Calls, robot: str, template: str, streams: bool) -> Iterator[Awaitable[Finding]]:
    nobody = {"robotCode": robot, "userIds": [], "msgKey": "sampleText", "msgParam": '{"content":"-"}'}
    yield _robot(calls, nobody)
    yield _granted("qyapi_get_member", lambda: calls.old("topapi/v2/user/get", {"userid": NOBODY}))
    if template:
        yield _template(calls, template)
    if template and streams:
        body = {"outTrackId": NOBODY + "-none", "guid": NOBODY, "key": "content", "content": "", "isFull": True}
        yield _granted("Card.Streaming.Write", lambda: calls.new("PUT", "card/streaming", body))
    group = {"open_conversation_id": NOBODY, "size": 1, "cursor": "0"}
    yield _granted("qyapi_chat_read", lambda: calls.old("topapi/im/chat/scenegroup/member/get", group))


async def _gateway(calls: Calls) -> Finding:
    try:
        await calls.open_gateway(TOPICS)
    except AdapterError as error:
        return Finding(False, str(error), f"{CONSOLE} → Robot → message receiving mode: Stream; then publish")
    return Finding(True, "dingtalk: the stream gateway lets us in")


async def _robot(calls: Calls, body: Json) -> Finding:
    """An empty list of readers is refused as such only if the robot and its permission are good."""
    try:
        await calls.new("POST", "robot/oToMessages/batchSend", body)
    except Unauthorised as error:
        if "robotCode" in error.code:
            return Finding(False, str(error), f"{CONSOLE} → Robot → RobotCode")
        return _missing("qyapi_robot_sendmsg", error)
    except (NotFound, Rejected) as error:
        if "robotCode" in error.code:
            return Finding(False, str(error), f"{CONSOLE} → Robot → RobotCode")
    except AdapterError as error:
        return Finding(False, str(error))
    return Finding(True, "dingtalk: the robot may send messages")


async def _template(calls: Calls, template: str) -> Finding:
    """A card that is created under a name and delivered to nobody; created again it changes nothing."""
    body = {
        "cardTemplateId": template,
        "outTrackId": NOBODY,
        "callbackType": "STREAM",
        "cardData": {"cardParamMap": {"content": "-", "buttons": "[]"}},
    }
    try:
        await calls.new("POST", "card/instances", body)
    except Unauthorised as error:
        return _missing("Card.Instance.Write", error)
    except (NotFound, Rejected) as error:
        where = "open-dev.dingtalk.com → card platform: is the template published, and its id copied whole?"
        return Finding(False, f"dingtalk: the card template cannot be used ({error.code})", where)
    except AdapterError as error:
        return Finding(False, str(error))
    return Finding(True, "dingtalk: the card template can be used")


async def _granted(code: str, probe: Callable[[], Awaitable[Json]]) -> Finding:
    try:
        await probe()
    except Unauthorised as error:
        return _missing(code, error)
    except (NotFound, Rejected):
        pass  # what was asked for does not exist, and we may ask
    except AdapterError as error:
        return Finding(False, f"{error}: whether {code} is granted cannot be told")
    return Finding(True, f"dingtalk: {code} is granted")


def _missing(code: str, error: AdapterError) -> Finding:
    permission = BY_CODE[code]
    if "AccessTokenPermissionDenied" not in error.code and error.code != "60011":
        return Finding(False, str(error), CONSOLE)
    return Finding(
        permission.needed == "groups",  # an organisation without such groups does not miss it
        f"dingtalk: permission {code} is missing: {permission.without}",
        f"{CONSOLE} → Permission Management → search {code} {permission.title}".rstrip()
        + " → apply, then publish a version",
    )


def clock(date: str, now: datetime) -> Iterator[Finding]:
    try:
        off = abs((now - parsedate_to_datetime(date)).total_seconds())
    except (TypeError, ValueError):  # none, or one without a zone
        return
    if off > SKEW:
        yield Finding(False, f"dingtalk: this machine's clock is {off:.0f} s off DingTalk's", "set up NTP")


def unseen(mode: str, template: str) -> Iterator[Finding]:
    """What no call tells: said, so that silence is not taken for health."""
    if mode == "http":
        yield Finding(
            True,
            "dingtalk: in HTTP mode nothing can be administered from chat, since what is said is not signed",
            f"use mode stream, or the command line; the robot's address ends in {PATH}",
        )
        return
    buttons = f"the template's actions are {cards.PRESS}, {cards.SUBMIT} and {cards.CANCEL}" if template else ""
    yield Finding(
        True,
        "dingtalk: what the robot's page says cannot be read",
        "; ".join(part for part in (f"{CONSOLE} → Robot: receiving mode Stream", buttons) if part),
    )
