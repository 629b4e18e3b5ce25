"""The subject's own copy: theirs alone, readable by age itself, in six categories."""

from __future__ import annotations

import io
import zipfile

import msgspec
import pyrage
import pytest

from persona_store.errors import Refused
from persona_store.withheld.backup import Backup, backup, markdown, sealed
from persona_store.withheld.book import KINDS
from persona_store.withheld.cutting import Knife
from persona_store.withheld.levels import Rule
from persona_store.withheld.sweep import Change
from tests.persona_store.passages import START, passage

PITFALL = "Never retry a refund by hand, otherwise the bank pays it twice."
TITLES = {"": "Kept", **{kind: kind.upper() for kind in KINDS}}


def made(*texts: str, own: bool = True) -> Backup:
    knife = Knife(Rule({"pitfall": "medium", "people": "medium"}), {}, lambda value: value)
    there = [passage(f"p{n}", text, minutes=-n, own=own) for n, text in enumerate(texts)]
    return backup(
        "lin", [Change(each, None, knife.cut(each) if own else knife.whole(each)) for each in there], START
    )


def test_t04_only_the_subjects_key_opens_it() -> None:
    mine, other = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    data = sealed(made(PITFALL), "# read me", str(mine.to_public()))
    assert b"refund" not in data
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(data, [other])
    archive = zipfile.ZipFile(io.BytesIO(pyrage.decrypt(data, [mine])))
    assert archive.namelist() == ["kept-back.md", "kept-back.json"]
    again = msgspec.json.decode(archive.read("kept-back.json"), type=Backup)
    assert again == made(PITFALL)
    assert again.kept_back["pitfall"][0].text == PITFALL


def test_it_has_every_category_in_order_and_says_where_nothing_is() -> None:
    text = markdown(made(PITFALL), TITLES, "yours alone", "nothing")
    headings = [line[3:] for line in text.splitlines() if line.startswith("## ")]
    assert headings == [kind.upper() for kind in KINDS]
    assert f"> {PITFALL}" in text
    assert text.count("nothing") == len(KINDS) - 1


def test_it_goes_in_order_of_time() -> None:
    kept = made(PITFALL, "Never rename a queue, otherwise the workers keep the old one.")
    assert [each.passage for each in kept.kept_back["pitfall"]] == ["p1", "p0"]


def test_what_others_wrote_is_not_in_it() -> None:
    assert made("I retried a refund by hand yesterday.", own=False).kept_back["item"] == ()


def test_a_wrong_address_is_refused_before_anything_is_written() -> None:
    with pytest.raises(Refused) as refused:
        sealed(made(PITFALL), "", "age1nobody")
    assert refused.value.code == "ADDRESS"


def test_a_line_of_the_subjects_cannot_become_a_heading() -> None:
    kept = made("Never run this:\u2028## PEOPLE or the bank pays it twice.")
    text = markdown(kept, TITLES, "", "nothing")
    assert [line for line in text.splitlines() if line.startswith("## PEOPLE")] == ["## PEOPLE"]
