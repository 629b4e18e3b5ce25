"""From the messages of one chat to the Documents of one colleague: the threads they took part in."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from persona_store.model import Document
from persona_store.sources.chat_line import Line
from persona_store.sources.chat_people import People
from persona_store.sources.chat_quotes import own_words
from persona_store.sources.chat_threads import roots, threads


class Chat(Struct, frozen=True):
    """Where the messages stood."""

    kind: str
    id: str
    name: str
    readers: tuple[str, ...] | None
    direct: bool
    tenants: frozenset[str]  # of the subject's company; empty if it is not told
    topics: frozenset[str] = frozenset()  # see chat_rooms.Room


class Turn(Struct, frozen=True, gc=False):
    """See chat_threads.Turn."""

    id: str
    seconds: float
    who: str
    root: str
    length: int


def latest(lines: Iterable[Line], dropped: Counter[str]) -> list[Line]:
    """Each message once, in its last edition, in order of time. Text files tell minutes and DingTalk seconds, so
    what was written at the same moment stays in the order of the material, which may be newest first."""
    found: dict[tuple[str, str], Line] = {}
    for line in lines:
        key = line.inside, line.id
        if key in found:
            dropped["duplicate"] += 1
            if found[key].gone or (line.version <= found[key].version and not line.gone):
                continue
        found[key] = line
    each = [line for line in found.values() if not line.gone]
    dropped["deleted"] += len(found) - len(each)
    steps = [(after.at > before.at) - (after.at < before.at) for before, after in pairwise(each)]
    return sorted(reversed(each) if sum(steps) < 0 else each, key=lambda line: line.at)


def documents(
    chat: Chat,
    lines: list[Line],
    people: People,
    outermost: Callable[[str], tuple[str, str]],
    dropped: Counter[str],
) -> Iterator[Document]:
    """In order of time; what was passed on stands below the message that did it."""
    writer = _Writer(chat, people, dropped)
    own = [line for line in lines if not line.inside]
    passed_on: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if line.inside:
            passed_on[outermost(line.inside)[1]].append(line)
    present = {line.id for line in own}
    who = {line.id: people.key(line.ids, line.name) for line in own}
    said = {line.id: own_words(line.text) for line in own if who[line.id] == people.key_of_subject}
    thread_of = _threads(own, who, chat.topics)
    joined = {thread_of[id] for id, (words, _) in said.items() if words}
    for line in own:
        below = passed_on.pop(line.id, [])
        if thread_of[line.id] not in joined:
            dropped["outside_subject_threads"] += 1 + len(below)
            continue
        thread = f"{chat.id}/{thread_of[line.id]}"
        if writer.is_outside(line):
            dropped["outsider"] += 1
        else:
            yield from writer.message(line, who[line.id], thread, said.get(line.id), present, bool(below))
        for each in below:
            yield from writer.passed_on(each, line, thread)
    dropped["forwarded_alone"] += sum(map(len, passed_on.values()))  # by a message that was taken back


def _threads(lines: list[Line], who: dict[str, str], topics: frozenset[str]) -> dict[str, str]:
    """Whatever answers the message that opened a topic is talk in that topic and no answer: each is a room."""
    links: list[tuple[str, str]] = []
    for line in lines:
        above = [parent for parent in line.parents if parent not in topics]
        if line.thread:
            links += [(line.id, line.thread), *((parent, line.thread) for parent in above)]
        else:
            links += [(line.id, parent) for parent in above]
    root_of = roots(links)
    apart: dict[str, list[Turn]] = defaultdict(list)
    for line in lines:
        topic = next((parent for parent in line.parents if parent in topics), "")
        turn = Turn(line.id, line.at, who[line.id], root_of.get(line.id, ""), len(line.text))
        apart[topic].append(turn)
    return {ident: thread for turns in apart.values() for ident, thread in threads(turns).items()}


class _Writer:
    def __init__(self, chat: Chat, people: People, dropped: Counter[str]) -> None:
        self._chat = chat
        self._people = people
        self._dropped = dropped

    def is_outside(self, line: Line) -> bool:
        return bool(self._chat.tenants and line.tenant and line.tenant not in self._chat.tenants)

    def message(
        self, line: Line, author: str, thread: str, said: tuple[str, str] | None, present: set[str], passes_on: bool
    ) -> Iterator[Document]:
        by_subject = said is not None
        own, quoted = said or (line.text, "")
        if line.quoted not in quoted and line.quotes not in present:
            quoted = f"{line.quoted}\n{quoted}".strip()
        document = self._document(line, line.id, author, thread, own, by_subject)
        if quoted:
            yield replace(
                document, id=f"{line.id}#quoted", author="", author_name="", by_subject=False, text=quoted, url=""
            )
        if own:
            yield document
        elif not quoted and not passes_on:
            self._dropped["empty"] += 1

    def passed_on(self, line: Line, forward: Line, thread: str) -> Iterator[Document]:
        """Context, whoever wrote it: consent covers what somebody said where they said it, not elsewhere."""
        text = line.text or line.quoted
        if self.is_outside(line):
            self._dropped["outsider"] += 1
        elif text:
            author = self._people.key(line.ids, line.name) if line.text else ""
            yield self._document(line, f"{forward.id}/{line.id}", author, thread, text, by_subject=False)
        elif not line.forwards:  # the messages of a forward inside stand for themselves
            self._dropped["empty"] += 1

    def _document(self, line: Line, ident: str, author: str, thread: str, text: str, by_subject: bool) -> Document:
        chat = self._chat
        return Document(
            id=ident,
            source=chat.kind,
            container=chat.id,
            container_name=chat.name,
            thread=thread,
            author=author,
            author_name=self._people.called(line.ids, line.name),
            by_subject=by_subject,
            at=datetime.fromtimestamp(line.at, UTC),
            text=text,
            url=line.link,
            readers=chat.readers,
            direct=chat.direct,
        )
