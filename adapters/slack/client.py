"""The only file that knows Slack's SDKs: calls to the Web API, and the connection events come in by.

Plain dicts and our own errors come out of it. slack-bolt is used unmodified, with three things arranged around its
habits (platforms.md §3):

* It acknowledges before a listener has run and answers 404, which Slack retries, to every type nobody registered.
  So there is one door for all types, a middleware that runs before its answer is made: the ack leaves when
  `deliver` returned, an exception means no ack, and no type can be forgotten.
* Its authorisation asks `auth.test` and, once the token is revoked, acks without running anything. The door comes
  before it; what the token is worth is checked by the adapter at the start.
* A bad app-level token makes it retry for ever. `Gateway.open` asks for a connection first.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

import aiohttp
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.errors import AdapterError, Unreachable
from adapters.secret import Secret
from adapters.slack.failures import PLATFORM, error_for

Json = dict[str, Any]
Deliver = Callable[[Json], Awaitable[None]]

TIMEOUT = aiohttp.ClientTimeout(total=20, connect=5)
LAST_ACKS = 1.0  # seconds a stop waits for events that are being kept
_SECRETS = re.compile(r"(ticket=|xox[a-z]-|xapp-|/services/|response_url\W+)[^\s&\"']+", re.IGNORECASE)

log = logging.getLogger("adapters.slack")


class _Discreet(logging.Filter):
    """The SDK logs URLs with tickets in them, and tracebacks that say less than its message."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = _SECRETS.sub(r"\1***", record.getMessage()), None
        record.exc_info = record.exc_text = None
        return True


def _sdk_logger() -> logging.Logger:
    """At WARNING by its own level: below that the SDK prints whole messages (platforms.md 3.1)."""
    logger = logging.getLogger("adapters.slack.sdk")
    logger.setLevel(logging.WARNING)
    if not logger.filters:
        logger.addFilter(_Discreet())
    return logger


class Web:
    """The Web API. One `aiohttp` session for all calls, opened when first needed (calls from a process that only
    posts never connect). `read` may be repeated by whoever calls it; `write` never is by itself, because Slack has
    no idempotency key: the SDK's own retry on a broken connection places a message twice [V]."""

    def __init__(self, token: Secret, api_url: str) -> None:
        self._token = token
        self.api_url = api_url if api_url.endswith("/") else api_url + "/"
        self._client: AsyncWebClient | None = None

    async def read(self, method: str, **params: Any) -> Json:
        return (await self._call(method, http_verb="GET", params=params))[0]

    async def write(self, method: str, **body: Any) -> Json:
        return (await self._call(method, json=body))[0]

    async def identify(self) -> tuple[Json, Mapping[str, str]]:
        """auth.test with its headers: the granted scopes and Slack's time are only there."""
        return await self._call("auth.test", json={})

    def sdk(self) -> AsyncWebClient:
        if self._client is None or self._client.session is None or self._client.session.closed:
            self._client = AsyncWebClient(
                token=self._token.reveal(),
                base_url=self.api_url,
                session=aiohttp.ClientSession(timeout=TIMEOUT),
                logger=_sdk_logger(),
                retry_handlers=[],
            )
            if _direct(self.api_url):
                self._client.proxy = None
        return self._client

    async def close(self) -> None:
        if self._client is not None and self._client.session is not None:
            await self._client.session.close()

    async def _call(self, method: str, **request: Any) -> tuple[Json, Mapping[str, str]]:
        try:
            answer = await self.sdk().api_call(method, **request)
        except SlackApiError as error:
            raise _refusal(method, error.response) from None  # the SDK's text repeats the whole request
        except aiohttp.ClientConnectorError as error:
            raise Unreachable(PLATFORM, f"{method} found nobody at {error.host}:{error.port}") from None
        except (aiohttp.ConnectionTimeoutError, aiohttp.ClientProxyConnectionError):
            raise Unreachable(PLATFORM, f"{method} could not connect") from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            why = type(error).__name__
            raise Unreachable(PLATFORM, f"{method} was cut off ({why})", placed=True) from None
        return dict(answer.data) if isinstance(answer.data, dict) else {}, answer.headers


def _refusal(method: str, response: Any) -> AdapterError:
    """`response` is the SDK's, or aiohttp's own where the body was not JSON; a proxy's HTML page has no code."""
    status: int = getattr(response, "status_code", None) or getattr(response, "status", None) or 200
    data = getattr(response, "data", None)
    given = data if isinstance(data, dict) else {}
    retry_after = str((getattr(response, "headers", None) or {}).get("Retry-After", ""))
    code = str(given.get("error", ""))
    if not given and status < 400:
        return Unreachable(PLATFORM, f"{method} was answered with something that is not JSON", placed=True)
    return error_for(method, code, status=status, retry_after=retry_after, needed=str(given.get("needed", "")))


def _direct(url: str) -> bool:
    """The SDK takes HTTP(S)_PROXY for everything and ignores NO_PROXY [V]; loopback never goes through a proxy."""
    host = urlsplit(url).hostname or ""
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = host == "localhost"
    return loopback or bool(proxy_bypass(host))


class _Door(AsyncMiddleware):
    """Every payload passes here, and is acknowledged if and only if `deliver` returned."""

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver
        self._inside = 0
        self._empty = asyncio.Event()
        self._closed = False

    def open(self) -> None:
        self._closed = False

    async def close(self) -> None:
        """Let nothing more in, and those who are inside out: an event that was kept is also acknowledged before the
        connection goes, so that Slack does not bring it again."""
        self._closed = True
        if self._inside:
            self._empty.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LAST_ACKS):
                    await self._empty.wait()
        await asyncio.sleep(0.01)  # bolt writes the ack after we have answered

    async def async_process(
        self, *, req: AsyncBoltRequest, resp: BoltResponse, next: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse:
        if self._closed:
            return BoltResponse(status=503, body="")
        self._inside += 1
        try:
            await self._deliver(req.body)
        except Exception as error:
            # whatever kept the event from being kept: without an ack Slack brings it again
            log.warning("slack: an event was not kept and not acknowledged (%s)", type(error).__name__)
            return BoltResponse(status=500, body="")
        finally:
            self._inside -= 1
            if not self._inside:
                self._empty.set()
        return BoltResponse(status=200, body="")


class Gateway:
    """slack-bolt's app, and Socket Mode on top of it. In HTTP mode `webhook.py` hands requests to `dispatch`."""

    def __init__(
        self, web: Web, app_token: Secret, signing_secret: Secret, deliver: Deliver, *, ping_seconds: float
    ) -> None:
        self._web = web
        self._app_token = app_token
        self._ping_seconds = ping_seconds
        self._socket: AsyncSocketModeHandler | None = None
        self._door = _Door(deliver)
        self._app = AsyncApp(
            client=web.sdk(),
            signing_secret=signing_secret.reveal(),
            before_authorize=self._door,
            logger=_sdk_logger(),
            name="understudy",
        )

    async def may_connect(self) -> None:
        """Raises Unauthorised if the app-level token is refused; the SDK would only try for ever."""
        try:
            await self._web.sdk().apps_connections_open(app_token=self._app_token.reveal())
        except SlackApiError as error:
            raise _refusal("apps.connections.open", error.response) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unreachable(PLATFORM, f"no connection was given ({type(error).__name__})") from None

    async def open(self) -> None:
        """Connect by Socket Mode. The SDK pings every `ping_seconds` and reconnects after four silent ones, which
        is how a half-open link is noticed; close frames, resets and Slack's `disconnect` reconnect sooner."""
        await self.may_connect()
        self._door.open()
        self._socket = AsyncSocketModeHandler(
            self._app,
            self._app_token.reveal(),
            logger=_sdk_logger(),
            web_client=self._web.sdk(),
            ping_interval=self._ping_seconds,
        )
        self._socket.client.proxy = self._web.sdk().proxy
        await self._socket.connect_async()  # type: ignore[no-untyped-call]  # bolt's

    async def connected(self) -> bool:
        return self._socket is not None and await self._socket.client.is_connected()

    async def close(self) -> None:
        if self._socket is not None:
            await self._door.close()
            await self._socket.close_async()  # type: ignore[no-untyped-call]  # bolt's
            self._socket = None
            await asyncio.sleep(0)  # the SDK cancels its tasks without waiting; let them see it

    async def dispatch(self, body: str, headers: Mapping[str, str]) -> int:
        """A request whose signature was verified, to bolt; the HTTP status to answer with."""
        request = AsyncBoltRequest(body=body, headers=dict(headers))
        return (await self._app.async_dispatch(request)).status
