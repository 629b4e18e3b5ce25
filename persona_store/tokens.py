"""Text → the terms it is found by, for Chinese, English and what engineers write in between.

One function cuts documents and questions alike, so that whatever a question says meets what a document said:
full and half width, traditional and simplified, case, plural and tense fall together; an identifier is kept whole
and its parts stand beside it (`pay.retry_count` → itself, `pay`, `retry`, `count`). Words that carry no content,
question words and greetings among them, are left out on both sides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

VERSION = 1
"""Changes whenever the same text would be cut differently; an index in memory is always cut by one version."""

_PIECE = re.compile(
    r"[\u3400-\u9fff\uf900-\ufaff]+"  # a stretch of Chinese
    r"|[a-z0-9_]+(?:(?:[./:@#+-]|::|->)[a-z0-9_]+)*",  # a word, or an identifier with its joints
    re.IGNORECASE,
)
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_OTHER_WORDS = re.compile(r"[^\W\d_a-zA-Z\u3400-\u9fff\uf900-\ufaff]+")
_LONGEST = 80  # a base64 blob or a hash chain is nobody's search term

_STOP_EN = frozenset(
    """a about above after again all also although always am an and any anybody anyone are as at be because been before
    being below between both but by can cannot could did do does doing don done down during each either else etc ever
    every everyone few for from further had has have having he hello help her here hers hey hi him his how however i if
    in into is it its itself just kind know let like ll lot many may maybe me might more most much must my need no nor
    not now of off ok okay on once one only or other our out over own people please pls really regards s same say she
    should since so some someone something still such sure t than thank thanks that the their them then there these they
    thing think this those though through thx to too try under until up us ve very want was way we well were what
    whatever when where whether which while who whom whose why will wish with without won would yes yet you your re d m
    best dear cheers sincerely anyway possible does doesn didn isn aren wasn wouldn couldn shouldn haven hasn
    im id ive actually basically seem seems get got go going use using used make""".split()
)
_STOP_ZH = frozenset(
    """的 了 是 在 我 你 您 他 她 它 们 我们 你们 他们 咱们 这 那 这个 那个 这些 那些 这样 那样 这里 那里 哪 哪个 哪些 哪里 哪儿
    什么 啥 怎么 怎样 怎么样 如何 为什么 为何 为啥 谁 几 多少 吗 呢 吧 啊 呀 哦 嗯 哈 嘛 么 啦 和 与 及 或 或者 还是 以及 而 而且
    但 但是 不过 就 就是 也 都 还 又 再 很 太 更 最 把 被 让 给 对 对于 从 向 到 由 于 以 为 因为 所以 如果 的话 之 其 其中 有 没有 没
    不 不是 会 能 能够 可以 可 要 想 得 地 着 过 来 去 上 下 里 中 个 种 次 一 一个 一下 一些 一种 有没有 是不是 能不能 可不可以 请 请问
    谢谢 您好 你好 大家 大家好 各位 大神 大佬 求助 求 帮忙 帮 问题 问 想问 一下 知道 现在 目前 时候 时 后 前 并 并且 则 将 等 某 各 每
    该 此 这么 那么 有人 有谁 吗 是否 只 只有 已 已经 正在 当 所 用 做 说 看 呵呵 哈哈""".split()
)
QUESTION_WORDS = {
    "who": "who", "whom": "who", "whose": "who", "谁": "who", "哪位": "who",
    "when": "when", "几点": "when", "何时": "when", "哪天": "when", "哪年": "when", "哪一年": "when",
    "where": "where", "哪里": "where", "哪儿": "where", "何处": "where", "在哪": "where",
    "how many": "number", "how much": "number", "how often": "number", "how long": "number", "多少": "number",
    "几": "number", "多久": "number", "多长": "number", "多大": "number", "多高": "number", "多远": "number",
    "why": "why", "为什么": "why", "为何": "why", "为啥": "why",
    "which version": "version", "哪个版本": "version", "什么版本": "version",
    "how": "how", "怎么": "how", "如何": "how", "怎样": "how",
}  # fmt: skip
"""What a question is after, by the words it asks with; read by those who judge whether a sentence can answer it."""


def terms(text: str) -> list[str]:
    """The content terms of a text, in order and with repeats."""
    found: list[str] = []
    for piece in _PIECE.findall(fold(text)):
        if piece[0] > "\u33ff":
            found += _chinese(piece)
        elif len(piece) <= _LONGEST:
            found += _latin(piece)
    found += [word.lower() for word in _OTHER_WORDS.findall(text) if len(word) < _LONGEST]
    return found


def content_tokens(text: str) -> frozenset[str]:
    """What a text is about, as a set: for telling whether two questions are one."""
    return frozenset(terms(text))


def surfaces(text: str) -> Iterator[tuple[str, str]]:
    """(term, how it is written) for what can be shown to a person: whole words and identifiers, not their parts."""
    for piece in _PIECE.findall(fold(text)):
        if piece[0] > "\u33ff":
            yield from ((word, word) for word in _segmenter().cut(piece) if word not in _STOP_ZH)
        elif len(piece) <= _LONGEST and (cut := _latin(piece)):
            yield cut[0], piece


def fold(text: str) -> str:
    """One width, one script: full-width letters and digits to half (NFKC), traditional characters to simplified."""
    return unicodedata.normalize("NFKC", text).translate(_simplified())


def _chinese(piece: str) -> list[str]:
    return [word for word in _segmenter().cut_for_search(piece) if word not in _STOP_ZH]


@lru_cache(maxsize=1 << 16)
def _latin(piece: str) -> tuple[str, ...]:
    """A plain word by its stem; an identifier whole, lower-cased, followed by the stems of its parts."""
    lowered = piece.lower()
    if piece.isalpha() and (piece == lowered or piece[1:] == lowered[1:] or piece == piece.upper()):
        return () if lowered in _STOP_EN else (stem(lowered),)
    if piece.isdigit():
        return (piece,)
    parts = [part.lower() for part in _PART.findall(piece)]
    kept = [stem(part) for part in parts if (len(part) > 1 or len(parts) == 1) and part not in _STOP_EN]
    whole = lowered.strip("_")
    return (whole, *(part for part in kept if part != whole)) if whole else ()


def stem(word: str) -> str:
    """Light English stemming: plural, -ing, -ed, -ly and a final e; wrong stems do no harm, as both sides get them."""
    if len(word) < 4 or not word.isascii():
        return word
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith("sses"):
        word = word[:-2]
    elif word.endswith("s") and word[-2] not in "sui":
        word = word[:-1]
    for suffix in ("ing", "ed", "ly"):
        if word.endswith(suffix) and len(word) - len(suffix) >= 3 and re.search("[aeiouy]", word[: -len(suffix)]):
            word = word[: -len(suffix)]
            if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
                word = word[:-1]
            break
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


@cache
def _simplified() -> dict[int, int]:
    lines = files("persona_store").joinpath("folding.txt").read_text(encoding="utf-8").splitlines()
    return {ord(pair[0]): ord(pair[1]) for line in lines if not line.startswith("#") for pair in line.split()}


@cache
def _segmenter() -> Any:
    """The dictionary takes a fifth of a second and 35 MB: loaded when Chinese is first met, not at import."""
    import rjieba

    return rjieba
