"""What an operator may set: every setting declared once, frozen, with its default and its meaning.

The sections are those of the TOML file. bots/settings.py reads them; `describe()` hands the declarations on to the
reader and to the documentation's test, so that docs/settings.md cannot fall behind.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct, field

from adapters import ADAPTERS
from adapters.secret import Secret

NONE = Secret("")


class Data(Struct, frozen=True):
    dir: Annotated[
        Path,
        Meta(
            description="where the embedded store, the evidence and the keys live",
            extra={"default": "the platform's user data directory"},
        ),
    ] = Path()


class Store(Struct, frozen=True):
    url: Annotated[
        str,
        Meta(
            description="where state is kept: `sqlite:///PATH`",
            extra={"default": "`understudy.db` in the data directory"},
        ),
    ] = ""

    def __repr__(self) -> str:
        return "Store(url='***')"  # the address of a server may carry its password


class Web(Struct, frozen=True):
    host: Annotated[str, Meta(description="address of the local chat, webhooks, health and metrics")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="their port; 0 takes any free one")] = 8765
    link_base: Annotated[
        str,
        Meta(
            description="how people reach that address from outside, for links in messages",
            extra={"default": "`http://HOST:PORT`", "url": True},
        ),
    ] = ""


class Log(Struct, frozen=True):
    level: Annotated[Literal["debug", "info", "warning", "error"], Meta(description="how much is logged")] = "info"
    format: Annotated[
        Literal["auto", "console", "json"],
        Meta(description="readable lines or JSON lines; `auto`: readable on a terminal"),
    ] = "auto"


class Slack(Struct, frozen=True):
    bot_token: Annotated[Secret, Meta(description="bot token, `xoxb-…`")] = NONE
    app_token: Annotated[Secret, Meta(description="app-level token, `xapp-…`, for mode `socket`")] = NONE
    signing_secret: Annotated[Secret, Meta(description="proves that a request is Slack's, for mode `http`")] = NONE
    mode: Annotated[Literal["socket", "http"], Meta(description="how events reach us")] = "socket"
    api_url: Annotated[str, Meta(description="base of the Web API", extra={"url": True})] = "https://slack.com/api/"


class Feishu(Struct, frozen=True):
    app_id: Annotated[str, Meta(description="app id, `cli_…`")] = ""
    app_secret: Annotated[Secret, Meta(description="app secret")] = NONE
    encrypt_key: Annotated[Secret, Meta(description="decrypts and signs events, for mode `http`")] = NONE
    verification_token: Annotated[Secret, Meta(description="the token events carry, for mode `http`")] = NONE
    mode: Annotated[Literal["ws", "http"], Meta(description="how events reach us")] = "ws"
    domain: Annotated[
        str, Meta(description="base of the open platform (Feishu's or Lark's)", extra={"url": True})
    ] = "https://open.feishu.cn"
    link: Annotated[
        Literal["sdk", "thin"], Meta(description="what carries the long connection: Feishu's SDK or our own frames")
    ] = "sdk"


class FeishuHistory(Struct, frozen=True):
    """Apart from `feishu`: what reads history is another app than the bot, and the bot must not have it."""

    app_id: Annotated[
        str, Meta(description="app id of a second app, with which `import feishu-api` reads; never the bot's")
    ] = ""
    app_secret: Annotated[Secret, Meta(description="its app secret")] = NONE
    user_token: Annotated[
        Secret, Meta(description="in place of both: a user access token the subject lent, `u-…`")
    ] = NONE


class Dingtalk(Struct, frozen=True):
    client_id: Annotated[str, Meta(description="client id (AppKey)")] = ""
    client_secret: Annotated[Secret, Meta(description="client secret (AppSecret)")] = NONE
    robot_code: Annotated[str, Meta(description="the robot's code", extra={"default": "the client id"})] = ""
    mode: Annotated[Literal["stream", "http"], Meta(description="how events reach us")] = "stream"
    card_template: Annotated[str, Meta(description="id of the interactive card's template")] = ""
    api_url: Annotated[str, Meta(description="base of the new API", extra={"url": True})] = (
        "https://api.dingtalk.com"
    )
    oapi_url: Annotated[str, Meta(description="base of the old API", extra={"url": True})] = (
        "https://oapi.dingtalk.com"
    )


class DingtalkDocs(Struct, frozen=True):
    client_id: Annotated[
        str, Meta(description="client id of a second app, with which `import dingtalk-api` reads documents")
    ] = ""
    client_secret: Annotated[Secret, Meta(description="its client secret")] = NONE


class Llm(Struct, frozen=True):
    base_url: Annotated[
        str, Meta(description="an OpenAI-compatible endpoint; unset: no model is asked", extra={"url": True})
    ] = ""
    api_key: Annotated[Secret, Meta(description="its key; local servers need none")] = NONE
    model: Annotated[str, Meta(description="the model's name there")] = ""
    timeout: Annotated[int, Meta(ge=1, le=3600, description="seconds for one answer, second tries included")] = 120
    concurrency: Annotated[int, Meta(ge=1, le=64, description="how many are asked for at once")] = 4
    max_tokens_per_call: Annotated[
        int, Meta(ge=0, le=10**12, description="tokens one answer may take with its prompt; 0: no limit")
    ] = 0
    max_tokens_per_run: Annotated[
        int, Meta(ge=0, le=10**12, description="tokens between start and end of a process; 0: no limit")
    ] = 0
    max_tokens_per_day: Annotated[
        int, Meta(ge=0, le=10**12, description="tokens a day (UTC), all processes together; 0: no limit")
    ] = 5_000_000
    price_in: Annotated[float, Meta(ge=0, le=10**6, description="what a million tokens of input cost")] = 0.0
    price_out: Annotated[float, Meta(ge=0, le=10**6, description="what a million tokens of output cost")] = 0.0
    currency: Annotated[
        str, Meta(description="the currency of both, as it is to be shown", pattern=r"^[\w$¥€£ ]{0,12}\Z")
    ] = "USD"


class Embedding(Struct, frozen=True):
    """What passages and questions are compared by besides their words (bots/embedding)."""

    model: Annotated[
        str,
        Meta(description="`local` for the package on this machine, or the model's name at the endpoint"),
    ] = ""
    base_url: Annotated[
        str, Meta(description="an OpenAI-compatible endpoint for embeddings", extra={"url": True})
    ] = ""
    api_key: Annotated[Secret, Meta(description="its key; local servers need none")] = NONE
    dimensions: Annotated[
        int, Meta(ge=0, le=8192, description="numbers of a vector to ask for; 0: as many as the model has")
    ] = 0
    query_prefix: Annotated[
        str, Meta(description="what the model wants before a question, for e5: `query:`", max_length=400)
    ] = ""
    passage_prefix: Annotated[
        str, Meta(description="what it wants before a passage, for e5: `passage:`", max_length=400)
    ] = ""
    timeout: Annotated[int, Meta(ge=1, le=3600, description="seconds for one batch, second tries included")] = 60
    batch: Annotated[int, Meta(ge=1, le=2048, description="passages in one request to the endpoint")] = 32
    price: Annotated[float, Meta(ge=0, le=10**6, description="what a million tokens cost there")] = 0.0
    currency: Annotated[
        str, Meta(description="the currency, as it is to be shown", pattern=r"^[\w$¥€£ ]{0,12}\Z")
    ] = "USD"


class Mail(Struct, frozen=True):
    """How letters reach the Subject's private address; without a host none are sent (bots/letters)."""

    host: Annotated[
        str,
        Meta(description="the mail server that takes our letters; unset: none are sent", pattern=r"^[^\s/@]*\Z"),
    ] = ""
    port: Annotated[int, Meta(ge=1, le=65535, description="its port for submission (RFC 6409, RFC 8314)")] = 587
    tls: Annotated[
        Literal["starttls", "tls", "none"],
        Meta(description="`tls` from the first byte (mostly port 465), or none, which only a server near by may"),
    ] = "starttls"
    user: Annotated[str, Meta(description="whom to log in as; unset: without a login")] = ""
    password: Annotated[Secret, Meta(description="the password that goes with it")] = NONE
    sender: Annotated[str, Meta(description="the address letters come from")] = ""


class Answer(Struct, frozen=True):
    with_model: Annotated[
        bool,
        Meta(description="let the model put answers into words, where `llm` is set and the consent names it"),
    ] = True


class Rights(Struct, frozen=True):
    assess: Annotated[
        Literal["when asked", "always"],
        Meta(
            description="which personas need an impact assessment before they go live: those that somebody else "
            "asked for, that fall under the GDPR, send content abroad or are offered beyond the team; or all"
        ),
    ] = "when asked"
    organisation: Annotated[
        str,
        Meta(
            description="what licences call the organisation that runs this installation, as in `globex`: personas "
            "licensed to it, and to no other, run here",
            pattern=r"^([a-z0-9][a-z0-9.-]{0,62})?\Z",
        ),
    ] = ""


class Limits(Struct, frozen=True):
    asker_per_minute: Annotated[
        int, Meta(ge=0, le=10**6, description="questions one person may ask in a minute; 0: no limit")
    ] = 60
    asker_per_day: Annotated[int, Meta(ge=0, le=10**6, description="the same in a day; 0: no limit")] = 2_000
    persona_per_minute: Annotated[
        int, Meta(ge=0, le=10**6, description="questions one persona may be asked in a minute; 0: no limit")
    ] = 600
    persona_per_day: Annotated[int, Meta(ge=0, le=10**6, description="the same in a day; 0: no limit")] = 20_000


class Settings(Struct, frozen=True):
    """Everything at once. The field names are the sections and keys of the TOML file."""

    adapters: Annotated[
        tuple[str, ...],
        Meta(
            description=f"platforms to connect: {', '.join(ADAPTERS)}",
            extra={"default": "those whose credentials are set, else `local`"},
        ),
    ] = ()
    admins: Annotated[
        tuple[str, ...],
        Meta(description="who may retire, bind and configure personas: a list of `platform:user_id`"),
    ] = ()
    lang: Annotated[
        Literal["en", "zh-CN"],
        Meta(description="language of the command line, and where an asker's cannot be told"),
    ] = "en"
    data: Data = field(default_factory=Data)
    store: Store = field(default_factory=Store)
    web: Web = field(default_factory=Web)
    log: Log = field(default_factory=Log)
    slack: Slack = field(default_factory=Slack)
    feishu: Feishu = field(default_factory=Feishu)
    feishu_history: FeishuHistory = field(default_factory=FeishuHistory)
    dingtalk: Dingtalk = field(default_factory=Dingtalk)
    dingtalk_docs: DingtalkDocs = field(default_factory=DingtalkDocs)
    llm: Llm = field(default_factory=Llm)
    embedding: Embedding = field(default_factory=Embedding)
    answer: Answer = field(default_factory=Answer)
    limits: Limits = field(default_factory=Limits)
    rights: Rights = field(default_factory=Rights)
    mail: Mail = field(default_factory=Mail)


# ------------------------------------------------------------------ what there is to set


class Setting(Struct, frozen=True):
    """One setting, as declared above. `key` is `section.name` as in the file, `default` the words for it."""

    key: str
    kind: Any
    rule: Meta
    default: str

    @property
    def variable(self) -> str:
        return "UNDERSTUDY_" + self.key.replace(".", "_").upper()

    @property
    def meaning(self) -> str:
        return self.rule.description or ""

    @property
    def secret(self) -> bool:
        return self.kind is Secret


def describe() -> tuple[Setting, ...]:
    """Every setting there is, in the order of the declarations above."""
    return tuple(_settings(Settings))


def _settings(struct: type[Struct], prefix: str = "") -> Iterator[Setting]:
    hints = typing.get_type_hints(struct, include_extras=True)
    for each in msgspec.structs.fields(struct):
        hint = hints[each.name]
        if isinstance(hint, type):
            yield from _settings(hint, f"{each.name}.")
            continue
        kind, rule = typing.get_args(hint)
        words = (rule.extra or {}).get("default") or _shown(each.default)
        yield Setting(prefix + each.name, kind, rule, words)


def _shown(default: object) -> str:
    if default is NONE or default in ((), ""):
        return "not set"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"
