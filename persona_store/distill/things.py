"""Which words of a text name a thing one can be asked about: identifiers, names and nouns, and no verb or adverb.

English nouns are told by where they stand ("the gateway is", "of settlement,"), Chinese ones by the dictionary's
part of speech. Where a word is a noun now and a verb then, its counts over the whole material decide (`Seen`).
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from msgspec import Struct

from persona_store.tokens import is_noun, may_be_noun, named, stem, surfaces, terms

NOUN = 0.15
"""Of the passages that have a word, those in which it stands like a noun: then it is one."""
NAME = 0.5
"""The same, written like a name."""

_CODE = re.compile(r"```.*?(?:```|\Z)|^(?: {4}|\t|>).*$", re.DOTALL | re.MULTILINE)
_NO_WORDS = re.compile(r"https?://\S+|:[a-z0-9_+\-]{2,40}:|@[\w.\-]{1,40}")
_IDS = re.compile(
    r"<?#?\b(?=[A-Z]{0,10}\d)[CDGUWTB][A-Z0-9]{8,11}\b"  # an account or a room on Slack
    r"|\b(?:ou|oc|om|on|cli)_[0-9a-zA-Z]{8,64}\b"  # the same on Feishu
    r"|\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,64}\b"  # a commit, a hash
)
_IS = r"is|are|was|were|has|have|had|does|can|will|would|should|must|may|might"
_STANDS = re.compile(
    r"\b(?:the|an?|my|your|our|its|their|any|each|every|another|of|in|with|for|about|on|from|at|via|between"
    r"|using|without|into|by|per)\s+(?:[\w-]{1,30}\s+)??([A-Za-z][\w-]{2,39})"
    r"(?=\s*[.,;:!?()\]\"'\u2013\u2014]|\s*(?:\n\s*\n|\Z)"
    rf"|\s+(?:(?:{_IS}|of|in|on|for|to|with|from|and|or|that|which|at|by|when|if|because|but|so|then|before"
    r"|after|while|into|again|until|once|we|you|i|it|as|than)\b|\w{3,}ed\b))"
    rf"|^\W*([A-Za-z][\w-]{{2,39}})(?=\s+(?:{_IS})\b|\W*\Z)",
    re.IGNORECASE | re.MULTILINE,
)
"""A determiner or a preposition, perhaps one word between, and after it no noun to which this is the adjective; or
what a sentence begins with and says something of."""
_BEFORE_ZH = re.compile("(?:的|个|种|次|和|与|跟|做|跑|查|负责|发起|触发|走|改|关于|这块)$")
_AFTER_ZH = re.compile(
    "和|与|失败|成功|跑|挂|是|由|会|已经|流程|规则|接口|任务|脚本|单|结果|状态|记录|环境|时间|服务|系统|网关|这块"
)
_DIGIT = re.compile("[0-9]")
_MARKED = re.compile(r"`([^`\n]{2,60})`")
_JOINTED = re.compile(r"\b[A-Za-z]\w*(?:[./:]\w+)+\b|\b\w+::\w[\w:]*")
_NO_NOUN = re.compile(r"\w{4,}(?:ed|ly)", re.IGNORECASE)


class Seen(Struct):
    """Of how many passages a word stands in, and in how many of them it is written or stands like a thing."""

    passages: int = 0
    named: int = 0
    nouns: int = 0

    @property
    def thing(self) -> bool:
        return self.nouns >= NOUN * self.passages > 0 or self.is_name

    @property
    def is_name(self) -> bool:
        return self.named >= NAME * self.passages > 0


def bare(text: str) -> str:
    """Without code, addresses, emoji, people and ids of platforms, which name nothing that is spoken of."""
    if "\n" in text or "```" in text or text[:1] in " \t>":
        text = _CODE.sub(" ", text)
    text = _NO_WORDS.sub(" ", text)
    return _IDS.sub(" ", text) if _DIGIT.search(text) else text


def nouns(text: str, written: dict[str, str]) -> set[str]:
    """Of the terms (`written`: term → as the text writes it) those that stand like nouns."""
    stands = (one or other for one, other in _STANDS.findall(text))
    found = {each for word in stands if not no_noun(word) for each in terms(word)[:1]}
    found |= {term for term, word in written.items() if not word.isascii() and _chinese(word, text)}
    return (found & written.keys()) - no_topics()


def _chinese(word: str, text: str) -> bool:
    """支付 is a verb, and in "青桥的支付" or "支付失败了" a thing."""
    if is_noun(word):
        return True
    place = text.find(word)
    if place < 0 or not may_be_noun(word):
        return False
    before = _BEFORE_ZH.search(text[max(0, place - 2) : place])
    return before is not None or _AFTER_ZH.match(text, place + len(word)) is not None


def names(text: str) -> set[str]:
    """The terms that are written like the name of one thing: identifiers, codes, and what stands in code marks."""
    coded = {term for code in _MARKED.findall(text) for term in spelt(code)}
    jointed = {term for piece in _JOINTED.findall(text) for term in terms(piece)[:1]}
    return (coded | jointed | named(text)) - no_topics()


def no_noun(word: str) -> bool:
    return _NO_NOUN.fullmatch(word) is not None


def worth(term: str) -> bool:
    """Bare numbers and single characters name nothing, and a long identifier is an address."""
    return 1 < len(term) <= 40 and not term[0].isdigit() and (not term.isascii() or len(term) > 2)


def spelt(text: str) -> dict[str, str]:
    """Term → how the text writes it first, of what may name something."""
    found: dict[str, str] = {}
    for term, word in surfaces(text):
        if worth(term):
            found.setdefault(term, word)
    return found


@cache
def no_topics() -> frozenset[str]:
    """Said about anything, and the name of nothing."""
    lines = files("persona_store.distill").joinpath("no_topics.txt").read_text(encoding="utf-8").splitlines()
    words = [word for line in lines if not line.startswith("#") for word in line.split()]
    return frozenset((*words, *map(stem, words)))
