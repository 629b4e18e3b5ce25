"""What the program is not able to do, whatever anybody asks of it: closed lists, tested as such."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from adapters.model import Audience, Thread
from bots import gate
from bots.cli.kinds import KINDS
from bots.contact import AGAIN, PAUSE, Use
from bots.evaluation.page import page
from bots.wording import LANGUAGES, sentences
from persona_store.consent import draft, parsing
from persona_store.consent.record import Facets
from persona_store.errors import Refused
from persona_store.model import Passage, Persona, PersonaRules
from persona_store.redaction import redact
from tests.bots.evaluation.rows import row
from tests.bots.evaluation.test_page import made
from tests.scenarios.world import World

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 6, 2, 10, tzinfo=UTC)
RETRY = "How often does the payment retry job run?"


def signed(**choices: object) -> bytes:
    given = {"owner": "chat:U0OWN", "sources": ("slack_export",), "audiences": ("chat:*",), **choices}
    return draft.draft(draft.Choices(**given), NOW)  # type: ignore[arg-type]  # the caller knows Choices


def changed(part: str, **values: object) -> bytes:
    told = json.loads(signed())
    told[part] |= values
    return json.dumps(told).encode()


def test_l03_settings_narrow_what_consent_grants_and_never_widen_it() -> None:
    """An admin lets the persona answer in every chat; the record names one."""
    record = parsing.parse(signed(audiences=("chat:pay",), cooling_off_days=0))
    persona = Persona("lin", "Lin", "live", NOW, NOW, owner="chat:U0OWN", chats=("chat:*",))
    asked = {chat: gate.check(persona, record, Thread("chat", chat), "answer", NOW) for chat in ("pay", "other")}
    assert asked["pay"] is None
    assert asked["other"] is not None
    assert asked["other"].code == "CONSENT_AUDIENCE"


def test_l19_seven_days_to_think_are_what_nobody_chose_and_a_yes_with_a_price_is_none() -> None:
    record = parsing.parse(signed())
    assert record.effective_at - record.event.time >= timedelta(days=7)
    with pytest.raises(Refused):
        parsing.parse(changed("voluntariness", tied_to_severance=True))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_l19_nothing_counts_the_people_it_would_replace(lang: str) -> None:
    lever = re.compile(
        r"head.?count|saved? (?:hours|salar)|replac\w+ (?:him|her|them|staff|people)|节省人力|替代员工", re.I
    )
    assert [key for key, text in sentences(lang).items() if lever.search(text)] == []


def test_l35_a_facet_of_mood_health_or_loyalty_does_not_exist() -> None:
    assert Facets.__struct_fields__ == (
        "work_knowledge",
        "decision_patterns",
        "communication_style",
        "name_avatar",
    )
    with pytest.raises(Refused):
        parsing.parse(changed("facets", mood=True))


def test_l36_nothing_here_can_train_on_a_person() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = " ".join([*project["dependencies"], *sum(project["optional-dependencies"].values(), [])]).lower()
    assert not re.search(
        r"\b(?:torch|tensorflow|jax|transformers|peft|accelerate|unsloth|trl|sentence.transformers)\b", wanted
    )
    source = [path for room in ("bots", "adapters", "persona_store") for path in (ROOT / room).rglob("*.py")]
    training = re.compile(r"fine_tun(?:e|ing)\w*\(|\.backward\(|/fine_tuning|lora_", re.I)
    assert [path.name for path in source if training.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("field", ["id", "source", "container", "thread", "author", "by_subject", "at", "text"])
def test_l37_no_piece_is_kept_without_where_it_came_from(field: str) -> None:
    whole = Passage("1", "doc", "a.md", "", "1", "x:1", "", True, NOW, "words")
    told = msgspec.to_builtins(whole)
    del told[field]
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(told, Passage)


def test_p4_slack_material_is_an_export_that_was_handed_in() -> None:
    """P1, P4: no kind of import fetches from Slack."""
    slack = [kind for kind in KINDS if "slack" in kind.name]
    assert [(kind.name, kind.path) for kind in slack] == [("slack-export", True)]


def test_t39_the_prompts_hold_nothing_that_must_not_be_told() -> None:
    """Who coaxes one out has a file of the source."""
    prompts = list((ROOT / "bots" / "prompts").glob("*.md"))
    assert prompts
    for path in prompts:
        text = path.read_text(encoding="utf-8")
        assert redact(text).text == text, path.name
        assert "http" not in text


def test_l21_the_report_of_an_evaluation_carries_the_label_of_its_file() -> None:
    """It quotes what an AI answered."""
    written = page(made([row(0.9)]), "en")
    assert 'name="AIGC"' in written
    assert "Label" in written


# ------------------------------------------------------------------ who reads along


async def test_t07_who_came_into_the_room_since_reads_along_and_who_left_does_not(w: World) -> None:
    """T07: asked at answer time. How old the list may be is each adapter's: a minute at most."""
    await w.persona()
    question = "What is the vault passphrase hint for the staging cluster?"

    async def told() -> bool:
        return "river" in str([p.post for p in await w.say(w.mei, question, chat="duo")])

    w.chat.room("duo", Audience(public=False, members=(w.mei, w.subject)))
    assert await told()
    w.chat.room("duo", Audience(public=False, members=(w.mei, w.subject, w.ann)))
    assert not await told()
    w.chat.room("duo", Audience(public=False, members=(w.mei, w.subject)))
    assert await told()


# ------------------------------------------------------------------ reminders


async def test_l25_who_goes_on_for_two_hours_is_reminded_that_it_is_an_ai(w: World) -> None:
    """拟人化办法 16: at first contact, and after each two hours of continuous use."""
    await w.persona(rules=PersonaRules(quiet_from="00:00", quiet_to="00:00", risk_budget=0.9))
    reminded = []
    for _ in range(16):  # every twenty minutes, for five hours
        posts = await w.say(w.mei, RETRY)
        reminded.append("is an AI" in str([p.post.card.notes for p in posts]))
        w.clock.advance(timedelta(minutes=20).total_seconds())
    assert [n for n, each in enumerate(reminded) if each] == [0, 6, 12]


def test_l25_a_pause_begins_anew() -> None:
    use, due = Use(NOW, NOW + AGAIN).then(NOW + AGAIN + PAUSE + timedelta(seconds=1))
    assert not due
    assert use.since == use.last
    assert Use(NOW, NOW + AGAIN - PAUSE).then(NOW + AGAIN)[1]
    assert not Use(NOW, NOW + timedelta(hours=1)).then(NOW + timedelta(hours=1, minutes=5))[1]
