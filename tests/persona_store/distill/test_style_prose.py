"""Prose: what of a message its author wrote in words of their own."""

from __future__ import annotations

import time

import pytest

from persona_store.distill.style_examples import example
from persona_store.distill.style_prose import CODE, LINK, MENTION, REMOVED, prose


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("fine by me", "fine by me"),
        ("> their words\nmine", "mine"),
        ("On Tue, 3 Mar 2026 at 10:00, Bo <bo@x.example> wrote:\n> theirs\n\nmine", "mine"),
        ("mine\n\n-----Original Message-----\nFrom: Bo\nSent: Tuesday\nSubject: x\n\ntheirs", "mine"),
        ("mine\n\n发件人: 李四\n发送时间: 2026年3月3日\n主题: 对账\n\n别人的话", "mine"),
        ("「李四：别人的话」\n- - - - - - -\n我的话", "我的话"),
        ("Bo said:\n```quote\ntheirs\n```\nmine", "mine"),
        ("mine\n-- \nLin\nPayments", "mine"),
        ("see `retry_count` there", f"see {CODE} there"),
        ("so\n```\n> code\n```\ndone", f"so\n{CODE}\ndone"),
        ("like this\n    for (x of y) {\n    }\nor not", f"like this\n{CODE}\n{CODE}\nor not"),
        ("run\n$ make all\nthen wait", f"run\n{CODE}\nthen wait"),
        ("x = foo(bar, 3)", CODE),
        ("read https://x.example/a?b=1 first", f"read {LINK} first"),
        ("mail a.b@x.example first", f"mail {LINK} first"),
        ("@Nell Bloom Thanks a lot", f"{MENTION} Thanks a lot"),
        ("@**Nell Bloom** thanks", f"{MENTION} thanks"),
        ("it is [removed: password] now", f"it is {REMOVED} now"),
        ("- one\n- two", "one\ntwo"),
        ("> only theirs", ""),
        ("a (small) thing: yes; no?", "a (small) thing: yes; no?"),
        ("that's it (^_^)", "that's it (^_^)"),
        ("from what I know: not much", "from what I know: not much"),
        ("a \ue000 mark of their own", "a  mark of their own"),
    ],
)
def test_own_words(text: str, own: str) -> None:
    assert prose(text).text == own


def test_what_stood_beside_the_words_is_known() -> None:
    said = prose("1. see `x`\n2. and https://x.example\n```\nfoo\n```")
    assert (said.code_block, said.inline_code, said.link, said.list) == (True, True, True, True)
    assert said.words == "see and"
    plain = prose("> ```\n> foo\n> ```\nmine")
    assert (plain.text, plain.list, plain.link) == ("mine", False, False)


@pytest.mark.parametrize(
    "text",
    ["a.b-" * 30_000, "-" * 100_000, "@" * 100_000, "`" * 99_999, "(" * 100_000, "> \n" * 40_000, "[" * 100_000],
)
def test_hostile_text_takes_bounded_time(text: str) -> None:
    begun = time.process_time()
    prose(text)
    example(text[:80])
    assert time.process_time() - begun < 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Yeah, I think that should work.", True),
        ("没问题，我看一下", True),
        ("I told you he would not like it", False),  # about a third person
        ("So I asked Corvina about it", False),
        ("it should be 42 then", False),
        ("the quarterly reconciliation ledger balances negative suppliers", False),  # about a matter
        ("well\nyes", False),
        ("see `x` for that", False),
        ("ok" * 60, False),
    ],
)
def test_an_example_shows_the_manner_and_not_the_matter(text: str, shown: bool) -> None:
    assert bool(example(text)) is shown
