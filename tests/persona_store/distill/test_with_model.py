"""Distilling with a model: cost first, nothing without consent, nothing asked twice, nothing lost on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from bots.llm.scripted import ScriptedModel
from persona_store.completion import Prompt
from persona_store.consent.record import Consent, Recipient
from persona_store.distill.claims import CitedWords, Claim, Claims
from persona_store.distill.model import Facet
from persona_store.distill.with_model import Distiller, Plan, Told, merged
from persona_store.errors import BudgetSpent, ModelMalformed, ModelUnavailable, Refused
from persona_store.evidence import EvidenceFile
from tests.persona_store.distill.facets import facet
from tests.persona_store.passages import passage
from tests.persona_store.sources.exports import NOW, consent_for

HOST = "llm.example"
CONSENT = consent_for("slack_export", recipients=(Recipient(HOST, "processor", "CN", 0, False),))
SAID = [
    passage(f"m{n}", f"Service s{n} listens on port {7000 + n}. " + "x" * 3900, thread=f"t{n}") for n in range(9)
]


@pytest.fixture
async def file(tmp_path: Path) -> AsyncIterator[EvidenceFile]:
    file = EvidenceFile.open(tmp_path / "lin.db", b"k" * 32)
    await file.add(SAID)
    yield file
    file.close()


def honest(prompt: Prompt) -> Claims:
    """One claim about each passage it was shown."""
    lines = [line for line in prompt.user.splitlines() if line.startswith("[")]
    found = []
    for number, line in enumerate(lines, 1):
        words = "Service" + line.partition("Service")[2].partition(".")[0]
        found.append(Claim("system", "ports", words + ".", [CitedWords(number, words)]))
    return Claims(found)


def model(*lines: Any) -> ScriptedModel:
    return ScriptedModel(*lines, recipient=HOST)


def distiller(file: EvidenceFile, asked: ScriptedModel, consent: Consent | None = CONSENT) -> Distiller:
    return Distiller(file, asked, consent, NOW, context=False)


async def run(file: EvidenceFile, asked: ScriptedModel) -> tuple[Plan, Told]:
    it = distiller(file, asked)
    plan = await it.plan()
    return plan, await it.run(plan, lambda done, total: None)


async def test_all_of_it_is_asked_once_and_the_cost_is_known_before(file: EvidenceFile) -> None:
    asked = model(*[honest] * 9)
    plan, told = await run(file, asked)
    assert plan.known == 0
    assert plan.asked == told.asked == len(asked.prompts)
    assert plan.usage.input_tokens >= told.usage.input_tokens > 0
    assert plan.usage.total >= told.usage.total
    assert {f.text for f in told.facets} == {f"Service s{n} listens on port {7000 + n}." for n in range(9)}
    again = model()
    plan, repeated = await run(file, again)
    assert (plan.asked, again.prompts) == (0, [])
    assert repeated.facets == told.facets


async def test_nothing_is_sent_to_whom_the_consent_does_not_name(file: EvidenceFile) -> None:
    for consent, code in ((consent_for("slack_export"), "CONSENT_RECIPIENT"), (None, "CONSENT_MISSING")):
        with pytest.raises(Refused, match=code):
            distiller(file, model(), consent)


async def test_what_consent_no_longer_covers_is_not_sent(file: EvidenceFile) -> None:
    scope = structs.replace(CONSENT.scope, excluded=structs.replace(CONSENT.scope.excluded, keywords=("7003",)))
    asked = model(*[honest] * 9)
    it = distiller(file, asked, structs.replace(CONSENT, scope=scope))
    await it.run(await it.plan(), lambda done, total: None)
    sent = "".join(prompt.user for prompt in asked.prompts)
    assert "7004" in sent
    assert "7003" not in sent


async def test_a_withdrawal_does_not_wait_for_the_end_of_a_run(file: EvidenceFile) -> None:
    """What has left has left; of the rest nothing is sent any more."""
    await file.add([structs.replace(said, id=f"more-{said.id}", thread=f"more-{said.id}") for said in SAID])
    asked = model(*[honest] * 18)
    it = distiller(file, asked)
    plan = await it.plan()

    async def still() -> None:
        if asked.prompts:
            raise Refused("CONSENT_WITHDRAWN", "nothing may be distilled", "nothing lifts it")

    with pytest.raises(Refused, match="CONSENT_WITHDRAWN"):
        await it.run(plan, lambda done, total: None, still)
    assert 0 < len(asked.prompts) < plan.asked


@pytest.mark.parametrize(
    ("error", "stopped"),
    [
        (BudgetSpent("MODEL_BUDGET", "the day's tokens are spent"), "MODEL_BUDGET"),
        (ModelUnavailable("MODEL_DOWN", "no answer", retryable=True), "error[MODEL_DOWN]: no answer"),
    ],
)
async def test_a_run_that_breaks_off_goes_on_where_it_was(
    file: EvidenceFile, error: Exception, stopped: str
) -> None:
    plan, told = await run(file, model(honest, error, honest, honest))
    assert told.stopped == stopped
    assert told.asked + told.left == plan.asked
    assert 0 < told.left < plan.asked
    plan, rest = await run(file, model(*[honest] * told.left))
    assert (plan.asked, plan.known, rest.left, rest.stopped) == (told.left, told.asked, 0, "")
    assert len(rest.facets) == 9


async def test_an_answer_that_cannot_be_read_is_counted_and_asked_again(file: EvidenceFile) -> None:
    plan, told = await run(file, model(ModelMalformed("MODEL_MALFORMED", "no JSON"), *[honest] * 9))
    assert (told.failed, told.asked, told.stopped) == (1, plan.asked - 1, "")
    plan, told = await run(file, model(honest))
    assert (plan.asked, told.failed, len(told.facets)) == (1, 0, 9)


async def test_what_went_with_a_passage_is_asked_anew(file: EvidenceFile) -> None:
    """An answer may repeat words of any passage it was shown."""
    await run(file, model(*[honest] * 9))
    await file.remove(["m3"])
    plan = await distiller(file, model()).plan()
    assert (plan.known, plan.asked > 0) == (0, True)


def test_the_same_said_twice_is_one_facet_that_cites_both() -> None:
    one, two = passage("m1", "Retries stop after three attempts"), passage("m2", "retries stop after three tries")
    first = structs.replace(facet("standard", one), confidence=0.8, by="model")
    second = structs.replace(facet("standard", two), text="Retries stop after three attempts, always", by="model")
    other = structs.replace(facet("pitfall", two), by="model")
    joined = merged([second, first, other])
    assert {(f.aspect, len(f.citations)) for f in joined} == {("standard", 2), ("pitfall", 1)}
    assert isinstance(joined[0], Facet)
