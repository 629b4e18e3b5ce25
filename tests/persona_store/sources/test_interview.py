"""Answers of the interview as Documents."""

from __future__ import annotations

from datetime import UTC, datetime

from persona_store.sources.interview import LONGEST, Given, Interview
from persona_store.splitting import passages

NOW = datetime(2026, 6, 2, tzinfo=UTC)


async def test_an_answer_is_the_subjects_own_and_knows_what_was_asked() -> None:
    source = Interview([Given("q1", "Where is the log?", "In /var/log/pay.", NOW)], subject="slack:U1", name="Lin")
    [document] = [each async for each in source.documents()]
    assert (document.by_subject, document.author, document.author_name) == (True, "slack:U1", "Lin")
    assert (document.readers, document.container, document.id) == (None, "interview", "interview/q1")
    [passage] = passages(document)
    assert (passage.question, passage.title) == ("Where is the log?", "Where is the log?")
    assert source.progress == (1, 1)


async def test_a_question_in_own_words_loses_its_secrets_too() -> None:
    source = Interview([Given("q1", "Why is AKIAIOSFODNN7EXAMPLE in there?", "x", NOW)], subject="")
    [document] = [each async for each in source.documents()]
    assert "AKIA" not in document.question + document.title


async def test_of_a_text_that_is_no_answer_only_the_beginning_is_kept_and_told() -> None:
    source = Interview([Given("q1", "Why?", "x" * (LONGEST + 1), NOW)], subject="")
    [document] = [each async for each in source.documents()]
    assert len(document.text) == LONGEST
    assert source.dropped == {"too_long": 1}
