"""`understudy persona distil` and what follows: read, compare, put back, strike; all of it from the material."""

from __future__ import annotations

from typing import Any

import pytest

from bots.cli import distilling
from bots.llm.addresses import recipient_of
from bots.llm.scripted import ScriptedModel
from persona_store.distill.claims import CitedWords, Claim, Claims
from tests.bots.cli.shell import OWN, Shell
from tests.persona_store.sources.exports import said

FACETS = "work_knowledge,decision_patterns,communication_style,name_avatar"
PITFALL = "Never retry a refund by hand, otherwise the bank pays it twice."
TALK = [
    *OWN,
    said("U0BOB", "Anything I should know about refunds?", 50_000),
    said("U0LIN", PITFALL, 50_060, client_msg_id="m9"),
    said("U0BOB", "thanks, that helps", 50_090),
]


def live(sh: Shell, *more: str, talk: list[Any] = TALK) -> None:
    sh.draft()
    sign(sh, *more)
    bring(sh, talk)


def sign(sh: Shell, *more: str, facets: str = FACETS) -> None:
    words = ("--sources", "slack-export", "--facets", facets, "--cooling-off", "0", "--yes")
    sh.done("consent", "sign", "lin", *words, *more)


def bring(sh: Shell, talk: list[Any]) -> None:
    export = sh.slack(f"{len(list(sh.folder.iterdir()))}.zip", {"payments": talk})
    sh.done("import", "slack-export", export, "--persona", "lin", "--subject", "U0LIN")


def distilled(sh: Shell, *more: str) -> Any:
    return sh.done("persona", "distil", "lin", "--json", *more).json


def facets(sh: Shell, *more: str) -> list[Any]:
    found: list[Any] = sh.done("persona", "facets", "lin", "--json", *more).json["facets"]
    return found


def test_what_is_distilled_stands_in_the_material_word_for_word(sh: Shell) -> None:
    live(sh)
    made = distilled(sh)
    assert (made["version"]["number"], made["total"], made["new"]) == (1, len(facets(sh)), len(facets(sh)))
    texts = {message["text"] for message in TALK if message.get("user") == "U0LIN"}
    quotes = [c["quote"] for facet in facets(sh) for c in facet["citations"]]
    assert all(any(quote in text for text in texts) for quote in quotes)
    [pitfall] = facets(sh, "--aspect", "pitfall")
    assert pitfall["text"] == PITFALL
    assert "Pitfalls" in sh.done("persona", "facets", "lin").out


def test_the_same_again_is_the_same_version(sh: Shell) -> None:
    live(sh)
    distilled(sh)
    assert distilled(sh)["version"]["number"] == 1
    assert "still holds" in sh.done("persona", "distil", "lin").out


def test_only_what_consent_names_is_distilled(sh: Shell) -> None:
    live(sh)
    sign(sh, facets="name_avatar")
    distilled(sh)
    assert {facet["aspect"] for facet in facets(sh)} <= {"name", "avatar"}


def test_without_consent_nothing_is_distilled(sh: Shell) -> None:
    sh.draft()
    assert sh("persona", "distil", "lin").refused("CONSENT_MISSING")


def test_new_material_is_a_difference_one_can_read_and_put_back(sh: Shell) -> None:
    live(sh)
    distilled(sh)
    more = [
        said("U0BOB", "And chargebacks?", 80_000),
        said("U0LIN", "Never touch a chargeback after day 40, otherwise we lose the dispute.", 80_060),
    ]
    bring(sh, [*TALK, *more])
    assert distilled(sh)["new"] >= 1
    told = sh.done("persona", "compare", "lin")
    assert "+ Pitfalls" in told.out
    assert "chargeback after day 40" in told.out
    assert [v["how"] for v in sh.done("persona", "versions", "lin", "--json").json] == ["rules", "rules"]
    assert "by rules" in sh.done("persona", "versions", "lin").out
    sh.done("persona", "rollback", "lin", "1")
    assert not any("chargeback" in facet["text"] for facet in facets(sh))
    assert "version 1, put back" in sh.done("persona", "versions", "lin").out
    assert "say the same" in sh.done("persona", "compare", "lin", "1", "3").out
    assert any("chargeback" in facet["text"] for facet in facets(sh, "--version", "2"))


def test_what_is_struck_comes_back_neither_as_a_facet_nor_as_an_answer(sh: Shell) -> None:
    live(sh)
    sh.done("persona", "live", "lin")
    distilled(sh)
    assert PITFALL in sh.done("ask", "--persona", "lin", "retry a refund by hand?").out
    [pitfall] = facets(sh, "--aspect", "pitfall")
    told = sh.done("persona", "strike", "lin", pitfall["id"])
    assert "passages withheld: 1" in told.out
    bring(sh, TALK)
    distilled(sh)
    assert PITFALL not in str(facets(sh))
    assert PITFALL not in str(facets(sh, "--version", "1"))
    assert PITFALL not in sh.done("ask", "--persona", "lin", "retry a refund by hand?").out


def test_a_facet_may_be_struck_while_its_words_may_still_be_quoted(sh: Shell) -> None:
    live(sh)
    sh.done("persona", "live", "lin")
    distilled(sh)
    [pitfall] = facets(sh, "--aspect", "pitfall")
    sh.done("persona", "strike", "lin", pitfall["id"], "--keep-evidence")
    distilled(sh)
    assert facets(sh, "--aspect", "pitfall") == []
    assert PITFALL in sh.done("ask", "--persona", "lin", "retry a refund by hand?").out


def test_withholding_a_message_takes_along_what_was_distilled_from_it(sh: Shell) -> None:
    """Also out of older versions; done by erasing the passage, whoever does it."""
    live(sh)
    distilled(sh)
    edited = [
        {**message, "text": "Refunds: ask Mei."} if message.get("client_msg_id") == "m9" else message
        for message in TALK
    ]
    bring(sh, edited)
    assert PITFALL not in str(facets(sh))


def test_bad_input_is_one_line(sh: Shell) -> None:
    live(sh)
    assert "Nothing was distilled yet" in sh.done("persona", "facets", "lin").out
    assert sh("persona", "page", "lin", "--out", str(sh.folder / "p.html")).refused("NOT_DISTILLED")
    distilled(sh)
    assert sh("persona", "facets", "lin", "--aspect", "mood").refused("ASPECT")
    assert sh("persona", "facets", "lin", "--version", "7").refused("VERSION_UNKNOWN")
    assert sh("persona", "rollback", "lin", "7").refused("VERSION_UNKNOWN")
    assert sh("persona", "strike", "lin", "nothing").refused("FACET_UNKNOWN")
    assert sh("persona", "distil", "lin", "--model").refused("SETTINGS")


@pytest.mark.parametrize(("name", "begins"), [("lin.html", "<!DOCTYPE html>"), ("lin.md", "---\nAIGC:")])
def test_the_page_is_written_in_the_form_its_name_asks_for(sh: Shell, name: str, begins: str) -> None:
    live(sh)
    distilled(sh)
    file = sh.folder / name
    sh.done("persona", "page", "lin", "--out", str(file), "--lang", "zh-CN")
    page = file.read_text()
    assert page.lower().startswith(begins.lower())
    assert "AI生成" in page
    assert "the bank pays it twice" in page


def test_imp_22_washed_material_is_told_as_what_it_is_and_nobody_is_accused(sh: Shell) -> None:
    """What anti-distill tools leave: general advice without a number, a name or a reason."""
    washed = [
        "We should communicate with the stakeholders and keep everybody aligned.",
        "Best practice is to monitor the system and to follow the usual process.",
        "In general quality matters, so please test things properly.",
        "Have a look at the documentation and use common sense.",
    ]
    talk = [said("U0LIN", f"{text} ({n})", 600 * n) for n, text in enumerate(washed * 10)]
    live(sh, talk=talk)
    told = sh.done("persona", "distil", "lin").out
    assert "will mostly ask its owner" in told
    assert not any(word in told.lower() for word in ("suspicious", "washed", "sabotage", "manipulat"))
    sh.done("persona", "live", "lin")
    answered = sh.done("ask", "--persona", "lin", "--json", "How long does the payment retry job wait?").json
    assert answered["outcome"] == "escalate"


def test_imp_24_three_poisoned_messages_do_not_win_quietly(sh: Shell) -> None:
    """Somebody with the subject's account writes against the runbook: both sides are shown."""
    rule = "The retry_max of pay-job-01 must always be 3, otherwise the bank blocks us."
    poison = "The retry_max of pay-job-01 must always be 300, otherwise the bank blocks us."
    other = [said("U0LIN", f"The gateway timeout is {n} seconds for merchant m{n}.", 600 * n) for n in range(94)]
    runbook = [said("U0LIN", rule, 60_000 + 4_000 * n) for n in range(3)]
    slipped_in = [said("U0LIN", poison, 62_000 + 4_000 * n) for n in range(3)]
    live(sh, talk=[*other, *runbook, *slipped_in])
    distilled(sh)
    found = {facet["text"]: facet for facet in facets(sh) if facet["text"] in (rule, poison)}
    assert {facet["status"] for facet in found.values()} == {"conflicting"}
    assert len(found) == 2
    file = sh.folder / "lin.md"
    sh.done("persona", "page", "lin", "--out", str(file))
    assert "300" in file.read_text()


# ------------------------------------------------------------------ with a model


@pytest.fixture
def scripted(sh: Shell, monkeypatch: pytest.MonkeyPatch) -> ScriptedModel:
    """A model that the settings name; what it says is written by the test."""
    url = "http://localhost:9/v1"
    monkeypatch.setenv("UNDERSTUDY_LLM_BASE_URL", url)
    monkeypatch.setenv("UNDERSTUDY_LLM_MODEL", "scripted")
    model = ScriptedModel(recipient=recipient_of(url))

    class Opened:
        def __init__(self, *_: Any) -> None: ...

        async def __aenter__(self) -> ScriptedModel:
            return model

        async def __aexit__(self, *_: Any) -> None: ...

    monkeypatch.setattr(distilling, "open_model", Opened)
    return model


def claimed(text: str, quote: str) -> Any:
    def answer(prompt: Any) -> Claims:
        lines = [line for line in prompt.user.splitlines() if line.startswith("[")]
        number = next(n for n, line in enumerate(lines, 1) if quote in line)
        return Claims([Claim("pitfall", "refunds", text, [CitedWords(number, quote)])])

    return answer


def test_with_a_model_what_it_claims_must_stand_in_the_material(sh: Shell, scripted: ScriptedModel) -> None:
    live(sh, "--recipients", "localhost:CN:0")
    scripted.add([claimed("A refund is never retried by hand: the bank pays it twice.", PITFALL)])
    told = sh.done("persona", "distil", "lin", "--model", "--yes")
    assert "1 questions to ask" in told.out
    assert "1 claims hold" in told.out
    assert [f["text"] for f in facets(sh, "--aspect", "pitfall") if f.get("by") == "model"] == [
        "A refund is never retried by hand: the bank pays it twice."
    ]
    assert "with a model" in sh.done("persona", "versions", "lin").out
    again = sh.done("persona", "distil", "lin", "--model", "--yes")  # a script past its end would fail
    assert "0 questions to ask, 1 answered before" in again.out
    distilled(sh)
    assert any(facet.get("by") == "model" for facet in facets(sh))  # what it said stands


def test_what_a_model_makes_up_is_counted_and_dropped(sh: Shell, scripted: ScriptedModel) -> None:
    live(sh, "--recipients", "localhost:CN:0")
    scripted.add([claimed("The root password of the bank is hunter2-77.", PITFALL)])
    told = sh.done("persona", "distil", "lin", "--model", "--yes")
    assert "left out 1: claims that say what their passages do not" in told.out
    assert "hunter2" not in str(facets(sh))


def test_nothing_is_sent_unless_consent_and_the_operator_agree(sh: Shell, scripted: ScriptedModel) -> None:
    live(sh)
    assert sh("persona", "distil", "lin", "--model", "--yes").refused("CONSENT_RECIPIENT")
    sign(sh, "--recipients", "localhost:CN:0")
    told = sh("persona", "distil", "lin", "--model")
    assert told.status == 2
    assert "error[NOT_AGREED]" in told.err
    assert scripted.prompts == []
