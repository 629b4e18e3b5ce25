"""What is wrong with this installation, and what to do about it; one line each, nothing is changed."""

from __future__ import annotations

import os
import shutil
from importlib.metadata import packages_distributions

from adapters import ADAPTERS
from adapters.errors import AdapterError, NotFound
from adapters.protocol import CanCheck, Finding, HasPeople
from bots import keys
from bots.people import person_of
from bots.services import Services
from bots.settings import Settings, require_credentials
from persona_store.consent.policy import Ask, allow
from persona_store.errors import Refused

LOW_DISK = 500_000_000


async def examine(services: Services, settings: Settings) -> list[Finding]:
    findings = [_data_dir(settings), _credentials(settings), _package_names(), await _dead_letters(services)]
    findings += await _personas(services)
    findings += await _people(services, settings)
    for adapter in services.adapters.values():
        if isinstance(adapter, CanCheck):
            try:
                findings += await adapter.check()
            except AdapterError as error:
                findings.append(Finding(False, str(error), "docs/adapters explains the set-up"))
    return findings


def _data_dir(settings: Settings) -> Finding:
    path = settings.data.dir
    free = shutil.disk_usage(path).free
    if not os.access(path, os.W_OK):
        return Finding(False, f"data directory {path} cannot be written", "set UNDERSTUDY_DATA_DIR")
    if free < LOW_DISK:
        return Finding(False, f"only {free // 1_000_000} MB left where {path} is", "make room")
    return Finding(True, f"data directory {path}")


def _credentials(settings: Settings) -> Finding:
    try:
        require_credentials(settings)
    except Refused as error:
        return Finding(False, error.what, error.fix)
    return Finding(True, f"settings for {', '.join(settings.adapters)}")


def _package_names() -> Finding:
    """PyPI has other packages called `adapters` and `bots`; installed side by side they overwrite ours."""
    owners = packages_distributions()
    for name in ("adapters", "bots", "persona_store"):
        others = set(owners.get(name, [])) - {"understudy"}
        if others:
            return Finding(
                False,
                f"package {name!r} is also installed by {', '.join(sorted(others))}",
                "use an environment of its own",
            )
    return Finding(True, "no other package uses our names")


async def _dead_letters(services: Services) -> Finding:
    dead = [key async for key, _ in services.store.scan(keys.DEAD)]
    if dead:
        return Finding(
            False,
            f"{len(dead)} messages could not be delivered in the last 30 days",
            "look for 'cannot be delivered' in the log",
        )
    return Finding(True, "every message was delivered")


async def _personas(services: Services) -> list[Finding]:
    findings = []
    for persona in await services.personas.all():
        if persona.state not in ("live", "suspended"):
            continue
        decision = allow(
            await services.consents.current(persona.name), Ask(action="retrieve", now=services.clock.now())
        )
        if not decision.ok:
            findings.append(Finding(False, f"persona {persona.name}: {decision.code}", decision.fix))
        elif not persona.chats:
            findings.append(
                Finding(
                    False, f"persona {persona.name} answers nowhere", f"`/understudy bind {persona.name}` in a chat"
                )
            )
        else:
            findings.append(Finding(True, f"persona {persona.name} is {persona.state}"))
    return findings


async def _people(services: Services, settings: Settings) -> list[Finding]:
    """Whoever has authority must be somebody: a key that no message will ever come from gives it to nobody. Asked
    of the platforms that are connected; the others are not at fault here."""
    named = {key: "admin" for key in settings.admins}
    for persona in await services.personas.all():
        if persona.state in ("live", "suspended"):
            named |= {persona.owner: f"owner of {persona.name}", persona.deputy: f"deputy of {persona.name}"}
    found = [await _somebody(services, key, role) for key, role in named.items() if key]
    return [finding for finding in found if finding is not None]


async def _somebody(services: Services, key: str, role: str) -> Finding | None:
    person = person_of(key)
    if person.platform not in (*ADAPTERS, *services.adapters):
        return Finding(
            False, f"{role} {key!r} is on no platform", f"say it as PLATFORM:ID, with {', '.join(ADAPTERS)}"
        )
    adapter = services.adapters.get(person.platform)
    if not isinstance(adapter, HasPeople):
        return None
    try:
        known = await adapter.person(person.id)
    except NotFound:
        return Finding(False, f"{role} {key} is nobody there", "correct the id, or they have left")
    except AdapterError:
        return None  # the adapter's own findings say why
    if known.key != key:
        return Finding(False, f"{role} {key} writes to us as {known.key}", f"put {known.key} in its place")
    return Finding(True, f"{role}: {known.name or key}")
