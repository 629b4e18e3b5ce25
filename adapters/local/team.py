"""The made-up team that chats on the local page: its people, its rooms and what a newcomer may try.

The format of `team.json`. Words that people read come per language (`{"en": …, "zh-CN": …}`):

    {"name": {"en": "Harbour team", "zh-CN": "港湾团队"},
     "people": [{"id": "U01CHEN", "name": "Chen Yu", "role": "asker", "title": {"en": "Backend engineer", …},
                 "colour": "#0f766e", "timezone": "Asia/Shanghai"}, …],
     "rooms": [{"id": "C01PAY", "name": "payments", "topic": {"en": …}, "members": null}, …],
     "personas": [{"name": "mei", "display_name": "Mei Zhao"}],
     "suggestions": {"en": ["How do I …?", …], "zh-CN": […]}}
"""

from __future__ import annotations

import re

import msgspec
from msgspec import Struct

ROLES = ("asker", "owner", "deputy", "subject", "admin")
DIRECT = "D-"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")

Words = dict[str, str]
"""One sentence per language."""


class TeamError(ValueError):
    """A team file that cannot be used; one line that names the thing."""


class Member(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody one can be on the page. `role` only chooses what the page suggests; it gives no authority."""

    id: str
    name: str
    role: str = "asker"  # one of ROLES
    title: Words = {}
    colour: str = "#475569"  # of the avatar
    timezone: str = ""  # IANA name
    external: bool = False  # a guest from outside the team


class Room(Struct, frozen=True, forbid_unknown_fields=True):
    """A group chat. `members` are ids of people; None makes it public: everybody of the team reads it.
    Where history is shown, `id` is the channel's id in the export, so that citations find their message."""

    id: str
    name: str
    topic: Words = {}
    members: tuple[str, ...] | None = None


class Nickname(Struct, frozen=True, forbid_unknown_fields=True):
    """A persona that can be called by `@display_name`; all of them are the one bot."""

    name: str
    display_name: str


class Team(Struct, frozen=True, forbid_unknown_fields=True):
    people: tuple[Member, ...]
    rooms: tuple[Room, ...]
    name: Words = {}
    bot: str = "understudy"
    personas: tuple[Nickname, ...] = ()
    suggestions: dict[str, tuple[str, ...]] = {}  # questions to try, per language

    def member(self, id: str) -> Member | None:
        return next((member for member in self.people if member.id == id), None)

    def room(self, id: str) -> Room | None:
        return next((room for room in self.rooms if room.id == id), None)

    def readers(self, chat: str) -> tuple[Member, ...] | None:
        """Who reads a chat, be it a room or somebody's direct chat with the bot; None for an unknown one."""
        if chat.startswith(DIRECT):
            member = self.member(chat.removeprefix(DIRECT))
            return (member,) if member else None
        room = self.room(chat)
        if room is None:
            return None
        return tuple(member for member in self.people if room.members is None or member.id in room.members)

    def reads(self, person: str, chat: str) -> bool:
        return any(member.id == person for member in self.readers(chat) or ())


def direct_chat(person: str) -> str:
    """The id of somebody's direct chat with the bot."""
    return DIRECT + person


def load_team(raw: bytes) -> Team:
    """Read and check `team.json`. Raises TeamError."""
    try:
        team = msgspec.json.decode(raw, type=Team)
    except msgspec.DecodeError as error:
        raise TeamError(f"team.json: {error}") from None
    _check(team)
    return team


def _check(team: Team) -> None:
    if not team.people or not team.rooms:
        raise TeamError("team.json: a team needs at least one person and one room")
    for what, ids in (("person", [m.id for m in team.people]), ("room", [r.id for r in team.rooms])):
        for id in ids:
            if not _ID.fullmatch(id) or id.startswith(DIRECT):
                raise TeamError(f"team.json: {what} id {id!r} is not letters, digits, '_', '.' or '-'")
            if ids.count(id) > 1:
                raise TeamError(f"team.json: {what} id {id!r} stands there twice")
    known = {member.id for member in team.people}
    for member in team.people:
        if member.role not in ROLES:
            raise TeamError(f"team.json: role {member.role!r} of {member.id!r} is none of {', '.join(ROLES)}")
        if not _COLOUR.fullmatch(member.colour):
            raise TeamError(f"team.json: colour {member.colour!r} of {member.id!r} is not like '#0f766e'")
    for room in team.rooms:
        for id in room.members or ():
            if id not in known:
                raise TeamError(f"team.json: room {room.id!r} has the unknown member {id!r}")
