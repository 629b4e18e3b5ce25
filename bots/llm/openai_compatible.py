"""The room of OpenAI's SDK: one request over the wire, to one host, and nothing the SDK does by itself.

It would follow redirects (the words would go to somebody whom no consent names), send headers that tell about this
machine, pick up an organisation and headers from the environment, retry, and read an answer of any size. Here each
of these is off: headers come from a list, an answer is bounded, and what went wrong is a Broken or a Status of
failures.py. The SDK holds no key; it is put in as the request leaves.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import httpx2
import openai
from msgspec import Struct

from adapters.secret import Secret
from bots.llm.addresses import is_private
from bots.llm.failures import Broken, Status
from bots.llm.habits import Json
from bots.llm.replies import error_in, seconds

CONNECT = 10.0  # seconds
LARGEST = 4 * 1024 * 1024  # bytes of an answer, its error or its whole stream
RAW = "x-stainless-raw-response"  # the SDK looks at the request for it, to give the answer unread
SENT = frozenset({"host", "accept", "connection", "content-type", "content-length", "transfer-encoding", RAW})
AGENT = "understudy"


class Address(Struct, frozen=True):
    """Where to ask, and with which key; local servers need none."""

    base_url: str
    api_key: Secret


class Endpoint:
    """One endpoint. `close` it at the end."""

    def __init__(self, address: Address, *, connections: int, timeout: float) -> None:
        self._address = address
        self._http = httpx2.AsyncClient(
            follow_redirects=False,
            trust_env=not is_private(address.base_url),  # a proxy is for the way outside
            timeout=httpx2.Timeout(timeout, connect=CONNECT),
            limits=httpx2.Limits(max_connections=connections),
            event_hooks={"request": [self._dressed], "response": [_bounded]},
        )
        self._sdk = openai.AsyncOpenAI(
            api_key="set as the request leaves", base_url=address.base_url, max_retries=0, http_client=self._http
        )

    async def ask(self, body: Json) -> bytes:
        """The whole answer, unread. Raises Broken or Status."""
        try:
            answer = await self._sdk.chat.completions.with_raw_response.create(**_arguments(body))
            return bytes(answer.content)
        except openai.OpenAIError as error:
            failure = _failure(error)
        raise failure

    async def embed(self, body: Json) -> bytes:
        """The vectors of some texts, unread. Raises Broken or Status."""
        known = {name: body[name] for name in ("model", "input", "encoding_format", "dimensions") if name in body}
        try:
            answer = await self._sdk.embeddings.with_raw_response.create(**known)
            return bytes(answer.content)
        except openai.OpenAIError as error:
            failure = _failure(error)
        raise failure

    async def stream(self, body: Json) -> AsyncGenerator[dict[str, Any], None]:
        """The pieces of an answer as they come, unread. Raises Broken or Status."""
        try:
            stream = await self._sdk.chat.completions.create(**_arguments(body))
            try:
                async for chunk in stream:
                    yield chunk.to_dict() if isinstance(chunk, openai.BaseModel) else {}
                return
            finally:
                await stream.close()
        except openai.OpenAIError as error:
            failure = _failure(error)
        except (httpx2.HTTPError, ValueError, RecursionError) as error:  # while reading the SDK lets these through
            failure = _of_reading(error)
        raise failure

    async def close(self) -> None:
        await self._sdk.close()

    def __repr__(self) -> str:
        return f"Endpoint({self._address!r})"

    async def _dressed(self, request: httpx2.Request) -> None:
        for name in list(request.headers):
            if name.lower() not in SENT:
                del request.headers[name]
        request.headers["user-agent"] = AGENT
        request.headers["accept-encoding"] = "identity"  # a bound on bytes is none on what they unpack to
        if self._address.api_key:
            request.headers["authorization"] = f"Bearer {self._address.api_key.reveal()}"


def _arguments(body: Json) -> dict[str, Any]:
    """The SDK's signature knows OpenAI's own parameters; all others go beside them."""
    own = {name: body[name] for name in ("model", "messages", "stream") if name in body}
    return own | {"extra_body": {name: value for name, value in body.items() if name not in own}}


async def _bounded(response: httpx2.Response) -> None:
    if response.headers.get("content-encoding", "identity") != "identity":
        raise Broken("too_large")
    stream = response.stream
    if isinstance(stream, httpx2.AsyncByteStream):
        response.stream = _Bounded(stream)


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._stream:
            size += len(chunk)
            if size > LARGEST:
                raise Broken("too_large")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


def _failure(error: openai.OpenAIError) -> Exception:
    if isinstance(error, openai.APIStatusError):
        code, said = error_in(error.response.content)
        return Status(error.status_code, code, said, seconds(error.response.headers.get("retry-after", "")))
    if isinstance(error, openai.APIConnectionError):
        return _of_reading(error)
    code, said = "", str(getattr(error, "body", "")).lower()[:4000]
    return Status(500, code, said)  # an error in the middle of a stream, which has no status of its own


def _of_reading(error: BaseException) -> Broken:
    """By what is at the bottom of it: the SDK wraps what httpx raised."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, Broken):
            return Broken(found.kind)
        for kinds, kind in _KINDS:
            if isinstance(found, kinds):
                return Broken(kind)
        found = found.__cause__
    return Broken("cut_off" if isinstance(error, ValueError | RecursionError) else "unreachable")


_KINDS: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((httpx2.ConnectTimeout, httpx2.ConnectError, httpx2.PoolTimeout), "unreachable"),
    ((httpx2.TimeoutException,), "slow"),
    ((httpx2.RemoteProtocolError, httpx2.ReadError), "cut_off"),
)
