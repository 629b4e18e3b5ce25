"""What of a passage goes to another organisation: the Subject's words and their day, and nothing of the place they
stood in.

Ids, paths, addresses, links, readers, subject lines of mail and the questions of an interview are the first
organisation's, or somebody else's words. What is left is the text with others under pseudonyms, the headings it
stands under in its document, and the container where the record itself names it.
"""

from __future__ import annotations

import hashlib
import hmac

from persona_store.consent.record import EVERY, Consent
from persona_store.distill.colleagues import Colleagues
from persona_store.model import Passage
from persona_store.splitting import BELOW

TITLED = ("doc", "self_written")
"""Kinds with headings that are the Subject's: the title of a mail may be whoever's it answers, that of an interview
is ours, and that of a document is mostly what the file was called."""
CONTAINER = "licensed"
_DIGITS = 16


class Moved:
    """Makes a persona's passages those of one pack. `key` is the persona's and the organisation's together, so that
    two of them cannot put side by side what each was given; `tag` says which pack it is (canary.py)."""

    def __init__(self, consent: Consent, colleagues: Colleagues, *, name: str, key: bytes, tag: str) -> None:
        self._colleagues = colleagues
        self._name = name
        self._key = key
        self._tag = tag
        self._named = {(grant.kind, grant.container) for grant in consent.scope.sources} - {
            (grant.kind, EVERY) for grant in consent.scope.sources
        }

    def passage(self, passage: Passage) -> Passage:
        named = (passage.source, passage.container) in self._named
        return Passage(
            id=self.id(passage.id),
            source=passage.source,
            container=passage.container if named else CONTAINER,
            container_name=self._name,  # where a card would say the place
            thread=self.id(f"{passage.container}\0{passage.thread}"),
            author="",
            author_name=self._name,
            by_subject=True,
            at=passage.at,
            text=self._colleagues.hidden(passage.text),
            title=self._colleagues.hidden(_headings(passage)),
            facet=passage.facet,
        )

    def id(self, ident: str) -> str:
        """The same for the same; the pieces of a document stay pieces of one."""
        whole, hash, piece = ident.rpartition("#")
        if not (hash and piece.isdigit()):
            whole, hash, piece = ident, "", ""
        digest = hmac.digest(self._key, whole.encode(errors="surrogatepass"), hashlib.sha256).hex()
        return f"{self._tag}{digest[:_DIGITS]}{hash}{piece}"


def _headings(passage: Passage) -> str:
    """Without the document's own title, which stands before them (splitting.py)."""
    return passage.title.partition(BELOW)[2] if passage.source in TITLED else ""
