"""`understudy feishu create`: the Feishu (or Lark) app from one scan. `understudy feishu permissions`: what it
needs, for whoever makes it by hand."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from adapters import adapter_module
from bots.cli.context import Context
from bots.cli.parser import Group
from bots.wording import say
from persona_store.errors import Refused

ENV = Path("feishu.env")


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
    if made.admin and not context.settings.admins:
        lines.append(f"UNDERSTUDY_ADMINS=feishu:{made.admin}")
    _keep(target, "\n".join(lines) + "\n")
    context.tell("feishu_created", app=made.app_id, file=str(target))
    return 0


def _check(target: Path) -> None:
    if target.exists():
        raise Refused("FEISHU_ENV", f"{str(target)!r} is there already", "give --env another name, or move it away")
    if not os.access(target.absolute().parent, os.W_OK):
        raise Refused("FEISHU_ENV", f"{str(target)!r} cannot be written", "give --env a place you may write to")


def _show(context: Context, address: str, seconds: int) -> None:
    """The code as a picture where somebody may scan it from the screen, and always the address."""
    import segno

    if sys.stderr.isatty():
        segno.make(address, error="l").terminal(out=sys.stderr, compact=True)
    context.console.print(context.say("feishu_scan", minutes=seconds // 60), markup=False)
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
