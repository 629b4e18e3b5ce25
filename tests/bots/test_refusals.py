"""Refusals in Chinese: every sentence with which the program can say no, those and no others, in plain words."""

from __future__ import annotations

import re
import time
import tomllib
from functools import cache
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.errors import AdapterError, Unauthorised
from bots.cli import build
from bots.refusals import BORROWED, Form, forms, holes, line, told
from bots.wording import LANGUAGES, say, sentences
from persona_store.errors import ModelUnavailable, Refused, StoreBroken, StoreError
from tests.refusal_sites import ALSO, said_by_the_program, template
from tests.spelling import Hole, Spelling

ZH = "zh-CN"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
PLAIN = re.compile(r"⟦\d+⟧|`[^`]*`|pip install '[^']*'|understudy( [a-z]+)+ --[a-z]+|ws endpoint")
"""What is the same in every language: values, what is typed, and the name of a call."""
NOT_SAID = {"{} is {}"}  # an id and whose it is, in a list of them

UNSEEN = {
    "adapters/dingtalk/check.py": {"str(error)"},  # errors that stand in SAID themselves
    "adapters/feishu/adapter.py": {"str(error)"},
    "adapters/feishu/check.py": {"str(error)", "console.grant(scope)"},  # and the address of a page
    "adapters/slack/adapter.py": {"str(error)"},
    "adapters/slack/check.py": {"str(error)"},
    "bots/doctor.py": {"str(error)"},
    "bots/settings.py": {"setting.meaning"},  # of a path; it is in ALSO
    "persona_store/proof.py": {"signed.signature", "signed.public_key.hex()"},  # another Proof
    "persona_store/retirement.py": {"each.why", "until.date().isoformat()"},  # said by Proof; and a day
}
"""Where what is said cannot be seen, and what it is."""

PARSER = {
    "the following arguments are required: {}": ("persona", "create"),
    "unrecognized arguments: {}": ("doctor", "--fast"),
    "argument {}: {}": ("persona", "strike", "lin", "--keep-evidence=yes", "f1"),
    "expected one argument": ("consent", "sign", "lin", "--days"),
    "invalid choice: {} (choose from {})": ("persona", "dance"),
    "invalid {} value: {}": ("consent", "sign", "lin", "--days", "many"),
    "ignored explicit argument {}": ("doctor", "--online=yes"),
}
"""What Python's own parser says, with words that make it say so."""


@cache
def spoken() -> tuple[dict[Spelling, str], set[str]]:
    return said_by_the_program()


@cache
def pairs() -> dict[str, str]:
    text = files("bots").joinpath("locales", f"refusals.{ZH}.toml").read_text(encoding="utf-8")
    return {english: str(chinese) for english, chinese in tomllib.loads(text).items()}


def sample(spelling: Spelling) -> str:
    """With a value of its own in every hole."""
    numbers = iter(range(len(spelling)))
    return "".join(part if isinstance(part, str) else f"⟦{next(numbers)}⟧" for part in spelling)


def filled(english: str) -> str:
    return english.format(*(f"⟦{number}⟧" for number in range(english.count("{}"))))


def chosen(sentence: str) -> tuple[Form, list[str]] | None:
    return next(
        ((form, found) for form in forms(ZH) if (found := holes(sentence, form.literals)) is not None), None
    )


def is_covered(sentence: str) -> bool:
    """Nothing of ours is left in what is carried over."""
    found = chosen(sentence)
    return found is not None and not any(" " in PLAIN.sub("", value).strip() for value in found[1])


def wanted() -> dict[str, str]:
    """Sentences with sample values, and where each is said; those with something to translate."""
    said = {sample(spelling): at for spelling, at in spoken()[0].items() if template(spelling) not in NOT_SAID}
    said |= {filled(each): "ALSO" for each in ALSO} | {filled(each): "PARSER" for each in PARSER}
    return {each: at for each, at in said.items() if any(map(str.isalpha, PLAIN.sub("", each)))}


# ---------------------------------------------------------------------- the file


def test_every_refusal_is_said_in_chinese() -> None:
    missing = [f"{at}: {sentence}" for sentence, at in wanted().items() if not is_covered(sentence)]
    assert not missing, "bots/locales/refusals.zh-CN.toml lacks\n" + "\n".join(sorted(missing))


def test_nothing_else_is_there() -> None:
    """An entry that no sentence of the program is said by is of a sentence that was reworded or has gone."""
    used = {found[0].literals for sentence in wanted() if (found := chosen(sentence))}
    assert [english for english in pairs() if literals(english) not in used] == []


def test_the_data_flow_sees_what_is_said_but_for_a_few_places() -> None:
    """A new way of putting a refusal together must be followed by tests/spelling.py, or be named above."""
    seen: dict[str, set[str]] = {}
    for place in spoken()[1]:
        path, _, expression = place.partition(":")
        seen.setdefault(path, set()).add(expression.partition(" ")[2])
    assert seen == UNSEEN


def test_no_entry_is_taken_for_another() -> None:
    for english in pairs():
        found = chosen(filled(english))
        assert found is not None
        assert found[0].literals == literals(english), english


def test_an_entry_has_the_same_holes_on_both_sides_and_chinese_words() -> None:
    for english in pairs():
        chinese = told(filled(english), ZH)
        there = set(re.findall(r"⟦\d⟧", chinese))
        assert there == {f"⟦{number}⟧" for number in range(english.count("{}"))} - DROPPED.get(english, set()), (
            english
        )
        assert CHINESE.search(chinese), english


def test_what_is_typed_is_the_same_in_both_languages() -> None:
    """Options, settings and files: a translation that belongs to another sentence would name others."""
    typed = re.compile(r"--[a-z-]+|\b[A-Z]+_[A-Z_]+|\b[a-z_]+\.[a-z_]+|\d+")
    wrong = []
    for english, chinese in pairs().items():
        if {*typed.findall(without_holes(english))} != {*typed.findall(without_holes(chinese))}:
            wrong.append(english)
    assert wrong == []


def without_holes(text: str) -> str:
    return re.sub(r"\{[^{}]*\}", "{}", text)


def test_what_wording_says_of_a_value_is_there() -> None:
    """`{0:state.}` and its like name beginnings of keys."""
    kinds = {kind for form in forms(ZH) for part in form.said if not isinstance(part, str) for kind in part[1:]}
    assert {"told", "state."} <= kinds
    for kind in kinds - {"", "told"}:
        assert any(key.startswith(kind) for key in sentences(ZH)), kind


def test_what_is_a_sentence_itself_is_translated_inside_another() -> None:
    left = []
    for spelling, at in spoken()[0].items():
        probe = "".join(
            part if isinstance(part, str) else "make room" if part.sentence else "⟦0⟧" for part in spelling
        )
        if Hole(sentence=True) in spelling and len(spelling) > 1 and "请腾出空间" not in told(probe, ZH):
            left.append(f"{at}: {probe}")
    assert left == []


def test_only_what_wording_has_is_borrowed() -> None:
    for prefix in BORROWED:
        keys = [key for key in sentences("en") if key.startswith(prefix)]
        assert keys
        for key in keys:
            assert told(say("en", key, what="X1", item="X1"), ZH) == say(ZH, key, what="X1", item="X1")


# ---------------------------------------------------------------------- the lines


@pytest.mark.parametrize(("error", "chinese"), [
    (Refused("SUBJECT", "no subject is given"), "error[SUBJECT]: 没有给出本人"),
    (Refused("PERSONA_UNKNOWN", "there is no persona 'lin'", "there are: none yet"),
     "error[PERSONA_UNKNOWN]: 没有叫 'lin' 的分身 · 目前还没有分身"),
    (ModelUnavailable("MODEL_SLOW", "api.example did not answer in time", "send less at once", retryable=True),
     "error[MODEL_SLOW]: api.example 没有及时回答 · 一次少发一些"),
    (Unauthorised("slack", "auth.test was answered token_revoked · "
                  "the token was revoked: install the app again and replace it"),
     "error: slack: auth.test 得到的回答是 token_revoked · token 已被撤销：重新安装应用并更换 token"),
    (StoreBroken("the store is closed"), "error: 存储已经关闭"),
    (Refused("X", "persona 'lin' has changed since it was assessed: law: EU, purpose: chat (the GDPR holds; it is "
             "offered beyond the team)"),
     "error[X]: 分身 'lin' 评估之后有了变化：法域：EU、目的：chat（适用 GDPR；对团队以外提供）"),
    (Refused("X", "something new", "choose from a, b"), "error[X]: something new · 可选：a, b"),
])  # fmt: skip
def test_a_line_has_its_code_and_is_chinese(error: StoreError | AdapterError, chinese: str) -> None:
    assert line(error, ZH) == chinese


def test_in_english_it_is_as_the_program_says_it() -> None:
    for error in (Refused("A", "b", "c"), Refused("A", "b"), ModelUnavailable("A", "b", "c", retryable=True)):
        assert line(error, "en") == str(error)
    assert line(StoreBroken("x"), "en") == "error: x"
    with pytest.raises(KeyError):
        told("x", "fr")


def test_a_problem_of_an_import_is_translated_behind_its_name() -> None:
    problem = (
        "oc_ops (支付运维): error[API_DENIED]: the subject may not read it, or no more · look at it in DingTalk"
    )
    behind = "error[API_DENIED]: 本人不能读它，或已不能读 · 请到钉钉里查看"
    assert told(problem, ZH) == f"oc_ops (支付运维): {behind}"


@pytest.mark.parametrize(("said", "chinese"), [
    ("model gpt: api.example did not answer in time", "模型 gpt：api.example 没有及时回答"),
    ("mail: smtp.example:25 hung up", "邮件：smtp.example:25 断开了连接"),
    ("embedder m: api.example answers with vectors of 3 numbers in place of 4",
     "向量模型 m：api.example 给出的向量有 3 个数，应当是 4 个"),
])  # fmt: skip
def test_of_two_that_fit_the_one_that_begins_with_its_own_words_is_meant(said: str, chinese: str) -> None:
    """A sentence that begins with a hole would take what stands before the other one for a value."""
    assert told(said, ZH) == chinese


@pytest.mark.parametrize(("template", "words"), PARSER.items())
def test_what_the_parser_says_is_chinese(
    template: str, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    for lang in LANGUAGES:
        with pytest.raises(SystemExit):
            build(lang).parse_args(words)
    english, chinese = (each.split(" · ")[0] for each in capsys.readouterr().err.splitlines())
    inside = english.removeprefix("error[USAGE]: ")
    assert any(holes(part, literals(template)) is not None for part in (inside, inside.partition(": ")[2]))
    assert chinese.startswith("error[USAGE]: ")
    assert CHINESE.search(chinese)
    assert not re.search(r"\b(argument|required|invalid|expected|unrecognized|ignored)\b", chinese)


# ---------------------------------------------------------------------- what strangers write


@given(st.text())
def test_a_quoted_value_comes_out_as_it_went_in(value: str) -> None:
    refused = Refused("PERSONA_UNKNOWN", f"there is no persona {value!r}", "add --yes")
    assert line(refused, ZH) == f"error[PERSONA_UNKNOWN]: 没有叫 {value!r} 的分身 · 加上 --yes"


@pytest.mark.parametrize("value", [
    "{0} {name} %s {0:told}", "a' is nobody there", "a is neither owner nor deputy of b", "x · choose from a",
    ".*(a+)+$", "make room", "\\", "'", "]: ",
])  # fmt: skip
def test_a_value_is_no_pattern_no_template_and_no_sentence(value: str) -> None:
    what = f"{value!r} is neither owner nor deputy of {value!r}"
    assert told(what, ZH) == f"{value!r} 既不是 {value!r} 的负责人，也不是代理人"


@pytest.mark.parametrize("bad", [
    "a" * 10_000, ": " * 5_000, " · " * 3_000, "'" * 10_000, ", " * 5_000, "; a" * 3_000, "persona '" * 1_000,
    "{} is {} was answered {}: " * 400, "' is '" * 1_600, "error[A]: " * 1_000,
])  # fmt: skip
def test_no_value_takes_long(bad: str) -> None:
    began = time.process_time()
    for what in (
        bad,
        f"persona {bad} is {bad}; {bad} is no",
        f"line {bad} of {bad}: the question {bad} needs {bad}",
    ):
        told(what, ZH)
    assert time.process_time() - began < 2


def literals(english: str) -> tuple[str, ...]:
    return tuple(undoubled(english).split("{}"))


def undoubled(english: str) -> str:
    return english.replace("{{", "{").replace("}}", "}")


DROPPED = {"feishu: {} {} {} not subscribed": {"⟦2⟧"}}  # is or are
