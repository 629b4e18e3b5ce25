"""Posts → messages and cards: limits in bytes, the label first, buttons there and back."""

from __future__ import annotations

import json

from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.dingtalk import buttons, cards, outbound
from adapters.dingtalk.addresses import direct
from adapters.model import Button, Card, Field, Form, Person, Post, Quote, Thread
from tests.platforms.dingtalk_text import link_buttons, rendered, said_by

LIN = Person("dingtalk", "staff_lin", "Lin")
ROOM = Thread("dingtalk", "cidroom==", "corp")
FULL = Card(
    "Lin approves them.",
    label="AI answer",
    title="Invoices",
    quotes=(Quote("Two signatures.\nAlways.", "Lin", "2026-05-01", "#finance", "https://wiki/x"),) * 2,
    notes=("Lin answers for it.", "80 % sure."),
    buttons=(Button("up", "👍", "o1"), Button("pick:carlyn|x", "Carlyn [x](y)", "a|b⟧")),
)


def body(post: Post, thread: Thread = ROOM) -> dict[str, object]:
    (one,) = cards.bodies(post, thread, robot="robot", template="t.schema")
    return one


def test_the_label_is_the_first_word_and_the_buttons_are_the_last() -> None:
    (part,) = outbound.parts(Post("k1", FULL), "")
    seen = rendered(part.text).split("\n")
    assert seen[0] == "AI answer"
    assert seen[1:3] == ["Invoices", "Lin approves them."]
    assert seen[-1].startswith("👍")
    assert part.title == "AI answer Invoices"


def test_every_part_has_the_label_and_none_is_too_heavy() -> None:
    """D15: DingTalk counts bytes, and a Chinese letter is three."""
    post = Post("k1", Card("审批" * 20_000, label="AI 回答", quotes=FULL.quotes * 5, notes=FULL.notes))
    parts = outbound.parts(post, "")
    assert len(parts) > 5
    assert all(part.text.startswith("**AI 回答**") for part in parts)
    assert max(len(outbound.param(part).encode()) for part in parts) <= 14_000
    assert "Two signatures." in parts[-1].text
    assert "Two signatures." not in parts[0].text


@settings(deadline=None)  # a busy machine is no failure
@given(st.text(max_size=3000), st.text(max_size=300), st.integers(0, 10))
def test_no_part_is_ever_too_heavy(text: str, quote: str, many: int) -> None:
    card = Card(text, label="AI", quotes=(Quote(quote * 30, "Lin", "May", "#x"),) * many, notes=(quote,) * many)
    for part in outbound.parts(Post("k", card), ""):
        assert len(outbound.param(part).encode()) <= 15_000
        assert part.title


def test_parameters_are_a_string_of_json() -> None:
    (part,) = outbound.parts(Post("k1", Card('say "x"\n', label="AI")), "")
    assert json.loads(outbound.param(part)) == {"title": "AI", "text": part.text}


def test_a_button_comes_back_as_it_went() -> None:
    (part,) = outbound.parts(Post("k1", FULL), "")
    found = [buttons.read(said_by(button.url) or "") for button in link_buttons(part.text)]
    assert found == [
        buttons.Said("up", "o1", outbound.name("k1")),
        buttons.Said("pick:carlyn|x", "a|b⟧", outbound.name("k1")),
    ]
    assert buttons.read("what does ⟦x⟧ mean?") is None


@settings(deadline=None)  # a busy machine is no failure
@given(st.text(min_size=1, max_size=200), st.text(max_size=200), st.text(max_size=20))
@example("pick:" + "林" * 60, "𐀀" * 200, "林")
def test_any_button_comes_back(action: str, value: str, label: str) -> None:
    said = said_by(buttons.link(Button(action, label, value), "u1"))
    assert buttons.read(said or "") == buttons.Said(action, value, "u1")


def test_a_notification_needs_the_id_in_the_text_and_in_the_list() -> None:
    """D8."""
    calls, at = outbound.really([LIN])
    assert (calls, at) == ("@staff_lin", {"atUserIds": ["staff_lin"], "isAtAll": False})
    assert outbound.really([]) == ("", {})
    assert outbound.by_name([LIN]) == "**@Lin**"


def test_everything_a_card_is_told_is_a_string() -> None:
    """D13."""
    params = body(Post("k1", FULL))["cardData"]["cardParamMap"]  # type: ignore[index]  # a dict
    assert all(isinstance(value, str) for value in params.values())
    listed = json.loads(params["buttons"])
    assert [one["text"] for one in listed] == ["👍", "Carlyn [x](y)"]
    assert listed[0]["event"]["params"]["params"] == {
        "action": "up",
        "value": "o1",
        "form": "",
        "chat": "cidroom==",
        "corp": "corp",
    }


def test_a_card_has_the_name_of_its_post_for_ever() -> None:
    """D12, E2: a repeat is recognised, after any restart."""
    assert body(Post("k1", FULL))["outTrackId"] == body(Post("k1", Card("other")))["outTrackId"]
    assert outbound.name("k1") == "u6ab9f1eb8f7d3388f4f9d586"
    assert body(Post("k2", FULL))["outTrackId"] != body(Post("k1", FULL))["outTrackId"]


def test_where_a_card_goes_and_whom_it_calls() -> None:
    in_group = body(Post("k1", FULL, mention=(LIN,)))
    assert in_group["openSpaceId"] == "dtv1.card//IM_GROUP.cidroom=="
    assert in_group["imGroupOpenDeliverModel"] == {"robotCode": "robot", "atUserIds": {"staff_lin": "Lin"}}
    alone = body(Post("k1", FULL), direct("staff_lin"))
    assert alone["openSpaceId"] == "dtv1.card//IM_ROBOT.staff_lin"
    assert alone["imRobotOpenDeliverModel"] == {"spaceType": "IM_ROBOT", "robotCode": "robot"}
    assert "imGroupOpenDeliverModel" not in alone
    for space in (in_group["imGroupOpenSpaceModel"], alone["imRobotOpenSpaceModel"]):
        assert space["supportForward"] is False  # type: ignore[index]  # a forwarded card would be pressed elsewhere


def test_a_push_notification_says_who_speaks_what_about_and_nothing_of_what_is_said() -> None:
    space = body(Post("k1", FULL))["imGroupOpenSpaceModel"]
    assert space["notification"]["alertContent"] == "AI answer Invoices"  # type: ignore[index]  # a dict


def test_a_form_has_as_many_inputs_as_the_template() -> None:
    fields = tuple(Field(f"f{n}", f"Field {n}", f"was {n}") for n in range(4))
    shown = cards.opened(Form("edited", "v", "Edit", "Send", "Cancel", fields))
    assert json.loads(shown["about"]) == {"action": "edited", "value": "v", "fields": ["f0", "f1"]}
    assert (shown["label2"], shown["input2"]) == ("Field 1", "was 1")
    assert all(isinstance(value, str) for value in shown.values())


def test_a_title_is_never_missing() -> None:
    """D15: it is all that a push shows, and DingTalk refuses a message without."""
    assert [part.title for part in outbound.parts(Post("k", Card("")), "")] == ["…"]
