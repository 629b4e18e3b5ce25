"""A licence that was given on the subject's own page is ended there, and what that leaves on it."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import msgspec
import pytest

from bots.licensed import records
from bots.operator import found
from persona_store import jws
from persona_store.consent import draft, licensing, parsing, receipt, signing
from persona_store.consent.draft import digest
from persona_store.licensed import standing
from persona_store.protocols import Batch
from tests.bots.subject.licensing import TOLD_AT, at_home, laid, licensed, revoked, wishes
from tests.bots.subject.stage import visiting
from tests.scenarios.world import KEY, World

PUBLIC = signing.public_key(KEY)


async def test_t36_a_licence_is_ended_by_one_signature(w: World) -> None:
    """The text ends it wherever it is taken in, and stays on the page: a lost download is no lost right."""
    async with visiting(w) as lin:
        await at_home(w, lin)
        await laid(w)
        taken = await licensed(lin, TOLD_AT)
        mine = records.read(taken["files"][0]["text"].encode())
        done = await revoked(lin)
        assert (done["addresses"], done["contact"]) == ([TOLD_AT], "dpo@globex.example")
        [file] = done["files"]
        assert file["name"] == "licence-globex-revoked.txt"
        names = {digest(mine.raw): mine.consent.event.time}
        assert standing.read(file["text"], PUBLIC, names).standing == "revoked"
        assert "consent revoked FILE" in file["text"]
        assert await records.organisations(w.app.services, "lin") == []
        told = await lin.do("licences")
        assert told["given"] == []
        assert [(each["org"], each["contact"]) for each in told["ended"]] == [("globex", "dpo@globex.example")]
        assert await lin.do("licence_files", org="globex") == [file]
        _, raw = await lin.raw("export")
        archive = zipfile.ZipFile(io.BytesIO(raw))
        assert archive.read("licences/globex.revoked.txt").decode() == file["text"]
        assert await lin.refused("revoke_draft", org="globex") == "LICENCE_MISSING"
    *_, last, _ = [msgspec.json.decode(entry.body) async for entry in w.app.services.store.log()]
    assert (last["action"], last["decision"]) == ("licence.revoked", "globex")


async def test_nobody_else_ends_it(w: World) -> None:
    async with visiting(w) as lin:
        await at_home(w, lin)
        await laid(w)
        await licensed(lin)
        shown = await lin.do("revoke_draft", org="globex")
        other = signing.generate_key()
        signatures = [jws.sign(shown["statements"][0].encode(), other, standing.TYP)]
        theirs = receipt.encoded(signing.public_key(other))
        words = {"org": "globex", "public_key": lin.public}
        assert await lin.refused("revoke", **words | {"public_key": theirs}, signatures=signatures) == "LICENCE_KEY"
        assert await lin.refused("revoke", **words, signatures=signatures) == "STANDING"
        assert await lin.refused("revoke", **words) == "STANDING"
        assert await records.organisations(w.app.services, "lin") == ["globex"]


async def test_a_revocation_that_would_end_nothing_is_not_taken_for_one(w: World) -> None:
    """The licence was amended after it was drafted: the other side would take no notice of it."""
    async with visiting(w) as lin:
        await at_home(w, lin)
        await laid(w)
        await licensed(lin)
        shown = await lin.do("revoke_draft", org="globex")
        w.clock.advance(60)
        await laid(w, days=30)
        await licensed(lin, days=30)
        signatures = [jws.sign(shown["statements"][0].encode(), lin.key, standing.TYP)]
        words = {"org": "globex", "signatures": signatures, "public_key": lin.public}
        assert await lin.refused("revoke", **words) == "STANDING"
        await revoked(lin)


async def test_t36_it_ends_the_copy_that_never_got_the_last_amendment(w: World) -> None:
    """Each record is named: they run by whichever they took in."""
    async with visiting(w) as lin:
        await at_home(w, lin)
        await laid(w)
        await licensed(lin)
        w.clock.advance(60)
        await laid(w, days=30)
        await licensed(lin, days=30)
        chain = await records.of(w.app.services, "lin", "globex")
        assert chain is not None
        first, second = [(digest(each.raw), parsing.parse(each.raw).event.time) for each in chain.records]
        [file] = (await revoked(lin))["files"]
        for there in (dict([first]), dict([second]), {first[0]: second[1], second[0]: first[1]}):
            assert standing.read(file["text"], PUBLIC, there).standing == "revoked"


async def test_what_is_amended_in_that_very_moment_is_not_ended_unread(
    w: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would be gone here, and the text would name a record they may not have."""
    end, services = records.revoked, w.app.services
    async with visiting(w) as lin:
        await at_home(w, lin)
        await laid(w)
        await licensed(lin)

        async def meanwhile(*args: Any) -> Batch:
            monkeypatch.undo()
            w.clock.advance(60)
            await laid(w, days=30)
            await licensed(lin, days=30)
            return await end(*args)

        monkeypatch.setattr(records, "revoked", meanwhile)
        draft = await lin.do("revoke_draft", org="globex")
        signatures = [jws.sign(each.encode(), lin.key, standing.TYP) for each in draft["statements"]]
        words = {"org": "globex", "signatures": signatures, "public_key": lin.public}
        assert (await lin.raw("revoke", **words))[0] == 409
        held = await records.of(services, "lin", "globex")
        assert held is not None
        assert len(held.records) == 2


async def test_after_the_end_a_new_licence_begins_anew(w: World) -> None:
    async with visiting(w) as lin:
        await at_home(w, lin)
        await laid(w)
        await licensed(lin)
        [file] = (await revoked(lin))["files"]
        w.clock.advance(60)
        await laid(w)
        taken = await licensed(lin)
        assert records.read(taken["files"][0]["text"].encode()).consent.prev_record is None
        told = await lin.do("licences")
        assert (len(told["given"]), told["ended"]) == (1, [])
        assert file not in taken["files"]


async def test_the_page_tells_what_stands_also_where_the_command_line_was_used(w: World) -> None:
    """Ended there, nothing is left that says it stands; given anew there, nothing that says it ended."""
    services = w.app.services
    async with visiting(w) as lin:
        await at_home(w, lin)
        await laid(w)
        await licensed(lin, TOLD_AT)
        await services.store.commit(await records.revoked(services, "lin", "globex", "operator:cli"))
        told = await lin.do("licences")
        assert (told["given"], told["ended"]) == ([], [])
        assert (await lin.raw("licence_files", org="globex"))[0] == 404
        _, archive = await lin.raw("export")
        names = zipfile.ZipFile(io.BytesIO(archive)).namelist()
        assert not [each for each in names if each.startswith("licences/")]
        await laid(w)
        await licensed(lin)
        await revoked(lin)
        raw = draft.draft(licensing.choices(wishes(), "globex"), w.clock.now())
        persona = await found(w.app, "lin")
        kept = await records.keep(services, persona, "globex", raw, signing.sign(raw, KEY), PUBLIC)
        await services.store.commit(kept)
        told = await lin.do("licences")
        assert ([each["org"] for each in told["given"]], told["ended"]) == (["globex"], [])
        assert [file["name"] for file in await lin.do("licence_files", org="globex")] == [
            "licence-globex.json",
            "licence-globex-receipt.json",
        ]
