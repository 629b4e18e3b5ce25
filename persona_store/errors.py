"""What can go wrong on the remembering side.

StoreError
├── Conflict           a precondition of a Batch did not hold; read again and decide anew
├── StoreBroken        the file or server cannot be used; nothing was written
├── ModelError         a language model did not do what was asked: `code`, what, and the way out
│   ├── ModelUnavailable   nothing will be answered now; `retryable`: later it may be
│   ├── ModelRefused       this prompt will not be answered; another one may be
│   ├── ModelMalformed     it was answered, but not in the form that was asked for
│   └── BudgetSpent        answering would cost more than the operator allowed; nothing was sent
└── Refused            bad input or a rule said no: `code`, what, and the way out; one line for a person
"""

from __future__ import annotations


class StoreError(Exception): ...


class Conflict(StoreError): ...


class StoreBroken(StoreError): ...


class Refused(StoreError):
    """`error[CODE]: what · way out`. Never carries message content or secrets."""

    def __init__(self, code: str, what: str, fix: str = "") -> None:
        super().__init__(f"error[{code}]: {what}" + (f" · {fix}" if fix else ""))
        self.code = code
        self.what = what
        self.fix = fix


class ModelError(StoreError):
    """One line as Refused's, and as safe: neither what was sent, nor what came back, nor the key."""

    def __init__(self, code: str, what: str, fix: str = "") -> None:
        super().__init__(f"error[{code}]: {what}" + (f" · {fix}" if fix else ""))
        self.code = code
        self.what = what
        self.fix = fix


class ModelUnavailable(ModelError):
    """`retryable`: the same call may succeed later, after `retry_after` seconds if the endpoint said so."""

    def __init__(
        self, code: str, what: str, fix: str = "", *, retryable: bool, retry_after: float | None = None
    ) -> None:
        super().__init__(code, what, fix)
        self.retryable = retryable
        self.retry_after = retry_after


class ModelRefused(ModelError): ...


class ModelMalformed(ModelError): ...


class BudgetSpent(ModelError): ...
