"""A licensed persona at the other organisation: what crosses, and what never does."""

from __future__ import annotations

import asyncio
import hashlib
import re
import zlib
from typing import Any

import msgspec
import pytest

from bots import settings
from bots.app import open_app
from persona_store import bundle
from persona_store.consent import notice
from persona_store.envelope import Identity
from persona_store.protocols import Batch
from tests.bots.cli.licensed.acme import (
    ANSWER,
    CANARIES,
    QUESTION,
    At,
    address,
    everything,
    forged,
    license_to,
    opened,
    packed,
    quoted,
    read,
    release,
    unsealed,
)
from tests.bots.cli.shell import Shell
from tests.persona_store.passages import passage


async def dares() -> None:
    """How sure it is of three passages is not what is looked at here."""
    async with open_app(settings.load(None)) as app:
        persona = await app.services.personas.get("lin")
        assert persona is not None
        rules = msgspec.structs.replace(persona.rules, risk_budget=0.9)
        put = app.services.personas.put(msgspec.structs.replace(persona, rules=rules))
        await app.services.store.commit(Batch(puts=(put,)))


def test_a_licensed_persona_answers_at_the_other_organisation_with_label_and_evidence(
    sh: Shell, at: At, moved: Any
) -> None:
    asyncio.run(dares())
    told = sh.done("ask", "--persona", "lin", QUESTION).out
    assert told.startswith("[AI-generated")
    assert ANSWER in told
    assert "runbook" not in told  # what the file was called stays where it stood
    [quote] = sh.done("ask", "--persona", "lin", QUESTION, "--json").json["quotes"]
    assert (quote["author"], quote["place"], quote["url"]) == ("lin", "Payments", "")
    shown = sh.done("persona", "show", "lin", "--json").json
    assert (shown["owner"], shown["subject"], shown["chats"]) == ("slack:W0GIL", "", ["slack:*"])


def test_nothing_of_the_first_organisation_is_in_the_pack_or_on_the_others_disk(
    sh: Shell, at: At, moved: Any
) -> None:
    """Neither as bytes nor in what the keys open: and the search does find what is there."""
    sent = moved
    pack = zlib.decompress(Identity.kept_in(sh.folder / "globex/keys/receiving.age").open(read(sent["file"])), 31)
    disk = everything(sh.folder / "globex")
    clear = unsealed(sh, "globex").encode()
    assert ANSWER.encode() in pack
    assert ANSWER.encode() in clear
    for canary in map(str.encode, CANARIES):
        assert canary not in pack
        assert canary not in disk
        assert canary not in clear
    at("acme")
    here = unsealed(sh, "acme")
    assert all(canary in here for canary in ("zanzibar-4711", "Bob Hart", "U0BOB", "U0LIN"))


def test_a_colleague_has_another_name_there(sh: Shell, at: At, moved: Any) -> None:
    sent = moved
    lines = [line.passage.text for line in opened(sh, sent["file"]).lines() if isinstance(line, bundle.Told)]
    [text] = [text for text in lines if "Never retry" in text]
    assert re.search(r"Ask colleague-[0-9a-f]{4} before", text)


def test_p3_a_chat_is_never_licensed_and_what_stays_is_counted(sh: Shell, at: At, to: str) -> None:
    refused = license_to(sh, sources="slack-export,documents")
    assert refused.refused("ORIGIN_NOT_LICENSABLE")
    assert not (sh.folder / "licence-globex").exists()
    assert license_to(sh).status == 0
    sent = packed(sh, to, *release(sh))
    assert sent["left"] == {"ORIGIN_NOT_LICENSABLE": 2}  # what Lin said in the chat, and what Bob did
    assert sent["passages"] == 3
    words = ("--org", "globex", "--to", to, *release(sh))
    told = sh.done("export", "licensed", "lin", str(sh.folder / "again.age"), *words).out
    assert "2 × ORIGIN_NOT_LICENSABLE" in told


@pytest.mark.parametrize("source", ["slack_export", "feishu_api", "wechat_export", "correction", "screenshot"])
def test_p3_one_chunk_of_a_chat_and_the_pack_is_not_taken(sh: Shell, at: At, source: str, sent: Any) -> None:
    chunk = passage("m1", "Restart it there.", source=source, by_subject=True, author="")
    at("globex")
    taken = sh("import", "bundle", forged(sh, sent, bundle.Told(chunk)), "--from", sent["signs"])
    assert taken.refused("ORIGIN_NOT_LICENSABLE")
    assert sh.done("persona", "list", "--json").json == []


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (bundle.Told(passage("m1", "x", source="mail", by_subject=False, author="")), "CONSENT_SOURCE"),
        (bundle.Told(passage("m1", "x", source="doc", by_subject=False, author="")), "CONSENT_AUTHOR"),
        (bundle.Told(passage("m1", "x", source="doc", by_subject=True, author="slack:U0LIN")), "PACK_MIXED"),
        (
            bundle.Told(passage("m1", "x", source="doc", by_subject=True, author="", url="https://acme")),
            "PACK_MIXED",
        ),
        (bundle.Told(passage("m1", "x", source="slack_export", facet="marker")), "PACK_MIXED"),
        (bundle.Withheld("0" * 32), "PACK_MIXED"),
    ],
)
def test_what_does_not_belong_in_a_pack_ends_the_whole_of_it(
    sh: Shell, at: At, line: bundle.Line, code: str, sent: Any
) -> None:
    at("globex")
    assert sh("import", "bundle", forged(sh, sent, line), "--from", sent["signs"]).refused(code)
    assert sh.done("persona", "list", "--json").json == []


def test_documents_leave_only_with_the_controllers_written_release(sh: Shell, at: At, to: str) -> None:
    assert license_to(sh).status == 0
    without = packed(sh, to)
    assert without["left"] == {"ORIGIN_NOT_LICENSABLE": 2, "ORIGIN_NOT_RELEASED": 2}
    assert without["passages"] == 1
    released = packed(sh, to, *release(sh), name="released.age")
    hash = hashlib.sha256((sh.folder / "release.pdf").read_bytes()).hexdigest()
    assert released["release"] == f"sha256:{hash}"
    assert opened(sh, released["file"]).licensed.release == f"sha256:{hash}"
    assert hash.encode() in everything(sh.folder / "acme")  # in the log, which is kept in clear
    at("globex")
    forgery = forged(sh, released, release="")
    assert sh("import", "bundle", forgery, "--from", released["signs"]).refused("ORIGIN_NOT_RELEASED")


def test_both_records_have_to_allow_what_goes(sh: Shell, at: At, to: str) -> None:
    """The employer holds it under the one, and it goes under the other."""
    assert license_to(sh, "globex", "--exclude", "partner file").status == 0
    words = ("--sources", "slack-export,documents,interview", "--cooling-off", "0", "--yes", "--exclude", "refund")
    sh.done("consent", "sign", "lin", *words)
    sent = packed(sh, to, *release(sh))
    assert sent["left"] == {"ORIGIN_NOT_LICENSABLE": 2, "CONSENT_EXCLUDED": 2}
    assert sent["passages"] == 1


def test_where_nothing_may_go_no_file_is_written(sh: Shell, at: At, to: str) -> None:
    assert license_to(sh, sources="mail").status == 0
    words = ("--org", "globex", "--to", to, *release(sh))
    assert sh("export", "licensed", "lin", "x.age", *words).refused("PACK_EMPTY")
    assert not (sh.folder / "x.age").exists()


def test_a_later_pack_brings_what_is_new_and_takes_what_was_taken_back(sh: Shell, at: At, moved: Any) -> None:
    sh.done("persona", "distil", "lin")
    [pitfall] = sh.done("persona", "facets", "lin", "--aspect", "pitfall", "--json").json["facets"]
    sh.done("persona", "strike", "lin", pitfall["id"])
    at("acme")
    (sh.folder / "acme-internal" / "more.md").write_text(
        "# Alarms\n\nThe ledger alarm is silenced for 20 minutes.\n"
    )
    sh.done("import", "documents", str(sh.folder / "acme-internal"), "--persona", "lin")
    sh.done("withhold", "lin", "--item", "runbook.md#1", "--yes")
    later = packed(sh, address(sh, "globex"), *release(sh), name="later.age")
    at("globex")
    taken = sh.done("import", "bundle", later["file"], "--from", later["signs"], "--json").json
    assert taken["passages"] == 2
    assert "20 minutes" in quoted(sh, "For how long is the ledger alarm silenced?")
    assert ANSWER not in quoted(sh)
    assert sh.done("persona", "facets", "lin", "--aspect", "pitfall", "--json").json["facets"] == []
    assert "Never retry" not in unsealed(sh, "globex")
    assert moved["phrase"] not in unsealed(sh, "globex")
    assert later["phrase"] in unsealed(sh, "globex")


def test_p3_a_later_pack_is_looked_at_like_the_first(sh: Shell, at: At, moved: Any) -> None:
    before = sh.done("persona", "show", "lin", "--json").json["passages"]
    chunk = passage("m1", "Restart it there.", source="slack_export", by_subject=True, author="")
    file = forged(sh, moved, bundle.Told(chunk))
    assert sh("import", "bundle", file, "--from", moved["signs"]).refused("ORIGIN_NOT_LICENSABLE")
    assert sh.done("persona", "show", "lin", "--json").json["passages"] == before


def test_a_licence_that_was_amended_comes_with_the_next_pack_and_the_log_has_it(
    sh: Shell, at: At, moved: Any
) -> None:
    at("acme")
    assert license_to(sh, "globex", "--chats", "slack:C9", name="amended").status == 0
    later = packed(sh, address(sh, "globex"), *release(sh), name="later.age")
    at("globex")
    before = everything(sh.folder / "globex").count(b"consent.amended")
    sh.done("import", "bundle", later["file"], "--from", later["signs"])
    shown = sh.done("consent", "show", "lin", "--json").json
    assert (shown["event"]["type"], shown["audiences"][0]["chat"]) == ("amended", "C9")
    assert everything(sh.folder / "globex").count(b"consent.amended") > before


def test_l02_under_another_notice_nothing_of_a_later_pack_is_taken_in(
    sh: Shell, at: At, moved: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    at("acme")
    (sh.folder / "acme-internal" / "more.md").write_text("# Alarms\n\nThe alarm is silenced for 20 minutes.\n")
    sh.done("import", "documents", str(sh.folder / "acme-internal"), "--persona", "lin")
    later = packed(sh, address(sh, "globex"), *release(sh), name="later.age")
    at("globex")
    before = sh.done("persona", "show", "lin", "--json").json["passages"]
    kept = notice.text
    monkeypatch.setattr(notice, "text", lambda language, version="": kept(language) + b"\n")
    assert sh("import", "bundle", later["file"], "--from", later["signs"]).refused("NOTICE_CHANGED")
    assert sh.done("persona", "show", "lin", "--json").json["passages"] == before


def test_a_pack_does_not_come_over_a_persona_that_runs_by_something_else(sh: Shell, at: At, sent: Any) -> None:
    words = ("import", "bundle", sent["file"], "--from", sent["signs"])
    sh.draft("lin")
    assert sh(*words).refused("PERSONA_EXISTS")
    sh.done("consent", "sign", "lin", "--sources", "documents", "--cooling-off", "0", "--yes", "--key", "other.pem")
    assert sh(*words).refused("PERSONA_EXISTS")
    assert sh.done("persona", "show", "lin", "--json").json["passages"] == 0
    sh.done("import", "bundle", sent["file"], "--from", sent["signs"], "--as", "lin-of-acme")
