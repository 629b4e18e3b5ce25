"""What the bot says, as cards: wording plus data, no decisions. Every card that speaks for a persona begins with
the AI label, which is put there by this code and by nothing a model or a message says (rights.md L20)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from msgspec import structs

from adapters.model import Button, Card, Field, Form, Person, Quote
from bots.escalation import REPORTED
from bots.hours import zone
from bots.model import Cited, Draft, Escalation, Waiter
from bots.people import shown
from bots.wording import say
from persona_store.model import DESCRIBED, Passage, Persona
from persona_store.splitting import FETCHED, is_split

STALE_DAYS = 180
PLACES = {
    "doc": "quote.place_document",
    "mail": "quote.place_mail",
    "correction": "quote.place_correction",
    "screenshot": "quote.place_picture",
    "imported_skill": "quote.place_skill",
    "description": "quote.place_description",
    "interview": "quote.place_interview",
}
LIKELY = ("unconfirmed", "thumbs_down", "disputed", "asked_for_human", "conflict")
"""Reasons to ask a human about a draft that was said, or nearly good enough to be: sending it comes first."""


def label(persona: Persona, lang: str) -> str:
    return say(lang, "label.ai", name=persona.display_name)


def answer(
    persona: Persona, draft: Draft, *, lang: str, outcome: str, owner: str, now: datetime, intro: bool = False
) -> Card:
    """An answer: the quotes carry it, below a model's summary of them if there is one; around them who said it, how
    sure we are and who answers for it."""
    quoted = [evidence.passage for evidence in draft.evidence]
    taught = [p for p in quoted if p.source == "correction"]
    lead = "answer.lead_summary" if draft.summary else "answer.lead"
    if len(taught) == len(quoted):
        lead = "answer.lead_taught"
    if all(p.described for p in quoted):
        lead = "answer.lead_described"
    notes = [
        say(lang, "answer.owner", owner=owner),
        say(lang, "answer.sure", percent=str(round(draft.confidence * 100))),
    ]
    if draft.summary:
        notes.append(say(lang, "answer.by_model"))
    if draft.forsaken:
        notes.append(say(lang, "answer.without_model"))
    newest = max(p.at for p in quoted)
    if (now - newest).days > STALE_DAYS:
        notes.append(say(lang, "answer.stale", date=newest.date().isoformat()))
    if intro:
        notes.append(say(lang, "answer.intro", name=persona.display_name))
    said_by = say(lang, lead, name=taught[0].author_name if taught else persona.display_name)
    quotes = tuple(quote(p, text, lang, persona) for p, text in zip(quoted, draft.quotes, strict=True))
    if draft.summary:
        quotes = tuple(_numbered(number, each, lang) for number, each in enumerate(quotes, 1))
    return Card(
        label=label(persona, lang),
        text="\n\n".join(filter(None, (said_by, summarised(draft.summary)))),
        quotes=quotes,
        notes=tuple(notes),
        buttons=(
            Button("up", say(lang, "button.up"), outcome),
            Button("down", say(lang, "button.down"), outcome),
            Button("human", say(lang, "button.human"), outcome),
            Button("why", say(lang, "button.why"), outcome),
        ),
        tone="answer",
    )


def summarised(summary: Sequence[Cited]) -> str:
    """A model's sentences, each with the numbers of the quotes it rests on: `… [1] … [1][2]`."""
    return " ".join(f"{each.text} {''.join(f'[{number}]' for number in each.cites)}" for each in summary)


def _numbered(number: int, quote: Quote, lang: str) -> Quote:
    """With its number where a reader looks for who said it."""
    return structs.replace(quote, author=say(lang, "quote.numbered", number=str(number), author=quote.author))


def quote(passage: Passage, text: str, lang: str, persona: Persona) -> Quote:
    """One passage as evidence. Material without names of people or chats has only ids, which say nothing to a
    reader: the persona and "a chat" stand in for them."""
    place, author = _named(passage.container_name, passage.container), passage.author_name
    kind = "doc" if passage.source in FETCHED and is_split(passage) else passage.source
    titled = kind in ("doc", "mail", "screenshot", "interview", *DESCRIBED)
    key = PLACES.get(kind, "quote.place_chat" if place else "quote.place_unnamed")
    where = say(lang, key, place=(passage.title or place or passage.container) if titled else place)
    if passage.reading:
        where = say(lang, "quote.read_by_machine", place=where, percent=str(passage.reading.percent))
    return Quote(
        text=_unwrapped(text) if kind == "doc" else text,
        author=_describer(passage, lang, persona)
        or _named(author, passage.author.partition(":")[2])
        or persona.display_name,
        when=passage.at.date().isoformat(),
        place=where,
        url=passage.url,
    )


def _describer(passage: Passage, lang: str, persona: Persona) -> str:
    """For what others say about the subject: that it is theirs, in the place where an author is looked for."""
    if not passage.described:
        return ""
    if passage.author_name:
        return say(lang, "quote.described_by", who=passage.author_name, name=persona.display_name)
    return say(lang, "quote.described", name=persona.display_name)


def _named(name: str, id: str) -> str:
    return "" if name == id else name


def asked(
    persona: Persona, record: Escalation, *, lang: str, due: str, outcome: str, joined: bool, intro: bool = False
) -> Card:
    """To the asker: who was asked and by when."""
    # Who may be in danger hears of help lines every time, asked already or not (rights.md L25).
    key = "asked.joined" if joined and record.reason != "in_danger" else f"asked.{record.reason}"
    return Card(
        label=label(persona, lang),
        text=say(lang, key, name=persona.display_name, assignee=shown(record.assignee), due=due),
        buttons=(
            Button("takeback", say(lang, "button.takeback"), record.id),
            Button("why", say(lang, "button.why"), outcome),
        ),
        notes=(say(lang, "answer.intro", name=persona.display_name),) if intro else (),
        tone="asked",
    )


def _unwrapped(text: str) -> str:
    """A document's lines are as long as its editor was wide; a card's are not. Lists, code and paragraphs stay."""
    if "```" in text:
        return text
    joined = re.sub(
        r"(?<=[^\W\d_a-zA-Z，。；：、])\n(?=[^\W\d_a-zA-Z])", "", text
    )  # no blank between Chinese words
    return re.sub(r"(?<=\S)\n(?=[^\s\-*#>|`\d])", " ", joined)


def to_owner(
    persona: Persona,
    record: Escalation,
    passages: tuple[Passage, ...],
    *,
    lang: str,
    due: str,
    reminder: bool = False,
) -> Card:
    """To the human: the question, what would have been said, the evidence, and every way to settle it."""
    who = say(lang, "list.between").join(dict.fromkeys(shown(w.person) for w in record.askers))
    text = [
        say(lang, "owner.question", who=who, name=persona.display_name),
        "\n".join(f"> {line}" for line in record.question.splitlines()),  # every kind of line end stays inside
    ]
    likely = bool(record.draft) and record.reason in LIKELY
    if not record.draft:
        text.append(say(lang, "owner.no_draft"))
    else:
        said_already = record.reason in ("thumbs_down", "disputed", REPORTED)
        text.append(say(lang, "owner.doubted" if said_already else "owner.draft" if likely else "owner.nearest"))
    if record.objection:
        text += [say(lang, "owner.objection", who=who), f"> {record.objection}"]
    if record.summary:
        text += [say(lang, "owner.summarised"), f"> {record.summary}"]
    others = [(n, each) for n, each in enumerate(record.may_know) if each.key != record.assignee.key]
    if others:
        names = say(lang, "list.between").join(f"**{shown(each)}**" for _, each in others)
        text.append(say(lang, "owner.may_know", people=names))
    buttons = [
        Button("edit", say(lang, "button.edit"), record.id, opens_form=True) if record.draft else None,
        Button("mine", say(lang, "button.mine"), record.id, style="" if likely else "primary", opens_form=True),
        *(Button(f"pass:{n}", say(lang, "button.pass", person=shown(each)), record.id) for n, each in others),
        Button("delegate", say(lang, "button.delegate"), record.id, opens_form=True),
        Button("decline", say(lang, "button.decline"), record.id, style="danger"),
    ]
    if record.draft:
        buttons.insert(0, Button("send", say(lang, "button.send"), record.id, style="primary" if likely else ""))
    return Card(
        label=say(lang, "label.bot"),
        title=say(lang, "owner.title_reminder" if reminder else "owner.title"),
        text="\n\n".join(text),
        quotes=tuple(quote(p, p.text[:400], lang, persona) for p in passages[:3]),
        notes=(say(lang, "owner.how", due=due), say(lang, f"owner.reason_{record.reason}")),
        buttons=tuple(b for b in buttons if b is not None),
        tone="owner",
    )


def relayed(record: Escalation, waiter: Waiter, by: Person, *, lang: str, name: str, learned: bool) -> Card:
    """The human's words, under the human's name, to one of those who wait."""
    notes = [say(lang, "relayed.question", question=_clip(waiter.question or record.question))]
    if record.answer == record.draft:
        notes.append(say(lang, "relayed.confirmed", owner=shown(by), name=name))
    if learned:
        notes.append(say(lang, "relayed.learned"))
    return Card(
        label=say(lang, "label.human", name=shown(by)), text=record.answer, notes=tuple(notes), tone="owner"
    )


def notice(
    text: str,
    *,
    lang: str,
    persona: Persona | None = None,
    tone: str = "notice",
    buttons: tuple[Button, ...] = (),
    links: tuple[str, ...] = (),
) -> Card:
    """A plain sentence. `links` are pages of our own that it leads to."""
    shown = label(persona, lang) if persona else say(lang, "label.bot")
    return Card(label=shown, text=text, buttons=buttons, tone=tone, links=links)


def picker(personas: Sequence[Persona], *, lang: str, pending: str) -> Card:
    """Which of several personas is meant."""
    return Card(
        label=say(lang, "label.bot"),
        text=say(lang, "picker.text"),
        buttons=tuple(Button(f"pick:{p.name}", p.display_name, pending) for p in personas[:10]),
        tone="notice",
    )


def why(draft_why: tuple[tuple[str, dict[str, str]], ...], *, lang: str, persona: Persona, percent: int) -> Card:
    lines = [say(lang, key, **params) for key, params in draft_why]
    return Card(
        label=label(persona, lang),
        title=say(lang, "why.title"),
        text="\n".join(f"- {line}" for line in lines) or say(lang, "why.nothing"),
        notes=(say(lang, "answer.sure", percent=str(percent)),),
        tone="notice",
    )


def words_form(record: Escalation, *, lang: str, action: str, initial: str) -> Form:
    """Where the human writes or edits the answer."""
    return Form(
        action=action,
        value=record.id,
        title=say(lang, "form.words_title"),
        submit=say(lang, "form.words_submit"),
        cancel=say(lang, "form.cancel"),
        fields=(Field("text", _clip(record.question, 140), initial=initial, kind="lines"),),
    )


def delegate_form(record: Escalation, *, lang: str, to: str = "") -> Form:
    """`to`: the id of who is likely to be meant."""
    return Form(
        action="delegated",
        value=record.id,
        title=say(lang, "form.delegate_title"),
        submit=say(lang, "form.delegate_submit"),
        cancel=say(lang, "form.cancel"),
        fields=(Field("person", say(lang, "form.delegate_person"), initial=to, kind="person"),),
    )


def local_time(when: datetime, place: str, lang: str, now: datetime) -> str:
    """A deadline as a person says it: the time, with the day if it is not today. `place` is a time zone; one that
    nobody knows is as good as none."""
    tz = zone(place)
    local, today = when.astimezone(tz), now.astimezone(tz)
    clock = local.strftime("%H:%M") + (" UTC" if tz.key == "UTC" else "")
    if local.date() == today.date():
        return clock
    return say(lang, "time.other_day", date=local.date().isoformat(), clock=clock)


def _clip(text: str, most: int = 200) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"
