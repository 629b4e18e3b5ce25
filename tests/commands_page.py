"""The reference at the end of docs/commands.md, from the parser: `python -m tests.commands_page` renews it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from bots.cli import build

PAGE = Path(__file__).parent.parent / "docs" / "commands.md"
BEGIN = "<!-- from here on written by `python -m tests.commands_page` -->"


def reference() -> str:
    """Every command with every option, in the words of its --help; independent of the terminal and of Python."""
    return "\n".join(section(name, about, parser) for name, about, parser in leaves(build("en")))


def leaves(
    parser: argparse.ArgumentParser, name: str = "understudy", about: str = ""
) -> Iterator[tuple[str, str, argparse.ArgumentParser]]:
    below = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not below:
        yield name, about, parser
    for action in below:
        told = {choice.dest: choice.help or "" for choice in action._choices_actions}
        for verb, each in action.choices.items():
            yield from leaves(each, f"{name} {verb}", told.get(verb, ""))


def section(name: str, about: str, parser: argparse.ArgumentParser) -> str:
    actions = [action for action in parser._actions if not isinstance(action, argparse._HelpAction)]
    places = [action for action in actions if not action.option_strings]
    options = [action for action in actions if action.option_strings]
    lines = [f"### `{' '.join([name, *map(placeholder, places)])}`", "", f"{about[:1].upper()}{about[1:]}.", ""]
    rows = [(placeholder(action), action) for action in places if action.help]
    rows += [(spelling(action), action) for action in options]
    if rows:
        lines += ["| | |", "|---|---|"]
        lines += [f"| `{shown}` | {meaning(action)} |" for shown, action in rows]
        lines.append("")
    return "\n".join(lines)


def placeholder(action: argparse.Action) -> str:
    shown = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    return f"[{shown}]" if action.nargs == "?" else shown


def spelling(action: argparse.Action) -> str:
    names = ", ".join(action.option_strings)
    if action.nargs == 0:
        return names
    values = "{" + ",".join(map(str, action.choices)) + "}" if action.choices else None
    return f"{names} {action.metavar or values or action.dest.upper()}"


def meaning(action: argparse.Action) -> str:
    told = (action.help or "").replace("%%", "%").replace("|", "\\|")
    return f"{told} (required)" if action.required and action.option_strings else told


def main() -> None:
    above, found, _ = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    if not found:
        raise SystemExit(f"{PAGE}: no line {BEGIN!r}")
    PAGE.write_text(f"{above}{BEGIN}\n\n{reference()}", encoding="utf-8")


if __name__ == "__main__":
    main()
