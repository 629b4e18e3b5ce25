"""The command line: parse, call, print. Exit status 0 done, 1 refused or failed, 2 bad input."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from adapters.errors import AdapterError
from bots import logs, settings
from bots.cli import asking, consenting, importing, looking, personas, running, slack
from bots.cli.context import Context, version
from bots.wording import LANGUAGES, say
from persona_store.errors import Refused, StoreError

GROUPS = (running, personas, consenting, importing, asking, looking, slack)
FAILED, BAD_INPUT = 1, 2


class Parser(argparse.ArgumentParser):
    """One clear line instead of a page of usage."""

    def error(self, message: str) -> NoReturn:
        print(f"error[USAGE]: {message} · {self.prog} --help", file=sys.stderr)
        raise SystemExit(BAD_INPUT)


def main(argv: Sequence[str] | None = None) -> int:
    if argv is None:  # the process is ours: whatever nobody catches is one line, too
        logs.install_hooks()
    lang = _language()
    arguments = build(lang).parse_args(argv)
    try:
        loaded = settings.load(arguments.config)
        context = Context(settings=loaded, arguments=arguments, lang=lang)
        return asyncio.run(arguments.call(context)) or 0
    except Refused as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    except (StoreError, AdapterError) as error:
        print(f"error: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return FAILED


def build(lang: str = "en") -> Parser:
    """The whole parser; docs and tests read it, too."""
    parser = Parser(prog="understudy", description=say(lang, "cli.about"))
    parser.add_argument("--version", action="version", version=f"understudy {version()}")
    parser.add_argument("--config", type=Path, metavar="FILE", help=say(lang, "cli.config"))
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)
    for group in GROUPS:
        group.add(commands, lang)
    return parser


def _language() -> str:
    """The help must speak before settings that may be broken are read."""
    return settings.language_of_environment(LANGUAGES)
