"""Who a request is from and what they may look at. On this page one may be anybody of the team: `?as=` says who."""

from __future__ import annotations

from aiohttp import web

from adapters.local.guard import Denied
from adapters.local.team import Team, direct_chat


def visitor(team: Team, request: web.Request) -> str:
    """The id of the member somebody is just now."""
    me = request.query.get("as", "")
    if team.member(me) is None:
        raise Denied(403, "nobody")
    return me


def chats(team: Team, me: str) -> list[str]:
    """The rooms and the direct chat somebody reads, in the order of the page."""
    return [room.id for room in team.rooms if team.reads(me, room.id)] + [direct_chat(me)]


def check_reads(team: Team, me: str, chat: str) -> None:
    """A room one may not read does not exist."""
    if not team.reads(me, chat):
        raise Denied(404, "no_room")
