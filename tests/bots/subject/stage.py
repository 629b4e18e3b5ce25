"""The Subject's place served on a port, and somebody who uses it as the page does: with a link and a key."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from bots.operator import create
from bots.people import person_of
from bots.subject import passes, requests
from bots.subject.deeds import Deeds
from bots.web.server import serving
from bots.web.subject import SubjectPage
from persona_store import jws
from persona_store.consent import draft, parsing, signing
from persona_store.consent.proposal import Proposal
from persona_store.consent.receipt import encoded
from persona_store.model import Persona, PersonaRules
from tests.scenarios.world import World, passages

BASE = "http://127.0.0.1:8765"
ALL = {"sources": [0, 1], "facets": [0], "audiences": [0, 1], "recipients": []}


def proposal(now: Any, owner: str = "chat:U0OWN", **more: Any) -> Proposal:
    wishes = {
        "owner": owner,
        "deputy": "chat:U0DEP",
        "sources": ("slack_export",),
        "audiences": ("chat:*",),
        **more,
    }
    tried = parsing.parse(draft.draft(draft.Choices(**wishes), now))
    return Proposal(
        owner=tried.owner.id,
        deputy=tried.deputy.id if tried.deputy else "",
        sources=tried.scope.sources,
        facets=tuple(f for f in draft.FACETS if getattr(tried.facets, f)),
        audiences=tried.audiences,
        recipients=tried.recipients,
        uses=tried.uses,
        days=90,
        cooling_off_days=7,
        controller="Acme",
        contact="dpo@acme.example",
        licence=tried.licence,
    )


def linked(world: World) -> World:
    """With an address that links lead to."""
    object.__setattr__(world.app.services, "link_base", BASE)
    return world


def token_in(text: str) -> str:
    """Of the link in some words."""
    found: list[str] = re.findall(r"#t=([A-Za-z0-9_-]{43})", text)
    return found[0]


async def fresh(world: World, name: str = "lin", **more: Any) -> Persona:
    """A draft that nobody was asked about."""
    now = world.clock.now()
    rules = PersonaRules(quiet_from="00:00", quiet_to="00:00")
    roles = {"owner": "chat:U0OWN", "deputy": "chat:U0DEP", "chats": ("chat:*",), "rules": rules, **more}
    persona = Persona(name, f"{name.title()}'s notes", "draft", now, now, **roles)
    await create(world.app, persona)
    return persona


async def asked(world: World, persona: Persona, to: str = "chat:U0LIN", **more: Any) -> str:
    """The token that the Subject was sent, found where only they would see it."""
    services = world.app.services
    offered = proposal(world.clock.now(), **more)
    batch = await requests.ask(services, persona, person_of(to), offered, by="operator:cli", about="Acme")
    before = {put.key for put in batch.puts}
    assert any(key.startswith("pass/") for key in before)
    await services.store.commit(batch)
    await world.settle()
    text = next(p.post.card.text for p in reversed(world.posts) if "#t=" in p.post.card.text)
    return token_in(text)


class Visitor:
    """One browser: a token, and a key once it was made."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str = "") -> None:
        self.session, self.url, self.token = session, url, token
        self.key = signing.generate_key()

    async def raw(self, verb: str, **wanted: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Understudy {self.token}"}
        async with self.session.post(f"{self.url}/subject/api/{verb}", json=wanted, headers=headers) as answer:
            json = answer.content_type == "application/json"
            return answer.status, await answer.json() if json else await answer.read()

    async def do(self, verb: str, **wanted: Any) -> Any:
        status, answer = await self.raw(verb, **wanted)
        assert status == 200, (verb, status, answer)
        return answer

    async def refused(self, verb: str, **wanted: Any) -> str:
        status, answer = await self.raw(verb, **wanted)
        assert status in (409, 422), (verb, status, answer)
        code: str = answer["code"]
        return code

    @property
    def public(self) -> str:
        return encoded(signing.public_key(self.key))

    async def sign(self, ticks: dict[str, Any] | None = None, **more: Any) -> Any:
        """Look at the record and sign exactly that."""
        wanted = {**ALL, "days": 90, "cooling_off_days": 7, **(ticks or {})}
        shown = await self.do("draft", ticks=wanted)
        signature = signing.sign(shown["record"].encode(), self.key)
        signed = await self.do("sign", signature=signature, public_key=self.public, **more)
        self.token = signed["link"].partition("#t=")[2]
        return signed

    async def prove(self) -> tuple[int, Any]:
        asked = (await self.do("challenge", public_key=self.public))["challenge"]
        signature = jws.sign(asked.encode(), self.key, "understudy-login+jws")
        return await self.raw("prove", challenge=asked, signature=signature, public_key=self.public)


@asynccontextmanager
async def visiting(world: World, token: str = "") -> AsyncIterator[Visitor]:
    page = SubjectPage(world.app.services, Deeds(world.app.services, world.app.retiring))
    async with serving("127.0.0.1", 0, page.routes()) as port, aiohttp.ClientSession() as session:
        yield Visitor(session, f"http://127.0.0.1:{port}", token)


async def known(world: World, persona: str = "lin") -> None:
    """Material, as it would have been imported."""
    file = await world.app.services.library.file(persona)
    await file.add(passages("chat", world.clock.now()))


__all__ = ["ALL", "Visitor", "asked", "fresh", "known", "linked", "passes", "proposal", "visiting"]
