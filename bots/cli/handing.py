"""Where no mail server is set up, a letter becomes a file, and whoever runs the command is told to hand it over.

The file is a message any mail program opens. It holds no link to the Subject's place: that opens for whoever has
it, and here somebody else has it first."""

from __future__ import annotations

from bots import informing
from bots.app import App
from bots.cli.context import Context
from bots.letters import filed, sending
from bots.letters.mime import message
from bots.letters.model import Letter
from persona_store.model import Persona

NOBODY = "understudy@understudy.invalid"  # RFC 2606: a sender that is nobody's


async def over(context: Context, app: App, persona: Persona, letter: Letter | None, address: str = "") -> bool:
    """Whether there is a file now: nothing to do where a bot sends it, or where no private address is known."""
    to = address or await sending.address_of(app.services, persona.name)
    if letter is None or not to or sending.set_up(app.services):
        return False
    raw = message(letter, sender=NOBODY, to=to, at=app.services.clock.now())
    path = filed.put(context.settings.data.dir, persona.name, letter.id, raw)
    context.tell("hand_over", file=str(path))
    return True


async def live(context: Context, app: App, persona: Persona) -> None:
    letter, _ = await informing.live_letter(app.services, persona, persona.state_at, linked=False)
    await over(context, app, persona, letter)


async def built(context: Context, app: App, persona: Persona, *, passages: int = 0, versions: int = 0) -> None:
    if passages or versions:
        build = informing.Built(app.services.clock.now(), passages, versions)
        letter, _ = await informing.built_letter(app.services, persona, [build], linked=False)
        await over(context, app, persona, letter)


async def receipt(context: Context, app: App, persona: Persona, record_id: str) -> None:
    letter, _ = await informing.receipt_letter(app.services, persona, record_id, linked=False)
    await over(context, app, persona, letter)
