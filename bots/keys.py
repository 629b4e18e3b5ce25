"""The names of everything the bot keeps in the store, in one place (personas and consent have their own)."""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec

from adapters.model import Person, Receipt, Thread

SEEN = "seen/"
THREAD = "thread/"
OUTCOME = "outcome/"
ESCALATION = "escalation/"
OPEN = "open/"
ASKED = "asked/"
PLACED = "placed/"
RECEIPT = "receipt/"
DEAD = "dead/"
CONFIRM = "confirm/"
DRAFTED = "drafted/"
DENIED = "denied/"
LINK = "link/"
OPENED = "opened/"
PASSES = "pass/"
SUBJECT = "subject/"
THROTTLE = "throttle/"
POSTED = "posted/"
EXPORTED = "exported/"
LICENSED = "licensed/"
SITTING = "sitting/"
INTERVIEWED = "interviewed/"
ASSESSMENT = "assessment/"
ASSESSED = "assessed/"  # what stays of an assessment once its persona is erased
ASSESSOR = "assessor/"
TALLY = "tally/"
LABEL = "label/"
LABELLED = "labelled/"
DISPUTED = "disputed/"


def short(*parts: str) -> str:
    """A stable 16-character id of what happened, so that handling an event twice names the same things."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def thread(where: Thread) -> str:
    return THREAD + where.lane


def conversation(where: Thread, alone: Person | None = None) -> str:
    """A thread as everyone in it knows it, or what one person asked there for their own eyes."""
    return thread(where) if alone is None else f"{thread(where)}:{alone.key}"


def outcome(id: str) -> str:
    return OUTCOME + id


def escalation(id: str) -> str:
    return ESCALATION + id


def open_question(persona: str, id: str) -> str:
    """Every unsettled escalation of a persona has one such key: the open list."""
    return f"{OPEN}{persona}/{id}"


def open_mark(persona: str) -> str:
    """Changes with every question that is opened: two who open one at the same instant notice."""
    return f"{OPENED}{persona}/mark"


def asked(person: Person, id: str) -> str:
    """What somebody was asked and has not settled."""
    return f"{ASKED}{person.key}/{id}"


def digest(person_key: str, id: str) -> str:
    """A question that waits for somebody's next digest."""
    return f"digest/{person_key}/{id}"


def digest_mark(person_key: str) -> str:
    """Changes with everything that is put on somebody's next digest."""
    return "digested/" + person_key


def placed(where: Thread, message_id: str) -> str:
    """What a message of ours stands for, so that replies and reactions to it find their way."""
    return f"{PLACED}{where.chat_key}:{message_id}"


def receipt(post_key: str) -> str:
    return RECEIPT + post_key


def posted(persona: str, where: Receipt) -> str:
    """Something that was said for a persona and stands on a platform."""
    return f"{POSTED}{persona}/{where.thread.chat_key}:{where.message_id}"


def unsaid(persona: str) -> str:
    """How far the removal of what was said for it has come."""
    return f"unsaid/{persona}"


def chat_default(chat_key: str) -> str:
    return "default/" + chat_key


def greeted(chat_key: str, person_key: str) -> str:
    """First contact was made: the introduction is not repeated."""
    return f"greeted/{chat_key}/{person_key}"


def denied(persona: str) -> str:
    """Its owner was told today that somebody tried what they may not."""
    return f"{DENIED}{persona}/today"


def unchecked(persona: str) -> str:
    """Its owner was told that it is silent because nobody could see whether its licence stands."""
    return f"{DENIED}{persona}/unchecked"


def sitting(persona: str) -> str:
    """The interview that is going on with a persona's Subject."""
    return f"{SITTING}{persona}/open"


def interviewed(persona: str, question: str) -> str:
    """That a question of the interview was answered or skipped; `question` is a hash."""
    return f"{INTERVIEWED}{persona}/{question}"


def label(persona: str, id: str) -> str:
    """What was said of one drafted answer; `id` is its outcome's."""
    return f"{LABEL}{persona}/{id}"


def labelled(persona: str) -> str:
    """Changes whenever somebody judged."""
    return f"{LABELLED}{persona}/mark"


def disputed(persona: str, id: str) -> str:
    """An answer that somebody says is wrong; `id` is its outcome's."""
    return f"{DISPUTED}{persona}/{id}"


def asks(person_key: str) -> str:
    """How much somebody asked lately."""
    return "asks/" + person_key


def asks_of(persona: str) -> str:
    """How much a persona was asked lately."""
    return f"{TALLY}{persona}/asks"


def talking(platform: str) -> str:
    """When a platform on which something was said to us was last connected."""
    return "talking/" + platform


def language(person_key: str) -> str:
    return "lang/" + person_key


def spoke(person_key: str) -> str:
    """The language somebody last wrote to us in."""
    return "spoke/" + person_key


def of_subject(persona: str, what: str) -> str:
    """What belongs to the Subject's own place: the request, the draft of a record, a private address."""
    return f"{SUBJECT}{persona}/{what}"


def farewell(persona: str) -> str:
    """Whom to tell of its end: not among what is erased, as it is needed after."""
    return "farewell/" + persona


def witnessed(person_key: str) -> str:
    """When somebody was last given a checkpoint of the log."""
    return "witnessed/" + short("witnessed", person_key)


def of_assessment(persona: str, what: str) -> str:
    """The draft of an impact assessment, and those that were signed."""
    return f"{ASSESSMENT}{persona}/{what}"


def assessed(persona: str) -> str:
    """The prefix of what proves, without a name or a word, that the persona was assessed."""
    return f"{ASSESSED}{persona}/"


def model_day(at: datetime) -> str:
    """How many tokens of the language model a UTC day has used."""
    return f"model/day/{at:%Y-%m-%d}"


def persona_of(key: str, value: object) -> str:
    """Under whose key a record lies besides the installation's: what was asked, answered and drafted. Not what its
    end itself needs once the key is gone: jobs, and the notes of where something stands."""
    if key.startswith((OUTCOME, THREAD, ESCALATION)):
        return str(getattr(value, "persona", ""))
    if key.startswith((OPEN, SITTING, INTERVIEWED, ASSESSMENT, LABEL, DISPUTED)):
        return key.split("/")[1]
    return ""


def persona_prefixes(persona: str) -> tuple[str, ...]:
    """What must be gone from the store when a persona is erased, besides what is found by reading records."""
    prefixes = (OPEN, OPENED, DENIED, EXPORTED, SITTING, INTERVIEWED, ASSESSMENT, SUBJECT, TALLY)
    judged = (LABEL, LABELLED, DISPUTED)
    return tuple(f"{prefix}{persona}/" for prefix in (*prefixes, *judged, LICENSED, "withheld/"))


def decode_receipt(raw: bytes) -> Receipt:
    return msgspec.json.decode(raw, type=Receipt)
