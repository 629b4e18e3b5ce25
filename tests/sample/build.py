"""Writes `export/`, `team.json` and `questions.jsonl` of `bots/sample`: `python -m tests.sample.build`.

The export has the layout and the fields of a Slack workspace export (https://slack.com/help/articles/220556107).
It is made from `team.toml` and `story/`, byte for byte the same each time; a test holds the two together.
"""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

from tests.sample.story import SHANGHAI, Line, read_story

HERE = Path(__file__).parent
SAMPLE = HERE.parent.parent / "bots" / "sample"
CREATED = 1_700_000_000  # the rooms are older than the export, as they are in life

Json = dict[str, Any]


class Team:
    """`team.toml`, looked up by the short names the story uses."""

    def __init__(self) -> None:
        self.plain = plain = tomllib.loads((HERE / "team.toml").read_text(encoding="utf-8"))
        self.id: str = plain["team"]
        self.people: dict[str, Json] = {person["nick"]: person for person in plain["people"]}
        self.bots: dict[str, Json] = {bot["nick"]: bot for bot in plain["bots"]}
        self.rooms: dict[str, Json] = {room["name"]: room for room in plain["rooms"]}
        self.direct: dict[str, Json] = {room["name"]: room for room in plain["direct"]}

    def user(self, nick: str) -> str:
        return str(self.people[nick]["id"])

    def members(self, room: Json) -> list[str]:
        return [self.user(nick) for nick in room.get("members", self.people)]

    def folder(self, room: str) -> str:
        """Slack names a channel's folder by the channel and a direct chat's by its id."""
        return str(self.direct[room]["id"]) if room in self.direct else room


def users(team: Team) -> list[Json]:
    return [_person(team, person) for person in team.people.values()]


def _person(team: Team, person: Json) -> Json:
    left = person.get("left", False)
    return {
        "id": person["id"],
        "team_id": team.id,
        "name": person["handle"],
        "deleted": left,
        "real_name": person["name"],
        "tz": person["timezone"],
        "profile": _profile(team, person)
        | {"title": person["title"], "email": f"{person['handle']}@paperboat.example"},
        "is_admin": person["role"] == "admin",
        "is_bot": False,
        "is_app_user": False,
        "updated": CREATED,
    }


def _profile(team: Team, person: Json) -> Json:
    return {
        "real_name": person["name"],
        "display_name": person["name"],
        "first_name": person["name"].split()[0],
        "name": person["handle"],
        "team": team.id,
        "is_restricted": False,
    }


def rooms(team: Team, *, private: bool) -> list[Json]:
    return [
        {
            "id": room["id"],
            "name": room["name"],
            "created": CREATED,
            "creator": team.user("maya"),
            "is_archived": False,
            "is_general": room["name"] == "general",
            "members": team.members(room),
            "topic": {"value": "", "creator": "", "last_set": 0},
            "purpose": {
                "value": f"{room['purpose']} · {room['purpose_zh']}",
                "creator": team.user("maya"),
                "last_set": CREATED,
            },
        }
        for room in team.rooms.values()
        if room.get("private", False) == private
    ]


def direct_chats(team: Team) -> list[Json]:
    return [{"id": room["id"], "created": CREATED, "members": team.members(room)} for room in team.direct.values()]


def message(team: Team, line: Line) -> Json:
    if line.who in team.bots:
        return _bot_message(team, line)
    person = team.people[line.who]
    plain: Json = {"type": "message", "user": person["id"], "ts": line.ts}
    if line.text == "JOIN":
        return plain | {"subtype": "channel_join", "text": f"<@{person['id']}> has joined the channel"}
    if line.text.startswith("TOPIC "):
        topic = line.text.removeprefix("TOPIC ")
        return plain | {"subtype": "channel_topic", "topic": topic, "text": f"set the channel topic: {topic}"}
    plain |= {
        "client_msg_id": line.message_id,
        "text": _escaped(team, line.text),
        "team": team.id,
        "user_team": team.id,
        "source_team": team.id,
        "user_profile": _profile(team, person),
    }
    if line.parent:
        plain |= {"thread_ts": line.parent.ts, "parent_user_id": _author(team, line.parent)}
    if line.replies:
        plain |= _thread(team, line)
    if line.edited_after:
        plain["edited"] = {"user": person["id"], "ts": f"{int(line.ts[:10]) + 60 * line.edited_after}.000000"}
    if line.reactions:
        plain["reactions"] = [
            {"name": name, "users": [team.user(nick) for nick in who], "count": len(who)}
            for name, who in line.reactions
        ]
    if line.files:
        plain |= {"files": [_file(team, line, name) for name in line.files], "upload": True}
    return plain


def _author(team: Team, line: Line) -> str:
    return str(team.bots[line.who]["id"]) if line.who in team.bots else team.user(line.who)


def _bot_message(team: Team, line: Line) -> Json:
    bot = team.bots[line.who]
    return {
        "type": "message",
        "subtype": "bot_message",
        "ts": line.ts,
        "bot_id": bot["id"],
        "username": bot["name"],
        "text": "",
        "attachments": [{"id": 1, "fallback": line.text, "text": line.text, "color": "2eb886"}],
    }


def _thread(team: Team, line: Line) -> Json:
    speakers = list(dict.fromkeys(_author(team, reply) for reply in line.replies))
    return {
        "thread_ts": line.ts,
        "reply_count": len(line.replies),
        "reply_users_count": len(speakers),
        "latest_reply": line.replies[-1].ts,
        "reply_users": speakers,
        "replies": [{"user": _author(team, reply), "ts": reply.ts} for reply in line.replies],
        "is_locked": False,
        "subscribed": False,
    }


def _file(team: Team, line: Line, name: str) -> Json:
    id = "F0" + line.digest(name)[:9].upper()
    return {
        "id": id,
        "created": int(line.ts[:10]),
        "timestamp": int(line.ts[:10]),
        "name": name,
        "title": name,
        "mimetype": "application/pdf",
        "filetype": "pdf",
        "user": team.user(line.who),
        "size": 48_213,
        "mode": "hosted",
        "url_private": f"https://files.paperboat.example/{team.id}-{id}/{name}",
    }


def _escaped(team: Team, text: str) -> str:
    """Text as Slack keeps it: `& < >` escaped, people, rooms and addresses as `<…>`."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = re.sub(r"(?<!`)https?://[^\s`，。]+", r"<\g<0>>", text)
    for nick, person in team.people.items():
        text = re.sub(rf"@{nick}\b", f"<@{person['id']}>", text)
    for room in team.rooms.values():
        text = re.sub(rf"#{room['name']}\b(?!-)", f"<#{room['id']}|{room['name']}>", text)
    return text


def local_team(team: Team) -> Json:
    """`team.json`: the same people and rooms as the local page wants them (adapters/local/team.py)."""
    plain = team.plain
    return {
        "name": _words(plain, "name"),
        "people": [
            {
                "id": person["id"],
                "name": person["name"],
                "role": person["role"],
                "title": _words(person, "title"),
                "colour": person["colour"],
                "timezone": person["timezone"],
            }
            for person in team.people.values()
        ],
        "rooms": [
            {
                "id": room["id"],
                "name": room["name"],
                "topic": _words(room, "purpose"),
                "members": team.members(room) if room.get("private", False) else None,
            }
            for room in team.rooms.values()
        ],
        "personas": [{"name": plain["persona"], "display_name": name} for name in plain["persona_names"]],
        "suggestions": {"en": plain["suggestions"], "zh-CN": plain["suggestions_zh"]},
    }


def _words(table: Json, key: str) -> Json:
    return {"en": table[key], "zh-CN": table[f"{key}_zh"]}


def questions(story: list[Line]) -> list[Json]:
    """`questions.jsonl` with the names the story gives its lines replaced by message ids."""
    ids = {line.name: line.message_id for line in story if line.name}
    asked = [json.loads(raw) for raw in (HERE / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
    for question in asked:
        if "evidence" in question:
            question["evidence"] = [ids.get(name, name) for name in question["evidence"]]
    return asked


def build(target: Path) -> None:
    """Write the whole export and the questions below `target`, replacing what was there."""
    team, story = Team(), read_story(HERE / "story")
    export = target / "export"
    shutil.rmtree(export, ignore_errors=True)
    days: dict[Path, list[Line]] = defaultdict(list)
    for line in story:
        day = line.at.astimezone(SHANGHAI).date().isoformat()
        days[export / team.folder(line.room) / f"{day}.json"].append(line)
    for path, lines in days.items():
        _write(path, [message(team, line) for line in lines])
    _write(export / "users.json", users(team))
    _write(export / "channels.json", rooms(team, private=False))
    _write(export / "groups.json", rooms(team, private=True))
    _write(export / "dms.json", direct_chats(team))
    _write(export / "mpims.json", [])
    _write(export / "integration_logs.json", [])
    _write(target / "team.json", local_team(team))
    asked = "".join(json.dumps(q, ensure_ascii=False) + "\n" for q in questions(story))
    (target / "questions.jsonl").write_text(asked, encoding="utf-8")


def _write(path: Path, value: list[Json] | Json) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    build(SAMPLE)
