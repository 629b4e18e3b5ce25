"""About how many tokens a text is, by its scripts. Pure, and an estimate: each model counts in its own way.

The weights were fitted on 600 pieces of mail, chat and documents in English and Chinese against the tokenisers of
DeepSeek-V4, Qwen3 and OpenAI's o200k. For each of ten collections the sum came out within 20 % of all three, but
for traditional Chinese at o200k (22 % too few). Lines of figures are up to a third more at Qwen, which takes digit
by digit, and older tokenisers (cl100k) take half as much again for Chinese.
"""

from __future__ import annotations

import math
import re

_HAN = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")
_WORD = re.compile("[A-Za-z]+")
_DIGITS = re.compile("[0-9]+")
_SIGN = re.compile(r"[!-/:-@\[-`{-~]")
_OTHER = re.compile("[^\x00-\x7f\\s]")

HAN, WORD, PER_LETTER, DIGITS, SIGN, OTHER = 0.7, 1.05, 0.1, 1.3, 0.65, 1.4
USUAL = 6  # letters of a word that are one token; longer ones are often more
MESSAGE = 8  # tokens that a chat's template puts round a message


def estimate(text: str) -> int:
    """Tokens of a text."""
    han = len(_HAN.findall(text))
    words = _WORD.findall(text)
    letters = sum(max(0, len(word) - USUAL) for word in words)
    numbers = sum(math.ceil(len(digits) / 3) for digits in _DIGITS.findall(text))
    other = len(_OTHER.findall(text)) - han
    about = HAN * han + WORD * len(words) + PER_LETTER * letters + DIGITS * numbers
    return math.ceil(about + SIGN * len(_SIGN.findall(text)) + OTHER * other)
