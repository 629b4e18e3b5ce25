"""An import asks for consent first and for every item, keeps what is allowed, tells what it did, and repeats."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from persona_store.consent.record import Consent
from persona_store.errors import Refused
from persona_store.evidence import EvidenceFile
from persona_store.importing import ImportReport, run_import
from persona_store.model import Document
from persona_store.sources.documents import Documents
from persona_store.sources.slack_export import SlackExport
from tests.persona_store.sources.exports import (
    NOW,
    consent_for,
    export,
    said,
    write_folder,
    write_zip,
)

ASK_AND_ANSWER = {"ops": [said("U0BOB", "how?", 0, client_msg_id="q"), said("U0LIN", "so", 60, client_msg_id="a")]}


async def run(source: Any, consent: Consent | None, shelf: EvidenceFile, **more: Any) -> ImportReport:
    return await run_import(source, persona="lin", consent=consent, evidence=shelf, now=NOW, **more)


def slack(tmp_path: Path, channels: Any = ASK_AND_ANSWER, **more: Any) -> SlackExport:
    return SlackExport(
        write_zip(tmp_path / f"{len(list(tmp_path.iterdir()))}.zip", export(channels, **more)), "U0LIN"
    )


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[EvidenceFile]:
    file = EvidenceFile.open(tmp_path / "evidence" / "lin.db", os.urandom(32))
    yield file
    file.close()


async def texts(shelf: EvidenceFile) -> list[str]:
    return [passage.text for passage in await shelf.all()]


class Unopenable:
    """A source that tells when it is read."""

    kind = "slack_export"
    progress = (0, 0)

    def __init__(self) -> None:
        self.dropped: Counter[str] = Counter()
        self.problems: list[str] = []
        self.opened = False

    async def documents(self) -> AsyncIterator[Document]:
        self.opened = True
        return
        yield  # makes it a generator


async def test_the_subjects_words_and_their_context_are_kept(tmp_path: Path, shelf: EvidenceFile) -> None:
    report = await run(slack(tmp_path), consent_for("slack_export"), shelf)
    assert report == ImportReport(kept=1, context=1, dropped={}, removed={}, new=2, changed=0, same=0)
    assert [(passage.id, passage.quotable) for passage in await shelf.all()] == [("q", False), ("a", True)]


@pytest.mark.parametrize(
    ("consent", "days", "code"),
    [
        (None, 0, "CONSENT_MISSING"),
        (consent_for("slack_export"), 91, "CONSENT_EXPIRED"),
        (consent_for("slack_export"), -1, "CONSENT_NOT_YET"),
        (consent_for("doc"), 0, "CONSENT_SOURCE"),
    ],
)
async def test_imp_23_without_consent_not_a_byte_is_read(
    consent: Consent | None, days: int, code: str, shelf: EvidenceFile
) -> None:
    source = Unopenable()
    with pytest.raises(Refused) as caught:
        await run_import(source, persona="lin", consent=consent, evidence=shelf, now=NOW + timedelta(days=days))
    assert caught.value.code == code
    assert not source.opened


async def test_a_covered_import_opens_its_source(shelf: EvidenceFile) -> None:
    source = Unopenable()
    await run(source, consent_for("slack_export"), shelf)
    assert source.opened


async def test_imp_18_what_lies_outside_the_scope_is_dropped_and_counted_by_reason(
    tmp_path: Path, shelf: EvidenceFile
) -> None:
    """L06. A private channel, a talk of two, excluded channel, keyword and person, and days out of the window."""
    rooms = {
        "ops": [said("U0LIN", "kept", 0), said("U0LIN", "about 薪资 of all", 60), said("U0GONE", "me", 90)],
        "hr": [said("U0LIN", "hr", 0)],
        "closed": [said("U0LIN", "closed", 0)],
        "D1": [said("U0LIN", "doctor", 0)],
        "old": [said("U0LIN", "old", -40 * 86400)],
    }
    consent = consent_for(
        "slack_export",
        first=date(2026, 2, 1),
        excluded_containers=("C_hr",),
        excluded_keywords=("薪资",),
        excluded_people=("slack:U0GONE",),
    )
    source = slack(tmp_path, rooms, private={"closed": ["U0LIN"]}, dms={"D1": ["U0LIN", "U0BOB"]})
    report = await run(source, consent, shelf)
    assert await texts(shelf) == ["kept"]
    assert report.dropped == {"CONSENT_EXCLUDED": 3, "CONSENT_PRIVATE": 2, "CONSENT_DATES": 1}


async def test_a_second_outside_either_end_of_the_window_is_outside(tmp_path: Path, shelf: EvidenceFile) -> None:
    """L06: to the second."""
    day = date(2026, 3, 2)
    midnight = -9 * 3600  # said() counts from nine o'clock
    edges = [midnight - 1, midnight, midnight + 86399, midnight + 86400]
    consent = consent_for("slack_export", first=day, last=day)
    await run(slack(tmp_path, {"ops": [said("U0LIN", f"at {edge}", edge) for edge in edges]}), consent, shelf)
    assert await texts(shelf) == [f"at {edge}" for edge in edges[1:3]]


async def test_imp_15_a_message_from_the_future_is_dropped(tmp_path: Path, shelf: EvidenceFile) -> None:
    channels = {"ops": [said("U0LIN", "later", 200 * 86400), said("U0LIN", "now", 0)]}
    report = await run(slack(tmp_path, channels), consent_for("slack_export"), shelf)
    assert (report.kept, report.dropped) == (1, {"BAD_TIME": 1})


async def test_a_repeated_import_changes_nothing_and_a_newer_export_adds_what_is_new(
    tmp_path: Path, shelf: EvidenceFile
) -> None:
    consent = consent_for("slack_export")
    await run(slack(tmp_path), consent, shelf)
    again = await run(slack(tmp_path), consent, shelf)
    assert (again.new, again.changed, again.same) == (0, 0, 2)
    newer = {"ops": [*ASK_AND_ANSWER["ops"], said("U0LIN", "more", 90, client_msg_id="b")]}
    newer["ops"][1] = said("U0LIN", "so!", 60, client_msg_id="a")
    later = await run(slack(tmp_path, newer), consent, shelf)
    assert (later.new, later.changed, later.same) == (1, 1, 1)
    assert await shelf.count() == 3


async def test_secrets_never_reach_the_shelf_and_are_counted_by_kind(tmp_path: Path, shelf: EvidenceFile) -> None:
    channels = {
        "ops": [
            said("U0LIN", "key AKIAIOSFODNN7EXAMPLE", 0),
            said("U0LIN", "half AKIA", 1),
            said("U0BOB", "my card 4111 1111 1111 1111", 2),
            said("U0LIN", "IOSFODNN7EXAMPLE", 3),
            said("U0LIN", "密码是 Tr0ub4dor&3", 4),
            said("U0LIN", "\u200b", 5),
        ]
    }
    report = await run(slack(tmp_path, channels), consent_for("slack_export"), shelf)
    assert report.removed == {"access key": 2, "bank card": 1, "password": 1, "hidden text": 1}
    kept = " ".join(await texts(shelf))
    for secret in ("AKIA", "IOSFODNN7EXAMPLE", "4111", "Tr0ub4dor"):
        assert secret not in kept
    assert report.dropped == {"nothing_left": 2}
    assert report.kept == 3


async def test_an_archive_that_lies_leaves_nothing_behind(tmp_path: Path, shelf: EvidenceFile) -> None:
    """The damage is in the last of many members: nothing of the first ones is kept."""
    channels = {f"c{n:02}": [said("U0LIN", os.urandom(800).hex(), 0)] for n in range(30)}
    path = write_zip(tmp_path / "lie.zip", export(channels))
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"c29/2026") + 60] ^= 0xFF
    path.write_bytes(bytes(raw))
    with pytest.raises(Refused, match="ARCHIVE_BROKEN"):
        await run(SlackExport(path, "U0LIN"), consent_for("slack_export"), shelf)
    assert await shelf.count() == 0


async def test_problems_of_single_files_are_told_and_progress_reaches_the_end(
    tmp_path: Path, shelf: EvidenceFile
) -> None:
    files = export({"ops": [said("U0LIN", f"message {n}", n) for n in range(1500)]})
    files["ops/2026-03-03.json"] = b"[{"
    told: list[tuple[int, int]] = []
    report = await run(
        SlackExport(write_folder(tmp_path / "e", files), "U0LIN"),
        consent_for("slack_export"),
        shelf,
        progress=lambda done, total: told.append((done, total)),
    )
    assert report.kept == 1500
    assert report.dropped == {"JSON_BROKEN": 1}
    assert report.problems[0].startswith("error[JSON_BROKEN]: 'ops/2026-03-03.json'")
    assert told == sorted(told)
    assert len(told) >= 2
    assert told[-1][0] == told[-1][1] > 0


async def test_a_document_that_became_shorter_leaves_no_old_pieces(tmp_path: Path, shelf: EvidenceFile) -> None:
    consent = consent_for("doc")
    folder = write_folder(
        tmp_path / "docs", {"a.md": "\n".join(f"# H{n}\n\ntext {n}\n" for n in range(130)).encode()}
    )
    os.utime(folder / "a.md", (1_770_000_000, 1_770_000_000))
    first = await run(Documents(folder, "slack:U0LIN"), consent, shelf)
    assert (first.kept, first.new, await shelf.count()) == (1, 130, 130)
    write_folder(folder, {"a.md": b"# H0\n\ntext 0\n\n# H1\n\nother"})
    os.utime(folder / "a.md", (1_770_000_000, 1_770_000_000))
    second = await run(Documents(folder, "slack:U0LIN"), consent, shelf)
    assert (second.new, second.changed, second.same) == (0, 1, 1)
    assert sorted(passage.id for passage in await shelf.all()) == ["a.md#1", "a.md#2"]


async def test_what_a_newer_export_no_longer_has_is_told_and_kept(tmp_path: Path, shelf: EvidenceFile) -> None:
    """Deleted in Slack, or left out of the export: nobody can tell, so nothing is removed behind anybody's back."""
    consent = consent_for("slack_export")
    messages = [said("U0LIN", f"message {n}", n) for n in range(10)]
    await run(slack(tmp_path, {"ops": messages, "pay": messages}), consent, shelf)
    later = await run(slack(tmp_path, {"ops": messages[:3] + messages[5:]}), consent, shelf)
    assert (later.missing, later.same) == (2, 8)
    assert await shelf.count() == 20


async def test_imp_21_one_message_of_an_emoji_is_an_import_of_one(tmp_path: Path, shelf: EvidenceFile) -> None:
    report = await run(
        slack(tmp_path, {"ops": [said("U0LIN", ":tada: 🎉", 0)]}), consent_for("slack_export"), shelf
    )
    assert (report.kept, report.context, await texts(shelf)) == (1, 0, [":tada: 🎉"])


async def test_imp_21_an_empty_export_reports_nothing_kept(tmp_path: Path, shelf: EvidenceFile) -> None:
    report = await run(slack(tmp_path, {}), consent_for("slack_export"), shelf)
    assert report == ImportReport(kept=0, context=0, dropped={}, removed={}, new=0, changed=0, same=0)


async def test_a_document_of_headings_alone_is_counted_as_left_out(tmp_path: Path, shelf: EvidenceFile) -> None:
    """It makes no passage; told as kept it would be lost without anybody knowing. Older pieces of it go."""
    folder = write_folder(tmp_path / "docs", {"plan.md": b"# Deploys\n\nOn Tuesdays.\n"})
    os.utime(folder / "plan.md", (1_770_000_000, 1_770_000_000))
    await run(Documents(folder, "slack:U0LIN"), consent_for("doc"), shelf)
    write_folder(folder, {"plan.md": b"# Deploys\n\n## Only on Tuesdays\n"})
    os.utime(folder / "plan.md", (1_770_000_000, 1_770_000_000))
    report = await run(Documents(folder, "slack:U0LIN"), consent_for("doc"), shelf)
    assert (report.kept, report.dropped, await texts(shelf)) == (0, {"empty": 1}, [])
