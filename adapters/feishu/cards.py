"""The parts of a card in Feishu's JSON 2.0, and the forms that buttons open. Pure.

Names, titles, labels and buttons are `plain_text`, which shows what it is given. Limits: open.feishu.cn/document,
*Card JSON 2.0 structure*; an `input` holds at most 1,000 characters.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from adapters.feishu.markdown import call, card_markdown, escape, link
from adapters.model import Button, Card, Field, Form, Person, Quote
from adapters.text import clip, mute, parse

Json = dict[str, Any]

LABEL, TITLE, BUTTON_TEXT, BUTTONS, NOTES, SUMMARY = 300, 150, 75, 20, 10, 100
INPUT = 1_000
CANDIDATES = 100  # people to choose from in a form
COLOURS = {"asked": "orange", "owner": "green", "notice": "grey", "admin": "indigo", "error": "red"}
PRESSED, OPENS_FORM, SUBMITTED, CANCELLED = (
    "press",
    "form",
    "submit",
    "cancel",
)  # what a callback of ours stands for


def card(shown: Card, elements: Sequence[Json], *, title: bool, summary: str, mark: str = "") -> Json:
    """A whole card. The label is its headline, in front of everything else (rights.md C2); `summary` is what the
    list of chats and a notification show; `mark` is an id nobody sees."""
    lines = [line for line in (shown.label, shown.title if title else "") if line]
    header: Json = {}
    if lines:
        header = {"title": _plain(lines[0], LABEL), "template": COLOURS.get(shown.tone, "blue")}
    if len(lines) > 1:
        header["subtitle"] = _plain(lines[1], TITLE)
    config = {
        "update_multi": True,
        "enable_forward_interaction": False,  # a button works where its card was put, and nowhere else
        "summary": {"content": clip(mute(summary), SUMMARY) or "…"},
    }
    first, *rest = elements or [markdown("…")]
    body = {"elements": [{**first, "element_id": mark} if mark else first, *rest]}
    return {"schema": "2.0", "config": config, **({"header": header} if header else {}), "body": body}


def encoded(shown: Json | Sequence[Json]) -> str:
    """A card as a message's content takes it, with Chinese as it is: the limit is in bytes."""
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))


def markdown(content: str, *, small: bool = False) -> Json:
    return {"tag": "markdown", "content": content, **({"text_size": "notation"} if small else {})}


def text(source: str, *, links: Collection[str], mention: Sequence[Person] = ()) -> list[Json]:
    """The words of a card; whoever is mentioned really is."""
    blocks = parse(source, links=links) if source.strip() else ()
    calls = " ".join(filter(None, (call(person.id) for person in mention)))
    words = card_markdown(blocks)
    beside = " " if blocks and blocks[0].kind == "paragraph" and not words.startswith("|") else "\n"
    said = beside.join(part for part in (calls, words) if part)
    return [markdown(said)] if said else []


def quote(shown: Quote, room: int) -> list[Json]:
    """A passage word for word, and below it who said it when and where, with the link to it."""
    words = escape(mute(clip(shown.text, room))) or " "
    place = clip(mute(shown.place), 60)
    parts = [
        escape(clip(mute(shown.author), 60)),
        escape(clip(mute(shown.when), 40)),
        link(place or "↗", shown.url) if shown.url else escape(place),
    ]
    quoted = "\n".join("> " + line for line in words.split("\n"))
    return [markdown(quoted), markdown(" · ".join(part for part in parts if part) or "—", small=True)]


def small_print(notes: Sequence[str], room: int) -> list[Json]:
    shown = notes[:NOTES]
    share = max(room // len(shown), 60) if shown else 0
    return [markdown(card_markdown(parse(clip(note, share)), tables=0) or " ", small=True) for note in shown]


def actions(buttons: Sequence[Button], where: Mapping[str, str]) -> list[Json]:
    """A row of buttons. `where` (chat and root) comes back with the press: the callback tells neither."""
    if not buttons:
        return []
    return [_row([_button(button, where) for button in buttons[:BUTTONS]])]


def _button(button: Button, where: Mapping[str, str]) -> Json:
    kind = OPENS_FORM if button.opens_form else PRESSED
    about = {"do": kind, "action": button.action, "value": button.value, **where}
    return _callback(button.label, about, button.style)


def form(shown: Form, about: Mapping[str, str], people: Sequence[Person]) -> Json:
    """The form a press opens. `about` (which card, which chat) comes back when it is sent."""
    carried = {**about, "action": shown.action, "value": shown.value, "title": clip(shown.title, TITLE)}
    submit = _callback(shown.submit, {"do": SUBMITTED, **carried}, "primary")
    submit |= {"name": "submit", "form_action_type": "submit"}
    cancel = _callback(shown.cancel, {"do": CANCELLED, **carried}, "")
    fields = [_input(field, people) for field in shown.fields]
    container = {"tag": "form", "name": "form", "elements": [*fields, submit]}
    heading = markdown(f"**{escape(clip(mute(shown.title), TITLE))}**")
    return card(Card(""), [heading, container, cancel], title=False, summary=shown.title)


def settled(title: str, mark: str) -> Json:
    """What takes a form's place once it was sent or put aside: one line, and nothing to send twice."""
    words = f"{mark} {clip(mute(title), TITLE)}".strip()
    return card(Card(""), [markdown(escape(words), small=True)], title=False, summary=words)


def _input(field: Field, people: Sequence[Person]) -> Json:
    if field.kind == "person" and people:
        return {
            "tag": "select_person",
            "name": field.name,
            "placeholder": _plain(field.placeholder or field.label, 100),
            "options": [{"value": person.id} for person in people[:CANDIDATES]],
            "width": "fill",
            "required": True,
            **({"initial_option": field.initial} if field.initial in {p.id for p in people[:CANDIDATES]} else {}),
        }
    element: Json = {
        "tag": "input",
        "name": field.name,
        "label": _plain(field.label, 140),
        "label_position": "top",
        "width": "fill",
        "max_length": INPUT,
        "required": True,
    }
    if field.kind == "lines":
        element |= {"input_type": "multiline_text", "rows": 5, "auto_resize": True}
    if field.initial:
        element["default_value"] = clip(field.initial, INPUT)
    if field.placeholder:
        element["placeholder"] = _plain(field.placeholder, 100)
    return element


def _callback(label: str, about: Mapping[str, str], style: str) -> Json:
    """`value` is an object: the SDK cannot read a string there, and the person would see error 200671."""
    return {
        "tag": "button",
        "text": _plain(label, BUTTON_TEXT),
        "type": style or "default",
        "behaviors": [{"type": "callback", "value": dict(about)}],
    }


def _row(buttons: Sequence[Json]) -> Json:
    columns = [{"tag": "column", "width": "auto", "elements": [button]} for button in buttons]
    return {"tag": "column_set", "flex_mode": "flow", "columns": columns}


def _plain(words: str, limit: int) -> Json:
    return {"tag": "plain_text", "content": clip(mute(words), limit) or " "}
