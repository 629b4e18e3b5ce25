"""Transcripts of meetings and subtitles (.vtt, .srt): the lines the subject spoke, each under its minute.

A line is somebody's if a label says so. One without a label has no speaker, whoever spoke before: recognition of
voices fails in just that place.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from persona_store.sources.paper import Handed, Paper, place, plain
from persona_store.sources.texts import decoded

_TIMES = re.compile(r"\s*(?:(\d{1,3}):)?(\d\d):(\d\d)[.,]\d{1,3}\s*-->\s*(?:\d{1,3}:)?\d\d:\d\d[.,]\d{1,3}.*")
_VOICE = re.compile(r"<v(?:\.[^\s<>]{0,60})?\s+([^<>]{1,120})>")
_LABEL = re.compile(r"\s*[-–]?\s*(?:\[([^\[\]]{1,60})\]|([^:：<>\[\]]{1,60}))\s*[:：]\s*(?!//)(.*)")
_TAG = re.compile(r"</?[A-Za-z0-9][^<>]{0,120}>")
_ZOOM = re.compile(r"GMT(\d{8})-(\d{6})")


def read_transcript(handed: Handed) -> Paper:
    left: Counter[str] = Counter()
    blocks: list[str] = []
    shown = ""
    for at, speaker, text in _spoken(decoded(handed)):
        if not speaker:
            left["no_speaker"] += 1
        elif not handed.theirs(speaker):
            left["other_speaker"] += 1
        else:
            if at[:-3] != shown:
                shown = at[:-3]
                blocks.append(place(at))
            blocks.append(plain(text))
    return Paper("\n\n".join(blocks), date=_begun(handed.name), left=dict(left))


def _spoken(text: str) -> Iterator[tuple[str, str, str]]:
    """(from when on, who, what) of each utterance."""
    for block in re.split(r"\n[ \t]*\n", text):
        lines = block.split("\n")
        place_ = next((number for number, line in enumerate(lines) if _TIMES.fullmatch(line)), -1)
        match = _TIMES.fullmatch(lines[place_]) if place_ >= 0 else None
        if match:
            at = f"{int(match[1] or 0):02}:{match[2]}:{match[3]}"
            for speaker, words in _utterances(lines[place_ + 1 :]):
                yield at, speaker, words


def _utterances(lines: list[str]) -> Iterator[tuple[str, str]]:
    """A cue may hold several voices; a line that begins with a dash is the next one's."""
    speaker, words = "", [""]
    for line in lines:
        for part in re.split(r"(?=<v[.\s])", line):
            voice, label = _VOICE.match(part), _LABEL.fullmatch(part)
            name = html.unescape(voice[1]) if voice else (label[1] or label[2]) if label else ""
            said = part[voice.end() :] if voice else label[3] if label else part
            if name or part.lstrip().startswith(("-", "–")):
                if "".join(words).strip():
                    yield speaker, " ".join(filter(None, words)).strip()
                speaker, words = name.strip(), [""]
            words.append(html.unescape(_TAG.sub("", said)).strip())
    if "".join(words).strip():
        yield speaker, " ".join(filter(None, words)).strip()


def _begun(name: str) -> datetime | None:
    """Zoom writes the time into the name; nothing else tells it."""
    found = _ZOOM.search(name)
    try:
        return datetime.strptime("".join(found.groups()), "%Y%m%d%H%M%S").replace(tzinfo=UTC) if found else None
    except ValueError:
        return None
