"""Who is who in a chat export: the ids of one person, what they are called, and which of them is the subject.

An id decides, always. A name is looked at only where the material gives no id, and then only the names the operator
vouched for count; if the same material knows somebody else of that name, it is refused, not guessed.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from persona_store.errors import Refused
from persona_store.sources.chat_line import Ids

ME = "我"
"""What copies of chats call whoever made them, where they do not say who that is."""

_SHOWN = 5


def folded(name: str) -> str:
    return " ".join(name.split()).casefold()


class People:
    """`subject` is an id without its platform; `ids` are further ids of theirs, `names` what they are called."""

    def __init__(self, platform: str, subject: str, *, ids: Iterable[str] = (), names: Iterable[str] = ()) -> None:
        self.key_of_subject = f"{platform}:{subject}"
        self._platform = platform
        self._subject = subject
        self._own = (subject, *ids)
        self._vouched = frozenset(map(folded, names)) - {""}
        self._above: dict[str, str] = {}  # towards the id that stands for all ids of a person
        self._first: dict[str, str] = {}  # by the id on top: the one of the first kind
        self._shared: set[str] = set()  # ids that two people seem to have
        self._rank: dict[str, int] = {}
        self._called: dict[str, str] = {}  # by id
        self._nameless: dict[str, str] = {}  # by folded name: people who are known by nothing else
        self._best: dict[str, str] = {}  # by the id on top
        self._name: dict[str, str] = {}

    # ------------------------------------------------------------------ while the material is read

    def meet(self, ids: Ids, name: str) -> None:
        """Somebody of the material; their ids are tied together."""
        first = ""
        for rank, ident in enumerate(ids):
            if not ident:
                continue
            if rank < self._rank.get(ident, len(ids)):
                self._rank[ident] = rank
            first = first or ident
            if ident != first and not self._tie(first, ident):
                self._shared.add(ident)
        if first and name:
            self._called.setdefault(first, name)
        elif name:
            self._nameless.setdefault(folded(name), name)

    def settle(self) -> None:
        """All is read. Raises Refused SUBJECT_UNKNOWN, SUBJECT_NAMES or SUBJECT_AMBIGUOUS if it is not clear who
        the subject is."""
        known = any(ident in self._rank for ident in self._own)
        self._shared.difference_update(self._own)  # whose they are the operator has said
        for ident in self._own:
            self._rank.setdefault(ident, 0)
            self._above[self._top(ident)] = self._top(self._subject)
        self._gather()
        if self._vouched & self._nameless.keys():
            self._check_namesakes()
        elif not known and self._rank.keys() - set(self._own):
            near = "; ".join(f"{ident} is {self._called.get(ident, '?')}" for ident in self._near())
            what = f"{self._subject[:80]!r} is nobody's id in this material"
            fix = f"did you mean: {near}" if near else "look the id up in it"
            raise Refused("SUBJECT_UNKNOWN", what, self._account_hint() or fix)
        elif not known and self._nameless:
            shown = ", ".join(sorted(self._nameless.values())[:_SHOWN])
            what = "the material tells names but no ids, and a name alone is nobody's"
            fix = f"say which is the subject's, with --names; there are: {shown}"
            raise Refused("SUBJECT_NAMES", what, self._account_hint() or fix)

    def _account_hint(self) -> str:
        own = "if it is a copy of the subject's own account, say so with --account ID"
        return own if folded(ME) in self._nameless and len(self._nameless) == 1 else ""

    def _check_namesakes(self) -> None:
        for ident, name in sorted(self._called.items()):
            if folded(name) in self._vouched and self._top(ident) != self._top(self._subject):
                what = f"{name!r} is also what {ident} is called, and some messages tell no id"
                fix = "give material with ids, or --ids if that is the subject too"
                raise Refused("SUBJECT_AMBIGUOUS", what, fix)

    def _near(self) -> list[str]:
        wanted = [folded(self._subject), *self._vouched]

        def distance(ident: str) -> float:
            called = (ident.casefold(), folded(self._called.get(ident, "")))
            return max(
                1.0 if want in name and name else difflib.SequenceMatcher(None, want, name).ratio()
                for want in wanted
                for name in called
            )

        nearest = sorted((-distance(ident), ident) for ident in self._called)
        return [ident for score, ident in nearest[:_SHOWN] if score < -0.5]

    # ------------------------------------------------------------------ afterwards

    def key(self, ids: Ids, name: str = "") -> str:
        """The person key of who wrote something, "" if nobody is told."""
        ident = next(filter(None, ids), "")
        if ident in self._shared:
            return f"{self._platform}:{ident}"  # of two people: nobody knows which
        if ident:
            top = self._top(ident)
            own = top == self._top(self._subject)
            return self.key_of_subject if own else f"{self._platform}:{self._best.get(top, ident)}"
        if folded(name) in self._vouched:
            return self.key_of_subject
        return f"{self._platform}:name/{'_'.join(name.split())}" if name.strip() else ""

    def keys(self, ids: Iterable[str]) -> set[str]:
        return {self.key((ident, "", "")) for ident in ids if ident}

    def called(self, ids: Ids, name: str = "") -> str:
        ident = next(filter(None, ids), "")
        return self._name.get(self._top(ident), "") or name or ident

    # ------------------------------------------------------------------ ids that belong together

    def _top(self, ident: str) -> str:
        while (above := self._above.get(ident, ident)) != ident:
            self._above[ident] = self._above.get(above, above)
            ident = above
        return ident

    def _tie(self, one: str, other: str) -> bool:
        """That they are one person's. Not, if each has a first id of its own already: an id that two people seem to
        have in common is a placeholder, or was put there to give one the words of the other."""
        one, other = self._top(one), self._top(other)
        if one == other:
            return True
        firsts = [self._first.get(top, top if self._rank.get(top) == 0 else "") for top in (one, other)]
        if all(firsts):
            return False
        self._above[other] = one
        self._first[one] = firsts[0] or firsts[1]
        return True

    def _gather(self) -> None:
        """For each person the id their key is made of, and what they are called."""
        for ident in sorted(self._rank, key=lambda each: (self._rank[each], each)):
            self._best.setdefault(self._top(ident), ident)
        for ident, name in self._called.items():
            self._name.setdefault(self._top(ident), name)
