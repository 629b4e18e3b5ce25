"""What adapters/feishu would be without the SDK's calls: the least that asks for the long connection's address and
reads something, with aiohttp. For comparison only.
"""

from __future__ import annotations

from typing import Any

import aiohttp

from adapters.errors import Unreachable

Json = dict[str, Any]


class ThinCalls:
    """Calls with a token that is fetched once. `limit` is in seconds, for one call."""

    def __init__(self, app_id: str, secret: str, domain: str, *, limit: float) -> None:
        self._app_id = app_id
        self._secret = secret
        self._domain = domain
        self._limit = aiohttp.ClientTimeout(total=limit)
        self._http: aiohttp.ClientSession | None = None
        self._token = ""

    async def endpoint(self) -> str:
        """The address of the long connection."""
        answer = await self._ask(
            "POST", "/callback/ws/endpoint", {"AppID": self._app_id, "AppSecret": self._secret}
        )
        return str(answer["data"]["URL"])

    async def read(self, path: str) -> Json:
        if not self._token:
            body = {"app_id": self._app_id, "app_secret": self._secret}
            answer = await self._ask("POST", "/open-apis/auth/v3/tenant_access_token/internal", body)
            self._token = answer["tenant_access_token"]
        return await self._ask("GET", "/open-apis/" + path, None, Authorization=f"Bearer {self._token}")

    async def _ask(self, verb: str, path: str, body: Json | None, **headers: str) -> Json:
        """AssertionError for anything but code 0."""
        self._http = self._http or aiohttp.ClientSession(timeout=self._limit)
        try:
            async with self._http.request(verb, self._domain + path, json=body, headers=headers) as answer:
                found: Json = await answer.json()
        except (OSError, TimeoutError, aiohttp.ClientError) as error:
            raise Unreachable("feishu", type(error).__name__) from None
        assert found["code"] == 0
        return found
