"""How the command line reads and helps: argparse in two languages, and one line for what cannot be read."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from typing import Any, NoReturn

from bots import refusals
from bots.wording import say

BAD_INPUT = 2


class Parser(argparse.ArgumentParser):
    """One clear line instead of a page of usage. Long options are never guessed from their beginnings: a script
    that relied on that would break with the next option."""

    def __init__(self, *, lang: str, **settings: Any) -> None:
        def formatter(prog: str) -> argparse.HelpFormatter:
            return _Help(prog, lang)

        super().__init__(**settings, formatter_class=formatter, add_help=False, allow_abbrev=False)
        self.lang = lang
        self._positionals.title = say(lang, "cli.help_positionals")
        self._optionals.title = say(lang, "cli.help_options")
        self.add_argument("-h", "--help", action="help", help=say(lang, "cli.help_help"))

    def error(self, message: str) -> NoReturn:
        said = refusals.told(" ".join(message.split()), self.lang)
        print(f"error[USAGE]: {said} · {self.prog} --help", file=sys.stderr)
        raise SystemExit(BAD_INPUT)


class Group:
    """Where commands, or the verbs of one, are added: each with the sentence that says what it does."""

    def __init__(self, parser: Parser, metavar: str) -> None:
        self._lang = parser.lang
        parser.set_defaults(call=None, asked=parser)  # named alone, a group shows its help
        self._verbs = parser.add_subparsers(metavar=metavar, parser_class=Parser)

    def add(self, name: str, key: str, *, more: str = "") -> Parser:
        """`key` of the sentence in `cli.`; `more` of what stands below the options."""
        about = say(self._lang, f"cli.{key}")
        epilog = say(self._lang, f"cli.{more}") if more else None
        parser: Parser = self._verbs.add_parser(
            name,
            help=about,
            description=about[:1].upper() + about[1:] + _stop(about),
            epilog=epilog,
            lang=self._lang,
        )
        return parser


def _stop(sentence: str) -> str:
    return "" if sentence.endswith((".", "。", "…")) else "。" if not sentence.isascii() else "."


class _Help(argparse.RawDescriptionHelpFormatter):
    """Says "usage" in the reader's language and leaves written examples as they were written."""

    def __init__(self, prog: str, lang: str) -> None:
        super().__init__(prog, max_help_position=28, width=100)
        self._usage = say(lang, "cli.help_usage") + " "

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[Any],
        prefix: str | None = None,
    ) -> None:
        super().add_usage(usage, actions, groups, self._usage if prefix is None else prefix)
