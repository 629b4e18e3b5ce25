"""Which conversation a quoted message belongs to: the one thing like a thread that DingTalk has (peers.md D16).

In memory, and bounded: a quotation of what was said before a restart, or long ago, begins a conversation of its
own.
"""

from __future__ import annotations

from collections import OrderedDict

MOST = 20_000  # messages


class Quoting:
    """`names` is for what has more than one: a card is quoted by the id of its delivery, and known by ours."""

    def __init__(self) -> None:
        self._names: OrderedDict[str, str] = OrderedDict()
        self._roots: OrderedDict[str, str] = OrderedDict()

    def call(self, name: str, id: str) -> None:
        """The message `id` is also called `name`."""
        if name and name != id:
            _put(self._names, name, id)

    def stands_in(self, id: str, root: str) -> None:
        """The message `id`, somebody's or ours, belongs to the conversation with this root."""
        if id and root:
            _put(self._roots, id, root)

    def id(self, name: str) -> str:
        """What a message is called by us; the name itself if nothing else is known."""
        return self._names.get(name, name)

    def root(self, name: str) -> str:
        """The root of the conversation a message belongs to, or nothing."""
        return self._roots.get(self.id(name), "")


def _put(known: OrderedDict[str, str], key: str, value: str) -> None:
    known[key] = value
    if len(known) > MOST:
        known.popitem(last=False)
