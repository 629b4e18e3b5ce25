"""`understudy import feishu` and `import dingtalk`, from saved messages to a quoted answer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bots.cli.shell import Shell
from tests.persona_store.sources import dingtalk_shapes as ding
from tests.persona_store.sources import feishu_material as feishu
from tests.persona_store.sources.exports import write_folder, write_zip

RETRY = "The payment retry job runs every 15 minutes and gives up after 3 attempts."
QUEUE = "Refunds go to the refund-slow queue, the bank takes two requests a second."
TALK = [
    feishu.item(1, feishu.BOB, "How often does the payment retry job run?", 0),
    feishu.item(2, feishu.LIN, RETRY, 60, root_id="om_0001", parent_id="om_0001"),
    feishu.item(3, feishu.BOB, "Which queue do refunds go to?", 40_000),
    feishu.item(4, feishu.LIN, QUEUE, 40_060),
]
PUBLIC = [{"chat_id": feishu.OPS, "name": "payments", "chat_type": "public"}]
DING = [
    ding.message(1, "Bob", ding.BOB_OPEN, "How often does the payment retry job run?", "17:00:00"),
    ding.message(2, "林薇", ding.LIN_OPEN, RETRY, "17:01:00", quotedMessage={"openMessageId": "msg0001"}),
    ding.message(3, "Bob", ding.BOB_OPEN, "Which queue do refunds go to?", "19:00:00"),
    ding.message(4, "林薇", ding.LIN_OPEN, QUEUE, "19:01:00"),
]


def signed(sh: Shell, platform: str, *more: str) -> None:
    sh.done("persona", "create", "lin", "--owner", f"{platform}:bob9", "--chats", f"{platform}:*")
    sh.done("consent", "sign", "lin", "--sources", platform, "--cooling-off", "0", "--yes", *more)


def brought(sh: Shell, *words: str) -> Any:
    return sh.done("import", *words, "--persona", "lin", "--json").json


def saved(sh: Shell, **files: Any) -> str:
    content = {f"{name.replace('__', '/')}.json": feishu.dump(value) for name, value in files.items()}
    return str(write_zip(sh.folder / "saved.zip", content))


def test_a_feishu_export_answers_with_a_quote(sh: Shell) -> None:
    signed(sh, "feishu")
    report = brought(sh, "feishu", saved(sh, page=feishu.answer(*TALK), chats=PUBLIC), "--subject", feishu.LIN)
    assert (report["kept"], report["context"], report["new"], report["dropped"]) == (2, 2, 4, {})
    sh.done("persona", "live", "lin")
    told = sh.done("ask", "--persona", "lin", "How often does the payment retry job run?")
    assert RETRY in told.out
    found = sh.done("ask", "--persona", "lin", "which queue takes refunds", "--json").json
    assert found["evidence_ids"][0] == "om_0004"
    assert sh.done("persona", "show", "lin", "--json").json["subject"] == f"feishu:{feishu.LIN}"


def test_a_dingtalk_export_answers_with_a_quote(sh: Shell) -> None:
    signed(sh, "dingtalk")
    files = saved(sh, members=ding.MEMBERS, page={"result": {"messages": DING}})
    report = brought(sh, "dingtalk", files, "--subject", ding.LIN, "--team-chats", ding.OPS)
    assert (report["kept"], report["context"], report["new"], report["dropped"]) == (2, 2, 4, {})
    sh.done("persona", "live", "lin")
    told = sh.done("ask", "--persona", "lin", "How often does the payment retry job run?")
    assert RETRY in told.out
    assert sh.done("persona", "show", "lin", "--json").json["subject"] == f"dingtalk:{ding.LIN}"


@pytest.mark.parametrize("kind", ["feishu", "dingtalk"])
def test_the_same_again_changes_nothing_and_a_newer_one_adds(sh: Shell, kind: str) -> None:
    signed(sh, kind)
    talk, subject = (TALK, feishu.LIN) if kind == "feishu" else (DING, ding.LIN_OPEN)

    def come(count: int) -> tuple[int, int, int]:
        told = brought(sh, kind, saved(sh, page=talk[:count]), "--subject", subject, "--team-chats", "*")
        return told["new"], told["changed"], told["same"]

    assert [come(2), come(2), come(4), come(4)] == [(2, 0, 0), (0, 0, 2), (2, 0, 2), (0, 0, 4)]


def test_imp_18_a_private_chat_needs_its_name_in_the_consent(sh: Shell) -> None:
    """Nobody knows who reads this chat, so `*` does not cover it; the words say what would."""
    signed(sh, "feishu")
    words = ("import", "feishu", saved(sh, page=feishu.answer(*TALK)), "--persona", "lin", "--subject", feishu.LIN)
    shown = sh.done(*words)
    assert "left out 4: from a private chat the consent does not name" in shown.out
    assert "--team-chats" in shown.out
    assert "Nothing of the subject's is in it" in shown.out
    sh.done(
        "consent", "sign", "lin", "--sources", "feishu", "--containers", feishu.OPS, "--cooling-off", "0", "--yes"
    )
    assert sh.done(*words, "--json").json["kept"] == 2
    sh.done("persona", "live", "lin")
    asked = sh.done("ask", "--persona", "lin", "How often does the payment retry job run?", "--json").json
    assert asked["evidence_ids"] == []  # whoever sits at the terminal may not have been in that chat


def test_imp_23_without_consent_nothing_is_opened(sh: Shell) -> None:
    sh.draft()
    for kind in ("feishu", "dingtalk"):
        assert sh("import", kind, "absent.json", "--persona", "lin", "--subject", "ou_1").refused("CONSENT_MISSING")


def test_bad_material_is_one_line_and_leaves_nothing(sh: Shell) -> None:
    signed(sh, "feishu")
    files = {
        "cut.json": b'{"data": {"items": [',
        "gbk.json": '["中"]'.encode("gbk"),
        "slack.json": b'[{"text": "x"}]',
    }
    write_folder(sh.folder, files)
    for file, code in (
        ("cut", "JSON_BROKEN"),
        ("gbk", "ENCODING"),
        ("slack", "EXPORT_SHAPE"),
        ("none", "NOT_FOUND"),
    ):
        refused = sh("import", "feishu", f"{file}.json", "--persona", "lin", "--subject", feishu.LIN)
        assert refused.refused(code)
    wrong = saved(sh, page=feishu.answer(*TALK))
    assert sh("import", "feishu", wrong, "--persona", "lin", "--subject", "ou_typo").refused("SUBJECT_UNKNOWN")
    for option, value, code in (
        ("--timezone", "Mars", "TIMEZONE"),
        ("--encoding", "x", "ENCODING"),
        ("--chats", "x.json", "NOT_FOUND"),
    ):
        assert sh("import", "feishu", wrong, "--persona", "lin", "--subject", feishu.LIN, option, value).refused(
            code
        )
    shown = sh.done("persona", "show", "lin", "--json").json
    assert (shown["passages"], shown["subject"]) == (0, "")


def test_an_account_of_another_platform_is_not_guessed(sh: Shell) -> None:
    sh.live()
    sh.done("consent", "sign", "lin", "--sources", "slack-export,feishu", "--cooling-off", "0", "--yes")
    files = saved(sh, page=feishu.answer(*TALK), chats=PUBLIC)
    assert sh("import", "feishu", files, "--persona", "lin").refused("SUBJECT")
    assert brought(sh, "feishu", files, "--subject", feishu.LIN)["kept"] == 2
    assert sh.done("persona", "show", "lin", "--json").json["subject"] == "slack:U0LIN"


def test_a_text_file_needs_the_subjects_name(sh: Shell) -> None:
    signed(sh, "feishu")
    (sh.folder / "ops.txt").write_text(
        "2026-03-02 17:00 张三：对账任务每天九点跑\n2026-03-02 17:01 李四：谢谢\n", encoding="utf-8"
    )
    words = ("feishu", "ops.txt", "--subject", feishu.LIN, "--team-chats", "ops")
    refused = sh("import", *words, "--persona", "lin")
    assert refused.refused("SUBJECT_NAMES")
    assert "张三" in refused.err
    report = brought(sh, *words, "--names", "张三")
    assert (report["kept"], report["context"]) == (1, 1)
