"""The interview away from the chat: a sheet of questions to fill in, and what was filled in read back.

Markdown as `--print` gives it, or JSON Lines: {"question" or "key" and "topic", "answer"}. All or nothing: one line
that cannot be read names its place, and none is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec
from msgspec import Struct

from bots.interview.cards import contradiction
from bots.interview.plan import Question
from bots.wording import say
from persona_store.distill.gaps import QUESTIONS
from persona_store.errors import Refused

_MARK = re.compile(r"<!--\s*(?P<key>\w{1,60})(?::\s*(?P<topic>.{0,300}?))?\s*-->")
_WAY_OUT = 'write {"question": "…", "answer": "…"}, one object a line'
MISSING = "interview.missing_"


class Filled(Struct, frozen=True):
    question: Question
    answer: str


class _Line(Struct, frozen=True, forbid_unknown_fields=True):
    answer: str
    question: str = ""
    key: str = ""
    topic: str = ""


def sheet(questions: Sequence[Question], *, name: str, lang: str) -> str:
    """To be filled in. The comment below a question names it, so that its wording may be changed."""
    parts = [f"# {say(lang, 'interview.form_title', name=name)}", say(lang, "interview.form_how")]
    for number, question in enumerate(questions, 1):
        quoted = "".join(f"\n> {line}" for line in contradiction(question, lang).splitlines())
        parts.append(f"## {number}. {question.words(lang)}\n{quoted}\n{_mark(question)}\n")
    return "\n\n".join(parts) + "\n"


def _mark(question: Question) -> str:
    key, topic = question.key.removeprefix("interview."), " ".join(question.topic.split())
    return f"<!-- {key}: {topic.replace('-->', '')} -->" if topic else f"<!-- {key} -->"


def read(raw: bytes, name: str) -> list[Filled]:
    """Raises Refused ENCODING or BATCH."""
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise Refused("ENCODING", f"{name!r} is not UTF-8 (byte {error.start})", "save it as UTF-8") from None
    return list(_objects(text, name) if text.lstrip()[:1] == "{" else _sections(text, name))


def _objects(text: str, name: str) -> Iterator[Filled]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        where = f"line {number} of {name!r}"
        try:
            said = msgspec.json.decode(line, type=_Line)
        except (msgspec.DecodeError, RecursionError):
            raise Refused("BATCH", f"{where} is no answer", _WAY_OUT) from None
        yield Filled(_question(said.question, said.key, said.topic, where), said.answer.strip())


def _sections(text: str, name: str) -> Iterator[Filled]:
    lines = text.split("\n")
    marks = [(place, found) for place, line in enumerate(lines) if (found := _MARK.fullmatch(line.strip()))]
    if not marks:
        raise Refused("BATCH", f"{name!r} holds no question", "fill in what `understudy interview --print` gives")
    ends = [_heading_above(lines, place) for place, _ in marks[1:]] + [len(lines)]
    for (place, found), end in zip(marks, ends, strict=True):
        where = f"line {place + 1} of {name!r}"
        question = _question("", found["key"], found["topic"] or "", where)
        yield Filled(question, "\n".join(lines[place + 1 : end]).strip())


def _heading_above(lines: list[str], place: int) -> int:
    """Where the question begins that is marked here; an answer may have headings of its own."""
    return next((above for above in range(place, -1, -1) if lines[above].startswith("## ")), place)


def _question(text: str, key: str, topic: str, where: str) -> Question:
    if bool(text.strip()) == bool(key):
        raise Refused("BATCH", f"{where} does not say what was asked", _WAY_OUT)
    if not key:
        return Question(text=" ".join(text.split())[:500])
    full = key if key.startswith("interview.") else f"interview.{key}"
    if full not in QUESTIONS:
        known = ", ".join(each.removeprefix("interview.") for each in QUESTIONS)
        raise Refused("BATCH", f"{where}: there is no question {key[:40]!r}", f"choose from {known}")
    if full.startswith(MISSING):
        return Question(full)
    if not topic.strip():
        raise Refused("BATCH", f"{where}: the question {key!r} needs a topic", 'add "topic": "…"')
    return Question(full, topic.strip())
