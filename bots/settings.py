"""Reads what an operator set, from one TOML file and the environment; the only reader of `os.environ`.

A setting `key` of `[section]` is the variable `UNDERSTUDY_SECTION_KEY`, which wins over the file; a variable that
is set to nothing counts as not set. Whatever cannot be used is one line that names the file or variable, and
never a secret.
"""

from __future__ import annotations

import difflib
import os
import re
import sys
import tomllib
import typing
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from adapters import ADAPTERS
from adapters.secret import Secret
from bots.embedding.usable import require_usable
from bots.letters.addresses import mailable
from bots.llm.addresses import is_private, require_safe
from bots.options import Data, Mail, Setting, Settings, Store, describe
from persona_store.errors import Refused

__all__ = ["Settings", "load", "require_credentials"]

FILE = "understudy.toml"


def load(
    config: Path | None = None, *, environ: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Settings:
    """The settings of this process. Raises Refused with one line that names the file or variable at fault and
    never a secret. `environ` and `cwd` are the process's own unless a test says otherwise."""
    environ = os.environ if environ is None else environ
    cwd = Path.cwd() if cwd is None else cwd
    path = _config_path(config, environ, cwd)
    table = _table(path) if path else {}
    _refuse_unknown(table, path, environ)
    found: dict[str, Any] = {}
    for setting in describe():
        if text := environ.get(setting.variable, "").strip():
            found[setting.key] = _value(setting, text, setting.variable, cwd)
        elif (raw := table.get(setting.key)) is not None and path:
            found[setting.key] = _value(setting, raw, f"{path}: {setting.key}", path.parent)
    return _settled(_filled(found), environ)


def require_credentials(settings: Settings) -> None:
    """Refuse to start when a platform that is to be connected lacks what its mode needs. Apart from `load`, so
    that commands which connect to nothing work without tokens."""
    for name in settings.adapters:
        section = getattr(settings, name, None)
        for key in CREDENTIALS.get((name, getattr(section, "mode", "")), ()):
            if not getattr(section, key):
                raise Refused(
                    "SETTINGS",
                    f"adapter {name!r} in mode {section.mode!r} needs {name}.{key}",  # type: ignore[union-attr]  # keyed by sections
                    f"set UNDERSTUDY_{name.upper()}_{key.upper()} (docs/settings.md)",
                )
    if settings.llm.base_url and not settings.llm.model:
        raise Refused("SETTINGS", "llm.base_url is set but llm.model is not", "set UNDERSTUDY_LLM_MODEL")
    if settings.llm.base_url:
        require_safe(settings.llm.base_url)
    require_usable(settings.embedding)
    require_mail(settings.mail)


def require_mail(mail: Mail) -> None:
    """Raises Refused where letters could not be sent, or could be read on the way: what they hold is somebody's
    own, so a connection in clear is for a server near by (RFC 8314 §3)."""
    if not mail.host:
        return
    if not mailable(mail.sender):
        raise Refused("SETTINGS", "mail.host is set, and mail.sender is no address", "set UNDERSTUDY_MAIL_SENDER")
    if find_spec("aiosmtplib") is None:
        raise Refused(
            "SETTINGS", "mail.host is set, and the mail library is missing", "pip install 'understudy[mail]'"
        )
    if bool(mail.user) != bool(mail.password):
        raise Refused("SETTINGS", "mail.user and mail.password go together", "set both, or neither")
    if mail.tls == "none" and not is_private(f"http://{mail.host}"):
        what = f"letters would go to {mail.host!r} in clear, where others can read along"
        raise Refused("SETTINGS", what, "set UNDERSTUDY_MAIL_TLS to starttls or tls")


CREDENTIALS = {
    ("slack", "socket"): ("bot_token", "app_token"),
    ("slack", "http"): ("bot_token", "signing_secret"),
    ("feishu", "ws"): ("app_id", "app_secret"),
    ("feishu", "http"): ("app_id", "app_secret", "encrypt_key", "verification_token"),
    ("dingtalk", "stream"): ("client_id", "client_secret"),
    ("dingtalk", "http"): ("client_id", "client_secret"),
}
"""What each platform needs in each mode."""


def _filled(found: dict[str, Any]) -> Settings:
    top = {key: value for key, value in found.items() if "." not in key}
    for key, value in found.items():
        section, _, name = key.rpartition(".")
        if section:
            top.setdefault(section, {})[name] = value
    sections = {name: kind for name, kind in typing.get_type_hints(Settings).items() if name in top}
    return Settings(
        **{name: sections[name](**value) if isinstance(value, dict) else value for name, value in top.items()}
    )


def _settled(settings: Settings, environ: Mapping[str, str]) -> Settings:
    """Put in the defaults that depend on other settings or on the machine."""
    change = msgspec.structs.replace
    data, store, web = settings.data, settings.store, settings.web
    if data.dir == Path():
        data = Data(dir=_user_dir(environ, "data"))
    if not store.url:
        store = Store(url=f"sqlite://{data.dir / 'understudy.db'}")
    if not web.link_base:
        host = f"[{web.host}]" if ":" in web.host else web.host
        web = change(web, link_base=f"http://{host}:{web.port}")
    settings = change(settings, data=data, store=store, web=web)
    named = settings.adapters or tuple(name for name in ADAPTERS if _has_credentials(settings, name)) or ("local",)
    return change(settings, adapters=tuple(dict.fromkeys(named)))


def _has_credentials(settings: Settings, name: str) -> bool:
    section = getattr(settings, name, None)
    return any(getattr(section, key) for key in CREDENTIALS.get((name, getattr(section, "mode", "")), ()))


# ------------------------------------------------------------------ the file


def _config_path(config: Path | None, environ: Mapping[str, str], cwd: Path) -> Path | None:
    if config is not None:
        if not (cwd / config).is_file():
            raise Refused("SETTINGS", f"no configuration file {str(config)!r}", "check --config")
        return cwd / config
    return next((path for path in (cwd / FILE, _user_dir(environ, "config") / FILE) if path.is_file()), None)


def _table(path: Path) -> dict[str, Any]:
    """The file's values by `section.key`; `utf-8-sig` because Windows' Notepad writes a byte order mark."""
    try:
        tree = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise Refused("SETTINGS", f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Refused("SETTINGS", f"{path} is not UTF-8", "save it again as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"\(at .*\)", str(error))  # the rest of the parser's words may quote the line
        raise Refused("SETTINGS", f"{path} is not valid TOML {where[0] if where else ''}".rstrip()) from None
    flat: dict[str, Any] = {}
    for name, value in tree.items():
        inner = value if isinstance(value, dict) else {"": value}
        flat |= {f"{name}.{key}".rstrip("."): each for key, each in inner.items()}
    return flat


def _refuse_unknown(table: Mapping[str, Any], path: Path | None, environ: Mapping[str, str]) -> None:
    known = {setting.key: setting.variable for setting in describe()}
    for key in table:
        if key not in known:
            raise Refused("SETTINGS", f"{path}: unknown setting {key!r}", _nearest(key, known))
    for name in environ:
        if name.startswith("UNDERSTUDY_") and name not in known.values() and not KUBERNETES.match(name):
            raise Refused("SETTINGS", f"unknown variable {name!r}", _nearest(name, known.values()))


KUBERNETES = re.compile(r"UNDERSTUDY_(SERVICE_|PORT$|PORT_\d)")
"""What Kubernetes sets in every pod beside a Service called `understudy`
(https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables): not ours, not a typo."""


def _nearest(name: str, known: typing.Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"did you mean {near[0]!r}?" if near else "docs/settings.md lists them all"


def _user_dir(environ: Mapping[str, str], kind: Literal["data", "config"]) -> Path:
    """Where the platform wants a user's data or configuration to be."""
    home = Path(environ.get("HOME") or Path.home())
    if sys.platform == "darwin":
        base = home / "Library" / "Application Support"
    elif sys.platform == "win32":
        base = Path(environ.get("LOCALAPPDATA" if kind == "data" else "APPDATA") or home)
    elif kind == "data":
        base = Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    else:
        base = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    return base / "understudy"


# ------------------------------------------------------------------ one value


def _value(setting: Setting, raw: Any, origin: str, base: Path) -> Any:
    """`raw` as the setting's kind wants it; `origin` names the variable or the file's key in errors."""
    if setting.secret:
        return _secret(raw, origin)
    if setting.kind == tuple[str, ...]:
        return _names(setting, raw, origin)
    if setting.kind is Path:
        if not isinstance(raw, str) or "\0" in raw:
            raise Refused("SETTINGS", f"{origin} is not a path", setting.meaning)
        return base / Path(raw).expanduser()
    try:
        value = msgspec.convert(raw, Annotated[setting.kind, setting.rule], strict=not isinstance(raw, str))
    except msgspec.ValidationError:
        raise Refused("SETTINGS", f"{origin} cannot be {str(raw)[:60]!r}", _wanted(setting)) from None
    if (setting.rule.extra or {}).get("url") and not re.match(r"https?://[^/\s@]+(/\S*)?$", value):
        raise Refused("SETTINGS", f"{origin} is not a web address", "it starts with https:// or http://")
    return value.rstrip("/") if setting.key == "web.link_base" else value


def _wanted(setting: Setting) -> str:
    if typing.get_origin(setting.kind) is Literal:
        return "choose " + ", ".join(typing.get_args(setting.kind))
    if setting.kind is int:
        return f"a whole number from {setting.rule.ge} to {setting.rule.le}"
    if setting.kind is float:
        return f"a number from {setting.rule.ge} to {setting.rule.le}"
    return "choose true or false" if setting.kind is bool else "write it as text, in quotes"


PLACEHOLDER = re.compile(
    r"(xox[a-z]-|xapp-)?"
    r"(change[-_ ]?(me|it|this)|your(\b|[-_])|<|x{3,}|\.{3}|…|todo|placeholder|example|secret$|password$)",
    re.IGNORECASE,
)
"""What people leave in a copied example; a bot that starts with one only fails later and less clearly."""


def _secret(raw: Any, origin: str) -> Secret:
    """Never repeats the value: not even a wrong secret belongs on a screen."""
    if not isinstance(raw, str):
        raise Refused("SETTINGS", f"{origin} is not text", "write it in quotes")
    value = raw.strip()
    if PLACEHOLDER.match(value):
        raise Refused("SETTINGS", f"{origin} is a placeholder, not a secret", "put in the real one")
    if not value.isascii() or not value.isprintable() or " " in value:
        raise Refused("SETTINGS", f"{origin} holds a space or a character no secret has", "copy it again")
    return Secret(value)


def _names(setting: Setting, raw: Any, origin: str) -> tuple[str, ...]:
    parts = raw.split(",") if isinstance(raw, str) else raw
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise Refused("SETTINGS", f"{origin} is not a list of names", "separate them by commas")
    names = tuple(part.strip() for part in parts if part.strip())
    for name in names:
        if setting.key == "adapters" and name not in ADAPTERS:
            raise Refused("SETTINGS", f"{origin}: unknown adapter {name!r}", f"choose from {', '.join(ADAPTERS)}")
        if setting.key == "admins" and not re.fullmatch(r"[a-z]+:\S+", name):
            raise Refused("SETTINGS", f"{origin}: {name!r} is not platform:user_id", "for example slack:U0123")
    return names


# ------------------------------------------------------------------ before there are settings


def config_dir() -> Path:
    """The user's own configuration: where the subject's signing keys lie, apart from the installation's data."""
    return _user_dir(os.environ, "config")


def language_of_environment(known: tuple[str, ...]) -> str:
    """The language the help speaks: UNDERSTUDY_LANG, else the locale of the terminal, else the first known."""
    for variable in ("UNDERSTUDY_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(variable, "").replace("_", "-").lower():
            return next((lang for lang in known if value[:2] == lang[:2]), known[0])
    return known[0]
