"""What a secret looks like: typed rules over one text. Pure, linear, and cheap where there is nothing to find.

A rule runs only if one of its triggers (plain lower-case substrings) occurs. Forms are the issuers' own: GitHub
https://github.blog/engineering/behind-githubs-new-authentication-token-formats/, AWS
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html, Slack
https://docs.slack.dev/authentication/tokens/, JWT RFC 7519, PEM RFC 7468, Bearer RFC 6750.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator

from msgspec import Struct


class Span(Struct, frozen=True, order=True):
    start: int
    end: int
    kind: str


class Rule(Struct, frozen=True, eq=False):
    kind: str
    triggers: tuple[str, ...]
    pattern: re.Pattern[str]  # group `v`, where there is one, is the secret; else the whole match
    accept: Callable[[re.Match[str]], bool]


# ------------------------------------------------------------------ telling a value from a word

_WORDS = """
none null nil true false string str text varchar char bytes value undefined empty required optional hidden redacted
removed example changed wrong incorrect invalid missing protected expired reset base64 sha1 sha256 sha512 bcrypt
argon2 scrypt md5 utf8 utf-8 oauth2 oauth ldap keychain 1password bitwarden
"""
_NO_VALUE = frozenset(_WORDS.split())
_CODE_STARTS = (
    *("$", "{", "%", "<", "[", "(", "*", "/", "~/", "./"),
    *("os.", "env", "process.", "config", "settings", "self.", "this."),
)
_ODD = re.compile(r"[!@#$%^&*?+~]")
_LETTER = re.compile(r"[A-Za-z]")
_DIGIT = re.compile(r"[0-9]")


def _is_placeholder(value: str) -> bool:
    """`${PASSWORD}`, `<your-token>`, `xxxx`, `os.environ[…]`: where a secret would stand, and none does."""
    low = value.lower()
    if low in _NO_VALUE or low.startswith(_CODE_STARTS) or "(" in value or len(set(low)) < 3:
        return True
    names_one = "pass" in low or "your" in low  # `user.password`, `your-token`; but `Passw0rd` is one
    return names_one and (not _DIGIT.search(value) or ".pass" in low or "_pass" in low)


def _is_password(match: re.Match[str]) -> bool:
    value = match["v"].rstrip(".,;:!?)]}>")
    if len(value) < 4 or _is_placeholder(value):
        return False
    letters, digits = _LETTER.search(value), _DIGIT.search(value)
    if digits or _ODD.search(value):
        return bool(letters and len(value) >= 5) or value.isdigit()
    # A bare word is a password only where nothing else can stand: in quotes, in `KEY=word`, or as all that follows.
    if match["q"] and match["op"].strip() in ("", "=", ":", "："):
        return True
    return (match["op"] == "=" and len(value) >= 6) or _ends_there(match)


def _ends_there(match: re.Match[str]) -> bool:
    """`密码是 letmein` ends with the word; `password is wrong` does too, so English must not be read like that."""
    after = match.string[match.end() :].lstrip("\"'”』」 。！")
    return not match["key"].isascii() and after[:1] in ("", "\n", "，", ",")


def _entropy(value: str) -> float:
    """Shannon's, in bits per character: words stay below 3, random keys of 20 characters are near 4."""
    counts = Counter(value).values()
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts)


def _is_random(match: re.Match[str]) -> bool:
    value = match["v"]
    mixed = _LETTER.search(value) and _DIGIT.search(value)
    return bool(mixed) and not _is_placeholder(value) and _entropy(value) >= 3.0


def _is_credential(match: re.Match[str]) -> bool:
    return not _is_placeholder(match["v"].rpartition(":")[2])


# ------------------------------------------------------------------ the rules

_EDGE, _END = r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])"
_START = r"(?<![A-Za-z0-9_\-])"  # where a run of token characters begins: one try a run keeps long rules linear


def _always(match: re.Match[str]) -> bool:
    return True


def _rule(
    kind: str, triggers: str, pattern: str, accept: Callable[[re.Match[str]], bool] = _always, flags: int = 0
) -> Rule:
    return Rule(kind, tuple(triggers.split()), re.compile(pattern, flags), accept)


RULES = (
    _rule(
        "private key",
        "-----begin",
        r"-----BEGIN (?![A-Z0-9 ]{0,30}PUBLIC)[A-Z0-9 ]{0,40}KEY(?: BLOCK)?-----"
        r"(?s:.*?-----END [A-Z0-9 ]{0,40}KEY(?: BLOCK)?-----|.*)",
    ),
    _rule("access key", "akia asia", _EDGE + r"(?:AKIA|ASIA)[A-Z0-9]{16}" + _END),
    _rule("access key", "ltai akid", _EDGE + r"(?:LTAI[A-Za-z0-9]{12,30}|AKID[A-Za-z0-9]{13,40})" + _END),
    _rule("access token", "ghp_ gho_ ghu_ ghs_ ghr_", _EDGE + r"gh[pousr]_[A-Za-z0-9]{20,255}"),
    _rule("access token", "github_pat_", r"github_pat_[A-Za-z0-9_]{22,255}"),
    _rule(
        "access token",
        "glpat- npm_ hf_",
        _EDGE + r"(?:glpat-[\w\-]{20,80}|npm_[A-Za-z0-9]{36}|hf_[A-Za-z0-9]{30,60})",
    ),
    _rule("access token", "xox xapp-", _START + r"(?:xox[abceoprs](?:\.xox[abp])?|xapp)-[A-Za-z0-9\-]{10,250}"),
    _rule(
        "api key", "sk- sk_ rk_", _START + r"(?P<v>(?:sk-|[sr]k_(?:live|test)_)[A-Za-z0-9_\-]{16,250})", _is_random
    ),
    _rule("api key", "aiza ya29.", _START + r"(?:AIza[A-Za-z0-9_\-]{35}|ya29\.[A-Za-z0-9_\-]{20,250})"),
    _rule("api key", "sg.", _EDGE + r"SG\.[\w\-]{16,32}\.[\w\-]{32,64}"),
    _rule("access token", ":aa", _EDGE + r"[0-9]{8,10}:AA[A-Za-z0-9_\-]{32,35}" + _END),
    _rule(
        "access token",
        "eyj",
        _START + r"eyJ[A-Za-z0-9_\-]{8,4000}\.[A-Za-z0-9_\-]{8,8000}(?:\.[A-Za-z0-9_\-]{0,2000})?",
    ),
    _rule("access token", "bearer", r"\bbearer\s{1,4}(?P<v>[A-Za-z0-9\-._~+/]{16,2000}=*)", _is_random, re.I),
    _rule(
        "password", "basic", r"\bauthorization\s*[:=]\s*[\"']?basic\s{1,4}[A-Za-z0-9+/]{8,500}={0,2}", flags=re.I
    ),
    _rule(
        "webhook", "hooks.slack.com", r"hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9/_\-]{8,200}"
    ),
    _rule("webhook", "/bot/v2/hook/", r"/bot/v2/hook/[A-Za-z0-9\-]{8,80}"),
    _rule("webhook", "access_token=", r"\baccess_token=[A-Za-z0-9]{16,200}"),
    _rule("password", "://", r"://(?P<v>[^\s:/@<>]{0,64}:[^\s@/<>]{3,1000})@(?=[^\s@])", _is_credential),
    _rule("access key", "accountkey=", r"AccountKey=[A-Za-z0-9+/]{32,200}={0,2}", flags=re.I),
    _rule(
        "password",
        "passw passcode passphrase pwd",
        r"(?<![A-Za-z])(?P<key>password|passwd|passcode|passphrase|pwd)[\"'`*_]{0,3}"
        r"(?P<op>\s{1,3}(?:is now|is|was|->)\s{1,3}|\s{0,3}[:：]\s{0,3}|=|\s{1,3}=\s{1,3}|\s{1,3}(?=[\"'`]))"
        r"(?P<q>[\"'`]?)(?P<v>[^\s\"'`,;<>]{4,80})",
        _is_password,
        re.I,
    ),
    _rule(
        "password",
        "密码 口令 密碼",
        r"(?P<key>密码|口令|密碼)(?P<op>\s{0,3}(?:改成了|改成|改为|换成|就是|是|为|為|[:：=＝]|\s)\s{0,3})"
        r"(?P<q>[\"'`“「『]?)(?P<v>[!#-&(-+\--:=-_a-~]{4,80})",
        _is_password,
    ),
    _rule(
        "api key",
        "key secret token 密钥 秘钥 令牌 凭证",
        r"(?:(?:api|app|access|secret|private|client|auth|account|encrypt(?:ion)?)[_\- ]?)?"
        r"(?:key(?:[_\-]?(?:id|secret))?|secret|token|密钥|秘钥|令牌|凭证)[\"'`]?\s{0,3}(?:[:：=]|是|为|is)\s{0,3}"
        r"[\"'`]?(?P<v>[A-Za-z0-9_\-./+=]{12,200})",
        _is_random,
        re.I,
    ),
)

LONG = 60
"""Characters from which on a rule may have stopped at its bound, in the midst of the secret."""
_REST = re.compile(r"[^\s\"'`,;<>()\[\]{}，。；！？、（）「」“”]*")

_BY_TRIGGER = [(trigger, rule) for rule in RULES for trigger in rule.triggers]


def find(text: str) -> Iterator[Span]:
    """Where secrets stand in `text` as it is written; encodings and disguises are `redaction`'s business."""
    low = text.lower()
    for rule in dict.fromkeys([rule for trigger, rule in _BY_TRIGGER if trigger in low]):
        for match in rule.pattern.finditer(text):
            if rule.accept(match):
                start, end = match.span("v") if "v" in rule.pattern.groupindex else match.span()
                if end - start >= LONG:
                    end = _REST.match(text, end).end()  # type: ignore[union-attr]  # it matches nothing, too
                yield Span(start, end, rule.kind)
