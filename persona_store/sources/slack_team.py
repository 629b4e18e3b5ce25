"""Who and where, in a Slack export: users.json and the four lists of conversations.

Layout: https://slack.com/help/articles/220556107-How-to-read-Slack-data-exports
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from persona_store.errors import Refused
from persona_store.sources.archive import Archive, read
from persona_store.sources.jsonsafe import loads
from persona_store.sources.slack_text import Names

USERS = ("users.json", "org_users.json")
LISTS = ("channels.json", "groups.json", "mpims.json", "dms.json")


class Conversation(Struct, frozen=True):
    """A channel, private channel, group or direct conversation. `readers` are its members, None for everybody.

    A list without members is nobody: unknown is denied (rights.md T08)."""

    id: str
    name: str
    folder: str
    readers: tuple[str, ...] | None
    direct: bool


class Team(Struct, frozen=True):
    names: Names
    bots: frozenset[str]
    conversations: tuple[Conversation, ...]
    candidates: dict[str, tuple[str, ...]]  # user id → everything that user is called, to help a person find the id

    def resolve(self, given: str | None) -> str:
        """The user id meant by `U…` or `slack:U…`. Never by name: two people may share one."""
        if not given:
            raise Refused("SUBJECT_UNKNOWN", "no subject is given", "name the user id, as in --subject U024BE7LH")
        wanted = given.removeprefix("slack:").strip()
        if wanted in self.names.people:
            return wanted
        near = "; ".join(f"{ident} is {self.names.people[ident]}" for ident in self._near(wanted))
        fix = f"did you mean: {near}" if near else "look the id up in users.json"
        raise Refused("SUBJECT_UNKNOWN", f"{wanted[:80]!r} is not a user id of this export", fix)

    def _near(self, wanted: str) -> list[str]:
        wanted = wanted.casefold()

        def distance(ident: str) -> float:
            called = (name.casefold() for name in (ident, *self.candidates[ident]))
            return max(
                1.0 if wanted in name else difflib.SequenceMatcher(None, wanted, name).ratio() for name in called
            )

        nearest = sorted((-distance(ident), ident) for ident in self.candidates)
        return [ident for score, ident in nearest[:5] if score < -0.5]


def read_team(archive: Archive, prefix: str) -> Team:
    people: dict[str, str] = {}
    candidates: dict[str, tuple[str, ...]] = {}
    bots = {"USLACKBOT"}
    for user in _items(archive, prefix, USERS):
        ident, called = user["id"], _called(user)
        if ident in candidates and candidates[ident] != called and prefix + USERS[1] not in archive.members:
            raise Refused("SUBJECT_AMBIGUOUS", f"two users have the id {ident!r}", "export it again")
        people[ident] = called[0] if called else ident
        candidates[ident] = called
        if user.get("is_bot") is True:
            bots.add(ident)
    conversations = _conversations(archive, prefix)
    channels = {conversation.id: conversation.name for conversation in conversations}
    return Team(Names(people, channels), frozenset(bots), conversations, candidates)


def _items(archive: Archive, prefix: str, files: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for file in files:
        name = prefix + file
        if name not in archive.members:
            continue
        value = loads(read(archive, name), name)
        if not isinstance(value, list):
            raise Refused("EXPORT_SHAPE", f"{name!r} is not a list", "this is not a Slack export")
        for item in value:
            if isinstance(item, dict) and isinstance(item.get("id"), str) and item["id"]:
                yield item


def _called(user: dict[str, Any]) -> tuple[str, ...]:
    """Everything a user is called, as Slack itself would show it first."""
    profile = user.get("profile")
    profile = profile if isinstance(profile, dict) else {}
    names = (
        profile.get("display_name"),
        profile.get("real_name"),
        user.get("real_name"),
        user.get("name"),
    )
    return tuple(dict.fromkeys(name.strip() for name in names if isinstance(name, str) and name.strip()))


def _conversations(archive: Archive, prefix: str) -> tuple[Conversation, ...]:
    found: list[Conversation] = []
    for file in LISTS:
        public, direct = file == "channels.json", file in ("dms.json", "mpims.json")
        for item in _items(archive, prefix, (file,)):
            name = item.get("name")
            name = name if isinstance(name, str) and name else item["id"]
            members = item.get("members")
            members = members if isinstance(members, list) else []
            keys = tuple(sorted(f"slack:{member}" for member in members if isinstance(member, str)))
            folder = item["id"] if file == "dms.json" else name
            found.append(Conversation(item["id"], name, folder, None if public else keys, direct))
    return tuple(found)
