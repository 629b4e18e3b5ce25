"""Which folder is the skill, and what each of its files is for."""

from __future__ import annotations

import pytest

from persona_store.errors import Refused
from persona_store.sources.skill_folder import Found, Role, find, importers, role
from tests.persona_store.sources.exports import code_of


def found(*names: str, skill: str = "# x") -> Found:
    return find(names, lambda _: skill)


@pytest.mark.parametrize(
    ("names", "root", "dialect"),
    [
        (("work.md", "persona.md"), "", "colleague"),
        (("colleagues/li/work.md", "colleagues/li/versions/v1/work.md"), "colleagues/li/", "colleague"),
        (
            ("repo/SKILL.md", "repo/prompts/x.md", "repo/skills/colleague/li/persona.md"),
            "repo/skills/colleague/li/",
            "colleague",
        ),
        (("b/subject.json", "b/skills/m-playbook/SKILL.md", "b/persona/SOUL.md"), "b/", "hybridclaw"),
        (("IDENTITY.md", "SOUL.md"), "", "hybridclaw"),
        (("lin/skill.md", "lin/references/a.md"), "lin/", "skill"),
    ],
)
def test_a_skill_is_found_wherever_it_stands(names: tuple[str, ...], root: str, dialect: str) -> None:
    assert found(*names) == Found(root, dialect)


def test_a_skill_of_parts_is_known_by_its_text() -> None:
    assert found("a/SKILL.md", skill="---\nname: a\n---\n## PART A：工作能力").dialect == "colleague"
    assert found("a/SKILL.md", skill="Read part a of the book").dialect == "skill"


def test_a_persona_is_one_person() -> None:
    with pytest.raises(Refused, match="it holds 2 skills: exes/wang, exes/zhang") as caught:
        found("exes/zhang/persona.md", "exes/wang/persona.md")
    assert caught.value.code == "SKILL_SEVERAL"
    assert code_of(lambda: found("notes.txt", "meta.json")) == "SKILL_NONE"


@pytest.mark.parametrize("ending", ["_cleaned", "-cleaned", ".cleaned", "_sanitized"])
def test_washed_and_original_are_one_person_and_the_washed_one_counts(ending: str) -> None:
    """Whoever took something out did not want it in."""
    assert found("li/work.md", f"li{ending}/work.md") == Found(f"li{ending}/", "colleague", "li/")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("work.md", Role("work")),
        ("PERSONA.md", Role("portrait")),
        ("versions/v1/work.md", Role(left="old_version")),
        ("knowledge/docs/a.md", Role(left="raw_material")),
        ("prompts/intake.md", Role(left="instruction")),
        ("work_skill.md", Role(left="rendered")),
        ("persona_skill.md", Role("portrait")),
        ("references/runbook.md", Role("whole")),
        ("references/evidence-01.md", Role(left="rendered")),
        ("references/portrait.json", Role(left="rendered")),
        ("li_private_backup.md", Role(left="private_backup")),
        ("work.original.md", Role(left="private_backup")),
        ("private/notes.md", Role(left="private_backup")),
        ("notes.md", Role(left="set_aside")),
        ("notes.cleaned.md", Role("memory")),
        ("meta.json", Role()),
        ("README.md", Role(left="unsupported_type")),
        ("tools/run.py", Role(left="instruction")),
        ("photo.png", Role(left="unsupported_type")),
        ("state.md", Role(left="no_facet")),
    ],
)
def test_each_file_has_its_role(name: str, expected: Role) -> None:
    assert role(name, frozenset(["work.md", "notes.cleaned.md"]), "colleague") == expected


def test_raw_material_is_pointed_to_the_importer_that_reads_it_right() -> None:
    names = [
        "knowledge/emails/a.eml",
        "knowledge/messages/a.txt",
        "knowledge/messages/b.txt",
        "knowledge/docs/a.md",
        "raw/slack/x.json",
    ]
    assert list(importers(names)) == [
        ("knowledge/docs", "documents"),
        ("knowledge/emails", "mail"),
        ("knowledge/messages", "feishu"),
        ("raw/slack", "slack-export"),
    ]
