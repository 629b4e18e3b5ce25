"""Finder of what the Subject asks before they agree or answer: kinds of questions, counted over episodes."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable
from math import log

from persona_store.distill.candidates import Best, Candidate, cited
from persona_store.distill.model import Citation, facet_id
from persona_store.distill.scene import Line, Scene
from persona_store.distill.spotter import Known

FEWEST = 3
"""Episodes: a question asked once is a question."""
PLACES = 3
USUAL = 50  # characters: longer ones are about one case, shorter ones lack what it is about
_SECTION = "asks_first."


class AsksFirst:
    def __init__(self) -> None:
        self._episodes: Counter[str] = Counter()
        self._places: defaultdict[str, list[tuple[float, str, int, Citation]]] = defaultdict(list)

    def see(self, scene: Scene, best: Best) -> None:
        seen: set[str] = set()
        for line in scene.lines:
            if line.question and scene.replies(line.place) and 6 <= len(line.text) <= 200:
                for section in line.shows:
                    if section.startswith(_SECTION):
                        seen.add(section)
                        self._keep(section, line)
        self._episodes.update(seen)

    def _keep(self, section: str, line: Line) -> None:
        usual = -abs(len(line.text) - USUAL) / USUAL
        entry = (usual, line.passage.id, line.sentence.start, cited(line.passage, line.text))
        heap = self._places[section]
        if len(heap) < PLACES:
            heapq.heappush(heap, entry)
        else:
            heapq.heappushpop(heap, entry)

    def ended(self, known: Known) -> Iterable[Candidate]:
        for section, episodes in sorted(self._episodes.items()):
            if episodes < FEWEST:
                continue
            places = [
                each
                for *_, each in sorted(self._places[section], key=lambda entry: (-entry[0], entry[1], entry[2]))
            ]
            topic = section.removeprefix(_SECTION)
            yield Candidate(
                aspect="asks_first",
                id=facet_id("asks_first", topic),
                text=places[0].quote,
                citations=tuple(places),
                about=frozenset({topic}),
                cue=round(min(0.9, 0.4 + 0.15 * log(episodes)), 3),
                subject=topic,
                measures=(("episodes", float(episodes)),),
                whole=True,
            )
