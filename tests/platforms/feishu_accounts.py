"""The local accounts.feishu.cn: the device flow that makes an app (lark_oapi.scene.registration speaks it).

What the real page does behind the scanned address is not public; here `verdict` plays the person who scanned it
(pending, confirmed, denied, expired, switching), and `asked` is what the address carried: name, scopes, events.
"""

from __future__ import annotations

import base64
import gzip
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import web

from tests.platforms.base import PlatformServer


class FeishuAccounts(PlatformServer):
    """`brand`: the tenant turns out to be Feishu's or Lark's."""

    def __init__(self, *, brand: str = "feishu", clock: Callable[[], float] = time.time) -> None:
        super().__init__(clock=clock)
        self.brand = brand
        self.verdict = "pending"
        self.app_id, self.app_secret, self.scanned_by = "cli_a1b2c3", "made-up-secret-of-a-new-app", "ou_admin"
        self.polls = 0

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/oauth/v1/app/registration", self._answer)]

    async def _answer(self, request: web.Request) -> web.Response:
        form = await request.post()
        match form["action"]:
            case "init":
                return web.json_response({"supported_auth_methods": ["client_secret"]})
            case "begin":
                page = f"{self.url}/page/launcher?user_code=ABCD-EFGH"
                begun = {"device_code": "d1", "verification_uri_complete": page, "interval": 0, "expires_in": 600}
                return web.json_response(begun)
            case _:
                self.polls += 1
                return web.json_response(self._poll())

    def _poll(self) -> dict[str, Any]:
        if self.verdict == "confirmed":
            person = {"open_id": self.scanned_by, "tenant_brand": self.brand}
            return {"client_id": self.app_id, "client_secret": self.app_secret, "user_info": person}
        if self.verdict == "switching":  # somebody of a Lark tenant scanned: the flow goes on at Lark's address
            self.verdict = "confirmed"
            return {"error": "authorization_pending", "user_info": {"tenant_brand": self.brand}}
        return {"error": {"denied": "access_denied", "expired": "expired_token"}.get(self.verdict, self.verdict)}


def asked(address: str) -> dict[str, Any]:
    """What somebody who scans the address is asked to confirm."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    packed = query["addons"] + "=" * (-len(query["addons"]) % 4)
    return {**query, "addons": json.loads(gzip.decompress(base64.urlsafe_b64decode(packed)))}
