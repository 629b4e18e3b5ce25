"""The library: always what the file holds now, whoever changed it; and gone when it is to be gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from persona_store.clock import ManualClock
from persona_store.consent.book import ConsentBook
from persona_store.errors import Refused
from persona_store.library import Library
from persona_store.meaning import Meaning
from persona_store.vault import Vault
from persona_store.vectors import pack
from tests.persona_store.passages import START, correction, passage
from tests.platforms.embeddings import vector_of

CANARY = "kanarienvogel"


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    vault = Vault.open(tmp_path / "keys")
    vault.create_key("lin")
    return vault


@pytest.fixture
async def library(tmp_path: Path, vault: Vault) -> AsyncIterator[Library]:
    library = Library(tmp_path / "evidence", vault)
    yield library
    await library.close()


async def found(library: Library, text: str) -> tuple[str, ...]:
    return (await library.search("lin", text, readers=None)).ranked_ids


async def test_what_is_added_is_found_and_what_is_removed_is_not(library: Library) -> None:
    file = await library.file("lin")
    await file.add([passage("a", f"the {CANARY} sings"), passage("b", "another thing")])
    assert await found(library, CANARY) == ("a",)
    await file.remove(["a"])
    assert await found(library, CANARY) == ()
    assert await found(library, "another thing") == ("b",)


async def test_a_change_by_another_process_is_seen_at_the_next_question(
    library: Library, tmp_path: Path, vault: Vault
) -> None:
    """An import runs beside the bot: what it adds, changes and removes counts at once."""
    await (await library.file("lin")).add([passage("a", "the first canary"), passage("b", "old words")])
    assert await found(library, "canary") == ("a",)
    other = Library(tmp_path / "evidence", vault)
    file = await other.file("lin")
    await file.remove(["a"])
    await file.add([passage("b", "a second canary"), correction("c", "what is a canary?", "a bird")])
    assert set(await found(library, "what is a canary")) == {"b", "c"}
    assert await found(library, "old words") == ()
    await other.close()


async def test_nothing_readable_is_on_disk_while_running_and_after_removal(
    library: Library, tmp_path: Path
) -> None:
    """Not even the index touches the disk: every byte of the folder is scanned."""
    file = await library.file("lin")
    await file.add([passage(CANARY, CANARY, author_name=CANARY)])
    assert await found(library, CANARY) == (CANARY,)
    await library.topics("lin", None, 5)
    assert CANARY.encode() not in raw(tmp_path)
    await file.remove([CANARY])
    assert CANARY.encode() not in raw(tmp_path)


def raw(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


async def test_forgetting_leaves_no_file_and_no_memory(library: Library, tmp_path: Path, vault: Vault) -> None:
    await (await library.file("lin")).add([passage("a", CANARY)])
    assert await found(library, CANARY) == ("a",)
    await library.forget("lin")
    assert list((tmp_path / "evidence").iterdir()) == []
    assert await found(library, CANARY) == ()
    await library.forget("lin")


async def test_a_shredded_key_ends_every_process(library: Library, vault: Vault) -> None:
    """The index is in memory already; still, without the key nothing is answered."""
    await (await library.file("lin")).add([passage("a", CANARY)])
    assert await found(library, CANARY) == ("a",)
    vault.shred("lin")
    with pytest.raises(Refused, match="KEY_GONE"):
        await found(library, CANARY)
    with pytest.raises(Refused, match="KEY_GONE"):
        await library.file("lin")


async def test_personas_do_not_see_each_other(library: Library, vault: Vault) -> None:
    vault.create_key("bo")
    await (await library.file("lin")).add([passage("a", CANARY)])
    await (await library.file("bo")).add([passage("b", "something else")])
    assert (await library.search("bo", CANARY, readers=None)).evidence == ()


async def test_a_name_cannot_climb_out_of_the_folder(library: Library) -> None:
    with pytest.raises(Refused):
        await library.file("../lin")


async def test_many_questions_at_once_while_passages_come_in(library: Library) -> None:
    file = await library.file("lin")

    async def write() -> None:
        for n in range(30):
            await file.add([passage(f"m{n}", f"canary number {n}")])

    async def read() -> None:
        for _ in range(30):
            await found(library, "canary")

    await asyncio.gather(write(), read(), read())
    assert len(await found(library, "canary number")) == 20
    assert len({p.id for p in await file.all()}) == 30


# ------------------------------------------------------------------ by what they mean


class Tiny:
    """An embedder of this process, with the tiny model of the local server."""

    name, recipient, private, measured = "tiny", "", True, False

    async def embed(self, texts: Sequence[str], *, question: bool) -> list[Sequence[float]]:
        return [vector_of(text) for text in texts]


class Agreed(Meaning):
    """Whose consent it is, is not what this is about (tests/bots/embedding/test_making.py)."""

    async def _is_named(self, persona: str) -> bool:
        return True


async def meaning() -> Meaning:
    clock = ManualClock(START)
    made = Agreed(Tiny(), ConsentBook(None, clock), clock)  # type: ignore[arg-type]  # nobody asks its store
    assert await made.ready()
    return made


async def embedded(library: Library, meaning: Meaning, count: int = 1000) -> None:
    found = await library.unmeant("lin")
    assert found is not None
    vectors = await meaning.of_passages(found[1][:count])
    await found[0].keep((p, pack(v)) for p, v in zip(found[1][:count], vectors, strict=True))


async def compared(library: Library) -> bool:
    """Whether vectors are, for a question in another language."""
    return "meaning" in (await library.search("lin", "支付多久重试", readers=None)).signals


RETRY, OTHER = passage("a", "the payment retry job"), passage("b", "lunch is in the kitchen")


async def test_what_another_process_embedded_is_found_by_its_meaning(tmp_path: Path, vault: Vault) -> None:
    made = await meaning()
    library, other = (Library(tmp_path / "evidence", vault, made) for _ in range(2))
    await (await library.file("lin")).add([RETRY, OTHER])
    assert not await compared(library)
    await embedded(other, made)
    assert (await found(library, "支付多久重试"))[:1] == ("a",)
    await (await other.file("lin")).add([passage("a", "the canteen closes at two")])
    assert "a" not in (await found(library, "支付多久重试"))[:1]
    for each in (library, other):
        await each.close()


async def test_while_most_have_no_vector_words_alone_are_compared(tmp_path: Path, vault: Vault) -> None:
    """It would find what happens to have one, and not what is right."""
    made = await meaning()
    library = Library(tmp_path / "evidence", vault, made)
    await (await library.file("lin")).add([RETRY, *(passage(f"x{n}", f"kitchen number {n}") for n in range(20))])
    await embedded(library, made, 15)
    assert not await compared(library)
    await embedded(library, made)
    assert await compared(library)
    assert (await found(library, "支付多久重试"))[:1] == ("a",)
    await library.close()


async def test_only_what_could_be_quoted_gets_a_vector(tmp_path: Path, vault: Vault) -> None:
    made = await meaning()
    library = Library(tmp_path / "evidence", vault, made)
    await (await library.file("lin")).add([RETRY, passage("q", "what is for lunch?", own=False)])
    wanting = await library.unmeant("lin")
    assert wanting is not None
    assert [each.id for each in wanting[1]] == ["a"]
    await library.close()
