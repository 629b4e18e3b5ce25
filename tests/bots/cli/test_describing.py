"""What others say about somebody, in the commands one types."""

from __future__ import annotations

from tests.bots.cli.shell import Shell
from tests.bots.cli.test_interviewing import at_terminal

TEXT = """---
role: backend engineer
mbti: INTJ
personality: [blame-shifter, quiet]
---

## Work

The payment retry job runs every 15 minutes, three attempts at most. She is lazy.

## Style

Short replies, often with a link.
"""
ASK = ("ask", "How often does the payment retry job run?", "--persona", "lin", "--json")


def persona(sh: Shell, sources: str = "description", *more: str) -> None:
    sh.draft("lin", "--display-name", "Lin Wei", "--subject", "slack:U0LIN")
    sh.done("consent", "sign", "lin", "--sources", sources, "--cooling-off", "0", "--yes", *more)


def described(sh: Shell, text: str = TEXT) -> tuple[str, ...]:
    path = sh.folder / "lin.md"
    path.write_text(text, encoding="utf-8")
    return ("import", "description", str(path), "--persona", "lin", "--by", "slack:U0BOB")


def test_it_is_quoted_as_the_describers_and_refuses_labels(sh: Shell) -> None:
    persona(sh)
    shown = sh.done(*described(sh), "--by-name", "Bo").out
    assert "the tag 'blame-shifter' damages" in shown
    assert "labels and lines that judge the person" in shown
    sh.done("persona", "live", "lin")
    answer = sh.done(*ASK).json
    assert answer["answered"], answer
    [quote] = answer["quotes"]
    assert quote["author"] == "Bo, describing: not Lin Wei's own words"
    assert "15 minutes" in quote["text"]
    assert "lazy" not in str(answer)


def test_own_words_outrank_it_once_they_are_there(sh: Shell) -> None:
    persona(sh, "description,slack-export")
    sh.done(*described(sh))
    sh.done("persona", "live", "lin")
    assert "describing" in sh.done(*ASK).json["quotes"][0]["author"]
    sh.done("import", "slack-export", sh.slack(), "--persona", "lin", "--subject", "U0LIN")
    assert [quote["author"] for quote in sh.done(*ASK).json["quotes"]] == ["林薇"]


def test_style_needs_its_own_yes(sh: Shell) -> None:
    persona(sh, "description", "--facets", "work_knowledge,communication_style")
    assert sh.done(*described(sh), "--json").json["described"] == 2
    sh.done("consent", "sign", "lin", "--sources", "description", "--cooling-off", "0", "--yes")
    told = sh.done(*described(sh), "--json").json
    assert (told["described"], told["dropped"]["CONSENT_FACET"]) == (1, 1)


def test_what_may_not_be_is_one_line(sh: Shell) -> None:
    persona(sh, "interview")
    assert sh(*described(sh)).refused("CONSENT_SOURCE")
    assert sh(*described(sh)[:-2]).refused("BY")
    assert sh(*described(sh)[:-1], "Bob").refused("PERSON_KEY")
    own = sh(*described(sh)[:-1], "slack:U0LIN")
    assert own.refused("BY_SUBJECT")
    assert "understudy interview lin" in own.err
    assert sh("describe", "lin", "--by", "slack:U0BOB").refused("NOT_INTERACTIVE")


def test_the_blank_form_says_nothing_until_it_is_filled_in(sh: Shell) -> None:
    persona(sh)
    form = sh.done("describe", "lin", "--print").out
    assert "mbti" not in form.lower()
    told = sh.done(*described(sh, form), "--json").json
    assert (told["described"], told["new"]) == (0, 0)
    filled = form.replace("role:", "role: backend engineer").replace("## Style", "It closes at 18:00.\n\n## Style")
    assert sh.done(*described(sh, filled), "--json").json["described"] == 1


def test_it_is_written_at_the_terminal(sh: Shell) -> None:
    persona(sh)
    with at_terminal(sh, "describe", "lin", "--by", "slack:U0BOB", "--by-name", "Bo") as bo:
        bo.sees("What is their role?")
        bo.types("-\n")
        bo.sees("look after")
        bo.types("The payment retry job runs every 15 minutes.\nShe is lazy.\n\n")
        bo.sees("decide by")
        bo.types(".\n")
        assert bo.leaves() == 0
        assert "quoted as theirs: 1" in bo.shown
        assert "damage the colleague's name" in bo.shown
    assert sh.done("persona", "show", "lin", "--json").json["passages"] == 1
