"""What people typed, out of Slack's wire form (`<@U1>`, `<#C1|general>`, `<https://x|label>`, `&amp;`)."""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec import Struct

from adapters.model import Person

Known = Callable[[str], Person | None]  # who an id is, if that is known

_CONTROL = re.compile(r"<([^<>\n]{1,4000})>")
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`", re.DOTALL)
_SPACES = re.compile(r"[ \t]{2,}")


class Said(Struct, frozen=True):
    """`addressed`: the bot is named outside of code; `mentioned` are the ids of others, in order."""

    text: str
    addressed: bool
    mentioned: tuple[str, ...]


def read(text: str, bot: str, known: Known) -> Said:
    """Plain text without the bot's own mention; `known` gives names to ids."""
    mentioned: list[str] = []

    def plain(match: re.Match[str]) -> str:
        target, _, label = match[1].partition("|")
        kind, rest = target[:1], target[1:]
        if kind == "@":
            if rest == bot:
                return ""
            if rest not in mentioned:
                mentioned.append(rest)
            person = known(rest)
            return "@" + ((person.name if person else "") or label.removeprefix("@") or rest)
        if kind == "#":
            return "#" + (label or rest)
        if kind == "!":  # <!here>, <!subteam^S1|@team>, <!date^1^{date}|Monday>
            word = label or rest.partition("^")[0]
            return word if word.startswith("@") or rest.startswith("date^") else "@" + word
        return _link(target, label)

    # an id inside code is quoted, not called (peers.md S17)
    addressed = f"<@{bot}" in _CODE.sub("", text)
    said = _CONTROL.sub(plain, text)
    said = said.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    said = "\n".join(_SPACES.sub(" ", line).strip() for line in said.split("\n"))
    return Said(said.strip(), addressed, tuple(mentioned))


def _link(url: str, label: str) -> str:
    if url.startswith("mailto:"):
        return label or url.removeprefix("mailto:")
    if not label or label == url.partition("://")[2].rstrip("/"):
        return url
    return f"{label} ({url})"
