"""What Feishu refuses of a message's content, and by which code, as the reference pages of im/v1 messages (with the
table of 230099's sub-codes) and of the cards' components have it. How content is read is in feishu_reading.py, and
what that offers can be had from here too."""

from __future__ import annotations

import re
from typing import Any

from tests.platforms.feishu_reading import (
    MARKS,
    Json,
    buttons,
    elements,
    links,
    mentioned,
    notified,
    pieces_of,
    post_lines,
    shown,
    value_of,
)

__all__ = ["buttons", "card_fault", "elements", "fault_of", "links", "mentioned", "notified", "shown", "value_of"]

INTERACTIVE = frozenset(
    {
        *("button", "checker", "input", "overflow", "date_picker", "picker_time", "picker_datetime"),
        *("select_static", "select_person", "multi_select_static", "multi_select_person"),
    }
)
KNOWN = INTERACTIVE | {
    *("markdown", "div", "hr", "img", "img_combination", "table", "chart", "person", "person_list"),
    *("form", "column_set", "column", "collapsible_panel", "interactive_container"),
}
ONLY_V1 = frozenset({"action", "note"})
INSIDE_NOTES = frozenset({"plain_text", "lark_md"})
MOST_TABLES = 5
MOST_ELEMENTS = 200
MOST_TYPED = 1000  # characters into an input
BUTTON_TYPES = frozenset(
    {
        *("default", "primary", "danger", "text", "primary_text", "danger_text"),
        *("primary_filled", "danger_filled", "laser"),
    }
)


def fault_of(kind: str, content: Any, size: int, people: set[str], images: set[str]) -> tuple[int, str]:
    """The error Feishu would answer for this content, as (code, message), or (0, ""). `size` in bytes as sent."""
    if not isinstance(content, dict):
        return 230001, _invalid("content is not a string in json format")
    if size > (150 if kind == "text" else 30) * 1024:
        return 230025, "The length of the message content reaches its limit."
    if kind == "text":
        text = content.get("text")
        return (0, "") if isinstance(text, str) and text.strip() else (230001, _invalid("text is empty"))
    if kind == "post":
        return _post_fault(content)
    if kind == "interactive":
        return card_fault(content, people, images)
    return (
        (0, "")
        if kind in ("image", "file", "audio", "media", "sticker")
        else (230001, _invalid("invalid msg_type"))
    )


def _post_fault(content: Json) -> tuple[int, str]:
    bodies = list(content.values())
    if not bodies or not all(isinstance(b, dict) and isinstance(b.get("content"), list) for b in bodies):
        return 230001, _invalid("message_content_text_tag invalid: no language with content")
    known = ("text", "a", "at", "img", "media", "emotion", "hr", "code_block", "md")
    for line in post_lines(content):
        for element in line:
            if element.get("tag") not in known:
                return 230001, _invalid(f"unknown tag {element.get('tag')}")
            if element["tag"] == "md" and len(line) > 1:
                return 230001, _invalid("md must be alone in its paragraph")
    return 0, ""


def card_fault(card: Any, people: set[str], images: set[str]) -> tuple[int, str]:
    """What is wrong with a card's JSON: 230099 with a sub-code in its message. Field reports have 11310 for tables
    and for duplicates; that forms, ids and too many elements share it is an assumption."""
    if not isinstance(card, dict):
        return _card_refused(200621, "parse card json err, please check whether your card json is correct")
    second = card.get("schema") == "2.0"
    body = card.get("body", {}) if second else card
    if not isinstance(body, dict) or not isinstance(body.get("elements"), list) or (second and "elements" in card):
        return _card_refused(200621, "parse card json err, please check whether your card json is correct")
    every = list(elements(body))
    for element in every:
        tag = element.get("tag", "")
        if second and tag in ONLY_V1:
            what = f"cards of schema V2 no longer support this capability; ErrorValue: unsupported tag {tag}"
            return _card_refused(200861, what)
        if tag not in KNOWN and (second or tag not in ONLY_V1 | INSIDE_NOTES):
            return _card_refused(200621, f"parse card json err; ErrorValue: unknown tag {tag}")
        if tag == "form" and (problem := _form_fault(element)):
            return _card_refused(11310, problem)
    if not all(isinstance(element, dict) and "tag" in element for element in body["elements"]):
        return _card_refused(200621, "parse card json err; ErrorValue: no tag")
    if problem := _shape_fault(card.get("header"), every):
        return _card_refused(200621, f"parse card json err; ErrorValue: {problem}")
    if len(every) > MOST_ELEMENTS:
        return _card_refused(11310, "element exceeds the limit")
    for key in ("element_id", "name"):
        given = [element[key] for element in every if element.get(key)]
        if twice := next((each for each in given if given.count(each) > 1), ""):
            return _card_refused(11310, f"{key}({twice}) duplicate")
    ids = [element["element_id"] for element in every if element.get("element_id")]
    if not all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,19}", id) for id in ids):
        return _card_refused(11310, "element_id is invalid")
    texts = [text for text, rich in pieces_of(card) if rich]
    tables = sum(e.get("tag") == "table" for e in every) + sum(_tables(text) for text in texts)
    if tables > MOST_TABLES:
        return _card_refused(11310, "card table number over limit; ErrorValue: table")
    if any(id != "all" and id not in people for text in texts for id in mentioned(text)):
        return _card_refused(100290, "There is an invalid user resource(at/person) in your card")
    pictures = [m["image"].rpartition("(")[2][:-1] for text in texts for m in MARKS.finditer(text) if m["image"]]
    pictures += [e.get("img_key", "") for e in every if e.get("tag") == "img"]
    if any(key not in images for key in pictures):
        return _card_refused(200570, "card contains invalid image keys")
    return 0, ""


def _shape_fault(header: Any, every: list[Json]) -> str:
    """What is not of the type its component's page gives it."""
    if header is not None and not (isinstance(header, dict) and _text(header.get("title"))):
        return "header title"
    for element in every:
        tag = element["tag"]
        if tag == "markdown" and not isinstance(element.get("content"), str):
            return "markdown content"
        if tag == "div" and not (_text(element.get("text")) or element.get("fields")):
            return "div text"
        if tag == "button" and not (_text(element.get("text")) and element.get("type", "default") in BUTTON_TYPES):
            return "button"
        if tag == "input" and not 1 <= element.get("max_length", MOST_TYPED) <= MOST_TYPED:
            return "input max_length"
    return ""


def _text(node: Any) -> bool:
    return (
        isinstance(node, dict)
        and node.get("tag") in ("plain_text", "lark_md")
        and isinstance(node.get("content"), str)
    )


def _form_fault(form: Json) -> str:
    """A form has a name, a submit button, and a name on all that can be filled (reference page of the form)."""
    inside = [e for e in elements(form.get("elements", [])) if e.get("tag") in INTERACTIVE]
    if not form.get("name") or not all(e.get("name") for e in inside):
        return "form element must have name"
    submits = [b for b in inside if b.get("form_action_type") == "submit" or b.get("action_type") == "form_submit"]
    return "" if submits else "form must have a submit button"


def _tables(markdown: str) -> int:
    """GFM tables outside of code: a delimiter row under a row with bars."""
    bare = re.sub(r"```.*?(?:```|\Z)", "", markdown, flags=re.DOTALL)
    return len(
        re.findall(r"^.*\|.*\n[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$", bare, re.MULTILINE)
    )


def _card_refused(sub: int, what: str) -> tuple[int, str]:
    return 230099, f"Failed to create card content, ext=ErrCode: {sub}; ErrMsg: {what}; "


def _invalid(ext: str) -> str:
    return f"Your request contains an invalid request parameter, ext={ext}."
