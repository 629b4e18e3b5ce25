"""What somebody typed → what it says and whom it addresses. Pure."""

from __future__ import annotations

import re

from msgspec import Struct

from adapters.local.team import Member, Team

_COMMAND = re.compile(r"\s*/(?P<bot>[\w-]+)(?:\s+(?P<rest>.*))?\s*", re.DOTALL)


class Said(Struct, frozen=True):
    text: str
    addressed: bool = False
    mentions: tuple[Member, ...] = ()
    command: bool = False


def read(typed: str, team: Team) -> Said:
    """`/understudy …` is a command and `@understudy` addresses the bot: both are taken out of the text. So does
    a persona's `@Display Name`, which stays in it, because it tells which of them is meant."""
    command = _COMMAND.fullmatch(typed)
    if command and command["bot"].lower() == team.bot.lower():
        return Said(text=(command["rest"] or "").strip(), addressed=True, command=True)
    bot = False
    persona = False
    people: list[Member] = []

    def replace(match: re.Match[str]) -> str:
        nonlocal bot, persona
        name = match["name"].lower()
        if name == team.bot.lower():
            bot = True
            return ""
        if any(nickname.display_name.lower() == name for nickname in team.personas):
            persona = True
            return "@" + match["name"]
        member = next(member for member in team.people if member.name.lower() == name)
        if member not in people:
            people.append(member)
        return "@" + member.name

    text = _mention(team).sub(replace, typed)
    if bot:
        text = re.sub(r"[ \t]{2,}", " ", text).lstrip(" \t\n,:，：")
    return Said(text=text.strip(), addressed=bot or persona, mentions=tuple(people))


def _mention(team: Team) -> re.Pattern[str]:
    """`@` and one of the names, the longest first, so that `Lin Wei` is not read as `Lin`."""
    names = {team.bot, *(nickname.display_name for nickname in team.personas), *(m.name for m in team.people)}
    ordered = sorted(names, key=lambda name: (-len(name), name))
    return re.compile(rf"(?<![A-Za-z0-9_])[@＠](?P<name>{'|'.join(map(_whole, ordered))})", re.IGNORECASE)


def _whole(name: str) -> str:
    """Chinese is written without spaces, so a name is only held apart from what follows where letters could
    run on: `@Lind` is not `@Lin`, but `@陈宇请问` is `@陈宇`."""
    return re.escape(name) + (r"(?![A-Za-z0-9_])" if re.fullmatch(r"\w", name[-1], re.ASCII) else "")
