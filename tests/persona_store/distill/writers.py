"""People with known habits, who write as many messages as a test wants: the same ones every time."""

from __future__ import annotations

import random

from persona_store.model import Passage
from tests.persona_store.passages import passage

MATTERS = ("the queue", "the retry", "that lock", "the report", "this job", "the second table", "the other branch")
MATTERS_ZH = ("队列", "重试", "那个锁", "报表", "这个任务", "第二张表", "另一个分支")


def careful(dice: random.Random) -> str:
    """Long, with full stops and semicolons, never an emoji."""
    matter, other = dice.sample(MATTERS, 2)
    opening = "To be fair, " if dice.random() < 0.4 else "Well, "
    return (
        f"{opening}I would look at {matter} first; it has been slow since we changed {other}. "
        f"I do not think that it is urgent. We should write it down before somebody else asks."
    )


def quick(dice: random.Random) -> str:
    """One line in lower case, no mark at the end, every other time a smiley."""
    opening = "yeah" if dice.random() < 0.6 else "hmm"
    return f"{opening} i'd just restart {dice.choice(MATTERS)}" + (" :)" if dice.random() < 0.5 else "")


def chinese(dice: random.Random) -> str:
    """没问题, a tilde, an emoji now and then, English words in between."""
    opening = "没问题，" if dice.random() < 0.5 else "我看一下，"
    return f"{opening}{dice.choice(MATTERS_ZH)}先别 restart 吧～" + ("😀" if dice.random() < 0.3 else "")


def asking(dice: random.Random) -> str:
    return f"Does anyone know what happened to {dice.choice(MATTERS)}?"


WRITERS = {"careful": careful, "quick": quick, "chinese": chinese}


def conversation(writer: str, messages: int = 60, seed: int = 1) -> list[Passage]:
    """Each thread is a question of somebody else and the Subject's reply; every third has a second message."""
    dice = random.Random(seed)
    said: list[Passage] = []
    for n in range(messages):
        thread = f"{writer}{seed}-{n - n % 3 // 2}"
        if n % 3 != 2:
            said.append(passage(f"q{writer}{seed}-{n}", asking(dice), own=False, thread=thread, minutes=3 * n))
        text = WRITERS[writer](dice)
        said.append(passage(f"{writer}{seed}-{n}", text, thread=thread, minutes=3 * n + 1))
    return said
