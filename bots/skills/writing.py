"""A skill's folder, file by file, from its portrait: AgentSkills' SKILL.md, and the parts users of 同事.skill know.

SKILL.md is what an agent reads first and has room for some hundred lines (https://agentskills.io/specification);
the whole is in work.md and persona.md, and every statement names the lines of references/ it rests on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from bots.portrait.model import Aigc
from bots.portrait.style import sentences
from bots.portrait.words import ASPECTS, one_line, plain
from bots.wording import say
from persona_store import skill
from persona_store.distill.model import Aspect, Facet
from persona_store.skill import Quote, SkillPortrait, Statement

PER_FILE = 150  # quotes in one file of references/
IN_SHORT = 4  # statements of one aspect in SKILL.md
SHORT = 220  # characters of one there
_LINK = re.compile(r"\](?=[(:\[])")
_ELEMENT = re.compile(r"<(?=[A-Za-z/!?])")
_HEADING = re.compile(r"^(\s{0,3})(#{1,6}(?=\s)|[=-]{2,}(?=\s*$))", re.MULTILINE)
LAYERS: tuple[tuple[str, tuple[Aspect, ...]], ...] = (
    ("skill.layer_2", ("length", "openings", "phrases", "punctuation", "emoji", "languages", "shapes")),
    ("skill.layer_3", ("priority", "push_back", "condition", "trade_off", "asks_first")),
    ("skill.layer_5", ("boundary",)),
)
"""How 同事.skill sorts a person. Its layer 4, how somebody treats whom, is not distilled here."""
WORK: tuple[Aspect, ...] = (
    "responsibility",
    "boundary",
    "system",
    "standard",
    "workflow",
    "decision",
    "pitfall",
    "answer",
    "term",
    "whom_to_ask",
)


class Skill:
    """`terms` says for whom it is and until when."""

    def __init__(self, portrait: SkillPortrait, terms: str) -> None:
        self._portrait = portrait
        self._terms = terms
        self._lang = portrait.language
        self._facets = {facet.id: facet for facet in skill.facets(portrait)}
        quotes = dict.fromkeys(quote for each in portrait.statements for quote in each.quotes if quote.text)
        self._numbers = {quote: number for number, quote in enumerate(quotes, 1)}

    def files(self) -> dict[str, bytes]:
        """By path inside the folder; what they hold depends on nothing but the portrait and the terms."""
        texts = {
            "SKILL.md": self._skill(),
            "work.md": self._part("skill.part_a", self._work()),
            "persona.md": self._part("skill.part_b", self._persona()),
            **self._evidence(),
        }
        written = {name: ("\n\n".join(text) + "\n").encode() for name, text in texts.items()}
        return {**written, skill.PLACE: skill.encode(self._portrait)}

    # -------------------------------------------------------------- the files

    def _skill(self) -> Iterator[str]:
        portrait, name = self._portrait, self._called
        yield self._front()
        yield f"# {line(name)}"
        yield self._label
        yield self._say("skill.what", name=line(name))
        yield f"## {self._say('skill.how')}"
        yield self._say("skill.rules", name=line(name))
        yield f"## {self._say('skill.part_a')}"
        yield from self._work(short=True) if self._of(WORK) else [self._say("skill.nothing")]
        yield f"## {self._say('skill.part_b')}"
        yield from self._persona(short=True)
        if portrait.open:
            yield f"## {self._say('skill.open')}"
            yield "\n".join(f"- {line(topic)}" for topic in portrait.open)
        yield f"## {self._say('skill.files')}"
        yield self._say("skill.files_told")
        yield self._label

    def _part(self, title: str, body: Iterator[str]) -> Iterator[str]:
        yield f"---\nAIGC:\n{_fields(self._aigc)}---"
        yield self._label
        yield f"# {self._say(title)}"
        yield from body
        yield self._label

    def _work(self, *, short: bool = False) -> Iterator[str]:
        for aspect in WORK:
            yield from self._section(f"### {self._say(ASPECTS[aspect])}", self._of([aspect]), short)

    def _persona(self, *, short: bool = False) -> Iterator[str]:
        yield f"### {self._say('skill.layer_0')}"
        yield self._say("skill.layer_0_told", name=line(self._called))
        if names := self._of(["name"]):
            yield f"### {self._say('skill.layer_1')}"
            yield "\n".join(f"- {line(each.text)}" for each in names)
        for title, aspects in LAYERS:
            yield from self._section(f"### {self._say(title)}", self._of(aspects), short)

    def _evidence(self) -> Mapping[str, Iterator[str]]:
        quotes = list(self._numbers)
        return {
            f"references/evidence-{start // PER_FILE + 1:02}.md": self._quotes(quotes[start : start + PER_FILE])
            for start in range(0, len(quotes), PER_FILE)
        }

    def _quotes(self, quotes: Sequence[Quote]) -> Iterator[str]:
        yield f"---\nAIGC:\n{_fields(self._aigc)}---"
        yield self._label
        yield f"# {self._say('skill.evidence')}"
        for quote in quotes:
            link = f" · <{quote.url}>" if re.fullmatch(r"https?://[^\s<>]{1,500}", quote.url) else ""
            yield f"## E{self._numbers[quote]}"
            yield "\n".join(f"> {each}".rstrip() for each in lines(quote.text).split("\n"))
            yield f"{quote.at.date().isoformat()} · {line(quote.place)}{link}"
        yield self._label

    # -------------------------------------------------------------- their parts

    def _section(self, title: str, found: Sequence[Statement], short: bool) -> Iterator[str]:
        shown = found[:IN_SHORT] if short else found
        told = [text for each in shown if (text := self._statement(each, short))]
        if not told:
            return
        yield title
        yield "\n".join(told)
        if len(found) > len(shown):
            yield self._say("skill.more", count=len(found) - len(shown))

    def _statement(self, each: Statement, short: bool) -> str:
        """One item of a list: what is said, how well it stands, and which lines of evidence carry it."""
        facet = self._facets[each.id]
        if facet.kind == "communication_style":
            return "\n".join(f"- {line(sentence)}" for sentence in sentences(facet, self._lang))
        notes = [*self._standing(facet), ", ".join(f"E{n}" for n in self._rests_on(each))]
        text = line(one_line(each.text, SHORT) if short else each.text)
        told = each.topic and (each.aspect == "system" or each.topic not in each.text)
        topic = f"**{line(each.topic)}** · " if told else ""
        return f"- {topic}{text} ({'; '.join(note for note in notes if note)})"

    def _standing(self, facet: Facet) -> Iterator[str]:
        yield facet.last.date().isoformat()
        if facet.status in ("stale", "conflicting", "superseded"):
            yield self._say(f"facet_status.{facet.status}")
        if facet.by == "description":
            yield self._say("portrait.one_by_description")

    def _rests_on(self, each: Statement) -> list[int]:
        return sorted({self._numbers[quote] for quote in each.quotes if quote in self._numbers})

    def _of(self, aspects: Sequence[Aspect]) -> list[Statement]:
        """What holds no more comes last."""
        found = [each for aspect in aspects for each in self._portrait.statements if each.aspect == aspect]
        return sorted(found, key=lambda each: each.status == "superseded")

    # -------------------------------------------------------------- what stands around them

    def _front(self) -> str:
        """Block style and every value quoted: validators read a subset of YAML."""
        portrait = self._portrait
        topics = [each.topic for each in self._of(["system", "answer", "responsibility"]) if each.topic]
        about = ", ".join(dict.fromkeys(one_line(topic, 40) for topic in topics[:12]))
        described = self._say(
            "skill.description" if about else "skill.description_bare", name=self._called, about=about
        )
        fields = {
            "understudy": skill.FORMAT,
            "language": portrait.language,
            "content": skill.digest(portrait),
            "AIGC": json.dumps(self._aigc.fields(), ensure_ascii=False),
        }
        metadata = "".join(f"  {name}: {_quoted(value)}\n" for name, value in fields.items())
        return (
            f"---\nname: {_quoted(portrait.name)}\ndescription: {_quoted(one_line(described, 1000))}\n"
            f"license: {_quoted(self._terms)}\nmetadata:\n{metadata}---"
        )

    @property
    def _aigc(self) -> Aigc:
        digest = skill.digest(self._portrait).removeprefix("sha256:")
        return Aigc(content_producer="understudy", produce_id=f"{self._portrait.name}/{digest[:16]}")

    @property
    def _called(self) -> str:
        return self._portrait.display_name or self._portrait.name

    @property
    def _label(self) -> str:
        return f"**{line(self._say('label.ai', name=self._called))}**"

    def _say(self, key: str, /, **params: object) -> str:
        return say(self._lang, key, **params)


def line(text: str) -> str:
    """Strangers' words on one line of a list or a heading: an agent reads them as they are, and no renderer makes a
    heading, a link, a picture or an element of them."""
    return _neutral(" ".join(plain(text).split()))


def lines(text: str) -> str:
    """The same where line breaks stay: inside a quotation."""
    return _neutral(plain(text))


def _neutral(text: str) -> str:
    return _HEADING.sub(r"\1\\\2", _LINK.sub(r"\\]", _ELEMENT.sub(r"\\<", text)))


def _quoted(text: str) -> str:
    """A YAML scalar between double quotes, which JSON's are, too."""
    return json.dumps(text, ensure_ascii=False)


def _fields(aigc: Aigc) -> str:
    return "".join(f"  {name}: {_quoted(value)}\n" for name, value in aigc.fields().items())
