"""The page's files. They are read once, so that no address can name anything else."""

from __future__ import annotations

import hashlib
from importlib.resources import files

from aiohttp import web
from msgspec import Struct

from adapters.local.guard import Denied

_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}


class File(Struct, frozen=True):
    content: bytes
    type: str
    etag: str


class Files:
    def __init__(self) -> None:
        self._files = {
            entry.name: _load(entry.name, entry.read_bytes())
            for entry in files("adapters.local").joinpath("static").iterdir()
            if entry.is_file()
        }

    def serve(self, name: str, request: web.Request) -> web.Response:
        """The file, or 304 where the browser has it. Always asked for: after an upgrade no old part is used."""
        file = self._files.get(name)
        if file is None:
            raise Denied(404, "no_file")
        headers = {"ETag": f'"{file.etag}"', "Cache-Control": "no-cache"}
        if any(etag.value == file.etag for etag in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        return web.Response(body=file.content, content_type=file.type, charset="utf-8", headers=headers)


def _load(name: str, content: bytes) -> File:
    suffix = name[name.rfind(".") :]
    return File(content=content, type=_TYPES[suffix], etag=hashlib.sha256(content).hexdigest()[:16])
