"""Whether a model's sentence may be shown: what it cites says it, and it is not put as anybody's. Pure.

What is checked is form and words, not meaning: numbers, names, commands, identifiers and leave that is given must
stand in the cited sentences, and "not" must not come or go. The quotes stand below for the rest.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bots.agent.language import language_of
from bots.agent.orders import to_machines
from bots.agent.sentences import LONGEST
from persona_store.support import facts, negated, support
from persona_store.tokens import content_tokens, fold, named, terms

SUPPORT = {"en": 0.6, "zh-CN": 0.5}
"""Of a sentence's content words, the share that must stand in what it cites. Less lets through a sentence whose
other half is made up; more drops what was only put more simply. Chinese is cut into words in more ways than one, so
there the same words agree less."""

_CODE = re.compile(r"`[^`]*`")
_FIRST_PERSON = re.compile(
    r"(?<![\w/.-])(?:I|me|us|(?i:my|mine|myself|we|our|ours|ourselves))(?![\w/-]|\.\w)|"
    r"(?<!自)我|咱|俺|本人(?![同签])"
)
_LEAVE = re.compile(
    r"\b(?:approv|authori[sz]|guarant|promis|permi(?=t)|allow|sign(?=(?:s|ed)? off)|clear(?=ed to)|free(?= to)|"
    r"go(?= ahead))\w*|批准|同意|承诺|保证|授权|答应|允许|准许|放心",
    re.IGNORECASE,
)
_CLAUSES = re.compile(
    r"(?:(?<!\d)[,:.]|[,:.](?!\d)|[;!?，；：。！？])\s*|"
    r"\s+(?:and|but|then|so|when|if|unless|until|once|because|while|before|after)\s+"
)
_WORD = re.compile(r"[a-z]+|\d+|[\u3400-\u9fff]")
_STEM = 6  # letters of a word of leave that must stand in the source: "approves" by "approved"

FORM, UNSUPPORTED = "form", "unsupported"
"""Why a sentence does not hold: it is not put as it was asked for, which says nothing about the evidence; or the
evidence does not carry it, which does."""


def fault(sentence: str, carriers: Sequence[str], heading: str, asked: str) -> str:
    """ "" if the sentence holds. `carriers` are the cited sentences that come nearest to it, the nearest first,
    `heading` what stands over them, `asked` the question."""
    if not sentence or len(sentence) > LONGEST or _FIRST_PERSON.search(_CODE.sub(" ", sentence)):
        return FORM
    if not carriers or to_machines(sentence):
        return UNSUPPORTED
    source = "\n".join((heading, *carriers))
    return "" if _carried(sentence, source, asked) and not _turned(sentence, carriers) else UNSUPPORTED


def _carried(sentence: str, source: str, asked: str) -> bool:
    there = set(terms(source))
    # A name the asker brought along must be in the source, too: "does Ana approve it?" is not answered by who does.
    names = named(sentence) | (named(asked) & content_tokens(sentence))
    folded = source.casefold()
    leave = [word[0][:_STEM].casefold() for word in _LEAVE.finditer(sentence)]
    if any(name not in there and name not in folded for name in names) or any(word not in folded for word in leave):
        return False
    carried, lang = support(sentence, source), language_of(sentence)
    if lang == language_of(source):
        return carried >= SUPPORT[lang]
    # Across languages words cannot be compared. What is written the same in both must be there, and must all stand.
    return carried > 0 and bool(facts(sentence) or names)


def _turned(sentence: str, carriers: Sequence[str]) -> bool:
    """ "never retry" has become "retry", or the other way round: clause by clause, each against the one that comes
    nearest to it. Where several come as near, one that agrees is enough."""
    there = [(clause, _words(clause)) for carrier in carriers for clause in _CLAUSES.split(carrier)]
    for clause in _CLAUSES.split(sentence):
        words = _words(clause)
        shared = max((len(words & theirs) for _, theirs in there), default=0)
        nearest = [other for other, theirs in there if len(words & theirs) == shared]
        if shared and all(negated(other) != negated(clause) for other in nearest):
            return True
    return False


def _words(clause: str) -> set[str]:
    """All of them, also "can", "get" and "back": what a clause says not to be is often said in such words alone."""
    return set(_WORD.findall(fold(clause).casefold()))
