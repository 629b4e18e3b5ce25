"""What was typed about a consent, as the choices a record is drafted from: to be signed here, or asked for."""

from __future__ import annotations

import argparse
from pathlib import Path

from bots import settings
from bots.cli import given, terms
from bots.cli.context import Context
from bots.wording import say
from persona_store.consent import draft, notice, summary
from persona_store.consent.record import Consent
from persona_store.errors import Refused
from persona_store.model import Persona

EVER = "1970-01-01"
"""Before anything that is imported: a subject who names no first day means all of it, and the summary says so."""


def law(parser: argparse.ArgumentParser, lang: str) -> None:
    """Which law the record is written for, and the papers that law wants beside it."""
    parser.add_argument("--jurisdiction", default="CN", metavar="LIST", help=say(lang, "cli.consent_jurisdiction"))
    parser.add_argument("--lia", default="", metavar="TEXT", help=say(lang, "cli.consent_lia"))
    parser.add_argument("--workers-notice", default="", metavar="TEXT", help=say(lang, "cli.consent_workers"))


def after_death(parser: argparse.ArgumentParser, lang: str) -> None:
    """What the Subject arranges; nobody proposes it to them."""
    ways = ("delete", "keep_until_end")
    parser.add_argument("--after-death", choices=ways, default="delete", help=say(lang, "cli.consent_after_death"))


def choices(context: Context, persona: Persona, *, until: str) -> draft.Choices:
    """What was typed for a record, whoever is to sign it; `until` is the option that names the last day. Raises
    Refused CONSENT_AUDIENCE where it is not said where the persona may answer."""
    asked = context.arguments
    audience = given.words(asked.audience) or persona.chats
    if not audience:
        raise Refused(
            "CONSENT_AUDIENCE",
            f"it is not said where {persona.name!r} may answer",
            "give --audience 'slack:*', or create the persona with --chats",
        )
    return draft.Choices(
        owner=persona.owner,
        deputy=persona.deputy,
        sources=given.words(asked.sources),
        audiences=audience,
        containers=given.words(asked.containers),
        first=given.day("--from", asked.first),
        last=given.day(until, asked.last) if asked.last else None,
        facets=given.words(asked.facets),
        days=asked.days,
        cooling_off_days=asked.cooling_off,
        excluded_keywords=given.words(getattr(asked, "exclude", "")),
        excluded_containers=given.words(getattr(asked, "exclude_chats", "")),
        excluded_people=given.words(getattr(asked, "exclude_people", "")),
        recipients=given.recipients("--recipients", asked.recipients),
        learn=not asked.no_learning,
        jurisdiction=tuple(word.upper() for word in given.words(asked.jurisdiction)),
        lia_ref=asked.lia.strip(),
        workers_notice_ref=asked.workers_notice.strip(),
        licence=terms.typed(asked),
        after_death=getattr(asked, "after_death", "delete"),
        language=context.lang,
    )


def agreed(context: Context, record: Consent) -> bool:
    """The notice and what the record says are shown; nothing is signed unseen."""
    context.show(notice.text(context.lang).decode())
    context.show("\n".join(summary.lines(record, context.lang)))
    return context.agreed("consent_sure")


def key_file(context: Context, name: str) -> Path:
    """The Subject's key, as typed or where it is kept apart from the installation."""
    typed: Path | None = context.arguments.key
    return typed or settings.config_dir() / "subject-keys" / f"{name}.pem"
