"""Mails hang together by their ids, whatever their order, in little memory each."""

from __future__ import annotations

import tracemalloc
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_store.sources.mail_threads import Threads

MAILS = (("a", ()), ("b", ("a",)), ("c", ("a", "b")), ("x", ()), ("y", ("gone", "x")))


def of(mails: Sequence[tuple[str, Sequence[str]]], own: str = "") -> Threads:
    threads = Threads()
    for ident, answers in mails:
        threads.add(ident, answers, own=ident in own)
    threads.settle()
    return threads


@given(st.permutations(MAILS))
def test_the_order_of_the_mails_does_not_matter(mails: list[tuple[str, Sequence[str]]]) -> None:
    threads = of(mails, own="c")
    assert threads.name("a") == threads.name("b") == threads.name("c")
    assert threads.name("x") == threads.name("y") == threads.name("gone") != threads.name("a")
    assert [ident for ident in "abcxy" if threads.joined(ident)] == ["a", "b", "c"]
    assert [ident for ident in ("a", "x", "gone", "never") if threads.there(ident)] == ["a", "x"]
    assert [ident for ident in "abcxy" if threads.wrote(ident)] == ["c"]
    assert threads.own == 1


def test_a_mail_is_given_once_it_was() -> None:
    threads = of(MAILS)
    assert not threads.given("a")
    threads.give("a")
    assert [ident for ident in "abcxy" if threads.given(ident)] == ["a"]


@pytest.mark.parametrize("mails", [10_000, 40_000])
def test_a_mail_takes_few_bytes(mails: int) -> None:
    tracemalloc.start()
    threads = Threads()
    for number in range(mails):
        threads.add(f"<{number}@a>", (f"<{number // 5}@a>",))
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert size < 40 * mails
