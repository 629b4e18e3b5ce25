"""`persona show` says what comes next and who does it, until it is live: for whoever knows only that command."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import msgspec
from msgspec import structs

from bots import settings
from bots.app import open_app
from bots.cli.next_step import next_step
from bots.consenting import in_force
from bots.operator import found
from persona_store import proof
from persona_store.consent import draft, receipt, signing
from persona_store.consent.proposal import everything, given
from persona_store.papers import Papers
from tests.bots.cli.shell import Shell
from tests.bots.subject.stage import proposal

PEOPLE = ("--subject", "slack:U0LIN", "--owner", "slack:U0OWN", "--deputy", "slack:U0DEP")
KEY = signing.generate_key()


def told(sh: Shell) -> str:
    return sh.done("persona", "show", "lin").out.splitlines()[-1]


def on_their_page(sh: Shell) -> None:
    """The subject signs what they were asked for, a week before it may speak."""

    async def sign() -> None:
        async with open_app(settings.load(None)) as app:
            services, now = app.services, app.services.clock.now()
            offered = structs.replace(
                proposal(now, owner="slack:U0OWN", sources=("slack_export",), audiences=("slack:*",)),
                deputy="slack:U0DEP",
            )
            raw = given(offered, everything(offered), now, language="en")
            public, persona = signing.public_key(KEY), await found(app, "lin")
            batch = await in_force(services, persona, raw, signing.sign(raw, KEY), public, "slack:U0LIN")
            await services.store.commit(batch)

    asyncio.run(sign())


def test_from_a_draft_to_live_each_step_is_named(sh: Shell) -> None:
    made = sh.done("persona", "create", "lin", *PEOPLE, "--chats", "slack:*").out
    assert "consent sign lin" in made
    assert "consent request lin" in made
    assert "consent request lin --to slack:U0LIN" in told(sh)
    asked = sh.done("consent", "request", "lin", "--to", "slack:U0LIN", "--sources", "slack-export").out
    assert "persona show lin" in asked
    assert "http://127.0.0.1:8765" in asked  # where the link leads: a bot with another port never has that page
    assert "slack:U0LIN decides" in told(sh)
    on_their_page(sh)
    assert "import SOURCE" in told(sh)
    sh.done("import", "slack-export", sh.slack(), "--persona", "lin", "--subject", "U0LIN")
    assert "approves it" in told(sh)
    sh.approved()
    assert "slack:U0OWN, slack:U0DEP accepts" in told(sh)
    sh.done("consent", "accept", "lin", "--as", "slack:U0OWN")
    assert "Next: slack:U0DEP accepts" in told(sh)
    sh.done("consent", "accept", "lin", "--as", "slack:U0DEP")
    assert "assess sign lin" in told(sh)
    papers = sh.folder / "papers"
    sh.done("assess", "lin", "--out", str(papers))
    answers = papers / "answers.toml"
    text = answers.read_text("utf-8").replace('answer = ""', 'answer = "yes"').replace('why = ""', 'why = "looked"')
    answers.write_text(text, "utf-8")
    sh.done("assess", "sign", "lin", "--as", "slack:U0CMP", "--answers", str(answers))
    assert "the days to think it over end" in told(sh)


def test_one_who_signed_for_themselves_has_nothing_left_but_to_set_it_live(sh: Shell) -> None:
    sh.signed()
    sh.done("import", "slack-export", sh.slack(), "--persona", "lin", "--subject", "U0LIN")
    assert "Next: `understudy persona live lin`" in told(sh)
    sh.done("persona", "live", "lin")
    assert "Next" not in sh.done("persona", "show", "lin").out


def test_what_is_done_while_it_cools_off_is_said_before_the_waiting(sh: Shell) -> None:
    """Pure: the day is named only once nothing but the day is missing."""

    async def look() -> None:
        async with open_app(settings.load(None)) as app:
            persona = await found(app, "lin")
            consent = await app.services.consents.current("lin")
            assert consent is not None
            early = consent.effective_at - timedelta(days=2)
            assert next_step(persona, consent, 1, Papers(), early) == (
                "next_cooling",
                f"{consent.effective_at:%Y-%m-%d %H:%M} UTC",
            )
            nobody = structs.replace(persona, owner="")
            assert next_step(nobody, consent, 1, Papers(), early)[0] == "next_owner"  # type: ignore[index]  # a pair
            assert next_step(persona, consent, 0, Papers(), early) == ("next_import", "")

    sh.signed()
    asyncio.run(look())


def test_a_certificate_is_checked_where_no_installation_is(sh: Shell, tmp_path: Path) -> None:
    """In both languages, with the receipt and without; and one that was changed is one line."""
    sh.live()
    sh.done("persona", "retire", "lin", "--yes")

    async def take() -> tuple[bytes, bytes]:
        async with open_app(settings.load(None)) as app:
            done = await app.retiring.certificate("lin")
            assert done is not None
            receipts = app.services.vault.signing_key("receipts")
            raw = draft.draft(
                draft.Choices(owner="a:b", sources=("doc",), audiences=("a:*",)), app.services.clock.now()
            )
            other = receipt.make(
                "lin", raw, signing.sign(raw, KEY), signing.public_key(KEY), receipts, app.services.clock.now()
            )
            return msgspec.json.encode(proof.make(done, receipts)), msgspec.json.encode(other)

    certificate, others = (tmp_path / name for name in ("certificate.json", "receipt.json"))
    for path, content in zip((certificate, others), asyncio.run(take()), strict=True):
        path.write_bytes(content)
    said = sh.done("consent", "certificate", str(certificate))
    assert "The certificate holds" in said.out
    assert "add --receipt" in said.out
    assert sh("consent", "certificate", str(certificate), "--receipt", str(others)).refused("CERTIFICATE_INVALID")
    certificate.write_bytes(certificate.read_bytes().replace(b"retire", b"expire", 1))
    assert sh("consent", "certificate", str(certificate)).refused("CERTIFICATE_INVALID")
