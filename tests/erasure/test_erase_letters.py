"""§2C, L12: the private address and what was still to be mailed go with the rest, unreadable while they wait."""

from __future__ import annotations

from pathlib import Path

from bots import informing, keys
from bots.letters.sending import MAIL
from tests.bots.letters.postbox import settings
from tests.bots.letters.stage import gave_address, running, text_of
from tests.erasure.canaries import made, scan


async def test_l12_a_private_address_is_forgotten_once_the_last_letter_went(tmp_path: Path) -> None:
    """It is needed until the certificate is on its way, and not a moment longer."""
    [word] = made(1)
    async with running(tmp_path) as (w, post):
        await w.persona()
        await gave_address(w, address=f"{word}@home.example")
        before = scan([word], tmp_path)
        await w.say(w.subject, "withdraw", direct=True)
        await w.settle()
        assert (await w.app.services.personas.get("lin")).state == "erased"
        letters = [mail for mail in post.mails if "ertificate" in text_of(mail)]
        assert len(letters) == 1, "it came home"
        store = w.app.services.store
        assert await store.get(keys.of_subject("lin", "address")) is None
        assert not (await store.backlog()).by_kind.get(MAIL)
        while_open = scan([word], tmp_path)
    left = scan([word], tmp_path)
    assert before.files > 2
    assert before.hits == while_open.hits == left.hits == []


async def test_l12_what_waits_for_a_mail_server_is_unreadable_and_does_not_outlive_it(tmp_path: Path) -> None:
    """Letters wait in the store, sealed; those about what was do not outlive it."""
    [word] = made(1)
    async with running(tmp_path) as (w, _):
        await w.persona()
        await gave_address(w, address=f"{word}@home.example")
        object.__setattr__(w.app.services, "mail", settings(9))  # the discard port: nobody listens
        await w.app.services.store.commit(informing.happened(w.app.services, "live", "lin"))
        await w.settle()
        waiting = (await w.app.services.store.backlog()).by_kind.get(MAIL)
        assert waiting, "it waits for the server"
        assert scan([word], tmp_path).hits == []
        await w.say(w.subject, "withdraw", direct=True)
        await w.settle()
        assert scan([word], tmp_path).hits == []
