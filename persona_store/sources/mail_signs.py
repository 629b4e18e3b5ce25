"""Which mails nobody wrote to anybody, and to which list one went: told from the head alone."""

from __future__ import annotations

import re

from persona_store.sources.mail_headers import Headers, first, words

_AWAY = re.compile(
    r"\s*(?:automatic reply|auto(?:matic)?[- ]?(?:reply|response)|out of (?:the )?office|abwesenheitsnotiz|"
    r"réponse automatique|respuesta automática|自动回复|自動回覆|自动答复|不在办公室)\s*[:：(（-]",
    re.I,
)
_MACHINES = re.compile(r"(?:mailer-daemon|postmaster|mail-daemon)@", re.I)
_LABELS = {"draft": "draft", "drafts": "draft", "草稿": "draft", "spam": "spam", "junk": "spam", "垃圾邮件": "spam"}
_LABELS |= {"trash": "deleted", "已删除邮件": "deleted", "bin": "deleted"}


def unsaid(headers: Headers, *, own: bool) -> str:
    """Why nobody said this, or "". `own`: it is the subject's, whose letters to many are letters all the same."""
    for label in words(",".join(headers.get("x-gmail-labels", ()))).lower().split(","):
        if reason := _LABELS.get(label.strip().strip('"')):
            return reason
    if _is_thrown_away(headers):
        return "deleted"
    if first(headers, "x-mozilla-draft-info") and "received" not in headers and not first(headers, "message-id"):
        return "draft"
    kind = first(headers, "content-type").lower()
    sender = first(headers, "from") + first(headers, "return-path")
    if kind.startswith("multipart/report") or "x-failed-recipients" in headers or _MACHINES.search(sender):
        return "bounce"
    submitted = first(headers, "auto-submitted").strip().lower()
    precedence = first(headers, "precedence").strip().lower()
    if submitted.startswith("auto-replied") or precedence == "auto_reply" or "x-autoreply" in headers:
        return "auto_reply"
    if "x-autorespond" in headers or "x-vacation" in headers or _AWAY.match(words(first(headers, "subject"))):
        return "auto_reply"
    if submitted and not submitted.startswith("no"):
        return "bot"
    return "" if own or not _is_newsletter(headers, precedence) else "newsletter"


def _is_thrown_away(headers: Headers) -> bool:
    """Thunderbird marks what was deleted and still lies in the mbox (bit 3)."""
    status = first(headers, "x-mozilla-status").strip()
    return bool(re.fullmatch(r"[0-9A-Fa-f]{4}", status)) and bool(int(status, 16) & 0x8)


def _is_newsletter(headers: Headers, precedence: str) -> bool:
    """Sent to many by one, where nobody answers: a list that cannot be posted to, or no list at all."""
    post = first(headers, "list-post").strip().lower()
    if post.startswith("no"):
        return True
    if "list-unsubscribe-post" in headers and not post:
        return True
    return not post and not list_of(headers) and ("list-unsubscribe" in headers or precedence in ("bulk", "junk"))


def is_forged(headers: Headers) -> bool:
    """Whether the server that took the mail in found that it is not from where it says (RFC 8601). Its own finding
    is the topmost one; what it does not mention is not known."""
    found = first(headers, "authentication-results").lower()
    return re.search(r"\bdmarc\s{0,3}=\s{0,3}fail\b", found) is not None


_LIST = re.compile(r"<([^<>\s]{1,250})>")


def list_of(headers: Headers) -> str:
    """The List-Id (RFC 2919) without its description, folded. "" for a mail to people."""
    value = first(headers, "list-id").strip()
    found = _LIST.search(value)
    return (found[1] if found else value.partition(" ")[0]).lower()[:250]


DELIVERED = ("received", "delivered-to", "return-path", "x-gmail-labels", "x-mozilla-status", "x-original-to")


def is_delivered(headers: Headers) -> bool:
    """Whether it lay in somebody's mailbox, rather than in the archive of a list."""
    return any(name in headers for name in DELIVERED)
