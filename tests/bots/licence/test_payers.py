"""Who pays for what is asked where; where nobody does, nobody is guessed."""

from __future__ import annotations

import pytest

from adapters.model import Thread
from bots.licence.payers import Chats, payer
from persona_store.licence import terms

ONE = terms.terms("per_call", price="1", orgs=("acme",))
TWO = terms.terms("per_call", price="1", orgs=("acme", "globex"))
CHATS = Chats({"slack:*": "acme", "slack:C9": "globex", "feishu:oc_1": "globex", "dingtalk:*": "initech"})


@pytest.mark.parametrize(
    ("where", "org"),
    [
        (Thread("slack", "C1"), "acme"),
        (Thread("slack", "C9", root="r"), "globex"),
        (Thread("slack", "D9", direct=True), "acme"),
        (Thread("feishu", "oc_1"), "globex"),
        (Thread("feishu", "oc_2"), ""),
        (Thread("feishu", "oc_1", direct=True), ""),
        (Thread("dingtalk", "x"), ""),
    ],
)
def test_of_several_the_operator_says_whose_chat_it_is(where: Thread, org: str) -> None:
    assert payer(TWO, where, CHATS) == org


def test_the_only_one_pays_wherever_it_is_asked() -> None:
    assert payer(ONE, Thread("feishu", "anywhere"), Chats()) == "acme"
