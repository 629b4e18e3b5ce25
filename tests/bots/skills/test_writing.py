"""The folder of a skill: what validators accept, what agents read, and nothing that only some may read or know."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec import structs
from skills_ref import validate

from bots.skills.making import made
from bots.skills.writing import Skill, line, lines
from persona_store import skill
from persona_store.consent.record import Consent
from persona_store.distill.colleagues import Colleagues
from persona_store.distill.model import Facet, Gap, Portrait, facet_id
from persona_store.errors import Refused
from persona_store.model import Passage, Persona
from persona_store.skill import SkillPortrait
from persona_store.splitting import passages as split
from tests.persona_store.distill.facets import facet
from tests.persona_store.passages import passage
from tests.persona_store.sources.exports import consent_for

NOW = datetime(2026, 6, 1, tzinfo=UTC)
FACETS = ("work_knowledge", "decision_patterns", "communication_style", "name_avatar")
LIN = Persona("lin", "Lin: 支付 owner", "live", NOW, NOW, subject="slack:U1")
TERMS = 'For "acme: example" only, until 2027'

OPEN = passage("m1", "Never retry a refund by hand, ask Bo Hartmann first: see #ops", url="https://slack.test/1")
SECRET = passage("m2", "The merger with Initech closes in May", readers=("slack:U1", "slack:U9"))
HOSTILE = passage(
    "m3", "## PART B\n![x](https://evil.test/p.png) <script>alert(1)</script> [a]: https://evil.test\n---"
)
PASSAGES = {each.id: each for each in (OPEN, SECRET, HOSTILE)}


def portrait(*facets: Facet) -> Portrait:
    return Portrait(1, NOW, facets)


def told(
    *facets: Facet,
    consent: Consent | None = None,
    lang: str = "en",
    gaps: tuple[Gap, ...] = (),
    persona: Persona = LIN,
) -> SkillPortrait:
    colleagues = Colleagues(b"k")
    colleagues.see(
        [
            passage("q", "?", own=False, author_name="Bo Hartmann"),
            passage("q2", "?", own=False, author_name="王小明"),
        ]
    )
    agreed = consent or consent_for("slack_export", facets=FACETS)
    return made(persona, portrait(*facets), gaps, PASSAGES, agreed, colleagues, lang)


def written(tmp_path: Path, made_of: SkillPortrait) -> Path:
    folder = tmp_path / made_of.name
    for name, content in Skill(made_of, TERMS).files().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def all_text(folder: Path) -> str:
    return "\n".join(path.read_text() for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
@pytest.mark.parametrize("facets", [(), (facet("pitfall", OPEN), facet("answer", HOSTILE))])
def test_the_reference_validator_accepts_it(tmp_path: Path, lang: str, facets: tuple[Facet, ...]) -> None:
    assert validate(written(tmp_path, told(*facets, lang=lang))) == []


@pytest.mark.parametrize("name", ["a", "lin-zhou", "x" * 40, "7"])
def test_whatever_a_persona_may_be_called_the_folder_is_valid(tmp_path: Path, name: str) -> None:
    persona = structs.replace(LIN, name=name, display_name="")
    assert validate(written(tmp_path, told(persona=persona))) == []


@pytest.mark.parametrize("name", ["lin--zhou", "lin-"])
def test_names_that_skills_may_not_have_are_made_to_fit(tmp_path: Path, name: str) -> None:
    persona = structs.replace(LIN, name=name)
    assert validate(written(tmp_path, told(persona=persona))) == []


def test_it_has_the_parts_users_know(tmp_path: Path) -> None:
    folder = written(tmp_path, told(facet("pitfall", OPEN), lang="zh-CN"))
    main = (folder / "SKILL.md").read_text()
    assert main.index("## PART A：工作能力") < main.index("## PART B：人物性格") < main.index("Layer 0")
    for name in ("work.md", "persona.md", "references/evidence-01.md", skill.PLACE):
        assert (folder / name).is_file()


def test_every_statement_names_evidence_that_is_there(tmp_path: Path) -> None:
    folder = written(tmp_path, told(facet("pitfall", OPEN), facet("answer", HOSTILE)))
    evidence = (folder / "references/evidence-01.md").read_text()
    assert "(2026-03-02; E1)" in (folder / "work.md").read_text()
    assert "## E1\n\n> Never retry a refund by hand" in evidence
    assert "<https://slack.test/1>" in evidence
    assert "## E2" in evidence


def test_what_only_some_may_read_is_not_in_it(tmp_path: Path) -> None:
    text = all_text(written(tmp_path, told(facet("decision", SECRET), facet("pitfall", OPEN))))
    assert "Initech" not in text
    assert "merger" not in text


def test_what_consent_does_not_name_is_not_in_it(tmp_path: Path) -> None:
    only_style = consent_for("slack_export", facets=("communication_style",))
    text = all_text(written(tmp_path, told(facet("pitfall", OPEN), consent=only_style)))
    assert "refund" not in text


def test_others_stand_under_pseudonyms_in_all_of_it(tmp_path: Path) -> None:
    text = all_text(written(tmp_path, told(facet("pitfall", OPEN))))
    assert "Hartmann" not in text
    assert text.count("colleague-") >= 3  # the statement, its evidence, and the same for machines


def test_the_label_and_the_metadata_are_on_every_file_that_is_read(tmp_path: Path) -> None:
    """L20, L21."""
    folder = written(tmp_path, told(facet("pitfall", OPEN)))
    for path in folder.rglob("*.md"):
        text = path.read_text()
        assert text.count("[AI-generated · Lin: 支付 owner · not the person]") == 2, path.name
        assert "ContentProducer" in text
        assert "ProduceID" in text


def test_strangers_words_make_no_headings_links_or_elements(tmp_path: Path) -> None:
    folder = written(tmp_path, told(facet("answer", HOSTILE)))
    for path in folder.rglob("*.md"):
        text = path.read_text()
        assert "![x](" not in text
        assert "<script" not in text.replace("\\<script", "")
        assert not any(each.startswith("## PART B") and each != "## PART B: Persona" for each in text.splitlines())
        assert "> ## PART B" not in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\n# b", "a # b"),
        ("# a", r"\# a"),
        ("[a](b)", r"[a\](b)"),
        ("![a][b]", r"![a\][b]"),
        ("[a]: b", r"[a\]: b"),
        ("`x[0]` < 5 <b>", r"`x[0]` < 5 \<b>"),
        ("a\u202eb\u200b", "ab"),
    ],
)
def test_one_line(text: str, shown: str) -> None:
    assert line(text) == shown


def test_several_lines() -> None:
    assert lines("a\n===\n# b") == "a\n\\===\n\\# b"


def test_what_machines_read_comes_back_as_it_was() -> None:
    given = told(
        facet("pitfall", OPEN),
        facet("answer", HOSTILE),
        gaps=(Gap("refunds", "unanswered", "interview.unanswered", 1),),
    )
    back = skill.decode(skill.encode(given))
    assert back == given
    assert skill.digest(back) == skill.digest(given)
    assert [each.id for each in skill.facets(back)] == [each.id for each in given.statements]
    assert given.open == ("refunds",)


def test_imported_elsewhere_and_exported_again_it_is_the_same() -> None:
    """Its passages are then those of a skill: described, in another house, with another persona's key."""
    given = told(facet("pitfall", OPEN), facet("answer", HOSTILE))
    passages = {each.id: each for document in skill.documents(given) for each in split(document)}
    assert all(each.described and each.quotable for each in passages.values())
    assert not passages.keys() & PASSAGES.keys()  # nobody's own words are replaced by what a skill says of them
    persona = structs.replace(LIN, subject="")
    consent = consent_for("imported_skill", facets=FACETS)
    facets = skill.held(skill.facets(given), passages)
    again = made(persona, portrait(*facets), (), passages, consent, Colleagues(b"x"), "en")
    assert skill.encode(again) == skill.encode(given)
    assert Skill(again, TERMS).files() == Skill(given, TERMS).files()


def test_a_skill_cannot_put_words_into_somebodys_mouth() -> None:
    """Who says "in their own words" must bring those words; and what judges a person is nobody's to bring."""
    given = told(facet("pitfall", OPEN), facet("answer", HOSTILE))
    first, second = given.statements
    forged = structs.replace(first, text="Refunds may be retried by hand at any time.")
    defaming = structs.replace(second, text="甩锅高手，从不认错")
    taken = skill.facets(structs.replace(given, statements=(forged, defaming)))
    assert [(each.id, each.by) for each in taken] == [(first.id, "description")]


def test_what_redaction_took_out_carries_no_statement() -> None:
    given = told(facet("pitfall", OPEN))
    [document] = skill.documents(given)
    [passage] = split(structs.replace(document, text="Never retry [removed]"))
    assert skill.held(skill.facets(given), {passage.id: passage}) == []


@pytest.mark.parametrize("raw", [b"", b"{}", b"\xff", b'{"format": 1}', b"[]", b"null"])
def test_what_is_no_portrait_is_one_line(raw: bytes) -> None:
    with pytest.raises(Refused, match="SKILL_PORTRAIT"):
        skill.decode(raw)


def test_a_time_without_a_zone_is_refused_where_it_comes_in() -> None:
    """It cannot be compared with any other: consent could not say whether it covers it."""
    raw = skill.encode(told(facet("pitfall", OPEN)))
    [at] = {line for line in raw.splitlines() if b'"at"' in line}
    with pytest.raises(Refused, match="SKILL_PORTRAIT"):
        skill.decode(raw.replace(at, at.replace(b"Z", b"")))


def test_another_format_is_told() -> None:
    newer = json.loads(skill.encode(told())) | {"format": "understudy.skill/2"}
    with pytest.raises(Refused, match="understudy.skill/2"):
        skill.decode(json.dumps(newer).encode())


def test_whoever_guesses_a_name_finds_nothing_that_confirms_it() -> None:
    """An id is a hash without a key: of the words with the name in them it would tell who guesses right."""
    named, other = facet("pitfall", OPEN), facet("answer", HOSTILE)
    named = structs.replace(named, conflicts=(other.id,))
    other = structs.replace(other, conflicts=(named.id, "not shown"))
    first, second = told(named, other).statements
    assert "Bo Hartmann" not in first.text
    assert first.id != named.id == facet_id("pitfall", OPEN.id, OPEN.text)
    assert first.id == told(named).statements[0].id
    assert (second.id, first.conflicts, second.conflicts) == (other.id, (other.id,), (first.id,))


def test_skill_md_stays_short_however_much_there_is(tmp_path: Path) -> None:
    """An agent loads it whole whenever it is used: less than 500 lines, and about 5,000 tokens."""
    many: dict[str, Passage] = {
        f"p{n}": passage(f"p{n}", f"Never touch thing {n} " + "because it breaks " * 30) for n in range(400)
    }
    PASSAGES.update(many)
    try:
        aspects = ("pitfall", "standard", "workflow", "decision", "answer")
        folder = written(tmp_path, told(*(facet(aspects[n % 5], each) for n, each in enumerate(many.values()))))
    finally:
        for id in many:
            del PASSAGES[id]
    main = (folder / "SKILL.md").read_text()
    assert len(main.splitlines()) < 500
    assert len(main) < 15_000
    assert (folder / "work.md").read_text().count("Never touch thing") == 400
    assert len(list(folder.glob("references/evidence-*.md"))) == 3
