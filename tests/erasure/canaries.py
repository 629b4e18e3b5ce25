"""Words that occur nowhere else, and a search for them in every byte of a folder: as they are, in the encodings
they may hide in, and inside whatever was packed."""

from __future__ import annotations

import base64
import io
import json
import random
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

SYLLABLES = ("ba", "do", "fi", "ga", "ke", "lo", "mu", "ne", "pi", "ra", "su", "ti", "vo", "wa", "ze")
SIGNS = "龘靐齉爩麤灪籲鸞厵驫鱻飝羴雥"  # too rare to stand in any list of words
DEEPEST = 4  # packed in packed


def made(count: int, seed: int = 20260602) -> list[str]:
    """Every seventh in Chinese. No word looks like a credential, which would be taken out at import."""
    dice = random.Random(seed)
    words: dict[str, None] = {}
    while len(words) < count:
        chinese = len(words) % 7 == 6
        words["".join(dice.choices(SIGNS, k=5) if chinese else dice.choices(SYLLABLES, k=7))] = None
    return list(words)


class Scan(Struct):
    """What was looked through, packed contents included, and what was found where."""

    files: int = 0
    bytes: int = 0
    hits: list[tuple[str, str]] = []

    def __str__(self) -> str:
        return f"{len(self.hits)} hits in {self.bytes:,} bytes of {self.files} files"


def scan(words: list[str], *roots: Path) -> Scan:
    """Database pages, write-ahead logs and lock files are files like any other."""
    needles = {needle.lower(): word for word in words for needle in spellings(word)}
    found = Scan(hits=[])
    for root in roots:
        for path in sorted([root] if root.is_file() else root.rglob("*")):
            name = str(path.relative_to(root.parent))
            found.hits += [(name, word) for word in words if word in name]
            if not path.is_file():
                continue
            found.files += 1
            for where, content in unpacked(name, path.read_bytes()):
                found.bytes += len(content)
                low = content.lower()  # of ASCII alone, on both sides
                found.hits += [(where, word) for needle, word in needles.items() if needle in low]
    return found


def spellings(word: str) -> Iterator[bytes]:
    for encoding in ("utf-8", "utf-16-le", "utf-16-be", "gb18030"):
        yield word.encode(encoding)
    plain = word.encode()
    yield plain.hex().encode()
    yield json.dumps(word)[1:-1].encode()
    for shift in range(3):  # whatever stands before it, base64 has one of three forms of it
        told = base64.b64encode(b"\0" * shift + plain)
        yield told[(0, 2, 3)[shift] : (shift + len(plain)) // 3 * 4]


def unpacked(name: str, content: bytes, depth: int = 0) -> Iterator[tuple[str, bytes]]:
    """The bytes themselves, and what can be unpacked of them: zip, gzip and zlib wherever one begins."""
    yield name, content
    if depth == DEEPEST:
        return
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for member in packed.namelist():
                yield f"{name}!{member}", member.encode()
                yield from unpacked(f"{name}!{member}", packed.read(member), depth + 1)
        return
    for begin in re.finditer(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]", content):
        reader = zlib.decompressobj(47)  # gzip or zlib
        try:
            told = reader.decompress(content[begin.start() :], 50_000_000)
        except zlib.error:
            continue
        if len(told) > 16:
            yield from unpacked(f"{name}@{begin.start()}", told, depth + 1)
