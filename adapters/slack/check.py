"""What `understudy doctor` says about Slack: what was granted beside what the manifest asks for (peers.md S19).

A bot token can read its scopes, but not the app's event subscriptions or switches. What cannot be read is named
together with the place to look.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime

from adapters.errors import AdapterError
from adapters.protocol import Finding
from adapters.slack.manifest import COMMAND, EVENTS, PATH, SCOPES

APPS = "api.slack.com/apps → your app"
SKEW = 60.0  # seconds; Slack's signatures and triggers allow few


def scopes(granted: Iterable[str]) -> Sequence[Finding]:
    """One finding for each missing scope: what does not work without it, and what to click."""
    missing = sorted(set(SCOPES) - set(granted))
    if not missing:
        return [Finding(True, f"slack: all {len(SCOPES)} scopes are granted")]
    return [
        Finding(
            False,
            f"slack: scope {scope} is missing: {SCOPES[scope]}" + _events_of(scope),
            f"{APPS} → OAuth & Permissions → Bot Token Scopes → add {scope}, then Reinstall",
        )
        for scope in missing
    ]


def _events_of(scope: str) -> str:
    events = [event for event, needs in EVENTS.items() if needs == scope]
    return f" (events {', '.join(events)})" if events else ""


def identity(answer: Mapping[str, object]) -> Finding:
    if answer.get("bot_id"):
        return Finding(True, f"slack: connected to {answer.get('team')} as {answer.get('user')}")
    return Finding(
        False,
        "slack: the token belongs to a person, not to a bot",
        f"{APPS} → OAuth & Permissions → copy the Bot User OAuth Token (xoxb-…)",
    )


def clock(headers: Mapping[str, str], now: datetime) -> Iterator[Finding]:
    """Signatures are refused five minutes off; a clock that far off is found here and not by silence."""
    try:
        theirs = parsedate_to_datetime(headers.get("Date", ""))
    except ValueError:
        return
    off = abs((now - theirs).total_seconds())
    if off > SKEW:
        yield Finding(False, f"slack: this machine's clock is {off:.0f} s off Slack's", "set up NTP")


def socket(error: AdapterError | None) -> Finding:
    if error is None:
        return Finding(True, "slack: Socket Mode is on and the app-level token is good")
    return Finding(
        False,
        str(error),
        f"{APPS} → Basic Information → App-Level Tokens → one with connections:write, and Socket Mode → Enable",
    )


def unseen(mode: str) -> Sequence[Finding]:
    """Settings no token shows: said, so that silence is not taken for health."""
    where = "Socket Mode is on" if mode == "socket" else f"each Request URL ends in {PATH}"
    events = ", ".join(sorted(EVENTS))
    return [
        Finding(
            True,
            "slack: event subscriptions and switches cannot be read with a bot token",
            f"compare {APPS} → App Manifest with `understudy slack manifest`: events {events}; "
            f"interactivity on; command {COMMAND}; App Home → Messages Tab on; {where}",
        )
    ]
