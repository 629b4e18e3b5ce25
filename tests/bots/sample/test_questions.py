"""The sample's questions: balanced, and each either with evidence or with a reason why there is none."""

from __future__ import annotations

from collections import Counter

from adapters.local import load_team
from bots import sample


def test_there_are_enough_of_both_kinds_in_both_languages() -> None:
    kinds = Counter((question.lang, question.answerable) for question in sample.questions())
    assert min(kinds[lang, answerable] for lang in ("zh-CN", "en") for answerable in (True, False)) >= 8


def test_every_question_can_be_judged() -> None:
    questions = sample.questions()
    assert len({question.id for question in questions}) == len(questions)
    for question in questions:
        if question.answerable:
            assert question.expect, question.id
            assert question.evidence, question.id
            assert not question.why_not, question.id
        else:
            assert question.why_not, question.id
            assert not question.evidence, question.id


def test_questions_are_asked_in_other_words_than_the_answers() -> None:
    """A question that repeats what it expects would be found by anything."""
    for question in sample.questions():
        assert not any(part in question.text for part in question.expect), question.id


def test_what_the_page_suggests_is_among_the_questions() -> None:
    known = {question.text for question in sample.questions()}
    for lang, texts in load_team(sample.team()).suggestions.items():
        assert set(texts) <= known, lang
