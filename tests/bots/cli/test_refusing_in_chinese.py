"""Who reads Chinese is refused in Chinese: whole commands, as they are typed."""

from __future__ import annotations

import asyncio
import re
import zipfile
from pathlib import Path

import msgspec
import pytest

from bots import settings
from bots.app import open_app
from bots.refusals import forms
from persona_store import proof
from tests.bots.cli.shell import Shell


@pytest.fixture
def zh(sh: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("UNDERSTUDY_LANG", "zh-CN")
    return sh


def test_a_name_that_is_a_pattern_and_a_template_comes_back_as_it_was_typed(zh: Shell) -> None:
    name = "{0}.*(a+)+$ · {name!r}"
    told = zh("persona", "create", name)
    assert told.refused("PERSONA_NAME")
    assert told.err == (
        f"error[PERSONA_NAME]: {name!r} 不能作分身的名字 · 用 1 到 40 个 a-z、0-9 和 '-'，以字母或数字开头\n"
    )


def test_where_a_persona_stands_is_said_in_words(zh: Shell) -> None:
    zh.draft()
    told = zh("ask", "--persona", "lin", "How often?")
    assert told.err == "error[NOT_LIVE]: 分身 'lin' 的状态是“草稿” · `understudy persona live lin`\n"
    assert zh("persona", "create", "lin").err == "error[PERSONA_EXISTS]: 已经有分身 'lin'（草稿） · 请换个名字\n"
    assert zh("persona", "live", "lin").err.startswith("error[NO_CONSENT]: 分身 'lin' 没有同意书 · ")


def test_what_consent_says_no_to(zh: Shell) -> None:
    zh.signed(sources="documents")
    told = zh("import", "slack-export", zh.slack(), "--persona", "lin", "--subject", "U0LIN")
    what, way_out = "不能为 'lin' 读取 'slack_export' 这类来源", "本人可以把这类来源加进同意书的 `scope.sources`"
    assert told.err == f"error[CONSENT_SOURCE]: {what} · {way_out}\n"


def test_a_file_that_is_not_there(zh: Shell) -> None:
    zh.signed()
    told = zh("import", "documents", "{0} [x] 'y'.zip", "--persona", "lin", "--subject", "lin@example.org")
    assert told.refused("NOT_FOUND")
    assert told.err.startswith("error[NOT_FOUND]: \"{0} [x] 'y'.zip\" 不存在 · ")


def test_a_file_that_cannot_be_read_is_told_in_the_report(zh: Shell) -> None:
    zh.signed()
    path = zh.slack()
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("payments/2026-03-09.json", "{")
    told = zh("import", "slack-export", path, "--persona", "lin", "--subject", "U0LIN")
    assert "无法读取：error[JSON_BROKEN]: 'payments/2026-03-09.json' 不是 JSON" in told.out
    assert "export it again" not in told.out


def test_the_parser(zh: Shell) -> None:
    told = zh("persona", "dance")
    assert told.refused("USAGE")
    assert told.err.startswith("error[USAGE]: 参数 VERB：没有 'dance' 这一项（可选：")
    assert zh("persona", "show").err == "error[USAGE]: 缺少参数：NAME · understudy persona show --help\n"


def test_settings_that_are_wrong(zh: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zh.folder / "broken.toml"
    path.write_text("[data\n")
    told = zh("--config", str(path), "persona", "list")
    assert told.err.startswith(f"error[SETTINGS]: {path} 不是有效的 TOML（第 1 行")
    monkeypatch.setenv("UNDERSTUDY_ADAPTERS", "telex")
    assert zh("doctor").err == (
        "error[SETTINGS]: UNDERSTUDY_ADAPTERS：没有适配器 'telex' · 可选：local, slack, feishu, dingtalk\n"
    )


def test_a_folder_that_may_not_be_written(zh: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    place = zh.folder / "file"
    place.write_bytes(b"")
    monkeypatch.setenv("UNDERSTUDY_DATA_DIR", str(place))
    told = zh("persona", "list")
    assert told.err == (
        f"error[DATA_DIR]: 数据目录 {str(place)!r} 不能用：文件已存在 · "
        "把 UNDERSTUDY_DATA_DIR 设为你能写入的文件夹\n"
    )


def test_doctor_says_what_it_found(zh: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERSTUDY_ADMINS", "telex:U1")
    told = zh("doctor")
    assert told.status == 1
    assert "✓ 所有消息都已送达\n" in told.out
    assert (
        "✗ 管理员 'telex:U1' 不在任何平台上 · 请写成 PLATFORM:ID，平台有 local, slack, feishu, dingtalk\n"
        in told.out
    )


def test_a_certificate_is_told_in_chinese(zh: Shell) -> None:
    """What is signed stays as it was signed; what it says is told in the reader's words."""
    zh.live()
    zh.done("persona", "retire", "lin", "--yes")

    async def take() -> bytes:
        async with open_app(settings.load(None)) as app:
            done = await app.retiring.certificate("lin")
            assert done is not None
            return msgspec.json.encode(proof.make(done, app.services.vault.signing_key("receipts")))

    certificate = zh.folder / "certificate.json"
    certificate.write_bytes(asyncio.run(take()))
    said = zh.done("consent", "certificate", str(certificate)).out
    assert "保留：日志：逐条相连的记录不能移除；其中都不含内容（至：存储被删除）" in said
    assert (
        "无法触及：备份：删除之前复制的数据目录里，可能还有分身的文件和加密过的密钥；可询问：运行本系统的人" in said
    )
    assert not re.search(r"[a-z]{3,} [a-z]{3,}", said.partition("签名所用密钥")[2])


def test_for_programs_it_stays_english(zh: Shell) -> None:
    told = zh("doctor", "--json")
    assert {"ok": True, "what": "every message was delivered", "fix": ""} in told.json


def test_the_locale_of_the_terminal_is_enough(sh: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert sh("persona", "show", "lin").err == "error[PERSONA_UNKNOWN]: 没有叫 'lin' 的分身 · 目前还没有分身\n"
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    assert sh("persona", "show", "lin").err == (
        "error[PERSONA_UNKNOWN]: there is no persona 'lin' · there are: none yet\n"
    )


def test_the_sentences_are_read_only_once_somebody_is_refused(zh: Shell) -> None:
    """They are many; a command that works does not pay for them."""
    forms.cache_clear()
    zh.done("persona", "list")
    assert forms.cache_info().currsize == 0
    zh("persona", "show", "lin")
    assert forms.cache_info().currsize == 1


def test_a_real_process_is_refused_in_chinese(zh: Shell, tmp_path: Path) -> None:
    process = zh.process("persona", "show", "lin", env={"UNDERSTUDY_LANG": "zh-CN", "PYTHONUTF8": "1"})
    _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert said.decode() == "error[PERSONA_UNKNOWN]: 没有叫 'lin' 的分身 · 目前还没有分身\n"
