"""`understudy feishu create`: the Feishu (or Lark) app from one scan. `understudy feishu permissions`: what it
needs, for whoever makes it by hand."""

from __future__ import annotations

import io
import json
import os
import shlex
import sys
from pathlib import Path

from adapters import adapter_module
from bots.cli.context import Context
from bots.cli.parser import Group
from bots.wording import say
from persona_store.errors import Refused

ENV = Path("feishu.env")
WHITE_ON_BLACK, AS_BEFORE = "\x1b[97;40m", "\x1b[0m"  # in a light terminal it would be drawn inside out
BORDER = 2  # dots of quiet round the code: enough for phones, and four columns less than the standard's


def add(commands: Group, lang: str) -> None:
    verbs = Group(commands.add("feishu", "feishu"), "VERB")
    create = verbs.add("create", "feishu_create", more="feishu_create_more")
    create.add_argument("--name", default="understudy", help=say(lang, "cli.feishu_name"))
    create.add_argument("--env", type=Path, default=ENV, metavar="FILE", help=say(lang, "cli.feishu_env"))
    create.set_defaults(call=_create)
    verbs.add("permissions", "feishu_permissions").set_defaults(call=_permissions)


async def _create(context: Context) -> int:
    """Shows the code, waits for whoever scans it, and keeps what comes back where only this user can read it."""
    target: Path = context.arguments.env
    _check(target)  # before somebody scans: the secret comes only once
    adapter_module("feishu")
    from adapters.feishu.creation import create_app

    made = await create_app(
        lambda address, seconds: _show(context, address, seconds),
        name=context.arguments.name,
        about=context.say("feishu_about"),
        domain=context.settings.feishu.domain,
    )
    lines = [f"UNDERSTUDY_FEISHU_APP_ID={made.app_id}", f"UNDERSTUDY_FEISHU_APP_SECRET={made.app_secret.reveal()}"]
    if made.domain:
        lines.append(f"UNDERSTUDY_FEISHU_DOMAIN={made.domain}")
    admin = f"feishu:{made.admin}" if made.admin else ""
    if admin and not context.settings.admins:
        lines.append(f"UNDERSTUDY_ADMINS={admin}")
    _keep(target, "\n".join(lines) + "\n")
    context.tell("feishu_created", app=made.app_id, file=_sourced(target))
    if admin and context.settings.admins and admin not in context.settings.admins:
        context.tell("feishu_no_admin", person=admin)
    return 0


def _sourced(target: Path) -> str:
    """As a shell's `.` finds it: zsh looks for a bare name in PATH only."""
    return shlex.quote(str(target) if "/" in str(target) else f"./{target}")


def _check(target: Path) -> None:
    if target.exists():
        raise Refused("FEISHU_ENV", f"{str(target)!r} is there already", "give --env another name, or move it away")
    if not os.access(target.absolute().parent, os.W_OK):
        raise Refused("FEISHU_ENV", f"{str(target)!r} cannot be written", "give --env a place you may write to")


def _show(context: Context, address: str, seconds: int) -> None:
    """The code as a picture where somebody may scan it from the screen, and always the address."""
    import segno

    code = segno.make(address, error="l")
    wide, _ = code.symbol_size(border=BORDER)  # a column for each of its dots
    if not sys.stderr.isatty():
        told = context.say("feishu_open", minutes=seconds // 60)
    elif (columns := os.get_terminal_size(sys.stderr.fileno()).columns) < wide:  # broken lines cannot be scanned
        told = context.say("feishu_narrow", columns=columns, wide=wide, minutes=seconds // 60)
    else:
        drawn = io.StringIO()
        code.terminal(out=drawn, border=BORDER, compact=True)
        for line in drawn.getvalue().splitlines():
            print(f"{WHITE_ON_BLACK}{line}{AS_BEFORE}", file=sys.stderr)
        told = context.say("feishu_scan", minutes=seconds // 60)
    context.console.print(told, markup=False)
    context.console.print(address, markup=False, soft_wrap=True)


def _keep(target: Path, text: str) -> None:
    """For this user's eyes alone, from the first byte; never over something else."""
    with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


async def _permissions(context: Context) -> int:
    """JSON as the console's batch import of scopes takes it."""
    adapter_module("feishu")  # says in one line what to install
    from adapters.feishu.permissions import batch_import

    print(json.dumps(batch_import(), indent=2, ensure_ascii=False))
    return 0
