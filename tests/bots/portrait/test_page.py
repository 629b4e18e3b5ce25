"""What a page holds: everything its readers may see, in order, with how well it stands, and nothing else."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from msgspec import structs

from bots.portrait.entries import anchor
from bots.portrait.model import Entry, Mark, Page
from bots.portrait.page import page
from bots.wording import LANGUAGES, say
from persona_store.distill.coverage import Coverage
from persona_store.distill.model import Citation, Gap, Portrait
from tests.bots.portrait import given


def made(book: given.Book, lang: str = "en", readers: Any = None, **more: Any) -> Page:
    asked = {
        "previous": None,
        "coverage": given.coverage(),
        "gaps": given.gaps(),
        "consent": given.consent(),
        **more,
    }
    return page(
        asked.pop("persona", given.persona()),
        book.portrait(),
        asked.pop("previous"),
        asked.pop("coverage"),
        asked.pop("gaps"),
        book.passages,
        asked.pop("consent"),
        lang,
        readers,
        **{"names": given.NAMES, **asked},
    )


def entries(page: Page) -> list[Entry]:
    sections = (section for chapter in page.chapters for section in chapter.sections)
    return [entry for section in sections for entry in (*section.entries, *section.past)]


def entry(page: Page, topic: str) -> Entry:
    return next(each for each in entries(page) if each.topic == topic)


def everything(page: Page) -> str:
    return msgspec.json.encode(page).decode()


def test_the_parts_come_in_the_order_of_the_reader_s_questions() -> None:
    """What they know, how they decide, how they write; in each, answers and how-tos before words and people."""
    whole = made(given.full())
    assert [chapter.key for chapter in whole.chapters] == [
        "work_knowledge",
        "decision_patterns",
        "communication_style",
    ]
    assert [section.key for section in whole.chapters[0].sections] == [
        "answer", "workflow", "decision", "pitfall", "standard", "responsibility", "boundary", "system", "term",
        "whom_to_ask",
    ]  # fmt: skip


def test_every_statement_is_there_once() -> None:
    book = given.full()
    anchors = [each.anchor for each in entries(made(book))]
    assert sorted(anchors) == sorted(anchor(facet.id) for facet in book.facets)
    assert len(anchors) > 60


def test_each_statement_says_how_well_it_stands() -> None:
    whole = made(given.full())
    marks = {topic: entry(whole, topic).marks[0].text for topic in (
        "When does the payout batch run", "E1007 from Corvo", "Retry a failed payout",
    )}  # fmt: skip
    assert list(marks.values()) == ["said in 2 places", "not said since Jul 2025", "said once"]


def test_what_contradicts_itself_is_shown_with_both_sides() -> None:
    one, other = [each for each in entries(made(given.small())) if each.topic == "Refund approval"]
    assert one.marks[0].text == "contradicted elsewhere"
    assert (one.sides[0].anchor, other.sides[0].anchor) == (other.anchor, one.anchor)
    assert one.sides[0].text == "Above 2,000 somebody else has to approve a refund."
    assert one.sides[0].when == "3 Jun 2026"


def test_what_holds_no_more_stands_apart_and_points_at_what_does() -> None:
    decisions = next(s for s in made(given.full()).chapters[0].sections if s.key == "decision")
    (past,) = decisions.past
    assert past.cited[0].text == "We retry five times."
    assert past.sides[0].lead == "Now it is:"
    assert past.sides[0].anchor in [each.anchor for each in decisions.entries]


def test_a_quotation_says_when_and_where_and_links_to_its_source() -> None:
    quoted = entry(made(given.small()), "When does the payout batch run").cited
    assert [each.when for each in quoted] == ["5 Mar 2026", "2 Feb 2026"]  # the newest first
    assert quoted[0].place == "#payments"
    assert quoted[0].url.startswith("https://acme.slack.com/archives/C1/p")


def test_words_that_are_not_the_colleague_s_say_whose_they_are() -> None:
    whole = made(given.full())
    taught = entry(whole, "Which bank is the fallback")
    assert taught.cited[0].author == "Zhou Lan"
    assert [mark.text for mark in taught.marks] == ["said once", "answered by the owner"]
    assert entry(whole, "Who may stop a batch").cited[0].author == ""
    seen = entry(whole, "Screens of the old console")
    assert "71 %" in seen.cited[0].place  # how sure the machine was that read the picture
    assert seen.marks[-1].text == "unsure: 42 %"


# ------------------------------------------------------------------ who may see it


def private() -> given.Book:
    book = given.small()
    book.add("answer", "Vault code", "The canary sleeps at seven.", readers=given.PRIVATE)
    return book


def test_what_only_some_may_read_is_not_on_the_team_s_page() -> None:
    whole = made(private())
    assert not any(word in everything(whole) for word in ("canary", "Vault"))
    assert "shown: 1 of its" in " ".join(whole.kept)


@pytest.mark.parametrize(("reader", "seen"), [("slack:U2", True), ("slack:U7", False)])
def test_those_who_could_read_it_see_it_and_that_others_could_not(reader: str, seen: bool) -> None:
    whole = made(private(), readers=(frozenset({reader}),))
    assert ("canary" in everything(whole)) == seen
    if seen:
        assert entry(whole, "Vault code").cited[0].notes == ("only some may read this",)
        assert any("do not pass it on" in sentence for sentence in whole.kept)


def mixed(text: str, by: Any = "rules") -> given.Book:
    """Said once to everybody, and once in private."""
    book = given.Book()
    facet = book.add("answer", "Batch vault", "At 02:30.", "At 02:30, canary.", text=text, by=by, status="standing")
    book.passages[facet.citations[1].passage] = structs.replace(
        book.passages[facet.citations[1].passage], readers=given.PRIVATE
    )
    return book


def test_what_was_said_to_everybody_stays_without_what_was_said_in_private() -> None:
    """As if nothing else had been said: no words, no count, and no topic of words that stand nowhere."""
    (only,) = entries(made(mixed("At 02:30.")))
    assert [each.text for each in only.cited] == ["At 02:30."]
    assert only.marks[0] == Mark("single", "said once")
    assert only.topic == "At 02:30."


@pytest.mark.parametrize(("text", "by"), [("At 02:30, canary.", "rules"), ("At 02:30.", "model")])
def test_what_was_put_together_of_both_is_not_shown(text: str, by: str) -> None:
    """A model may have used the private half, whatever it wrote."""
    assert entries(made(mixed(text, by))) == []


def test_numbers_stay_and_words_go_where_part_of_what_was_measured_is_private(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A phrase stays if it stands in an example that may be read."""
    said: list[dict[str, float]] = []
    monkeypatch.setattr(
        "bots.portrait.entries.sentences", lambda facet, lang: said.append(dict(facet.measures)) or ["x"]
    )
    book = given.Book()
    measures = {"messages": 90.0, "phrase:先停": 0.2, "phrase:canary": 0.1}
    book.add("phrases", "", "先停，再查。", text="", measures=measures)
    made(book)
    made(book, coverage=given.coverage(private=0))
    assert said == [{"messages": 90.0, "phrase:先停": 0.2}, measures]


def test_numbers_that_say_nothing_have_no_heading() -> None:
    """A habit too rare for a sentence is no habit; that nothing was found is said in a sentence."""
    book = given.Book()
    book.add("phrases", "", "x", text="", measures={"messages": 90.0})
    whole = made(book)
    assert whole.chapters == ()
    book.add("term", "ledger", "The ledger is the book.")
    assert "Turns of phrase" in " ".join(made(book).missing)


def test_nothing_is_claimed_that_cannot_be_looked_up() -> None:
    """A quotation that stands nowhere, one of somebody else's words, and a statement with none at all."""
    book = given.small()
    first = next(iter(book.passages.values()))
    invented = structs.replace(book.facets[0], id="a", citations=(Citation(first.id, "I resign.", first.at),))
    context = given.passage("ctx", "Their words.", given.NOW, by_subject=False, author="slack:U5")
    book.passages["ctx"] = context
    others = structs.replace(invented, id="b", text="x", citations=(Citation("ctx", "Their words.", given.NOW),))
    book.facets += [invented, others, structs.replace(invented, id="c", citations=())]
    whole = made(book)
    assert len(entries(whole)) == 5
    assert "shown: 3 of its" in " ".join(whole.kept)


def test_others_stand_under_pseudonyms_everywhere() -> None:
    """In what was said, in what was asked, in what is open, and as who described it; one person under one name."""
    book = given.Book()
    book.add("answer", "Batch", "Ask Maya Lindqvist, or @Maya Lindqvist at night.", question="Maya Lindqvist asked")
    book.add(
        "system", "Ledger", "They know the ledger.", by="description", source="description", by_subject=False,
        author="slack:U5", author_name="Maya Lindqvist",
    )  # fmt: skip
    whole = made(book, gaps=[Gap("What Maya Lindqvist knows", "thin", "gap.thin", 1.0)])
    assert not any(name in everything(whole) for name in ("Maya", "Lindqvist"))
    assert len(set(re.findall("colleague-[0-9a-f]{4}", everything(whole)))) == 1
    assert "described by others, not their own words" in everything(whole)


def test_a_gap_that_was_seen_in_private_is_not_told() -> None:
    book = given.small()
    book.passages["secret"] = given.passage("secret", "?", given.NOW, readers=given.PRIVATE)
    gap = Gap("Canary", "unanswered", "gap.unanswered", 9.0, ("secret",))
    assert "Canary" not in everything(made(book, gaps=[gap]))
    assert made(book, gaps=[gap], readers=(frozenset({"slack:U1"}),)).gaps[0].topic == "Canary"


def test_what_the_consent_does_not_name_is_not_there() -> None:
    """And one sentence says so, instead of an empty heading."""
    whole = made(given.full(), consent=given.consent(communication_style=False, decision_patterns=False))
    assert [chapter.key for chapter in whole.chapters] == ["work_knowledge"]
    assert "Not in the consent, and therefore not distilled: How they decide · How they write." in whole.missing
    assert made(given.full(), consent=given.consent(work_knowledge=False)).coverage.topics == ()


def test_without_a_consent_nothing_of_the_material_is_told() -> None:
    """No statement, no gap, no topic, no number."""
    whole = made(given.full(), consent=None)
    assert (whole.chapters, whole.gaps, whole.coverage) == ((), (), Coverage())
    assert [fact.value for fact in whole.numbers] == ["0"] * 4


# ------------------------------------------------------------------ what changed


def test_it_says_what_is_new_and_what_changed_and_how_much_is_gone() -> None:
    """What went is counted and not repeated: it may have been struck."""
    book = given.small()
    old = list(book.facets)
    struck = structs.replace(old[0], id="struck", topic="Canary", text="Canary")
    before = Portrait(
        2, given.NOW - timedelta(days=9), (*old[2:], struck, structs.replace(old[1], status="single"))
    )
    whole = made(book, previous=before)
    assert whole.changes is not None
    assert whole.changes.told == "Since version 2: 1 new, 1 changed, 1 gone."
    assert [each.name for each in whole.changes.new] == ["When does the payout batch run"]
    assert [each.name for each in whole.changes.changed] == ["E1007 from Corvo"]
    assert [mark.text for mark in entry(whole, "E1007 from Corvo").marks][-1] == "changed in this version"
    assert "Canary" not in everything(whole)


def test_the_first_version_and_an_unchanged_one_say_so() -> None:
    book = given.small()
    assert made(book).changes == made(given.Book()).changes
    same = made(book, previous=structs.replace(book.portrait(), version=2))
    assert same.changes is not None
    assert same.changes.told == "Nothing changed since version 2."


# ------------------------------------------------------------------ around it


def test_it_says_who_answers_for_it_until_when_and_for_what() -> None:
    facts = {fact.name: fact.value for fact in made(given.small()).facts}
    assert facts == {
        "State": "live",
        "Answers for it": "Zhou Lan 周岚, or Tomás Vidal",
        "Consent": "signed, until 18 Oct 2029",
        "Used for": "Answer colleagues' questions about the payment systems that Lin Zhou handed over",
        "Version": "3, of 20 Nov 2026",
    }


def test_the_gaps_come_by_weight_and_say_who_is_asked() -> None:
    whole = made(given.small(), gaps=given.gaps()[::-1])
    assert [gap.topic for gap in whole.gaps] == [gap.topic for gap in given.gaps()]
    assert whole.gaps_lead.endswith("asks Zhou Lan 周岚, or Tomás Vidal.")


def test_what_is_kept_back_is_a_number() -> None:
    told = " ".join(made(given.small(), withheld=7).kept)
    assert "kept back: 7" in told
    assert "altogether: 6" in told
    assert "salary" not in told


def test_nothing_at_all_is_a_page_too() -> None:
    empty = made(given.Book(), coverage=Coverage(), gaps=[], consent=None)
    assert empty.chapters == ()
    assert empty.glance == ("There is no material yet that can be shown here.",)
    assert "nothing of the material is shown" in everything(empty)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_same_in_gives_the_same_out(lang: str) -> None:
    assert made(given.full(), lang) == made(given.full(), lang)


def test_every_aspect_and_standing_has_words_in_both_languages() -> None:
    """Nothing of the Chinese page is English but what people wrote, and the other way round."""
    chinese, english = (made(given.full(), lang) for lang in ("zh-CN", "en"))
    for one, other in zip(chinese.chapters, english.chapters, strict=True):
        assert one.title != other.title
        assert all(a.title != b.title for a, b in zip(one.sections, other.sections, strict=True))
    assert not {m.text for e in entries(chinese) for m in e.marks} & {
        m.text for e in entries(english) for m in e.marks
    }
    assert say("zh-CN", "portrait.is_stale", when="2025年7月") in [
        m.text for e in entries(chinese) for m in e.marks
    ]


@pytest.mark.parametrize(
    ("helped", "told"), [(1, "person in these"), (2, "people in these"), (0, "people in these")]
)
def test_one_is_told_as_one(helped: int, told: str) -> None:
    """Not "1 people in these conversations"."""
    whole = made(given.full(), coverage=structs.replace(given.coverage(), helped=helped))
    assert [fact.value for fact in whole.numbers if told in fact.name] == [str(helped)]
