"""`understudy import feishu-api` and `import dingtalk-api`, from a platform to a quoted answer."""

from __future__ import annotations

import asyncio
import io
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from adapters.feishu.permissions import batch_import
from tests.bots.cli.shell import Shell
from tests.persona_store.sources.feishu_live import BOB, LIN, Clock
from tests.platforms.base import PlatformServer
from tests.platforms.dingtalk_documents import DingTalkDocuments, said
from tests.platforms.feishu_archive import READER_SCOPES, FeishuArchive
from tests.platforms.feishu_documents import FeishuDocuments, block, blocks

RETRY = "The payment retry job runs every 15 minutes and gives up after 3 attempts."
RUNBOOK = "doxcnAAAAAAAAAA"


@contextmanager
def running(server: PlatformServer) -> Iterator[asyncio.AbstractEventLoop]:
    """In a thread, since a command has an event loop of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result(10)
    try:
        yield loop
    finally:
        asyncio.run_coroutine_threadsafe(server.__aexit__(None, None, None), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@pytest.fixture
def feishu(sh: Shell, monkeypatch: pytest.MonkeyPatch) -> Iterator[FeishuDocuments]:
    """With a public and a private chat, and a runbook of Lin's."""
    clock = Clock()
    server = FeishuDocuments(clock=clock)
    server.token_life = 30 * 86400
    server.space.add_user(LIN, "林薇")
    server.space.add_user(BOB, "Bob Hart")
    server.space.add_chat("oc_ops", "payments", [LIN, BOB, server.reader_bot], public=True)
    server.space.add_chat("oc_hr", "people", [LIN, BOB, server.reader_bot])
    for chat, answer in (("oc_ops", RETRY), ("oc_hr", "The offer for Eve goes out on Friday morning.")):
        for who, text in ((BOB, "How often does it run?"), (LIN, answer)):
            clock.now += 60
            server.say(who, chat, text, mention=False)
    paper = blocks(
        block("h", 3, "heading1", "Rollback"),
        block("t", 2, "text", "Stop the gateway first, then run make rollback."),
        block("g", 3, "heading1", "Alerts"),
        block("u", 2, "text", "The pager alerts go to the payments rotation."),
    )
    server.hold(RUNBOOK, "docx", "Gateway runbook", paper, owner=LIN, open=True)
    with running(server):
        for key, value in {
            "DOMAIN": server.url,
            "APP_ID": server.app_id,
            "APP_SECRET": server.app_secret,
            "HISTORY_APP_ID": server.reader_id,
            "HISTORY_APP_SECRET": server.reader_secret,
        }.items():
            monkeypatch.setenv(f"UNDERSTUDY_FEISHU_{key}", value)
        yield server


def signed(sh: Shell, sources: str, *more: str, platform: str = "feishu", subject: str = LIN) -> None:
    words = ("--subject", f"{platform}:{subject}", "--owner", f"{platform}:bob9", "--chats", f"{platform}:*")
    sh.done("persona", "create", "lin", *words, "--risk-budget", "0.2")  # how sure is not what this is about
    sh.done("consent", "sign", "lin", "--sources", sources, "--cooling-off", "0", "--yes", *more)


def fetched(sh: Shell, *words: str) -> Any:
    return sh.done("import", *words, "--persona", "lin", "--json").json


def test_what_feishu_holds_answers_with_a_quote(sh: Shell, feishu: FeishuDocuments) -> None:
    signed(sh, "feishu-api")
    report = fetched(sh, "feishu-api", "--chats", "oc_ops", "--docs", RUNBOOK)
    assert (report["kept"], report["context"], report["dropped"], report["problems"]) == (2, 1, {}, [])
    assert report["new"] == 4  # the runbook in two pieces
    sh.done("persona", "live", "lin")
    assert RETRY in sh.done("ask", "--persona", "lin", "How often does the payment retry job run?").out
    told = sh.done("ask", "--persona", "lin", "What is stopped first in a rollback of the gateway?")
    assert "Stop the gateway first" in told.out
    assert "pager" not in told.out
    again = fetched(sh, "feishu-api", "--chats", "oc_ops", "--docs", RUNBOOK)
    assert (again["new"], again["changed"], again["same"]) == (0, 0, 4)


def test_a_private_chat_needs_to_be_named_by_the_subject(sh: Shell, feishu: FeishuDocuments) -> None:
    """Otherwise not one message of it is asked for, nor who is in it, nor the words of a document."""
    feishu.held[RUNBOOK].open = False
    signed(sh, "feishu-api")
    report = fetched(sh, "feishu-api", "--chats", "all", "--docs", RUNBOOK)
    assert report["dropped"] == {"CONSENT_PRIVATE": 2}
    assert {call.body["container_id"] for call in feishu.called("im.message.list")} == {"oc_ops"}
    assert {call.body["chat_id"] for call in feishu.called("im.chat.members")} == {"oc_ops"}
    assert feishu.called("docx.*") == []
    named = ("--sources", "feishu-api", "--containers", f"oc_hr,{RUNBOOK}", "--cooling-off", "0", "--yes")
    sh.done("consent", "sign", "lin", *named)
    report = fetched(sh, "feishu-api", "--chats", "all", "--docs", RUNBOOK)
    assert (report["kept"], report["dropped"]) == (2, {"CONSENT_CONTAINER": 1})


def test_a_chat_the_subject_excluded_is_not_read(sh: Shell, feishu: FeishuDocuments) -> None:
    signed(sh, "feishu-api", "--exclude-chats", "oc_ops")
    assert fetched(sh, "feishu-api", "--chats", "oc_ops")["dropped"] == {"CONSENT_EXCLUDED": 1}
    assert feishu.called("im.message.*") == []


def test_a_chat_the_operator_knows_to_be_everybodys_is_read(sh: Shell, feishu: FeishuDocuments) -> None:
    signed(sh, "feishu-api")
    assert fetched(sh, "feishu-api", "--chats", "oc_hr", "--team-chats", "oc_hr")["kept"] == 1


@pytest.mark.parametrize("sources", ["", "feishu,dingtalk-api,documents"])
def test_nothing_is_asked_of_the_platform_unless_the_subject_agreed_to_that(
    sh: Shell, feishu: FeishuDocuments, sources: str
) -> None:
    """What they agreed to hand in is not what they agreed to have fetched."""
    if sources:
        signed(sh, sources)
    else:
        sh.done("persona", "create", "lin", "--subject", f"feishu:{LIN}", "--chats", "feishu:*")
    words = ("import", "feishu-api", "--persona", "lin", "--chats", "all", "--docs", "all")
    assert sh(*words).refused("CONSENT_SOURCE" if sources else "CONSENT_MISSING")
    assert feishu.calls == []


def test_what_may_not_be_read_is_told_in_words(sh: Shell, feishu: FeishuDocuments) -> None:
    signed(sh, "feishu-api")
    feishu.space.chats["oc_ops"].members.remove(feishu.reader_bot)
    shown = sh.done("import", "feishu-api", "--persona", "lin", "--chats", "oc_ops,oc_hr")
    assert "left out 1: chats and documents that may not be read" in shown.out
    assert "could not read: oc_ops" in shown.out
    assert "add the history app's bot to it" in shown.out


def test_the_subjects_token_comes_on_standard_input(
    sh: Shell, feishu: FeishuDocuments, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed(sh, "feishu-api", "--containers", "*,oc_pair")
    feishu.space.add_chat("oc_pair", "", [LIN, BOB], kind="p2p")
    feishu.say(LIN, "oc_pair", "The vault key is rotated each quarter.", mention=False)
    token = feishu.lend(LIN)
    monkeypatch.setattr(sys, "stdin", io.StringIO(token + "\n"))
    words = ("import", "feishu-api", "--persona", "lin", "--chats", "oc_pair", "--user-token")
    shown = sh.done(*words, "-")
    assert "1 messages of the subject" in shown.out
    monkeypatch.setattr(sys, "stdin", io.StringIO(token + "\n"))
    refused = sh(*words, token)
    assert refused.refused("USER_TOKEN")
    assert token not in shown.out + shown.err + refused.err
    kept = b"".join(file.read_bytes() for file in sh.data.rglob("*") if file.is_file())
    assert token.encode() not in kept


def test_the_bots_own_app_is_never_taken_for_it(
    sh: Shell, feishu: FeishuDocuments, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its manifest does not ask for a group's history, and must not need to (rights.md P6)."""
    signed(sh, "feishu-api")
    monkeypatch.delenv("UNDERSTUDY_FEISHU_HISTORY_APP_ID")
    refused = sh("import", "feishu-api", "--persona", "lin", "--chats", "oc_ops")
    assert refused.refused("SETTINGS")
    assert "UNDERSTUDY_FEISHU_HISTORY_APP_ID" in refused.err
    assert feishu.calls == []
    assert "im:message.group_msg" in READER_SCOPES - set(batch_import()["scopes"]["tenant"])


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), "FETCH_WHAT"),
        (("--chats", "general"), "CHAT_ID"),
        (("--chats", "all,oc_ops"), "CHAT_ID"),
        (("--docs", "http://x/docx/AAAAAAAAAAAA"), "DOCUMENT"),
        (("--chats", "oc_ops", "--since", "yesterday"), "DATE"),
    ],
)
def test_what_cannot_be_meant_is_one_line(
    sh: Shell, feishu: FeishuDocuments, words: tuple[str, ...], code: str
) -> None:
    signed(sh, "feishu-api")
    assert sh("import", "feishu-api", "--persona", "lin", *words).refused(code)
    assert feishu.calls == []


def test_a_further_id_names_a_subject_who_has_left(sh: Shell, feishu: FeishuDocuments) -> None:
    signed(sh, "feishu-api")
    feishu.space.users[LIN].reachable = False
    assert fetched(sh, "feishu-api", "--chats", "oc_ops")["kept"] == 0
    assert fetched(sh, "feishu-api", "--chats", "oc_ops", "--ids", FeishuArchive.seen(LIN))["kept"] == 1


# ------------------------------------------------------------------ DingTalk


@pytest.fixture
def dingtalk(sh: Shell, monkeypatch: pytest.MonkeyPatch) -> Iterator[DingTalkDocuments]:
    server = DingTalkDocuments()
    server.space.add_user("lin9", "林薇")
    server.workspaces["wsTeam"] = "Payments"
    paper = (said("heading", "Retries", level="heading-1"), said("paragraph", RETRY))
    server.lay("nodeRunbook1", "Runbook.adoc", *paper, by="union_lin9")
    with running(server):
        for key, value in {
            "API_URL": server.url,
            "OAPI_URL": server.url,
            "DOCS_CLIENT_ID": server.client_id,
            "DOCS_CLIENT_SECRET": server.client_secret,
        }.items():
            monkeypatch.setenv(f"UNDERSTUDY_DINGTALK_{key}", value)
        yield server


def test_documents_of_dingtalk_answer_with_a_quote(sh: Shell, dingtalk: DingTalkDocuments) -> None:
    signed(sh, "dingtalk-api", platform="dingtalk", subject="lin9")
    assert fetched(sh, "dingtalk-api", "--docs", "all")["dropped"] == {"CONSENT_PRIVATE": 1}
    assert dingtalk.called("doc/blocks") == []
    assert fetched(sh, "dingtalk-api", "--docs", "all", "--team-docs", "wsTeam")["kept"] == 1
    sh.done("persona", "live", "lin")
    assert RETRY in sh.done("ask", "--persona", "lin", "How often does the payment retry job run?").out


def test_dingtalk_is_not_asked_either_without_consent(
    sh: Shell, dingtalk: DingTalkDocuments, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed(sh, "dingtalk,feishu-api", platform="dingtalk", subject="lin9")
    assert sh("import", "dingtalk-api", "--persona", "lin", "--docs", "all").refused("CONSENT_SOURCE")
    assert sh("import", "dingtalk-api", "--persona", "lin").refused("FETCH_WHAT")
    monkeypatch.delenv("UNDERSTUDY_DINGTALK_DOCS_CLIENT_SECRET")
    assert sh("import", "dingtalk-api", "--persona", "lin", "--docs", "all").refused("SETTINGS")
    assert dingtalk.calls == []
