"""A model's sentence → plain words: what could be pressed, would call somebody or looks like ours is taken out.

The adapters show as text whatever is no link of a cited passage (adapters/text.py); here it does not even get there
(rights.md T25, T26). Pure.
"""

from __future__ import annotations

import re

from bots.agent.grounding import GAP
from persona_store.hidden_text import reveal

_IMAGE = re.compile(r"!\[[^\]\[]*\](?:\([^()]*\)|\[[^\]\[]*\])")
_LINK = re.compile(r"\[(?!\d{1,2}\])([^\]\[]*)\](?:\([^()]*\)|\[[^\]\[]*\])")
_TAG = re.compile(r"<(?:[@#!/a-zA-Z][^<>\n]*)>")  # <@U1>, <!channel>, <at id=all>, <https://…|words>, HTML
_ADDRESS = re.compile(
    r"(?<![\w+.-])[\w+.-]*://[!-~]*|\b[a-zA-Z][a-zA-Z0-9+.-]{1,20}:[^\s:(]*\([!-~]*|\bwww\.[!-~]+|"
    r"(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.-]+"
)
_AT = re.compile(r"[@＠﹫](?=\S)")
_BEGINS = re.compile(r"^(?:\s*(?:>+\s*|[-*+•#]+\s+|\d{1,9}[.)]\s+))+")
_MARKS = re.compile(
    r"(?:(?<=[\s.。!！?？;；\]】])\[\d{1,2}(?:\s*[,，、]\s*\d{1,2})*\]|【\d{1,2}】)(?=[\s.。!！?？;；,，\[【]|$)"
)
_BEFORE_STOP = re.compile(r"\s+(?=[.,;!?。！？；，]+(?:\s|$))")
_STOP = re.compile(r"[.,;:!?，。；：！？)）]+$")


def tidied(text: str) -> str:
    """One line. Addresses become a gap; the passage below has them, and there they may be links."""
    text = reveal(text)[0]
    while (plain := _plainer(text)) != text:  # what is taken out may have kept an address apart
        text = plain
    return text


def _plainer(text: str) -> str:
    text = _LINK.sub(r"\1", _IMAGE.sub("", " ".join(text.split())))
    text = _ADDRESS.sub(_gap, _TAG.sub("", text))
    text = _AT.sub("", text).replace("**", "").replace("```", "`")
    text = _BEFORE_STOP.sub("", _MARKS.sub("", text))
    if text.count("`") % 2:
        text = text.replace("`", "")
    return _BEGINS.sub("", " ".join(text.split())).strip()


def _gap(address: re.Match[str]) -> str:
    """The stop after an address is the sentence's."""
    stop = _STOP.search(address[0])
    return GAP + (stop[0] if stop and "(" not in address[0] else "")
