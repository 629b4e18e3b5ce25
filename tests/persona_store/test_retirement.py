"""Erasure reaches everything, survives being cut off anywhere, and proves no more than is true."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from persona_store import audit, certificate
from persona_store.backends import open_store
from persona_store.certificate import Residual, SignedCertificate
from persona_store.clock import ManualClock
from persona_store.consent import signing
from persona_store.consent.book import ConsentBook
from persona_store.consent.draft import Choices, draft
from persona_store.errors import Conflict, Refused
from persona_store.evidence import EvidenceFile
from persona_store.library import Library
from persona_store.model import Passage, Persona
from persona_store.personas import Personas, transition
from persona_store.protocols import Batch, Put, Store
from persona_store.retirement import Request, Retirement
from persona_store.vault import Vault

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
REQUEST = Request("retire", START + timedelta(hours=1), START + timedelta(hours=1))
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
FIELDS = ("id", "text", "title", "url", "asked")
CANARIES = [f"canary-{number:02d}-{field}" for number in range(10) for field in FIELDS]
CHOICES = Choices(owner="slack:U1", sources=("doc",), audiences=("slack:*",), cooling_off_days=0)


class Installation:
    """A data folder with two personas in it, one of whom, `lin`, is to be erased."""

    def __init__(self, folder: Path, store: Store, clock: ManualClock) -> None:
        self.folder = folder
        self.store = store
        self.clock = clock
        self.vault = Vault.open(folder / "keys")
        self.personas = Personas(store)
        self.book = ConsentBook(store, clock)
        self.library = Library(self.evidence, self.vault)

    async def furnish(self) -> None:
        for name in ("lin", "lin-2"):
            persona = Persona(
                name, name.title(), "live", START, START, subject=f"slack:subject-of-{name}", owner="slack:U1",
                aliases=(f"alias-of-{name}",),
            )  # fmt: skip
            self.vault.create_key(name)
            raw = draft(CHOICES, START)
            await self.store.commit(await self.personas.create(persona))
            await self.store.commit(
                await self.book.add(name, raw, signing.sign(raw, PRIVATE), signing.public_key(PRIVATE))
            )
            await (await self.library.file(name)).add(passages(name))
            puts = tuple(Put(f"open/{name}/{n}", f"question-{n}-of-{name}".encode()) for n in range(1200))
            await self.store.commit(Batch(puts=puts))

    @property
    def evidence(self) -> Path:
        return self.folder / "evidence"

    async def silence(self, name: str = "lin") -> None:
        persona = await self.personas.get(name)
        assert persona is not None
        await self.store.commit(Batch(puts=(self.personas.put(transition(persona, "retire", START)),)))

    def retirement(self, *, store: Any = None, vault: Any = None, forget: Any = None) -> Retirement:
        return Retirement(
            store or self.store,
            vault or self.vault,
            self.clock,
            evidence=self.evidence,
            forget=forget or self.library.forget,
            prefixes=lambda name: (f"open/{name}/", f"rate/{name}/"),
        )

    async def everything(self) -> dict[str, bytes]:
        """All that is kept anywhere but under fresh random values: what two installations can be compared by."""
        kept = {key: value async for key, value in self.store.scan("")}
        signed = kept.pop("certificate/lin", None)
        if signed is not None:
            said = msgspec.json.decode(signed, type=SignedCertificate).certificate
            plain = replace(said, cert_id="", record_ids=(), key_ids_destroyed=(), subject_ref="")
            kept["certificate/lin"] = msgspec.json.encode(plain)
        files = {str(path.relative_to(self.folder)): b"" for path in self.folder.rglob("*.d*")}
        return {key: value for key, value in kept.items() if not key.startswith("consent/")} | files

    def found(self, words: list[str]) -> list[str]:
        """Which words stand anywhere in any file of the data folder, in clear."""
        content = [path.read_bytes() for path in self.folder.rglob("*") if path.is_file()]
        return [word for word in words if any(word.encode() in each for each in content)]


def passages(name: str) -> Iterator[Passage]:
    for number in range(10):
        mine = [f"{canary}-of-{name}" for canary in CANARIES if canary.startswith(f"canary-{number:02d}")]
        id, text, title, url, asked = mine
        yield Passage(
            id=id, source="doc", container="docs", container_name="docs", thread=id, author="slack:U0",
            author_name="Lin", by_subject=True, at=START, text=text, title=title, url=url, question=asked,
        )  # fmt: skip


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Installation]:
    clock = ManualClock(START)
    store = await open_store(f"sqlite://{tmp_path}/data/store.db", clock=clock)
    installation = Installation(tmp_path / "data", store, clock)
    await installation.furnish()
    clock.advance(7200)
    yield installation
    await installation.library.close()
    await store.close()


async def test_nothing_of_the_persona_is_left_in_any_file(place: Installation) -> None:
    """`erase_canary`: fifty canaries in every field of the evidence, and what the store held in clear."""
    clear = ['subject-of-lin"', 'alias-of-lin"', *(f"question-{n}-of-lin" for n in (0, 7, 1199))]
    others = ['subject-of-lin-2"', 'alias-of-lin-2"']
    place.vault.shred("lin-2")  # its questions spell lin's as well
    await place.store.commit(Batch(deletes=tuple([key async for key, _ in place.store.scan("open/lin-2/")])))
    kept = await (await place.library.file("lin")).all()
    assert {passage.text for passage in kept} < {f"{canary}-of-lin" for canary in CANARIES}
    assert place.found(clear + others) == clear + others
    await place.silence()
    await place.retirement().erase("lin", REQUEST)
    assert place.found([*(f"{canary}-of-lin" for canary in CANARIES), *clear]) == []
    assert place.found(others) == others
    assert [path.name for path in place.evidence.iterdir() if path.name.startswith("lin.")] == []
    assert [path.name for path in (place.folder / "keys").iterdir()] == ["kek"]


async def test_the_library_that_had_it_open_answers_nothing_more(place: Installation) -> None:
    """Nor does another process's, whose index of the evidence is still in memory."""
    other = Library(place.evidence, place.vault)
    for library in (place.library, other):
        assert (await library.search("lin", "canary-00-text-of-lin", readers=None)).evidence
    await place.silence()
    await place.retirement().erase("lin", REQUEST)
    for library in (place.library, other):
        with pytest.raises(Refused) as refused:
            await library.search("lin", "canary-00-text-of-lin", readers=None)
        assert refused.value.code == "KEY_GONE"
    assert [path for path in place.evidence.iterdir() if path.name.startswith("lin.")] == []


async def test_a_persona_whose_name_begins_alike_loses_nothing(place: Installation) -> None:
    await place.silence()
    await place.retirement().erase("lin", REQUEST)
    assert [p.text for p in await (await place.library.file("lin-2")).all()] == [p.text for p in passages("lin-2")]
    assert len([key async for key, _ in place.store.scan("open/lin-2/")]) == 1200
    assert await place.book.current("lin-2") is not None
    persona = await place.personas.get("lin-2")
    assert persona is not None
    assert persona.state == "live"


async def test_yesterdays_copy_of_the_evidence_is_noise(place: Installation, tmp_path: Path) -> None:
    """Restored beside a new key it is refused: the key that opened it exists nowhere any more."""
    for path in place.evidence.glob("lin.db*"):
        shutil.copy(path, tmp_path)
    await place.silence()
    await place.retirement().erase("lin", REQUEST)
    with pytest.raises(Refused) as gone:
        place.vault.key("lin")
    assert gone.value.code == "KEY_GONE"
    place.vault.create_key("lin")
    with pytest.raises(Refused) as wrong:
        EvidenceFile.open(tmp_path / "lin.db", place.vault.key("lin"))
    assert wrong.value.code == "KEY_WRONG"


async def test_the_tombstone_keeps_the_name_and_nothing_else(place: Installation) -> None:
    await place.silence()
    await place.retirement().erase("lin", REQUEST)
    assert await place.personas.get("lin") == Persona(
        "lin", "Lin", "erased", START, START + timedelta(hours=2), reason="retire"
    )
    with pytest.raises(Refused) as taken:
        await place.personas.create(Persona("lin", "New Lin", "draft", START, START))
    assert taken.value.code == "PERSONA_EXISTS"


async def test_the_certificate_says_what_was_there_and_what_is_left(place: Installation) -> None:
    history = await place.book.history("lin")
    key_id = place.vault.key_id("lin")
    await place.silence()
    posted = Residual("slack:C1", "3 answers could not be deleted", "the workspace's admin", "unknown")
    signed = await place.retirement().erase("lin", replace(REQUEST, residuals=(posted,)))
    said = certificate.verify(signed, place.vault.signing_key("certificates").public_key().public_bytes_raw())
    assert (said.persona, said.trigger, said.subject_ref) == ("lin", "retire", history[0].pii_principal_id)
    assert (said.requested_at, said.completed_at) == (START + timedelta(hours=1), START + timedelta(hours=2))
    assert said.record_ids == (history[0].record_id,)
    assert said.key_ids_destroyed == (key_id,)
    items = {item.store: item.items for item in said.inventory}
    assert items["key"] == 1
    assert items["evidence files"] >= 1
    assert items["store keys"] == 1200
    assert {residual.where for residual in said.residuals} == {"chats", "terminals", "backups", "disk", "slack:C1"}
    assert "the signed consent records" in {kept.what for kept in said.retained}


async def test_what_is_retained_ends_when_the_certificate_says_so(place: Installation) -> None:
    await place.silence()
    await place.retirement().erase("lin", REQUEST)
    assert await place.store.get("consent/lin/chain") is not None
    place.clock.advance(timedelta(days=3 * 365 + 2).total_seconds())
    await place.store.sweep()
    assert await place.store.get("consent/lin/chain") is None
    assert await place.store.get("certificate/lin") is None
    assert await place.store.get("persona/lin") is not None


async def test_a_changed_certificate_or_another_key_is_refused(place: Installation) -> None:
    await place.silence()
    signed = await place.retirement().erase("lin", REQUEST)
    public = signed.public_key
    for forged, key in (
        (replace(signed, raw=signed.raw.replace(b"retire", b"rehire")), public),
        (signed, bytes(32)),
        (replace(signed, signature=signing.sign(signed.raw, PRIVATE)), public),
    ):
        with pytest.raises(Refused) as refused:
            certificate.verify(forged, key)
        assert refused.value.code == "CERTIFICATE_INVALID"


async def test_the_erasure_is_in_the_audit_log_and_the_log_still_verifies(place: Installation) -> None:
    await place.silence()
    await place.retirement().erase("lin", REQUEST)
    key = place.vault.signing_key("checkpoints")
    await audit.checkpoint(place.store, key)
    assert (await audit.verify(place.store, key.public_key().public_bytes_raw())).ok
    last = [line.body async for line in place.store.log()][-1]
    assert b'"erased"' in last
    assert b"lin" in last


async def test_erasing_again_gives_the_same_certificate(place: Installation) -> None:
    await place.silence()
    first = await place.retirement().erase("lin", REQUEST)
    place.clock.advance(86_400)
    assert await place.retirement().erase("lin", replace(REQUEST, trigger="law")) == first


@pytest.mark.parametrize("state", ["draft", "live", "suspended"])
async def test_a_persona_that_was_not_silenced_is_not_erased(place: Installation, state: str) -> None:
    persona = await place.personas.get("lin")
    assert persona is not None
    await place.store.commit(Batch(puts=(place.personas.put(replace(persona, state=state)),)))
    with pytest.raises(Refused) as refused:
        await place.retirement().erase("lin", REQUEST)
    assert refused.value.code == "ILLEGAL_STATE"
    assert place.vault.has_key("lin")
    assert await (await place.library.file("lin")).count() == 10


async def test_a_prefix_that_is_not_the_personas_own_destroys_nothing(place: Installation) -> None:
    """`open/lin` without its end would take `open/lin-2/…` along."""
    await place.silence()
    for prefix in ("", "open/lin", "open/", "lin"):
        careless = Retirement(
            place.store, place.vault, place.clock, evidence=place.evidence, forget=place.library.forget,
            prefixes=lambda name, prefix=prefix: (prefix,),
        )  # fmt: skip
        with pytest.raises(ValueError, match="prefix"):
            await careless.erase("lin", REQUEST)
    assert len([key async for key, _ in place.store.scan("open/")]) == 2400
    assert place.vault.has_key("lin")


async def test_a_tampered_consent_record_is_no_excuse_to_keep_anything(place: Installation) -> None:
    await place.store.commit(Batch(puts=(Put("consent/lin/chain", b"{}"),)))
    await place.silence()
    signed = await place.retirement().erase("lin", REQUEST)
    assert signed.certificate.record_ids == ()
    assert not place.vault.has_key("lin")


async def test_something_added_meanwhile_is_noticed_and_erased_by_the_next_run(place: Installation) -> None:
    """An import still in flight writes after the files are gone: no certificate is given over its head."""

    async def forget_but_meanwhile(name: str) -> None:
        await place.library.forget(name)
        place.vault.create_key(name)

    await place.silence()
    with pytest.raises(Conflict, match="erase it again"):
        await place.retirement(forget=forget_but_meanwhile).erase("lin", REQUEST)
    assert await place.retirement().certificate("lin") is None
    await place.retirement().erase("lin", REQUEST)
    assert not place.vault.has_key("lin")


# ------------------------------------------------------------------ cut off anywhere


class Crash(BaseException):
    """The process dies: nothing catches this."""


class Fuse:
    """Dies right before or right after the n-th effect."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.passed = 0

    def burn(self) -> None:
        self.passed += 1
        if self.passed == self.at:
            raise Crash


class Fragile:
    """Passes everything on to the real thing, with a fuse on either side of each effect."""

    def __init__(self, real: Any, fuse: Fuse, effects: tuple[str, ...]) -> None:
        self._real, self._fuse, self._effects = real, fuse, effects

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._real, name)
        if name not in self._effects:
            return real

        def effect(*given: Any, **named: Any) -> Any:
            self._fuse.burn()
            result = real(*given, **named)
            self._fuse.burn()
            return result

        async def awaited(*given: Any, **named: Any) -> Any:
            self._fuse.burn()
            result = await real(*given, **named)
            self._fuse.burn()
            return result

        return effect if name == "shred" else awaited


async def interrupted(place: Installation, at: int) -> bool:
    """Whether an erasure dies at the n-th point; what it left is left as it is."""
    fuse = Fuse(at)
    retirement = place.retirement(
        store=Fragile(place.store, fuse, ("commit", "sweep")),
        vault=Fragile(place.vault, fuse, ("shred",)),
        forget=Fragile(place.library, fuse, ("forget",)).forget,
    )
    try:
        await retirement.erase("lin", REQUEST)
    except Crash:
        return True
    return False


async def test_an_erasure_cut_off_anywhere_ends_the_same_when_it_is_run_again(tmp_path: Path) -> None:
    """L12, §2C: a fault at each of N points, one, or two in a row, then a run: the same state and certificate."""
    ends: list[dict[str, bytes]] = []
    points = 0
    for at in range(1, 100):
        clock = ManualClock(START)
        store = await open_store(f"sqlite://{tmp_path}/{at}/data/store.db", clock=clock)
        place = Installation(tmp_path / str(at) / "data", store, clock)
        await place.furnish()
        await place.silence()
        died = await interrupted(place, at)
        await interrupted(place, 3)
        signed = await place.retirement().erase("lin", REQUEST)
        assert place.found([f"{canary}-of-lin" for canary in CANARIES]) == []
        assert signed.certificate.inventory[0].items == 1
        assert signed.certificate.inventory[2].items == 1200
        ends.append(await place.everything())
        await place.library.close()
        await store.close()
        if not died:
            break
        points = at
    assert points >= 12
    assert all(end == ends[-1] for end in ends)
