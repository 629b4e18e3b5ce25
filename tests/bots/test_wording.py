"""Wording: both languages say the same things, and the program says nothing that is not written there."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import bots
from bots.wording import DYNAMIC, LANGUAGES, say, sentences
from persona_store.model import UNBORN
from persona_store.personas import TRANSITIONS

BOTS = Path(bots.__file__).parent


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    """Every `say(lang, "key", …)` with its key, and on the command line `context.say("key")` and
    `context.tell("key")`, which begin with `cli.`. Keys that are put together at run time are left out."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        literals = [arg.value if isinstance(arg, ast.Constant) else None for arg in node.args]
        if name == "say" and len(literals) == 2 and isinstance(literals[1], str):
            yield node, literals[1]
        elif name in ("say", "tell") and len(literals) == 1 and isinstance(literals[0], str):
            yield node, f"cli.{literals[0]}"


def trees() -> Iterator[tuple[Path, ast.AST]]:
    for path in sorted(BOTS.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def test_both_languages_have_the_same_keys() -> None:
    one, *others = (set(sentences(lang)) for lang in LANGUAGES)
    assert one
    for other in others:
        assert one ^ other == set()


@pytest.mark.parametrize("key", sorted(sentences("en")))
def test_both_languages_have_the_same_placeholders(key: str) -> None:
    """Only plain named placeholders: no positions, no look inside a parameter."""
    one, *others = (placeholders(sentences(lang)[key]) for lang in LANGUAGES)
    assert all(name.isidentifier() for name in one)
    assert all(one == other for other in others), key


def test_every_sentence_says_something() -> None:
    for lang in LANGUAGES:
        assert [key for key, sentence in sentences(lang).items() if not sentence.strip()] == []


def test_chinese_is_chinese() -> None:
    """A sentence that was copied and not translated has no Chinese character in it."""
    forgotten = [
        key
        for key, sentence in sentences("zh-CN").items()
        if sentence == sentences("en")[key]
        and any(char.isalpha() for char in sentence)
        and placeholders(sentence) == set()
    ]
    assert forgotten == []


def test_every_key_the_program_says_exists() -> None:
    missing = []
    for path, tree in trees():
        for call, key in calls(tree):
            if key not in sentences("en"):
                missing.append(f"{path.name}:{call.lineno} {key!r}")
    assert missing == []


def test_every_call_gives_the_placeholders_their_values() -> None:
    wrong = []
    for path, tree in trees():
        for call, key in calls(tree):
            given = {word.arg for word in call.keywords}
            if key in sentences("en") and None not in given and placeholders(sentences("en")[key]) - given:
                wrong.append(f"{path.name}:{call.lineno} {key!r}")
    assert wrong == []


def test_every_sentence_is_used() -> None:
    """A key that stands nowhere in bots/ is dead, unless it begins with one of the DYNAMIC prefixes."""
    spoken = {
        node.value
        for _, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    spoken |= {key for _, tree in trees() for _, key in calls(tree)}
    unused = {key for key in sentences("en") if key not in spoken and not key.startswith(DYNAMIC)}
    assert unused == set()


def test_every_state_of_a_persona_has_its_words() -> None:
    """For `status`, and for `personas`, which tells of none before it went live."""
    states = set(TRANSITIONS.values()) | {state for state, _ in TRANSITIONS}
    listed = {f"personas.{state}" for state in states.difference(UNBORN)}
    assert {f"state.{state}" for state in states} | listed <= set(sentences("en"))


def test_what_a_stranger_wrote_is_never_a_template(monkeypatch: pytest.MonkeyPatch) -> None:
    """A parameter with braces comes out as it went in."""
    monkeypatch.setattr("bots.wording.sentences", lambda lang: {"x.y": "{who} said so"})
    assert say("en", "x.y", who="{secret.__class__}") == "{secret.__class__} said so"


@pytest.mark.parametrize(("lang", "key", "params"), [
    ("en", "no.such", {}), ("fr", "error.internal", {"code": "1"}), ("en", "error.internal", {}),
])  # fmt: skip
def test_a_mistake_raises(lang: str, key: str, params: dict[str, str]) -> None:
    with pytest.raises(KeyError):
        say(lang, key, **params)
