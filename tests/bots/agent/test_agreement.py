"""Sources that tell the same are witnesses; and what is asked for has to be there, not only its topic."""

from __future__ import annotations

import pytest

from bots.agent.agreement import agreement, lacking
from bots.agent.confidence import calibration
from bots.agent.extractive import draft
from bots.agent.sentences import shape
from bots.model import Draft, Question
from persona_store.index import Index
from persona_store.model import Passage
from persona_store.search import find
from tests.persona_store.passages import passage

TOLD = (
    passage("n1", "Prize money of the summer cup was raised to 152 million dollars. Fans cheered."),
    passage("n2", "The federation said prize money of the summer cup rises to 152 million dollars."),
    passage("n3", "Summer cup: prize money now 152 million dollars, three times that of 2019."),
)
UNTOLD = (
    passage("u1", "Prize money of the summer cup is much debated among coaches and players."),
    passage("u2", "A spokesman would not comment on prize money of the summer cup on Monday."),
    passage("u3", "Tickets of the summer cup are sold out; prize money remains a secret."),
)
ELSE = tuple(passage(f"e{n}", f"Minutes of meeting {n}: budget, holidays, the coffee machine.") for n in range(6))
ASKED = "How much is the prize money of the summer cup?"


def numbers(asked: str, *told: Passage) -> dict[str, float]:
    index = Index()
    index.add((*told, *ELSE))
    return agreement(find(index, asked, readers=None), shape(asked))


def drafted(asked: str, *told: Passage) -> Draft:
    index = Index()
    index.add((*told, *ELSE))
    return draft(Question("lin", asked, "en"), find(index, asked, readers=None), calibration())


def test_those_who_say_the_same_are_counted() -> None:
    same, apart = numbers(ASKED, *TOLD), numbers(ASKED, *UNTOLD)
    assert same["echo"] > 0.5 > apart["echo"]
    assert same["echoes"] > apart["echoes"]
    assert same["common"] > apart["common"]
    assert same["speak"] == apart["speak"] > 0


def test_the_words_of_the_question_are_no_agreement() -> None:
    assert numbers(ASKED, *(passage(f"q{n}", "Prize money of the summer cup.") for n in range(3)))["echo"] == 0


def test_a_source_that_stands_alone_has_no_witness() -> None:
    alone = numbers(ASKED, TOLD[0])
    assert alone["echo"] == alone["echoes"] == alone["speak"] == 0


def test_nothing_found_says_nothing() -> None:
    assert numbers("zzzz qqqq") == {}


def test_whether_the_shape_that_is_asked_for_is_there() -> None:
    assert numbers(ASKED, *TOLD)["shaped"] == 1
    assert numbers(ASKED, *UNTOLD)["shaped"] == numbers(ASKED, *UNTOLD)["shaped_three"] == -1
    assert numbers("Tell me about the prize money of the summer cup", *TOLD)["shaped"] == 0


@pytest.mark.parametrize(
    ("asked", "quote", "absent"),
    [
        ("In which year did the plant open?", "The plant opened after long delays.", True),
        ("In which year did the plant open?", "The plant opened in 1998.", False),
        ("工厂是哪一年投产的？", "工厂投产后产量翻倍。", True),
        ("工厂是哪一年投产的？", "工厂于1998年投产。", False),
        ("Which version fixes the leak?", "The leak is fixed by a later release.", True),
        ("Which version fixes the leak?", "It is fixed since v2.3.1.", False),
        ("How many retries are there?", "There are some retries.", True),
        ("Who opened the plant?", "The plant opened after long delays.", False),  # a name has no sure shape
        ("When I start it, the window closes. " * 6 + "Why?", "The window closes.", False),
    ],
)
def test_the_topic_is_there_and_the_asked_fact_is_not(asked: str, quote: str, absent: bool) -> None:
    assert lacking(asked, shape(asked), [quote]) is absent


def test_a_near_miss_is_trusted_less_than_the_same_with_the_fact() -> None:
    asked = "In which year did the Halden plant open?"
    there = drafted(asked, passage("p", "The Halden plant opened in 1998 with forty people."))
    absent = drafted(asked, passage("p", "The Halden plant opened with people, after long delays."))
    assert there.features["lacks"] == 0
    assert absent.features["lacks"] == 1
    assert absent.confidence < 0.8 * there.confidence
