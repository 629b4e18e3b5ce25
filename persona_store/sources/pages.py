"""Files of a chat that somebody saved: which entries they hold, in whatever envelope an API or a script put them.

Everything is `{code, data: {items: […]}}`, `{result: {messages: […]}}`, a bare list, one entry a line, or a mixture
of these over many files; the entries inside are what matters. What the envelopes say beside the list (whose chat it
is) comes along with each entry.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from typing import Any

from persona_store.errors import Refused
from persona_store.sources.archive import Archive, read
from persona_store.sources.jsonsafe import loads
from persona_store.sources.jsonstream import Scope, stream

JSON = (".json", ".jsonl", ".ndjson")
TEXT = (".txt",)
WHOLE = 8 << 20
"""Bytes up to which a JSON file is read as a whole: a page of an API has a few hundred thousand."""

LISTS = (
    *("data", "result", "items", "messages", "records", "list", "messageList", "chatdata"),
    *("conversationMessagesList", "conversations", "chats", "left_chats", "chunks"),
    *("members", "users", "people", "contacts", "userlist", "member_list", "group_chat"),
)
CHATS = ("conversationMessagesList", "conversations", "chats", "left_chats", "chunks")
"""Of these the lists of whole conversations, each with its messages: one may be larger than memory."""

_DEEPEST = 6

IsEntry = Callable[[dict[str, Any]], bool]
Entry = tuple[Scope, Any]


def entries(archive: Archive, name: str, is_entry: IsEntry, encoding: str = "") -> Iterator[Entry | str]:
    """The entries of a JSON file, each with its scope; a code in place of a line that cannot be read.

    `is_entry` tells an entry from an envelope. Raises Refused if the file as a whole cannot be read."""
    lines = name.lower().endswith(JSON[1:])
    if not lines and archive.members[name].size > WHOLE:
        for scope, value in stream(text(archive.chunks(name), name, encoding), name, LISTS, CHATS):
            yield from _inside(value, scope, is_entry)
        return
    if lines:
        yield from _by_line(_lines(text(archive.chunks(name), name, encoding), name), name, is_entry)
        return
    raw = "".join(text([read(archive, name)], name, encoding)).encode()
    try:
        value = loads(raw, name)
    except Refused as refused:
        if refused.code != "JSON_BROKEN" or not _is_lines(raw):
            raise
        yield from _by_line(iter(raw.decode().splitlines()), name, is_entry)
        return
    _check_answer(value, name)
    yield from _inside(value, {}, is_entry)


def text(chunks: Any, name: str, encoding: str = "") -> Iterator[str]:
    """Decoded piece by piece: as its byte order mark says, as declared, or UTF-8. Raises Refused ENCODING."""
    decoder: codecs.IncrementalDecoder | None = None
    known, done = "", 0
    try:
        for chunk in chunks:
            if decoder is None:
                known = _encoding(chunk, encoding)
                decoder = codecs.getincrementaldecoder(known)()
            yield decoder.decode(chunk)
            done += len(chunk)
        if decoder is not None:
            yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        what = f"{name!r} is not {known.upper()} (near byte {done + error.start})"
        raise Refused("ENCODING", what, "save it as UTF-8, or say what it is: --encoding gb18030") from None


def known_encoding(encoding: str) -> str:
    """As Python calls it, "" if none was declared. Raises Refused ENCODING for what is none."""
    try:
        "".encode(encoding or "utf-8")
        return codecs.lookup(encoding).name if encoding else ""
    except (LookupError, ValueError):
        raise Refused("ENCODING", f"{encoding[:40]!r} is not an encoding", "try gb18030, big5 or utf-16") from None


def _encoding(head: bytes, declared: str) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8-sig" if head.startswith(codecs.BOM_UTF8) else declared or "utf-8"


# ------------------------------------------------------------------ lines


def _is_lines(raw: bytes) -> bool:
    """Whether a file called .json has one entry a line, as many scripts write it."""
    first, _, rest = raw.lstrip().partition(b"\n")
    try:
        return bool(rest.strip()) and isinstance(loads(first, ""), dict | list)
    except Refused:
        return False


def _lines(pieces: Iterator[str], name: str) -> Iterator[str]:
    held = ""
    for piece in pieces:
        *whole, held = (held + piece).split("\n")
        yield from whole
        if len(held) > WHOLE:
            raise Refused("MEMBER_SIZE", f"{name!r} has a line of more than {WHOLE:,} characters", "split it")
    yield held


def _by_line(lines: Iterator[str], name: str, is_entry: IsEntry) -> Iterator[Entry | str]:
    """A line that breaks off costs only itself; if every line does, the file is refused."""
    first, good = None, False
    for line in lines:
        if line.strip():
            try:
                value = loads(line.encode(), name)
            except Refused as refused:
                first = first or refused
                yield refused.code
            else:
                good = True
                yield from _inside(value, {}, is_entry)
    if first and not good:
        raise first


# ------------------------------------------------------------------ envelopes


def _inside(value: Any, scope: Scope, is_entry: IsEntry, depth: int = 0) -> Iterator[Entry]:
    if isinstance(value, list) and depth < _DEEPEST:
        for item in value:
            if isinstance(item, dict) and is_entry(item):
                yield scope, item
            else:
                yield from _inside(item, scope, is_entry, depth + 1)
        return
    if not isinstance(value, dict) or is_entry(value) or depth >= _DEEPEST:
        yield scope, value
        return
    inner = [key for key in LISTS if isinstance(value.get(key), dict | list)]
    if inner:
        said = scope | {key: item for key, item in value.items() if key not in inner}
        for key in inner:
            yield from _inside(value[key], said, is_entry, depth + 1)
    elif value and all(isinstance(item, list) for item in value.values()):  # by chat: {"oc_1": […], "oc_2": […]}
        for key, item in value.items():
            yield from _inside(item, scope | {"chat": key}, is_entry, depth + 1)
    elif scope or depth or not _is_answer(value):
        yield scope, value


def _is_answer(value: Any) -> bool:
    return isinstance(value, dict) and bool({"code", "errcode", "errorCode", "success"} & value.keys())


def _check_answer(value: Any, name: str) -> None:
    """An API's refusal saved as if it were a page: nothing in it, and nobody noticed."""
    if not _is_answer(value) or any(isinstance(value.get(key), dict | list) for key in LISTS):
        return
    code = value.get("code", value.get("errcode", value.get("errorCode")))
    if code not in (None, 0, "0") or value.get("success") is False:
        raise Refused("EXPORT_SHAPE", f"{name!r} is an error that the API answered, not messages", "fetch it again")
