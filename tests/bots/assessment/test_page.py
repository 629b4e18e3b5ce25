"""The pages: both languages, nothing fetched or run, whatever others wrote inert, and the same facts as the
JSON."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from msgspec.structs import replace

from bots.assessment import ethics, making, report, words
from bots.assessment.footprint import canonical
from bots.assessment.model import Assessed, Assessment, Opinion, Signed, Template
from bots.wording import LANGUAGES, say
from persona_store import jws
from persona_store.consent import signing
from tests.bots.assessment.configurations import LIN, START, US, configuration, record
from tests.bots.assessment.stage import ASSESSOR, NO, YES

EVIL = "<script>alert(1)</script>\u202e<img src=x onerror=y>"


def assessment(template: Template | None = None, **more: object) -> Assessment:
    return making.assess(configuration(**more), template)  # type: ignore[arg-type]  # parts of a configuration


def signed(of: Assessment, *, no: str = "") -> Signed:
    answers = {id: NO if id == no else YES for id in of.questions}
    verdict = "rejected" if no else "approved"
    opinion = Opinion(ASSESSOR, "sha256:0", answers, verdict, START)
    key = signing.generate_key()
    raw = canonical(Assessed("understudy.assessment/1", of, opinion))
    return Signed(raw, jws.sign(raw, key, "x"), jws.public_bytes(key))


class Tags(HTMLParser):
    """What a browser would see."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        if tag not in ("meta", "br"):
            self.open.append(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name == "id":
                self.ids.append(value or "")
            if name == "href":
                self.links.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


PAGES = [
    (make, template, lang)
    for make in (report.report, ethics.review)
    for template in ("prc", "eu")
    for lang in LANGUAGES
]


@pytest.mark.parametrize(("make", "template", "lang"), PAGES)
def test_a_page_is_whole_and_runs_and_fetches_nothing(make: object, template: Template, lang: str) -> None:
    """Every tag is closed, every link leads to somewhere on the same page, and what a stranger named is text."""
    agreed = record(
        controller=EVIL, contact=EVIL, excluded_keywords=(EVIL,), recipients=(US,), jurisdiction=("DE",)
    )
    made = assessment(template, persona=replace(LIN, display_name=EVIL), consent=agreed)
    for page in (make(made, lang), make(made, lang, signed(made))):
        tags = Tags(page)
        assert tags.open == []
        assert not tags.names & {"script", "img", "link", "iframe", "form", "object", "svg"}
        assert not {name for name in tags.attributes if name.startswith("on") or name in ("src", "style")}
        assert all(link.startswith("#") for link in tags.links)
        assert {link[1:] for link in tags.links} <= set(tags.ids)
        assert len(tags.ids) == len(set(tags.ids))
        assert "\u202e" not in page
        assert "&lt;script&gt;" in page
        assert f'lang="{lang}"' in page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_page_says_every_finding_risk_and_question_of_its_assessment(lang: str) -> None:
    made = assessment(consent=record(recipients=(US,), cooling_off_days=0))
    page = _text(report.report(made, lang))
    for finding in made.findings:
        assert _text(words.finding(finding, lang)) in page
    for risk in made.risks:
        assert words.risk(risk, lang) in page
        for measure in risk.measures:
            assert _text(say(lang, f"assessment.measure_{measure.code}")) in page
            assert all(row in page for row in measure.rows)
    for question in made.questions:
        assert _text(say(lang, f"assessment.ask_{question}")) in page
    assert made.digest in page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_draft_says_that_it_is_one_and_a_signed_one_who_signed_and_what(lang: str) -> None:
    made = assessment()
    draft, done = report.report(made, lang), report.report(made, lang, signed(made))
    rejected = report.report(made, lang, signed(made, no="labour"))
    assert say(lang, "assessment.is_draft") in draft
    assert ASSESSOR not in draft
    for page, verdict in ((done, "approved"), (rejected, "rejected")):
        assert say(lang, "assessment.is_draft") not in page
        assert say(lang, f"assessment.is_{verdict}", who=ASSESSOR, when=START.date()) in page
    assert NO.why in rejected
    assert NO.why not in done


def test_the_three_checks_of_the_ethics_review_pass_wait_or_fail_by_what_was_answered() -> None:
    made = assessment()

    def states(opinion: Opinion | None) -> dict[str, str]:
        return {name: result.state for name, result in ethics.results(made, opinion).items()}

    assert set(states(None).values()) == {"waits"}
    assert set(states(signed(made).assessed.opinion).values()) == {"passed"}
    failed = states(signed(made, no="labour").assessed.opinion)
    assert failed == {"authorised": "passed", "scope": "passed", "labour": "open"}


def test_the_law_of_the_record_chooses_the_template() -> None:
    assert assessment().template == "prc"
    assert assessment(consent=record(jurisdiction=("DE",))).template == "eu"
    assert assessment("prc", consent=record(jurisdiction=("DE",))).template == "prc"


@pytest.mark.parametrize(("template", "articles"), [
    ("prc", ("PIPL 56(1)", "PIPL 56(2)", "PIPL 56(3)")),
    ("eu", ("GDPR 35(7)(a)", "GDPR 35(7)(b)", "GDPR 35(7)(c)", "GDPR 35(7)(d)")),
])  # fmt: skip
def test_the_heads_are_those_of_the_law(template: Template, articles: tuple[str, ...]) -> None:
    page = report.report(assessment(template), "en")
    assert all(article in page for article in articles)


def _text(markup: str) -> str:
    """Words alone, as they are read."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", markup)).split())
