"""An offer on the subject's page, and the subject who reads and signs it as the page does."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from bots.licensed import laying
from bots.operator import found
from bots.subject import passes
from persona_store.consent import signing
from persona_store.consent.draft import Choices
from persona_store.jws import sign
from persona_store.licensed.standing import TYP
from tests.bots.subject.stage import Visitor
from tests.scenarios.world import KEY, World

ALL = {"sources": [0, 1], "facets": [0], "audiences": [0, 1], "recipients": [], "days": 90, "cooling_off_days": 7}
TOLD_AT = "https://lin.example/licence.txt"


def wishes(**more: Any) -> Choices:
    fields: dict[str, Any] = {"owner": "slack:W0GIL", "deputy": "slack:W0DEP", "contact": "dpo@globex.example"}
    return Choices(**(fields | {"sources": ("doc", "interview"), "audiences": ("slack:*",), "learn": False} | more))


async def laid(w: World, org: str = "globex", **more: Any) -> laying.Laying:
    done = await laying.lay(w.app.services, await found(w.app, "lin"), org, wishes(**more), "operator:cli")
    await w.app.services.store.commit(done.batch)
    return done


async def at_home(w: World, lin: Visitor) -> None:
    """On the page, with the key of the consent."""
    await w.persona()
    lin.key = KEY
    lin.token, issued = passes.issue(
        w.app.services, "lin", "place", "chat:U0LIN", w.clock.now() + passes.KEPT_AFTER * 4
    )
    await w.app.services.store.commit(issued)


async def offers(lin: Visitor) -> list[Any]:
    told: list[Any] = (await lin.do("licences"))["offers"]
    return told


async def drafted(lin: Visitor, told_at: str = "", **ticks: Any) -> tuple[dict[str, str], Any]:
    """(which offer was read, what is on the screen)."""
    read = await lin.do("offer_read", offer=(await offers(lin))[0]["id"])
    which = {"offer": read["id"], "version": read["version"]}
    return which, await lin.do("offer_draft", **which, ticks={**ALL, **ticks}, told_at=told_at)


def signatures(lin: Visitor, draft: Any) -> dict[str, str]:
    signed = {"signature": signing.sign(draft["record"].encode(), lin.key), "public_key": lin.public}
    return signed | ({"standing": sign(draft["standing"].encode(), lin.key, TYP)} if draft["standing"] else {})


async def licensed(lin: Visitor, told_at: str = "", **ticks: Any) -> Any:
    which, draft = await drafted(lin, told_at, **ticks)
    return await lin.do("offer_sign", **which, **signatures(lin, draft))


async def revoked(lin: Visitor, org: str = "globex") -> Any:
    draft = await lin.do("revoke_draft", org=org)
    said = json.loads(draft["statements"][0])
    [licence, *_] = await lin.do("licence_files", org=org)
    record = json.loads(licence["text"])["record"]
    assert (said["standing"], said["organisation"]) == ("revoked", org)
    assert said["record"] == "sha256:" + hashlib.sha256(record.encode()).hexdigest()
    signatures = [sign(each.encode(), lin.key, TYP) for each in draft["statements"]]
    return await lin.do("revoke", org=org, signatures=signatures, public_key=lin.public)
