"""Makes mails: with Python's own library where a real program would, by hand where no honest program would."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

LIN, BOB, EVE = "lin@corp.example", "bob@corp.example", "eve@corp.example"
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def mail(
    ident: str,
    sender: str,
    text: str,
    *,
    to: str = "",
    minutes: int = 0,
    answers: str = "",
    subject: str = "Retries",
    charset: str = "utf-8",
    cte: str = "8bit",
    **fields: str,
) -> EmailMessage:
    """A letter as a mail program makes it. `fields` are further ones: `List_Id` is List-Id."""
    made = EmailMessage(policy=SMTP)
    made["From"] = sender
    made["To"] = to or (BOB if LIN in sender else LIN)
    made["Date"] = format_datetime(NINE + timedelta(minutes=minutes))
    made["Subject"] = subject
    made["Message-ID"] = f"<{ident}@corp.example>"
    if answers:
        made["In-Reply-To"] = f"<{answers}@corp.example>"
        made["References"] = f"<{answers}@corp.example>"
    for name, value in fields.items():
        made[name.replace("_", "-")] = value
    made.set_content(text, charset=charset, cte=cte)
    return made


def raw(head: str, body: str | bytes = b"") -> bytes:
    """A mail by hand; lines end as in files on Linux."""
    return head.strip("\n").encode() + b"\n\n" + (body.encode() if isinstance(body, str) else body)


HEAD = f"From: Lin Wei <{LIN}>\nTo: {BOB}\nDate: Mon, 2 Mar 2026 09:00:00 +0000\nMessage-ID: <a@corp.example>\n"


def own(body: str | bytes, **fields: str) -> bytes:
    """A mail of the subject with this body."""
    more = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in fields.items())
    return raw(HEAD + more, body)


def mbox(*mails: bytes | EmailMessage, ends: bytes = b"\n", escape: str = "o") -> bytes:
    """`escape`: "o" puts > before `From ` only, "rd" before `>From ` as well, "" forgets it."""
    out = []
    for each in mails:
        content = each if isinstance(each, bytes) else each.as_bytes()
        lines = content.replace(b"\r\n", b"\n").split(b"\n")
        bare = [line.lstrip(b">") if escape == "rd" else line for line in lines]
        quoted = [
            b">" + line if escape and b.startswith(b"From ") else line for line, b in zip(lines, bare, strict=True)
        ]
        out.append(ends.join([b"From lin@corp.example Mon Mar  2 09:00:00 2026", *quoted, b"", b""]))
    return b"".join(out)


def parts(*inner: bytes, kind: str = "mixed", boundary: str = "b1", **more: Any) -> tuple[str, bytes]:
    """(Content-Type, body) of a multipart made by hand."""
    mark = boundary.encode()
    body = b"".join(b"--" + mark + b"\n" + part + b"\n" for part in inner) + b"--" + mark + b"--\n"
    extra = "".join(f'; {key}="{value}"' for key, value in more.items())
    return f'multipart/{kind}; boundary="{boundary}"{extra}', body


def part(kind: str, text: str | bytes, **fields: str) -> bytes:
    head = f"Content-Type: {kind}\n" + "".join(f"{k.replace('_', '-')}: {v}\n" for k, v in fields.items())
    return head.encode() + b"\n" + (text.encode() if isinstance(text, str) else text)
