"""A persona that is paid for: each answer counted once, none while it is unpaid, and proved to whoever asks."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from adapters.errors import RateLimited, Unreachable
from bots.app import open_app
from bots.licence import monthly, paying, stating
from bots.licence.payers import assign
from bots.options import Data, Settings, Store
from persona_store.consent.record import Licence
from persona_store.errors import Refused
from persona_store.licence import terms
from persona_store.licence.book import LedgerBook
from persona_store.licence.ledger import Account
from tests.scenarios.clock import Clock
from tests.scenarios.test_crashing import Forgetful, mortal
from tests.scenarios.world import START, World, world

RETRY = "How often does the payment retry job run?"
REFUNDS = "Which queue do refunds go to?"
UNKNOWN = "What is the SLA we promised to the Lisbon warehouse?"
PER_CALL = terms.terms("per_call", price="0.50", orgs=("acme",))
JUNE, JULY = "2026-06", "2026-07"


@asynccontextmanager
async def licensed(path: Path, licence: Licence = PER_CALL) -> AsyncIterator[World]:
    async with world(path) as w:
        await w.persona(licence=licence)
        yield w


async def account(w: World, org: str = "acme") -> Account:
    return (await LedgerBook(w.app.services.store).open("lin", org)).account


async def entered(w: World) -> list[dict[str, object]]:
    return [json.loads(raw) async for raw in LedgerBook(w.app.services.store).lines("lin", "acme")]


async def paid(w: World, month: str = JUNE, org: str = "acme") -> None:
    persona = await w.app.services.personas.get("lin")
    assert persona is not None
    await w.app.services.store.commit(await paying.paid(w.app.services, persona, org, month, "operator:cli"))
    await w.settle()


def last(w: World) -> str:
    return w.in_room()[-1].post.card.text


async def test_t36_every_posted_answer_is_one_line_and_nothing_else_is(tmp_path: Path) -> None:
    """Not what was handed to the owner, nor their answer, nor what the subject asks, nor a retried delivery."""
    async with licensed(tmp_path) as w:
        await w.say(w.mei, RETRY, id="q1")
        await w.say(w.mei, RETRY, id="q1")  # the platform delivers it again
        await w.say(w.ann, REFUNDS, id="q2")
        await w.say(w.subject, RETRY, id="q3")
        await w.say(w.mei, UNKNOWN, id="q4")
        asked = next(p for p in w.to(w.owner) if p.post.card.buttons)
        await w.press(w.owner, asked, "mine", text="24 hours, agreed in May.")
        lines = await entered(w)
        assert [(line["n"], line["kind"], line["price_minor"], line["currency"]) for line in lines] == [
            (1, "call", 50, "CNY"),
            (2, "call", 50, "CNY"),
        ]
        fields = {"n", "org", "persona", "record_id", "kind", "day", "price_minor", "currency", "prev_hash"}
        assert all(set(line) == fields for line in lines), "no question, no asker, no place"


async def test_t36_an_answer_whose_delivery_is_unsure_is_charged_once(tmp_path: Path) -> None:
    async with licensed(tmp_path) as w:
        w.chat.fail(Unreachable("chat", "timed out", placed=True))
        await w.say(w.mei, RETRY, id="q1")
        assert (await account(w)).n == 0, "it is not known yet whether it stands"
        await w.pass_time(minutes=5)
        assert (len(w.in_room()), (await account(w)).n) == (1, 1)


async def test_t36_an_answer_that_stands_is_charged_also_when_the_licence_was_stopped_meanwhile(
    tmp_path: Path,
) -> None:
    """It was placed, the reply of the platform was lost, and by the time we look the month is overdue."""
    async with licensed(tmp_path, terms.terms("per_call", price="0.50", orgs=("acme",), stop_after=0)) as w:
        await w.pass_time(days=28, hours=13, minutes=55)  # 23:55 on the last day of June
        await w.say(w.ann, REFUNDS, id="q1")
        w.chat.fail(Unreachable("chat", "timed out", placed=True))
        w.chat.fail(Unreachable("chat", "still away"), times=3)
        await w.say(w.mei, RETRY, id="q2")
        await w.pass_time(hours=2)
        assert (len([p for p in w.in_room() if p.post.card.quotes]), (await account(w)).n) == (2, 2)


async def test_t36_an_answer_on_its_way_is_not_posted_once_it_is_stopped(tmp_path: Path) -> None:
    """It was decided on the last day, and the platform asked for patience until the first on which it is overdue.
    That the notice in its place was lost on the way back makes it no answer."""
    async with licensed(tmp_path, terms.terms("per_call", price="0.50", orgs=("acme",), stop_after=0)) as w:
        await w.pass_time(days=28, hours=13, minutes=55)
        await w.say(w.ann, REFUNDS, id="q1")
        w.chat.fail(RateLimited("chat", "slow down", 3600))
        await w.say(w.mei, RETRY, id="q2")
        await w.pass_time(minutes=40)
        w.chat.fail(Unreachable("chat", "timed out", placed=True))
        await w.pass_time(hours=3)
        assert len([p for p in w.in_room() if p.post.card.quotes]) == 1
        notices = [p for p in w.in_room() if "may not answer any more" in p.post.card.text]
        assert len(notices) == 1
        assert (await account(w)).n == 1


async def test_t36_unpaid_means_refused_and_who_may_lift_it_knows_how(tmp_path: Path) -> None:
    async with licensed(tmp_path) as w:
        await w.say(w.mei, RETRY, id="q1")
        await w.pass_time(days=58)  # 30 July: due since the 1st, 29 days ago
        await w.say(w.mei, RETRY, id="q2")
        assert (await account(w)).n == 2
        await w.pass_time(days=1, hours=1)
        told = [p.post.card.text for p in w.to(w.owner) if "overdue" in p.post.card.text]
        assert len(told) == 1
        assert "0.50 CNY for 2026-06" in told[0]
        assert "`understudy licence paid lin --org acme --month 2026-06`" in told[0]
        assert [p for p in w.to(w.admin) if "overdue" in p.post.card.text]
        [refused] = await w.say(w.ann, REFUNDS, id="q3")
        assert refused.post.card.text == "Lin's notes answers nothing at the moment. Its owner knows why."
        assert refused.post.card.label
        assert (await account(w)).n == 2, "refused, and not merely unbilled"
        [status] = await w.say(w.admin, "/understudy status lin")
        assert "answers nothing for acme, as 2026-06 is not paid" in status.post.card.text
        await paid(w)
        [answered] = await w.say(w.ann, REFUNDS, id="q4")
        assert answered.post.card.quotes
        assert (await account(w)).n == 3


async def test_t36_the_subject_says_that_nothing_came_and_that_counts(tmp_path: Path) -> None:
    async with licensed(tmp_path) as w:
        await w.say(w.mei, RETRY, id="q1")
        await w.pass_time(days=62)
        await paid(w)
        asked = next(p for p in w.to(w.subject) if "says that it paid" in p.post.card.text)
        [answered] = await w.say(w.mei, RETRY, id="q2")
        assert answered.post.card.quotes
        [denied] = await w.press(w.ann, asked, "not_received")
        assert "Noted" not in denied.post.card.text, "only the subject may"
        said = await w.press(w.subject, asked, "not_received")
        assert any("Noted" in p.post.card.text for p in said)
        assert any("did not arrive" in p.post.card.text for p in w.to(w.owner))
        await w.say(w.mei, RETRY, id="q3")
        assert (await account(w)).n == 2
        [mine] = await w.say(w.subject, "mine", direct=True)
        assert "acme · 2026-06: 0.50 CNY (said to be paid, contested)" in mine.post.card.text
        await paid(w)
        [again] = await w.say(w.mei, RETRY, id="q4")
        assert again.post.card.quotes


async def test_t36_a_month_is_stated_once_by_itself_and_owner_and_subject_hear_of_it(tmp_path: Path) -> None:
    async with licensed(tmp_path) as w:
        await w.say(w.mei, RETRY, id="q1")
        await w.pass_time(days=29)
        [signed] = await LedgerBook(w.app.services.store).statements("lin", "acme")
        said = signed.statement
        assert (said.month, said.first, said.last, said.totals[0].total_minor) == (JUNE, 1, 1, 50)
        await w.pass_time(days=3)
        for person in (w.owner, w.subject):
            assert len([p for p in w.to(person) if "The statement for" in p.post.card.text]) == 1
        assert len(await LedgerBook(w.app.services.store).statements("lin", "acme")) == 1


async def test_t36_a_subscription_costs_once_for_each_month_that_begins(tmp_path: Path) -> None:
    """Also for one in which nobody asked, and not for an answer."""
    async with licensed(tmp_path, terms.terms("subscription", price="200", currency="JPY", orgs=("acme",))) as w:
        await w.say(w.mei, RETRY, id="q1")
        await w.say(w.mei, REFUNDS, id="q2")
        await w.pass_time(days=32)  # 4 July
        lines = await entered(w)
        assert [(each["kind"], each["of"], each["price_minor"]) for each in lines] == [
            ("month", JUNE, 200),
            ("month", JULY, 200),
        ]


async def test_t36_a_share_is_of_what_was_told_and_who_tells_nothing_gets_no_answers(tmp_path: Path) -> None:
    async with licensed(tmp_path, terms.terms("revenue_share", share="12.5", orgs=("acme",))) as w:
        services = w.app.services
        persona = await services.personas.get("lin")
        assert persona is not None
        await w.pass_time(days=59, hours=1)  # 31 July
        await w.say(w.mei, RETRY, id="q1")
        assert last(w) == "Lin's notes answers nothing at the moment. Its owner knows why."
        assert any("nobody told what it earned in 2026-06" in p.post.card.text for p in w.to(w.owner))
        due, batch = await paying.revenue(services, persona, "acme", JUNE, "100.04", "operator:cli")
        assert due.price_minor == 1251, "12.505 goes up"
        await services.store.commit(batch)
        with pytest.raises(Refused, match="LICENCE_TOLD"):
            await paying.revenue(services, persona, "acme", JUNE, "1", "operator:cli")
        [answered] = await w.say(w.mei, RETRY, id="q2")
        assert answered.post.card.quotes


async def test_t36_each_organisation_has_its_own_ledger_and_only_who_does_not_pay_is_refused(
    tmp_path: Path,
) -> None:
    two = terms.terms("per_call", price="0.50", orgs=("acme", "globex"))
    async with licensed(tmp_path, two) as w:
        await w.say(w.mei, RETRY, id="q0")
        assert "nobody has said yet which organisation" in last(w)
        for org, chat in (("acme", "chat:*"), ("globex", "chat:elsewhere")):
            batch = await assign(w.app.services, "lin", two, org, (chat,))
            await w.app.services.store.commit(batch)
        await w.say(w.mei, RETRY, id="q1", chat="general")
        await w.say(w.mei, RETRY, id="q2", chat="elsewhere")
        await w.say(w.ann, REFUNDS, id="q3", chat="elsewhere")
        assert ((await account(w)).n, (await account(w, "globex")).n) == (1, 2)
        await w.pass_time(days=29)
        await paid(w, org="acme")
        await w.pass_time(days=32)
        await w.say(w.mei, RETRY, id="q4", chat="elsewhere")
        await w.say(w.mei, RETRY, id="q5", chat="general")
        assert ((await account(w)).n, (await account(w, "globex")).n) == (2, 2)


async def test_t36_the_ledger_outlives_the_persona_and_the_certificate_says_so(tmp_path: Path) -> None:
    async with licensed(tmp_path) as w:
        await w.say(w.mei, RETRY, id="q1")
        await w.say(w.subject, "withdraw", direct=True)
        await w.settle()
        services = w.app.services
        done = await w.app.retiring.certificate("lin")
        assert done is not None
        kept = [each for each in done.certificate.retained if "ledger" in each.what]
        assert [(each.until) for each in kept] == ["2029-06-02"]
        assert len(await entered(w)) == 1
        await w.pass_time(days=29)
        assert [s.statement.month for s in await LedgerBook(services.store).statements("lin", "acme")] == [JUNE]
        await paid(w)
        assert (await account(w)).payments[JUNE].contested is None
        await w.pass_time(days=3 * 365)
        assert await entered(w) == []
        assert (await account(w)).n == 0


async def test_t36_the_subject_verifies_offline_with_the_files_and_the_public_key_alone(tmp_path: Path) -> None:
    """Asked, counted, stated and checked: each step by the real program, the last in a process without any data."""
    data, out = tmp_path / "data", tmp_path / "out"
    data.mkdir()
    async with licensed(data) as w:
        for number, question in enumerate((RETRY, REFUNDS, RETRY)):
            await w.say(w.mei, question, id=f"q{number}")
        await w.pass_time(days=29)
        await w.say(w.ann, RETRY, id="later")
    stated = shell("licence", "statement", "lin", "--month", JUNE, "--out", str(out), "--json", data=data)
    assert stated.returncode == 0, stated.stderr
    assert json.loads(stated.stdout)["statement"]["totals"] == [{"currency": "CNY", "total_minor": 150}]
    ledger, key, signed = (out / f"lin-acme-{name}" for name in ("ledger.jsonl", "key.txt", f"{JUNE}.json"))
    assert verified(tmp_path, ledger, signed, key) == (0, "")
    assert by_hand(ledger, JUNE) == f"{{'CNY': 150}} 3 {json.loads(signed.read_bytes())['head']}"
    lines = ledger.read_bytes().splitlines(keepends=True)
    ledger.write_bytes(b"".join(lines[:1] + lines[2:]))
    status, told = verified(tmp_path, ledger, signed, key)
    assert status == 3
    assert "line 2 is missing" in told


def by_hand(ledger: Path, month: str) -> str:
    """The recipe in docs/consent.md, as it stands there."""
    text = (Path(__file__).parents[2] / "docs" / "consent.md").read_text(encoding="utf-8")
    [recipe] = re.findall(r"```python\n(import hashlib.*?)```", text, re.DOTALL)
    assert len(recipe.splitlines()) <= 12
    command = [sys.executable, "-I", "-c", recipe, str(ledger), month]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.strip()


def verified(empty: Path, ledger: Path, signed: Path, key: Path) -> tuple[int, str]:
    """(status, what is wrong)."""
    done = shell("licence", "verify", str(ledger), str(signed), "--key", str(key), data=empty / "nothing")
    assert not (empty / "nothing").exists(), "it needs no data directory, and makes none"
    return done.returncode, "" if done.returncode == 0 else done.stdout + done.stderr


def shell(*words: str, data: Path) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "HOME": str(data), "UNDERSTUDY_DATA_DIR": str(data), "LANG": "en_US.UTF-8"}
    command = [sys.executable, "-m", "bots", *words]
    return subprocess.run(command, capture_output=True, text=True, env=env, timeout=60, check=False)


async def test_t36_a_statement_is_of_a_month_that_is_over(tmp_path: Path) -> None:
    async with licensed(tmp_path) as w:
        with pytest.raises(Refused, match="MONTH_OPEN"):
            await stating.state(w.app.services, "lin", "acme", JUNE)
        for org in ("acme", "globex"):
            with pytest.raises(Refused, match="LICENCE_MISSING"):
                await stating.state(w.app.services, "lin", org, "2026-05")


async def test_t36_without_the_bot_running_nothing_is_forgotten(tmp_path: Path) -> None:
    """A subscription's months begin whether or not anybody looks."""
    async with licensed(tmp_path, terms.terms("subscription", price="20", orgs=("acme",))):
        pass
    clock = Clock(START)
    clock.advance(70 * 86400)
    settings = Settings(data=Data(dir=tmp_path), store=Store(url=f"sqlite:///{tmp_path / 'understudy.db'}"))
    async with open_app(settings, clock=clock) as app:
        await monthly.look(app.services)
        lines = [json.loads(raw) async for raw in LedgerBook(app.services.store).lines("lin", "acme")]
        assert [line["of"] for line in lines] == [JUNE, JULY, "2026-08"]


@pytest.mark.parametrize("after", [False, True], ids=["before it is written", "after it is written"])
@pytest.mark.parametrize("fatal", range(5, 11))
async def test_t36_a_crash_at_any_point_charges_what_stands_and_only_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fatal: int, after: bool
) -> None:
    """The bot dies at operation `fatal` on its way to an answer, comes back, and the ledger has that answer."""
    async with licensed(tmp_path):
        pass
    chat, clock = Forgetful("chat"), Clock(START)
    people = World(None, chat, clock)  # type: ignore[arg-type]  # only for its people
    async with mortal(tmp_path, chat, clock, fatal, after=after, monkeypatch=monkeypatch) as (app, store):
        running = asyncio.create_task(app.run())
        said = asyncio.create_task(chat.say(people.mei, RETRY, id="q1"))
        await asyncio.wait((said, running), return_when=asyncio.FIRST_COMPLETED)
        kept = said.done() and said.exception() is None
        said.cancel()
        for _ in range(100):
            await asyncio.sleep(0.005)
            if store.died:
                break
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    clock.advance(120)
    async with mortal(tmp_path, chat, clock, 10**9, after=False, monkeypatch=monkeypatch) as (app, _):
        running = asyncio.create_task(app.run())
        again = World(app, chat, clock)
        if not kept:
            await chat.say(again.mei, RETRY, id="q1")
        await again.settle()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        answers = {p.post.key for p in chat.posted if p.post.card.quotes}
        assert (len(answers), (await account(again)).n) == (1, 1)


async def test_t36_no_month_begins_after_the_persona_was_retired(tmp_path: Path) -> None:
    """Its record would have gone on; the certificate says since when it is silent."""
    async with licensed(tmp_path, terms.terms("subscription", price="20", orgs=("acme",))) as w:
        persona = await w.app.services.personas.get("lin")
        assert persona is not None
        await w.pass_time(minutes=20)
        await w.app.services.store.commit(await w.app.retiring.begin(persona, w.admin, "retire", None, "en"))
        await w.settle()
        assert await w.app.retiring.certificate("lin") is not None
        await w.pass_time(days=62)
        assert [line["of"] for line in await entered(w)] == [JUNE]
        assert [s.statement.month for s in await LedgerBook(w.app.services.store).statements("lin", "acme")] == [
            JUNE
        ]
