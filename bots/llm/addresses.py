"""Where an endpoint is: who gets what is sent there, and whether the way to it is safe. Pure."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from persona_store.errors import Refused

LOCAL = "localhost"
_NAME = re.compile(r"[a-z0-9._:%-]+")
PRIVATE_ENDINGS = (".local", ".internal", ".lan", ".home.arpa", ".localhost")
"""Names that no public resolver answers for (RFC 6761, 6762, 8375; `.internal`: ICANN, 2024-07-29)."""


def recipient_of(base_url: str, setting: str = "llm.base_url") -> str:
    """The name under which a consent's `recipients` lists the endpoint: its host, `localhost` for this machine
    whatever it is called. Raises Refused for what is no web address.

    This machine is a recipient, too: what listens there may hand on what it is given."""
    host = _host(base_url, setting)
    address = _address(host)
    return LOCAL if host == LOCAL or (address is not None and address.is_loopback) else host


def is_private(base_url: str) -> bool:
    """Whether the endpoint is on this machine or in a network of one's own: by its address, or by a name that
    means nothing elsewhere (`ollama` in a compose file, `gpu.lan`)."""
    host = _host(base_url)
    address = _address(host)
    if address is None:
        return "." not in host or host.endswith(PRIVATE_ENDINGS)
    return address.is_private or address.is_loopback or address.is_link_local


def require_safe(base_url: str, setting: str = "llm.base_url") -> None:
    """Raises Refused if what is sent could be read on the way: plain HTTP is for one's own machines."""
    if urlsplit(base_url).scheme != "https" and not is_private(base_url):
        raise Refused(
            "SETTINGS",
            f"{setting} sends people's words to {_host(base_url)!r} in clear",
            "write it with https://",
        )


def _host(base_url: str, setting: str = "llm.base_url") -> str:
    try:
        parts = urlsplit(base_url)
        host = (parts.hostname or "").rstrip(".")
        _ = parts.port
        name = host if host.isascii() else host.encode("idna").decode()
    except (ValueError, UnicodeError):
        name = ""
    if not _NAME.fullmatch(name) or parts.scheme not in ("http", "https"):
        raise Refused("SETTINGS", f"{setting} is not a web address", "it starts with https:// or http://")
    return name


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)  # ::ffff:8.8.8.8 is 8.8.8.8
    return mapped or address
