"""How a licence ends, and how it is known whose copy a text was."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from bots import settings
from bots.app import open_app
from persona_store.consent import signing
from persona_store.licensed import standing
from persona_store.protocols import Batch
from tests.bots.cli.licensed.acme import (
    ANSWER,
    QUESTION,
    RUNBOOK,
    At,
    address,
    ids,
    license_to,
    opened,
    packed,
    quoted,
    release,
)
from tests.bots.cli.shell import Shell


def revoke(sh: Shell, name: str = "revoked.txt", *, folder: str = "licence-globex") -> Path:
    key = sh.folder / ".config" / "understudy" / "subject-keys" / "lin.pem"
    licence = sh.folder / folder / "licence.json"
    sh.done("consent", "revoke-licence", str(licence), "--key", str(key), "--out", name, "--yes")
    return sh.folder / name


def test_t36_a_revocation_the_subject_signed_silences_and_erases_it_there(sh: Shell, at: At, moved: Any) -> None:
    at("home")  # the subject's own machine, long after
    text = revoke(sh).read_text()
    mail = sh.folder / "mail.txt"
    mail.write_text("Hello,\r\n\r\n" + "".join(f"> {line}\r\n" for line in text.splitlines()) + "Lin\r\n")
    at("globex")
    ended = sh.done("consent", "revoked", str(mail), "--json").json
    assert ended["trigger"] == "withdrawal"
    assert sh.done("persona", "show", "lin", "--json").json["state"] == "erased"
    assert not list((sh.folder / "globex" / "evidence").glob("lin.*"))
    assert sh("ask", "--persona", "lin", QUESTION).status == 2
    assert sh("consent", "revoked", str(mail)).refused("RETIRED")


def test_t36_a_revocation_by_anybody_else_ends_nothing(sh: Shell, at: At, moved: Any) -> None:
    sent = moved
    text = revoke(sh).read_text()
    stranger, now = signing.generate_key(), datetime.now(UTC)
    record = opened(sh, sent["file"]).licensed.record
    file = sh.folder / "forged.txt"
    for bad in (
        standing.made(record, "globex", "revoked", stranger, now, "by somebody else"),
        text.replace("-----BEGIN", "-----BEGUN"),
        text[: len(text) // 2],
        "",
    ):
        file.write_text(bad)
        assert sh("consent", "revoked", str(file)).refused("STANDING")
    assert ANSWER in quoted(sh)


async def unseen_for_a_day() -> None:
    """As it is when a day went by without a word from the address."""
    async with open_app(settings.load(None)) as app:
        personas = app.services.personas
        persona = await personas.get("lin")
        assert persona is not None
        assert persona.stands_until is not None
        before = persona.stands_until - timedelta(days=2)
        put = personas.put(msgspec.structs.replace(persona, stands_until=before))
        await app.services.store.commit(Batch(puts=(put,)))


def test_t36_where_nobody_can_see_that_it_stands_the_command_line_is_silent_too(sh: Shell, at: At, to: str) -> None:
    assert license_to(sh, "globex", "--told-at", "https://licence.invalid/lin.txt").status == 0
    assert (sh.folder / "licence-globex" / "standing.txt").exists()
    sent = packed(sh, to, *release(sh))
    at("globex")
    sh.done("import", "bundle", sent["file"], "--from", sent["signs"])
    sh.done("persona", "offer", "lin", "internal")
    sh.done("persona", "live", "lin")
    assert ANSWER in quoted(sh)
    looked = sh("consent", "standing", "lin", "--json")
    assert (looked.status, looked.json["standing"]) == (1, "unreached")
    asyncio.run(unseen_for_a_day())
    assert sh("ask", "--persona", "lin", QUESTION).refused("LICENCE_UNCHECKED")
    sh.done("persona", "pause", "lin")
    assert sh("persona", "resume", "lin").refused("LICENCE_UNCHECKED")


def test_a_licence_that_was_revoked_is_packed_no_more(sh: Shell, at: At, moved: Any) -> None:
    at("acme")
    revoke(sh)
    words = ("--org", "globex", "--to", address(sh))
    assert sh("export", "licensed", "lin", "x.age", *words).refused("LICENCE_MISSING")
    assert sh("consent", "licence", "lin", "--signed", "licence-globex/licence.json").refused("LICENCE_RECORD")
    assert sh("export", "licensed", "lin", "x.age", *words).refused("LICENCE_MISSING")


def test_t36_it_ends_the_copy_that_never_got_the_amendment(sh: Shell, at: At, moved: Any) -> None:
    at("acme")
    assert license_to(sh, "globex", "--days", "30", name="amended").status == 0
    revoked = revoke(sh, folder="amended")
    at("globex")
    sh.done("consent", "revoked", str(revoked))
    assert sh.done("persona", "show", "lin", "--json").json["state"] == "erased"


def test_what_was_licensed_anew_is_not_ended_by_the_old_revocation(sh: Shell, at: At, moved: Any) -> None:
    at("acme")
    old = revoke(sh)
    assert license_to(sh, "globex", name="licence-anew").status == 0
    sent = packed(sh, address(sh, "globex"), *release(sh), name="anew.age")
    at("globex")
    sh.done("import", "bundle", sent["file"], "--from", sent["signs"], "--as", "lin-anew")
    sh.done("consent", "revoked", str(old))  # the copy that runs by the first record
    assert sh.done("persona", "show", "lin", "--json").json["state"] == "erased"
    assert sh.done("persona", "show", "lin-anew", "--json").json["state"] == "draft"
    assert sh("consent", "revoked", str(old)).refused("RETIRED")


def test_the_subject_amends_a_licence_where_it_is_in_force(sh: Shell, at: At, moved: Any) -> None:
    at("acme")
    words = ("--chats", "slack:C9", "--days", "30")
    assert license_to(sh, "globex", *words, name="amended").status == 0
    at("globex")
    sh.done("consent", "licence", "lin", "--signed", "amended/licence.json")
    shown = sh.done("consent", "show", "lin", "--json").json
    assert (shown["event"]["type"], shown["audiences"][0]["chat"]) == ("amended", "C9")
    assert ANSWER in quoted(sh)


def test_the_employers_copy_ends_and_the_licensed_one_lives_by_its_own_record(
    sh: Shell, at: At, moved: Any
) -> None:
    at("acme")
    assert "globex" in sh.done("consent", "show", "lin").out
    ended = sh.done("consent", "withdraw", "lin", "--yes", "--json")
    assert "goes on by its own record" in ended.err  # they are told what this does not end
    certificate = ended.json
    assert [each["where"] for each in certificate["residuals"] if "globex" in each["why"]] == ["licensed copy"]
    assert not [key for key in (sh.folder / "acme" / "evidence").glob("lin.*")]
    at("globex")
    assert ANSWER in quoted(sh)


def test_what_leaked_tells_whose_copy_it_was_also_after_the_persona_is_gone(sh: Shell, at: At, to: str) -> None:
    assert license_to(sh).status == 0
    assert license_to(sh, "initech").status == 0
    sent = packed(sh, to, *release(sh))
    other = packed(sh, to, *release(sh), org="initech", name="other.age")
    assert sent["phrase"] != other["phrase"]
    sh.done("consent", "withdraw", "lin", "--yes")
    for name, text, by in (
        (
            "phrase.txt",
            "…so they wrote:\n> " + sent["phrase"].replace(" ", "\n> ").replace("\n> ", "\n", 2),
            "phrase",
        ),
        ("ids.txt", ids(sh, sent)[0], "tag"),
    ):
        (sh.folder / name).write_text(text)
        [found] = sh.done("export", "traced", name, "--json").json
        assert (found["organisation"], found["pack"], found["by"]) == ("globex", sent["pack"], by)
    (sh.folder / "nothing.txt").write_text(RUNBOOK)
    assert sh("export", "traced", "nothing.txt", "--json").status == 1


def test_the_phrase_is_never_an_answer(sh: Shell, at: At, moved: Any) -> None:
    sent = moved
    told = sh.done("ask", "--persona", "lin", sent["phrase"]).out
    assert sent["phrase"] not in told
    assert sent["phrase"] not in sh.done("persona", "facets", "lin", "--json").out
