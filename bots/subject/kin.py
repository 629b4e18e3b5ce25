"""Close relatives of a Subject who died see, correct and delete what is held: let in by two people together (PIPL
49).

An admin proposes and names them, Owner or Deputy agrees with a press; neither can do it alone, and one human who is
both cannot either. What the Subject arranged goes before: where the record says `delete`, there is nothing to see.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from adapters.model import Button, Post, Press
from bots import cards, keys
from bots.audit import line
from bots.letters import sending, writing
from bots.letters.addresses import checked
from bots.outbox import queue
from bots.people import own_language, person_of, reach
from bots.services import Services
from bots.subject import passes, reports
from bots.wording import say
from persona_store.errors import Refused
from persona_store.model import Persona
from persona_store.protocols import Batch, Put

OPEN_FOR = timedelta(days=14)
LINK_FOR = timedelta(days=30)
LONGEST = 100  # characters of a name


class Proposed(Struct, frozen=True):
    """`kin`: who they are, as the admin named them; `by`: the admin."""

    persona: str
    kin: str
    address: str
    by: str
    until: datetime


async def propose(services: Services, persona: Persona, kin: str, address: str, by: str) -> Batch:
    """Owner and Deputy are asked to agree. Raises Refused KIN_ARRANGED, KIN_NAME, KIN_ADMIN, ADDRESS."""
    told = await reports.reported(services, persona.name) if persona.state == "deceased" else None
    if told is None or told.after == "delete":
        what = f"the subject of {persona.name!r} has not died, or arranged that everything is deleted"
        raise Refused("KIN_ARRANGED", what, "what the subject arranged goes before what relatives ask for")
    name = " ".join(kin.split())
    if not name or len(name) > LONGEST or not name.isprintable():
        raise Refused("KIN_NAME", "it is not said who they are", "give --for NAME, as it stands in their papers")
    if not await services.directory.is_admin(person_of(by)):
        raise Refused("KIN_ADMIN", f"{by!r} is no admin of this installation", "name one: UNDERSTUDY_ADMINS")
    now = services.clock.now()
    made = Proposed(persona.name, name, checked(address) if address else "", by, now + OPEN_FOR)
    nonce = keys.short("kin", persona.name, name, now.isoformat())
    key = _key(persona.name, nonce)
    audited = line(services, persona.name, "kin.proposed", by, refs=(name,))
    batch = Batch(puts=(Put(key, services.seal(made, key), made.until),), log=(audited,))
    for who in filter(None, (persona.owner, persona.deputy)):
        person = await reach(services, who) if services.adapters else person_of(who)
        if person is None or await services.directory.same(who, by):
            continue
        lang = await own_language(services, person)
        text = say(lang, "kin.asked", kin=name, name=persona.display_name, by=by)
        button = Button("kin", say(lang, "button.kin"), f"{persona.name}:{nonce}", style="primary")
        card = cards.notice(text, lang=lang, tone="owner", buttons=(button,))
        batch = batch.plus(queue(services, Post(f"kin:{keys.short(nonce, who)}", card), to=person))
    return batch


async def pressed(services: Services, press: Press, lang: str) -> tuple[str, Batch]:
    """(what to say, a Batch): the second of the two agrees, and the link goes to the relatives; or, where no letter
    can, to who pressed, to be handed over."""
    name, _, nonce = press.value.partition(":")
    persona = await services.personas.get(name)
    key = _key(name, nonce) if persona is not None else ""
    made, raw = await services.read_raw(key, Proposed) if persona is not None else (None, None)
    if persona is None or made is None or persona.state != "deceased" or services.clock.now() >= made.until:
        return say(lang, "button.too_old"), Batch()
    answering = [each for each in (persona.owner, persona.deputy) if each]
    is_one = [await services.directory.same(press.author.key, each) for each in answering]
    if not any(is_one) or await services.directory.same(press.author.key, made.by):
        return say(lang, "confirm.not_yours"), Batch()
    until = services.clock.now() + LINK_FOR
    token, issued = passes.issue(services, persona.name, "kin", f"kin:{keys.short(made.kin)}", until)
    link = passes.link(services, token)
    audited = line(
        services, persona.name, "kin.let_in", press.author.key, decision="done", refs=(made.by, made.kin)
    )
    batch = Batch(deletes=(key,), unchanged=((key, raw),), log=(audited,)).plus(issued)
    letter = writing.kin(persona, link, until, writing.language(await services.consent(persona.name), lang))
    sent = await sending.queue(services, persona.name, made.address, letter)
    if sent.jobs:
        return say(lang, "kin.sent", kin=made.kin), batch.plus(sent)
    return say(lang, "kin.hand_over", kin=made.kin, link=link, until=until.date().isoformat()), batch


def _key(persona: str, nonce: str) -> str:
    return keys.of_subject(persona, f"kin/{nonce}")
