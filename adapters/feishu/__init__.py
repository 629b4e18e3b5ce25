"""Feishu and Lark. `create(config)` refuses to start on credentials that are missing or plainly not what they
should be.

The SDK takes seconds and more than a hundred megabytes to import. So this room only looks whether it is there;
`create` imports it, and the pure parts can be used without it.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from adapters.errors import Unauthorised
from adapters.feishu.config import Config
from adapters.secret import Secret

if TYPE_CHECKING:
    from adapters.feishu.adapter import FeishuAdapter

__all__ = ["Config", "create"]

if find_spec("lark_oapi") is None:
    raise ModuleNotFoundError("No module named 'lark_oapi'", name="lark_oapi")

_PLACEHOLDERS = frozenset({"changeme", "change-me", "secret", "todo", "xxx", "cli_...", "cli_…", "cli_xxx"})
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def create(config: Config) -> FeishuAdapter:
    """The adapter, if its credentials can be what they claim to be. Raises Unauthorised, naming the setting."""
    if config.mode not in ("ws", "http"):
        raise Unauthorised("feishu", f"UNDERSTUDY_FEISHU_MODE is {config.mode!r} · use ws or http")
    if config.link not in ("sdk", "thin"):
        raise Unauthorised("feishu", f"UNDERSTUDY_FEISHU_LINK is {config.link!r} · use sdk or thin")
    _expect(Secret(config.app_id), "UNDERSTUDY_FEISHU_APP_ID", "cli_")
    _expect(config.app_secret, "UNDERSTUDY_FEISHU_APP_SECRET")
    if config.mode == "http":
        _expect(config.encrypt_key, "UNDERSTUDY_FEISHU_ENCRYPT_KEY")
        _expect(config.verification_token, "UNDERSTUDY_FEISHU_VERIFICATION_TOKEN")
    _expect_origin(config.domain)
    from adapters.feishu.adapter import FeishuAdapter  # only now: the SDK is loaded with it

    return FeishuAdapter(config)


def _expect(secret: Secret, name: str, prefix: str = "") -> None:
    value = secret.reveal().strip()
    if not value or value.lower() in _PLACEHOLDERS:
        raise Unauthorised("feishu", f"{name} is not set · copy it from the developer console")
    if not value.startswith(prefix):
        raise Unauthorised("feishu", f"{name} does not begin with {prefix} · id and secret may be swapped")


def _expect_origin(domain: str) -> None:
    """App secret and tokens go there: encrypted, or to this machine only."""
    given = urlsplit(domain)
    safe = given.scheme == "https" or (given.scheme == "http" and given.hostname in _LOOPBACK)
    if not safe or not given.hostname or given.username or given.path.strip("/") or given.query or given.fragment:
        raise Unauthorised(
            "feishu",
            "UNDERSTUDY_FEISHU_DOMAIN is not an address like https://open.feishu.cn or https://open.larksuite.com",
        )
