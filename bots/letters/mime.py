"""A letter as the bytes of a message (RFC 5322, MIME): text first, HTML beside it, attachments behind. Pure.

The same letter, sender, reader and time are the same bytes, so that what is sent again after a crash is the same
message under the same Message-ID, which a mailbox may drop (RFC 5322 §3.6.4). What goes into a header goes through
the standard library's own policy, which refuses a line break, and through a filter before it.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from bots.letters.html import html
from bots.letters.model import Letter
from bots.letters.plain import plain

POLICY = SMTP.clone(raise_on_defect=True)


def message(letter: Letter, *, sender: str, to: str, at: datetime) -> bytes:
    """`sender` and `to` as bots/letters/addresses.py let them through."""
    mail = EmailMessage(policy=POLICY)
    mail["From"] = Address("understudy", addr_spec=sender)
    mail["To"] = Address(addr_spec=to) if to else "undisclosed-recipients:;"
    mail["Subject"] = _line(letter.subject)
    mail["Date"] = at
    mail["Message-ID"] = f"<{_name(letter.id, to)}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday reply, please
    mail.set_content(plain(letter), cte="base64")
    mail.add_alternative(html(letter), subtype="html", cte="base64")
    for each in letter.attachments:
        main, _, sub = each.kind.partition("/")
        mail.add_attachment(each.content, maintype=main, subtype=sub, filename=each.name)
    mail["Content-Language"] = letter.lang  # last: what becomes multipart hands its content headers down
    _bounded(mail, _name(letter.id, to))
    return mail.as_bytes()


def _bounded(mail: EmailMessage, name: str) -> None:
    """Boundaries that are always the same; base64 has no line that could be one."""
    for number, part in enumerate(each for each in mail.walk() if each.is_multipart()):
        part.set_boundary(f"={name}{number}")


def _name(id: str, to: str) -> str:
    return hashlib.sha256(f"{id}\0{to}".encode()).hexdigest()[:32]


def _line(text: str) -> str:
    """One line of printable characters, whatever a persona is called."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:200]
