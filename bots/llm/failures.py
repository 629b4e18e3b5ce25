"""What an endpoint's failure means for the caller. Pure; the sentences name the host and the setting, never a word
of what was sent or answered.

Meanings: OpenAI's and DeepSeek's pages of error codes (https://platform.openai.com/docs/guides/error-codes,
https://api-docs.deepseek.com/quick_start/error_codes) and RFC 9110, 15.5 and 15.6.
"""

from __future__ import annotations

from msgspec import Struct

from persona_store.errors import ModelError, ModelRefused, ModelUnavailable

RETRYABLE = frozenset({408, 409, 425, 429, *range(500, 600)})
FILTERED = ("content_filter", "sensitive")  # as a finish reason, and in errors
UNSUITED = frozenset({400, 422})  # the request itself is at fault: perhaps a parameter that is not known there


class Broken(Exception):
    """No answer came, or none that is one."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind  # unreachable | slow | cut_off | too_large | odd


class Status(Exception):
    """An answer that is an error. `said` and `code` are the endpoint's words in lower case: looked through, and
    never shown."""

    def __init__(self, status: int, code: str = "", said: str = "", retry_after: float | None = None) -> None:
        super().__init__(str(status))
        self.status = status
        self.code = code
        self.said = said
        self.retry_after = retry_after

    @property
    def unpaid(self) -> bool:
        """No later try will help: 402 at DeepSeek, a 429 of its own code at OpenAI, a 400 or 403 at DashScope."""
        words = ("insufficient_quota", "insufficient balance", "arrearage")
        return self.status == 402 or (self.status < 500 and any(word in self.said for word in words))

    @property
    def too_long(self) -> bool:
        words = ("context_length", "context length", "context window", "context size", "input length")
        return self.status == 413 or (self.status in UNSUITED and any(word in self.said for word in words))

    @property
    def filtered(self) -> bool:
        return any(word in self.said for word in (*FILTERED, "content_policy", "data_inspection_failed"))


class Where(Struct, frozen=True):
    """For the sentences."""

    host: str
    model: str
    section: str = "llm"  # of the settings

    @property
    def key(self) -> str:
        return f"UNDERSTUDY_{self.section.upper()}_API_KEY"


def of_connection(broken: Broken, where: Where) -> ModelError:
    host, section = where.host, where.section
    if broken.kind == "slow":
        return ModelUnavailable(
            "MODEL_SLOW",
            f"{host} did not answer in time",
            f"raise {section}.timeout, or ask a faster model",
            retryable=True,
        )
    if broken.kind == "too_large":
        return ModelUnavailable("MODEL_HUGE", f"{host} sent more than any answer holds", retryable=False)
    if broken.kind == "cut_off":
        return ModelUnavailable("MODEL_CUT_OFF", f"{host} broke off in the middle of an answer", retryable=True)
    if broken.kind == "odd":
        return ModelUnavailable(
            "MODEL_ODD",
            f"{host} answers with what is no answer",
            f"check {section}.base_url, often …/v1",
            retryable=True,
        )
    return ModelUnavailable(
        "MODEL_UNREACHABLE",
        f"{host} cannot be reached",
        f"check {section}.base_url and the network",
        retryable=True,
    )


def of_status(status: Status, where: Where) -> ModelError:
    number, host, model, section = status.status, where.host, where.model, where.section
    if status.unpaid:
        return ModelUnavailable("MODEL_UNPAID", f"{host} wants to be paid first ({number})", retryable=False)
    if status.too_long:
        return ModelRefused("MODEL_TOO_LONG", f"{model} cannot take so long a prompt", "send less at once")
    if status.filtered and number in (400, 403, 422, 451):
        return ModelRefused("MODEL_FILTERED", f"{host} filters this prompt ({number})")
    if number == 401 or (number == 403 and "model" not in status.code):
        return ModelUnavailable(
            "MODEL_KEY", f"{host} refuses the key ({number})", f"set {where.key} anew", retryable=False
        )
    if number in (403, 404) or (number in UNSUITED and "model" in status.code):
        what = (
            f"{host} has no model {model!r} for this key" if "model" in status.said else f"{host} has no such page"
        )
        return ModelUnavailable(
            "MODEL_UNKNOWN",
            f"{what} ({number})",
            f"check {section}.model and {section}.base_url, often …/v1",
            retryable=False,
        )
    if number in RETRYABLE:
        code = "MODEL_BUSY" if number in (429, 503, 529) else "MODEL_BROKEN"
        return ModelUnavailable(
            code, f"{host} is busy or broken ({number})", retryable=True, retry_after=status.retry_after
        )
    if 300 <= number < 400:
        return ModelUnavailable(
            "MODEL_MOVED",
            f"{host} sends elsewhere ({number}), and nothing is sent to who was not named",
            f"set {section}.base_url to the address it means",
            retryable=False,
        )
    return ModelRefused("MODEL_REQUEST", f"{host} does not take the request ({number})", f"check {section}.model")
