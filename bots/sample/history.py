"""What was said before the visitor came: the export's rooms as lines for the local page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from adapters.local import Line
from bots.sample import export_path
from persona_store.sources.slack_text import Names, message_text


def history() -> list[Line]:
    """Every message of the public and private rooms, oldest first, mentions written out. No direct chats: what
    two people said to each other is nobody's to look at."""
    export = export_path()
    people = {user["id"]: user["real_name"] for user in _list(export / "users.json")}
    rooms = {room["id"]: room["name"] for name in ("channels", "groups") for room in _list(export / f"{name}.json")}
    names = Names(people, rooms)
    lines = [line for id, name in rooms.items() for line in _room(export / name, id, names)]
    return sorted(lines, key=lambda line: line.at)


def _room(folder: Path, id: str, names: Names) -> Iterator[Line]:
    for day in sorted(folder.glob("*.json")):
        for message in _list(day):
            if message.get("subtype") in ("channel_join", "channel_topic"):
                continue
            author = message.get("user", "")
            root = message.get("thread_ts", "")
            yield Line(
                room=id,
                id=message["ts"],
                author_name=names.people[author] if author else message["username"],
                at=datetime.fromtimestamp(float(message["ts"]), UTC),
                text=message_text(message, names),
                author=author,
                root="" if root == message["ts"] else root,
            )


def _list(path: Path) -> list[dict[str, Any]]:
    return msgspec.json.decode(path.read_bytes(), type=list[dict[str, Any]])
