"""The command line as a whole: help, exit status, output for people and for scripts, and a start that cannot be."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import time

import pytest

from tests.bots.cli.shell import Shell
from tests.platforms.slack import SlackServer

TEACHES = ("persona", "consent", "import", "audit", "slack")


def test_the_help_leads_to_a_live_persona(sh: Shell) -> None:
    shown = sh.done("--help").out
    for command in ("persona create", "consent sign", "import slack-export", "persona live"):
        assert f"understudy {command}" in shown


def test_the_help_speaks_chinese(sh: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Headings, too."""
    monkeypatch.setenv("UNDERSTUDY_LANG", "zh-CN")
    for words in ((), ("persona", "create"), ("ask",)):
        shown = sh.done(*words, "--help").out
        assert "用法" in shown
        assert not any(word in shown for word in ("usage", "options:", "show this help"))


@pytest.mark.parametrize("group", [(), *((name,) for name in TEACHES)])
def test_a_group_without_a_verb_shows_its_help_and_did_nothing(sh: Shell, group: tuple[str, ...]) -> None:
    result = sh(*group)
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("Usage: understudy")


@pytest.mark.parametrize("words", [("frob",), ("persona", "frob"), ("ask", "--per", "lin"), ("run", "--role", "x")])
def test_what_is_not_understood_is_one_line(sh: Shell, words: tuple[str, ...]) -> None:
    """A beginning of an option is not the option: the next version may have two that begin so."""
    assert sh(*words).refused("USAGE")


def test_every_answer_for_a_script_is_one_document_and_nothing_else(sh: Shell) -> None:
    sh.live()
    for words in (
        ("persona", "list"),
        ("persona", "show", "lin"),
        ("consent", "show", "lin"),
        ("ask", "--persona", "lin", "refunds?"),
        ("escalations",),
        ("audit", "verify"),
        ("doctor",),
        ("consent", "sign", "lin", "--sources", "slack-export", "--yes"),
    ):
        shown = sh.done(*words, "--json")
        assert shown.json is not None
        assert shown.out.count("\n") == 1
        assert shown.err == ""


def test_nothing_is_drawn_where_nobody_looks(sh: Shell) -> None:
    """No progress bar and no hint in a log or a pipe."""
    sh.signed()
    shown = sh.done("import", "slack-export", sh.slack(), "--persona", "lin", "--subject", "U0LIN")
    assert shown.err == ""
    assert "\x1b" not in shown.out


def test_the_log_is_proved_and_a_checkpoint_held_elsewhere_fits(sh: Shell) -> None:
    sh.live()
    (sh.folder / "held").write_text(sh.done("audit", "checkpoint").out, encoding="utf-8")
    assert sh.done("audit", "verify", "--against", "held", "--json").json["ok"] is True
    assert sh("audit", "verify", "--against", "missing").refused("FILE")


# ------------------------------------------------------------------ real processes


def ended(process: subprocess.Popen[bytes], seconds: float = 20) -> tuple[int, str]:
    _, err = process.communicate(timeout=seconds)
    return process.returncode, err.decode()


def test_a_reader_that_has_had_enough_is_no_crash(sh: Shell) -> None:
    """`understudy … | head`."""
    sh.live()
    lines = "".join(json.dumps({"id": n, "text": "refunds?"}) + "\n" for n in range(600))
    (sh.folder / "q.jsonl").write_text(lines, encoding="utf-8")
    process = sh.process("ask", "--persona", "lin", "--batch", "q.jsonl")
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None
    err = process.stderr.read().decode()
    assert (process.wait(20), err) == (1, "")


def test_a_terminal_without_the_characters_is_no_crash(sh: Shell) -> None:
    process = sh.process("doctor", env={"PYTHONIOENCODING": "ascii", "UNDERSTUDY_LANG": "zh-CN"})
    assert ended(process) == (0, "")


def test_interrupted_it_ends_at_once_and_quietly(sh: Shell) -> None:
    """Ctrl-C while it waits for questions."""
    sh.live()
    process = sh.process("ask", "--persona", "lin", "--batch", "-", stdin=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b'{"id": 1, "text": "refunds?"}\n' * 1500)
    process.stdin.flush()
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)  # the signal is there before the end of the questions, which would be a good end
    process.stdin.close()
    _, err = process.stdout.read(), process.stderr.read() if process.stderr else b""
    assert (process.wait(10), err) == (1, b"")


def test_the_bot_starts_says_where_it_is_and_stops_when_told(sh: Shell) -> None:
    process = sh.process("run", "--no-sample", env={"UNDERSTUDY_WEB_PORT": "0"})
    assert process.stdout is not None
    assert process.stdout.readline().startswith(b"The team chat is at http://127.0.0.1:")
    process.send_signal(signal.SIGTERM)
    assert process.wait(15) == 0


def test_the_start_says_who_puts_answers_into_words(sh: Shell) -> None:
    llm = {"UNDERSTUDY_LLM_BASE_URL": "http://127.0.0.1:9/v1", "UNDERSTUDY_LLM_MODEL": "tiny"}
    process = sh.process("run", "--no-sample", env={"UNDERSTUDY_WEB_PORT": "0", **llm})
    assert process.stdout is not None
    process.stdout.readline()
    assert process.stdout.readline().startswith(b"tiny at localhost puts answers into words")
    process.send_signal(signal.SIGTERM)
    assert process.wait(15) == 0


def test_a_taken_port_is_one_line_with_a_free_one(sh: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        status, err = ended(sh.process("run", "--no-sample", env={"UNDERSTUDY_WEB_PORT": port}))
    assert status == 2
    assert err.startswith(f"error[PORT_TAKEN]: port {port}")
    assert "UNDERSTUDY_WEB_PORT=" in err
    assert err.count("\n") == 1


async def test_a_wrong_token_is_one_line_that_does_not_hold_it(sh: Shell) -> None:
    async with SlackServer() as slack:
        env = {
            "UNDERSTUDY_SLACK_BOT_TOKEN": "xoxb-2-wrong",
            "UNDERSTUDY_SLACK_APP_TOKEN": "xapp-2-wrong",
            "UNDERSTUDY_SLACK_API_URL": slack.api_url,
            "UNDERSTUDY_WEB_PORT": "0",
        }
        status, err = await asyncio.to_thread(ended, sh.process("run", env=env))
    assert status == 1
    last = err.strip().splitlines()[-1]
    assert last.startswith("error: slack: ")
    assert "Traceback" not in err
    assert "-2-wrong" not in err


def test_the_help_comes_quickly(sh: Shell) -> None:
    """No platform's library is loaded to read a command line."""
    begun = time.monotonic()
    status, _ = ended(sh.process("--help"))
    assert status == 0
    assert time.monotonic() - begun < 10
    assert os.environ["HOME"] == str(sh.folder)
