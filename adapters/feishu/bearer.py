"""The token that calls carry: asked for once however many want it, kept until shortly before its end, and thrown
away when Feishu calls it worthless."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from adapters.errors import AdapterError

EARLY = 300.0  # seconds before its end at which a token is not used any more

Ask = Callable[[], tuple[str, float]]  # a token and the seconds it is good for; raises an AdapterError


class Bearer:
    """For the threads of one client."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._asking = threading.Lock()  # one asks, the others wait
        self._token, self._good_until = "", 0.0
        self._refusals = 0
        self._refusal: AdapterError | None = None

    def token(self) -> str:
        """Whoever waited while another asked in vain gets that answer too: each asking again in turn, the last of
        sixteen would hear after sixteen time limits that Feishu hangs."""
        before = self._refusals
        with self._asking:
            if self._token and time.monotonic() < self._good_until:
                return self._token
            if self._refusal is not None and self._refusals != before:
                raise self._refusal
            try:
                self._token, lasts = self._ask()
            except AdapterError as error:
                self._refusals += 1
                self._refusal = error
                raise
            self._good_until = time.monotonic() + max(lasts - EARLY, lasts / 2)
            return self._token

    def forget(self, token: str) -> None:
        """This one is worthless; one that was fetched meanwhile is not."""
        with self._asking:
            if self._token == token:
                self._token = ""
