"""Slack's payloads → events of adapters/model.py. Pure; None means: acknowledge and forget.

One logical message has one key, however often and in whatever guise it comes: `app_mention` and its `message` twin
carry different event ids but the same channel and ts (peers.md S3), and retries are never told apart from first
deliveries, since what was sent while we were away arrives only as a retry (S2).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from adapters.model import Gone, Inbound, Joined, Message, Opened, Person, Press, Thread, Uninstalled
from adapters.slack.failures import PLATFORM
from adapters.slack.manifest import COMMAND
from adapters.slack.mrkdwn import Known, read

Json = dict[str, Any]

SAID = frozenset({"", "file_share", "thread_broadcast", "me_message"})  # the subtypes a person's words come in
THUMBS = {"+1": "up", "thumbsup": "up", "-1": "down", "thumbsdown": "down"}
FORM = "understudy"  # callback_id of our forms
PRESSED, OPENS_FORM = "press", "form"  # first part of our action ids: see action_id


class Me(Struct, frozen=True):
    """Who the bot token is, from auth.test."""

    user: str
    bot: str
    team: str
    enterprise: str = ""


def action_id(number: int, action: str, *, opens_form: bool) -> str:
    """Unique within a message, as Slack demands, and self-describing when the press comes back."""
    return f"{OPENS_FORM if opens_form else PRESSED}:{number}:{action}"


def parse(payload: Json, me: Me, now: datetime, known: Known) -> Inbound | None:
    """`known` knows profiles; `now` dates what Slack does not (commands, forms)."""
    kind = payload.get("type", "")
    if kind == "event_callback":
        return _event(payload, me, known) if _ours(payload, me) else None
    if kind == "block_actions":
        return _press(payload, me, known)
    if kind == "view_submission":
        return _submission(payload, me, now, known)
    if payload.get("command") == COMMAND:
        return _command(payload, me, now, known)
    return None


def opens_form(payload: Json) -> bool:
    """Whether this press must be answered with a form, within the three seconds its trigger lives."""
    action = _action(payload) if payload.get("type") == "block_actions" else None
    return action is not None and str(action["action_id"]).startswith(OPENS_FORM + ":")


def _ours(payload: Json, me: Me) -> bool:
    """Another workspace's events may come through the same app once it is distributed; they are not for us."""
    granted = payload.get("authorizations") or []
    return not granted or any(g.get("team_id") == me.team or g.get("is_enterprise_install") for g in granted)


def _event(payload: Json, me: Me, known: Known) -> Inbound | None:
    event = payload.get("event") or {}
    handler = _EVENTS.get(event.get("type", ""))
    outer = {"event_id": payload.get("event_id", ""), "event_ts": str(payload.get("event_time", ""))}
    return handler({**outer, **event}, me, known) if handler else None


def _message(event: Json, me: Me, known: Known) -> Inbound | None:
    subtype, channel = event.get("subtype", ""), event.get("channel", "")
    if subtype == "message_deleted":
        return _gone(event, event.get("previous_message") or {}, event.get("deleted_ts", ""), me)
    if subtype == "message_changed":
        # an edit is not asked anew: the question was, or will be, answered as it stood. A deleted message that
        # others replied to comes as a change into a tombstone.
        after = event.get("message") or {}
        before = event.get("previous_message") or {}
        return _gone(event, before, after.get("ts", ""), me) if after.get("subtype") == "tombstone" else None
    if subtype not in SAID or event.get("hidden") or not _human(event, me):
        return None
    said = read(event.get("text", ""), me.user, known)
    direct = _is_direct(event)
    thread_ts = event.get("thread_ts", "")
    if not (direct or said.addressed or thread_ts):
        return None  # what is said in a channel without us is none of our business
    return Message(
        id=event["ts"],
        thread=_thread(
            me, channel, root=thread_ts or ("" if direct else event["ts"]), anchor=event["ts"], direct=direct
        ),
        author=_person(event["user"], me, known, event),
        text=said.text,
        at=_time(event["ts"]),
        addressed=direct or said.addressed,
        mentions=tuple(_person(id, me, known) for id in said.mentioned),
        files=tuple(str(file.get("name") or file.get("id", "")) for file in event.get("files") or ()),
    )


def _human(event: Json, me: Me) -> bool:
    """Neither ourselves, nor another bot (which may write as an app or as a user: S5), nor Slack itself."""
    user = event.get("user", "")
    return bool(user) and user not in (me.user, "USLACKBOT") and not event.get("bot_id") and bool(event.get("ts"))


def _gone(event: Json, before: Json, ts: str, me: Me) -> Inbound | None:
    if not ts or before.get("user") == me.user:
        return None
    direct = _is_direct(event)
    root = before.get("thread_ts") or ("" if direct else ts)
    return Gone(
        id=ts,
        thread=_thread(me, event.get("channel", ""), root=root, anchor=ts, direct=direct),
        message_id=ts,
        at=_time(event.get("ts", "")),
        said_at=_time(ts),
    )


def _joined(event: Json, me: Me, known: Known) -> Inbound | None:
    if event.get("user") != me.user:
        return None
    inviter = event.get("inviter", "")
    return Joined(
        id=event.get("event_ts") or event["event_id"],
        thread=_thread(me, event["channel"]),
        at=_time(event.get("event_ts", "")),
        by=_person(inviter, me, known) if inviter else None,
    )


def _opened(event: Json, me: Me, known: Known) -> Inbound | None:
    """`app_home_opened` on the messages tab took the place of `assistant_thread_started` (S8)."""
    if event.get("tab") != "messages" or not event.get("channel"):
        return None
    return Opened(
        id=event.get("event_ts") or event["event_id"],
        thread=_thread(me, event["channel"], direct=True),
        author=_person(event["user"], me, known),
        at=_time(event.get("event_ts", "")),
    )


def _reaction(event: Json, me: Me, known: Known) -> Inbound | None:
    item = event.get("item") or {}
    action = THUMBS.get(str(event.get("reaction", "")).partition("::")[0])  # "+1::skin-tone-3"
    if not action or event.get("item_user") != me.user or event.get("user") == me.user or not item.get("ts"):
        return None
    return Press(
        id=f"{event.get('event_ts')}:{event['user']}",
        thread=_thread(me, item["channel"], direct=item["channel"].startswith("D")),
        author=_person(event["user"], me, known),
        action=action,
        value="",
        at=_time(event.get("event_ts", "")),
        message_id=item["ts"],
    )


def _uninstalled(event: Json, me: Me, known: Known) -> Inbound | None:
    if event["type"] == "tokens_revoked" and me.user not in ((event.get("tokens") or {}).get("bot") or []):
        return None  # only a person's own token, which we never have
    return Uninstalled(id=event["event_id"], platform=PLATFORM, tenant=me.team, at=_time(event.get("event_ts", "")))


_EVENTS: dict[str, Callable[[Json, Me, Known], Inbound | None]] = {
    "message": _message,
    "app_mention": _message,
    "member_joined_channel": _joined,
    "app_home_opened": _opened,
    "reaction_added": _reaction,
    "app_uninstalled": _uninstalled,
    "tokens_revoked": _uninstalled,
}


def _command(payload: Json, me: Me, now: datetime, known: Known) -> Inbound | None:
    """A slash command: no ts, and never within a thread (S7)."""
    said = read(payload.get("text", ""), me.user, known)
    channel = payload["channel_id"]
    author = _person(payload["user_id"], me, known, {"user_team": payload.get("team_id")})
    return Message(
        id=payload["trigger_id"],
        thread=_thread(me, channel, direct=channel.startswith("D"), name=payload.get("channel_name", "")),
        author=author if author.name else _named(author, payload.get("user_name", "")),
        text=said.text,
        at=now,
        addressed=True,
        mentions=tuple(_person(id, me, known) for id in said.mentioned),
        command=True,
    )


def _action(payload: Json) -> Json | None:
    """Our button in a message; links, menus and other apps' blocks are not."""
    action = next(iter(payload.get("actions") or ()), None)
    if action is None or (payload.get("container") or {}).get("type") != "message":
        return None
    parts = str(action.get("action_id", "")).split(":", 2)
    return action if len(parts) == 3 and parts[0] in (PRESSED, OPENS_FORM) else None


def _press(payload: Json, me: Me, known: Known) -> Inbound | None:
    action = _action(payload)
    if action is None:
        return None
    container = payload["container"]
    channel, ts = container["channel_id"], container["message_ts"]
    thread_ts = container.get("thread_ts") or (payload.get("message") or {}).get("thread_ts", "")
    direct = channel.startswith("D")
    name = (payload.get("channel") or {}).get("name", "")
    return Press(
        id=f"{action.get('action_ts', '')}:{payload['user']['id']}:{action['action_id']}",
        thread=_thread(me, channel, root=thread_ts or ("" if direct else ts), anchor=ts, direct=direct, name=name),
        author=_presser(payload, me, known),
        action=action["action_id"].split(":", 2)[2],
        value=action.get("value", ""),
        at=_time(action.get("action_ts", "")),
        message_id=ts,
        trigger=payload.get("trigger_id", ""),
    )


def _submission(payload: Json, me: Me, now: datetime, known: Known) -> Inbound | None:
    view = payload.get("view") or {}
    if view.get("callback_id") != FORM:
        return None
    about = json.loads(view["private_metadata"])
    fields: dict[str, str] = {}
    for block_id, inputs in view.get("state", {}).get("values", {}).items():
        for given in inputs.values():
            fields[block_id] = given.get("value") or given.get("selected_user") or ""
    direct = about["chat"].startswith("D")
    return Press(
        id=view["id"],
        thread=_thread(me, about["chat"], root=about["root"], anchor=about["message"], direct=direct),
        author=_presser(payload, me, known),
        action=about["action"],
        value=about["value"],
        at=now,
        message_id=about["message"],
        fields=fields,
    )


def _presser(payload: Json, me: Me, known: Known) -> Person:
    user = payload["user"]
    person = _person(user["id"], me, known, {"user_team": user.get("team_id", me.team)})
    return person if person.name else _named(person, user.get("name", ""))


def _person(id: str, me: Me, known: Known, event: Json | None = None) -> Person:
    """Whom an id names. From outside is who the profile says is (guest, stranger, deactivated), and who the event
    says belongs to another workspace; a team that is there but null is not ours (rights.md WHK-14)."""
    foreign = event is not None and _foreign(event, me)
    return known(id) or Person(PLATFORM, id, tenant=me.team, external=foreign)


def _foreign(event: Json, me: Me) -> bool:
    if me.enterprise:
        return False  # colleagues of the same org have other team ids: only the profile can tell
    return any(event[key] != me.team for key in ("user_team", "source_team", "team") if key in event)


def _named(person: Person, name: str) -> Person:
    return Person(person.platform, person.id, name, person.tenant, person.external, person.timezone)


def _is_direct(event: Json) -> bool:
    """A group DM (mpim) is a shared room (S6). `app_mention` has no channel_type: the id's first letter tells."""
    kind = event.get("channel_type")
    return kind == "im" if kind else str(event.get("channel", "")).startswith("D")


def _thread(
    me: Me, channel: str, *, root: str = "", anchor: str = "", direct: bool = False, name: str = ""
) -> Thread:
    return Thread(PLATFORM, channel, me.team, root, anchor, direct, name)


def _time(ts: str) -> datetime:
    """Slack's `seconds.micros`; the epoch where there is none."""
    return datetime.fromtimestamp(float(ts or 0), UTC)
