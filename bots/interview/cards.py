"""What an interviewer says, as cards and forms."""

from __future__ import annotations

from adapters.model import Button, Card, Field, Form
from bots.interview.plan import Question
from bots.interview.sitting import Sitting
from bots.wording import say

MOST_ON_A_LABEL = 140


def asked(sitting: Sitting, *, name: str, lead: str = "", note: str = "") -> Card:
    """The open question; above it what became of the one before."""
    lang = sitting.lang
    words = "\n".join(f"**{line}**" for line in sitting.open.words(lang).splitlines() if line.strip())
    notes = (note, say(lang, "interview.how")) if note else (say(lang, "interview.how"),)
    return Card(
        label=say(lang, "label.bot"),
        title=say(lang, "interview.title", name=name, number=str(sitting.number), of=str(sitting.of)),
        text="\n\n".join(part for part in (lead, words, contradiction(sitting.open, lang)) if part),
        notes=notes,
        buttons=(
            Button("reply", say(lang, "button.reply"), sitting.turn, style="primary", opens_form=True),
            Button("skip", say(lang, "button.skip"), sitting.turn),
            Button("stop", say(lang, "button.stop"), sitting.turn),
        ),
        tone="owner",
    )


def contradiction(question: Question, lang: str) -> str:
    if len(question.statements) != 2:
        return ""
    one, other = (" ".join(statement.split()) for statement in question.statements)
    return say(lang, "interview.statements", one=one, other=other)


def form(sitting: Sitting) -> Form:
    lang, words = sitting.lang, " ".join(sitting.open.words(sitting.lang).split())
    label = words if len(words) <= MOST_ON_A_LABEL else words[: MOST_ON_A_LABEL - 1] + "…"
    return Form(
        action="replied",
        value=sitting.turn,
        title=say(lang, "form.words_title"),
        submit=say(lang, "form.words_submit"),
        cancel=say(lang, "form.cancel"),
        fields=(Field("text", label, kind="lines"),),
    )
