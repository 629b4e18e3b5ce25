"""Asking an address the record names whether its licence stands: https, that host and no other, and never inwards.

The address is the Subject's choice, and the program that asks stands in another organisation's network: so a name
that leads to a private address is not asked (rights.md T27), redirects are not followed, nothing of ours is sent
along, and what comes back is bounded. The look-up and the connection use the same addresses: a name cannot lead
somewhere else in between. No proxy is used, as behind one nobody could tell where a name leads.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import ssl
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from persona_store.errors import Refused
from persona_store.licensed.standing import LARGEST

METHOD = "revoked:"
"""How an address stands among the ways of withdrawing in a record: `revoked:https://lin.example/licence.txt`."""
LONGEST = 500  # characters
TIMEOUT = aiohttp.ClientTimeout(total=20, connect=10)
MOST_BYTES = LARGEST

Lookup = Callable[[str], Awaitable[list[tuple[str, int]]]]
"""A host's addresses, each with the port to connect to."""

_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.(?!-)[a-z0-9-]{1,63})*\.[a-z][a-z0-9-]{0,62}")


class Unreached(Exception):
    """Nothing could be learnt there; the text says why, in a few words without an address."""


def checked(address: str) -> str:
    """The address itself. Raises Refused ADDRESS_UNSAFE for anything but https with a host's name."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise _unsafe("it cannot be read") from None
    wrong = (
        (
            len(address) > LONGEST or not address.isascii() or not address.isprintable(),
            "it is too long or no plain text",
        ),
        (parts.scheme != "https", "it is not https"),
        (parts.username is not None or parts.password is not None, "it carries a login"),
        (port not in (None, 443), "it names a port"),
        (bool(parts.fragment), "it names a place in a page"),
        (_HOST.fullmatch(parts.hostname or "") is None, "it names no host that everybody can look up"),
    )
    for is_so, problem in wrong:
        if is_so:
            raise _unsafe(problem)
    return address


def named(methods: tuple[str, ...]) -> tuple[str, ...]:
    """The addresses among a record's ways of withdrawing. One that is unsafe is none."""
    found = []
    for each in methods:
        if each.startswith(METHOD):
            try:
                found.append(checked(each.removeprefix(METHOD)))
            except Refused:
                continue
    return tuple(found)


async def lookup(host: str) -> list[tuple[str, int]]:
    """By the system. Raises Unreached if one of the addresses is not everybody's."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except OSError:
        raise Unreached("its name leads nowhere") from None
    addresses = [str(each[4][0]) for each in found]
    if not all(is_public(address) for address in addresses):
        raise Unreached("its name leads into a private network")
    return [(address, 443) for address in addresses]


def is_public(address: str) -> bool:
    """Also what an IPv6 address carries of an older one: `::ffff:10.0.0.1` is inside."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None and not inner.is_global:
            return False
        if ip in _NAT64 and not ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF).is_global:
            return False
    return ip.is_global and not ip.is_multicast


_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052


async def fetch(address: str, *, find: Lookup = lookup, trust: ssl.SSLContext | None = None) -> str:
    """What stands there. Raises Unreached for every other answer than 200 with a text of a bearable length."""
    connector = aiohttp.TCPConnector(resolver=_Pinned(find), ssl=trust or True, use_dns_cache=False)
    try:
        async with (
            aiohttp.ClientSession(
                connector=connector, timeout=TIMEOUT, trust_env=False, cookie_jar=aiohttp.DummyCookieJar()
            ) as session,
            session.get(checked(address), allow_redirects=False, headers={"Accept": "text/plain"}) as response,
        ):
            if response.status != 200:
                raise Unreached(f"it answered {response.status}")
            return await _text(response)
    except Unreached:
        raise
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        raise Unreached("it did not answer") from None


async def _text(response: aiohttp.ClientResponse) -> str:
    held = bytearray()
    async for chunk in response.content.iter_chunked(16 * 1024):
        held += chunk
        if len(held) > MOST_BYTES:
            raise Unreached("it answered with too much")
    return held.decode(errors="replace")


class _Pinned(AbstractResolver):
    """Hands out what was looked at, and nothing else."""

    def __init__(self, find: Lookup) -> None:
        self._find = find

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=to,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address, to in await self._find(host)
        ]

    async def close(self) -> None:
        pass


def _unsafe(problem: str) -> Refused:
    what = f"the address for revocations was not accepted: {problem}"
    return Refused("ADDRESS_UNSAFE", what, "give one like https://lin.example/licence.txt")
