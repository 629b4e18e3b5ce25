"""What the rooms of this adapter need from the platform's API. `client.py` keeps it with the SDK; a call that is
not answered with code 0 raises an error of adapters/errors.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

Json = dict[str, Any]


class Calls(Protocol):
    """`path` is below `/open-apis/`; `:name` in it is filled from `paths`. Answers are whole: most carry `data`."""

    async def read(self, path: str, *, paths: Mapping[str, str] | None = None, **query: Any) -> Json: ...

    async def write(
        self,
        verb: str,
        path: str,
        body: Json,
        *,
        paths: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Json: ...
