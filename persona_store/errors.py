"""What can go wrong on the remembering side.

StoreError
├── Conflict           a precondition of a Batch did not hold; read again and decide anew
├── StoreBroken        the file or server cannot be used; nothing was written
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
