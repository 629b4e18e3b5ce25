"""A Slack workspace export, zip or folder, as the Documents of one colleague.

Yielded are the threads the subject took part in: the subject's own words, and those of others as context. Who wrote
a message is decided by its user id alone, never by a name.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from persona_store.errors import Refused
from persona_store.model import Document
from persona_store.sources import hashes
from persona_store.sources.archive import Archive, open_archive, read, verify
from persona_store.sources.chat_threads import threads
from persona_store.sources.hashes import Hashes
from persona_store.sources.jsonsafe import loads
from persona_store.sources.members import Limits
from persona_store.sources.pull import pulled
from persona_store.sources.slack_lines import Line, parse
from persona_store.sources.slack_team import LISTS, USERS, Conversation, Team, read_team
from persona_store.sources.slack_text import message_text, split_quotes

_DAY = re.compile(r"[^/]+/[^/]+\.json")


class SlackExport:
    """One export. Nothing is opened before the first Document is asked for."""

    kind = "slack_export"

    def __init__(
        self, path: Path, subject: str | None, link_base: str = "", *, limits: Limits | None = None
    ) -> None:
        self._path = Path(path)
        self._given = subject
        self._link_base = link_base.rstrip("/")
        self._limits = limits
        self._subject = ""
        self._ids = Hashes()
        self._done = self._total = 0
        self.dropped: Counter[str] = Counter()
        self.problems: list[str] = []

    @property
    def progress(self) -> tuple[int, int]:
        return self._done, self._total

    def documents(self) -> AsyncIterator[Document]:
        return pulled(self.read())

    def read(self) -> Iterator[Document]:
        """The same, for callers without an event loop. One conversation is in memory at a time."""
        self.dropped.clear()
        self.problems.clear()
        self._ids = Hashes()
        archive = open_archive(self._path, limits=self._limits)
        try:
            prefix = _prefix(archive)
            team = read_team(archive, prefix)
            self._subject = team.resolve(self._given)
            files = _day_files(archive, prefix)
            conversations = self._known(team, files)
            wanted = [name for conversation in conversations for name in files[conversation.folder]]
            self._done, self._total = 0, sum(archive.members[name].size for name in wanted)
            verify(archive, wanted)
            for conversation in conversations:
                yield from self._conversation(archive, team, conversation, files[conversation.folder])
        finally:
            archive.close()

    def _known(self, team: Team, files: Mapping[str, list[str]]) -> list[Conversation]:
        """Conversations that have content, by id. Nobody knows who reads a folder that no list, or two, claim."""
        claims = Counter(conversation.folder for conversation in team.conversations)
        for folder, names in files.items():
            if claims[folder] != 1:
                reason = "unlisted_folder" if not claims[folder] else "ambiguous_folder"
                self.dropped[reason] += len(names)
                self.problems.append(f"{folder!r}: {reason.replace('_', ' ')}, {len(names)} files left out")
        known = [c for c in team.conversations if claims[c.folder] == 1 and c.folder in files]
        return sorted(known, key=lambda conversation: conversation.id)

    # ------------------------------------------------------------------ one conversation

    def _conversation(
        self, archive: Archive, team: Team, conversation: Conversation, names: list[str]
    ) -> Iterator[Document]:
        lines = self._lines(archive, team, names)
        thread_of = threads(lines)
        texts = {line.ts: message_text(line.words, team.names) for line in lines if line.user == self._subject}
        joined = {thread_of[ts] for ts, text in texts.items() if text}
        for line in lines:
            if thread_of[line.ts] not in joined:
                self.dropped["outside_subject_threads"] += 1
                continue
            text = texts[line.ts] if line.ts in texts else message_text(line.words, team.names)
            if not text:
                self.dropped["empty"] += 1
                continue
            thread = f"{conversation.id}/{thread_of[line.ts]}"
            yield from self._documents(conversation, team, line, thread, text)

    def _lines(self, archive: Archive, team: Team, names: list[str]) -> list[Line]:
        """What people said in it, in order of time, each moment once and in its last edition."""
        found: dict[str, Line] = {}
        for name in names:
            for message in self._messages(archive, name):
                line = parse(message, team.bots)
                if isinstance(line, str):
                    self.dropped[line] += 1
                    continue
                if line.ts in found:
                    self.dropped["duplicate"] += 1
                    if not line.edited:
                        continue
                found[line.ts] = line
            self._done += archive.members[name].size
        return sorted(found.values(), key=lambda line: (line.seconds, line.ts))

    def _messages(self, archive: Archive, name: str) -> Iterable[Any]:
        try:
            value = loads(read(archive, name), name)
            if not isinstance(value, list):
                raise Refused("EXPORT_SHAPE", f"{name!r} is not a list of messages", "export it again")
        except Refused as refused:  # one bad day must not cost the others
            self.dropped[refused.code] += 1
            self.problems.append(str(refused))
            return ()
        return value

    def _documents(
        self, conversation: Conversation, team: Team, line: Line, thread: str, text: str
    ) -> Iterator[Document]:
        by_subject = line.user == self._subject
        own, quoted = split_quotes(text) if by_subject else (text, "")
        ident = self._identify(conversation, line)
        said = Document(
            id=ident,
            source=self.kind,
            container=conversation.id,
            container_name=conversation.name,
            thread=thread,
            author=f"slack:{line.user}",
            author_name=team.names.people.get(line.user) or line.user,
            by_subject=by_subject,
            at=datetime.fromtimestamp(line.seconds, UTC),
            text=own,
            url=self._url(conversation, line),
            readers=conversation.readers,
            direct=conversation.direct,
        )
        if quoted:
            yield replace(said, id=f"{ident}#quoted", author="", author_name="", by_subject=False, text=quoted)
        if own:
            yield said

    def _identify(self, conversation: Conversation, line: Line) -> str:
        """The client's id, unless it was used before: clients choose it, so it might be made to hide another."""
        if line.client_id and self._ids.add(hashes.of(line.client_id)):
            return line.client_id
        return f"{conversation.id}/{line.ts}"

    def _url(self, conversation: Conversation, line: Line) -> str:
        if not self._link_base:
            return ""
        return f"{self._link_base}/archives/{conversation.id}/p{line.ts.replace('.', '')}"


def _prefix(archive: Archive) -> str:
    """ "" or the one folder that somebody zipped instead of its content."""
    tops = {name.partition("/")[0] + "/" for name in archive.members if "/" in name}
    for prefix in ("", *sorted(tops)):
        has_users = any(prefix + name in archive.members for name in USERS)
        if has_users and any(prefix + name in archive.members for name in LISTS):
            return prefix
    if archive.holds_archives:
        raise Refused("ARCHIVE_DEPTH", "it holds another archive and no Slack export", "give the inner one")
    what = "there is no users.json with a channels.json (or groups, mpims, dms) beside it"
    raise Refused("TYPE_MISMATCH", what, "give the zip that Slack's export page gave you, or the folder of it")


def _day_files(archive: Archive, prefix: str) -> dict[str, list[str]]:
    """The files of each conversation's folder, oldest first: they are named after days."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in sorted(archive.members):
        inner = name.removeprefix(prefix)
        if name.startswith(prefix) and _DAY.fullmatch(inner):
            found[inner.partition("/")[0]].append(name)
    return found
