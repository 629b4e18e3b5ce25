"""Things: what can be asked about, told from what is merely said."""

from __future__ import annotations

import pytest

from persona_store.distill.things import bare, names, no_topics, nouns, spelt
from persona_store.distill.vocabulary import Vocabulary
from tests.persona_store.distill.talks import talk


def found(text: str) -> set[str]:
    read = bare(text)
    return names(read) | nouns(read, spelt(read))


@pytest.mark.parametrize(
    ("text", "things"),
    [
        ("The gateway is slow.", {"gateway"}),
        ("Gateway is slow", {"gateway"}),
        ("we looked at the new ledger, again", {"ledger"}),
        ("The ledger closed", {"ledg", "ledger"}),
        ("you can directly see better what it means", set()),
        ("I tried to make it work around there", set()),
        ("it deals with that, and I am able to do so", set()),
        ("run `payctl status` first", {"payctl", "statu", "status"}),
        ("put it into deps.edn please", {"deps.edn"}),
        ("Yeah, that is the right way to do it.", set()),
        ("the underlying\nDebian source", set()),
        ("网关的对账又失败了", {"网关", "对账"}),
        ("直接打开看看，可以重新发一下", set()),
        ("支付失败了", {"支付"}),
        ("我再去支付一次", set()),
    ],
)
def test_nouns_and_names_are_things_and_verbs_and_adverbs_are_none(text: str, things: set[str]) -> None:
    assert found(text) <= things
    assert bool(found(text)) == bool(things)


@pytest.mark.parametrize(
    "text",
    [
        *("the <#C04V84U7G|slack-help>", "the C04V84U7G", "an ou_6a589f5ff0e7", "the 9f86d081884c7d65"),
        *("the :slightly_smiling_face:", "the https://x.example/ledger", "of @ledger", "```\nthe ledger\n```"),
    ],
)
def test_ids_emoji_addresses_people_and_code_are_no_things(text: str) -> None:
    assert found(text) - {"slack-help"} == set()


def test_what_is_in_the_list_of_no_topics_is_none_however_it_is_written() -> None:
    assert found("the making of the thing, a better way") == set()
    assert {"making", "mak", "things", "thing"} & no_topics()


def test_a_word_that_is_a_noun_now_and_then_is_one_where_it_stands_as_a_verb_too() -> None:
    vocabulary = Vocabulary()
    for n in range(4):
        vocabulary.see(talk(f"t{n}", "the build is red" if n else "they build it"))
    assert vocabulary.things("did it build again?") == {"build": "build"}
    assert Vocabulary().things("did it build again?") == {}


def test_a_topic_names_what_is_rare_before_what_is_everywhere() -> None:
    vocabulary = Vocabulary()
    for n in range(12):
        vocabulary.see(talk(f"t{n}", "the gateway of the ledger" if n < 3 else "the gateway is red"))
    assert vocabulary.topic("the gateway of the ledger", most=1) == "ledger"
    assert vocabulary.topic("the gateway of the ledger", unless=lambda word: word == "ledger") == "gateway"
