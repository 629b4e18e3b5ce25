"""A server of this machine that speaks TLS and is certified to be HOST, as the Subject's own would."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import unused_port
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from persona_store.licensed import address

HOST = "lin.example"
URL = f"https://{HOST}/licence.txt"


class Site:
    """What stands where, and the headers of whoever asked. `fetch` is ours, led to this server."""

    def __init__(self, port: int, trust: ssl.SSLContext) -> None:
        self.pages: dict[str, web.Response] = {}
        self.asked: list[dict[str, str]] = []
        self.port = port
        self.trust = trust

    async def fetch(self, url: str) -> str:
        return await address.fetch(url, find=self._here, trust=self.trust)

    async def _here(self, host: str) -> list[tuple[str, int]]:
        return [("127.0.0.1", self.port)]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(dict(request.headers))
        kept = self.pages.get(request.path)
        if kept is None:
            raise web.HTTPGone
        return web.Response(body=kept.body, status=kept.status, headers=kept.headers)


def certified(folder: Path) -> tuple[Path, Path]:
    """A certificate of its own for HOST, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "cert.pem", folder / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return files


@asynccontextmanager
async def site(folder: Path) -> AsyncIterator[Site]:
    cert, key = certified(folder)
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(cert, key)
    there = Site(unused_port(), ssl.create_default_context(cafile=str(cert)))
    app = web.Application()
    app.router.add_get("/{path:.*}", there.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", there.port, ssl_context=serving).start()
        yield there
    finally:
        await runner.cleanup()
