"""The team file: what it must say, and who reads what."""

from __future__ import annotations

import json

import pytest

from adapters.local.team import TeamError, direct_chat, load_team

PEOPLE = [{"id": "chen", "name": "Chen"}, {"id": "lin", "name": "Lin", "role": "owner"}]
GOOD = {
    "people": PEOPLE,
    "rooms": [{"id": "C1", "name": "payments"}, {"id": "C2", "name": "leads", "members": ["lin"]}],
}


def changed(**parts: object) -> bytes:
    return json.dumps({**GOOD, **parts}).encode()


def test_a_public_room_is_read_by_everybody_and_a_private_one_by_its_members() -> None:
    """Nobody else reads a direct chat either, and an unknown chat has no readers rather than all."""
    team = load_team(changed())
    assert team.reads("chen", "C1")
    assert not team.reads("chen", "C2")
    assert team.reads("lin", direct_chat("lin"))
    assert not team.reads("chen", direct_chat("lin"))
    assert team.readers("C3") is None
    assert team.readers(direct_chat("nobody")) is None


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        (b"{", "team.json"),
        (b"\xff", "team.json"),
        (changed(people=[]), "at least one person"),
        (changed(rooms=[]), "at least one"),
        (changed(people=[{"id": "a b", "name": "x"}]), "'a b'"),
        (changed(people=[{"id": "D-x", "name": "x"}]), "'D-x'"),
        (changed(people=[*PEOPLE, {"id": "lin", "name": "Lin 2"}]), "'lin' stands there twice"),
        (changed(people=[{"id": "lin", "name": "Lin", "role": "king"}]), "'king'"),
        (changed(people=[{"id": "lin", "name": "Lin", "colour": "red; }"}]), "'red; }'"),
        (changed(people=[{"id": "lin", "name": "Lin", "admin": True}]), "admin"),
        (changed(rooms=[{"id": "C1", "name": "p", "members": ["ghost"]}]), "'ghost'"),
    ],
)
def test_a_wrong_team_file_gets_one_line_that_names_the_thing(raw: bytes, names: str) -> None:
    with pytest.raises(TeamError) as caught:
        load_team(raw)
    assert names in str(caught.value)
    assert "\n" not in str(caught.value)
