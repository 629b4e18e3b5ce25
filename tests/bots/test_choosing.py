from datetime import UTC, datetime

import pytest

from bots.choosing import Ambiguous, Chosen, Nobody, Retired, Unknown, choose
from persona_store.model import Persona

NOW = datetime(2026, 6, 2, tzinfo=UTC)
LIN = Persona("lin-zhou", "林舟的笔记", "live", NOW, NOW, aliases=("Lin Zhou", "林舟"))
BO = Persona("bo", "Bo's notes", "live", NOW, NOW)
OLD = Persona("carl", "Carl", "erased", NOW, NOW)
EVERYONE = [LIN, BO, OLD]


@pytest.mark.parametrize(
    ("text", "name", "rest"),
    [
        ("bo: how", "bo", "how"),
        ("BO, how", "bo", "how"),
        ("@bo how", "bo", "how"),
        ("ask bo: how", "bo", "how"),
        ("问 林舟：怎么重试", "lin-zhou", "怎么重试"),
        ("@林舟 怎么重试", "lin-zhou", "怎么重试"),
        ("当时林舟为什么这样设计", "lin-zhou", "当时林舟为什么这样设计"),
        ("what did Lin Zhou decide", "lin-zhou", "what did Lin Zhou decide"),
    ],
)
def test_a_name_chooses(text: str, name: str, rest: str) -> None:
    choice = choose(text, [LIN, BO], EVERYONE)
    assert isinstance(choice, Chosen)
    assert (choice.persona.name, choice.text) == (name, rest)


@pytest.mark.parametrize("text", ["carl: how", "@carl how", "ask carl how is it", "what did Carl say"])
def test_a_retired_name_is_said_to_be_retired(text: str) -> None:
    """E10: never another persona."""
    assert choose(text, [LIN, BO], EVERYONE) == Retired("Carl")


@pytest.mark.parametrize("text", ["@dora how", "ask dora: how"])
def test_an_unknown_name_is_said_to_be_unknown(text: str) -> None:
    assert choose(text, [LIN, BO], EVERYONE) == Unknown("dora")


@pytest.mark.parametrize(
    "text",
    ["ask how it works", "error: what is E42", "bobsled rental?", "asking: x", "问题：退款呢", "请问退款：谁"],
)
def test_ordinary_words_are_no_names(text: str) -> None:
    assert isinstance(choose(text, [LIN, BO], EVERYONE), Ambiguous)


def test_the_thread_wins_over_the_chat() -> None:
    assert choose("how", [LIN, BO], EVERYONE, thread="bo", default="lin-zhou") == Chosen(BO, "how")
    assert choose("how", [LIN, BO], EVERYONE, default="lin-zhou") == Chosen(LIN, "how")


def test_a_thread_whose_persona_was_retired_does_not_go_on_with_another() -> None:
    assert choose("how", [LIN, BO], EVERYONE, thread="carl") == Retired("Carl")


def test_who_answers_elsewhere_only_is_not_known_here() -> None:
    """Another platform's persona does not catch a question by its first word; called, nobody else steps in."""
    assert choose("Lin Zhou how", [BO], EVERYONE) == Chosen(BO, "Lin Zhou how")
    assert choose("lin-zhou: how", [BO], EVERYONE) == Unknown("lin-zhou")
    assert choose("@bo how", [LIN], EVERYONE) == Unknown("bo")


def test_the_only_one_needs_no_name() -> None:
    assert choose("how", [BO], [BO, OLD]) == Chosen(BO, "how")


def test_nobody_and_nobody_left() -> None:
    assert choose("how", [], []) == Nobody()
    assert choose("how", [], [OLD]) == Retired("Carl")
