"""Handing a letter over to a real mail server: encrypted, logged in, and every way in which it goes wrong."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiosmtplib import errors

from bots.letters import smtp
from bots.letters.failures import Undelivered
from bots.options import Mail
from tests.bots.letters.postbox import LIN, PASSWORD, USER, certificates, postbox, settings

RAW = b"From: a@acme.example\r\nTo: lin@home.example\r\nSubject: x\r\n\r\nhello\r\n"


async def failed(mail: Mail) -> Undelivered:
    with pytest.raises(Undelivered) as caught:
        await smtp.deliver(mail, LIN, RAW)
    return caught.value


async def test_a_letter_arrives_as_it_was_written() -> None:
    async with postbox() as post:
        await smtp.deliver(settings(post.port), LIN, RAW)
    assert post.box == [RAW]
    assert post.recipients == [LIN]


async def test_starttls_and_login(tmp_path: Path) -> None:
    """The password goes over the wire only once it is encrypted: this server takes none before."""
    serving, trusting = certificates(tmp_path)
    async with postbox(tls=serving, starttls=True, auth=True) as post:
        mail = settings(post.port, tls="starttls", user=USER)
        await smtp.deliver(mail, LIN, RAW, context=trusting)
    assert post.box == [RAW]
    assert len(post.logins) == 1


async def test_tls_from_the_first_byte(tmp_path: Path) -> None:
    serving, trusting = certificates(tmp_path)
    async with postbox(tls=serving) as post:
        await smtp.deliver(settings(post.port, tls="tls"), LIN, RAW, context=trusting)
    assert post.box == [RAW]


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_a_certificate_nobody_vouches_for_gets_no_letter(tmp_path: Path, tls: str) -> None:
    serving, _ = certificates(tmp_path)
    async with postbox(tls=serving, starttls=tls == "starttls") as post:
        error = await failed(settings(post.port, tls=tls))
    assert "TLS" in error.what
    assert (error.final, post.box) == (False, [])


async def test_a_server_without_starttls_gets_no_letter_in_clear() -> None:
    """Somebody in between who takes the offer away gets nothing (RFC 8314 §4)."""
    async with postbox() as post:
        error = await failed(settings(post.port, tls="starttls"))
    assert "TLS" in error.what
    assert post.box == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # this server is on this machine
async def test_a_wrong_password_is_said_without_the_password(tmp_path: Path) -> None:
    async with postbox(auth=True) as post:
        error = await failed(settings(post.port, user=USER, password="wrong-horse"))
    assert "mail.user" in error.what
    assert not error.final
    assert "wrong-horse" not in f"{error} {error.fix} {error!r}"
    assert PASSWORD not in str(error)


@pytest.mark.parametrize(
    ("what", "reply", "final"),
    [
        ("to_rcpt", "550 5.1.1 no such user lin@home.example", True),
        ("to_rcpt", "450 4.2.1 mailbox busy", False),
        ("to_data", "554 5.7.1 not wanted", True),
        ("to_data", "451 4.3.0 later", False),
        ("to_mail", "553 5.7.1 sender not yours", False),
        ("to_mail", "421 4.3.2 closing", False),
    ],
)
async def test_what_a_server_says_no_to(what: str, reply: str, final: bool) -> None:
    """5yz is for good where it is about the reader or the letter; where it is about us, an operator mends it."""
    async with postbox() as post:
        setattr(post, what, reply)
        error = await failed(settings(post.port))
    assert error.final is final
    assert LIN not in error.what
    assert "no such user" not in error.what


async def test_a_server_that_is_down_is_one_line() -> None:
    async with postbox() as post:
        port = post.port
    error = await failed(settings(port))
    assert error.what == f"127.0.0.1:{port} cannot be reached"
    assert not error.final


async def test_a_server_that_is_slow_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "STEP", 0.2)
    async with postbox() as post:
        post.pause = 1.0
        error = await failed(settings(post.port))
    assert "in time" in error.what
    assert not error.final


async def test_a_server_that_never_greets_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "WHOLE", 0.3)
    silent = await asyncio.start_server(lambda reader, writer: asyncio.sleep(5), "127.0.0.1", 0)
    async with silent:
        error = await failed(settings(silent.sockets[0].getsockname()[1]))
    assert "in time" in error.what


def test_every_error_of_the_library_is_one_line_of_ours() -> None:
    """One that a new version brings is caught by the same words as the others."""
    made = {
        "SMTPResponseException": lambda kind: kind(421, "x"),
        "SMTPRecipientRefused": lambda kind: kind(550, "x", LIN),
        "SMTPSenderRefused": lambda kind: kind(550, "x", LIN),
        "SMTPRecipientsRefused": lambda kind: kind([]),
    }
    kinds = [each for each in vars(errors).values() if isinstance(each, type)]
    assert len(kinds) > 10
    for kind in kinds:
        with_code = issubclass(kind, errors.SMTPResponseException)
        make = made.get(kind.__name__, made["SMTPResponseException"] if with_code else lambda kind: kind("secret"))
        told = smtp.told(settings(25), make(kind))
        assert isinstance(told, Undelivered)
        assert "secret" not in told.what
        assert not told.final


async def test_greeting_connects_and_sends_nothing() -> None:
    async with postbox() as post:
        await smtp.greet(settings(post.port))
    assert post.box == []
