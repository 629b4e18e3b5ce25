"""What can go wrong with a platform, in the words of the caller who must decide what to do next.

AdapterError
├── Unauthorised      the credentials are wrong, revoked or lack a scope: a person must act
├── RateLimited       later: `retry_after` seconds
├── Unreachable       the network or the platform failed; `placed` tells whether the call may have had effect
├── NotFound          the chat, person or message does not exist (any more): retrying is useless
└── Rejected          the platform refuses this content or call: retrying is useless
"""

from __future__ import annotations


class AdapterError(Exception):
    """One line, without secrets: platform, what was refused, what to do."""

    code = ""  # the platform's own word for it, where it has one

    def __init__(self, platform: str, what: str) -> None:
        super().__init__(f"{platform}: {what}")
        self.platform = platform


class Unauthorised(AdapterError): ...


class RateLimited(AdapterError):
    def __init__(self, platform: str, what: str, retry_after: float) -> None:
        super().__init__(platform, what)
        self.retry_after = retry_after


class Unreachable(AdapterError):
    def __init__(self, platform: str, what: str, *, placed: bool = False) -> None:
        super().__init__(platform, what)
        self.placed = placed


class NotFound(AdapterError): ...


class Rejected(AdapterError): ...
