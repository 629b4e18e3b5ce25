"""`understudy assess`: the impact assessment and the ethics review, written from what is live, and signed.

assess NAME --out FOLDER           writes the draft: two pages, JSON, and the questions only a human can answer
assess sign NAME --as PERSON …     somebody who is not concerned answers them, and signs
assess show NAME                   how the newest one stands
assess verify FOLDER               checks a signed one without the installation
"""

from __future__ import annotations

import argparse
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import to_builtins

from bots import keys, settings
from bots.app import App
from bots.assessment import ethics, keeping, making, questions, report
from bots.assessment.footprint import canonical
from bots.assessment.model import Answer, Assessment, Signed
from bots.assessment.pack import files
from bots.assessment.verifying import verified
from bots.cli import given
from bots.cli.context import Context, add_json
from bots.cli.files import Folder
from bots.cli.parser import Group
from bots.exports import note
from bots.operator import OPERATOR, found
from bots.wording import LANGUAGES, say
from persona_store import jws, names
from persona_store.consent import signing
from persona_store.errors import Refused
from persona_store.model import Persona
from persona_store.papers import needs
from persona_store.protocols import Batch

SHEET = "answers.toml"
VERBS = ("sign", "show", "verify")


def add(commands: Group, lang: str) -> None:
    parser = commands.add("assess", "assess", more="assess_more")
    parser.add_argument("words", nargs="+", metavar="[sign|show|verify] NAME", help=say(lang, "cli.assess_words"))
    parser.add_argument("--template", default=None, choices=("prc", "eu"), help=say(lang, "cli.assess_template"))
    parser.add_argument("--lang", default="", choices=LANGUAGES, help=say(lang, "cli.persona_page_lang"))
    parser.add_argument("--out", type=Path, metavar="FOLDER", help=say(lang, "cli.assess_out"))
    parser.add_argument("--as", dest="who", default="", metavar="PLATFORM:ID", help=say(lang, "cli.assess_as"))
    parser.add_argument("--answers", type=Path, metavar="FILE", help=say(lang, "cli.assess_answers"))
    parser.add_argument(
        "--answer", action="append", default=[], metavar="QUESTION=yes:WHY", help=say(lang, "cli.assess_answer")
    )
    parser.add_argument("--key", type=Path, metavar="FILE", help=say(lang, "cli.assess_key"))
    add_json(parser, lang)
    parser.set_defaults(call=_assess)


async def _assess(context: Context) -> int:
    verb, name = _meant(context.arguments)
    calls = {"": _draft, "sign": _sign, "show": _show, "verify": _verify}
    return await calls[verb](context, name)


def _meant(asked: argparse.Namespace) -> tuple[str, str]:
    """A persona may be called `sign`: one word alone is always a name."""
    match asked.words:
        case [name]:
            return "", name
        case [verb, name] if verb in VERBS:
            return verb, name
    what = f"{' '.join(asked.words)[:60]!r} is not what can be assessed"
    raise Refused("USAGE", what, "write `understudy assess NAME --out FOLDER`, or `assess sign|show|verify NAME`")


# ------------------------------------------------------------------ the draft


async def _draft(context: Context, name: str) -> int:
    asked = context.arguments
    if asked.out is None and not context.json:
        raise Refused("USAGE", "it is not said where the draft goes", "add --out FOLDER, or --json")
    async with context.app() as app:
        persona = await found(app, names.checked(name))
        assessment, batch = await making.write(app.services, persona, asked.template, OPERATOR)
        if asked.out is not None:
            folder = Folder(asked.out)
            _free(asked.out / SHEET)
            batch = batch.plus(Batch(puts=(note(app.services, persona.name, "assessment", str(asked.out)),)))
        await app.services.store.commit(batch)
    if asked.out is not None:
        lang = asked.lang or context.lang
        _pages(folder, assessment, lang)
        sheet = questions.sheet(assessment.questions, keeping.draft_hash(assessment), lang)
        folder.write(SHEET, sheet.encode())
        folder.write("assessment.json", canonical(assessment))
    if context.json:
        context.give(to_builtins(assessment))
        return 0
    acts = sum(each.grade == "act" for each in assessment.findings)
    still = sum(each.open for each in assessment.risks)
    context.tell("assess_drafted", name=persona.name, folder=asked.out, act=acts, open=still)
    context.tell("assess_next", name=persona.name, folder=asked.out)
    return 0


def _free(sheet: Path) -> None:
    """What somebody answered in an earlier draft is theirs, and is not written over."""
    if sheet.exists() and questions.read(given.content(sheet))[1]:
        what = f"{str(sheet)!r} holds somebody's answers to an earlier draft"
        raise Refused("FILE_EXISTS", what, "name another folder")


def _pages(folder: Folder, assessment: Assessment, lang: str, signed: Signed | None = None) -> None:
    folder.write("impact-assessment.html", report.report(assessment, lang, signed).encode())
    folder.write("ethics-review.html", ethics.review(assessment, lang, signed).encode())


# ------------------------------------------------------------------ the signature


async def _sign(context: Context, name: str) -> int:
    asked = context.arguments
    who = given.person("--as", asked.who)
    if not who:
        raise Refused(
            "ASSESSOR", "it is not said who assesses", "add --as PLATFORM:ID, for example --as slack:U0COMPLY"
        )
    async with context.app() as app:
        persona = await found(app, names.checked(name))
        answers = await _answers(context, app, persona)
        key = _key(asked.key, who)
        signed, batch = await making.sign(app.services, persona, who, answers, key)
        if asked.out is not None:
            batch = batch.plus(Batch(puts=(note(app.services, persona.name, "assessment", str(asked.out)),)))
        await app.services.store.commit(batch)
        after = await found(app, persona.name)
    if asked.out is not None:
        folder = Folder(asked.out)
        _pages(folder, signed.assessed.assessment, asked.lang or context.lang, signed)
        for file, content in files(signed).items():
            folder.write(file, content)
    opinion = signed.assessed.opinion
    if context.json:
        context.give({"persona": persona.name, "state": after.state, "verdict": opinion.verdict,
                      "assessment_ref": keeping.document_hash(signed)})  # fmt: skip
        return 0
    context.tell(f"assess_{opinion.verdict}", name=persona.name, ref=keeping.document_hash(signed))
    return 0


async def _answers(context: Context, app: App, persona: Persona) -> dict[str, Answer]:
    """From the sheet, the flags, or both; a flag counts more. A sheet says which draft it is about."""
    asked = context.arguments
    answers: dict[str, Answer] = {}
    if asked.answers is not None:
        about, answers = questions.read(given.content(asked.answers))
        draft = await keeping.draft(app.services, persona.name)
        if draft is not None and about != keeping.draft_hash(draft):
            what = f"{str(asked.answers)!r} answers another draft than the newest of {persona.name!r}"
            fix = f"`understudy assess {persona.name} --out FOLDER`, read it, and answer that"
            raise Refused("ASSESSMENT_ANSWERS", what, fix)
    return {**answers, **questions.typed(asked.answer)}


def _key(path: Path | None, who: str) -> Ed25519PrivateKey:
    """The assessor's own, apart from the installation's data; made on first use."""
    return signing.own_key(path or settings.config_dir() / "assessor-keys" / f"{keys.short('assessor', who)}.pem")


# ------------------------------------------------------------------ looking


async def _show(context: Context, name: str) -> int:
    async with context.app() as app:
        persona = await found(app, names.checked(name))
        consent = await app.services.consent(persona.name)
        if consent is None:
            raise Refused("NO_CONSENT", f"persona {persona.name!r} has no consent", "the subject signs first")
        stand = await keeping.stands(app.services, persona, consent)
        papers = await keeping.papers_of(app.services, persona, consent)
    reasons = needs(persona, consent, papers)
    if context.json:
        ref = keeping.document_hash(stand.signed) if stand.signed else None
        context.give({"standing": stand.standing, "needed": reasons, "changes": to_builtins(stand.changes),
                      "assessment_ref": ref})  # fmt: skip
        return 0
    context.tell(f"assess_is_{stand.standing}", name=persona.name)
    for line in keeping.told(stand.changes, context.lang):
        context.show(f"- {line}")
    for reason in reasons:
        context.show(f"- {say(context.lang, f'assessment.need_{reason}')}")
    return 0


async def _verify(context: Context, name: str) -> int:
    """Offline: needs nothing but the folder."""
    place = Path(name)
    raw, signature, public = (
        given.content(place / file) for file in ("assessment.json", "assessment.json.jws", "assessor.pub")
    )
    assessed = verified(Signed(raw, signature.decode("ascii", "replace").strip(), public))
    if context.json:
        context.give(to_builtins(assessed))
        return 0
    context.tell(
        "assess_holds",
        name=assessed.assessment.configuration.persona.name,
        who=assessed.opinion.assessor,
        at=f"{assessed.opinion.signed_at:%Y-%m-%d}",
        verdict=say(context.lang, f"assessment.verdict_{assessed.opinion.verdict}"),
        key=jws.key_id(public),
    )
    return 0
