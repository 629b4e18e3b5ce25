"""What an operator sets for Feishu or Lark. Apart from the adapter, so that reading it loads no SDK."""

from __future__ import annotations

from msgspec import Struct

from adapters.secret import Secret


class Config(Struct, frozen=True):
    """`mode` is ws (a long connection, no public address) or http (an encrypt key, a verification token and a
    public address). `domain` is the open platform's origin: Feishu's, Lark's (https://open.larksuite.com) or a
    local one."""

    app_id: str
    app_secret: Secret
    encrypt_key: Secret
    verification_token: Secret
    mode: str = "ws"
    domain: str = "https://open.feishu.cn"
    stream: bool = False
    link: str = "sdk"  # what carries the long connection: the SDK, or `thin`, ours
    ping_seconds: float = 30.0  # three silent ones and the link is built anew
    reconnect_seconds: float = 1.0  # the first wait; doubles up to a minute
    timeout_seconds: float = 20.0  # for one call
