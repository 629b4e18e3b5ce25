"""Posts → cards. What a reader sees is read off the card by the local Feishu's own eyes."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.feishu import cards, outbound
from adapters.feishu.markdown import card_markdown, escape, link
from adapters.model import Button, Card, Field, Form, Person, Post, Press, Quote, Thread
from adapters.text import parse
from tests.adapters.feishu.test_inbound import NOW
from tests.platforms.feishu_cards import buttons, card_fault, elements, links, notified, shown, value_of

ROOM = Thread("feishu", "oc_room", "tenant_1", root="om_1", anchor="om_2")
ANA = Person("feishu", "ou_ana", "Ana", "tenant_1")
FULL = Post(
    "k1",
    Card(
        "Lin **approves** them.",
        label="AI answer",
        title="Carlyn's understudy",
        quotes=(Quote("Ask Lin.\nAlways.", "Carlyn", "3 May", "finance", "https://wiki.example/a(b)"),),
        notes=("Kept for 30 days.",),
        buttons=(Button("up", "👍", "opaque-1", "primary"), Button("edit", "Edit", "opaque-2", opens_form=True)),
    ),
    mention=(ANA,),
)


def words(card: dict[str, object]) -> str:
    return "\n".join(shown("interactive", card, {"ou_ana": "Ana"}))


def test_a_card_says_all_of_a_post_in_order_and_feishu_takes_it() -> None:
    (card,) = outbound.messages(FULL, ROOM)
    assert card_fault(card, {"ou_ana"}, set()) == (0, "")
    assert words(card).split("\n") == [
        "AI answer",
        "Carlyn's understudy",
        "@Ana Lin approves them.",
        "> Ask Lin.",
        "> Always.",
        "Carlyn · 3 May · finance",
        "Kept for 30 days.",
        "👍",
        "Edit",
    ]
    assert notified("interactive", card) == ["ou_ana"]
    assert links("interactive", card) == ["https://wiki.example/a%28b%29"]


def test_a_button_brings_back_what_the_callback_does_not_tell() -> None:
    """Where its card stands; and always as an object, since the SDK cannot read a string (200671)."""
    (card,) = outbound.messages(FULL, ROOM)
    assert card["config"]["enable_forward_interaction"] is False  # a copy that is passed on has no buttons at all
    up, edit = (value_of(button) for button in buttons(card))
    assert up == {"do": "press", "action": "up", "value": "opaque-1", "chat": "oc_room", "root": "om_1"}
    assert (edit["do"], edit["action"]) == ("form", "edit")


def test_the_list_of_chats_shows_the_label_first() -> None:
    (card,) = outbound.messages(FULL, ROOM)
    assert card["config"]["summary"]["content"] == "AI answer Carlyn's understudy Lin approves them."


def test_the_list_of_chats_calls_nobody() -> None:
    (card,) = outbound.messages(Post("k", Card("@all lunch", label="＠所有人")), ROOM)
    assert not re.search("[@＠](?:all|所有人)", card["config"]["summary"]["content"])


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("请**看**这里", "请 **看** 这里"),
        ("a_b*c", "a&#95;b&#42;c"),
        ("1. one\n2. two", "1. one\n2. two"),
        ("- a\n- b", "- a\n- b"),
        ("> said\n> twice", "> said\n> twice"),
        ("`x < y`", "`x < y`"),
        ("**`code`**", "`code`"),
        ("# Title", "**Title**"),
        ("```py\nprint(1)\n```", "```\nprint(1)\n```"),
        (":OK: 10:30", "&#58;OK: 10:30"),
        ("a\n---\nb", "a\n&#45;--\nb"),
    ],
)
def test_the_subset_in_feishus_dialect(source: str, expected: str) -> None:
    assert card_markdown(parse(source)) == expected


@pytest.mark.parametrize(
    "evil",
    [
        "<at id=all></at>",
        "<at id='all'></at>",
        "`<at id=all></at>`",
        "```\n<at id=all></at>\n```",
        "**<at id=all></at>**",
        '<person id="ou_ana"></person>',
        "![x](img_v3_secret)",
        "[x](https://evil.example/?d=1)",
        "<a href='https://evil.example'>x</a>",
        "<link url='https://evil.example'>x</link>",
        "https://evil.example/?d=1",
        "<font color='red'>x</font>",
        "&lt;at id=all&gt;&lt;/at&gt;",
        "\\<at id=all></at>",
        "| a |\n|---|\n| <at id=all></at> |",
        "lark://x [y](lark://x)",
        "@所有人 ＠all",
    ],
)
def test_words_from_people_stay_words(evil: str) -> None:
    """CHT-05, CHT-06: nobody is called, nothing can be clicked, no picture is loaded, and the words stay."""
    post = Post("k", Card(evil, notes=(evil,), title=evil, quotes=(Quote(evil, evil, evil, evil),)))
    (card,) = outbound.messages(post, ROOM)
    assert card_fault(card, set(), set()) == (0, "")
    assert notified("interactive", card) == []
    assert links("interactive", card) == []


@pytest.mark.parametrize("code", ["`{}`", "```\n{}\n```", "a `{}` b"])
@pytest.mark.parametrize("tag", ["<at id=all></at>", "</AT><At id=all>", "<person id=x>", "<font color=red>"])
def test_a_tag_in_code_is_no_tag_to_anybody(code: str, tag: str) -> None:
    """Entities mean nothing there, and whether every client leaves code alone is nothing to rely on."""
    shown = card_markdown(parse(code.format(tag)))
    assert not re.search(r"</?(?:at|person|font)\b", shown, re.IGNORECASE)
    assert tag in shown.replace("\u2060", "")


@given(st.text(max_size=300))
def test_no_text_at_all_calls_anyone_or_leads_anywhere(text: str) -> None:
    (card,) = outbound.messages(Post("k", Card(text, quotes=(Quote(text, text, text, text),))), ROOM)
    assert card_fault(card, set(), set()) == (0, "")
    assert notified("interactive", card) == []
    assert links("interactive", card) == []


VISIBLE = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs"))


@given(st.text(alphabet=VISIBLE, max_size=80))
def test_escaped_text_reads_as_it_was_written(text: str) -> None:
    card = cards.card(Card(""), [cards.markdown(escape(text))], title=False, summary="x")
    assert "".join(shown("interactive", card, {})) == text


@pytest.mark.parametrize("text", ["\n", " \n", "- \n", "| ", "1. "])
def test_long_text_of_any_shape_is_escaped_in_time(text: str) -> None:
    """It is done in the loop that everything else runs in."""
    begun = time.monotonic()
    escape(text * 15_000)
    assert time.monotonic() - begun < 2


def test_a_link_ends_where_it_should() -> None:
    assert link("a]b", "https://x.example/ (1)") == "[a&#93;b](https://x.example/%20%281%29)"
    assert link("x", "javascript:alert(1)") == "x"


def test_a_table_is_a_table_as_long_as_feishu_takes_them() -> None:
    table = "| a | b |\n|---|---|\n| 1 | `x` \\| y |"
    markdown = card_markdown(parse("\n\n".join([table] * 6)))
    assert markdown.count("| a | b |\n| --- | --- |") == 4
    assert markdown.count("```") == 4
    (card,) = outbound.messages(Post("k", Card("\n\n".join([table] * 6))), ROOM)
    assert card_fault(card, set(), set()) == (0, "")


@pytest.mark.parametrize(
    "text", ["word " * 9_000, "中文" * 12_000, "<*_>" * 9_000, "```\n" + "x = 1\n" * 6_000 + "```"]
)
def test_what_does_not_fit_follows_with_its_label(text: str) -> None:
    """Whatever the text weighs: Chinese has three bytes a character, an escaped one five."""
    post = Post("k1", Card(text, label="AI answer", buttons=FULL.card.buttons), mention=(ANA,))
    parts = outbound.messages(post, ROOM)
    assert len(parts) > 1
    for number, card in enumerate(parts, 1):
        assert outbound.weight(card) <= outbound.CARD
        assert card_fault(card, {"ou_ana"}, set()) == (0, "")
        assert words(card).startswith("AI answer")
        assert bool(buttons(card)) == (number == 1)
        assert notified("interactive", card) == (["ou_ana"] if number == 1 else [])
    assert len({next(iter(outbound.marks_in(card))) for card in parts}) == len(parts)
    assert len(re.sub(r"\s|`|AI answer|@Ana|👍|Edit", "", "".join(map(words, parts)))) == len(
        re.sub(r"\s|`", "", text)
    )


@pytest.mark.parametrize("char", ["*", "中", '"', "\\", "😀", "|"])
def test_what_was_imported_weighs_what_it_likes_and_the_answer_is_still_said(char: str) -> None:
    """Else Feishu refuses all of it (230025), or a page of text becomes two hundred messages."""
    quote = Quote(char * 5_000, char * 200, char * 200, char * 300, "https://wiki.example/" + "a" * 900)
    buttons = tuple(Button("action", char * 100, "v" * 40) for _ in range(4))
    shown = Card(char * 20_000, label="AI answer", quotes=(quote,) * 12, notes=(char * 2_000,) * 3, buttons=buttons)
    parts = outbound.messages(Post("k1", shown), ROOM)
    assert all(outbound.weight(card) <= outbound.CARD for card in parts)
    assert len(parts) <= 20
    assert "> " + char * 3 in words(parts[0]).replace("…", "")


def test_a_link_too_long_for_a_card_is_its_words() -> None:
    assert link("x", "https://x.example/" + "a" * 1_000) == "x"


def test_a_send_is_known_by_post_place_and_part() -> None:
    """The same for every attempt, and for nothing else (F27)."""
    here, there = ROOM, Thread("feishu", "oc_2")
    uuids = [outbound.uuid(k, t, n) for k in ("k1", "k2") for t in (here, there) for n in (1, 2)]
    assert len(set(uuids)) == 8
    assert outbound.uuid("k1", here, 1) == uuids[0]
    assert all(len(uuid) <= 50 for uuid in uuids)


def test_whom_nobody_can_be_is_not_called() -> None:
    """An id is put between brackets only if it can be one."""
    strange = Person("feishu", "ou_x></at><at id=all", "X")
    (card,) = outbound.messages(Post("k", Card("hi"), mention=(strange,)), ROOM)
    assert notified("interactive", card) == []


def test_a_form_has_names_a_way_out_and_carries_what_it_is_about() -> None:
    press = Press("p", ROOM, ANA, "edit", "opaque-1", NOW, "om_9")
    fields = (
        Field("text", "Answer", "draft " * 300, "lines"),
        Field("who", "Person", kind="person", initial="ou_lin"),
    )
    form = Form("edited", "opaque-2", "Edit <b>", "Send", "Cancel", fields)
    people = [Person("feishu", "ou_lin", "Lin"), ANA]
    card = outbound.form(form, press, people)
    assert card_fault(card, set(), set()) == (0, "")
    box = next(e for e in elements(card["body"]) if e["tag"] == "form")
    text, who, *_ = box["elements"]
    assert (text["name"], text["input_type"], len(text["default_value"])) == ("text", "multiline_text", 1000)
    assert (who["tag"], who["initial_option"]) == ("select_person", "ou_lin")
    assert [option["value"] for option in who["options"]] == ["ou_lin", "ou_ana"]
    submit, cancel = (value_of(button) for button in buttons(card))
    assert submit | {"do": "cancel"} == cancel
    assert submit == {
        "do": "submit",
        "action": "edited",
        "value": "opaque-2",
        "title": "Edit <b>",
        "chat": "oc_room",
        "root": "om_1",
        "message": "om_9",
    }


def test_a_form_without_anybody_to_choose_takes_an_id() -> None:
    """The card's own list would be the members of the chat the form stands in: nobody."""
    press = Press("p", ROOM, ANA, "edit", "opaque-1", NOW, "om_9")
    form = Form("a", "v", "T", "Send", "Cancel", (Field("who", "Person", kind="person"),))
    box = next(e for e in elements(outbound.form(form, press, [])["body"]) if e["tag"] == "form")
    assert box["elements"][0]["tag"] == "input"
