"""The links people get by asking the bot: the Subject to their own place, the Owner to the preview."""

from __future__ import annotations

from typing import NamedTuple

from bots.said import Said
from bots.services import Services
from bots.subject import passes, requests
from bots.wording import say
from persona_store.errors import Refused
from persona_store.model import Persona
from persona_store.protocols import Batch


class Entry(NamedTuple):
    """A line with a link in it, the link, and a Batch after which it opens; all empty where there is none."""

    text: str = ""
    links: tuple[str, ...] = ()
    issued: Batch = Batch()


async def for_subject(services: Services, persona: Persona, said: Said) -> Entry:
    """A request that was not signed comes first. Where no link can be given out safely there is none, and the words
    in the chat do what they always did."""
    if not passes.reachable(services):
        return Entry()
    again = await requests.again(services, persona.name, said.author.key)
    if again is not None:
        token, issued = again
        link = passes.link(services, token)
        return Entry(say(said.lang, "subject.request_link", link=link), (link,), issued)
    until = services.clock.now() + passes.TO_PLACE
    link, issued = passes.to_place(services, persona.name, said.author.key, until)
    return Entry(say(said.lang, "subject.link", link=link, until=until.date().isoformat()), (link,), issued)


async def declined(services: Services, persona: Persona, said: Said) -> Batch:
    """`withdraw` to a request that waits for an answer: as by the button on the page."""
    told = said.tell(services, say(said.lang, "subject_page.declined_text"))
    request = await requests.load(services, persona.name)
    if request is None or request.status != "open":
        return told
    return told.plus(await requests.decline(services, request))


async def for_preview(services: Services, persona: Persona, roles: frozenset[str], said: Said) -> Entry:
    """What it would speak from, for the Owner's eyes; the Subject sees it in their own place."""
    nothing = Entry(say(said.lang, "subject.no_link"))
    if "subject" in roles:
        entry = await for_subject(services, persona, said)
        return entry if entry.links else nothing
    try:
        signed = await services.consents.newest(persona.name)
    except Refused:  # tampered with: nothing is shown under it
        signed = None
    if signed is None or not passes.reachable(services):
        return nothing
    until = services.clock.now() + passes.TO_PREVIEW
    token, issued = passes.issue(services, persona.name, "preview", said.author.key, until)
    link = passes.link(services, token)
    return Entry(say(said.lang, "subject.preview_link", link=link), (link,), issued)
