"""The Subject's place over HTTP: a page that holds nothing, and what it may ask for with a pass.

There is no cookie and no session. The pass comes in a header, which a foreign page cannot set without asking us
(CORS), so there is nothing to forge (OWASP Cross-Site Request Forgery Prevention); whoever has none gets the 404 of
an address that does not exist, whatever they ask for (rights.md WEB-02, WEB-03).
"""

from __future__ import annotations

import base64
import hashlib
import logging
from collections.abc import Awaitable, Mapping, Sequence
from importlib.resources import files
from typing import Any

import msgspec
from aiohttp import web

from bots.services import Services
from bots.subject import passes
from bots.subject.deeds import ALLOWED, Deeds
from bots.subject.wanted import Wanted
from bots.web.limits import Limit
from bots.wording import LANGUAGES, sentences
from persona_store.errors import Conflict, Refused

log = logging.getLogger(__name__)

MAX_BYTES = 256 * 1024
TRIES = 20  # with a pass that is none, from one address, a minute
USES = 240  # of one pass, a minute
SCHEME = "Understudy "
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}


class SubjectPage:
    def __init__(self, services: Services, deeds: Deeds) -> None:
        self._s = services
        self._deeds = deeds
        self._files = _load()
        self._policy = _policy()
        self._strangers, self._users = Limit(TRIES), Limit(USES)

    def routes(self) -> Sequence[web.RouteDef]:
        return (
            web.get("/subject", self._index),
            web.get("/subject/static/{file}", self._file),
            web.get("/subject/words/{lang}", self._words),
            web.post("/subject/api/{verb}", self._api),
        )

    async def _index(self, request: web.Request) -> web.Response:
        return self._served("index.html")

    async def _file(self, request: web.Request) -> web.Response:
        return self._served(request.match_info["file"])

    def _served(self, name: str) -> web.Response:
        if name not in self._files:
            raise web.HTTPNotFound
        content, kind = self._files[name]
        return web.Response(
            body=content,
            content_type=kind,
            charset="utf-8",
            headers={"Content-Security-Policy": self._policy, "Cross-Origin-Opener-Policy": "same-origin"},
        )

    async def _words(self, request: web.Request) -> web.Response:
        """The page's sentences in a language, which are the same for everybody."""
        lang = request.match_info["lang"]
        if lang not in LANGUAGES:
            raise web.HTTPNotFound
        own, also = "subject_page.", ("state.", "licensed.revoked_words")
        words = {
            key.removeprefix(own): text for key, text in sentences(lang).items() if key.startswith((own, *also))
        }
        return _json(words)

    async def _api(self, request: web.Request) -> web.StreamResponse:
        now, address = self._s.clock.now(), request.remote or ""
        if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            raise web.HTTPForbidden
        if self._strangers.full(address, now):
            raise web.HTTPTooManyRequests(headers={"Retry-After": "60"})
        verb = request.match_info["verb"]
        if verb in ("challenge", "prove"):
            self._strangers.count(address, now)
            return await self._refusable(self._deeds.prove(verb, await _wanted(request)))
        held = await passes.opened(self._s, request.headers.get("Authorization", "").removeprefix(SCHEME))
        if held is None:
            self._strangers.count(address, now)
            raise web.HTTPNotFound
        if verb not in ALLOWED[held.held.purpose]:
            raise web.HTTPNotFound
        if self._users.full(held.key, now):
            raise web.HTTPTooManyRequests(headers={"Retry-After": "60"})
        self._users.count(held.key, now)
        wanted = await _wanted(request)  # only now: who has no pass gets the 404, whatever they send
        if verb == "export":
            return await self._export(request, held, wanted)
        return await self._refusable(self._deeds.do(verb, held, wanted))

    async def _refusable(self, deed: Awaitable[Any]) -> web.Response:
        try:
            answer = await deed
        except Refused as refused:
            return _json({"code": refused.code}, status=422)
        except Conflict:  # somebody changed it in this very moment: the page reads it again
            return _json({"code": "CHANGED"}, status=409)
        if answer is None:
            raise web.HTTPNotFound
        return _json(answer)

    async def _export(self, request: web.Request, held: passes.Opened, wanted: Wanted) -> web.StreamResponse:
        persona, pieces = await self._deeds.export(held, wanted)
        if persona is None:
            raise web.HTTPNotFound
        name = f'attachment; filename="{persona.name}.zip"'
        response = web.StreamResponse(headers={"Content-Type": "application/zip", "Content-Disposition": name})
        await response.prepare(request)
        async for piece in pieces:
            await response.write(piece)
        await response.write_eof()
        return response


async def _wanted(request: web.Request) -> Wanted:
    """What was sent, if it is a small piece of JSON of the one form there is."""
    if request.content_type != "application/json" or "Content-Encoding" in request.headers:
        raise web.HTTPUnsupportedMediaType
    raw = b""
    while chunk := await request.content.read(MAX_BYTES + 1 - len(raw)):
        raw += chunk
        if len(raw) > MAX_BYTES:
            raise web.HTTPRequestEntityTooLarge(MAX_BYTES, len(raw))
    try:
        return msgspec.json.decode(raw, type=Wanted)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise web.HTTPBadRequest from None


def _json(value: object, *, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), status=status, content_type="application/json")


def _load() -> Mapping[str, tuple[bytes, str]]:
    """Read once, so that no address can name anything else."""
    folder = files("bots.subject").joinpath("static")
    return {
        entry.name: (entry.read_bytes(), TYPES[entry.name[entry.name.rfind(".") :]])
        for entry in folder.iterdir()
        if entry.name.endswith(tuple(TYPES))
    }


def _policy() -> str:
    """No script and no style but our own files, nothing from elsewhere, nowhere to send a form. The persona's page
    and what keeping something back would change are shown in a frame of their own, without script, whose styles are
    known by their hashes."""
    style = files("bots.portrait").joinpath("page.css").read_bytes()
    both = style + files("bots.withheld").joinpath("preview.css").read_bytes()
    proofs = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(each).digest()).decode()}'" for each in (style, both)
    )
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self' {proofs}; connect-src 'self'; "
        "img-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
