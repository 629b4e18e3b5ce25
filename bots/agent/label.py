"""What a team said about one drafted answer, without a word of it: what a persona's own calibration is made from.

The owner is the judge. Askers vote, and a vote is evidence of another kind: whoever presses a button chose to, and
somebody may want to move the persona. So a vote weighs little, all votes of one person together weigh no more than
a single word of the owner's, and no vote makes a persona bolder (bots/agent/refit.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from msgspec import Struct, structs

RIGHT, EDITED, WRONG = "right", "edited", "wrong"

VOTE = 0.25  # of an owner's word
ALONE = 1.0  # of an owner's words: what everything that one person votes weighs at most
UNJUDGED = 0.25  # an answer that nobody objected to, counted as likely right as it was said to be
SILENCE = 50.0  # what all of those weigh at most
EARLIER = 0.3  # a label that another calibrator's confidence was kept with


class Label(Struct, frozen=True, omit_defaults=True):
    """`chance` is what the calibrator that ships gave, before a team's own feedback changed it. `shown`: it was
    answered, not asked of a human first. `taught`: it quoted an owner's answer, and says nothing about the
    calibrator. `up` and `down` are those who voted, by a keyed hash."""

    chance: float
    calibrator: str
    day: date
    shown: bool = False
    taught: bool = False
    owner: str = ""  # right | edited | wrong
    up: tuple[str, ...] = ()
    down: tuple[str, ...] = ()

    @property
    def judged(self) -> bool:
        """By who answers for the persona."""
        return bool(self.owner) and not self.taught

    @property
    def right(self) -> bool:
        """As evaluation counts it: a draft that was sent, or sent with half of its words kept."""
        return self.owner in (RIGHT, EDITED)

    def voted(self, who: str, vote: str) -> Label:
        """With somebody's vote, which takes the place of their earlier one: one person, one vote."""
        up = tuple(each for each in self.up if each != who)
        down = tuple(each for each in self.down if each != who)
        return structs.replace(
            self, up=(*up, who) if vote == "up" else up, down=(*down, who) if vote == "down" else down
        )

    def without(self, who: str) -> Label:
        """As if they had never voted."""
        return self.voted(who, "")


class Seen(Struct, frozen=True):
    """One observation: at this chance, so right, and how much it counts."""

    chance: float
    right: float
    weight: float


def observations(labels: Iterable[Label], calibrator: str) -> list[Seen]:
    """Owner's words count whole; where there are none votes do, and an answer that nobody judged counts a little,
    as likely right as it was said to be: otherwise ten objections to a thousand answers would look like ten
    answers, all of them wrong."""
    mine = [label for label in labels if not label.taught]
    votes = Counter(who for label in mine if not label.owner for who in (*label.up, *label.down))
    silent = sum(1 for label in mine if label.shown and not (label.owner or label.up or label.down))
    quiet = min(UNJUDGED, SILENCE / silent) if silent else 0.0
    seen: list[Seen] = []
    for label in mine:
        counts = 1.0 if label.calibrator == calibrator else EARLIER
        if label.owner:
            seen.append(Seen(label.chance, float(label.right), counts))
        elif label.up or label.down:
            seen += _votes(label, votes, counts)
        elif label.shown:
            seen.append(Seen(label.chance, label.chance, quiet * counts))
    return seen


def _votes(label: Label, votes: Counter[str], counts: float) -> Sequence[Seen]:
    return [
        Seen(label.chance, right, counts * min(VOTE, ALONE / votes[who]))
        for right, people in ((1.0, label.up), (0.0, label.down))
        for who in people
    ]
