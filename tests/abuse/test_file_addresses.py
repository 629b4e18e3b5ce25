"""T27: no address that a message names is ever asked, whatever it looks like; so no token follows it anywhere.

The bots are whole and the platforms local; a guard below all of them notes every name that is looked up and every
place that is connected to, whichever library does it (WHK-11, WHK-12)."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from adapters.model import Person
from adapters.slack.inbound import PLATFORM as SLACK
from bots.cli.kinds import KINDS
from persona_store.errors import Refused
from persona_store.sources.http import Http
from persona_store.sources.slack_export import SlackExport
from tests.persona_store.sources.exports import export, said, write_zip
from tests.platforms import dingtalk_wire as wire
from tests.scenarios.stages import STAGES
from tests.scenarios.world import World, world

TRICKS = (
    "https://files.slack.com@evil.example/x",
    "https://files.slack.com.evil.example/x",
    "https://evil.example/files.slack.com/x",
    "http://files.slack.com/x",
    "https://files.slack.com:8443/x",
    "https://files.slack.com./x",
    "https://files.slack.com%2f@evil.example/x",
    "https://files.slack.com\\@evil.example/x",
    "https://open.feishu.cn@evil.example/open-apis/im/v1/files/x",
    "https://api.dingtalk.com.evil.example/v1.0/robot/messageFiles/download",
    "http://169.254.169.254/latest/meta-data/",
    "http://[::ffff:10.0.0.1]/x",
    "http://2130706433/x",
    "//evil.example/x",
    "file:///etc/passwd",
    "gopher://evil.example:70/x",
)
RETRY = "How often does the payment retry job run?"
HERE = ("127.0.0.1", "::1", "localhost", None, "")


class Guard:
    """Every host that was looked up or connected to and is not this machine."""

    def __init__(self) -> None:
        self.elsewhere: list[object] = []
        self.here = 0

    def note(self, host: object) -> None:
        host = host.decode() if isinstance(host, bytes) else host
        if host in HERE:
            self.here += 1
        else:
            self.elsewhere.append(host)


@contextmanager
def guarded(monkeypatch: pytest.MonkeyPatch) -> Iterator[Guard]:
    guard = Guard()
    looked_up = socket.getaddrinfo

    def getaddrinfo(host: Any, *given: Any, **named: Any) -> Any:
        guard.note(host)
        return looked_up(host, *given, **named) if host in HERE else []

    class Watched(socket.socket):
        def connect(self, address: Any) -> None:
            guard.note(address[0] if isinstance(address, tuple) else "")
            super().connect(address)

        def connect_ex(self, address: Any) -> int:
            guard.note(address[0] if isinstance(address, tuple) else "")
            return super().connect_ex(address)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(socket, "socket", Watched)
    yield guard


async def on_slack(w: World, who: Person, words: str) -> None:
    """As a share, a remote file, an attachment with pictures and a link that would be unfurled."""
    for n, trick in enumerate(TRICKS):
        file = {
            "id": f"F{n}",
            "name": "x.pdf",
            "mode": "hosted",
            "url_private": trick,
            "url_private_download": trick,
        }
        remote = {"id": f"R{n}", "name": "y.pdf", "mode": "external", "is_external": True, "url_private": trick}
        pictures = [{"image_url": trick, "thumb_url": trick, "from_url": trick, "title_link": trick}]
        text = f"{w.chat.slack.mention} {words} <{trick}|here>" if n % 2 else f"{w.chat.slack.mention} {words}"
        more = {"subtype": "file_share", "files": [file, remote], "attachments": pictures}
        w.chat.slack.say(who.id, "C0GENERAL", text, **more)
    await w.settle()


async def on_feishu(w: World, who: Person, words: str) -> None:
    """As files, pictures and videos by keys that are addresses, and as a post that shows and links them."""
    for kind, trick in zip(cycle(("file", "image", "post", "media")), TRICKS, strict=False):
        keys = {"file_key": trick, "image_key": trick, "file_name": "x.pdf"}
        if kind != "post":
            w.chat.feishu.dm(who.id, "", kind=kind, content=keys)
            continue
        row = [{"tag": "text", "text": words}, {"tag": "img", **keys}, {"tag": "a", "text": "here", "href": trick}]
        w.chat.feishu.dm(who.id, "", kind="post", content={"title": "", "content": [row]})
    await w.settle()


async def on_dingtalk(w: World, who: Person, words: str) -> None:
    """As downloads by codes that are addresses, and with an address to answer to that is not DingTalk's."""
    ding = w.chat.ding
    for other, trick in zip(cycle(("file", "picture", "audio", "richText")), TRICKS, strict=False):
        for kind in (other, "text"):
            _, payload = ding._written(who.id, ding.space.direct(who.id), words, kind=kind)
            codes = {"downloadCode": trick, "pictureDownloadCode": trick, "fileName": "x.pdf", "picURL": trick}
            payload["content"] = {**(payload.get("content") or {}), **codes}
            payload["sessionWebhook"] = trick
            await ding.deliver("CALLBACK", wire.MESSAGES, payload, name="message")
    await w.settle()


WAYS = {"slack": on_slack, "feishu": on_feishu, "dingtalk": on_dingtalk, "dingtalk-card": on_dingtalk}


@pytest.mark.parametrize("stage", sorted(WAYS))
async def test_t27_no_file_address_of_a_chat_is_ever_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    with guarded(monkeypatch) as guard:
        async with world(tmp_path, STAGES[stage]) as w:
            await w.persona()
            await WAYS[stage](w, w.mei, RETRY)
            server = getattr(w.chat, stage.partition("-")[0].replace("dingtalk", "ding"))
            calls = {call.method for call in server.calls}
            posts = w.posts
    assert guard.elsewhere == []
    assert guard.here, "the guard sees what is connected to"
    assert len(posts) >= len(TRICKS), "each was read"
    assert any(each.post.card.quotes for each in posts), "and the words among them"
    assert calls
    assert [call for call in calls if "file" in call.lower() or "download" in call.lower()] == []
    assert "evil.example" not in " ".join(str(each.post.card.addresses) for each in posts)


async def test_t27_an_owners_answer_with_addresses_asks_none_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with guarded(monkeypatch) as guard:
        async with world(tmp_path, STAGES["slack"]) as w:
            await w.persona()
            await w.say(w.mei, "Which vendor prints the badge in Lisbon?")
            [asked] = w.to(w.owner)
            await w.press(w.owner, asked, "mine", text="It is at " + " ".join(TRICKS))
            again = await w.say(w.ann, "Which vendor prints the badge in Lisbon?")
    assert again
    assert guard.elsewhere == []


async def test_t27_nothing_that_an_export_names_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its addresses are kept as names at most."""
    files = [
        {"id": f"F{n}", "name": "x", "url_private": trick, "mode": "external"} for n, trick in enumerate(TRICKS)
    ]
    path = write_zip(tmp_path / "s.zip", export({"payments": [said("U0LIN", "It is attached.", 0, files=files)]}))
    with guarded(monkeypatch) as guard:
        read = [each async for each in SlackExport(path, "U0LIN", "").documents()]
    assert read
    assert (guard.here, guard.elsewhere) == (0, [])


@pytest.mark.parametrize("base", [trick for trick in TRICKS if "/" in trick and not trick.startswith("https://")])
def test_t27_what_fetches_documents_asks_no_such_place(base: str) -> None:
    with pytest.raises(Refused) as refused:
        Http(base, posts=(), again=lambda answer: False)
    assert refused.value.code == "HTTP_ADDRESS"


def test_t27_a_name_before_the_host_is_refused() -> None:
    with pytest.raises(Refused):
        Http("https://open.feishu.cn@evil.example", posts=(), again=lambda answer: False)


def test_t27_no_kind_of_import_fetches_from_slack() -> None:
    """Only two kinds fetch at all, each from the address in the settings."""
    assert [kind.name for kind in KINDS if not kind.path] == ["feishu-api", "dingtalk-api"]
    assert SLACK == "slack"


async def test_the_guard_sees_who_asks_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that its silence means something."""
    with guarded(monkeypatch) as guard:
        with pytest.raises(OSError):  # noqa: PT011  # whatever a look-up without an answer is
            socket.create_connection(("evil.example", 443), timeout=0.1)
        plain = socket.socket()
        plain.settimeout(0.05)
        with plain, pytest.raises(OSError):  # noqa: PT011  # nobody there, or no network
            plain.connect(("192.0.2.1", 9))
    assert guard.elsewhere == ["evil.example", "192.0.2.1"]
