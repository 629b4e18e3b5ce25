"""What confidence is computed from: the search's signals and what the question and the drafted quote look like."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from itertools import pairwise
from math import fsum, log

from bots.agent.agreement import agreement, lacking
from bots.agent.decision import FOREIGN, LACKS
from bots.agent.language import language_of
from bots.agent.sentences import fits, shape, split
from persona_store.episodes import episode_of
from persona_store.model import Evidence, Findings
from persona_store.tokens import terms

_NOT_AN_ANSWER = re.compile(
    r"^(?:我也?(?:不|没)(?:太?知道|太?清楚|太?确定|懂|会|用过|试过|遇到过)|不(?:太)?(?:知道|清楚|确定|"
    r"懂)|没(?:用过|试过|遇到过|听说过)|"
    r"我?(?:先|去|来)?(?:看|查|问)(?:看|查|问|一下|下)|我也(?:想知道|遇到|是)|同问|同求|蹲|顶|"
    r"(?:sorry[, ]*)?(?:i(?:'m| am)? )?(?:not (?:really )?sure|no idea|don'?t (?:really )?(?:know|"
    r"remember)|dunno|haven'?t (?:tried|used|seen)|"
    r"never (?:tried|used|seen))|(?:let me|i'?ll) (?:check|look|see|have a look|take a look|ask|"
    r"get back)|same (?:here|problem|issue)|"
    r"\+1|me too|thanks?\b|thank you|good question)",
    re.IGNORECASE,
)
_READ = 25  # sentences of a passage
_SAYS_MUCH = 120  # characters beyond which "not sure, but …" is an answer after all


def answers_nothing(text: str) -> bool:
    """ "I don't know", "I'll look", "same here": true words, and no answer."""
    text = text.strip()
    return len(text) < _SAYS_MUCH and _NOT_AN_ANSWER.match(text) is not None


def asks(shown: str) -> bool:
    """Whether what is quoted ends as a question."""
    return shown.rstrip(" …").endswith(("?", "？"))


def features(
    question: str, lang: str, found: Findings, quotes: Sequence[tuple[Evidence, str, float]]
) -> dict[str, float]:
    """The signals, and: `sentence`, `sentences` (the largest share of the question in one sentence, in two
    neighbours, of what the first episode is quoted with), `said` and `fits` (of the first quote: its share of the
    question; the shape of an answer), `asks` (it is itself a question), `quote_length`, `asked_length`, `chinese`,
    what kind of thing is asked for."""
    first = quotes[0] if quotes else None
    shown = first[1] if first else ""
    kind = shape(question)
    top = [evidence.passage.text for evidence in found.evidence[:5]]
    foreign = [language_of(text) != lang for text in top]
    return {
        **found.signals,
        **_sentences(found),
        **agreement(found, kind),
        "said": first[2] if first else 0.0,
        "fits": float(fits(kind, shown)),
        "asks": float(asks(shown)),
        "quote_length": log(1 + len(shown)),
        "asked_length": log(1 + len(question)),
        "chinese": float(lang == "zh-CN"),
        "asked_number": float(kind in ("number", "when", "version")),
        "asked_who": float(kind in ("who", "where")),
        "asked_how": float(kind in ("how", "why")),
        "question_mark": float("?" in question or "？" in question),
        LACKS: float(lacking(question, kind, [shown for _, shown, _ in quotes])),
        FOREIGN: (float(foreign[0]) + sum(foreign) / len(foreign)) / 2 if foreign else 0.0,
    }


def _sentences(found: Findings) -> dict[str, float]:
    if not found.evidence:
        return {}
    first = episode_of(found.evidence[0].passage)
    best = two = 0.0
    for each in found.evidence:
        if episode_of(each.passage) == first:
            there = [found.weights.keys() & terms(sentence.text) for sentence in split(each.passage.text)[:_READ]]
            best = max(best, *(_weight(found, one) for one in there), 0.0)
            two = max(two, best, *(_weight(found, one | next) for one, next in pairwise(there)))
    share = (1 - found.signals.get("unseen", 0.0)) / (sum(found.weights.values()) or 1.0)
    return {"sentence": best * share, "sentences": two * share}


def _weight(found: Findings, there: Set[str]) -> float:
    return fsum(found.weights[term] for term in there)
