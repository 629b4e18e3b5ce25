"""What `understudy doctor` says about Feishu: what was granted beside what permissions.py asks for.

Scopes an app may always read. Its events and callbacks only with a scope of their own, which is not asked for:
without it they are named together with the place to look.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from adapters.errors import AdapterError
from adapters.feishu.permissions import CALLBACKS, CONTAINED_IN, EVENTS, MENU, OPTIONAL, PATH, SCOPES
from adapters.protocol import Finding

Json = dict[str, Any]

SKEW = 60.0  # seconds; Feishu's signatures allow five minutes
GRANTED = 1


class Console:
    """The developer console of one app: Feishu's or Lark's, by the domain that is set."""

    def __init__(self, domain: str, app_id: str) -> None:
        self._app = f"{domain.rstrip('/')}/app/{app_id}"
        self.name = "Lark" if "larksuite" in (urlsplit(domain).hostname or "") else "Feishu"

    def page(self, name: str = "") -> str:
        return f"{self._app}/{name}".rstrip("/")

    def grant(self, *scopes: str) -> str:
        """The page that asks for these scopes, as the platform's own refusals link to it."""
        return f"{self._app}/auth?q={','.join(scopes)}&op_from=openapi&token_type=tenant"


def identity(bot: Json, console: Console) -> Finding:
    if bot.get("activate_status") in (None, 2) and bot.get("open_id"):
        return Finding(True, f"feishu: connected to {console.name} as {bot.get('app_name')}")
    return Finding(
        False,
        "feishu: the app is not active in its tenant",
        f"{console.page('version')}: publish a version and have an admin approve it",
    )


def scopes(answer: Json, console: Console) -> Sequence[Finding]:
    """One finding for each missing scope: what does not work without it, and the one click that asks for all."""
    listed = (answer.get("data") or {}).get("scopes") or ()
    granted = {str(s.get("scope_name")) for s in listed if s.get("grant_status") == GRANTED}
    missing = [scope for scope in sorted(SCOPES) if not _has(granted, scope)]
    found = [
        Finding(
            False,
            f"feishu: scope {scope} is missing: {SCOPES[scope]}" + _events_of(scope),
            f"{console.grant(*missing)} , then publish a version",
        )
        for scope in missing
    ] or [Finding(True, f"feishu: all {len(SCOPES)} scopes are granted")]
    found += [
        Finding(True, f"feishu: scope {scope} is not granted (optional): {OPTIONAL[scope]}", console.grant(scope))
        for scope in sorted(OPTIONAL)
        if not _has(granted, scope)
    ]
    return found


def _has(granted: Collection[str], scope: str) -> bool:
    return scope in granted or any(broader in granted for broader in CONTAINED_IN.get(scope, ()))


def _events_of(scope: str) -> str:
    events = [event for event, needs in EVENTS.items() if needs == scope]
    return f" (events {', '.join(events)})" if events else ""


def subscriptions(app: Json, mode: str, console: Console) -> Iterator[Finding]:
    """Events and callbacks, as the app reads them of itself."""
    way = {"ws": "websocket", "http": "webhook"}[mode]
    kinds: tuple[tuple[str, str, str, Collection[str]], ...] = (
        ("event", "subscription_type", "subscribed_events", EVENTS),
        ("callback", "callback_type", "subscribed_callbacks", CALLBACKS),
    )
    for kind, how, which, wanted in kinds:
        settings = app.get(kind) or app.get(f"{kind}_info") or {}
        missing = sorted(set(wanted) - set(settings.get(which) or ()))
        if missing:
            verb = "is" if len(missing) == 1 else "are"
            plural = kind if len(missing) == 1 else f"{kind}s"
            yield Finding(
                False,
                f"feishu: {plural} {', '.join(missing)} {verb} not subscribed",
                f"{console.page('event')}: add, then publish a version",
            )
        if settings.get(how) not in (None, "", way):
            where = "long connection" if mode == "ws" else f"a request URL that ends in {PATH}"
            yield Finding(
                False, f"feishu: {kind}s do not come by {where}", f"{console.page('event')}: choose {where}"
            )
        elif not missing:
            yield Finding(True, f"feishu: every {kind} is subscribed")


def unseen(mode: str, console: Console) -> Finding:
    """Settings that cannot be read: said, so that silence is not taken for health."""
    where = "long connection" if mode == "ws" else f"a request URL that ends in {PATH}"
    return Finding(
        True,
        "feishu: subscribed events and callbacks cannot be read without application:application:self_manage",
        f"compare {console.page('event')}: both by {where}; events {', '.join(sorted(EVENTS))}; "
        f"callback {', '.join(CALLBACKS)}",
    )


def menu(console: Console) -> Finding:
    """Nobody can read the bot's menu by an API."""
    keys = ", ".join(MENU)
    return Finding(
        True, "feishu: the bot's menu cannot be read", f"{console.page('bot')}: entries that push the events {keys}"
    )


def clock(headers: Mapping[str, str], now: datetime) -> Iterator[Finding]:
    """Signatures are refused five minutes off; a clock that far off is found here and not by silence."""
    given = {name.lower(): value for name, value in headers.items()}
    try:
        theirs = parsedate_to_datetime(given.get("date", ""))
        off = abs((now - theirs).total_seconds())
    except (ValueError, TypeError):
        return
    if off > SKEW:
        yield Finding(False, f"feishu: this machine's clock is {off:.0f} s off Feishu's", "set up NTP")


def link(error: AdapterError | None) -> Finding:
    if error is None:
        return Finding(True, "feishu: the long connection is to be had")
    return Finding(False, str(error), "the app's secret, and the way out to the domain that is set")
