"""Buttons without a card: links that make their reader say something, and back. Pure.

A `dtmd://dingtalkclient/sendMessage?content=…` link sends its content to the robot in the name of whoever presses
it, in a group with the @ of the robot (peers.md D17; the host must be lower case). What is said is the button's
label and a code in rare brackets, `Why? ⟦why|abc123|9f…⟧`: the action, its value and the message it stands under.
Nothing is kept for it, so it works for ever and after any restart; and it proves nothing, so the bot authorises it
anew, as it does any press.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote, unquote

from msgspec import Struct

from adapters.dingtalk import markdown
from adapters.model import Button

_SEND = "dtmd://dingtalkclient/sendMessage?content="
_CODE = re.compile(r"⟦([^⟦⟧|]+)\|([^⟦⟧|]*)\|([^⟦⟧|]*)⟧\s*$")
_PLAIN = ":-_."


class Said(Struct, frozen=True):
    """A button's code, as somebody said it."""

    action: str
    value: str
    message: str


def row(buttons: Sequence[Button], message: str) -> str:
    """One line with all of them."""
    return " ｜ ".join(markdown.link(button.label, link(button, message)) for button in buttons)


def link(button: Button, message: str) -> str:
    """`message` names what the button stands under."""
    code = "|".join(quote(part, safe=_PLAIN) for part in (button.action, button.value, message))
    return _SEND + quote(f"{button.label} ⟦{code}⟧", safe="")


def read(text: str) -> Said | None:
    """The press that a text amounts to, if it does."""
    match = _CODE.search(text)
    return Said(*(unquote(part) for part in match.groups())) if match else None
