"""Settings: the file, the environment over it, and one clear line for whatever cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters import ADAPTERS
from bots.options import Settings, describe
from bots.settings import config_dir, language_of_environment, load, require_credentials
from persona_store.errors import Refused


def read(tmp_path: Path, toml: str = "", **variables: str) -> Settings:
    """The settings of a machine whose home is empty but for this file."""
    if toml:
        (tmp_path / "understudy.toml").write_text(toml, encoding="utf-8")
    environ = {"HOME": str(tmp_path / "home"), **{f"UNDERSTUDY_{name}": value for name, value in variables.items()}}
    return load(environ=environ, cwd=tmp_path)


def refusal(tmp_path: Path, toml: str = "", **variables: str) -> str:
    with pytest.raises(Refused) as caught:
        require_credentials(read(tmp_path, toml, **variables))
    line = str(caught.value)
    assert caught.value.code == "SETTINGS"
    assert "\n" not in line
    return line


def test_a_fresh_machine_needs_no_settings(tmp_path: Path) -> None:
    """With nothing set there is the local chat on this machine alone, and data below the user's home."""
    settings = read(tmp_path)
    assert settings.adapters == ("local",)
    assert (settings.web.host, settings.web.port) == ("127.0.0.1", 8765)
    assert settings.web.link_base == "http://127.0.0.1:8765"
    assert settings.data.dir.is_relative_to(tmp_path / "home")
    assert settings.store.url == f"sqlite://{settings.data.dir}/understudy.db"
    require_credentials(settings)


def test_the_file_sets_and_a_variable_wins(tmp_path: Path) -> None:
    toml = 'lang = "zh-CN"\nadmins = ["slack:U1"]\n[web]\nport = 9000\nhost = "0.0.0.0"\n'
    settings = read(tmp_path, toml, WEB_PORT="9001")
    assert (settings.web.host, settings.web.port) == ("0.0.0.0", 9001)
    assert settings.lang == "zh-CN"
    assert settings.admins == ("slack:U1",)


def test_an_empty_variable_counts_as_not_set(tmp_path: Path) -> None:
    """Compose files pass `${X:-}` along; that must not wipe out the file."""
    assert read(tmp_path, "[web]\nport = 9000\n", WEB_PORT="").web.port == 9000


def test_the_users_configuration_directory_comes_after_the_working_directory(tmp_path: Path) -> None:
    ours = tmp_path / "config" / "understudy"
    ours.mkdir(parents=True)
    (ours / "understudy.toml").write_text("[web]\nport = 7000\n")
    environ = {"XDG_CONFIG_HOME": str(tmp_path / "config"), "HOME": str(tmp_path)}
    assert load(environ=environ, cwd=tmp_path).web.port == 7000
    (tmp_path / "understudy.toml").write_text("[web]\nport = 7001\n")
    assert load(environ=environ, cwd=tmp_path).web.port == 7001


def test_a_path_in_the_file_is_relative_to_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    config = folder / "u.toml"
    config.write_text('[data]\ndir = "data"\n')
    for named in (config, Path("etc/u.toml")):
        assert load(named, environ={}, cwd=tmp_path).data.dir == folder / "data"


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "understudy.toml").write_bytes(b"\xef\xbb\xbf[web]\nport = 9002\n")
    assert read(tmp_path).web.port == 9002


@pytest.mark.parametrize("setting", describe(), ids=lambda setting: setting.key)
def test_every_setting_can_be_set_by_its_variable(tmp_path: Path, setting) -> None:
    """The variable's name follows from section and key, and what it says arrives there."""
    given = {
        "adapters": "slack",
        "admins": "slack:U1",
        "lang": "zh-CN",
        "web.port": "81",
        "log.level": "debug",
        "log.format": "json",
        "slack.mode": "http",
        "feishu.mode": "http",
        "feishu.link": "thin",
        "mail.tls": "tls",
        "rights.assess": "always",
        "dingtalk.mode": "http",
        "data.dir": "/d",
        "llm.price_in": "0.5",
        "embedding.price": "0.5",
        "llm.price_out": "1.5",
        "answer.with_model": "false",
    }
    if setting.kind is int:
        given.setdefault(setting.key, "61")
    address = setting.key.endswith(("url", "base", "domain"))
    value = given.get(setting.key, "http://127.0.0.1:1/x" if address else "v1")
    found = load(environ={setting.variable: value, "HOME": str(tmp_path)}, cwd=tmp_path)
    for name in setting.key.split("."):
        found = getattr(found, name)
    if setting.secret:
        assert found.reveal() == value
    elif isinstance(found, tuple):
        assert found == (value,)
    else:
        assert str(found).lower() == value.lower()


def test_slack_is_connected_when_its_token_is_there(tmp_path: Path) -> None:
    """Credentials switch a platform on; naming platforms overrides that."""
    tokens = {"SLACK_BOT_TOKEN": "xoxb-1-2-abc", "SLACK_APP_TOKEN": "xapp-1-A-b"}
    assert read(tmp_path, **tokens).adapters == ("slack",)
    assert read(tmp_path, **tokens, ADAPTERS="local, slack,local").adapters == ("local", "slack")
    require_credentials(read(tmp_path, **tokens))


def test_a_secret_is_never_shown(tmp_path: Path) -> None:
    settings = read(
        tmp_path, SLACK_BOT_TOKEN="xoxb-77-hush", LLM_API_KEY="k-hush", STORE_URL="redis://:hush@db.example/0"
    )
    assert settings.slack.bot_token.reveal() == "xoxb-77-hush"
    assert "hush" not in repr(settings)


@pytest.mark.parametrize(("toml", "variables", "named"), [
    ("[web]\nprot = 1\n", {}, ("understudy.toml", "web.prot", "did you mean 'web.port'")),
    ("colour = 1\n", {}, ("understudy.toml", "colour")),
    ("web = 3\n", {}, ("understudy.toml", "'web'")),
    ("[web]\nport = true\n", {}, ("understudy.toml", "web.port", "whole number")),
    ("[web\n", {}, ("understudy.toml", "not valid TOML", "line 1")),
    ("adapters = [1]\n", {}, ("understudy.toml", "adapters", "list of names")),
    ("", {"WEB_PROT": "1"}, ("UNDERSTUDY_WEB_PROT", "did you mean 'UNDERSTUDY_WEB_PORT'")),
    ("", {"WEB_PORT": "http"}, ("UNDERSTUDY_WEB_PORT", "'http'", "whole number from 0 to 65535")),
    ("", {"WEB_PORT": "65536"}, ("UNDERSTUDY_WEB_PORT", "'65536'")),
    ("", {"SLACK_MODE": "carrier"}, ("UNDERSTUDY_SLACK_MODE", "'carrier'", "socket, http")),
    ("", {"SLACK_API_URL": "slack.com/api"}, ("UNDERSTUDY_SLACK_API_URL", "web address")),
    ("", {"LLM_BASE_URL": "https://me:pw@x.example/v1"}, ("UNDERSTUDY_LLM_BASE_URL", "web address")),
    ("", {"ADAPTERS": "slack,irc"}, ("UNDERSTUDY_ADAPTERS", "'irc'", "local")),
    ("", {"ADMINS": "Lin"}, ("UNDERSTUDY_ADMINS", "'Lin'", "slack:U0123")),
    ("", {"ADAPTERS": "slack"}, ("UNDERSTUDY_SLACK_BOT_TOKEN",)),
    ("", {"SLACK_BOT_TOKEN": "xoxb-1"}, ("UNDERSTUDY_SLACK_APP_TOKEN",)),
    ("", {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_MODE": "http"}, ("UNDERSTUDY_SLACK_SIGNING_SECRET",)),
    ("", {"LLM_BASE_URL": "https://x.example/v1"}, ("UNDERSTUDY_LLM_MODEL",)),
])  # fmt: skip
def test_bad_input_is_one_line_that_names_it(
    tmp_path: Path, toml: str, variables: dict[str, str], named: tuple[str, ...]
) -> None:
    line = refusal(tmp_path, toml, **variables)
    for part in named:
        assert part in line


@pytest.mark.parametrize("value", [
    "changeme", "CHANGE-ME-please", "your-token-here", "<token>", "xxxx", "xoxb-your-token", "xapp-...", "secret",
    "two words", "smart“quotes”", "line\nbreak",
])  # fmt: skip
def test_what_cannot_be_a_secret_is_refused_and_not_repeated(tmp_path: Path, value: str) -> None:
    """A placeholder or a broken paste stops the start; the line names the variable and keeps the value quiet."""
    line = refusal(tmp_path, SLACK_APP_TOKEN=value)
    assert "UNDERSTUDY_SLACK_APP_TOKEN" in line
    assert value not in line.replace("a placeholder, not a secret", "").replace("no secret has", "")


@pytest.mark.parametrize("value", ["xoxb-1234-5678-AbCdEf", "8f742231b10e8888abcd99yyyzzz85a5"])
def test_a_real_looking_secret_is_accepted(tmp_path: Path, value: str) -> None:
    assert read(tmp_path, SLACK_APP_TOKEN=f" {value}\n").slack.app_token.reveal() == value


def test_what_kubernetes_adds_by_itself_is_not_a_typo(tmp_path: Path) -> None:
    """Beside a Service named `understudy` every pod has these variables."""
    read(tmp_path, SERVICE_HOST="10.0.0.1", PORT="tcp://10.0.0.1:80", PORT_80_TCP_ADDR="10.0.0.1")


def test_a_file_that_was_named_must_exist(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"no configuration file .*gone\.toml"):
        load(tmp_path / "gone.toml", environ={}, cwd=tmp_path)


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "understudy.toml").write_bytes('lang = "中"'.encode("gbk"))
    assert "not UTF-8" in refusal(tmp_path)


def test_a_broken_file_does_not_show_its_secrets(tmp_path: Path) -> None:
    assert "hush" not in refusal(tmp_path, '[slack]\nbot_token = "xoxb-hush\n')
    assert "hush" not in refusal(tmp_path, "[slack]\nbot_token = xoxb-hush\n")


def test_the_adapters_that_ship_have_settings_or_need_none() -> None:
    """A new adapter without a section of its own would have no way to get its credentials."""
    assert {name for name in ADAPTERS if not hasattr(Settings(), name)} <= {"local"}


@pytest.mark.parametrize(
    ("variables", "lang"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh-CN"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "UNDERSTUDY_LANG": "zh-CN"}, "zh-CN"),
    ],
)
def test_the_help_speaks_the_language_of_the_terminal(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], lang: str
) -> None:
    """It must speak before settings that may be broken are read; ours wins over the locale's variables."""
    for name in ("UNDERSTUDY_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language_of_environment(("en", "zh-CN")) == lang


def test_the_subjects_keys_lie_apart_from_the_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever copies the data directory does not get what signs a consent."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    assert config_dir().is_relative_to(tmp_path)
    assert not config_dir().is_relative_to(load(environ={"HOME": str(tmp_path)}, cwd=tmp_path).data.dir)


@pytest.mark.parametrize(("variable", "value", "hint"), [
    ("LLM_PRICE_IN", "cheap", "a number from 0"), ("LLM_PRICE_OUT", "-1", "a number from 0"),
    ("LLM_TIMEOUT", "0", "from 1 to 3600"), ("LLM_CURRENCY", "{x}", "LLM_CURRENCY"),
])  # fmt: skip
def test_what_a_model_may_cost_is_a_number(tmp_path: Path, variable: str, value: str, hint: str) -> None:
    assert hint in refusal(tmp_path, **{variable: value})


def test_people_s_words_are_not_sent_in_clear(tmp_path: Path) -> None:
    """Plain HTTP is for a model on one's own machines."""
    line = refusal(tmp_path, LLM_BASE_URL="http://api.example/v1", LLM_MODEL="m")
    assert "in clear" in line
    require_credentials(read(tmp_path, LLM_BASE_URL="http://ollama:11434/v1", LLM_MODEL="m"))
