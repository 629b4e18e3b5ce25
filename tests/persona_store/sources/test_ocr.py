"""The process that reads pictures, with real pictures and hostile ones."""

from __future__ import annotations

import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("rapidocr", reason="reading pictures needs the extra: pip install 'understudy[ocr]'")

from persona_store.errors import Refused
from persona_store.sources import ocr, ocr_worker
from persona_store.sources.image_header import check_image, image_size
from persona_store.sources.ocr import Recogniser
from persona_store.sources.picture_words import rows
from persona_store.sources.screenshots import Screenshots
from tests.persona_store.sources.screenshot_material import FOLDER, PICTURES
from tests.persona_store.sources.screenshot_pictures import EYES, look

LIN = "slack:U0LIN"


def png(width: int, height: int, rows_of: bytes = b"") -> bytes:
    """As any writer of PNG would; the pixels may be fewer than it says."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows_of)) + chunk(b"IEND", b"")
    )


@pytest.fixture
def eyes() -> Iterator[Recogniser]:
    recogniser = Recogniser()
    yield recogniser
    recogniser.close()


def code(recogniser: Recogniser, raw: bytes) -> str:
    with pytest.raises(Refused) as caught:
        recogniser.look(raw, "a.png")
    return caught.value.code


@pytest.mark.parametrize(
    "name", ["wechat_zh_1x.webp", "dingtalk_zh_1x.png", "wechat_one_2x.jpg", "feishu_en_dark_2x.webp"]
)
def test_every_message_of_a_real_picture_arrives_word_for_word(name: str, tmp_path: Path) -> None:
    """Pixels a point, JPEG and dark colours make no difference. A narrow question mark is as good as a wide one."""
    chat, _, _ = PICTURES[name]
    (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    source = Screenshots(tmp_path / name, LIN, names=["林薇", "Lin Wei"], me="陈宇", look=look)
    if chat.title == "王磊":
        source = Screenshots(tmp_path / name, LIN, names=["王磊"], me="陈宇", look=look)
    found = {int(each.id.rpartition("#")[2]): each for each in source.read() if "#quoted" not in each.id}
    for number, said in enumerate(chat.said, 1):
        assert found[number].text.replace("?", "？") == said.text.replace("?", "？")
        who = "陈宇" if said.mine else said.name or chat.title
        assert found[number].author_name == who
        assert found[number].by_subject == (
            who in ("林薇", "Lin Wei", "王磊") and (who != "王磊" or chat.title == "王磊")
        )
        reading = found[number].reading
        assert reading is not None
        assert 0.9 < reading.confidence <= 1


def test_all_fixtures_together_are_read_without_a_loss(tmp_path: Path) -> None:
    """What is left out is what the rules say and nothing else; the same chat at another size is known again."""
    source = Screenshots(FOLDER, LIN, names=["林薇", "Lin Wei"], me="陈宇", look=look)
    own = sum(document.by_subject for document in source.read())
    assert own == 11
    assert set(source.dropped) <= {"screen", "system", "duplicate", "outside_subject_threads", "no_chat"}


def test_a_picture_longer_than_a_screen_is_read_in_strips() -> None:
    """A hundred screens long it would be shrunk until nothing could be read. No line is cut through."""
    code = (
        "import sys, cv2, numpy\n"
        "one = cv2.imdecode(numpy.frombuffer(sys.stdin.buffer.read(), numpy.uint8), cv2.IMREAD_COLOR)\n"
        "sys.stdout.buffer.write(cv2.imencode('.png', numpy.vstack([one] * 4))[1].tobytes())"
    )
    raw = (FOLDER / "dingtalk_zh_1x.png").read_bytes()
    tall = subprocess.run([sys.executable, "-c", code], input=raw, capture_output=True, check=True).stdout
    once, many = look(raw, ""), look(tall, "")
    assert many.height == 4 * once.height > ocr_worker.STRIP
    assert [line.text for line in rows(many.lines)] == [line.text for line in rows(once.lines)] * 4


def test_a_picture_too_large_is_refused_by_its_header(eyes: Recogniser) -> None:
    """No decoder meets it: the process is not even started."""
    assert code(eyes, png(50_000, 50_000)) == "IMAGE_PIXELS"
    assert code(eyes, b"GIF89a/*\x01\x00*/=1;alert(1)") == "TYPE_MISMATCH"
    assert code(eyes, b"<svg xmlns='http://www.w3.org/2000/svg'/>") == "TYPE_MISMATCH"
    assert code(eyes, png(0, 10)) == "IMAGE_BROKEN"
    assert eyes._process is None


def test_damaged_pictures_do_not_stop_the_others() -> None:
    eyes = EYES
    good = png(40, 40, (b"\0" + b"\xff" * 40) * 40)
    assert eyes.look(good, "good").lines == ()
    first = eyes._process
    for bad in (png(3000, 3000), good[:40], b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\0" * 200, b"BM" + b"\x01" * 60):
        assert code(eyes, bad) in ("IMAGE_BROKEN", "IMAGE_PIXELS")
    assert eyes.look(good, "good").width == 40
    assert eyes._process is first


def test_a_process_that_died_is_started_anew() -> None:
    eyes = EYES
    good = png(40, 40, (b"\0" + b"\xff" * 40) * 40)
    eyes.look(good, "good")
    assert eyes._process is not None
    eyes._process.kill()
    eyes._process.wait()
    assert code(eyes, good) == "IMAGE_LIMITS"
    assert eyes.look(good, "good").width == 40


def test_a_picture_that_takes_too_long_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "LOADING", 0.0)
    slow = Recogniser(seconds=0.2)  # loading takes longer
    assert code(slow, png(40, 40, (b"\0" + b"\xff" * 40) * 40)) == "IMAGE_LIMITS"
    assert slow._process is None


def test_without_the_extra_one_line_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, eyes: Recogniser
) -> None:
    """The import ends there: each further picture would say the same."""
    (tmp_path / "rapidocr.py").write_text("raise ImportError")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(Refused) as caught:
        list(Screenshots(FOLDER, LIN).read())
    assert (caught.value.code, "understudy[ocr]" in str(caught.value)) == ("OCR_LIBRARY", True)


def test_the_process_can_open_nothing_once_it_sees(tmp_path: Path) -> None:
    """No file, no connection: it goes on reading and could tell nobody what."""
    code = (
        "import socket, sys\n"
        "from persona_store.sources.ocr_worker import MEMORY, Eyes, limit, shut\n"
        "limit(MEMORY); eyes = Eyes(); shut()\n"
        "raw = sys.stdin.buffer.read()\n"
        "tries = [lambda: open('/etc/hostname'), lambda: open('x', 'w'), lambda: socket.socket()]\n"
        "refused = 0\n"
        "for each in tries:\n"
        "    try: each()\n"
        "    except OSError: refused += 1\n"
        "print(refused, len(eyes.look(raw)['lines']))"
    )
    raw = (FOLDER / "page.png").read_bytes()
    done = subprocess.run(
        [sys.executable, "-c", code], input=raw, capture_output=True, cwd=Path(ocr.__file__).parents[2]
    )
    assert done.stdout.split() == [b"3", b"4"]


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_the_header_says_how_large_a_picture_is(name: str) -> None:
    raw = (FOLDER / name).read_bytes()
    seen = look(raw, name)
    assert check_image(raw, name) == (seen.width, seen.height)
    assert len(raw) < 60_000


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBPVP8 ", b"BM", b"")),
    st.binary(max_size=64),
)
def test_no_header_is_too_odd(magic: bytes, rest: bytes) -> None:
    size = image_size(magic + rest)
    assert size is None or all(0 <= side < 1 << 32 for side in size)


def test_a_process_that_talks_nonsense_is_one_refusal_and_is_not_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[subprocess.Popen[bytes]] = []

    def babbling() -> subprocess.Popen[bytes]:
        code = "import time; print('nonsense', flush=True); time.sleep(60)"
        started.append(
            subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        )
        return started[-1]

    monkeypatch.setattr(ocr, "_started", babbling)
    recogniser = Recogniser(seconds=5)
    for _ in range(2):
        with pytest.raises(Refused, match="IMAGE_LIMITS"):
            recogniser._told(b"picture", "a.png")
    assert len(started) == 2
    assert all(process.poll() is not None for process in started)
