"""L14: only a human answers, with a reason each; nothing is answered by default."""

from __future__ import annotations

import contextlib
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bots.assessment import questions
from bots.assessment.model import Answer
from bots.wording import LANGUAGES
from persona_store.errors import Refused
from tests.bots.assessment.configurations import LIN, US, configuration, record

ASKED = questions.asked(configuration())
DRAFT = "sha256:" + "0" * 64


def code(raw: bytes) -> str:
    with pytest.raises(Refused) as error:
        questions.read(raw)
    assert "\n" not in str(error.value)
    return error.value.code


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_fresh_sheet_answers_nothing(lang: str) -> None:
    sheet = questions.sheet(ASKED, DRAFT, lang)
    assert questions.read(sheet.encode()) == (DRAFT, {})
    assert set(tomllib.loads(sheet)) == {"draft", *ASKED}
    with pytest.raises(Refused) as error:
        questions.complete(ASKED, {})
    assert error.value.code == "ASSESSMENT_ANSWERS"
    assert all(id in error.value.what for id in ASKED)


def test_what_is_asked_follows_the_configuration() -> None:
    assert {"transfer", "officer", "representatives", "offer"} & set(ASKED) == set()
    assert "transfer" in questions.asked(configuration(consent=record(recipients=(US,))))
    eu = questions.asked(configuration(consent=record(jurisdiction=("DE",))))
    assert {"officer", "representatives"} <= set(eu)
    assert "offer" in questions.asked(configuration(replace(LIN, offered_to="public")))


def test_one_that_is_missing_or_was_not_asked_is_named() -> None:
    yes = Answer("yes", "because I looked")
    for left in ASKED:
        with pytest.raises(Refused) as error:
            questions.complete(ASKED, {id: yes for id in ASKED if id != left})
        assert left in error.value.what
    with pytest.raises(Refused) as error:
        questions.complete(ASKED, {**dict.fromkeys(ASKED, yes), "weather": yes})
    assert "weather" in error.value.what


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff\xfe",
        b"draft = ",
        b"[purpose]\nanswer = 'maybe'\nwhy = 'because'",
        b"[purpose]\nanswer = 'yes'\nwhy = ''",
        b"[purpose]\nanswer = 'yes'",
        b"[purpose]\nanswer = ''\nwhy = 'it has a reason and no answer'",
        b"[purpose]\nanswer = true\nwhy = 'because'",
        b"[purpose]\nanswer = 'yes'\nwhy = 'because'\nmore = 1",
        b"purpose = 'yes'",
        b"a = " + b"[" * 5000,
    ],
)
def test_what_is_no_answer_is_one_line(raw: bytes) -> None:
    assert code(raw) == "ASSESSMENT_ANSWERS"


@pytest.mark.parametrize(
    "word", ["purpose", "purpose=yes", "purpose=:why not", "purpose=y:because", "=yes:because"]
)
def test_a_flag_that_is_no_answer_is_refused_or_not_asked(word: str) -> None:
    with pytest.raises(Refused) as error:
        questions.complete(ASKED, questions.typed([word]))
    assert error.value.code == "ASSESSMENT_ANSWERS"


def test_a_flag_may_have_colons_in_its_reason() -> None:
    assert questions.typed(["free=no:they said: not now"]) == {"free": Answer("no", "they said: not now")}


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_whatever_the_file_holds_it_is_read_or_refused(raw: bytes) -> None:
    with contextlib.suppress(Refused):
        questions.read(raw)
