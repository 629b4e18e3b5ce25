"""A letter as plain text: complete by itself, for whoever's mail program shows nothing else. Pure."""

from __future__ import annotations

from bots.letters.model import Copy, Facts, Letter, Link, Part, Points, Words


def plain(letter: Letter) -> str:
    return "\n\n".join(map(_part, letter.parts)) + "\n"


def _part(part: Part) -> str:
    match part:
        case Words(text):
            return text
        case Facts(rows):
            return "\n".join(f"{name}: {value}" for name, value in rows)
        case Points(lines):
            return "\n".join(f"- {line}" for line in lines)
        case Link(words, url):
            return f"{words}:\n{url}"
        case Copy(text):
            return text.rstrip("\n")
