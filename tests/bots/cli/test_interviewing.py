"""The handover interview in the commands one types: at a terminal, on a sheet, and answered from afterwards."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.bots.cli.shell import Shell

LEDGER = "The settlement ledger is mine: I close it on the last working day of each month."
RESTART = "Run reconcile --date yesterday on pay-batch-2, then check that the unmatched count is zero."


def persona(sh: Shell, sources: str = "interview") -> None:
    sh.draft("lin", "--display-name", "Lin Wei", "--subject", "slack:U0LIN")
    sh.done("consent", "sign", "lin", "--sources", sources, "--cooling-off", "0", "--yes")


def batch(sh: Shell, *lines: dict[str, str], name: str = "answers.jsonl") -> str:
    path = sh.folder / name
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return str(path)


class Sitter:
    """Somebody at a real terminal."""

    def __init__(self, process: subprocess.Popen[bytes], terminal: int) -> None:
        self.process = process
        self._terminal = terminal
        self.shown = ""

    def types(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def sees(self, words: str) -> None:
        """Waits for it."""
        assert self.process.stdout is not None
        while words not in self.shown:
            ready, _, _ = select.select([self.process.stdout], [], [], 20)
            more = os.read(self.process.stdout.fileno(), 65536) if ready else b""
            assert more, f"{words!r} is not in {self.shown!r}"
            self.shown += more.decode()

    def leaves(self) -> int:
        rest, told = self.process.communicate(timeout=20)
        self.shown += rest.decode()
        assert b"Traceback" not in told, told
        return self.process.returncode


@contextmanager
def at_terminal(sh: Shell, *words: str) -> Iterator[Sitter]:
    terminal, theirs = pty.openpty()
    process = sh.process(*words, stdin=theirs, env={"LANG": "en_US.UTF-8"})
    os.close(theirs)
    try:
        yield Sitter(process, terminal)
    finally:
        process.kill()
        process.wait()
        os.close(terminal)
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def asked(sh: Shell) -> list[str]:
    """The questions that are open."""
    return [line["question"] for line in sh.done("interview", "lin", "--print", "--json").json]


def test_from_a_sheet_to_an_answer(sh: Shell) -> None:
    """create → sign → interview → ask: quoted as the subject's own, with where it was said."""
    persona(sh)
    path = batch(
        sh,
        {"key": "missing_responsibility", "answer": LEDGER},
        {"question": "How is the reconciliation job restarted?", "answer": RESTART},
        {"key": "thin", "topic": "refund queue", "answer": ""},
    )
    assert "2 answers kept, of 3 questions" in sh.done("interview", "lin", "--batch", path).out
    sh.done("persona", "live", "lin")
    answer = sh.done("ask", "How do I restart the reconciliation job?", "--persona", "lin", "--json").json
    assert answer["answered"], answer
    [quote] = answer["quotes"]
    assert (quote["text"], quote["author"]) == (RESTART, "Lin Wei")
    assert quote["place"] == "the handover interview: How is the reconciliation job restarted?"


def test_reading_it_again_changes_nothing_and_a_later_answer_replaces_the_earlier(sh: Shell) -> None:
    persona(sh)
    path = batch(sh, {"question": "Where is the log?", "answer": "In /var/log/pay."})
    assert sh.done("interview", "lin", "--batch", path, "--json").json["new"] == 1
    again = sh.done("interview", "lin", "--batch", path, "--json").json
    assert (again["new"], again["changed"], again["same"]) == (0, 0, 1)
    path = batch(sh, {"question": "where is  the log?", "answer": "In /srv/log/pay now."}, name="b.jsonl")
    assert sh.done("interview", "lin", "--batch", path, "--json").json["changed"] == 1
    assert sh.done("persona", "show", "lin", "--json").json["passages"] == 1


def test_a_printed_sheet_is_filled_in_and_what_was_answered_is_not_asked_again(sh: Shell) -> None:
    persona(sh)
    page = sh.done("interview", "lin", "--print").out
    mark = "<!-- missing_boundary -->"
    assert mark in page
    path = sh.folder / "sheet.md"
    path.write_text(page.replace(mark, f"{mark}\nInvoices are Mei's."), encoding="utf-8")
    before = asked(sh)
    sh.done("interview", "lin", "--batch", str(path))
    assert [question for question in before if question not in asked(sh)] == [
        "What do people bring to you that is not yours? Whose is it?"
    ]


def test_what_was_kept_is_distilled_as_answered_in_the_interview(sh: Shell) -> None:
    persona(sh)
    sh.done("interview", "lin", "--batch", batch(sh, {"question": "Where is the log?", "answer": RESTART}))
    sh.done("persona", "distil", "lin")
    facets = sh.done("persona", "facets", "lin", "--json").json["facets"]
    assert {facet["by"] for facet in facets} == {"interview"}


def test_secrets_are_taken_out_of_answers(sh: Shell) -> None:
    persona(sh)
    line = {"question": "Who signs?", "answer": "The runner signs with AKIAIOSFODNN7EXAMPLE every night."}
    told = sh.done("interview", "lin", "--batch", batch(sh, line), "--json").json
    assert sum(told["removed"].values()) == 1
    line = {"question": "And the key?", "answer": "AKIAIOSFODNN7EXAMPLE"}
    told = sh.done("interview", "lin", "--batch", batch(sh, line), "--json").json
    assert (told["kept"], told["dropped"]) == (0, {"nothing_left": 1})


def test_without_consent_one_line_tells_what_would_lift_it(sh: Shell) -> None:
    sh.draft("lin")
    path = batch(sh, {"question": "Where?", "answer": "There."})
    for words in (("--print",), ("--batch", path), ()):
        assert sh("interview", "lin", *words).refused("CONSENT_MISSING")
    sh.done("consent", "sign", "lin", "--sources", "documents", "--cooling-off", "0", "--yes")
    refused = sh("interview", "lin", "--batch", path)
    assert refused.refused("CONSENT_SOURCE")
    assert "consent sign lin --sources interview" in refused.err


def test_what_makes_no_sense_is_one_line(sh: Shell) -> None:
    persona(sh)
    assert sh("interview", "lin").refused("NOT_INTERACTIVE")
    assert sh("interview", "lin", "--questions", "0", "--print").refused("USAGE")
    assert sh("interview", "lin", "--batch", "gone.jsonl").refused("FILE")
    broken = batch(sh, {"question": "a", "answer": "x"}, {"question": "b"})
    assert sh("interview", "lin", "--batch", broken).refused("BATCH")
    assert sh.done("persona", "show", "lin", "--json").json["passages"] == 0


def test_at_the_terminal_answers_have_several_lines_and_are_kept_one_by_one(sh: Shell) -> None:
    """Answer, skip, then Ctrl-C in the middle of the third: the first is kept, of the third nothing."""
    persona(sh)
    with at_terminal(sh, "interview", "lin", "--questions", "3") as lin:
        lin.sees("1/3")
        lin.types(f"{LEDGER}\nAnd the cut-off is 18:00.\n\n")
        lin.sees("2/3")
        assert "Kept" in lin.shown
        lin.types("-\n")
        lin.sees("3/3")
        lin.types("First one has to\n")
        lin.process.send_signal(signal.SIGINT)
        assert lin.leaves() == 1
    assert sh.done("persona", "show", "lin", "--json").json["passages"] == 1
    left = asked(sh)
    assert not any(question.startswith(("What is yours", "What do people bring")) for question in left)
    assert any(question.startswith("Which task") for question in left), "what was broken off is asked again"


def test_at_the_terminal_ctrl_d_ends_it_and_what_was_written_counts(sh: Shell) -> None:
    persona(sh)
    with at_terminal(sh, "interview", "lin") as lin:
        lin.sees("1/7")
        lin.types(f"{LEDGER}\n\x04")
        assert lin.leaves() == 0
        assert "1 answer(s) kept" in lin.shown
