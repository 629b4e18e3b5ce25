"""Why an answer was trusted or doubted, in words: (wording key, parameters) for bots/wording.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from math import fsum

from bots.agent.decision import CONFLICT, FOREIGN, MEANING
from bots.agent.describing import DESCRIBED
from bots.model import Question
from persona_store.meant import MISSED
from persona_store.model import Evidence, Findings, Passage
from persona_store.tokens import fold, surfaces, tells_something, terms

Reason = tuple[str, dict[str, str]]

NEARER = 0.5  # deviations by which one is nearer than all others: worth saying
NEARLY = 0.1  # of the question: a source that lacks no more of it than this has what its conversation has
ALIKE = 0.6  # of the shorter one's words: then two quotes say the same
_HELPING = "会能要在可"


def reasons(
    question: Question, found: Findings, quotes: Sequence[tuple[Evidence, str, float]], seen: Mapping[str, float]
) -> tuple[Reason, ...]:
    """What was found first, then what speaks against it, the most telling first."""
    if not quotes:
        missing = _written(question, [term for term, weight in found.weights.items() if not weight])
        return (("why.unseen", {"words": missing}),) if missing else ()
    best = quotes[0][0].passage
    if seen.get("taught", 0.0):
        return (("why.taught", {"name": best.author_name, "date": best.at.date().isoformat()}),)
    there = set(terms(best.text)) | set(terms(best.title))
    both = _written(question, [term for term in found.weights if term in there])
    said: list[Reason] = [_covered(best, _share(found, there), seen.get("covered", 0.0))]
    if both:
        said.append(("why.words", {"words": both}))
    unseen = _written(question, [term for term, weight in found.weights.items() if not weight])
    if unseen:
        said.append(("why.unseen", {"words": unseen}))
    if best.reading:
        said.append(("why.read_by_machine", {"percent": str(best.reading.percent)}))
    if agreeing := _agreeing(quotes):
        said.append(("why.agree", {"count": str(agreeing)}))
    elif seen.get("gap_2", 0.0) > 0.3:
        said.append(("why.alone", {}))
    elif seen.get("rivals", 0.0) >= 0.2:
        said.append(("why.rivals", {"count": str(round(10 * seen["rivals"]))}))
    if seen.get(DESCRIBED, 0.0):
        said.append(("why.described", {}))
    said.extend(_meant(seen))
    if seen.get(FOREIGN, 0.0) > 0.5 and MEANING not in seen:
        said.append(("why.foreign", {}))
    if seen.get(CONFLICT, 0.0):
        said.append(("why.conflict", {}))
    return tuple(said)


def _covered(best: Passage, own: float, around: float) -> Reason:
    """How much of the question is there: in the source itself, or only together with what others said around it."""
    alone = own >= around - NEARLY
    where = {"percent": str(round(100 * (own if alone else around))), "date": best.at.date().isoformat()}
    if best.described:
        return ("why.covered_described", where)
    named = {**where, "name": best.author_name}
    return ("why.covered", named) if alone else ("why.covered_around", {**named, "own": str(round(100 * own))})


def _share(found: Findings, there: Set[str]) -> float:
    """Of the question, by weight, what stands nowhere at all included."""
    seen = 1 - found.signals.get("unseen", 0.0)
    known = fsum(found.weights.values()) or 1.0
    return seen * fsum(found.weights[term] for term in found.weights.keys() & there) / known


def _meant(seen: Mapping[str, float]) -> Iterator[Reason]:
    """Where it stands by what it means, if vectors were compared; that they were not, if they should have been."""
    gap = seen.get("meaning_gap", 0.0)
    if seen.get(MISSED, 0.0):
        yield ("why.meaning_missed", {})
    elif MEANING in seen and gap >= NEARER:
        yield ("why.meaning", {})
    elif MEANING in seen and gap < 0:
        yield ("why.meaning_elsewhere", {})


def learnt(shipped: float, own: float) -> tuple[Reason, ...]:
    """What the team's own judgements changed, where it shows."""
    before, now = round(100 * shipped), round(100 * own)
    if before == now:
        return ()
    key = "why.learnt_less" if now < before else "why.learnt_more"
    return ((key, {"before": str(before), "now": str(now)}),)


def _agreeing(quotes: Sequence[tuple[Evidence, str, float]]) -> int:
    """How many of the other quotes say about the same as the first: most of the shorter one's words, and no number
    of their own in the place of one."""
    first, *others = [set(terms(shown)) for _, shown, _ in quotes]
    return sum(_same(first, other) for other in others)


def _same(one: set[str], other: set[str]) -> bool:
    numbers = [{term for term in each if term[0].isdigit()} for each in (one, other)]
    alike = len(one & other) / (min(len(one), len(other)) or 1)
    return alike >= ALIKE and (not all(numbers) or not numbers[0].isdisjoint(numbers[1]))


def _written(question: Question, wanted: Sequence[str]) -> str:
    """Those terms as the asker wrote them: what stood together in Chinese stays together, and what only holds a
    sentence together there is not named alone (走, 之后, 一次)."""
    between = "、" if question.lang.startswith("zh") else ", "
    return between.join(dict.fromkeys(_stretches(question.text, set(wanted)))) if wanted else ""


def _stretches(text: str, wanted: set[str]) -> Iterator[str]:
    """In order. A word is cut from another by a dictionary, which people do not see: side by side they are one."""
    text, end = fold(text), 0
    side_by_side: list[str] = []
    for term, written in surfaces(text):
        start = text.find(written, end)
        if side_by_side and (start != end or term not in wanted or written.isascii()):
            yield from _told(side_by_side)
            side_by_side = []
        end = start + len(written)
        if term in wanted and written.isascii():
            yield written
        elif term in wanted:
            side_by_side.append(written)
    yield from _told(side_by_side)


def _told(words: list[str]) -> Iterator[str]:
    """From the first word that means something by itself to the last."""
    meant = [n for n, word in enumerate(words) if tells_something(_bare(word))]
    if meant:
        first, last = meant[0], meant[-1]
        inside = words[first : last + 1]
        inside[0], inside[-1] = _bare(inside[0], end=first == last), _bare(inside[-1], start=first == last)
        yield "".join(inside)


def _bare(word: str, *, start: bool = True, end: bool = True) -> str:
    """Without the helping verb or the no that the dictionary took for a part of it: 回滚会, 不能; not 例会."""
    if end and len(word) > 1 and word[-1] in (_HELPING if len(word) > 2 else "要在"):
        word = word[:-1]
    return word[1:] if start and len(word) > 1 and word[0] in "不没" else word
