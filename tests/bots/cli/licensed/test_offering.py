"""An offer is laid on the subject's own page, signed there, and what comes of it runs and ends at the second
organisation as if it had been signed at the command line."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from bots import settings
from bots.app import open_app
from bots.subject import passes
from persona_store.consent import signing
from tests.bots.cli.licensed.acme import ANSWER, At, packed, quoted, release
from tests.bots.cli.shell import Shell
from tests.bots.subject.licensing import licensed, offers, revoked
from tests.bots.subject.stage import Visitor, visiting
from tests.scenarios.world import World

OFFER = ("--org", "globex", "--owner", "slack:W0GIL", "--chats", "slack:*", "--sources", "documents,interview")
LESS = {"sources": [0, 1], "audiences": [0], "days": 90, "cooling_off_days": 0}


async def may(lin: Visitor) -> Any:
    return (await lin.do("licences"))["may"]


async def given(lin: Visitor) -> Any:
    return (await lin.do("licences"))["given"]


def on_the_page(sh: Shell, does: Callable[[Visitor], Awaitable[Any]]) -> Any:
    """As the subject, in the installation where we are, with the key that `consent sign` made."""

    async def visit() -> Any:
        async with open_app(settings.load(None)) as app:
            w = World.__new__(World)  # only what a visitor needs of one
            w.app = app
            async with visiting(w) as lin:
                lin.key = signing.load_key(sh.folder / ".config" / "understudy" / "subject-keys" / "lin.pem")
                until = app.services.clock.now() + timedelta(days=1)
                lin.token, issued = passes.issue(app.services, "lin", "place", "", until)
                await app.services.store.commit(issued)
                return await does(lin)

    return asyncio.run(visit())


def test_an_admin_lays_it_before_the_subject_typed_or_as_the_organisations_file(sh: Shell, at: At, to: str) -> None:
    sh.done("consent", "offer", *OFFER, "--cooling-off", "0", "--out", "offer.json")
    told = sh.done("consent", "offer", "lin", "--offer", "offer.json").out
    assert "on the own page of the subject of lin, for 30 days" in told
    assert "sends them a link by direct message" in told
    again = sh.done("consent", "offer", "lin", *OFFER, "--json").json
    assert again == {"persona": "lin", "organisation": "globex", "corrects": True, "told": []}
    assert "was put right" in sh.done("consent", "offer", "lin", *OFFER).out
    [waiting] = on_the_page(sh, offers)
    assert waiting["org"] == "globex"


def test_it_is_written_or_laid_and_not_both(sh: Shell, at: At, to: str) -> None:
    assert sh("consent", "offer", *OFFER).refused("USAGE")
    assert sh("consent", "offer", "lin", *OFFER, "--out", "offer.json").refused("USAGE")
    assert not (sh.folder / "offer.json").exists()
    sh.done("consent", "offer", *OFFER, "--out", "offer.json")
    assert sh("consent", "offer", "lin", "--offer", "offer.json", "--org", "initech").refused("USAGE")
    assert sh("consent", "offer", "nobody", *OFFER).refused("PERSONA_UNKNOWN")


def test_l04_whoever_lays_one_hears_the_same_whether_it_was_declined(sh: Shell, at: At, to: str) -> None:
    sh.done("consent", "offer", "lin", *OFFER)
    open_still = sh.done("consent", "offer", "lin", *OFFER, "--days", "60")

    async def decline(lin: Visitor) -> None:
        await lin.do("offer_decline", offer=(await offers(lin))[0]["id"])

    on_the_page(sh, decline)
    assert sh.done("consent", "offer", "lin", *OFFER, "--days", "60") == open_still


def test_t36_signed_on_the_page_it_runs_at_the_second_organisation_and_ends_there(
    sh: Shell, at: At, to: str
) -> None:
    at("globex")
    sh.done("consent", "offer", *OFFER, "--cooling-off", "0", "--no-learning", "--out", "offer.json")
    at("acme")
    offer = (sh.folder / "offer.json").read_text()

    async def bring_and_sign(lin: Visitor) -> Any:
        await lin.do("offer_bring", text=offer)
        return await licensed(lin, **LESS)

    taken = on_the_page(sh, bring_and_sign)
    sent = packed(sh, to, *release(sh))
    assert sent["passages"] == 3
    at("globex")
    got = sh.done("import", "bundle", sent["file"], "--from", sent["signs"], "--json").json
    assert got["subject_key"] == taken["key"]  # what they tell by another way
    sh.done("persona", "offer", "lin", "internal")
    sh.done("persona", "live", "lin")
    assert ANSWER in quoted(sh)
    assert on_the_page(sh, may) == "elsewhere"

    at("acme")
    [text] = on_the_page(sh, revoked)["files"]
    words = ("--org", "globex", "--to", to)
    assert sh("export", "licensed", "lin", "again.age", *words).refused("LICENCE_MISSING")
    at("globex")
    (sh.folder / text["name"]).write_text(text["text"])
    sh.done("consent", "revoked", text["name"])
    assert sh.done("persona", "show", "lin", "--json").json["state"] == "erased"


def test_what_is_saved_on_the_page_is_what_the_command_line_reads(sh: Shell, at: At, to: str) -> None:
    """The receipt holds anywhere, and the licence's file ends it from anywhere."""
    sh.done("consent", "offer", "lin", *OFFER, "--cooling-off", "0", "--no-learning")

    async def sign(lin: Visitor) -> Any:
        return await licensed(lin, **LESS)

    licence, held = on_the_page(sh, sign)["files"]
    for file in (licence, held):
        (sh.folder / file["name"]).write_text(file["text"])
    assert sh.done("consent", "receipt", held["name"], "--json").json["persona"] == "lin"
    key = ".config/understudy/subject-keys/lin.pem"
    at("home")
    sh.done("consent", "revoke-licence", licence["name"], "--key", key, "--out", "revoked.txt", "--yes")
    at("acme")
    sh.done("consent", "revoked", "revoked.txt")
    assert on_the_page(sh, given) == []
