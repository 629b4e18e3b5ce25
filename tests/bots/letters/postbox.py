"""A real mail server on a port of its own (aiosmtpd): what it takes lies in `box`, and it can be made difficult."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from adapters.secret import Secret
from bots.options import Mail
from tests.certificates import certified

USER, PASSWORD = "understudy", "correct-horse"
LIN = "lin@home.example"


class Postbox:
    """`to_mail`, `to_rcpt` and `to_data` are what it says; `pause` is how long it takes with a letter."""

    def __init__(self) -> None:
        self.box: list[bytes] = []
        self.recipients: list[str] = []
        self.logins: list[str] = []
        self.to_rcpt = "250 OK"
        self.to_mail = "250 OK"
        self.to_data = "250 OK"
        self.pause = 0.0
        self.stall = 0.0  # before it says whether it knows the reader, which is before it has a letter
        self.knocked = asyncio.Event()
        self.port = 0

    @property
    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(raw, policy=default) for raw in self.box]

    # ------------------------------------------------------------------ aiosmtpd's hooks

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.to_mail.startswith("250"):
            envelope.mail_from = address
        return self.to_mail

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.knocked.set()
        await asyncio.sleep(self.stall)
        if self.to_rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_rcpt

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        await asyncio.sleep(self.pause)
        if self.to_data.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.box.append(envelope.content)
            self.recipients += envelope.rcpt_tos
        return self.to_data

    def let_in(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        ok = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        if ok:
            self.logins.append(mechanism)
        return AuthResult(success=ok, handled=ok)


@asynccontextmanager
async def postbox(
    *, tls: ssl.SSLContext | None = None, starttls: bool = False, auth: bool = False
) -> AsyncIterator[Postbox]:
    """`tls` from the first byte, or with `starttls` when it is asked for; `auth`: nothing without a login."""
    post = Postbox()

    def factory() -> SMTP:
        return SMTP(
            post,
            hostname="mail.test",
            tls_context=tls if starttls else None,
            require_starttls=starttls,
            authenticator=post.let_in if auth else None,
            auth_required=auth,
            auth_require_tls=starttls,
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(factory, "127.0.0.1", 0, ssl=None if starttls else tls)
    post.port = server.sockets[0].getsockname()[1]
    try:
        yield post
    finally:
        server.close()
        await server.wait_closed()


def settings(port: int, **more: Any) -> Mail:
    given = {"host": "127.0.0.1", "port": port, "tls": "none", "sender": "understudy@acme.example", **more}
    if given.get("user"):
        given["password"] = Secret(given.get("password", PASSWORD))
    return Mail(**given)


def certificates(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """(the server's context, one that trusts it)."""
    cert, key = certified("127.0.0.1", folder)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(cert, key)
    return serving, ssl.create_default_context(cafile=str(cert))
