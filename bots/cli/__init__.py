"""The command line: parse, call, print. Exit status 0 done, 1 refused or failed, 2 bad input."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from adapters.errors import AdapterError
from bots import logs, refusals, settings
from bots.cli import (
    asking,
    assessing,
    consenting,
    describing,
    evaluating,
    exchanging,
    feishu,
    filing,
    importing,
    incidents,
    interviewing,
    licensing,
    looking,
    personas,
    processing,
    running,
    slack,
    subjects,
    verifying,
    withholding,
)
from bots.cli.context import Context, version
from bots.cli.parser import BAD_INPUT, Group, Parser
from bots.wording import LANGUAGES, say
from persona_store.errors import Refused, StoreError

GROUPS = (
    *(running, personas, consenting, importing, interviewing, describing),
    *(asking, evaluating, licensing, looking, verifying, withholding, assessing, processing, filing),
    *(exchanging, slack, feishu),
    *(subjects, incidents),
)
FAILED = 1


def main(argv: Sequence[str] | None = None) -> int:
    if argv is None:
        _own_the_process()
    try:
        status = _run(argv)
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # whoever read our output has had enough, as in `understudy … | head`
        if argv is None:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains while it exits
        return FAILED
    except Refused as error:
        return _failed(refusals.line(error, _lang()), BAD_INPUT)
    except (StoreError, AdapterError) as error:
        return _failed(refusals.line(error, _lang()))
    except OSError as error:
        named = f"{str(error.filename)!r}: " if error.filename else ""
        why = refusals.told(error.strerror or type(error).__name__, _lang())
        return _failed(f"error[SYSTEM]: {named}{why}")
    except KeyboardInterrupt:
        return FAILED


def _run(argv: Sequence[str] | None) -> int:
    lang = _lang()
    arguments = build(lang).parse_args(argv)
    if arguments.call is None:
        arguments.asked.print_help(sys.stderr)
        return BAD_INPUT
    loaded = settings.load(arguments.config)
    return asyncio.run(arguments.call(Context(settings=loaded, arguments=arguments, lang=lang))) or 0


def _lang() -> str:
    """Of the environment alone: the help speaks before settings are read, and so does what is wrong with them."""
    return settings.language_of_environment(LANGUAGES)


def build(lang: str = "en") -> Parser:
    """The whole parser; docs and tests read it, too."""
    parser = Parser(
        prog="understudy", lang=lang, description=say(lang, "cli.about"), epilog=say(lang, "cli.about_more")
    )
    parser.add_argument(
        "--version", action="version", version=f"understudy {version()}", help=say(lang, "cli.version")
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help=say(lang, "cli.config"))
    commands = Group(parser, "COMMAND")
    for group in GROUPS:
        group.add(commands, lang)
    return parser


def _own_the_process() -> None:
    """What nobody catches is one line, too, and no character is worth a crash."""
    logs.install_hooks()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a real stream, not a test's


def _failed(line: str, status: int = FAILED) -> int:
    print(" ".join(line.split()), file=sys.stderr)
    return status
