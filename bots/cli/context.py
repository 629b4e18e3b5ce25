"""What every subcommand gets: settings, arguments, language, the bot's parts, and the ways to print."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from adapters.protocol import Adapter
from bots import refusals
from bots.app import App, open_app
from bots.settings import Settings
from bots.wording import say
from persona_store.errors import Refused

YES = ("yes", "y", "是", "同意")  # what counts as one, in either language; anything else is a no
WIDE = 200  # columns of a table that goes into a file or a pipe, where nobody's window is too narrow


@dataclass(frozen=True)
class Context:
    settings: Settings
    arguments: argparse.Namespace
    lang: str

    @asynccontextmanager
    async def app(
        self, adapters: Mapping[str, Adapter] | None = None, *, answering: bool = False, embedding: bool = False
    ) -> AsyncIterator[App]:
        """The bot's parts on this installation's data. Raises Refused where that cannot be kept. `answering`: with
        the models that the settings name; `embedding`: with the one that makes vectors."""
        _usable(self.settings.data.dir)
        async with open_app(self.settings, adapters=adapters, answering=answering, embedding=embedding) as app:
            yield app

    # ------------------------------------------------------------------ printing

    @property
    def json(self) -> bool:
        return bool(getattr(self.arguments, "json", False))

    @property
    def console(self) -> Console:
        """For people: progress and words about what is going on; never mixed into what a script reads."""
        return Console(stderr=True, highlight=False)

    def say(self, key: str, /, **params: object) -> str:
        return say(self.lang, f"cli.{key}", **params)

    def told(self, sentence: str) -> str:
        """A refusal or finding, which the program says in English, for whoever reads here."""
        return refusals.told(sentence, self.lang)

    def tell(self, key: str, /, **params: object) -> None:
        """A sentence about what was done. With --json it goes to stderr."""
        self.show(self.say(key, **params))

    def hint(self, key: str, /, **params: object) -> None:
        """What one would do next: for somebody who sits there."""
        if self.console.is_terminal and not self.json:
            print(self.say(key, **params), file=sys.stderr)

    def show(self, text: str) -> None:
        """Words for a person, who may be looking at a terminal."""
        # At once, also into a pipe: whoever starts the bot from a script waits for the address it prints.
        print(plain(text), file=sys.stderr if self.json else sys.stdout, flush=True)

    def give(self, value: Any) -> None:
        """One JSON document for a script, in UTF-8 whatever the terminal speaks."""
        sys.stdout.flush()
        sys.stdout.buffer.write(msgspec.json.encode(value) + b"\n")

    def table(self, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
        table = Table(*(self.say(f"column_{name}") for name in columns), box=None, pad_edge=False)
        for row in rows:
            table.add_row(*(Text(plain(cell)) for cell in row))
        Console(highlight=False, width=None if sys.stdout.isatty() else WIDE).print(table)

    # ------------------------------------------------------------------ asking back

    def answer(self, key: str, /, **params: object) -> str:
        """What somebody types in reply. Raises Refused where nobody sits who could: silence is no yes."""
        if not sys.stdin or not sys.stdin.isatty():
            raise Refused("NOT_AGREED", "there is nobody at this terminal who could agree", "add --yes")
        print(self.say(key, **params), file=sys.stderr, end="", flush=True)
        return sys.stdin.readline().strip()

    def agreed(self, key: str, /, **params: object) -> bool:
        """Whether somebody types yes in reply. Raises Refused where nobody sits who could."""
        return self.answer(key, **params).casefold() in YES


def plain(text: str) -> str:
    """Without what would steer a terminal: imported words and signed records are other people's."""
    return "".join(char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in text)


def version() -> str:
    return metadata.version("understudy")


def add_json(parser: argparse.ArgumentParser, lang: str) -> None:
    parser.add_argument("--json", action="store_true", help=say(lang, "cli.json"))


def add_yes(parser: argparse.ArgumentParser, lang: str) -> None:
    parser.add_argument("--yes", action="store_true", help=say(lang, "cli.yes"))


def _usable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(13, "Permission denied")
    except OSError as error:
        what = f"the data directory {str(folder)!r} cannot be used: {error.strerror}"
        raise Refused("DATA_DIR", what, "set UNDERSTUDY_DATA_DIR to a folder you may write") from None
