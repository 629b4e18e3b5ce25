"""How far a long command is: a bar on the terminal, nothing where nobody looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from bots.cli.context import Context


@contextmanager
def bar(context: Context, key: str) -> Iterator[Callable[[int, int], None]]:
    """To be called with how much is done, of how much (0: nobody knows). `key` names what is being done."""
    pages = TextColumn("{task.fields[pages]}")
    columns = (TextColumn(context.say(key)), BarColumn(), TaskProgressColumn(), pages, TimeRemainingColumn())
    console = context.console
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(key, total=None, pages="")

        def told(done: int, total: int) -> None:
            counted = context.say("import_pages", count=done) if done and not total else ""
            progress.update(task, completed=done, total=total or None, pages=counted)

        yield told
