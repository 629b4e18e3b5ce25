"""Which of the two languages a text is in, good enough to answer in it and to notice when material is foreign."""

from __future__ import annotations

import re

from persona_store.tokens import fold

_CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_WORD = re.compile(r"[A-Za-z]{2,}")
_NOT_PROSE = re.compile(r"```.*?```|`[^`]*`|https?://\S+|\S*[_./\\:=#@$<>{}()\[\]]\S*|\b\w*\d\w*\b", re.DOTALL)


def language_of(text: str) -> str:
    """"zh-CN" or "en". One Chinese character says as much as one English word; identifiers, code and addresses say
    nothing, because they are the same in both."""
    prose = _NOT_PROSE.sub(" ", fold(text))
    chinese, words = len(_CHINESE.findall(prose)), len(_WORD.findall(prose))
    if not chinese and not words:
        chinese = len(_CHINESE.findall(text))
    return "zh-CN" if chinese and chinese >= words else "en"
