"""What every subcommand gets: settings, arguments, language, and the two ways to print."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from bots.settings import Settings
from bots.wording import say


@dataclass(frozen=True)
class Context:
    settings: Settings
    arguments: argparse.Namespace
    lang: str

    @property
    def json(self) -> bool:
        return bool(getattr(self.arguments, "json", False))

    @property
    def console(self) -> Console:
        """For people: progress and words about what is going on; never mixed into what a script reads."""
        return Console(stderr=True, highlight=False)

    def say(self, key: str, /, **params: object) -> str:
        return say(self.lang, f"cli.{key}", **params)

    def tell(self, key: str, /, **params: object) -> None:
        """A sentence about what was done. With --json it goes to stderr."""
        print(self.say(key, **params), file=sys.stderr if self.json else sys.stdout)

    def give(self, value: Any) -> None:
        """One JSON document for a script."""
        print(msgspec.json.encode(value).decode())

    def table(self, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
        table = Table(*(self.say(f"column_{name}") for name in columns), box=None, pad_edge=False)
        for row in rows:
            table.add_row(*row)
        Console(highlight=False).print(table)


def version() -> str:
    return metadata.version("understudy")


def add_json(parser: argparse.ArgumentParser, lang: str) -> None:
    parser.add_argument("--json", action="store_true", help=say(lang, "cli.json"))
