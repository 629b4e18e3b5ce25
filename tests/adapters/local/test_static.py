"""The page's files hold together: every word is there in both languages, and nothing runs but our own modules."""

from __future__ import annotations

import json
import re
from importlib.resources import files

import pytest

from adapters.local.guard import HEADER
from adapters.local.team import ROLES

STATIC = files("adapters.local").joinpath("static")
SOURCES = {entry.name: entry.read_text("utf-8") for entry in STATIC.iterdir()}
SCRIPTS = {name: text for name, text in SOURCES.items() if name.endswith(".js")}
STRINGS: dict[str, dict[str, str]] = json.loads(SOURCES["strings.json"])


def test_every_sentence_has_both_languages_and_the_same_places_to_fill_in() -> None:
    for key, sentence in STRINGS.items():
        assert set(sentence) == {"en", "zh-CN"}, key
        assert all(sentence.values()), key
        en, zh = (sorted(re.findall(r"\{(\w+)\}", text)) for text in sentence.values())
        assert en == zh, key


def test_every_sentence_the_page_says_is_there_and_none_is_left_over() -> None:
    """Keys that are put together at run time are matched by what is fixed of them."""
    whole = set(re.findall(r"""["']([a-z_]+(?:\.[a-z_]+)+)["']""", "".join(SCRIPTS.values())))
    made = set(re.findall(r"`([a-z_]+\.(?:[a-z_]+\.)?)\$\{", "".join(SCRIPTS.values())))
    assert {key for key in whole if key.split(".")[0] in {k.split(".")[0] for k in STRINGS}} <= set(STRINGS)
    unused = {key for key in STRINGS if key not in whole and not any(key.startswith(start) for start in made)}
    assert unused == set()


def test_every_role_is_greeted_and_every_refusal_has_its_sentence() -> None:
    sources = "".join(entry.read_text("utf-8") for entry in files("adapters.local").iterdir() if entry.is_file())
    codes = set(re.findall(r'Denied\(\d+, "(\w+)"\)', sources)) | {"not_kept"}
    assert len(codes) > 8
    assert {f"error.{code}" for code in codes - {"no_file"}} <= set(STRINGS)
    assert {f"{place}.{role}" for place in ("role", "strip") for role in ROLES} <= set(STRINGS)


def test_nothing_is_ever_read_as_html_or_run_as_code() -> None:
    """Names, messages and quotes are untrusted: they become text nodes, whatever they say."""
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\b|new Function|setHTML"
    for name, text in SCRIPTS.items():
        assert not re.search(forbidden, text), name
    page = SOURCES["index.html"]
    assert not re.search(r"\son\w+=|<style|\sstyle=|javascript:", page)
    assert re.findall(r"<script[^>]*>(.*?)</script>", page, re.DOTALL) == [""]


def test_nothing_is_loaded_from_elsewhere() -> None:
    for name, text in SOURCES.items():
        addresses = set(re.findall(r"https?://[\w.-]+", text)) - {"http://www.w3.org"}
        assert addresses == set(), name


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_every_module_that_is_imported_is_there(name: str) -> None:
    assert set(re.findall(r'from "\./([\w.]+)"', SCRIPTS[name])) <= set(SCRIPTS)


def test_the_page_and_the_server_name_the_same_header() -> None:
    assert f'"{HEADER}": "1"' in SCRIPTS["api.js"]


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def mixed(colour: str, ground: str, share: float) -> str:
    pairs = [(int(colour[at : at + 2], 16), int(ground[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(one * share + other * (1 - share)):02x}" for one, other in pairs)


@pytest.mark.parametrize("theme", [":root {", ':root[data-theme="dark"] {'])
def test_words_stand_out_from_their_ground(theme: str) -> None:
    """WCAG 2.2 asks for 4.5 : 1 (success criterion 1.4.3)."""
    block = SOURCES["style.css"].split(theme, 1)[1].split("}", 1)[0]
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
    grounds = ("ground", "ground-2", "side", "hover")
    pairs = [(ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in grounds]
    pairs += [("accent-ink", "accent"), ("accent", "ground"), ("accent", "accent-soft")]
    checked = [(colours[ink], colours[ground], f"{ink} on {ground}") for ink, ground in pairs]
    for tone in ("answer", "asked", "owner", "notice", "admin", "error"):
        ink = colours[f"tone-{tone}"]
        checked.append((ink, mixed(ink, colours["ground"], 0.11), f"label of {tone}"))
    for ink, ground, what in checked:
        high, low = sorted((luminance(ink), luminance(ground)), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 4.5, what
