"""Every sentence a person reads, looked up by key; the sentences themselves are locales/<language>.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("en", "zh-CN")

DYNAMIC = (
    "why.",
    "asked.",
    "my_questions.",
    "interview.",
    "settled.",
    "already.",
    "refused.",
    "personas.",
    "state.",
    "switch.",
    "owner.",
    "facet_status.",
    "cli.",
    "duty.",
    "letter.trigger_",
    "licence.",
    "subject_page.",
    "assessment.",
    "filing.kind_",
)
"""Keys beginning like this are put together at run time (a Draft names its reasons), so that no test can see each
of them used; every other key must appear in bots/ as it stands."""


def say(lang: str, key: str, /, **params: object) -> str:
    """The sentence `key` in a language, with its placeholders filled in. Parameters are never read as templates
    themselves, so what a stranger wrote may be one. Raises KeyError for an unknown language, key or a placeholder
    without its parameter: that is a mistake in the program and the tests of wording find it."""
    return sentences(lang)[key].format_map(params)


@cache
def sentences(lang: str) -> Mapping[str, str]:
    """All sentences of a language by dotted key."""
    if lang not in LANGUAGES:
        raise KeyError(lang)
    text = files("bots").joinpath("locales", f"{lang}.toml").read_text(encoding="utf-8")
    return dict(_flat(tomllib.loads(text)))


def _flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, str(value)
