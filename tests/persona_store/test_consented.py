"""What is stored and what may be used are two things: the retriever asks consent each time."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec import structs

from persona_store.backends import open_store
from persona_store.clock import ManualClock
from persona_store.consent import draft, signing
from persona_store.consent.book import ConsentBook
from persona_store.consented import ConsentedRetriever
from persona_store.errors import Refused
from persona_store.model import Evidence, Findings, Passage

NOW = datetime(2026, 6, 2, tzinfo=UTC)
KEY = signing.generate_key()
PASSAGE = Passage(
    "p", "slack_export", "C1", "general", "t", "slack:U1", "Lin", True, NOW - timedelta(days=9), "retry thrice"
)


class Fixed:
    def __init__(self, *passages: Passage) -> None:
        self.passages = passages
        self.asked = 0

    async def search(self, persona: str, text: str, **_: object) -> Findings:
        self.asked += 1
        return Findings(tuple(Evidence(p, 1.0) for p in self.passages), {}, tuple(p.id for p in self.passages))


async def consented(tmp_path: Path, inner: Fixed, *, exclude: tuple[str, ...] = (), signed: bool = True):  # type: ignore[no-untyped-def]  # a test's helper
    clock = ManualClock(NOW)
    store = await open_store(f"sqlite:///{tmp_path}/s.db", clock=clock)
    book = ConsentBook(store, clock)
    if signed:
        choices = draft.Choices(
            owner="slack:U2",
            sources=("slack_export",),
            audiences=("slack:*",),
            cooling_off_days=0,
            excluded_keywords=exclude,
        )
        raw = draft.draft(choices, NOW)
        await store.commit(await book.add("lin", raw, signing.sign(raw, KEY), signing.public_key(KEY)))
    return ConsentedRetriever(inner, book, clock), book, store


async def test_without_a_record_nothing_is_even_looked_for(tmp_path: Path) -> None:
    inner = Fixed(PASSAGE)
    retriever, _, _ = await consented(tmp_path, inner, signed=False)
    with pytest.raises(Refused, match="CONSENT_MISSING"):
        await retriever.search("lin", "retry", readers=None)
    assert inner.asked == 0


async def test_what_is_about_the_person_needs_its_own_yes(tmp_path: Path) -> None:
    """A description of somebody's style that was kept under another record is not read under this one."""
    style = structs.replace(PASSAGE, id="s", facet="communication_style")
    retriever, _, _ = await consented(tmp_path, Fixed(PASSAGE, style))
    found = await retriever.search("lin", "retry", readers=None)
    assert [each.passage.id for each in found.evidence] == ["p"]


async def test_a_withdrawn_record_reads_nothing(tmp_path: Path) -> None:
    inner = Fixed(PASSAGE)
    retriever, book, store = await consented(tmp_path, inner)
    await store.commit(await book.withdraw("lin", "slack:U1", NOW))
    with pytest.raises(Refused, match="CONSENT_WITHDRAWN"):
        await retriever.search("lin", "retry", readers=None)


async def test_what_consent_covers_is_found(tmp_path: Path) -> None:
    retriever, _, _ = await consented(tmp_path, Fixed(PASSAGE))
    assert [e.passage.id for e in (await retriever.search("lin", "retry", readers=None)).evidence] == ["p"]


async def test_a_word_excluded_after_the_import_takes_the_passage_out(tmp_path: Path) -> None:
    retriever, _, _ = await consented(tmp_path, Fixed(PASSAGE), exclude=("thrice",))
    found = await retriever.search("lin", "retry", readers=None)
    assert (found.evidence, found.ranked_ids) == ((), ())


async def test_an_uncovered_passage_behind_a_covered_one_is_left_out(tmp_path: Path) -> None:
    other = structs.replace(PASSAGE, id="m", source="mail")
    retriever, _, _ = await consented(tmp_path, Fixed(PASSAGE, other))
    assert [e.passage.id for e in (await retriever.search("lin", "retry", readers=None)).evidence] == ["p"]


async def test_an_owners_answer_to_a_private_question_is_covered_by_learning(tmp_path: Path) -> None:
    taught = structs.replace(PASSAGE, id="c", source="correction", by_subject=False, readers=("slack:U1",), at=NOW)
    retriever, _, _ = await consented(tmp_path, Fixed(taught))
    assert (await retriever.search("lin", "retry", readers=None)).evidence
