"""What is typed, and whom it addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.local.mentions import Said, read
from adapters.local.team import Member, Nickname, Room, Team

LIN, LINWEI, CHEN = Member(id="l", name="Lin"), Member(id="w", name="Lin Wei"), Member(id="c", name="陈宇")
TEAM = Team(
    people=(LIN, LINWEI, CHEN),
    rooms=(Room(id="C1", name="general"),),
    personas=(Nickname(name="mei", display_name="Mei's notes"), Nickname(name="mei", display_name="美美")),
)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("@understudy who approves?", Said("who approves?", addressed=True)),
        ("@Understudy: who approves?", Said("who approves?", addressed=True)),
        ("＠understudy，谁来审批？", Said("谁来审批？", addressed=True)),
        ("who approves, @understudy?", Said("who approves, ?", addressed=True)),
        ("hello", Said("hello")),
        ("@understudyx hello", Said("@understudyx hello")),
        ("mail me@understudy now", Said("mail me@understudy now")),
        ("@美美请问几点跑？", Said("@美美请问几点跑？", addressed=True)),
        ("@mei's notes when?", Said("@mei's notes when?", addressed=True)),
        ("@Lin Wei and @lin, see", Said("@Lin Wei and @Lin, see", mentions=(LINWEI, LIN))),
        ("@Lind is nobody", Said("@Lind is nobody")),
        ("@陈宇看一下 @陈宇", Said("@陈宇看一下 @陈宇", mentions=(CHEN,))),
        ("@understudy ask @Lin Wei", Said("ask @Lin Wei", addressed=True, mentions=(LINWEI,))),
        ("/understudy retire mei", Said("retire mei", addressed=True, command=True)),
        ("  /Understudy  ", Said("", addressed=True, command=True)),
        ("/understudy ask a\nb", Said("ask a\nb", addressed=True, command=True)),
        ("/understudies retire", Said("/understudies retire")),
        ("say /understudy help", Said("say /understudy help")),
    ],
)
def test_what_was_typed_is_read(typed: str, said: Said) -> None:
    """The bot's own name goes, everybody else's stays; only a whole name is a name."""
    assert read(typed, TEAM) == said


@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_without_the_bot_being_called(text: str) -> None:
    """Only an @, a full-width ＠ or the slash command can address the bot."""
    said = read(text, TEAM)
    if not set("@＠/") & set(text):
        assert said == Said(text.strip())
