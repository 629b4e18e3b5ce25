"""Who helps, and when: whoever spoke in an episode that somebody else began is taken to have helped in it.

Counted once for a view and kept with it (rights.md T06, T09: of what these readers may read, and nothing else), in
months of thirty days: who helped most in the last of them will sooner help now than who did years ago.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from persona_store.episodes import Episode, Message
from persona_store.index import Index, View

MONTH = 30 * 86_400  # seconds
HALF_LIFE = 3.0  # months: somebody's help a quarter of a year ago counts half of today's
LATELY = 0.9  # of a habit; the rest is what somebody did at any time, so that nobody is forgotten


def helpers(messages: list[Message]) -> set[str]:
    """Who answered, of those who spoke; who alone wrote something down is the one to ask about it."""
    authors = {message.passage.author for message in messages}
    return authors if len(authors) < 2 else authors - {messages[0].passage.author}


def spoken(index: Index, view: View, episode: Episode) -> list[Message]:
    """An episode's messages once each, though neighbouring runs share one."""
    messages = {m.passage.id: m for run in index.episode(episode, view) for m in run.messages}
    return list(messages.values())


def month(at: datetime) -> int:
    return int(at.timestamp() // MONTH)


def habits(index: Index, view: View, around: Mapping[int, float]) -> dict[str, float]:
    """Each person's share of all help, most of it of the help `around` these months, as much as each weighs.
    There has to be an episode in the view, and a month."""
    helped = _helped(index, view)
    near = _nearness(helped, around)
    total = sum(counts.total() for counts in helped.values())
    nearby = sum(near[when] * counts.total() for when, counts in helped.items())
    share: dict[str, float] = {}
    for when, counts in helped.items():
        weight = LATELY * near[when] / nearby + (1 - LATELY) / total
        for person, count in counts.items():
            share[person] = share.get(person, 0.0) + weight * count
    return share


def _nearness(months: Iterable[int], around: Mapping[int, float]) -> dict[int, float]:
    """How close each lies to those, halved with every HALF_LIFE. Help long before all of them counts as if the
    latest had been now: only what lies between two helpers tells them apart."""
    known = sorted(months)
    least = {when: min(abs(each - when) for each in known) for when in around}
    return {
        each: sum(weight * 0.5 ** ((abs(each - when) - least[when]) / HALF_LIFE) for when, weight in around.items())
        for each in known
    }


def _helped(index: Index, view: View) -> dict[int, Counter[str]]:
    """How many episodes each person helped in, by the month in which the episode ended."""
    if not view.helped:
        for episode in index.episodes():
            messages = spoken(index, view, episode)
            if messages:
                counts = view.helped.setdefault(month(messages[-1].passage.at), Counter())
                counts.update(helpers(messages))
    return view.helped
