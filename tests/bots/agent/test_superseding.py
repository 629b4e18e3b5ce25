"""Superseding: the newer rule is quoted, not the older one it replaced."""

from __future__ import annotations

import pytest

from bots.agent.superseding import newest, numbers
from persona_store.model import Evidence, Findings, Passage
from tests.persona_store.passages import correction, passage

OLD = passage("old", "单笔超过 2000 元需要第二个人批")
DAYS = 1440


def first(*found: tuple[Passage, float], lang: str = "zh-CN", taught: float = 0.0) -> Findings:
    evidence = tuple(Evidence(each, score) for each, score in found)
    return newest(Findings(evidence, {"taught": taught}, tuple(each.id for each, _ in found)), lang)


@pytest.mark.parametrize(
    "text",
    [
        "审批线从今天起调整：超过 5000 元才要（原来是 2000）",
        "旧的 2000 作废，超过 5000 元才审批，第二个人批",
    ],
)
def test_what_names_the_old_number_replaces_it(text: str) -> None:
    """Even when it matched the question far less well."""
    found = first((OLD, 3.0), (passage("new", text, minutes=20 * DAYS), 0.5))
    assert [e.passage.id for e in found.evidence] == ["new"]
    assert found.ranked_ids == ("new", "old")
    assert found.evidence[0].score == 3.0


def test_what_others_describe_replaces_no_words_of_the_subjects() -> None:
    text = "审批线从今天起调整：超过 5000 元才要（原来是 2000）"
    told = passage("new", text, own=False, source="imported_skill", minutes=20 * DAYS)
    assert first((OLD, 3.0), (told, 0.5)).evidence[0].passage.id == "old"
    described = passage("old", OLD.text, own=False, source="imported_skill")
    assert first((described, 3.0), (told, 0.5)).evidence[0].passage.id == "new"


def test_the_reader_gets_it_in_their_language_where_there_is_a_choice() -> None:
    old = passage("old", "A refund above 2000 needs a second approver, 第二个人批 refund")
    english = passage(
        "en", "From today a refund needs a second approver above 5,000 (it was 2,000).", minutes=20 * DAYS
    )
    chinese = passage("zh", "从今天起 refund 超过 5000 才要第二个人批，原来是 2000", minutes=20 * DAYS)
    found = (old, 3.0), (english, 1.0), (chinese, 0.9)
    assert first(*found, lang="zh-CN").evidence[0].passage.id == "zh"
    assert first(*found, lang="en").evidence[0].passage.id == "en"


@pytest.mark.parametrize(
    "other",
    [
        passage("same-day", "从今天起 5000，原来是 2000", minutes=60),
        passage("says-no-change", "超过 5000 元的报销，2000 份", minutes=20 * DAYS),
        passage("no-new-number", "从今天起还是 2000", minutes=20 * DAYS),
        passage("another-matter", "班车从今天起改到 17:30", minutes=20 * DAYS),
        passage("another-2000", "班车从今天起改到 17:30，人数上限 2000", minutes=20 * DAYS),
    ],
)
def test_anything_else_replaces_nothing(other: Passage) -> None:
    assert first((OLD, 3.0), (other, 0.5)).evidence[0].passage.id == "old"


def test_an_owners_answer_is_not_replaced() -> None:
    new = passage("new", "从今天起 5000，原来是 2000", minutes=20 * DAYS)
    assert first((OLD, 3.0), (new, 1.0), taught=0.9).evidence[0].passage.id == "old"


def test_nothing_stays_nothing_and_separators_do_not_count() -> None:
    assert newest(Findings((), {}), "en") == Findings((), {})
    assert numbers("above 5,000 or 5000, at 06:40 with 1.5") == {"5000", "06:40", "1.5"}


def test_what_an_owner_corrected_gives_way_to_the_newest_correction() -> None:
    """However much better the wrong one matches, and though nothing in the words says that it was changed."""
    before = correction("before", "多少钱要审批？", "三千以上", corrects=("old",))
    after = correction("after", "多少钱要审批？", "五千以上", days=9, corrects=("old",))
    found = first((OLD, 3.0), (before, 0.4), (after, 0.3))
    assert [e.passage.id for e in found.evidence] == ["after", "before"]


def test_a_correction_of_something_else_replaces_nothing() -> None:
    other = correction("c", "几点跑？", "四点", corrects=("another",))
    assert first((OLD, 3.0), (other, 2.9)).evidence[0].passage.id == "old"
