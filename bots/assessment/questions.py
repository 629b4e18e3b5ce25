"""What only a human can answer: few questions, a yes or no with a reason each, and none answered beforehand.
Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping

import msgspec

from bots.assessment.configuration import Configuration
from bots.assessment.model import Answer
from bots.wording import say
from persona_store import regions
from persona_store.errors import Refused

Asked = Callable[[Configuration], bool]

QUESTIONS: Mapping[str, Asked] = {
    "purpose": lambda c: True,
    "less": lambda c: True,
    "free": lambda c: True,
    "heard": lambda c: True,
    "others": lambda c: True,
    "labour": lambda c: True,
    "risks": lambda c: True,
    "transfer": lambda c: any(regions.outside(r.region, c.consent.jurisdiction) for r in c.consent.recipients),
    "officer": lambda c: regions.in_eea(c.consent.jurisdiction),
    "representatives": lambda c: regions.in_eea(c.consent.jurisdiction),
    "offer": lambda c: c.persona.offered_to != "internal",
}
"""Question → whether it is asked of this configuration. Each is worded so that *yes* is what lets it go live."""


def asked(c: Configuration) -> tuple[str, ...]:
    return tuple(id for id, when in QUESTIONS.items() if when(c))


def sheet(questions: tuple[str, ...], draft: str, lang: str) -> str:
    """A file to be filled in by hand: every answer is empty."""
    lines = [f"# {say(lang, 'assessment.sheet_head')}", f'draft = "{draft}"', ""]
    for id in questions:
        lines += [f"[{id}]", f"# {say(lang, f'assessment.ask_{id}')}", 'answer = ""  # yes | no', 'why = ""', ""]
    return "\n".join(lines)


def read(raw: bytes) -> tuple[str, dict[str, Answer]]:
    """(hash of the draft, the answers) from a filled-in sheet; what is left empty is no answer. Raises Refused
    ASSESSMENT_ANSWERS."""
    try:
        table = tomllib.loads(raw.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
        raise _refused("the file of answers cannot be read as TOML") from None
    draft = table.pop("draft", "")
    found: dict[str, Answer] = {}
    for id, given in table.items():
        if isinstance(given, dict) and not given.get("answer") and not given.get("why"):
            continue
        found[id] = _answer(id, given)
    return draft if isinstance(draft, str) else "", found


def typed(words: list[str]) -> dict[str, Answer]:
    """`purpose=yes:because …`, once for each question."""
    found: dict[str, Answer] = {}
    for word in words:
        id, equals, rest = word.partition("=")
        answer, colon, why = rest.partition(":")
        if not (equals and colon):
            raise _refused(f"{word[:60]!r} is no answer", "write it as purpose=yes:the reason")
        found[id.strip()] = _answer(id.strip(), {"answer": answer.strip(), "why": why.strip()})
    return found


def complete(questions: tuple[str, ...], answers: Mapping[str, Answer]) -> dict[str, Answer]:
    """In the order of the questions. Raises Refused ASSESSMENT_ANSWERS where one is missing or too many."""
    if missing := [id for id in questions if id not in answers]:
        raise _refused(f"not answered: {', '.join(missing)}", "every question needs yes or no, and why")
    if unknown := [id for id in answers if id not in questions]:
        raise _refused(f"not asked: {', '.join(sorted(unknown))[:80]}", f"asked are {', '.join(questions)}")
    return {id: answers[id] for id in questions}


def _answer(id: str, given: object) -> Answer:
    try:
        return msgspec.convert(given, Answer)
    except msgspec.ValidationError:
        raise _refused(f"the answer to {id[:40]!r} is none", "answer yes or no, with a reason in words") from None


def _refused(what: str, fix: str = "`understudy assess NAME --out FOLDER` writes a fresh one") -> Refused:
    return Refused("ASSESSMENT_ANSWERS", what, fix)
