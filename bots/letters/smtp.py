"""Handing a letter to the mail server; the only file that knows `aiosmtplib`.

What a server says in its replies is not passed on: it may repeat addresses, and the log holds none. Its code is
(RFC 5321 §4.2.1: 4yz may be tried again, 5yz will not be taken).
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiosmtplib
from aiosmtplib import errors as smtp

from bots.letters.addresses import hinted
from bots.letters.failures import Undelivered
from bots.options import Mail

STEP = 20.0  # seconds the server may take for one reply
WHOLE = 45.0  # and for the whole letter: less than a job may take (bots/runtime.py)


async def deliver(mail: Mail, to: str, raw: bytes, *, context: ssl.SSLContext | None = None) -> None:
    """Returns once the server has taken it. Raises Undelivered. `context`: whom to trust, for tests."""
    with_login = f"as {mail.user!r} " if mail.user else ""
    async with _connected(mail, context) as server:
        try:
            await server.sendmail(mail.sender, [to], raw)
        except smtp.SMTPRecipientsRefused as refused:
            code = refused.recipients[0].code if refused.recipients else 550
            raise Undelivered(
                f"{mail.host} does not take mail for {hinted(to)} ({code})", final=code >= 500
            ) from None
        except smtp.SMTPDataError as error:
            what = f"{mail.host} did not take the letter ({error.code})"
            raise Undelivered(what, final=error.code >= 500) from None
        except smtp.SMTPSenderRefused as error:
            raise Undelivered(f"{mail.host} takes nothing {with_login}from mail.sender ({error.code})") from None


async def greet(mail: Mail, *, context: ssl.SSLContext | None = None) -> None:
    """Connect, secure, log in, leave: whether letters could go. Raises Undelivered."""
    async with _connected(mail, context):
        pass


@asynccontextmanager
async def _connected(mail: Mail, context: ssl.SSLContext | None) -> AsyncIterator[aiosmtplib.SMTP]:
    server = aiosmtplib.SMTP(
        hostname=mail.host,
        port=mail.port,
        timeout=STEP,
        use_tls=mail.tls == "tls",
        start_tls=False,  # asked for below, where a server that has none is told from one that is away
        tls_context=context,
        local_hostname="understudy",  # what this machine is called is nobody's business
    )
    try:
        async with asyncio.timeout(WHOLE):
            await server.connect()
            if mail.tls == "starttls":
                await server.ehlo()
                if not server.supports_extension("starttls"):
                    raise smtp.SMTPNotSupported("STARTTLS")
                await server.starttls(tls_context=context)
            if mail.user:
                await server.login(mail.user, mail.password.reveal())
            yield server
            with suppress(smtp.SMTPException):  # it has the letter; how it says goodbye changes nothing
                await server.quit()
    except (smtp.SMTPException, OSError) as error:
        raise told(mail, error) from None
    finally:
        server.close()


def told(mail: Mail, error: Exception) -> Undelivered:
    """What went wrong before a letter was on its way: it may be tried again, and mostly an operator has to act."""
    match error:
        case ssl.SSLError() | smtp.SMTPNotSupported():
            return Undelivered(f"{mail.host}:{mail.port} has no TLS that can be trusted", fix="see mail.tls")
        case smtp.SMTPAuthenticationError(code=code):
            return Undelivered(f"{mail.host} does not let mail.user in ({code})", fix="check mail.password")
        case smtp.SMTPResponseException(code=code):
            return Undelivered(f"{mail.host} says no before it has seen the letter ({code})")
        case smtp.SMTPConnectError(__cause__=ssl.SSLError()):
            return Undelivered(f"{mail.host}:{mail.port} has no TLS that can be trusted", fix="see mail.tls")
        case smtp.SMTPTimeoutError() | TimeoutError():
            return Undelivered(f"{mail.host}:{mail.port} does not answer in time", fix="check mail.host, mail.port")
        case smtp.SMTPServerDisconnected():
            return Undelivered(f"{mail.host}:{mail.port} hung up")
        case _:
            return Undelivered(f"{mail.host}:{mail.port} cannot be reached", fix="check mail.host, mail.port")
