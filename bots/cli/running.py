"""`understudy run`: the bot itself."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from dataclasses import replace

from adapters.protocol import HasRoutes
from bots import logs, seeding, settings
from bots.app import App, connect
from bots.cli.context import Context
from bots.cli.parser import Group
from bots.llm.addresses import recipient_of
from bots.subject.deeds import Deeds
from bots.web.health import Health
from bots.web.server import serving
from bots.web.subject import SubjectPage
from bots.wording import say


def add(commands: Group, lang: str) -> None:
    parser = commands.add("run", "run")
    parser.add_argument(
        "--role", choices=("all", "adapters", "workers"), default="all", help=say(lang, "cli.run_role")
    )
    parser.add_argument("--no-sample", action="store_true", help=say(lang, "cli.run_no_sample"))
    parser.set_defaults(call=run)


async def run(context: Context) -> int:
    """Until SIGTERM or Ctrl-C; then what is in hand is ended first."""
    wanted = seeding.with_sample_admins(context.settings)
    settings.require_credentials(wanted)
    logs.setup(wanted.log)
    adapters = connect(wanted)
    answering = context.arguments.role != "adapters"
    async with replace(context, settings=wanted).app(adapters, answering=answering) as app:
        if not context.arguments.no_sample:
            await seeding.seed_if_empty(app, wanted)
        health = Health(app.services.store, app.services.clock, adapters, app.services.metrics)
        routes = list(health.routes())
        for adapter in adapters.values():
            if isinstance(adapter, HasRoutes):
                routes += adapter.routes(app.inbox)
        routes += SubjectPage(app.services, Deeds(app.services, app.retiring)).routes()
        async with serving(wanted.web.host, wanted.web.port, routes) as port:
            await _until_stopped(app, health, context.arguments.role, lambda: _announce(context, port))
    return 0


def _announce(context: Context, port: int) -> None:
    host = context.settings.web.host
    for name in context.settings.adapters:
        if name == "local":
            shown = f"[{host}]" if ":" in host else host
            context.tell("run_local", url=f"http://{shown}:{port}/")
        else:
            context.tell("run_platform", platform=name)
    llm, embedding = context.settings.llm, context.settings.embedding
    if llm.base_url and context.settings.answer.with_model:
        context.tell("run_with_model", model=llm.model, recipient=recipient_of(llm.base_url))
    if embedding.base_url:
        context.tell("run_embedding", model=embedding.model, recipient=recipient_of(embedding.base_url))
    elif embedding.model:
        context.tell("run_embedding_local")


async def _until_stopped(app: App, health: Health, role: str, announce: Callable[[], None]) -> None:
    """Whoever is told that it runs may already tell it to stop."""
    loop = asyncio.get_running_loop()
    bot = asyncio.create_task(app.run(role))

    def stop() -> None:
        health.stop()
        bot.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    announce()
    try:
        await bot
    except asyncio.CancelledError:
        pass  # as asked
    except BaseExceptionGroup as group:
        # A TaskGroup wraps what an adapter raised at its start; the operator wants the one line.
        raise _first(group) from None


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
