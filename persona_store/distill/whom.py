"""Finder of whom to ask, where somebody is called by name: "ask Bo Tan", "Bo Tan owns it", 找周岚, 周岚负责.

Who is responsible for what, and nothing else about anybody: how good they are is not for a persona to say (L09).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec import structs

from persona_store.distill.candidates import Best, Candidate, of_line
from persona_store.distill.cues import STRENGTHS
from persona_store.distill.scene import Scene
from persona_store.distill.spotter import Known

_STRONG = STRENGTHS["strong"]
_NAME = r"([A-Z][\w'-]{1,20}(?: [A-Z][\w'-]{1,20}){0,2})"
_ASK = re.compile(
    r"\b(?:[Aa]sk|[Pp]ing|[Cc]ontact|[Tt]ell|[Nn]otify|[Tt]alk to|[Ss]peak (?:to|with)|[Cc]heck with|[Ww]rite to) "
    rf"{_NAME}"
)
_OWNS = re.compile(
    rf"{_NAME} (?:owns|takes(?: over)?|maintains|handles|is responsible for|is in charge of|looks after|runs|leads"
    r"|is the (?:owner|maintainer|author|lead|contact))\b"
)
_NAME_ZH = r"([\u3400-\u9fff]{2,4}|[A-ZÀ-Ý][\w'-]{1,20}(?: [A-ZÀ-Ý][\w'-]{1,20})?)"
_ASK_ZH = re.compile(rf"(?:找|问|联系|咨询|通知|告诉|请教?)\s?(?:一下|财务|运维|客服|产品)?\s?{_NAME_ZH}")
_OWNS_ZH = re.compile(_NAME_ZH + r"\s?(?:来)?(?:负责|主持|接手|维护|管理|跟进)")
_NO_NAME = frozenset(
    {"the", "this", "that", "it", "you", "we", "they", "he", "she", "your", "our", "my", "if", "for", "all"}
)


class WhomToAsk:
    """Kept apart until the end, when it is known who is a person: somebody who speaks in the material, or whose
    name is written like one in a document."""

    def __init__(self) -> None:
        self._best = Best()

    def see(self, scene: Scene, best: Best) -> None:
        for line in scene.lines:
            if line.whole and not line.hedged and not line.dangling and "whom_to_ask_not" not in line.shows:
                names = tuple(dict.fromkeys(_names(line.text)))
                if names:
                    self._best.put(structs.replace(of_line("whom_to_ask", line, _STRONG), people=names))

    def ended(self, known: Known) -> Iterable[Candidate]:
        for candidate in self._best:
            people = [name for each in candidate.people for name in _people(each, candidate, known)]
            if people:
                yield structs.replace(candidate, people=tuple(people))


def _names(text: str) -> Iterator[str]:
    for pattern in (_ASK, _OWNS, _ASK_ZH, _OWNS_ZH):
        for match in pattern.finditer(text):
            if match[1].split()[0].lower() not in _NO_NAME:
                yield match[1]


def _people(name: str, candidate: Candidate, known: Known) -> Iterator[str]:
    """The longest beginning (or, in Chinese, also the end) that is a known name."""
    if name.isascii() or not "\u3400" <= name[0] <= "\u9fff":
        if known.colleagues.known(name) or "written_down" in candidate.support and " " in name:
            yield name
        return
    for size in range(len(name), 1, -1):
        for piece in (name[:size], name[-size:]):
            if known.colleagues.known(piece):
                yield piece
                return
