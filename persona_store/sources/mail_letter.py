"""What the head of a mail says: id, author, what it answers, to whom, when, and whether anybody said it at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import datetime

from msgspec import Struct

from persona_store.sources.mail_addresses import Mailbox, author, mailboxes
from persona_store.sources.mail_headers import Headers, date_of, first, ids, words
from persona_store.sources.mail_signs import is_forged, unsaid


class Letter(Struct, gc=False):
    id: str  # its Message-ID with brackets; one made from its bytes where it has none
    headers: Headers
    author: Mailbox | None
    own: bool  # the subject's
    answers: tuple[str, ...]  # the ids it refers to: the oldest, the newest, and the one it answers
    reason: str  # why nobody said this, "" if somebody did

    @property
    def title(self) -> str:
        """Its subject without `Re:`. Made when asked for, as `at` is: most mails are read for their threads."""
        subject = " ".join(words(first(self.headers, "subject")[:4000]).split())
        return _REPLY.sub("", subject, count=1)[:200]

    @property
    def at(self) -> datetime | None:
        return date_of(self.headers)

    def people(self) -> tuple[str, ...]:
        """The addresses of everybody who got it, as far as it says; its author is one. Blind copies are only on the
        sender's own copy."""
        fields = ("to", "cc", "bcc") if self.own else ("to", "cc")
        named = [box.address for name in fields for box in mailboxes(self.headers.get(name, ()))]
        return tuple(sorted({*named, *([self.author.address] if self.author else [])}))


_REPLY = re.compile(
    r"\s*(?:(?:re|aw|sv|fwd?|fw|wg|tr|rv|antw|回复|答复|回覆|转发|轉寄|转)\s?(?:\[\d+\])?\s?[:：]\s*)+", re.I
)


def read_letter(headers: Headers, own: Collection[str], fingerprint: Callable[[], str]) -> Letter:
    """`own` are the subject's addresses; `fingerprint` is asked for only where there is no Message-ID."""
    who = author(headers.get("from", []))
    mine = who is not None and who.address in own
    found = ids(first(headers, "message-id"))
    references = ids(" ".join(headers.get("references", ())))
    answered = ids(first(headers, "in-reply-to"))
    answers = dict.fromkeys((*references[:1], *references[-1:], *answered[:1]))
    reason = unsaid(headers, own=mine)
    return Letter(
        id=found[0] if found else f"<{fingerprint()}@without-message-id>",
        headers=headers,
        author=who,
        own=mine,
        answers=tuple(answers),
        reason=reason or ("forged" if mine and is_forged(headers) else ""),
    )
