"""Slack. `create(config)` refuses to start on credentials that are missing or plainly not what they should be."""

from __future__ import annotations

from adapters.errors import Unauthorised
from adapters.secret import Secret
from adapters.slack.adapter import Config, SlackAdapter

__all__ = ["Config", "SlackAdapter", "create"]

_PLACEHOLDERS = frozenset(
    {"changeme", "change-me", "secret", "todo", "xxx", "xoxb-...", "xapp-...", "xoxb-…", "xapp-…"}
)


def create(config: Config) -> SlackAdapter:
    """The adapter, if its credentials can be what they claim to be. Raises Unauthorised, naming the setting."""
    if config.mode not in ("socket", "http"):
        raise Unauthorised("slack", f"UNDERSTUDY_SLACK_MODE is {config.mode!r} · use socket or http")
    _expect(config.bot_token, "UNDERSTUDY_SLACK_BOT_TOKEN", "xoxb-")
    if config.mode == "socket":
        _expect(config.app_token, "UNDERSTUDY_SLACK_APP_TOKEN", "xapp-")
    else:
        _expect(config.signing_secret, "UNDERSTUDY_SLACK_SIGNING_SECRET", "")
    return SlackAdapter(config)


def _expect(secret: Secret, name: str, prefix: str) -> None:
    value = secret.reveal().strip()
    if not value or value.lower() in _PLACEHOLDERS:
        raise Unauthorised("slack", f"{name} is not set · copy it from api.slack.com/apps")
    if not value.startswith(prefix):
        raise Unauthorised("slack", f"{name} does not begin with {prefix} · two tokens may be swapped")
