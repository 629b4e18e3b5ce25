"""How colleague-skill and HybridClaw read material, rebuilt from a description of what they do with their input.

Not their code: the description is of behaviour (which keys are looked at, what is matched how, where it ends in a
traceback), and each function here does that and no more. Where it gives no figure the choice is marked as ours.
It is the other side of the comparison in docs/sources.md and of the ratios in docs/benchmarks.md.
"""

from __future__ import annotations

import json
import mailbox
import re
from collections.abc import Iterator
from email import message_from_binary_file, message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

SHORT, MOST_SHORT = 50, 100
"""Of messages of up to SHORT characters (our figure) the first MOST_SHORT are handed on, the rest is not."""


def first(message: dict[str, Any], *keys: str) -> Any:
    return next((message[key] for key in keys if message.get(key)), "")


# ------------------------------------------------------------------ colleague-skill, Feishu


def feishu(path: Path, target: str) -> list[str]:
    """What it takes for words of somebody whose name holds `target`. Raises whatever comes."""
    if path.suffix == ".txt":
        return list(_feishu_text(path, target))
    return [text for sender, text in _feishu_json(path) if target in str(sender) and text]


def _feishu_json(path: Path) -> Iterator[tuple[Any, str]]:
    with path.open(encoding="utf-8") as file:
        data = json.load(file)
    messages = data if isinstance(data, list) else first(data, "messages", "records", "data") or []
    for message in messages:
        sender = first(message, "sender_name", "sender", "from", "user_name")
        content = first(message, "content", "text", "message", "body")
        if isinstance(content, dict):
            content = first(content, "text", "content")
        elif isinstance(content, list):
            content = " ".join(part.get("text", "") for part in content)
        yield sender, content.strip()


_LINE = re.compile(r"(\d{4}-\d{2}-\d{2} \d{2}:\d{2})\s+(.+?)[:：]\s*(.+)")


def _feishu_text(path: Path, target: str) -> Iterator[str]:
    """A line that is no message is the target's if it mentions them."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            match = _LINE.match(line.strip())
            if match and target in match[2]:
                yield match[3]
            elif not match and target in line:
                yield line.strip()


def handed_on(texts: list[str]) -> list[str]:
    """What its next step is given."""
    long = [text for text in texts if len(text) > SHORT]
    return long + [text for text in texts if len(text) <= SHORT][:MOST_SHORT]


# ------------------------------------------------------------------ colleague-skill, mail


def mail(path: Path, target: str) -> list[str]:
    """The bodies of mails in whose From `target` stands somewhere."""
    if path.suffix == ".txt":
        return list(_mail_text(path, target))
    with path.open("rb") as file:
        if file.read(5) == b"From ":
            box = mailbox.mbox(
                str(path), factory=lambda part: message_from_bytes(part.read(), policy=policy.default)
            )
            found: Iterator[EmailMessage] = iter(box)  # type: ignore[arg-type]  # the factory's class
        else:
            file.seek(0)
            found = iter((message_from_binary_file(file, policy=policy.default),))
    return [text for each in found if target in str(each["From"]) and (text := _body(each))]


def _mail_text(path: Path, target: str) -> Iterator[str]:
    """Mails as text, divided by lines of `===`."""
    for block in re.split(r"(?m)^={3,}$", path.read_text(encoding="utf-8", errors="replace")):
        head, _, body = block.strip().partition("\n\n")
        if any(line.startswith("From:") and target in line for line in head.split("\n")):
            yield body.strip()


def _body(message: EmailMessage) -> str:
    """The plain text, whichever part has it, a log that is attached in line too; else the HTML as it is."""
    plain = html = ""
    for part in message.walk():
        if part.get_content_type() == "text/plain" and part.get_content_disposition() != "attachment":
            plain = part.get_content()  # type: ignore[attr-defined]  # as the factory's class has it
        elif part.get_content_type() == "text/html":
            html = html or part.get_content()
    return re.split(r"\n_{3,}", plain or html)[0].strip()


# ------------------------------------------------------------------ HybridClaw


def hybridclaw(folder: Path, aliases: tuple[str, ...]) -> list[str]:
    """A Slack export as a folder, an mbox, or any other text: documents with an author, or with none, which makes
    them the subject's."""
    found: list[str] = []
    for path in sorted(folder.rglob("*")) if folder.is_dir() else [folder]:
        if path.suffix == ".mbox":
            found += _claw_mbox(path, aliases)
        elif path.suffix in (".json", ".md", ".txt"):
            found += _claw_file(path, aliases)
    return found


def _claw_file(path: Path, aliases: tuple[str, ...]) -> list[str]:
    """A day of Slack is one document, the subject's if they wrote one line of it. What is no such day is text
    without an author, and so the subject's. Bytes that are not UTF-8 become U+FFFD."""
    text = path.read_bytes().decode("utf-8", "replace")
    try:
        day = json.loads(text)
    except ValueError:
        return [text]
    if not (isinstance(day, list) and day and all(isinstance(each, dict) and "ts" in each for each in day)):
        return [text]
    theirs = any(each.get("user") in aliases or each.get("username") in aliases for each in day)
    return ["\n".join(str(each.get("text", "")) for each in day)] if theirs else []


def _claw_mbox(path: Path, aliases: tuple[str, ...]) -> list[str]:
    """Divided at LF and `From `; neither headers nor bodies are decoded."""
    text = "\n" + path.read_bytes().decode("utf-8", "replace")
    found = []
    for raw in text.split("\nFrom ")[1:]:
        head, blank, body = raw.partition("\n\n")
        sender = re.search(r"(?m)^From: (.*)$", head)
        if blank and sender and any(alias in sender[1] for alias in aliases):
            found.append(body)
    return found
