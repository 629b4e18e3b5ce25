"""From a skill made elsewhere to an answer, in the commands one types."""

from __future__ import annotations

import shutil

from tests.bots.cli.shell import Shell
from tests.persona_store.sources.exports import write_folder
from tests.persona_store.sources.skill_shapes import SKILLS

NOT_THEIRS = "described by others, not Lin Wei's own words"


def brought(sh: Shell, dialect: str = "colleague") -> str:
    return str(shutil.copytree(SKILLS / dialect, sh.folder / dialect))


def persona(sh: Shell, *sign: str) -> None:
    sh.draft("lin", "--display-name", "Lin Wei")
    sh.done("consent", "sign", "lin", "--sources", "colleague-skill", "--cooling-off", "0", "--yes", *sign)


def test_an_existing_skill_moves_over_in_four_commands(sh: Shell) -> None:
    """Nobody has to say whose words they are: they are nobody's."""
    persona(sh)
    shown = sh.done("import", "colleague-skill", brought(sh), "--persona", "lin")
    for told in (
        "quoted as theirs: 1 (3 passages new",
        "damage the colleague's name",
        "orders to a model",
        "import mail",
    ):
        assert told in shown.out
    sh.done("persona", "live", "lin")
    answer = sh.done("ask", "验签失败返回什么？", "--persona", "lin", "--json").json
    assert answer["answered"], answer
    assert answer["evidence_ids"][0] == "skill:linwei/work.md#2"
    [quote] = answer["quotes"]
    assert "401" in quote["text"]
    assert quote["author"] == "他人描述，不是 Lin Wei 本人的话"
    assert quote["place"] == "导入的技能：林薇 — Work Skill › 技术规范 › 接口设计"


def test_importing_it_again_changes_nothing(sh: Shell) -> None:
    persona(sh)
    path = brought(sh)
    told = sh.done("import", "colleague-skill", path, "--persona", "lin", "--json").json
    assert (told["kept"], told["context"], told["described"], told["new"]) == (0, 0, 1, 3)
    again = sh.done("import", "colleague-skill", path, "--persona", "lin", "--json").json
    assert (again["new"], again["changed"], again["same"]) == (0, 0, 3)


def test_own_words_come_first_once_they_are_there(sh: Shell) -> None:
    sh.draft("lin", "--display-name", "Lin Wei")
    sh.done("consent", "sign", "lin", "--sources", "colleague-skill,slack-export", "--cooling-off", "0", "--yes")
    skill = b"# Lin\n\n## Retries\n\nThe payment retry job runs every 15 minutes, three attempts at most.\n"
    path = str(write_folder(sh.folder / "lin", {"work.md": skill}))
    sh.done("import", "colleague-skill", path, "--persona", "lin")
    sh.done("persona", "live", "lin")
    words = ("ask", "How often does the payment retry job run?", "--persona", "lin", "--json")
    assert sh.done(*words).json["quotes"][0]["author"] == NOT_THEIRS
    sh.done("import", "slack-export", sh.slack(), "--persona", "lin", "--subject", "U0LIN")
    assert [quote["author"] for quote in sh.done(*words).json["quotes"]] == ["林薇"]


def test_style_is_kept_only_under_its_own_yes(sh: Shell) -> None:
    persona(sh, "--facets", "work_knowledge,communication_style")
    told = sh.done("import", "colleague-skill", brought(sh), "--persona", "lin", "--json").json
    assert (told["described"], told["dropped"]["CONSENT_FACET"]) == (2, 1)


def test_what_may_not_be_imported_is_one_line(sh: Shell) -> None:
    sh.signed(sources="documents")
    path = brought(sh)
    assert sh("import", "colleague-skill", path, "--persona", "lin").refused("CONSENT_SOURCE")
    sh.done("consent", "sign", "lin", "--sources", "colleague-skill", "--cooling-off", "0", "--yes")
    several = {"colleagues/a/work.md": b"x", "colleagues/b/work.md": b"y"}
    folder = str(write_folder(sh.folder / "several", several))
    assert sh("import", "colleague-skill", folder, "--persona", "lin").refused("SKILL_SEVERAL")
    licence = str(
        write_folder(sh.folder / "licensed", {"work.md": b"x", "LICENSE-DISTILL.md": b"tier: human_only"})
    )
    assert sh("import", "colleague-skill", licence, "--persona", "lin").refused("SKILL_LICENCE")
    assert sh.done("persona", "show", "lin", "--json").json["passages"] == 0


def test_a_skill_of_nothing_but_opinions_says_so(sh: Shell) -> None:
    persona(sh)
    shown = sh.done("import", "colleague-skill", brought(sh, "ex"), "--persona", "lin")
    assert "Nothing in it may be used." in shown.out
    assert "--subject" not in shown.out
