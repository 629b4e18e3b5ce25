"""The only file that knows Feishu's SDK: calls to the open platform, and the long connection events come in by.

Plain dicts and our own errors come out of it. lark-oapi is used unmodified, with these things arranged around its
habits (platforms.md §1):

* Its calls block, and the async ones block while they fetch a token. So the sync ones run in a few threads. Its
  token cache is shared by the whole process and keeps a token that was revoked; ours belongs to one client and is
  emptied.
* Its long connection blocks, asks for its address without a time limit, runs handlers inline, answers 500 to
  every type nobody registered, and ends for good without a word. So it lives in a thread and loop of its own, is
  given its address, hands every frame to one door and waits there without holding up the next, and is watched: a
  silent link is thrown away and built anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import http
import logging
import re
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import lark_oapi.ws.client as sdk  # type: ignore[import-untyped]  # the SDK comes without types
from lark_oapi.core.enum import AccessTokenType, HttpMethod, LogLevel  # type: ignore[import-untyped]  # as above
from lark_oapi.core.http import Transport, transport  # type: ignore[import-untyped]  # as above
from lark_oapi.core.model import BaseRequest, Config, RawResponse, RequestOption  # type: ignore[import-untyped]  # as above
from lark_oapi.ws.exception import ClientException  # type: ignore[import-untyped]  # as above

from adapters.errors import AdapterError, Rejected, Unauthorised, Unreachable
from adapters.feishu import answers, wire
from adapters.feishu.bearer import Bearer
from adapters.feishu.failures import PLATFORM, STALE_TOKEN
from adapters.feishu.frames import acknowledgement
from adapters.feishu.link import Connection, Take
from adapters.feishu.parts import Parts
from adapters.feishu.session import Session
from adapters.secret import Secret

Json = dict[str, Any]

AT_ONCE = 16  # calls in flight
CONNECT_WITHIN = 10.0
_STALE = frozenset(str(code) for code in STALE_TOKEN)
LAST_WORDS = 1.0  # seconds a stop waits for acks on their way, and for the close frame
_SECRETS = re.compile(r"((?:access_key|ticket|app_?secret|tenant_access_token|bearer)\W{1,6})[^\s&\"'}]+", re.I)

log = logging.getLogger("adapters.feishu")


class _Discreet(logging.Filter):
    """The SDK logs addresses with tickets in them, and errors that quote what was said."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = _SECRETS.sub(r"\1***", record.getMessage()), None
        record.exc_info = record.exc_text = None
        return True


def _quieten() -> None:
    """At WARNING (below that the SDK prints tickets and whole messages), and not to stdout by a handler of its
    own."""
    logger = logging.getLogger("Lark")
    logger.setLevel(logging.WARNING)
    logger.handlers.clear()
    if not logger.filters:
        logger.addFilter(_Discreet())
    logging.getLogger("websockets.client").setLevel(logging.WARNING)  # below, it prints addresses with tickets


class _RunningLoop:
    """In place of the loop the SDK remembers from its import: whichever runs. So links live side by side."""

    def create_task(self, work: Any) -> asyncio.Task[Any]:
        return asyncio.get_running_loop().create_task(work)


_quieten()
transport.requests = Session(transport.requests, AT_ONCE)


class Api:
    """The open platform's calls. Nothing is repeated by itself but a call whose token had become worthless."""

    def __init__(self, app_id: str, secret: Secret, domain: str, *, timeout: float) -> None:
        self._app_id = app_id
        self._secret = secret
        self._config = Config()
        self._config.domain = domain.rstrip("/")
        self._config.timeout = timeout
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="feishu-call")
        self._bearer = Bearer(self._token)

    async def read(self, path: str, *, paths: Mapping[str, str] | None = None, **query: Any) -> Json:
        given = {name: str(value) for name, value in query.items()}
        return (await self.call("GET", path, paths=paths, query=given))[0]

    async def write(
        self,
        verb: str,
        path: str,
        body: Json,
        *,
        paths: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Json:
        return (await self.call(verb, path, paths=paths, query=query, body=body))[0]

    async def call(self, verb: str, path: str, **parts: Any) -> tuple[Json, Mapping[str, str]]:
        """The answer with its headers: the platform's time is only there."""
        return await self._aside(lambda: self._call(verb, path, **parts))

    async def endpoint(self) -> str:
        """The address of the long connection, good for once. The SDK would ask for it without a time limit."""
        body = {"AppID": self._app_id, "AppSecret": self._secret.reveal()}
        ask = self._request("POST", "/callback/ws/endpoint", body=body)
        try:
            answer, _ = await self._aside(lambda: self._ask("ws endpoint", ask, placed=False))
        except Rejected as error:  # like the SDK: whatever else it says, it does not want us
            raise Unauthorised(PLATFORM, f"ws endpoint was answered {error.code}: the app is refused") from None
        url = str((answer.get("data") or {}).get("URL") or "")
        if not url.startswith("wss://" if self._config.domain.startswith("https://") else ("wss://", "ws://")):
            raise Unreachable(PLATFORM, "ws endpoint gave no address, or one without encryption")
        return url

    async def close(self) -> None:
        await asyncio.to_thread(self._pool.shutdown, wait=True, cancel_futures=True)

    async def _aside(self, call: Callable[[], tuple[Json, Mapping[str, str]]]) -> tuple[Json, Mapping[str, str]]:
        try:
            waiting = asyncio.get_running_loop().run_in_executor(self._pool, call)
        except RuntimeError:  # the pool takes no more
            raise Unreachable(PLATFORM, "the adapter is closed") from None
        return await waiting

    def _call(self, verb: str, path: str, **parts: Any) -> tuple[Json, Mapping[str, str]]:
        what = f"{verb} {path}"
        for last in (False, True):
            token = self._bearer.token()
            ask = self._request(verb, "/open-apis/" + path, **parts)
            ask.token_types = {AccessTokenType.TENANT}
            try:
                return self._ask(what, ask, token=token, placed=verb != "GET")
            except AdapterError as error:
                if last or error.code not in _STALE:
                    raise
                self._bearer.forget(token)
        raise AssertionError("the second attempt returns or raises")

    def _token(self) -> tuple[str, float]:
        body = {"app_id": self._app_id, "app_secret": self._secret.reveal()}
        ask = self._request("POST", "/open-apis/auth/v3/tenant_access_token/internal", body=body)
        answer, _ = self._ask("tenant_access_token", ask, placed=False)
        token, lasts = answer.get("tenant_access_token"), answer.get("expire")
        if not isinstance(token, str) or not token or not isinstance(lasts, int | float):
            raise Unreachable(PLATFORM, "tenant_access_token was answered without one")
        return token, float(lasts)

    def _request(
        self,
        verb: str,
        uri: str,
        *,
        paths: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        body: Json | None = None,
    ) -> Any:
        ask = BaseRequest()
        ask.http_method, ask.uri, ask.paths = HttpMethod[verb], uri, dict(paths or {})
        ask.queries = [(name, value) for name, value in (query or {}).items() if value != ""]
        if body is not None:
            ask.body = body
            ask.headers["Content-Type"] = "application/json; charset=utf-8"
        return ask

    def _ask(self, what: str, ask: Any, *, placed: bool, token: str = "") -> tuple[Json, Mapping[str, str]]:
        """One HTTP request. `placed`: whether it may have had effect when it is cut off."""
        option = RequestOption()
        option.tenant_access_token = token
        try:
            raw: RawResponse = Transport.execute(self._config, ask, option)
        except (OSError, ValueError) as error:
            raise answers.broken(what, error, placed=placed) from None
        status, headers = int(raw.status_code or 0), dict(raw.headers or {})
        return answers.read(what, status, headers, raw.content or b"", placed=placed), headers


class _Client(sdk.Client):  # type: ignore[misc]  # the SDK has no types
    """The SDK's client for one connection: it is given its address, and its frames go to `take`."""

    def __init__(self, endpoint: str, take: Take) -> None:
        super().__init__("-", "-", log_level=LogLevel.WARNING, auto_reconnect=False)
        self._endpoint = endpoint
        self._take = take
        self.ended = asyncio.Event()
        self.heard = time.monotonic()
        self._parts = Parts()
        self._answering = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._receiving: asyncio.Task[Any] | None = None

    def _get_conn_url(self) -> str:
        return self._endpoint

    async def _receive_message_loop(self) -> None:
        self._receiving = asyncio.current_task()
        try:
            await super()._receive_message_loop()
        except Exception as error:
            log.debug("feishu: the link ended (%s)", type(error).__name__)
        finally:
            self.ended.set()

    async def _handle_message(self, msg: bytes) -> None:
        self.heard = time.monotonic()
        await super()._handle_message(msg)

    async def _handle_data_frame(self, frame: Any) -> None:
        """Every event and callback, whatever its type, is answered. The SDK would drop frames of type `card`
        without a word."""
        begun = time.monotonic()
        given = {header.key: header.value for header in frame.headers}
        id, total, number = (given.get(name, "") for name in ("message_id", "sum", "seq"))
        payload = self._parts.whole(id, total, number, frame.payload, begun)
        if payload is None:
            return
        self._answering += 1
        self._idle.clear()
        try:
            kept, answer = await self._handed_over(payload)
            took = frame.headers.add()
            took.key, took.value = "biz_rt", str(int((time.monotonic() - begun) * 1000))
            frame.payload = acknowledgement(kept, answer)
            await self._write_message(frame.SerializeToString())
        finally:
            self._answering -= 1
            if not self._answering:
                self._idle.set()

    async def _handed_over(self, payload: bytes) -> tuple[bool, Json | None]:
        event = wire.read(payload)
        if event is None:
            log.error("feishu: a frame that is not an object was acknowledged and dropped")
            return True, None
        return await self._take(event)

    async def beat(self) -> None:
        ping = sdk._new_ping_frame(int(self._service_id or 0))
        await self._write_message(ping.SerializeToString())

    async def shut(self) -> None:
        """The acks that are on their way, the close frame, and every task the SDK began."""
        with contextlib.suppress(Exception):
            async with asyncio.timeout(LAST_WORDS):
                await self._idle.wait()
        if self._receiving is not None:
            self._receiving.cancel()
        self._cache._cron.cancel()
        socket = self._conn
        with contextlib.suppress(Exception):
            async with asyncio.timeout(LAST_WORDS):
                await self._disconnect()
        if socket is not None:
            socket.transport.abort()  # a peer that does not say goodbye is not waited for, and not kept either


class SdkConnector:
    """Makes connections with the SDK."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def __call__(self, take: Take) -> Connection:
        client = _Client(await self._api.endpoint(), take)
        sdk.loop = _RunningLoop()  # each time: it is the module's, and anybody's
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                await client._connect()
        except ClientException as refusal:
            await client.shut()
            if refusal.code == http.HTTPStatus.FORBIDDEN:
                raise Unauthorised(PLATFORM, "the long connection was refused") from None
            raise Unreachable(PLATFORM, f"the long connection was refused ({refusal.code})") from None
        except Exception as error:
            await client.shut()
            raise Unreachable(PLATFORM, f"no long connection ({type(error).__name__})") from None
        return client
