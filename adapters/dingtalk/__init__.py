"""DingTalk. `create(config)` refuses to start on credentials that are missing or plainly not what they should
be."""

from __future__ import annotations

from urllib.parse import urlsplit

from adapters.dingtalk.adapter import CardAdapter, Config, DingTalkAdapter
from adapters.errors import Unauthorised

__all__ = ["CardAdapter", "Config", "DingTalkAdapter", "create"]

_PLACEHOLDERS = frozenset({"changeme", "change-me", "secret", "todo", "xxx", "ding...", "ding…"})


def create(config: Config) -> DingTalkAdapter:
    """The adapter, if its settings can be what they claim to be. Raises Unauthorised, naming the setting. With a
    card template it speaks in cards, except in HTTP mode: card presses come by stream."""
    if config.mode not in ("stream", "http"):
        raise Unauthorised("dingtalk", f"UNDERSTUDY_DINGTALK_MODE is {config.mode!r} · use stream or http")
    _expect(config.client_id, "UNDERSTUDY_DINGTALK_CLIENT_ID")
    _expect(config.client_secret.reveal(), "UNDERSTUDY_DINGTALK_CLIENT_SECRET")
    for name, url in (("API_URL", config.api_url), ("OAPI_URL", config.oapi_url)):
        if not _is_address(url):
            raise Unauthorised("dingtalk", f"UNDERSTUDY_DINGTALK_{name} is no address · use https://…")
    if config.card_template and config.mode == "stream":
        return CardAdapter(config)
    return DingTalkAdapter(config)


def _expect(value: str, name: str) -> None:
    if not value.strip() or value.strip().lower() in _PLACEHOLDERS:
        raise Unauthorised(
            "dingtalk", f"{name} is not set · copy it from open-dev.dingtalk.com → your app → Credentials"
        )


def _is_address(url: str) -> bool:
    try:
        given = urlsplit(url)
    except ValueError:
        return False
    return given.scheme in ("https", "http") and bool(given.netloc)
