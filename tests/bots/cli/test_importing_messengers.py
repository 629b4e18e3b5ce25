"""`understudy import wechat|wecom|qq|telegram`, from saved messages to a quoted answer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bots.cli.shell import Shell
from tests.persona_store.sources import qq_shapes as qq
from tests.persona_store.sources import telegram_shapes as telegram
from tests.persona_store.sources import wecom_shapes as wecom
from tests.persona_store.sources.exports import write_folder
from tests.persona_store.sources.feishu_material import START, dump, lines
from tests.persona_store.sources.wechat_material import old, quote
from tests.persona_store.sources.wechat_shapes import BOB, LIN, OPS, SERVER

ASKED = "How often does the payment retry job run?"
RETRY = "The payment retry job runs every 15 minutes and gives up after 3 attempts."
WECHAT = [
    (SERVER + 1, 1, 0, 0, START, OPS, ASKED, "", BOB),
    (SERVER + 2, 49, 57, 1, START + 60, OPS, "", quote(RETRY, SERVER + 1, BOB, "Bob", ASKED), ""),
]
FILES = {
    "wechat": {"Msg/MSG0.db": old(WECHAT)},
    "wecom": {"archive.jsonl": lines(wecom.text(1, wecom.BOB, ASKED, 0), wecom.text(2, wecom.LIN, RETRY, 60))},
    "qq": {
        "记录.txt": (
            qq.HEADLINE
            + qq.section(
                "我的QQ群",
                "ops",
                f"2026-03-02 17:00:00 Bob({qq.BOB})\n{ASKED}",
                f"2026-03-02 17:01:00 林薇({qq.LIN})\n{RETRY}",
            )
        ).encode()
    },
    "telegram": {
        "result.json": dump(
            telegram.chat(
                telegram.message(1, telegram.BOB, ASKED, 0),
                telegram.message(2, telegram.LIN, RETRY, 60, reply_to_message_id=1),
            )
        )
    },
}
SUBJECTS = {"wechat": LIN, "wecom": wecom.LIN, "qq": qq.LIN, "telegram": f"user{telegram.LIN}"}
CHATS = {"wechat": OPS, "wecom": wecom.OPS, "qq": "ops", "telegram": str(telegram.OPS)}
MORE = {"wechat": ("--account", LIN)}
EACH = pytest.mark.parametrize("kind", list(FILES))


def brought(sh: Shell, kind: str, *more: str) -> Any:
    path = write_folder(sh.folder / kind, FILES[kind])
    words = ("import", kind, str(path), "--persona", "lin", "--subject", SUBJECTS[kind], *MORE.get(kind, ()), *more)
    return sh.done(*words, "--json").json


def signed(sh: Shell, kind: str, *more: str) -> None:
    sh.done("persona", "create", "lin", "--owner", "slack:U0BOB", "--chats", "slack:*")
    sh.done("consent", "sign", "lin", "--sources", kind, "--cooling-off", "0", "--yes", *more)


@EACH
def test_an_export_answers_with_a_quote_and_comes_again_unchanged(sh: Shell, kind: str) -> None:
    signed(sh, kind)
    if kind == "wecom":  # its archive tells who read each message, so consent must name the chat
        assert brought(sh, kind)["dropped"] == {"CONSENT_PRIVATE": 2}
    report = brought(sh, kind, "--team-chats", CHATS[kind])
    assert (report["kept"], report["context"], report["new"], report["dropped"]) == (1, 1, 2, {})
    assert brought(sh, kind, "--team-chats", CHATS[kind])["same"] == 2
    sh.done("persona", "live", "lin")
    assert RETRY in sh.done("ask", "--persona", "lin", ASKED).out
    key = f"{kind}:{SUBJECTS[kind].removeprefix('user')}"
    assert sh.done("persona", "show", "lin", "--json").json["subject"] == key


@EACH
def test_a_chat_nobody_vouched_for_is_private(sh: Shell, kind: str) -> None:
    signed(sh, kind)
    assert brought(sh, kind)["dropped"] == {"CONSENT_PRIVATE": 2}


def test_a_copy_of_ones_own_account_says_what_is_missing(sh: Shell) -> None:
    signed(sh, "wechat")
    path = write_folder(sh.folder / "w", {"MSG0.db": old([(SERVER, 1, 0, 1, START, BOB, RETRY, "", "")])})
    told = sh("import", "wechat", str(path), "--persona", "lin", "--subject", LIN)
    assert told.refused("SUBJECT_NAMES")
    assert "--account" in told.err
