"""The table that ships: both ways, every line of it found, and nothing where nothing is known."""

from __future__ import annotations

from importlib.resources import files

import pytest

from persona_store.glossary import translations


@pytest.mark.parametrize(
    ("term", "other"),
    [("支付", "payment"), ("证书", "certificat"), ("population", "人口"), ("refund", "退款"), ("deploy", "部署")],
)
def test_a_term_has_its_name_in_the_other_language(term: str, other: str) -> None:
    found = dict(translations(term))
    assert other in found
    assert 0.3 < found[other] <= 1


def test_every_line_is_found_and_the_table_is_sorted_as_it_is_searched() -> None:
    lines = files("persona_store").joinpath("glossary.txt").read_text("utf-8").splitlines()
    terms = [line.partition("\t")[0] for line in lines if not line.startswith("#")]
    assert len(terms) > 20_000
    assert [term.encode() for term in terms] == sorted({term.encode() for term in terms})
    for term in (terms[0], terms[1], *terms[:: len(terms) // 300], terms[-2], terms[-1]):
        assert translations(term), term


@pytest.mark.parametrize("term", ["", "zzzzqqq", "pay_retry", "\t", "\n", "a\nb", "龘龘", "支付支付", "payment:"])
def test_what_it_does_not_know_has_none(term: str) -> None:
    assert translations(term) == ()


def test_no_translation_is_in_the_language_of_its_term() -> None:
    for term in ("payment", "server", "error"):
        assert all(other > "\u33ff" for other, _ in translations(term))
    for term in ("支付", "人口", "战争"):
        assert all(other.isascii() for other, _ in translations(term))
