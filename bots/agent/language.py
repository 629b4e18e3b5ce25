"""Which of the two languages a text is in, good enough to answer in it and to notice when material is foreign."""

from __future__ import annotations

import re

from persona_store.tokens import fold

_CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_LATIN = re.compile(r"[!-~]+")
_FENCED = re.compile(r"```.*?(?:```|$)|`[^`\n]*`", re.DOTALL)
_ENOUGH = 1000  # characters tell


def language_of(text: str) -> str:
    """`zh-CN` or `en`. One Chinese character says as much as two English words (a Chinese word has about two);
    identifiers, code and addresses say nothing, because they are the same in both."""
    prose = _FENCED.sub(" ", fold(text[:_ENOUGH]))
    chinese = len(_CHINESE.findall(prose))
    words = sum(_is_word(stretch.strip(".,:;!?()'\"")) for stretch in _LATIN.findall(prose))
    return "zh-CN" if chinese and 2 * chinese >= words else "en"


def _is_word(stretch: str) -> bool:
    return len(stretch) > 1 and stretch.replace("'", "").isalpha()
