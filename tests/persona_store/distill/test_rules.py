"""The rules as a whole: bounded, in any order, and of nobody but the Subject."""

from __future__ import annotations

import random
import time
from collections import Counter
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from persona_store.distill import candidates, vocabulary
from persona_store.distill.candidates import KEPT
from persona_store.distill.finder import Finder
from persona_store.distill.rules import ByRules, DecisionPatterns, WorkKnowledge
from persona_store.model import Passage
from tests.persona_store.distill.talks import NOW, found, ground, one, talk

TALKS = [
    *ground("gateway", "settlement", "webhook"),
    talk(
        "a",
        "Bo: how do I replay a webhook?",
        "Run `payctl hook replay` on the gateway host, once a settlement day.",
    ),
    talk("b", "Bo: restart it?", "I wouldn't restart the gateway, because settlement would run twice.", days=1),
    one("Never run two settlement jobs on the gateway at once."),
    one("First stop the settlement jobs, then restart the gateway."),
    one("I maintain the settlement jobs and the webhook."),
    *(talk(f"v{n}", "Bo: it fails", "Which version are you on?", days=n) for n in range(4)),
]


def test_both_kinds_are_found_and_nothing_consent_does_not_name() -> None:
    assert {facet.kind for facet in found(*TALKS)} == {"work_knowledge", "decision_patterns"}
    assert {facet.kind for facet in found(*TALKS, kinds=("work_knowledge",))} == {"work_knowledge"}
    assert {facet.kind for facet in found(*TALKS, kinds=("decision_patterns",))} == {"decision_patterns"}
    assert found(*TALKS, kinds=("communication_style",)) == []


def test_a_finder_of_each_kind_finds_the_same_as_one_of_both() -> None:
    both = {facet.id: facet for facet in found(*TALKS)}
    finders: list[Finder] = [WorkKnowledge(), DecisionPatterns()]
    for finder, episode in ((finder, episode) for finder in finders for episode in TALKS):
        finder.see(episode)
    assert {facet.id: facet for finder in finders for facet in finder.facets(NOW)} == both


@given(st.integers())
@settings(max_examples=25, deadline=None)
def test_the_order_of_episodes_says_nothing(seed: int) -> None:
    mixed = list(TALKS)
    random.Random(seed).shuffle(mixed)
    assert found(*mixed) == found(*TALKS)


def test_the_order_says_nothing_even_where_there_is_no_room_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "KEPT", 5)
    many = [one(f"Never run job_{n} on the gateway of the settlement.") for n in range(30)]
    assert found(*TALKS, *many) == found(*reversed(many), *TALKS)


def test_asking_changes_nothing() -> None:
    finder = ByRules()
    for episode in TALKS:
        finder.see(episode)
    assert finder.facets(NOW) == finder.facets(NOW)


def test_every_quote_is_verbatim_and_the_subjects() -> None:
    passages = {each.id: each for each in chain.from_iterable(TALKS)}
    for facet in found(*TALKS):
        assert facet.citations
        for each in facet.citations:
            source = passages[each.passage]
            assert source.by_subject
            assert each.quote in source.text
            assert each.at == source.at
            assert facet.first <= each.at <= facet.last


def test_everybody_else_talking_the_same_way_is_nobodys_facet() -> None:
    """Not one word of theirs, whatever they say, as soon as it is not the Subject who says it."""

    def theirs(each: Passage) -> Passage:
        fields = {name: getattr(each, name) for name in each.__struct_fields__}
        return Passage(**(fields | {"by_subject": False, "author": "slack:U9", "author_name": "Ann Tan"}))

    mixed = [
        [*talk(f"own{n}", "hm"), *map(theirs, episode), *talk(f"own{n}", "ok")] for n, episode in enumerate(TALKS)
    ]
    assert found(*mixed) == []


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept has a limit in number, however much is shown; what is said often is still counted."""
    monkeypatch.setattr(vocabulary, "MOST", 200)
    finder = ByRules()
    for n in range(1500):
        text = f"Never run job_{n} on the gateway, otherwise host_{n} will break."
        finder.see(talk(f"t{n}", f"Bo: what of word_{n} and other_{n}?", text))
    assert max(Counter(each.aspect for each in finder.kept()).values()) == KEPT
    assert max(len(finder.vocabulary.words), 200) <= 2 * 200
    assert finder.vocabulary.words["gateway"].passages == 1500


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "a ",
            "? ",
            "吗 ",
            "never use ",
            "first then ",
            "(",
            "`",
            '"',
            "@Bo ",
            "1. run\n",
            "> a\n",
            "On x wrote:\n",
        ),
        *("如果我不", "先看再", ":", ".", "A-", "a.b/", "AB (", "：\n", "\u202e", "🙂", "\ud800", "\x00", "除非"),
    ],
)
def test_a_megabyte_of_anything_ends_soon(piece: str) -> None:
    text = (piece * 1_000_000)[:1_000_000]
    begun = time.perf_counter()
    found(
        talk("q", "Bo: how so?", text, "Bo: thanks"), talk("r", f"Bo: {text}?", "Run it on the gateway host today.")
    )
    assert time.perf_counter() - begun < 5
