"""Asking somebody whether they want it: once, by a link to them alone, and not again for half a year.

That somebody declined is known to this sealed record and to nobody else. Whoever asked sees the same before and
after: it is not available, and cannot be asked for again before a day that does not depend on the answer (PIPL 16;
网络数据安全管理条例 22; rights.md L04).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct, structs

from adapters.model import Person, Post
from bots import accountability, cards, keys
from bots.audit import line
from bots.letters import sending, writing
from bots.letters.addresses import checked, hinted
from bots.outbox import queue
from bots.people import own_language
from bots.services import Services
from bots.subject import passes
from bots.wording import say
from persona_store.consent import summary
from persona_store.consent.proposal import Proposal
from persona_store.errors import Refused
from persona_store.model import Persona
from persona_store.personas import transition
from persona_store.protocols import Batch, Put

AGAIN = passes.TO_SIGN + timedelta(days=180)
"""From the day of asking: half a year after the last moment at which it could have been declined."""


class Request(Struct, frozen=True):
    """`draft` are the bytes that wait for the Subject's signature, if they went that far."""

    persona: str
    subject: str  # person key
    proposal: Proposal
    asked_at: datetime
    status: Literal["open", "declined", "signed"] = "open"
    draft: bytes = b""
    address: str = ""  # where the link was mailed as well, as whoever asked wrote it


async def ask(
    services: Services,
    persona: Persona,
    subject: Person,
    proposal: Proposal,
    *,
    by: str,
    about: str,
    address: str = "",
) -> Batch:
    """A Batch that asks: the request, the link to the Subject, and to owner and deputy whether they accept. `about`
    is who wants it, as the Subject is told. With an `address` a link of its own goes there by letter as well, and
    the direct message says so: whoever typed somebody else's address is found out. Raises Refused ASK_THROTTLED,
    SUBJECT_OTHER, OWNER_SUBJECT, LINK_INSECURE, ILLEGAL_STATE, ADDRESS, MAIL."""
    if address and not sending.set_up(services):
        raise Refused(
            "MAIL", "no mail server is set up that could take the letter", "set mail.host, or ask without"
        )
    address = checked(address) if address else ""
    identities = await services.directory.identities(subject.key)
    if persona.subject and persona.subject not in identities:
        what = f"persona {persona.name!r} is about {persona.subject}, not {subject.key}"
        raise Refused("SUBJECT_OTHER", what, f"ask them: --to {persona.subject}")
    if proposal.owner in identities or proposal.deputy in identities:
        what = "who a persona is about cannot be who answers for what it does not know"
        raise Refused("OWNER_SUBJECT", what, "name another owner and deputy: somebody who stays")
    now = services.clock.now()
    for identity in sorted(identities):
        if (until := await services.read(_throttle(identity), datetime)) is not None and now < until:
            raise Refused(
                "ASK_THROTTLED",
                f"{subject.key} was asked already; it is not available",
                f"they may write `mine` to the bot at any time; ask again after {until:%Y-%m-%d}",
            )
    asked = structs.replace(persona, subject=persona.subject or subject.key, asked_by=by)
    if persona.state in ("draft", "requested"):
        asked = transition(asked, "request", now)
    elif persona.state not in ("cooling", "assessed", "live", "suspended"):
        transition(persona, "request", now)  # raises what there is to say
    request = Request(persona.name, subject.key, proposal, now, address=address)
    throttle = tuple(
        Put(_throttle(each), services.seal(now + AGAIN, _throttle(each)), now + AGAIN) for each in identities
    )
    batch = Batch(
        puts=(services.personas.put(asked), _put(services, request), *throttle),
        unchanged=(await services.personas.unchanged(persona),),
        log=(line(services, persona.name, "consent.requested", by, refs=(subject.key,)),),
    )
    batch = batch.plus(await _send(services, asked, subject, about, address))
    return batch.plus(await accountability.ask(services, asked))


async def load(services: Services, persona: str) -> Request | None:
    return await services.read(_key(persona), Request)


async def drafted(services: Services, request: Request, raw: bytes) -> Batch:
    """The bytes that are now on the Subject's screen, and nothing else, can be signed."""
    before = await services.store.get(_key(request.persona))
    put = _put(services, structs.replace(request, draft=raw))
    return Batch(puts=(put,), unchanged=((_key(request.persona), before),))


async def decline(services: Services, request: Request) -> Batch:
    """No reason is asked for, nobody is told, and the log has no line of it, as of a request that lapses."""
    return Batch(puts=(_put(services, structs.replace(request, status="declined", draft=b"")),))


async def signed(services: Services, request: Request) -> Batch:
    """It was a yes: they may be asked about something further whenever there is cause."""
    put = _put(services, structs.replace(request, status="signed", draft=b""))
    identities = await services.directory.identities(request.subject)
    return Batch(puts=(put,), deletes=tuple(map(_throttle, sorted(identities))))


async def again(services: Services, persona: str, who: str) -> tuple[str, Batch] | None:
    """A new token for a request that was not signed: the Subject asks for it, be it that the link was lost, or that
    a no became a yes. None if there is no such request."""
    request = await load(services, persona)
    if request is None or request.status == "signed":
        return None
    batch = Batch()
    if request.status == "declined":
        batch = Batch(puts=(_put(services, structs.replace(request, status="open")),))
    token, issued = passes.issue(services, persona, "sign", who, services.clock.now() + passes.TO_SIGN)
    return token, batch.plus(issued)


async def _send(services: Services, persona: Persona, subject: Person, about: str, address: str) -> Batch:
    lang = await own_language(services, subject)
    about = summary.controller(about, lang)
    until = services.clock.now() + passes.TO_SIGN
    token, issued = passes.issue(services, persona.name, "sign", subject.key, until)
    link = passes.link(services, token)
    day = until.date().isoformat()
    text = say(lang, "request.text", name=persona.display_name, about=about, link=link, until=day)
    if address:
        text += "\n\n" + say(lang, "request.mailed", address=hinted(address))
    post = Post(f"request:{keys.short(token)}", cards.notice(text, lang=lang, tone="admin", links=(link,)))
    batch = issued.plus(queue(services, post, to=subject))
    return batch.plus(await _mail(services, persona, subject, about, address, lang)) if address else batch


async def _mail(
    services: Services, persona: Persona, subject: Person, about: str, address: str, lang: str
) -> Batch:
    until = services.clock.now() + passes.TO_SIGN
    token, issued = passes.issue(services, persona.name, "sign", subject.key, until)
    day, id = until.date().isoformat(), f"request:{keys.short(token)}"
    letter = writing.request(persona, about, passes.link(services, token), day, lang, id)
    return issued.plus(await sending.queue(services, persona.name, address, letter))


def _put(services: Services, request: Request) -> Put:
    key = _key(request.persona)
    return Put(key, services.seal(request, key))


def _key(persona: str) -> str:
    return keys.of_subject(persona, "request")


def _throttle(person_key: str) -> str:
    return keys.THROTTLE + keys.short("throttle", person_key)
