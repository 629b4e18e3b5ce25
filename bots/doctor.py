"""What is wrong with this installation, and what to do about it; one line each, nothing is changed."""

from __future__ import annotations

import os
import shutil
from datetime import datetime, timedelta
from importlib.metadata import packages_distributions

from adapters import ADAPTERS
from adapters.errors import AdapterError, NotFound
from adapters.protocol import CanCheck, Finding, HasPeople
from bots import keys, reconsent
from bots.assessment.keeping import papers_of
from bots.embedding.probe import installed
from bots.letters import sending
from bots.letters.failures import Undelivered
from bots.licence import standing
from bots.people import person_of
from bots.services import Services
from bots.settings import Settings, require_credentials
from persona_store.consent import notice
from persona_store.consent.policy import Ask, allow
from persona_store.errors import Refused
from persona_store.model import GONE, Persona
from persona_store.papers import in_order

LOW_DISK = 500_000_000
UNSEEN = timedelta(hours=12)


async def examine(services: Services, settings: Settings) -> list[Finding]:
    findings = [_data_dir(settings), _credentials(settings), _package_names(), await _dead_letters(services)]
    findings += installed(settings.embedding)
    findings += await _personas(services)
    findings += await _needs_reconsent(services)
    findings += await _letters(services)
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
        findings += await _papers(services, persona)
        findings += await _licence(services, persona)
        findings += _unseen(persona, services.clock.now())
    return findings


async def _papers(services: Services, persona: Persona) -> list[Finding]:
    """What the next look would pause it for: nothing that assesses it as it is, nothing filed (rights.md L14)."""
    consent = await services.consents.current(persona.name)
    if consent is None:
        return []
    try:
        in_order(persona, consent, await papers_of(services, persona, consent))
    except Refused as refused:
        return [Finding(False, refused.what, refused.fix)]
    return []


def _unseen(persona: Persona, now: datetime) -> list[Finding]:
    """A licence of which nobody could see for half a day whether it stands: silent, or soon so."""
    if persona.stands_until is None or persona.stands_until - now > UNSEEN:
        return []
    ends = "is silent since" if now >= persona.stands_until else "falls silent at"
    at = f"{persona.stands_until:%Y-%m-%d %H:%M} UTC"
    what = f"persona {persona.name} {ends} {at}: nobody can see if its licence stands"
    return [Finding(False, what, f"`understudy consent standing {persona.name}` says what is in the way")]


async def _licence(services: Services, persona: Persona) -> list[Finding]:
    """A licence that stops the answers, or is on the way to it; and chats that nobody pays for."""
    name, consent = persona.name, await services.consent(persona.name)
    if consent is None or consent.licence.model == "none":
        return []
    found = []
    for chat in await standing.unpaid_chats(services, persona, consent):
        fix = f"`understudy licence chats {name} --org ORG --chats {chat}`"
        found.append(Finding(False, f"persona {name}: nobody pays for what is asked in {chat}", fix))
    for org in consent.licence.orgs:
        stands = await standing.standing(services, name, org, consent)
        for debt in stands.owed[:1]:
            stop = debt.since + timedelta(days=consent.licence.stop_on_unpaid_days)
            ends = f"nothing is answered since {stop}" if stands.stop else f"nothing is answered from {stop} on"
            what = f"persona {name}: {org} owes {debt.month} ({debt.why}), {ends}"
            found.append(Finding(False, what, standing.way_out(name, org, debt)))
    return found


async def _needs_reconsent(services: Services) -> list[Finding]:
    """What is set up, and left unused as no record grants it (rights.md L03); and the notice (L02)."""
    found = []
    for persona in await services.personas.all():
        if unused := await reconsent.of(services, persona):
            what = f"persona {persona.name}: needs_reconsent, not used: {reconsent.listed(unused, 'en')}"
            found.append(Finding(False, what, "the subject amends the record, or the setting goes"))
        consent = None if persona.state in GONE else await services.consent(persona.name)
        try:
            notice.still_shown(consent)
        except Refused as changed:
            found.append(Finding(False, f"persona {persona.name}: {changed.code}, {changed.what}", changed.fix))
    return found


async def _letters(services: Services) -> list[Finding]:
    """Whether Subjects hear of what happens by mail. That nothing sends is no fault where nobody has an address."""
    if sending.set_up(services):
        return [Finding(True, f"letters go by {services.mail.host}")]
    waiting = [
        persona.name
        for persona in await services.personas.all()
        if persona.state not in GONE and await sending.address_of(services, persona.name)
    ]
    if not waiting:
        return []
    what = f"no mail server is set up, and {', '.join(waiting)} has a private address: it gets no letters"
    return [Finding(False, what, "set mail.host and mail.sender, or hand letters over (docs/deploying.md)")]


async def mail_server(settings: Settings) -> list[Finding]:
    """Connects and logs in; for `doctor --online`."""
    if not settings.mail.host:
        return []
    from bots.letters import smtp

    try:
        await smtp.greet(settings.mail)
    except Undelivered as failed:
        return [Finding(False, f"mail: {failed.what}", failed.fix)]
    return [Finding(True, f"{settings.mail.host} takes letters")]


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
