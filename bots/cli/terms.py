"""What was typed about money, as the terms of a licence: the same words for signing and for asking."""

from __future__ import annotations

import argparse

from bots.cli import given
from bots.wording import say
from persona_store.consent.record import Licence
from persona_store.licence import terms


def add(parser: argparse.ArgumentParser, lang: str, *, payee: bool = False) -> None:
    """`payee`: only where the Subject types; to whom is paid is theirs to say."""
    parser.add_argument(
        "--licence", default="none", choices=terms.MODELS, metavar="MODEL", help=say(lang, "cli.licence_model")
    )
    parser.add_argument("--price", default="", metavar="AMOUNT", help=say(lang, "cli.licence_price"))
    parser.add_argument("--share", default="", metavar="PERCENT", help=say(lang, "cli.licence_share"))
    parser.add_argument("--currency", default="CNY", metavar="CODE", help=say(lang, "cli.licence_currency"))
    parser.add_argument("--org", default="", metavar="LIST", help=say(lang, "cli.licence_orgs"))
    parser.add_argument(
        "--stop-after", type=int, default=terms.STOP_AFTER, metavar="DAYS", help=say(lang, "cli.licence_stop_after")
    )
    if payee:
        parser.add_argument("--payee", default="", metavar="TEXT", help=say(lang, "cli.licence_payee"))


def typed(asked: argparse.Namespace) -> Licence:
    """Raises Refused LICENCE_TERMS, AMOUNT, SHARE, CURRENCY."""
    return terms.terms(
        asked.licence,
        price=asked.price,
        share=asked.share,
        currency=asked.currency,
        orgs=given.words(asked.org),
        stop_after=asked.stop_after,
    )
