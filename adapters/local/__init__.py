"""The reference adapter: a team chat on a web page of this machine.

Read it in this order: team (the data), mentions (pure), rooms (what is kept), chat (the adapter), page (its HTTP).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from adapters.local.chat import LocalChat
from adapters.local.database import Database
from adapters.local.entry import Line
from adapters.local.rooms import Rooms
from adapters.local.team import Member, Nickname, Room, Team, TeamError, load_team

__all__ = ["Config", "Line", "LocalChat", "Member", "Nickname", "Room", "Team", "TeamError", "create", "load_team"]


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Config(Struct, frozen=True):
    """`hosts` are names this page may be reached by besides 127.0.0.1, localhost and ::1; there is no login."""

    database: Path
    team: Team
    hosts: tuple[str, ...] = ()
    now: Callable[[], datetime] = _utc_now


def create(config: Config) -> LocalChat:
    return LocalChat(config.team, Rooms(Database(config.database)), config.hosts, config.now)
