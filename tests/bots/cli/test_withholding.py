"""`understudy withhold`: looked at first, kept back for good, a copy for the subject; whatever leaves lacks it."""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pyrage
import pytest

from tests.bots.cli.shell import OWN, Shell
from tests.persona_store.sources.exports import said

CANARY = "quetzalcoatl"
PITFALL = f"Never retry a refund by hand in {CANARY}, otherwise the bank pays it twice."
NETWORK = "Ask Walter about the mainframe, he is the real owner of the batch window."
ASKED = f"May I retry a refund by hand in {CANARY}?"
QUEUE = "Refunds go to the refund-slow queue, the bank takes two requests a second."
RECIPIENT = "acme.example:CN:0"
TALK = [
    *OWN,
    said("U0BOB", "Anything I should know about refunds?", 50_000),
    said("U0LIN", PITFALL, 50_060, client_msg_id="m9"),
    said("U0BOB", "thanks, that helps", 50_090),
    said("U0BOB", "Who knows the mainframe?", 60_000),
    said("U0LIN", f"{QUEUE} {NETWORK}", 60_060, client_msg_id="m10"),
]
FACETS = "work_knowledge,decision_patterns,communication_style,name_avatar"


def live(sh: Shell, *more: str) -> None:
    sh.draft("lin", "--risk-budget", "0.9")  # how sure is not what this is about
    words = ("--sources", "slack-export", "--facets", FACETS, "--cooling-off", "0", "--recipients", RECIPIENT)
    sh.done("consent", "sign", "lin", *words, "--yes", *more)
    bring(sh)
    sh.done("persona", "live", "lin")


def bring(sh: Shell, talk: list[Any] = TALK) -> Any:
    export = sh.slack(f"{len(list(sh.folder.iterdir()))}.zip", {"payments": talk})
    return sh.done("import", "slack-export", export, "--persona", "lin", "--subject", "U0LIN", "--json").json


def answer(sh: Shell, question: str = ASKED) -> Any:
    return sh.done("ask", "--persona", "lin", question, "--json").json


def everywhere(sh: Shell) -> str:
    """All that can be got out of the persona, in one string."""
    versions = sh.done("persona", "versions", "lin", "--json").json
    facets = [
        sh.done("persona", "facets", "lin", "--json", "--version", str(each["number"])).out for each in versions
    ]
    batch = sh.folder / "batch.jsonl"
    questions = (ASKED, PITFALL, "Who owns the mainframe batch window?", CANARY)
    batch.write_text("".join(json.dumps({"id": str(n), "text": q}) + "\n" for n, q in enumerate(questions)))
    asked = sh.done("ask", "--persona", "lin", "--batch", str(batch)).out
    return "\n".join((*facets, asked))


def headings(text: str) -> set[str]:
    return {line for line in text.splitlines() if line.startswith("## ")}


def said_in(text: str) -> set[str]:
    """The statements, without their topic and the numbers of what they rest on: those are told anew."""
    lines = [line.rpartition(" (")[0] for line in text.splitlines() if line.startswith("- ")]
    return {re.sub(r"^- (\*\*[^*]+\*\*\W*)?", "", line) for line in lines}


def test_t04_a_preview_shows_both_sides_and_changes_nothing(sh: Shell) -> None:
    live(sh)
    told = sh.done("withhold", "lin", "--category", "pitfall,people", "--preview", "--page", "p.html")
    assert f"now: {PITFALL}" in told.out
    assert "then: says that this is kept back by its subject" in told.out
    page = (sh.folder / "p.html").read_text()
    assert f"<del>{PITFALL}</del>" in page
    assert "<script" not in page
    assert CANARY in str(answer(sh)["quotes"])


def test_a_preview_answers_the_questions_one_asks_it(sh: Shell) -> None:
    live(sh)
    words = (
        "--category",
        "pitfall",
        "--preview",
        "--json",
        "--question",
        ASKED,
        "--question",
        "Which queue do refunds go to?",
    )
    given = sh.done("withhold", "lin", *words).json
    [pitfall, queue] = given["questions"]
    assert (pitfall["before"]["kind"], pitfall["after"]["reason"]) == ("answer", "withheld")
    assert queue["before"] == queue["after"]
    assert (given["counts"], given["gone"]) == ({"pitfall": 1}, 1)


def test_t04_what_is_kept_back_is_said_to_be_and_the_rest_of_the_message_still_answers(sh: Shell) -> None:
    live(sh)
    sh.done("withhold", "lin", "--category", "pitfall,people", "--level", "medium", "--yes")
    given = answer(sh)
    assert (given["answered"], given["reason"], given["quotes"]) == (False, "withheld", [])
    assert "Kept back by its subject" in sh.done("ask", "--persona", "lin", ASKED).out
    assert answer(sh, "Which queue do refunds go to?")["answered"]


def test_the_category_is_told_where_the_subject_lets_it(sh: Shell) -> None:
    live(sh)
    sh.done("withhold", "lin", "--category", "people", "--yes")
    assert answer(sh, "Who is the real owner of the mainframe batch window?")["reason"] == "withheld"
    assert "Askers are told the category" in sh.done("withhold", "lin", "--tell", "yes").out
    assert answer(sh, "Who is the real owner of the mainframe batch window?")["reason"] == "withheld_people"


def test_l11_it_stays_out_however_often_the_material_comes_in_again(sh: Shell) -> None:
    """Strike, rebuild from the same corpus three times, and it is absent (rights.md L11)."""
    live(sh)
    sh.done("persona", "distil", "lin")
    sh.done("withhold", "lin", "--category", "pitfall,people", "--yes")
    for _ in range(3):
        assert bring(sh)["dropped"]["withheld"] == 2
        sh.done("persona", "distil", "lin")
    assert "pays it twice" not in everywhere(sh)


def test_t04_new_material_is_held_to_the_same_rule(sh: Shell) -> None:
    live(sh)
    sh.done("withhold", "lin", "--category", "pitfall", "--yes")
    fresh = "Never rename the kestrel bucket, otherwise the nightly job starts over."
    bring(sh, [*TALK, said("U0BOB", "And the bucket?", 90_000), said("U0LIN", fresh, 90_060)])
    assert fresh not in everywhere(sh)
    assert answer(sh, "Can I rename the kestrel bucket?")["reason"] == "withheld"


def test_t04_nothing_kept_back_is_in_any_version_any_answer_or_any_export(sh: Shell) -> None:
    live(sh)
    sh.done("persona", "distil", "lin")
    assert "pays it twice" in everywhere(sh)
    sh.done("withhold", "lin", "--category", "all", "--level", "heavy", "--yes")
    assert "pays it twice" not in everywhere(sh)
    sh.done("export", "skill", "lin", str(sh.folder / "out"), "--recipient", "acme.example")
    written = b"".join(path.read_bytes() for path in (sh.folder / "out").rglob("*") if path.is_file())
    assert written
    assert CANARY.encode() not in written
    assert b"Walter" not in written
    key = pyrage.x25519.Identity.generate()
    bundle = sh.folder / "lin.age"
    sh.done("export", "bundle", "lin", str(bundle), "--to", str(key.to_public()), "--recipient", "acme.example")
    packed = pyrage.decrypt(bundle.read_bytes(), [key])
    lines = gzip.decompress(packed)
    assert CANARY.encode() not in lines
    assert b'"keeps_back"' in lines


def test_t04_the_skill_folder_is_the_cleaned_one_with_its_headings_and_no_filler(sh: Shell) -> None:
    """What anti-distill users check (sources.md §4): the frame stands, no section is empty, and every line that is
    left stood there before. That something is kept back is said in one line."""
    live(sh)
    sh.done("persona", "distil", "lin")
    sh.done("export", "skill", "lin", str(sh.folder / "before"), "--recipient", "acme.example")
    sh.done("withhold", "lin", "--category", "pitfall,people", "--tell", "yes", "--yes")
    sh.done("export", "skill", "lin", str(sh.folder / "after"), "--recipient", "acme.example")
    before, after = ({p.name: p.read_text() for p in (sh.folder / d).rglob("*.md")} for d in ("before", "after"))
    for name in ("SKILL.md", "work.md", "persona.md"):
        assert headings(after[name]) <= headings(before[name]) | {"## What it does not know"}
        assert {each for each in headings(before[name]) if "##" in each} - headings(after[name]) <= {"## Pitfalls"}
        assert not re.search(r"^#+ [^\n]+\n+(?=## |\Z)", after[name], re.MULTILINE)  # a heading with nothing below
    assert "pays it twice" in before["work.md"]
    assert "pays it twice" not in str(after)
    assert "Kept back by lin, as is their right: pitfall experience: medium" in after["SKILL.md"]
    assert said_in(after["work.md"]) < said_in(before["work.md"])


def test_t04_the_backup_is_the_subjects_alone_and_is_written_before_anything_goes(sh: Shell) -> None:
    live(sh)
    key = pyrage.x25519.Identity.generate()
    copy = sh.folder / "mine.age"
    words = ("--category", "pitfall,people", "--backup", str(copy), "--to", str(key.to_public()), "--yes")
    assert "for age1" in sh.done("withhold", "lin", *words).out
    assert copy.stat().st_mode & 0o077 == 0
    assert CANARY.encode() not in copy.read_bytes()
    archive = zipfile.ZipFile(io.BytesIO(pyrage.decrypt(copy.read_bytes(), [key])))
    assert PITFALL in archive.read("kept-back.md").decode()
    kept = json.loads(archive.read("kept-back.json"))["kept_back"]
    assert [each["text"] for each in kept["pitfall"]] == [PITFALL]
    assert [each["passage"] for each in kept["people"]] == ["m10"]
    assert sh("withhold", "lin", *words).refused("FILE_EXISTS")


def test_a_copy_that_cannot_be_written_leaves_everything_where_it_was(sh: Shell) -> None:
    live(sh)
    words = ("--category", "pitfall", "--backup", str(sh.folder / "no" / "such" / "x.age"), "--yes")
    key = str(pyrage.x25519.Identity.generate().to_public())
    assert sh("withhold", "lin", *words, "--to", key).status == 1
    assert CANARY in str(answer(sh)["quotes"])


def test_one_thing_is_kept_back_by_what_it_is_called(sh: Shell) -> None:
    live(sh)
    sh.done("withhold", "lin", "--item", "m9", "--yes")
    assert answer(sh)["reason"] == "withheld"
    bring(sh)
    assert "pays it twice" not in everywhere(sh)
    assert sh("withhold", "lin", "--item", "nothing-there", "--yes").refused("ITEM")


def test_narrowing_lets_the_next_import_bring_it_back(sh: Shell) -> None:
    live(sh)
    sh.done("withhold", "lin", "--category", "pitfall,people", "--yes")
    sh.done("withhold", "lin", "--release", "--category", "pitfall")
    assert "people network: medium" in sh.done("withhold", "lin").out
    bring(sh)
    assert CANARY in str(answer(sh)["quotes"])
    assert answer(sh, "Who is the real owner of the mainframe batch window?")["reason"] == "withheld"


def test_what_stands_is_shown(sh: Shell) -> None:
    live(sh)
    assert "nothing is kept back" in sh.done("withhold", "lin").out
    sh.done("withhold", "lin", "--category", "pitfall", "--level", "light", "--yes")
    given = sh.done("withhold", "lin", "--json").json
    assert given == {"rule": {"pitfall": "light"}, "told": False, "counts": {"pitfall": 1}}


def test_it_needs_a_yes_and_silence_is_none(sh: Shell) -> None:
    live(sh)
    told = sh("withhold", "lin", "--category", "pitfall")
    assert (told.status, "error[NOT_AGREED]" in told.err) == (2, True)
    assert CANARY in str(answer(sh)["quotes"])


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--category", "mood", "--yes"), "CATEGORY"),
        (("--category", "people", "--level", "light", "--yes"), "LEVEL"),
        (("--category", "pitfall", "--backup", "x.age", "--yes"), "USAGE"),
        (("--category", "pitfall", "--backup", "x.age", "--to", "age1nobody", "--yes"), "ADDRESS"),
        (("--release",), "USAGE"),
    ],
)
def test_bad_input_is_one_line(sh: Shell, words: tuple[str, ...], code: str) -> None:
    live(sh)
    assert sh("withhold", "lin", *words).refused(code)
    assert not Path("x.age").exists()


def test_the_documents_of_a_folder_that_forbids_it_are_left_alone(sh: Shell) -> None:
    sh.signed()
    files = {"a.md": QUEUE.encode(), "p/LICENSE-DISTILL.md": b"tier: human_only", "p/b.md": PITFALL.encode()}
    told = sh.done("import", "documents", sh.documents(files), "--persona", "lin", "--subject", "slack:U0LIN")
    assert "left out 1: in folders whose declaration forbids distilling" in told.out


def test_l11_what_was_struck_is_said_to_be_kept_back(sh: Shell) -> None:
    """The persona does not answer with the next best where the subject struck a statement and what it rests on."""
    live(sh)
    sh.done("persona", "distil", "lin")
    [pitfall] = sh.done("persona", "facets", "lin", "--json", "--aspect", "pitfall").json["facets"]
    sh.done("persona", "strike", "lin", pitfall["id"])
    assert answer(sh)["reason"] == "withheld"
    bring(sh)
    assert "pays it twice" not in everywhere(sh)
