"""The composition root: reads from top to bottom as the bot is put together, and is taken apart in reverse.

The only file that names concrete classes from more than one package.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from dataclasses import replace as replaced
from functools import partial
from importlib.metadata import version

from msgspec.structs import replace

from adapters import adapter_module
from adapters.protocol import Adapter, CanClose
from bots import (
    accountability,
    digest,
    inbox,
    informing,
    keys,
    learning,
    outbox,
    reconsent,
    register,
    retiring,
    telling,
    unsaying,
    witness,
)
from bots.addressing import Addressing
from bots.agent.extractive import ExtractiveAnswerer
from bots.agent.with_model import PATIENCE, WithModel
from bots.assessment import watching
from bots.assessment.installation import installation
from bots.assessment.keeping import assessments
from bots.commands import Commands
from bots.desk import Desk
from bots.directory import Directory
from bots.embedding import keeping_up
from bots.embedding.opening import meaning_of, open_embedder
from bots.forms import Forms
from bots.handling import Handling
from bots.inbox import Inbox
from bots.labels import Labels
from bots.letters import filed, sending
from bots.letters.sending import Mailer
from bots.licence import monthly
from bots.licensed import checking
from bots.llm.addresses import is_private, recipient_of
from bots.llm.opening import open_model
from bots.metrics import Metrics
from bots.objecting import Objecting
from bots.outbox import Outbox
from bots.pipeline import Pipeline
from bots.presses import Presses
from bots.protocols import Answerer
from bots.retiring import Retiring
from bots.runtime import SWEEP_EVERY, Handler, Workers, sweep, swept
from bots.services import Services
from bots.settings import Settings
from bots.settling import Settling
from bots.timers import DIGEST, TIMER
from bots.withheld.answering import KeepingBack
from persona_store.backends import open_store
from persona_store.clock import SystemClock
from persona_store.consent.book import ConsentBook
from persona_store.consented import ConsentedRetriever
from persona_store.library import Library
from persona_store.licensed import address
from persona_store.personas import Personas
from persona_store.protocols import Batch, Claim, Clock
from persona_store.retirement import Retirement
from persona_store.vault import Vault

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class App:
    """The whole bot. `run` connects and works until cancelled; the parts are there for the command line."""

    services: Services
    inbox: Inbox
    desk: Desk
    retiring: Retiring
    workers: tuple[Workers, ...]
    fetch: checking.Fetch = address.fetch

    async def run(self, role: str = "all") -> None:
        """`role`: adapters (only listen), workers (only work) or all. Raises what an adapter raises at its start:
        a wrong token is one clear line."""
        await swept(self.services, self.services.clock.now())  # what was to go while nobody ran goes first
        async with asyncio.TaskGroup() as group:
            group.create_task(sweep(self.services))
            for seconds, look in (
                (SWEEP_EVERY, self._what_is_due),
                (accountability.LOOK_EVERY, partial(accountability.watch, self.services)),
                (checking.EVERY, partial(checking.check_all, self.services, self.retiring, self.fetch)),
                (watching.LOOK_EVERY, partial(watching.watch, self.services)),
            ):
                group.create_task(self._every(seconds, look))
            if role != "workers":
                for adapter in self.services.adapters.values():
                    group.create_task(adapter.run(self.inbox))
            if role != "adapters":
                for workers in self.workers:
                    group.create_task(workers.run())
                group.create_task(keeping_up.keep_up(self.services))

    async def _every(self, seconds: float, look: Callable[[], Awaitable[None]]) -> None:
        while True:
            await look()
            await self.services.clock.sleep(seconds)

    async def _what_is_due(self) -> None:
        await self.retiring.end_terms()
        await witness.monthly(self.services)
        await monthly.look(self.services)
        await reconsent.tell(self.services)


@asynccontextmanager
async def open_app(
    settings: Settings,
    *,
    adapters: Mapping[str, Adapter] | None = None,
    clock: Clock | None = None,
    answering: bool = True,
    embedding: bool = False,
    fetch: checking.Fetch = address.fetch,
) -> AsyncIterator[App]:
    """Everything in place, nothing running yet. `adapters`: none for commands that talk to no platform;
    `answering`: not for commands that answer no question, which then need not wait for the model's library;
    `embedding`: those of them that need vectors all the same; `fetch` reads the address at which a licence's
    standing is told. Raises Refused where the settings name a model that cannot be asked."""
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        settings.data.dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        for adapter in (adapters or {}).values():
            if isinstance(adapter, CanClose):
                stack.push_async_callback(adapter.close)
        store = await open_store(settings.store.url, clock=clock)
        stack.push_async_callback(store.close)
        vault = Vault.open(settings.data.dir / "keys")
        consents = ConsentBook(store, clock)
        personas, metrics = Personas(store), Metrics(version("understudy"))
        meaning = None
        if (answering or embedding) and settings.embedding.model:
            embedder = await stack.enter_async_context(open_embedder(settings.embedding, clock))
            meaning = meaning_of(embedder, consents, clock, lambda result: metrics.meanings.labels(result).inc())
        library = Library(settings.data.dir / "evidence", vault, meaning)
        stack.push_async_callback(library.close)
        retriever = ConsentedRetriever(library, consents, clock)
        labels = Labels(store, vault, clock)
        quoting = KeepingBack(ExtractiveAnswerer(retriever, refits=labels), retriever, library)
        answerer: Answerer = quoting
        if answering and settings.llm.base_url and settings.answer.with_model:
            hurried = replace(settings.llm, timeout=min(settings.llm.timeout, PATIENCE))
            model = await stack.enter_async_context(open_model(hurried, store, clock))
            answerer = WithModel(
                quoting,
                model,
                private=is_private(settings.llm.base_url),
                consents=consents,
                personas=personas,
                clock=clock,
                metrics=metrics,
            )
        services = Services(
            store=store,
            vault=vault,
            clock=clock,
            personas=personas,
            consents=consents,
            directory=Directory(store, settings.admins),
            library=library,
            labels=labels,
            answerer=answerer,
            quoting=quoting,
            adapters=adapters or {},
            metrics=metrics,
            lang=settings.lang,
            installation=installation(settings),
            limits=settings.limits,
            link_base=settings.web.link_base,
            mail=settings.mail,
            meaning=meaning,
            recipients=_recipients(settings),
        )

        async def forget(name: str) -> None:
            filed.forget(settings.data.dir, name)
            await library.forget(name)

        retirement = Retirement(
            store,
            vault,
            clock,
            evidence=settings.data.dir / "evidence",
            forget=forget,
            prefixes=keys.persona_prefixes,
            proofs=lambda persona: (assessments(persona),),
        )
        yield replaced(assemble(services, retirement), fetch=fetch)


def assemble(services: Services, retirement: Retirement) -> App:
    """The deciding parts, wired."""
    desk = Desk(services)
    settling = Settling(services, desk)
    pipeline = Pipeline(services, desk)
    retire = Retiring(services, desk, retirement)
    addressing = Addressing(services, pipeline)
    commands = Commands(services, pipeline, retire)
    presses = Presses(services, settling, pipeline, addressing, commands, retire)
    handling = Handling(services, settling, addressing, commands, presses, Objecting(services, pipeline))
    out = Outbox(services)

    async def event(claim: Claim) -> Batch:
        return await handling.handle(inbox.decode(services, claim.job.body))

    async def timer(claim: Claim) -> Batch:
        what, _, whose = claim.job.body.decode().partition(":")
        return await digest.write(services, whose) if what == DIGEST else await desk.tick(what, whose)

    async def undelivered(claim: Claim) -> Batch:
        kind, _, id = claim.job.body.decode().partition(":")
        if kind == "escalation":
            return await desk.undelivered(id)
        return await settling.undelivered(id) if kind == "relayed" else Batch()

    async def learn(claim: Claim) -> Batch:
        record = await register.load(services, claim.job.body.decode())
        if record is not None:
            await learning.learn(services, record)
        return Batch()

    async def erase(claim: Claim) -> Batch | None:
        return await retire.erase(claim)

    async def distilled(claim: Claim) -> Batch:
        return await telling.tell(services, claim.job.body)

    async def post(claim: Claim) -> None:
        await out.send(claim)

    mailer = Mailer(services)

    work: dict[str, Handler] = {
        inbox.EVENT: event,
        TIMER: timer,
        outbox.UNDELIVERED: undelivered,
        learning.LEARN: learn,
        retiring.ERASE: erase,
        unsaying.UNSAY: retire.unsay,
        telling.DISTILLED: distilled,
        informing.INFORM: retire.inform,
    }
    letters = Workers(services, {sending.MAIL: mailer.send}, width=4)  # a slow mail server holds up nothing else
    return App(
        services=services,
        inbox=Inbox(services, Forms(services, settling)),
        desk=desk,
        retiring=retire,
        workers=(Workers(services, work, width=8), Workers(services, {outbox.POST: post}, width=16), letters),
    )


def _recipients(settings: Settings) -> tuple[str, ...]:
    """Who would get content to find answers and to word them. A model on a machine of one's own is among them: no
    record that does not name it lets it have anything."""
    found = [recipient_of(settings.llm.base_url)] if settings.llm.base_url and settings.answer.with_model else []
    if settings.embedding.base_url:
        found.append(recipient_of(settings.embedding.base_url, "embedding.base_url"))
    return tuple(dict.fromkeys(found))


def connect(settings: Settings) -> dict[str, Adapter]:
    """The adapters the settings name; each platform's room is imported only now."""
    settings.data.dir.mkdir(parents=True, exist_ok=True, mode=0o700)  # before a local chat makes it for everyone
    return {name: _adapter(name, settings) for name in settings.adapters}


def _adapter(name: str, settings: Settings) -> Adapter:
    room = adapter_module(name)
    if name == "local":
        from bots import sample

        config = room.Config(database=settings.data.dir / "local-chat.db", team=room.load_team(sample.team()))
    else:
        section = getattr(settings, name)
        config = room.Config(**{key: getattr(section, key) for key in section.__struct_fields__})
    adapter: Adapter = room.create(config)
    return adapter
