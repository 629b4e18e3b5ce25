"""The Markdown subset → Slack's `rich_text`, and the other blocks a card is made of.

`rich_text` is structure, not markup: a text element is shown as it is, so nothing in it can become a mention, a
link, an image or a broken `*bold*` next to a CJK character (peers.md S12, rights.md T25, T26). Where Slack only
takes markup (`mrkdwn` in small print) the text is escaped and `verbatim` forbids it to find links by itself.
Limits: docs.slack.dev/reference/block-kit/blocks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from adapters.model import Button, Field, Form, Person, Quote
from adapters.slack.inbound import FORM, action_id
from adapters.text import Block, Span, clip, escape_mrkdwn, mrkdwn, mute, parse, split

Json = dict[str, Any]

HEADER, SECTION, BUTTON_TEXT, BUTTON_VALUE = 150, 3000, 75, 2000
SMALL_PRINTS, BUTTONS = 10, 20
VIEW_TITLE, PLACEHOLDER = 24, 150


def label(text: str) -> Json:
    return {"type": "context", "elements": [_plain(text, 300)]}


def header(text: str) -> Json:
    return {"type": "header", "text": _plain(text, HEADER)}


def body(markdown: str, *, links: Collection[str], mention: Sequence[Person] = ()) -> list[Json]:
    """One rich_text block for about every 3000 characters; whoever is mentioned really is."""
    calls = [part for person in mention for part in ({"type": "user", "user_id": person.id}, _text(" "))]
    blocks: list[Json] = []
    for piece in split(markdown, SECTION) if markdown.strip() else [""]:
        elements = list(_rich(parse(piece, links=links)))
        if calls and elements and elements[0]["type"] == "rich_text_section":
            elements[0]["elements"][:0] = calls
        elif calls:
            elements.insert(0, {"type": "rich_text_section", "elements": calls})
        calls = []
        if elements:
            blocks.append({"type": "rich_text", "elements": elements})
    return blocks


def _rich(blocks: Sequence[Block]) -> Iterator[Json]:
    run: list[Block] = []
    for at, block in enumerate(blocks):
        if block.kind == "item":
            run.append(block)
            following = blocks[at + 1] if at + 1 < len(blocks) else None
            if following is None or following.kind != "item" or bool(following.number) != bool(block.number):
                yield _list(run)
                run = []
        elif block.kind == "code":
            if block.spans[0].text:
                yield {"type": "rich_text_preformatted", "elements": [_text(block.spans[0].text)]}
        else:
            kind = "rich_text_quote" if block.kind == "quote" else "rich_text_section"
            elements = [_element(span) for span in block.spans if span.text]
            if kind == "rich_text_section" and at + 1 < len(blocks):
                elements.append(_text("\n"))  # sections follow each other without a gap
            if elements:
                yield {"type": kind, "elements": elements}


def _list(items: Sequence[Block]) -> Json:
    rows = [[_element(span) for span in item.spans if span.text] or [_text(" ")] for item in items]
    return {
        "type": "rich_text_list",
        "style": "ordered" if items[0].number else "bullet",
        "elements": [{"type": "rich_text_section", "elements": row} for row in rows],
    }


def _element(span: Span) -> Json:
    style = {name: True for name, on in (("bold", span.bold), ("code", span.code)) if on}
    element = {"type": "link", "url": span.url, "text": span.text} if span.url else _text(span.text)
    return {**element, "style": style} if style else element


def _text(text: str) -> Json:
    return {"type": "text", "text": text}


def quote(shown: Quote, room: int) -> list[Json]:
    """A passage word for word, and below it who said it when and where, with the link to it."""
    text = mute(clip(shown.text, room)) or " "
    place = escape_mrkdwn(clip(mute(shown.place), 60)).replace("|", "¦")
    if shown.url.startswith(("https://", "http://")):
        place = f"<{escape_mrkdwn(shown.url).replace('|', '%7C')}|{place or '↗'}>"
    parts = [escape_mrkdwn(clip(mute(shown.author), 60)), escape_mrkdwn(clip(shown.when, 40)), place]
    source = " · ".join(part for part in parts if part) or "—"
    return [
        {"type": "rich_text", "elements": [{"type": "rich_text_quote", "elements": [_text(text)]}]},
        {"type": "context", "elements": [_marked(clip(source, 2000))]},
    ]


def small_print(notes: Sequence[str], room: int) -> Json:
    shown = notes[:SMALL_PRINTS]
    share = max(room // len(shown), 60)
    return {"type": "context", "elements": [_marked(mrkdwn(parse(clip(note, share))) or " ") for note in shown]}


def actions(buttons: Sequence[Button]) -> Json:
    return {"type": "actions", "elements": [_button(n, button) for n, button in enumerate(buttons[:BUTTONS])]}


def _button(number: int, button: Button) -> Json:
    shown: Json = {
        "type": "button",
        "action_id": action_id(number, button.action, opens_form=button.opens_form),
        "text": {**_plain(button.label, BUTTON_TEXT), "emoji": True},
    }
    if button.value:
        shown["value"] = button.value[:BUTTON_VALUE]
    if button.style:
        shown["style"] = button.style
    return shown


def view(form: Form, about: str) -> Json:
    """A modal. `about` (which card, which chat) comes back with the submission; people cannot change it."""
    return {
        "type": "modal",
        "callback_id": FORM,
        "private_metadata": about,
        "title": _plain(form.title, VIEW_TITLE),
        "submit": _plain(form.submit, VIEW_TITLE),
        "close": _plain(form.cancel, VIEW_TITLE),
        "blocks": [_input(field) for field in form.fields],
    }


def _input(field: Field) -> Json:
    if field.kind == "person":
        element: Json = {"type": "users_select", "action_id": "given"}
        if field.initial:
            element["initial_user"] = field.initial
    else:
        element = {"type": "plain_text_input", "action_id": "given", "multiline": field.kind == "lines"}
        if field.initial:
            element["initial_value"] = clip(field.initial, SECTION)
    if field.placeholder:
        element["placeholder"] = _plain(field.placeholder, PLACEHOLDER)
    return {"type": "input", "block_id": field.name, "label": _plain(field.label, 2000), "element": element}


def _plain(text: str, limit: int) -> Json:
    return {"type": "plain_text", "text": clip(mute(text), limit) or " ", "emoji": False}


def _marked(text: str) -> Json:
    return {"type": "mrkdwn", "text": text, "verbatim": True}
