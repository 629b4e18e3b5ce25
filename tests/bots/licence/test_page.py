"""The statement's page: the figures of the signed file, safe to open, in both languages."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from bots.licence import page
from bots.wording import LANGUAGES
from persona_store.licence import statement
from persona_store.licence.debts import contested, paid
from persona_store.model import Persona
from tests.persona_store.licence.books import START, filled, stated
from tests.scenarios.world import START as AT

KEY = Ed25519PrivateKey.generate()
LIN = Persona("lin", "Lin <b>Zhou</b>", "live", AT, AT)


def made() -> statement.SignedStatement:
    account, lines = filled([2, 0, 1, 4])
    account = contested(paid(account, "2026-11", date(2026, 12, 3)), "2026-11", date(2026, 12, 9))
    return statement.sign(stated(account, lines, "2026-12"), KEY)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_figure_of_the_file_is_on_the_page(lang: str) -> None:
    told = page.html(made(), LIN, lang)
    for figure in ("2026-12-01", ">4<", "0.50 CNY", "2.00 CNY", "1.50 CNY", "2026-11", made().statement.head):
        assert figure in told


def test_what_somebody_is_called_is_text_and_nothing_is_fetched_or_run() -> None:
    told = page.html(made(), LIN, "en")
    assert "<b>" not in told
    assert "&lt;b&gt;Zhou" in told
    style = re.search(r"<style>(.*?)</style>", told, re.DOTALL)
    assert style is not None
    proof = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{proof}'" in told
    assert not re.search(r"<script|<img|<link|src=|https?:|@import|url\(", told)


def test_a_month_without_anything_says_so() -> None:
    account, lines = filled([1])
    empty = statement.sign(stated(account, lines, "2026-12"), KEY)
    assert "Nothing was entered in this month." in page.html(empty, LIN, "en")


def test_the_file_that_is_signed_goes_along_under_names_of_ours() -> None:
    signed = made()
    names = [each.name for each in page.files(signed, LIN, "en")]
    assert names == ["lin-acme-2026-12.json", "lin-acme-2026-12.json.jws", "lin-acme-2026-12.html"]
    assert page.files(signed, LIN, "en")[0].content == signed.raw


def test_a_share_is_told_with_the_month_it_is_of() -> None:
    account, lines = filled([1])
    said = stated(account, lines, "2026-11")
    share = replace(said.days[0], kind="share", of="2026-10")
    told = page.html(statement.sign(replace(said, days=(share,)), KEY), LIN, "en")
    assert "share of the revenue of 2026-10" in told
    assert START.isoformat() in told
