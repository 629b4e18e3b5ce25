"""The questions the benchmarks of ranking and confidence ask: public sets, and kinds made from those that may be
fitted on.

DATA holds one folder a set (docs.jsonl.gz, questions.jsonl.gz). Only the sets in FITTED may shape numbers that
ship; the others are only judged on.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from persona_store.index import Index
from persona_store.model import Passage

ROOT = Path(__file__).parents[2]
FITTED = ("squad2", "cmrc-zh", "drcd-zht", "egret-zh", "rmail")
JUDGED = ("slack-racket", "slack-clojure", "slack-elm", "lean", "rgb-en", "rgb-zh")
SELF_MADE = "rmail, self-made"
SMALL = tuple(f"{name}, small" for name in FITTED)
PARTS = (*FITTED, SELF_MADE, *SMALL)
CHATS, DOCUMENTS = ("rmail", SELF_MADE, "egret-zh"), ("squad2", "cmrc-zh", "drcd-zht")
"""For the thresholds both weigh the same: a team's chat must not pay for how easy documents are."""
GROUPS = {
    "English chat and mail": ("slack-racket", "slack-clojure", "slack-elm", "lean", "rmail"),
    "… of it never fitted": ("slack-racket", "slack-clojure", "slack-elm", "lean"),
    "Chinese support chat": ("egret-zh",),
    "English documents": ("squad2", "rgb-en"),
    "Chinese documents": ("cmrc-zh", "drcd-zht", "rgb-zh"),
    "pooled": FITTED + JUDGED,
}

Asking = tuple[Index, str, list[dict[str, Any]]]
"""(what a persona knows, the persona, the questions it is asked)"""


def askings(data: Path, name: str) -> Iterator[Asking]:
    """Of a set, or of a kind made from one."""
    source, _, kind = name.partition(", ")
    if kind == "self-made":
        return self_made(data / source)
    return small(data / source, source) if kind == "small" else whole(data / source)


def whole(folder: Path) -> Iterator[Asking]:
    documents, by_persona = read(folder / "docs.jsonl.gz"), defaultdict(list)
    for each in read(folder / "questions.jsonl.gz"):
        by_persona[each["persona"]].append(each)
    for persona, asked in sorted(by_persona.items()):
        yield indexed(documents, persona), persona, asked


def read(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def passages(documents: Iterable[dict[str, Any]], persona: str) -> Iterator[Passage]:
    """As an import would keep them: a thread's first message carries its subject."""
    begun: set[str] = set()
    for each in sorted(documents, key=lambda d: (d["ts"], d["id"])):
        subject = each.get("subject") if each["thread"] not in begun else ""
        begun.add(each["thread"])
        yield Passage(
            id=each["id"],
            source="slack_export",
            container=each["channel"],
            container_name=each["channel"],
            thread=each["thread"],
            author=each["author"],
            author_name=each["author"],
            by_subject=each["author"] == persona,
            at=datetime.fromtimestamp(each["ts"], UTC),
            text=f"*{subject}*\n{each['text']}" if subject else each["text"],
        )


def indexed(documents: Iterable[dict[str, Any]], persona: str) -> Index:
    index = Index()
    index.add(passages(documents, persona))
    return index


def self_made(folder: Path, people: int = 22, each: int = 40) -> Iterator[Asking]:
    """More of the same kind, made of a set's own threads: a thread's first message is asked of somebody who
    answered in it. From half of the threads only that message is taken out, the others are taken out whole. Some
    questions are shortened to their subject or to the sentence that asks, as in chat."""
    dice = random.Random(5)
    threads: dict[str, list[dict[str, Any]]] = defaultdict(list)
    documents = sorted(read(folder / "docs.jsonl.gz"), key=lambda d: (d["ts"], d["id"]))
    for document in documents:
        threads[document["thread"]].append(document)
    answered: dict[str, list[str]] = defaultdict(list)
    for name, messages in threads.items():
        for author in {m["author"] for m in messages[1:]} - {messages[0]["author"]}:
            answered[author].append(name)
    for author, names in sorted(answered.items(), key=lambda item: (-len(item[1]), item[0]))[:people]:
        chosen = dice.sample(sorted(names), min(each, len(names)))
        kept, gone = set(chosen[: len(chosen) // 2]), set(chosen[len(chosen) // 2 :])
        asked_ids = {threads[name][0]["id"] for name in kept}
        index = indexed([d for d in documents if d["id"] not in asked_ids and d["thread"] not in gone], author)
        questions = [
            {
                "id": f"{author}/{name}",
                "text": shortened(threads[name][0], dice),
                "kind": "self-made",
                "answerable": name in kept,
                "gold_threads": [name],
            }
            for name in chosen
        ]
        yield index, author, questions


TEAMS = ((30, 20),) * 8 + ((12, 8),) * 12 + ((4, 6),) * 16
"""(threads besides those that are asked about, questions) of each small team"""


def small(folder: Path, name: str) -> Iterator[Asking]:
    """The same questions asked of teams with next to no material: a few threads drawn by lot, half of the
    questions with theirs among them. Without these a guess from five messages looks like one from thousands."""
    dice = random.Random(7)
    threads: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for document in read(folder / "docs.jsonl.gz"):
        threads[document["thread"]].append(document)
    asked = [q for q in read(folder / "questions.jsonl.gz") if q["kind"] not in ("adversarial", "other")]
    for number, (size, each) in enumerate(TEAMS):
        drawn = dice.sample(asked, each)
        persona = drawn[0]["persona"]
        mine = [q for q in drawn if q["persona"] == persona]
        kept = {t for q in mine[: len(mine) // 2 + 1] for t in q["gold_threads"] if t in threads}
        spoken = sorted(t for t, messages in threads.items() if any(m["author"] == persona for m in messages))
        kept |= set(dice.sample(spoken, min(size, len(spoken))))
        index = indexed([d for thread in sorted(kept) for d in threads[thread]], persona)
        questions = [
            {**q, "id": f"{name}/{number}/{q['id']}", "answerable": bool(kept & set(q["gold_threads"]))}
            for q in mine
        ]
        yield index, persona, questions


def shortened(message: dict[str, Any], dice: random.Random) -> str:
    text, style = str(message["text"]), dice.random()
    if style < 0.3 and message.get("subject"):
        return str(message["subject"])
    if style < 0.6:
        sentences = re.split(r"(?<=[.?!])\s+", text)
        place = next((n for n, sentence in enumerate(sentences) if "?" in sentence), 0)
        return " ".join(sentences[max(0, place - 1) : place + 1])
    return text[:2500]
