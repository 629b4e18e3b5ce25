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
NEWS = tuple(f"{name}, news" for name in ("squad2", "cmrc-zh", "drcd-zht"))
TINY = tuple(f"{name}, tiny" for name in ("squad2", "cmrc-zh", "drcd-zht"))
PARTS = (*FITTED, SELF_MADE, *SMALL, *NEWS, *TINY)
CONVERSED = ("rmail", "egret-zh", SELF_MADE, "rmail, small", "egret-zh, small")
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
    if kind == "news":
        return news(data / source, source)
    if kind in TEAMS:
        return small(data / source, source, kind)
    return whole(data / source)


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


NEAR_MISS = 0.7  # of the tellings without the answer have the sentence it stood in
TEAMS = {"small": ((30, 20),) * 8 + ((12, 8),) * 12 + ((4, 6),) * 16, "tiny": ((1, 4),) * 40}
"""(threads besides those that are asked about, questions) of each small team"""


def small(folder: Path, name: str, kind: str) -> Iterator[Asking]:
    """The same questions asked of teams with next to no material: a few threads drawn by lot, half of the
    questions with theirs among them. Without these a guess from five messages looks like one from thousands, and a
    clear hit in a folder of four pages like one of many tellings of the same news."""
    dice = random.Random(7)
    threads: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for document in read(folder / "docs.jsonl.gz"):
        threads[document["thread"]].append(document)
    asked = [q for q in read(folder / "questions.jsonl.gz") if q["kind"] not in ("adversarial", "other")]
    for number, (size, each) in enumerate(TEAMS[kind]):
        drawn = dice.sample(asked, each)
        persona = drawn[0]["persona"]
        mine = [q for q in drawn if q["persona"] == persona]
        kept = {t for q in mine[: len(mine) // 2 + 1] for t in q["gold_threads"] if t in threads}
        spoken = sorted(t for t, messages in threads.items() if any(m["author"] == persona for m in messages))
        kept |= set(dice.sample(spoken, min(size, len(spoken))))
        index = indexed([d for thread in sorted(kept) for d in threads[thread]], persona)
        questions = [
            {**q, "id": f"{name}/{kind}/{number}/{q['id']}", "answerable": bool(kept & set(q["gold_threads"]))}
            for q in mine
        ]
        yield index, persona, questions


def news(folder: Path, name: str, most: int = 240) -> Iterator[Asking]:
    """The same questions asked of news: each paragraph told several times in other selections of its sentences.
    Of a question that can be answered, one to five of the tellings have the answer; of the others none has, however
    close they come: they may have the very sentence without the answer in it. Without these nothing says what
    agreement is worth, or that everything but the asked fact may be there."""
    dice = random.Random(11)
    documents = read(folder / "docs.jsonl.gz")
    by_paragraph: dict[str, dict[str, Any]] = {}
    for each in dice.sample(questions := read(folder / "questions.jsonl.gz"), len(questions)):
        if each["answerable"] and each["gold_answers"] and len(each["gold_threads"]) == 1:
            by_paragraph.setdefault(each["gold_threads"][0], each)
    chosen = dict(list(by_paragraph.items())[:most])
    told, asked = [d for d in documents if d["thread"] not in chosen], []
    for number, source in enumerate(d for d in documents if d["thread"] in chosen):
        each = chosen[source["thread"]]
        tellings = retold(source, each["gold_answers"], dice, dice.randint(1, 5) if number % 2 else 0)
        told += [telling for telling, _ in tellings]
        gold = [telling["thread"] for telling, has in tellings if has]
        asked.append({**each, "id": f"{name}/news/{each['id']}", "answerable": bool(gold), "gold_threads": gold})
    yield indexed(told, "kb"), "kb", asked


def retold(
    source: dict[str, Any], answers: list[str], dice: random.Random, having: int
) -> list[tuple[dict[str, Any], bool]]:
    """(telling, whether it has the answer): `having` that do and two to six that do not."""
    sentences = [s for s in re.split(r"(?<=[。！？；])|(?<=[.!?])\s+", source["text"]) if s.strip()]
    telling = [s for s in sentences if any(answer in s for answer in answers)]
    rest = [s for s in sentences if s not in telling]
    made = []
    for number in range(having + dice.randint(2, 6)):
        has = number < having and bool(telling)
        kept = set(dice.sample(rest, min(len(rest), dice.randint(0, 3))))
        if telling and (has or dice.random() < NEAR_MISS):
            kept.add(dice.choice(telling))
        text = " ".join(s if has else without(s, answers) for s in sentences if s in kept)
        if text:
            id = f"{source['id']}/{number}"
            made.append(({**source, "id": id, "thread": id, "text": text}, has))
    return made


def without(sentence: str, answers: list[str]) -> str:
    for answer in sorted(answers, key=len, reverse=True):
        sentence = sentence.replace(answer, "…")
    return sentence


def shortened(message: dict[str, Any], dice: random.Random) -> str:
    text, style = str(message["text"]), dice.random()
    if style < 0.3 and message.get("subject"):
        return str(message["subject"])
    if style < 0.6:
        sentences = re.split(r"(?<=[.?!])\s+", text)
        place = next((n for n, sentence in enumerate(sentences) if "?" in sentence), 0)
        return " ".join(sentences[max(0, place - 1) : place + 1])
    return text[:2500]
