"""How a call goes out: over connections that are kept, to nowhere but where it was sent, and with an end.

Takes the place of the `requests` module the SDK calls, which makes each connection anew, with a TLS handshake
(docs/benchmarks.md), and trusts what comes back: it carries app secret and token to wherever a redirect points,
lets a `.netrc` overrule the token, keeps cookies, and reads an answer however long it is and however slowly it
drips.
"""

from __future__ import annotations

import time
from http.cookiejar import DefaultCookiePolicy
from typing import Any

LARGEST = 16 * 1024 * 1024  # bytes of one answer; Feishu's own stay below one
PIECE = 64 * 1024


class TooMuch(ValueError):
    """An answer that does not end in time is a TimeoutError, one that does not end in size is this."""


class Session:
    """`requests` is the module; `at_once` are the connections kept to one host."""

    def __init__(self, requests: Any, at_once: int) -> None:
        self._session = requests.Session()
        self._session.auth = _as_it_is
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, requests.adapters.HTTPAdapter(pool_maxsize=at_once))

    def request(self, verb: str, url: str, *, timeout: float, **parts: Any) -> Any:
        """The answer, read to its end. Raises OSError or ValueError; `timeout` is for the answer's head and again
        for all of its body."""
        parts |= {"timeout": timeout, "stream": True, "allow_redirects": False}
        answer = self._session.request(verb, url, **parts)
        try:
            answer._content = _read(answer.raw, time.monotonic() + timeout)  # what `.content` gives
        except BaseException:
            answer.close()
            raise
        answer.raw.release_conn()
        return answer


def _as_it_is(ask: Any) -> Any:
    """The credentials are in the head already; given none, requests would look for some in a file."""
    return ask


def _read(raw: Any, until: float) -> bytes:
    """Each step takes what is there, so that the time is looked at however little comes."""
    body = bytearray()
    while True:
        try:
            piece = raw.read1(PIECE, decode_content=True)
        except (OSError, ValueError):
            raise
        except Exception as error:  # urllib3's own are neither
            raise ConnectionError(type(error).__name__) from error
        if not piece:
            return bytes(body)
        body += piece
        if len(body) > LARGEST:
            raise TooMuch(f"an answer of more than {LARGEST} bytes")
        if time.monotonic() > until:
            raise TimeoutError("an answer that does not end")
