"""The documentation cannot rot: what exists is documented, and what the documents name exists."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

from adapters import ADAPTERS
from bots import administration
from bots.cli import build
from bots.metrics import Metrics
from bots.options import Setting, describe
from bots.routing import VERBS
from persona_store.consent.record import Consent, RecordScope
from tests import commands_page
from tests.adapters import abilities

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *ROOT.glob("adapters/*/README.md")])


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def row(setting: Setting) -> str:
    return f"| `{setting.variable}` | `{setting.key}` | {setting.default} | {setting.meaning} |"


# ------------------------------------------------------------------ what exists is documented


@pytest.mark.parametrize("setting", describe(), ids=lambda setting: setting.key)
def test_every_setting_is_documented_as_declared(setting: Setting) -> None:
    """Name, default and meaning are those of bots/options.py, word for word."""
    assert row(setting) in text(DOCS / "settings.md").splitlines()


def test_no_setting_is_documented_that_is_not_there() -> None:
    named = set(re.findall(r"UNDERSTUDY_[A-Z]+(?:_[A-Z]+)*\b", "".join(map(text, PAGES))))
    assert named - {setting.variable for setting in describe()} - {"UNDERSTUDY_SECTION_KEY"} == set()


@pytest.mark.parametrize("name", Metrics().names())
def test_every_metric_is_documented(name: str) -> None:
    assert f"`{name}`" in text(DOCS / "metrics.md")


def test_no_metric_is_documented_that_is_not_there() -> None:
    named = set(re.findall(r"`(understudy_\w+)`", text(DOCS / "metrics.md")))
    assert named - set(Metrics().names()) == set()


@pytest.mark.parametrize("name", ADAPTERS)
def test_every_adapter_has_its_page(name: str) -> None:
    assert (DOCS / "adapters" / f"{name}.md").is_file()


def verb_rows(verb: str) -> list[list[str]]:
    """The cells of the verb's lines in docs/commands.md."""
    lines = re.findall(rf"^\| (`{verb}\b.*) \|$", text(DOCS / "commands.md"), re.MULTILINE)
    return [line.split(" | ") for line in lines]


@pytest.mark.parametrize(("verb", "spellings"), VERBS.items())
def test_every_chat_verb_is_documented_in_both_languages(verb: str, spellings: tuple[str, ...]) -> None:
    rows = verb_rows(verb)
    assert rows
    assert [cells[2] for cells in rows] == [" ".join(f"`{word}`" for word in spellings)] * len(rows)


@pytest.mark.parametrize(("verb", "roles"), administration.ALLOWED.items())
def test_who_may_is_documented_as_it_is_checked(verb: str, roles: set[str]) -> None:
    assert [set(cells[1].split(", ")) for cells in verb_rows(verb)] == [roles]


def test_the_commands_are_documented_as_they_help() -> None:
    """Each command and option with its meaning; `python -m tests.commands_page` renews it."""
    written = text(commands_page.PAGE).partition(commands_page.BEGIN)[2]
    assert written.strip().splitlines() == commands_page.reference().strip().splitlines()


async def test_what_works_where_is_what_the_contract_tries() -> None:
    """`python -m tests.adapters.abilities` renews it."""
    assert text(abilities.PAGE) == abilities.page(await abilities.lacking())


def test_the_reference_is_not_empty() -> None:
    """An option anybody would look for is in it, so that the comparison above compares something."""
    assert "### `understudy persona create NAME`" in commands_page.reference()
    assert "`--risk-budget SHARE`" in commands_page.reference()


@cache
def commands() -> tuple[str, ...]:
    """`persona create` and all the others, from the parser itself."""
    return tuple(name.partition(" ")[2] for name, _, _ in commands_page.leaves(build("en")))


USED = ("slack", "feishu", "dingtalk", "wechat", "documents", "model", "meaning", "embedding")
"""The extras that running uses; what only developing does needs no reason."""


def test_every_library_has_its_reason() -> None:
    """Whatever gets installed beside us is in docs/architecture.md with the room it lives in."""
    project = tomllib.loads(text(ROOT / "pyproject.toml"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *(each for extra in USED for each in extras[extra])]
    names = [re.split(r"[^a-z0-9-]", each)[0] for each in wanted]
    assert len(names) > 5
    assert [name for name in names if f"| `{name}`" not in text(DOCS / "architecture.md")] == []


def test_every_field_of_a_consent_record_is_explained() -> None:
    """Whoever signs or audits finds each field of the record on the page about consent."""
    page = text(DOCS / "consent.md")
    fields = [*Consent.__struct_fields__, *(f"scope.{name}" for name in RecordScope.__struct_fields__)]
    assert [field for field in fields if field != "scope" and f"`{field}`" not in page] == []


# ------------------------------------------------------------------ what the documents name exists


def code(page: Path) -> str:
    """What a reader may copy: code blocks and `inline code`."""
    blocks = re.findall(r"^```.*?^```", text(page), re.MULTILINE | re.DOTALL)
    rest = re.sub(r"^```.*?^```", "", text(page), flags=re.MULTILINE | re.DOTALL)
    return "\n".join([*blocks, *re.findall(r"`([^`\n]+)`", rest)])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_commands_a_page_names_exist(page: Path) -> None:
    heads = {command.split()[0] for command in commands()}
    targets = set(re.findall(r"^([a-z]+):", text(ROOT / "Makefile"), re.MULTILINE))
    named = re.findall(r"(?:^|\s|bin/)(?<!/)understudy ([a-z][a-z-]+)", code(page))
    assert {name for name in named if name not in heads | set(VERBS)} == set()
    assert set(re.findall(r"(?:^|\s)make ([a-z]+)", code(page))) - targets == set()


def anchors(page: Path) -> set[str]:
    """The fragments GitHub gives to headings."""
    titles = re.findall(r"^#+ (.+)$", text(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text(page)):
        if re.match(r"[a-z]+:", target):
            continue  # another site: not for a test without a network
        path, _, anchor = target.partition("#")
        goal = (page.parent / path) if path else page
        if not goal.exists() or (anchor and anchor not in anchors(goal)):
            broken.append(target)
    assert broken == []


def test_every_picture_is_shown_and_light() -> None:
    """No picture is left behind when its page changes, and none makes a clone heavy."""
    pictures = sorted((DOCS / "images").iterdir())
    shown = "".join(map(text, PAGES))
    assert pictures
    assert [each.name for each in pictures if f"images/{each.name})" not in shown] == []
    assert [each.name for each in pictures if each.stat().st_size > 300_000] == []


def test_both_readmes_give_the_same_commands() -> None:
    """Whoever reads Chinese gets the same two commands and the same steps to Slack."""
    blocks = [
        re.findall(r"^```\w*\n(.*?)^```", text(ROOT / name), re.MULTILINE | re.DOTALL)
        for name in ("README.md", "README.zh-CN.md")
    ]
    english, chinese = ([re.sub(r"\s*#.*", "", block).split() for block in each] for each in blocks)
    assert english
    assert english == chinese


def test_the_changelog_is_kept() -> None:
    """Keep a Changelog: news goes under Unreleased, and sections come in its fixed order."""
    page = text(ROOT / "CHANGELOG.md")
    assert "## [Unreleased]" in page
    order = ["Security", "Removed", "Deprecated", "Added", "Changed", "Fixed"]
    for release in re.split(r"^## ", page, flags=re.MULTILINE)[1:]:
        sections = re.findall(r"^### (\w+)", release, re.MULTILINE)
        assert sections == sorted(sections, key=order.index)


def test_the_glossary_has_the_words_of_the_house() -> None:
    """Each noun that names a class of the models is explained where words live."""
    page = text(DOCS / "glossary.md")
    words = (
        "Subject",
        "Owner",
        "Deputy",
        "Asker",
        "Admin",
        "Persona",
        "Consent",
        "Passage",
        "Evidence",
        "Question",
        "Outcome",
        "Escalation",
        "Correction",
        "Retire",
        "Post",
        "Receipt",
        "Thread",
        "Message",
    )
    assert [word for word in words if f"**{word}" not in page] == []
