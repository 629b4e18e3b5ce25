"""Whom to ask: names of those who speak, under their pseudonyms."""

from __future__ import annotations

from tests.persona_store.distill.talks import found, ground, of, one, talk

KNOWN = ground("gateway", "settlement", "网关", "对账")


def people(*names: str) -> list[list[object]]:
    return [talk(f"n{number}", "Bo: hi", author_name=name) for number, name in enumerate(names)]


def test_somebody_who_speaks_is_one_to_ask_and_stands_under_a_pseudonym() -> None:
    for text in ("Ask Ann Tan when the settlement gateway is down.", "Ann Tan owns the settlement gateway."):
        (facet,) = of("whom_to_ask", *KNOWN, *people("Ann Tan"), one(text))
        assert facet.citations[0].quote == text
        assert "Ann" not in facet.text + facet.topic
        assert "colleague-" in facet.text
    for text in ("网关对账有问题找周岚看日志", "网关对账从下月起由周岚负责"):
        (facet,) = of("whom_to_ask", *KNOWN, *people("周岚"), one(text))
        assert "周岚" not in facet.text + facet.topic
        assert "同事-" in facet.text


def test_one_person_has_one_pseudonym_which_the_key_decides() -> None:
    text = "Ask Ann Tan when the settlement gateway is down."
    (one_,), (same,), (other,) = (
        of("whom_to_ask", *KNOWN, *people("Ann Tan"), one(text), key=key) for key in (b"k1", b"k1", b"k2")
    )
    assert one_.text == same.text != other.text


def test_a_word_that_is_nobodys_name_is_nobody_to_ask() -> None:
    for text in ("Ask Kafka about the settlement gateway offset.", "网关对账有问题找日志看一下"):
        assert of("whom_to_ask", *KNOWN, *people("Ann Tan", "周岚"), one(text)) == []


def test_it_does_not_matter_when_the_name_is_heard() -> None:
    text = "Ask Ann Tan when the settlement gateway is down."
    before = found(*KNOWN, *people("Ann Tan"), one(text))
    assert before == found(one(text), *people("Ann Tan"), *KNOWN)
