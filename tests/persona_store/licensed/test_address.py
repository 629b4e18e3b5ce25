"""Asking the address a record names: a real server over TLS, and everything that is not to be asked or believed."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from persona_store.errors import Refused
from persona_store.licensed import address
from persona_store.licensed.address import Unreached
from tests.certificates import certified
from tests.persona_store.licensed.server import HOST, URL, Site, site


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Site]:
    async with site(tmp_path) as it:
        it.pages["/licence.txt"] = web.Response(text="it stands")
        it.pages["/moved"] = web.Response(status=302, headers={"Location": URL})
        it.pages["/endless"] = web.Response(body=b"x" * (address.MOST_BYTES + 1))
        yield it


async def test_what_stands_there_is_read(there: Site) -> None:
    assert await there.fetch(URL) == "it stands"


async def test_nothing_of_ours_goes_along(there: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")  # asked, nobody would answer
    await there.fetch(URL)
    [headers] = there.asked
    assert {name.casefold() for name in headers} <= {"host", "accept", "accept-encoding", "user-agent"}


@pytest.mark.parametrize(("path", "why"), [("moved", "302"), ("gone", "410"), ("endless", "too much")])
async def test_every_other_answer_is_none(there: Site, path: str, why: str) -> None:
    """A redirect leads nowhere, not even to the same host."""
    with pytest.raises(Unreached, match=why):
        await there.fetch(f"https://{HOST}/{path}")


async def test_whoever_is_not_certified_to_be_the_host_is_not_believed(there: Site) -> None:
    with pytest.raises(Unreached, match="did not answer"):
        await there.fetch("https://mallory.example/licence.txt")


async def test_a_server_whose_certificate_nobody_vouches_for_is_not_believed(tmp_path: Path, there: Site) -> None:
    there.trust = ssl.create_default_context(cafile=str(certified(HOST, tmp_path)[0]))
    with pytest.raises(Unreached, match="did not answer"):
        await there.fetch(URL)


@pytest.mark.parametrize(
    "url",
    [
        "http://lin.example/x",
        "https://lin.example:8443/x",
        "https://user:secret@lin.example/x",
        "https://10.0.0.1/x",
        "https://[::1]/x",
        "https://0x7f.1/x",
        "https://2130706433/x",
        "https://localhost/x",
        "https://lin.example/x#y",
        "https://lin.example\\@evil.example/x",
        "https://lin.example%2eevil.example/x",
        "https://ｌin.example/x",
        "https://-lin.example/x",
        "https://lin.example/" + "x" * 500,
        "file:///etc/passwd",
        "//lin.example/x",
        "https://[/x",
        "",
    ],
)
def test_t27_an_address_that_is_not_plainly_a_hosts_by_https_is_none(url: str) -> None:
    with pytest.raises(Refused, match="ADDRESS_UNSAFE"):
        address.checked(url)
    assert address.named((f"revoked:{url}", "cli", f"revoked:{URL}")) == (URL,)


@pytest.mark.parametrize(
    ("ip", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:169.254.169.254", False),
        ("64:ff9b::a00:1", False),
        ("64:ff9b::808:808", True),
        ("2002:a00:1::", False),
    ],
)
def test_t27_a_name_that_leads_inwards_is_not_asked(ip: str, public: bool) -> None:
    assert address.is_public(ip) is public


async def test_t27_what_leads_inwards_is_told_as_not_reached() -> None:
    async def inwards(host: str) -> list[tuple[str, int]]:
        raise Unreached("its name leads into a private network")

    with pytest.raises(Unreached, match="private network"):
        await address.fetch(URL, find=inwards)


async def test_t27_the_system_is_asked_where_a_name_leads_before_anything_is_sent() -> None:
    with pytest.raises(Unreached, match="private network"):
        await address.lookup("localhost")
    with pytest.raises(Unreached, match="nowhere"):
        await address.lookup("no-such-host.invalid")
