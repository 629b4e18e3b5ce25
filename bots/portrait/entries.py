"""A facet as it stands on the page: the words, how well they stand, and where they were said."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from bots import cards
from bots.portrait.model import Cited, Entry, Mark, Side
from bots.portrait.style import sentences
from bots.portrait.words import ONE_BY, STATUSES, address, clipped, day, month, number, one_line, source
from bots.wording import say
from persona_store.distill.colleagues import Colleagues
from persona_store.distill.difference import Difference
from persona_store.distill.model import Citation, Facet
from persona_store.model import Passage, Persona

LONGEST = 1200  # characters of a statement
LONGEST_QUOTE = 600
LONGEST_TOPIC = 120
UNSURE = 0.5
_NO_PLACE = ("interview", "self_written")
"""Sources that are no place: what was said there is told by what they are."""


class Desk:
    """Makes entries of facets, with what is needed beside them at hand."""

    def __init__(
        self,
        persona: Persona,
        facets: Mapping[str, Facet],
        passages: Mapping[str, Passage],
        difference: Difference | None,
        colleagues: Colleagues,
        lang: str,
    ) -> None:
        self._persona, self._facets, self._passages = persona, facets, passages
        self._colleagues = colleagues
        self._lang = lang
        self.new = frozenset(each.id for each in difference.new) if difference else frozenset()
        self.changed = frozenset(after.id for _, after in difference.changed) if difference else frozenset()

    def entry(self, facet: Facet) -> Entry:
        cited = sorted(facet.citations, key=lambda each: (-each.at.timestamp(), each.passage, each.quote))
        hidden = self._colleagues.hidden
        whole = {one_line(each, LONGEST) for cite in cited for each in (cite.quote, hidden(cite.quote))}
        said = one_line(facet.text, LONGEST) in whole  # then the quotation is the statement
        return Entry(
            anchor=anchor(facet.id),
            topic="" if facet.kind == "communication_style" else self.topic(facet),
            text="" if said else clipped(facet.text, LONGEST),
            marks=tuple(self._marks(facet)),
            cited=tuple(self._cited(each) for each in cited),
            sides=tuple(self._sides(facet)),
            lines=tuple(sentences(facet, self._lang)) if facet.kind == "communication_style" else (),
        )

    def topic(self, facet: Facet) -> str:
        return one_line(facet.topic, LONGEST_TOPIC) or one_line(facet.text, 40) or "…"

    def _marks(self, facet: Facet) -> list[Mark]:
        lang = self._lang
        marks: list[Mark] = []
        if facet.kind != "communication_style":  # measured over everything: nobody says it
            marks.append(self._status(facet))
            if facet.by in ONE_BY:
                marks.append(Mark("by", say(lang, ONE_BY[facet.by])))
            if facet.confidence < UNSURE:
                marks.append(Mark("unsure", say(lang, "portrait.unsure", percent=round(facet.confidence * 100))))
        if facet.id in self.new:
            marks.append(Mark("new", say(lang, "portrait.is_new")))
        if facet.id in self.changed:
            marks.append(Mark("new", say(lang, "portrait.is_changed")))
        return marks

    def _status(self, facet: Facet) -> Mark:
        """Of what these readers see of it: said in two places, one of which they may not read, is said once."""
        places = len({each.passage for each in facet.citations})
        status = "single" if facet.status == "standing" and places < 2 else facet.status
        when = month(facet.last.year, facet.last.month, self._lang)
        return Mark(status, say(self._lang, STATUSES[status], count=number(places), when=when))

    def _cited(self, citation: Citation) -> Cited:
        passage, lang = self._passages[citation.passage], self._lang
        quoted = cards.quote(passage, citation.quote, lang, self._persona)
        private = passage.readers is not None
        return Cited(
            text=clipped(self._colleagues.hidden(quoted.text), LONGEST_QUOTE),
            when=day(citation.at, lang),
            place=source(passage.source, lang) if passage.source in _NO_PLACE else one_line(quoted.place, 80),
            url=address(passage.url),
            author=self._author(passage, quoted.author),
            asked=one_line(self._colleagues.hidden(passage.question), 200),
            notes=(say(lang, "portrait.only_some"),) if private else (),
        )

    def _author(self, passage: Passage, name: str) -> str:
        """Nobody for the Subject, the Owner by name: they answer for it. Everybody else under a pseudonym."""
        if passage.by_subject:
            return ""
        if passage.described:
            who = passage.author_name or passage.author
            return self._colleagues.pseudonym(who, chinese=self._lang == "zh-CN") if who else ""
        return one_line(name, 60)

    def _sides(self, facet: Facet) -> list[Side]:
        if facet.status not in ("conflicting", "superseded"):
            return []
        key = "portrait.but" if facet.status == "conflicting" else "portrait.now"
        return [
            Side(
                lead=say(self._lang, key),
                text=one_line(other.text or other.topic, LONGEST_QUOTE),
                when=day(other.last, self._lang),
                anchor=anchor(other.id),
            )
            for id in facet.conflicts
            if (other := self._facets.get(id)) is not None
        ] or [Side(say(self._lang, "portrait.elsewhere"), "", "", "")]


def anchor(id: str) -> str:
    """A place on the page that is the same in every version, whatever the id is made of."""
    return "s" + hashlib.sha256(id.encode(errors="surrogatepass")).hexdigest()[:12]
