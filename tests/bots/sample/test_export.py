"""The sample's export: what the story says, in the shape Slack gives it, with everything a real one would bring."""

from __future__ import annotations

import json
import re
from collections import Counter
from filecmp import dircmp
from pathlib import Path
from typing import Any

import pytest

from adapters.local import load_team
from bots import sample
from bots.sample.history import history
from tests.bots.sample.planted import ID_NUMBER, PLANTED
from tests.sample.build import SAMPLE, build

Json = dict[str, Any]


def messages() -> list[tuple[str, Json]]:
    """(folder, message) of the whole export."""
    days = sorted(sample.export_path().glob("*/*.json"))
    return [(day.parent.name, message) for day in days for message in json.loads(day.read_bytes())]


def listed(name: str) -> list[Json]:
    found: list[Json] = json.loads((sample.export_path() / name).read_bytes())
    return found


def test_what_is_committed_is_what_the_story_builds(tmp_path: Path) -> None:
    """Whoever edits the story without building, or the export by hand, is told here."""
    build(tmp_path)
    assert differences(dircmp(SAMPLE / "export", tmp_path / "export")) == []
    for name in ("team.json", "questions.jsonl"):
        assert (SAMPLE / name).read_bytes() == (tmp_path / name).read_bytes(), name


def differences(compared: dircmp[str]) -> list[str]:
    here = compared.left_only + compared.right_only + compared.diff_files + compared.funny_files
    return here + [name for sub in compared.subdirs.values() for name in differences(sub)]


def test_it_is_big_enough_to_be_honest_and_small_enough_to_ship() -> None:
    said = [message for _, message in messages()]
    assert 400 <= len(said) <= 600
    assert len({message["user"] for message in said if "user" in message}) == 8
    assert sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file()) < 600_000


def test_every_id_is_unique_and_looks_like_slacks() -> None:
    ids = Counter(message["client_msg_id"] for _, message in messages() if "client_msg_id" in message)
    assert max(ids.values()) == 1
    uuid4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
    assert all(uuid4.fullmatch(id) for id in ids)
    stamps = Counter((folder, message["ts"]) for folder, message in messages())
    assert max(stamps.values()) == 1
    assert all(re.fullmatch(r"\d{10}\.\d{6}", ts) for _, ts in stamps)


def test_every_folder_is_a_listed_room_and_every_speaker_a_member_of_it() -> None:
    rooms = {room["name"]: room for name in ("channels.json", "groups.json") for room in listed(name)}
    rooms |= {room["id"]: room for room in listed("dms.json")}
    for folder, message in messages():
        assert message.get("user", rooms[folder]["members"][0]) in rooms[folder]["members"], (folder, message["ts"])


def test_a_threads_first_message_counts_and_names_its_replies() -> None:
    said = {(folder, message["ts"]): message for folder, message in messages()}
    replies = [(folder, m) for (folder, ts), m in said.items() if m.get("thread_ts", ts) != ts]
    assert len(replies) > 200
    for folder, reply in replies:
        root = said[folder, reply["thread_ts"]]
        assert {"user": reply["user"], "ts": reply["ts"]} in root["replies"]
        assert root["user"] == reply["parent_user_id"]
        assert float(root["ts"]) < float(reply["ts"]) <= float(root["latest_reply"])
    for message in said.values():
        assert message.get("reply_count", 0) == len(message.get("replies", []))


def test_it_has_what_makes_real_exports_awkward() -> None:
    """A deactivated person, bots without text, joins, edits, files, reactions, mentions, code, both languages."""
    said = [message for _, message in messages()]
    assert [user["id"] for user in listed("users.json") if user["deleted"]] == ["U0LINZHOU"]
    assert any(m.get("subtype") == "bot_message" and m["text"] == "" and m["attachments"] for m in said)
    for subtype in ("channel_join", "channel_topic"):
        assert any(m.get("subtype") == subtype for m in said), subtype
    for field in ("edited", "files", "reactions"):
        assert any(field in m for m in said), field
    for sign in ("<@U0", "<#C0", "<https://", "&lt;", "`"):
        assert any(sign in m["text"] for m in said), sign
    lin = [m["text"] for m in said if m.get("user") == "U0LINZHOU"]
    chinese = [text for text in lin if re.search(r"[\u4e00-\u9fff]{3}", text)]
    assert len(lin) > 150
    assert 0.3 < len(chinese) / len(lin) < 0.8


@pytest.mark.parametrize("what", sorted(PLANTED))
def test_what_must_never_surface_is_really_in_there(what: str) -> None:
    """Otherwise the tests that look for it in the evidence could not fail."""
    everything = "\n".join(message["text"] for _, message in messages())
    assert PLANTED[what] in everything


def test_the_planted_id_number_is_well_formed_but_of_nobody() -> None:
    """The checksum of GB 11643 is right, so a detector must find it; no region is numbered 999999."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(ID_NUMBER, weights, strict=False))
    assert "10X98765432"[total % 11] == ID_NUMBER[-1]
    assert ID_NUMBER.startswith("999999")


def test_the_local_team_is_the_people_and_rooms_of_the_export() -> None:
    team = load_team(sample.team())
    assert [member.id for member in team.people] == [user["id"] for user in listed("users.json")]
    public = {room["id"]: None for room in listed("channels.json")}
    private = {room["id"]: tuple(room["members"]) for room in listed("groups.json")}
    assert {room.id: room.members for room in team.rooms} == public | private
    assert {member.role for member in team.people} == {"asker", "owner", "deputy", "subject", "admin"}


def test_the_history_shows_every_room_and_no_direct_chat() -> None:
    lines = history()
    spoken = [folder for folder, m in messages() if m.get("subtype") not in ("channel_join", "channel_topic")]
    assert len(lines) == sum(not folder.startswith("D0") for folder in spoken)
    assert {line.room for line in lines} == {room.id for room in load_team(sample.team()).rooms}
    assert lines == sorted(lines, key=lambda line: line.at)
    ids = {(line.room, line.id) for line in lines}
    assert all(not line.root or (line.room, line.root) in ids for line in lines)
    assert not any(re.search(r"<[@#!]", line.text) for line in lines)
