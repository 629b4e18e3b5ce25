"""Archives from strangers: what the abuse suite of the threat model calls IMP-01 to IMP-07."""

from __future__ import annotations

import os
import struct
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import pytest

from persona_store.sources.archive import open_archive, read, verify
from persona_store.sources.members import Limits
from tests.persona_store.sources.exports import code_of, write_folder, write_zip

GOOD = {"a.txt": b"one", "folder/b.txt": b"two"}


def refused(path: Path, **options: object) -> str:
    return code_of(lambda: open_archive(path, **options))  # type: ignore[arg-type]  # options of either kind


def test_a_zip_and_a_folder_with_the_same_files_read_the_same(tmp_path: Path) -> None:
    for path in (write_zip(tmp_path / "a.zip", GOOD), write_folder(tmp_path / "a", GOOD)):
        archive = open_archive(path)
        assert {name: read(archive, name) for name in archive.members} == GOOD
        archive.close()


@pytest.mark.parametrize(
    "name",
    [
        "../../home/x/.ssh/authorized_keys",
        "/etc/passwd",
        "C:\\x",
        "C:/x",
        "..\\x",
        "a/../../x",
        "a\\b.txt",
        "..",
        "a/\x07.txt",
        "\\\\server\\share\\x",
    ],
)
def test_imp_01_zip_slip(tmp_path: Path, name: str) -> None:
    """A name that would climb out is refused by name, whatever becomes of it, and nothing is written anywhere."""
    path = write_zip(tmp_path / "slip.zip", {"users.json": b"[]", name: b"x"})
    before = sorted(tmp_path.rglob("*"))
    assert refused(path) == "ARCHIVE_PATH"
    assert sorted(tmp_path.rglob("*")) == before


def test_imp_01_a_name_cut_by_nul_is_refused(tmp_path: Path) -> None:
    """Python shortens `users.json\\0.exe` to `users.json`; who checks the short name checks the wrong one."""
    path = write_zip(tmp_path / "nul.zip", {"users.json_.exe": b"[]"})
    path.write_bytes(path.read_bytes().replace(b"users.json_.exe", b"users.json\x00.exe"))
    assert refused(path) == "ARCHIVE_PATH"


@pytest.mark.parametrize("mode", [0o120777, 0o020666, 0o060666, 0o010666, 0o140777])
def test_imp_02_zip_symlink(tmp_path: Path, mode: int) -> None:
    """Links, devices, pipes and sockets are no files."""
    path = tmp_path / "link.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("root")
        info.create_system = 3
        info.external_attr = mode << 16
        archive.writestr(info, "/")
    assert refused(path) == "ARCHIVE_LINK"


def test_imp_02_a_link_in_a_folder_is_refused_or_left_out_but_never_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("outside")
    folder = write_folder(tmp_path / "folder", GOOD)
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "up").symlink_to(tmp_path)
    assert refused(folder) == "ARCHIVE_LINK"
    archive = open_archive(folder, skip_links=True)
    assert set(archive.members) == set(GOOD)
    assert archive.skipped_links == 2


def test_a_file_swapped_for_a_link_after_it_was_listed_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("outside")
    folder = write_folder(tmp_path / "folder", GOOD)
    archive = open_archive(folder)
    (folder / "a.txt").unlink()
    (folder / "a.txt").symlink_to(tmp_path / "secret.txt")
    assert code_of(lambda: read(archive, "a.txt")) == "NOT_READABLE"


def test_a_pipe_in_a_folder_is_refused_and_does_not_hang(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "folder", GOOD)
    os.mkfifo(folder / "pipe.txt")
    assert refused(folder) == "ARCHIVE_LINK"


def test_imp_03_zip_ratio(tmp_path: Path) -> None:
    """10 MB of zeros deflate a thousandfold, no export does: refused at once."""
    assert refused(write_zip(tmp_path / "bomb.zip", {"a.json": bytes(10 << 20)})) == "ARCHIVE_RATIO"


def test_a_small_file_of_blanks_is_no_bomb(tmp_path: Path) -> None:
    archive = open_archive(write_zip(tmp_path / "blank.zip", {"a.json": b"[" + b" " * 500_000 + b"]"}))
    assert len(read(archive, "a.json")) == 500_002


def test_more_than_two_gigabytes_are_refused_before_any_is_read(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "big.zip", {"a": os.urandom(3000), "b": os.urandom(3000)})
    assert refused(path, limits=Limits(total=5000)) == "ARCHIVE_SIZE"
    folder = write_folder(tmp_path / "big", {"a": bytes(3000), "b": bytes(3000)})
    assert refused(folder, limits=Limits(total=5000)) == "ARCHIVE_SIZE"


def overlapping(path: Path, times: int) -> Path:
    """The table lists the one member many times under different names, as in https://www.bamsoftware.com/hacks/zipbomb/."""
    write_zip(path, {"a00": b"x" * 1000})
    raw = path.read_bytes()
    table = raw.index(b"PK\x01\x02")
    entry, end = raw[table : raw.index(b"PK\x05\x06")], raw[raw.index(b"PK\x05\x06") :]
    entries = b"".join(entry.replace(b"a00", b"a%02d" % number) for number in range(times))
    end = end[:8] + struct.pack("<HHI", times, times, len(entries)) + end[16:]
    path.write_bytes(raw[:table] + entries + end)
    return path


def test_imp_04_zip_overlap(tmp_path: Path) -> None:
    assert refused(overlapping(tmp_path / "overlap.zip", 10)) == "ARCHIVE_OVERLAP"
    assert set(open_archive(overlapping(tmp_path / "single.zip", 1)).members) == {"a00"}


def liar(path: Path, *, real: int, claimed: int, method: int = zipfile.ZIP_DEFLATED) -> Path:
    """A member of `real` bytes whose headers claim fewer, with a check sum that fits the claim."""
    content = (b"[" + b" " * (claimed - 2) + b"]") + b" " * (real - claimed)
    write_zip(path, {"a.json": content}, method=method)
    raw = bytearray(path.read_bytes())
    table = raw.index(b"PK\x01\x02")
    check = zlib.crc32(content[:claimed])
    struct.pack_into("<I", raw, 14, check)
    struct.pack_into("<I", raw, 22, claimed)
    struct.pack_into("<I", raw, table + 16, check)
    struct.pack_into("<I", raw, table + 24, claimed)
    path.write_bytes(bytes(raw))
    return path


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_imp_05_zip_liar(tmp_path: Path, method: int) -> None:
    """The header says 1 kB and the check sum agrees, the stream has 50 MB: the counting reader stops it early."""
    archive = open_archive(liar(tmp_path / "liar.zip", real=50 << 20, claimed=1000, method=method))
    tracemalloc.start()
    assert code_of(lambda: verify(archive, ["a.json"])) == "ARCHIVE_RATIO"
    assert tracemalloc.get_traced_memory()[1] < 4 << 20
    tracemalloc.stop()


def test_imp_06_zip_encrypted(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "locked.zip", {"users.json": b"[]"})
    raw = bytearray(path.read_bytes())
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(raw))
    assert refused(path) == "ARCHIVE_PASSWORD"


@pytest.mark.parametrize("keep", [0.2, 0.5, 0.9, 0.99])
def test_imp_06_zip_truncated(tmp_path: Path, keep: float) -> None:
    path = write_zip(tmp_path / "cut.zip", {f"{number}.json": os.urandom(500) for number in range(20)})
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * keep)])
    assert refused(path) == "ARCHIVE_BROKEN"


def test_imp_06_a_damaged_member_is_named(tmp_path: Path) -> None:
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        path = write_zip(tmp_path / "bad.zip", {"a.json": os.urandom(3000)}, method=method)
        raw = bytearray(path.read_bytes())
        raw[1500] ^= 0xFF
        path.write_bytes(bytes(raw))
        archive = open_archive(path)
        assert code_of(lambda archive=archive: verify(archive, ["a.json"])) == "ARCHIVE_BROKEN"


def test_imp_06_zip_of_too_many_members(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    write_zip(path, {f"{number}.json": b"" for number in range(20_001)}, method=zipfile.ZIP_STORED)
    assert refused(path) == "ARCHIVE_COUNT"


def test_imp_06_a_table_too_long_to_be_honest_is_refused_without_being_parsed(tmp_path: Path) -> None:
    """The end record may lie about the count; the length of the table is what costs memory."""
    path = write_zip(tmp_path / "many.zip", {f"{number:0500}.json": b"" for number in range(300)})
    raw = bytearray(path.read_bytes())
    end = raw.rindex(b"PK\x05\x06")
    struct.pack_into("<HH", raw, end + 8, 1, 1)
    path.write_bytes(bytes(raw))
    assert refused(path, limits=Limits(members=100)) == "ARCHIVE_COUNT"


def test_too_many_files_in_a_folder_are_refused_too(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "many", {f"{number}.json": b"" for number in range(11)})
    assert refused(folder, limits=Limits(members=10)) == "ARCHIVE_COUNT"


@pytest.mark.parametrize(
    "content", [b"<!doctype html><title>Sign in</title>", b"", b"\x1f\x8b\x08\x00gzip", b"GIF89a"]
)
def test_imp_06_not_a_zip(tmp_path: Path, content: bytes) -> None:
    """What a browser saves when the session was over is a web page called export.zip."""
    (tmp_path / "not_a_zip.zip").write_bytes(content)
    assert refused(tmp_path / "not_a_zip.zip") == "TYPE_MISMATCH"


def test_imp_07_dup_members(tmp_path: Path) -> None:
    path = tmp_path / "dup.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("users.json", "[1]")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("users.json", "[2]")
    assert refused(path) == "ARCHIVE_DUPLICATE"


@pytest.mark.parametrize("other", ["./users.json", "cafe\u0301.json"])
def test_imp_07_two_spellings_of_one_name_are_duplicates(tmp_path: Path, other: str) -> None:
    path = write_zip(tmp_path / "dup.zip", {"users.json": b"[]", "caf\u00e9.json": b"[]", other: b"[]"})
    assert refused(path) == "ARCHIVE_DUPLICATE"


def test_what_macos_and_windows_add_is_not_there(tmp_path: Path) -> None:
    litter = {
        "__MACOSX/._a.txt": b"x",
        ".DS_Store": b"x",
        "folder/.DS_Store": b"x",
        "Thumbs.db": b"x",
        "desktop.ini": b"",
    }
    for path in (
        write_zip(tmp_path / "a.zip", {**GOOD, **litter}),
        write_folder(tmp_path / "a", {**GOOD, **litter}),
    ):
        assert set(open_archive(path).members) == set(GOOD)


def test_a_name_in_utf_8_without_the_flag_is_read_as_macos_meant_it(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "mac.zip", {"支付/a.json": b"[]"})
    raw = bytearray(path.read_bytes())
    raw[7] &= ~0x08
    raw[raw.index(b"PK\x01\x02") + 9] &= ~0x08
    path.write_bytes(bytes(raw))
    assert set(open_archive(path).members) == {"支付/a.json"}


def test_a_path_that_does_not_exist_is_one_clear_line(tmp_path: Path) -> None:
    assert refused(tmp_path / "nothing.zip") == "NOT_FOUND"


def test_a_compression_whose_output_cannot_be_bounded_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "lzma.zip", {"a.json": b"[]"}, method=zipfile.ZIP_LZMA)
    assert refused(path) == "ARCHIVE_BROKEN"


def test_a_zip_64_is_counted_by_its_own_record(tmp_path: Path) -> None:
    """There the usual record says 65,535 members or as many as it pleases; the true number stands before it."""
    path = write_zip(tmp_path / "wide.zip", {f"{number}.json": b"[]" for number in range(5)})
    raw = path.read_bytes()
    at = raw.rindex(b"PK\x05\x06")
    length, offset = struct.unpack_from("<II", raw, at + 12)
    record = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 5, 5, length, offset)
    locator = b"PK\x06\x07" + struct.pack("<IQI", 0, at, 1)
    end = raw[at : at + 8] + struct.pack("<HHII", 1, 1, 0xFFFFFFFF, 0xFFFFFFFF) + raw[at + 20 :]
    path.write_bytes(raw[:at] + record + locator + end)
    assert len(open_archive(path, limits=Limits(members=5)).members) == 5
    assert refused(path, limits=Limits(members=4)) == "ARCHIVE_COUNT"
