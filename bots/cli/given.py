"""What was typed, made into values: lists, people, places, days, files. Whatever cannot be is one line."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bots.llm.addresses import recipient_of
from persona_store.consent.record import Recipient
from persona_store.errors import Refused
from persona_store.model import Persona

RECIPIENT = re.compile(r"(?P<name>\S+):(?P<region>[^:\s]+):(?P<days>[0-9]{1,5})(?P<trains>:trains)?")
LARGEST_SCAN = 64 << 20  # bytes of a paper that was scanned
LARGEST = 1 << 20  # bytes of a record, signature, key or checkpoint; the real ones have a few thousand


def words(given: str) -> tuple[str, ...]:
    """A comma list."""
    return tuple(word.strip() for word in given.split(",") if word.strip())


def person(option: str, key: str) -> str:
    """A person key or nothing. Authority is tied to ids, so a name is not enough (rights.md T14)."""
    return _key(option, key, "is no person", "slack:U0123") if key else ""


def describer(by: str, persona: Persona) -> str:
    """Raises Refused where nobody is named who says it, or the Subject is, whose words come by the interview."""
    if not by:
        raise Refused("BY", "it is not said who describes", "give --by PLATFORM:ID, for example --by slack:U0BOB")
    by = person("--by", by)
    if by == persona.subject:
        what = f"{by} is whom persona {persona.name!r} is about"
        raise Refused("BY_SUBJECT", what, f"their own words come by `understudy interview {persona.name}`")
    return by


def chats(option: str, given: str) -> tuple[str, ...]:
    return tuple(_key(option, chat, "is no chat", "'slack:*' or slack:C0123") for chat in words(given))


def _key(option: str, key: str, what: str, example: str) -> str:
    platform, _, id = key.partition(":")
    if not (platform and id) or key != "".join(key.split()) or not key.isprintable():
        raise Refused("PERSON_KEY", f"{option} {key[:80]!r} {what}", f"write PLATFORM:ID, for example {example}")
    return key


def recipients(option: str, given: str) -> tuple[Recipient, ...]:
    """Who outside gets content: a comma list of NAME:REGION:DAYS, with `:trains` if it trains on what it gets. A
    web address stands for its host, which is how the language model's endpoint is called."""
    return tuple(_recipient(option, word) for word in words(given))


def _recipient(option: str, word: str) -> Recipient:
    found = RECIPIENT.fullmatch(word)
    if found is None or not word.isprintable():
        raise Refused(
            "RECIPIENT",
            f"{option} {word[:80]!r} does not say who, where and for how long",
            "write NAME:REGION:DAYS, for example api.deepseek.com:CN:30, and :trains after it if it does",
        )
    name = recipient_of(found["name"]) if "://" in found["name"] else found["name"].lower()
    return Recipient(name, "processor", found["region"], int(found["days"]), bool(found["trains"]))


def zone(option: str, given: str) -> str:
    try:
        return ZoneInfo(given).key if given else ""
    except (KeyError, ValueError, OSError):  # no such zone; a path that climbs; a folder of zones
        raise Refused(
            "TIMEZONE", f"{option} {given[:40]!r} is no time zone", "write one as Asia/Shanghai"
        ) from None


def day(option: str, given: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise Refused("DATE", f"{option} {given[:40]!r} is no day", "write it as 2026-05-31") from None


def moment(option: str, given: str) -> datetime:
    """ISO 8601, or seconds since 1970 as Slack's `ts` are."""
    try:
        seconds = given.replace(".", "", 1).isdigit()
        at = datetime.fromtimestamp(float(given), UTC) if seconds else datetime.fromisoformat(given)
    except (ValueError, OverflowError, OSError):
        fix = "write 2026-05-31 or 2026-05-31T12:00:00Z"
        raise Refused("TIME", f"{option} {given[:40]!r} is no time", fix) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def content(path: Path) -> bytes:
    """Of a small file."""
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None
    if len(raw) > LARGEST:
        raise Refused("FILE", f"{str(path)!r} is too large to be what is meant", "check the order of the files")
    return raw


def digest(path: Path) -> str:
    """Of a paper that stays where it is: its sha256 in hex, read in pieces."""
    hashed, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                size += len(piece)
                hashed.update(piece)
                if size > LARGEST_SCAN:
                    raise Refused(
                        "FILE", f"{str(path)!r} is too large to be a scan", "scan it at a lower resolution"
                    )
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None
    if not size:
        raise Refused("FILE", f"{str(path)!r} is empty", "check the path")
    return hashed.hexdigest()


def unreadable(path: Path, error: OSError | ValueError) -> Refused:
    why = error.strerror if isinstance(error, OSError) else "that is no path"
    return Refused("FILE", f"{str(path)!r} cannot be read: {why}", "check the path and its permissions")
