"""The filing pack: what goes to an authority when a persona is offered beyond the organisation, in one folder."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version

import msgspec
from msgspec import Struct, structs

from bots.assessment import ethics, keeping, making, processing, report, words
from bots.assessment.filing import Item, checklist
from bots.assessment.footprint import canonical
from bots.assessment.gathering import configuration
from bots.assessment.model import Assessment, Signed
from bots.assessment.processing_page import record_page
from bots.assessment.sheet import facts, listed, mark, page, section, table, text
from bots.portrait.model import Aigc
from bots.services import Services
from bots.wording import LANGUAGES, say
from persona_store.consent import summary
from persona_store.consent.record import Party, Recipient
from persona_store.model import Offered, Persona


class Filed(Struct, frozen=True):
    """`filing.json`: the pack's own statements; the assessment and the record of processing lie beside it."""

    schema_version: str
    persona: str
    name: str
    offered_to: Offered
    checklist: tuple[Item, ...]
    responsible: tuple[str, ...]
    complaints: tuple[Party, ...]
    recipients: tuple[Recipient, ...]
    models: tuple[str, ...]
    labels: tuple[str, ...]
    metadata: dict[str, str]
    assessment_ref: str
    digest: str


async def pack(services: Services, persona: Persona, lang: str) -> Mapping[str, bytes]:
    """File name → content. The newest signed assessment where it still holds, else a draft, which says that it is
    one. Raises Refused as `configuration` does."""
    c = await configuration(services, persona)
    stand = await keeping.stands(services, persona, c.consent)
    signed = stand.signed if stand.standing == "valid" else None
    assessment = signed.assessed.assessment if signed else making.assess(c, None)
    whole = await processing.record(services)
    extract = structs.replace(
        whole, activities=tuple(each for each in whole.activities if each.persona == persona.name), erased=()
    )
    filed = _filed(persona, assessment, signed)
    now = services.clock.now()
    return {
        "filing.html": _page(filed, assessment, lang, now).encode(),
        "filing.json": msgspec.json.format(canonical(filed), indent=2) + b"\n",
        "impact-assessment.html": report.report(assessment, lang, signed).encode(),
        "ethics-review.html": ethics.review(assessment, lang, signed).encode(),
        **(files(signed) if signed else {"assessment.json": canonical(assessment)}),
        "processing.html": record_page(extract, lang, at=now, version=version("understudy")).encode(),
        "processing.json": processing.encode(extract),
    }


def files(signed: Signed) -> dict[str, bytes]:
    """What somebody else needs to check a signed assessment."""
    return {
        "assessment.json": signed.raw,
        "assessment.json.jws": signed.signature.encode(),
        "assessor.pub": signed.public_key,
    }


def _filed(persona: Persona, assessment: Assessment, signed: Signed | None) -> Filed:
    consent = assessment.configuration.consent
    return Filed(
        schema_version="understudy.filing/1",
        persona=persona.name,
        name=persona.display_name,
        offered_to=persona.offered_to,
        checklist=checklist(persona),
        responsible=tuple(filter(None, (persona.owner, persona.deputy))),
        complaints=consent.pii_controllers,
        recipients=consent.recipients,
        models=assessment.configuration.reach.models,
        labels=tuple(say(lang, "label.ai", name=persona.display_name) for lang in LANGUAGES),
        metadata=Aigc("understudy").fields(),
        assessment_ref=keeping.document_hash(signed) if signed else "",
        digest=assessment.digest,
    )


def _page(filed: Filed, assessment: Assessment, lang: str, now: datetime) -> str:
    heads = (say(lang, "filing.item"), say(lang, "filing.articles"), say(lang, "filing.state"))
    rows = [_row(item, lang) for item in filed.checklist]
    body = [
        section(
            say(lang, "filing.checklist"),
            table(heads, rows) if rows else f"<p>{text(say(lang, 'filing.internal'))}</p>",
            lead=say(lang, "filing.offered", to=say(lang, f"assessment.offered_{filed.offered_to}")),
        ),
        section(
            say(lang, "filing.service"),
            f"<p>{text(say(lang, 'filing.service_told'))}</p>",
            facts(words.description(assessment.configuration, lang)),
        ),
        section(
            say(lang, "filing.label"),
            f"<p>{text(say(lang, 'filing.label_told'))}</p>",
            listed(map(text, filed.labels)),
            f"<p>{text(say(lang, 'filing.metadata_told'))}</p>",
            f'<p class="hash">AIGC: {text(msgspec.json.encode(filed.metadata).decode())}</p>',
        ),
        section(
            say(lang, "filing.complaints"),
            listed(text(f"{party.party} · {party.contact}") for party in filed.complaints),
            f"<p>{text(say(lang, 'filing.complaints_told'))}</p>",
        ),
        section(
            say(lang, "filing.models"),
            listed(text(summary.recipient(each, lang)) for each in filed.recipients)
            if filed.recipients
            else f"<p>{text(say(lang, 'assessment.nobody'))}</p>",
            facts([(say(lang, "assessment.model"), filed.models or say(lang, "assessment.no_model"))]),
        ),
        section(
            say(lang, "filing.enclosed"),
            listed(
                map(text, ("impact-assessment.html", "ethics-review.html", "assessment.json", "processing.html"))
            ),
            facts(
                [
                    (say(lang, "assessment.digest"), filed.digest),
                    (say(lang, "filing.assessment"), filed.assessment_ref or say(lang, "filing.assessment_none")),
                ]
            ),
        ),
    ]
    made = say(lang, "filing.made", when=f"{now:%Y-%m-%d}", version=version("understudy"))
    return page(say(lang, "filing.title", name=filed.name), lang, made, body)


def _row(item: Item, lang: str) -> tuple[str, str, str]:
    if item.filing is None:
        state = mark("act", say(lang, "filing.due"))
    else:
        told = f"{item.filing.number} · {item.filing.authority} · {item.filing.on}"
        state = mark("good", say(lang, "filing.done")) + " " + text(told)
    return text(say(lang, f"filing.kind_{item.kind}")), "<br>".join(map(text, item.articles)), state
