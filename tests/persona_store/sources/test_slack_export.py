"""A Slack export becomes the documents of one colleague: which, whose, where, and what is left out."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from persona_store.errors import Refused
from persona_store.model import Document
from persona_store.sources.chat_threads import GAP, LONGEST, threads
from persona_store.sources.slack_export import SlackExport
from persona_store.sources.slack_lines import Line, parse
from persona_store.sources.slack_text import Names, message_text, split_quotes
from tests.persona_store.sources.exports import START, USERS, code_of, export, said, write_folder, write_zip


def source(
    tmp_path: Path, files: Mapping[str, bytes], subject: str | None = "U0LIN", **options: Any
) -> SlackExport:
    return SlackExport(write_folder(tmp_path / f"export{len(list(tmp_path.iterdir()))}", files), subject, **options)


def own(documents: list[Document]) -> list[str]:
    return [document.text for document in documents if document.by_subject]


def ts(after: float) -> str:
    return f"{START + after:.6f}"


# ------------------------------------------------------------------ what is yielded


def test_a_document_carries_where_when_who_and_a_link(tmp_path: Path) -> None:
    message = said("U0LIN", "Run <https://x.dev|the book>", 5, client_msg_id="m-1")
    files = export({"ops": [message]})
    for path in (write_zip(tmp_path / "e.zip", files), write_folder(tmp_path / "e", files)):
        (found,) = SlackExport(path, "U0LIN", link_base="https://acme.slack.com/").read()
        assert found == Document(
            id="m-1",
            source="slack_export",
            container="C_ops",
            container_name="ops",
            thread=f"C_ops/{ts(5)}",
            author="slack:U0LIN",
            author_name="林薇",
            by_subject=True,
            at=datetime(2026, 3, 2, 9, 0, 5, tzinfo=UTC),
            text="the book (https://x.dev)".join(["Run ", ""]),
            url=f"https://acme.slack.com/archives/C_ops/p{ts(5).replace('.', '')}",
        )


async def test_documents_come_without_holding_up_the_event_loop_and_in_order(tmp_path: Path) -> None:
    messages = [said("U0LIN", str(number), number) for number in range(1200)]
    chat = source(tmp_path, export({"ops": messages}))
    assert [document.text async for document in chat.documents()] == [str(number) for number in range(1200)]
    done, total = chat.progress
    assert done == total > 0


def test_threads_of_the_subject_are_whole_and_others_are_left_out(tmp_path: Path) -> None:
    chat = source(
        tmp_path,
        export(
            {
                "ops": [
                    said("U0BOB", "how do I deploy?", 0, thread_ts=ts(0)),
                    said("U0BOB", "unrelated", 10, thread_ts=ts(10)),
                    said("U0GONE", "more of it", 20, thread_ts=ts(10)),
                    said("U0LIN", "with make", 9000, thread_ts=ts(0)),
                    said("U0GONE", "thanks", 9001, thread_ts=ts(0)),
                ]
            }
        ),
    )
    found = list(chat.read())
    assert [(document.text, document.by_subject) for document in found] == [
        ("how do I deploy?", False),
        ("with make", True),
        ("thanks", False),
    ]
    assert {document.thread for document in found} == {f"C_ops/{ts(0)}"}
    assert chat.dropped == {"outside_subject_threads": 2}


def test_a_root_without_thread_ts_belongs_to_the_thread_its_replies_name(tmp_path: Path) -> None:
    chat = source(tmp_path, export({"ops": [said("U0BOB", "why?", 0), said("U0LIN", "so", 50, thread_ts=ts(0))]}))
    assert {document.thread for document in chat.read()} == {f"C_ops/{ts(0)}"}


def test_messages_outside_threads_form_episodes_that_end_in_silence(tmp_path: Path) -> None:
    quiet = GAP + 1
    chat = source(
        tmp_path,
        export(
            {
                "ops": [
                    said("U0BOB", "question", 0),
                    said("U0LIN", "answer", 60),
                    said("U0BOB", "much later", 60 + quiet),
                    said("U0BOB", "again", 60 + 2 * quiet),
                    said("U0LIN", "answer two", 90 + 2 * quiet),
                ]
            }
        ),
    )
    episodes: dict[str, list[str]] = {}
    for document in chat.read():
        episodes.setdefault(document.thread, []).append(document.text)
    assert list(episodes.values()) == [["question", "answer"], ["again", "answer two"]]


def test_a_thread_inside_an_episode_does_not_cut_it(tmp_path: Path) -> None:
    chat = source(
        tmp_path,
        export(
            {
                "ops": [
                    said("U0BOB", "question", 0),
                    said("U0GONE", "aside", 10, thread_ts=ts(10)),
                    said("U0GONE", "aside too", 20, thread_ts=ts(10)),
                    said("U0LIN", "answer", 60),
                ]
            }
        ),
    )
    assert [document.text for document in chat.read()] == ["question", "answer"]


def test_an_episode_ends_after_so_many_messages_even_if_nobody_pauses(tmp_path: Path) -> None:
    messages = [said("U0BOB", "chatter", number) for number in range(3 * LONGEST)] + [
        said("U0LIN", "hi", 3 * LONGEST)
    ]
    assert [document.text for document in source(tmp_path, export({"ops": messages})).read()] == ["hi"]


def test_an_episode_keeps_its_name_when_a_later_export_has_more(tmp_path: Path) -> None:
    messages = [said("U0LIN", str(number), number * 400) for number in range(200)]
    first = list(source(tmp_path, export({"ops": messages[:100]})).read())
    later = list(source(tmp_path, export({"ops": messages})).read())
    assert later[:100] == first
    assert len({document.thread for document in first}) > 1


# ------------------------------------------------------------------ who may read it


def test_readers_are_everybody_in_public_and_the_members_elsewhere(tmp_path: Path) -> None:
    rooms = {name: [said("U0LIN", name, 0)] for name in ("ops", "secret", "D1", "mpdm-a--b-1", "lost")}
    chat = source(
        tmp_path,
        export(
            rooms,
            private={"secret": ["U0LIN", "U0BOB"], "lost": []},
            dms={"D1": ["U0LIN", "U0GONE"]},
            mpims={"mpdm-a--b-1": ["U0BOB", "U0LIN"]},
        ),
    )
    readers = {document.text: (document.readers, document.direct) for document in chat.read()}
    assert readers == {
        "ops": (None, False),
        "secret": (("slack:U0BOB", "slack:U0LIN"), False),
        "lost": ((), False),
        "D1": (("slack:U0GONE", "slack:U0LIN"), True),
        "mpdm-a--b-1": (("slack:U0BOB", "slack:U0LIN"), True),
    }


def test_a_folder_nobody_lists_or_two_lists_claim_is_left_out_since_its_readers_are_unknown(tmp_path: Path) -> None:
    files = export({"ops": [said("U0LIN", "ops", 0)], "both": [said("U0LIN", "both", 0)]}, private={})
    files["groups.json"] = json.dumps([{"id": "G9", "name": "both", "members": ["U0LIN"]}]).encode()
    files["stray/2026-03-02.json"] = json.dumps([said("U0LIN", "stray", 0)]).encode()
    chat = source(tmp_path, files)
    assert own(list(chat.read())) == ["ops"]
    assert chat.dropped == {"ambiguous_folder": 1, "unlisted_folder": 1}
    assert len(chat.problems) == 2


# ------------------------------------------------------------------ what is not somebody speaking


def test_noise_is_dropped_and_counted_by_reason(tmp_path: Path) -> None:
    join = {"subtype": "channel_join"}
    chat = source(
        tmp_path,
        export(
            {
                "ops": [
                    said("U0LIN", "kept", 0),
                    said("U0LIN", "file", 1, subtype="file_share", files=[{}]),
                    said("U0LIN", "waves", 2, subtype="me_message"),
                    said("U0LIN", "shared", 3, subtype="thread_broadcast"),
                    said("U0LIN", "", 4, blocks=[{"type": "section", "text": {"text": "from blocks"}}]),
                    said("U0LIN", "joined", 5, **join),
                    said("U0APP", "build failed", 6),
                    said("USLACKBOT", "reminder", 7),
                    said("U0LIN", "deleted", 8, subtype="tombstone", hidden=True),
                    said("U0LIN", "x", 9, hidden=True),
                    said("U0LIN", "old text", 10, subtype="message_changed"),
                    {"type": "message", "text": "no user", "ts": ts(11)},
                    said("U0LIN", "", 12, files=[{"mode": "hidden_by_limit"}]),
                    None,
                    5,
                    "text",
                    [],
                ]
            }
        ),
    )
    assert own(list(chat.read())) == ["kept", "file", "waves", "shared", "from blocks"]
    assert chat.dropped == {
        "system": 1,
        "bot": 2,
        "deleted": 1,
        "hidden": 2,
        "no_author": 1,
        "empty": 1,
        "malformed": 4,
    }


def test_of_two_editions_of_a_message_the_edited_one_is_kept(tmp_path: Path) -> None:
    edited = said("U0LIN", "new text", 0, edited={"user": "U0LIN", "ts": ts(9)})
    for messages in ([said("U0LIN", "old text", 0), edited], [edited, said("U0LIN", "old text", 0)]):
        chat = source(tmp_path, export({"ops": messages}))
        assert own(list(chat.read())) == ["new text"]
        assert chat.dropped == {"duplicate": 1}


@pytest.mark.parametrize(
    "bad", ["-5.000000", "1e309", "", "abc", "253402300799.000000", "1.5.2", "99999999999999", None, 1.5, ["1"]]
)
def test_imp_15_a_time_that_is_none_drops_the_message(tmp_path: Path, bad: object) -> None:
    message = {**said("U0LIN", "when?", 0), "ts": bad}
    chat = source(tmp_path, export({"ops": [message, said("U0LIN", "now", 1)]}))
    assert own(list(chat.read())) == ["now"]
    assert chat.dropped == {"BAD_TIME": 1}


# ------------------------------------------------------------------ whose words they are


def test_imp_16_author_spoof(tmp_path: Path) -> None:
    """A bot in the subject's name, an app in their account, and a forwarded message are not the subject."""
    chat = source(
        tmp_path,
        export(
            {
                "ops": [
                    said("U0LIN", "really me", 0),
                    {**said("", "bot as Lin", 1, subtype="bot_message", username="Lin Wei", bot_id="B1")},
                    said("U0LIN", "app as Lin", 2, bot_id="B2"),
                    said(
                        "U0BOB",
                        "I am Lin Wei",
                        3,
                        user_profile={"real_name": "Lin Wei", "display_name": "林薇"},
                        username="lin",
                    ),
                    said(
                        "U0LIN", "", 4, attachments=[{"is_share": True, "author_id": "U0BOB", "text": "forwarded"}]
                    ),
                    said("U0LIN", "&gt; quoted by me\nmy own", 5, client_msg_id="m-5"),
                ]
            }
        ),
    )
    found = list(chat.read())
    assert own(found) == ["really me", "my own"]
    quoted = next(document for document in found if document.id == "m-5#quoted")
    assert (quoted.text, quoted.by_subject, quoted.author) == ("quoted by me", False, "")


def test_imp_17_namesakes_are_told_apart_by_id(tmp_path: Path) -> None:
    twin = {"id": "U0TWIN", "name": "lin2", "real_name": "Lin Wei", "profile": {"display_name": "林薇"}}
    messages = [said("U0LIN", "mine", 0), said("U0TWIN", "hers", 1)]
    chat = source(tmp_path, export({"ops": messages}, users=[*USERS, twin]))
    assert [(document.text, document.author, document.by_subject) for document in chat.read()] == [
        ("mine", "slack:U0LIN", True),
        ("hers", "slack:U0TWIN", False),
    ]


def test_imp_17_an_id_that_two_users_have_is_refused(tmp_path: Path) -> None:
    twice = [*USERS, {"id": "U0LIN", "name": "someone else", "profile": {}}]
    assert code_of(lambda: list(source(tmp_path, export({"ops": []}, users=twice)).read())) == "SUBJECT_AMBIGUOUS"


def test_a_departed_colleague_is_found_and_a_prefix_is_understood(tmp_path: Path) -> None:
    files = export({"ops": [said("U0GONE", "I was here", 0)]})
    assert own(list(source(tmp_path, files, "slack:U0GONE").read())) == ["I was here"]


def test_an_enterprise_export_lists_its_users_elsewhere(tmp_path: Path) -> None:
    files = export({"ops": [said("U0LIN", "hello", 0)]})
    files["org_users.json"] = files.pop("users.json")
    assert own(list(source(tmp_path, files).read())) == ["hello"]


@pytest.mark.parametrize("given", ["lin", "Lin Wei", "U0LINN", "林薇"])
def test_an_unknown_subject_is_refused_with_near_names_and_their_ids(tmp_path: Path, given: str) -> None:
    with pytest.raises(Refused) as caught:
        list(source(tmp_path, export({"ops": []}), given).read())
    assert caught.value.code == "SUBJECT_UNKNOWN"
    assert "U0LIN is 林薇" in caught.value.fix
    assert caught.value.fix.count(" is ") <= 5


@pytest.mark.parametrize("given", [None, "", "slack:"])
def test_no_subject_is_refused(tmp_path: Path, given: str | None) -> None:
    assert code_of(lambda: list(source(tmp_path, export({"ops": []}), given).read())) == "SUBJECT_UNKNOWN"


def test_an_id_used_before_does_not_replace_what_has_it(tmp_path: Path) -> None:
    """A client chooses client_msg_id, so somebody could give a message the id of another's."""
    chat = source(
        tmp_path,
        export(
            {
                "a": [said("U0LIN", "true", 0, client_msg_id="m-1")],
                "b": [said("U0LIN", "x", 0), said("U0BOB", "false", 5, client_msg_id="m-1")],
            }
        ),
    )
    assert {document.id: document.text for document in chat.read()} == {
        "m-1": "true",
        f"C_b/{ts(0)}": "x",
        f"C_b/{ts(5)}": "false",
    }


@pytest.mark.parametrize("bad", [5, "", "x" * 200, "a b", "m#1", "m/1", None])
def test_a_client_id_of_no_use_gives_way_to_channel_and_time(tmp_path: Path, bad: object) -> None:
    (found,) = source(tmp_path, export({"ops": [said("U0LIN", "x", 0, client_msg_id=bad)]})).read()
    assert found.id == f"C_ops/{ts(0)}"


# ------------------------------------------------------------------ the archive around it


def test_one_bad_day_does_not_stop_the_others(tmp_path: Path) -> None:
    files = export({"ops": [said("U0LIN", "good", 0)]})
    files |= {
        "ops/2026-03-03.json": b"[{",
        "ops/2026-03-04.json": '["支付"]'.encode("gbk"),
        "ops/2026-03-05.json": b"{}",
        "ops/2026-03-06.json": b"[" * 200_000,
        "ops/2026-03-07.json": b"[]",
        "ops/notes.txt": b"x",
    }
    chat = source(tmp_path, files)
    assert own(list(chat.read())) == ["good"]
    assert chat.dropped == {"JSON_BROKEN": 1, "ENCODING": 1, "EXPORT_SHAPE": 1, "JSON_DEPTH": 1}
    assert len(chat.problems) == 4
    assert all("\n" not in problem for problem in chat.problems)


def test_a_folder_zipped_as_a_whole_and_litter_are_tolerated(tmp_path: Path) -> None:
    files = export({"ops": [said("U0LIN", "hello", 0)]}, prefix="acme export/")
    files |= {"__MACOSX/acme export/._users.json": b"\x00", "acme export/.DS_Store": b"\x00"}
    for path in (write_zip(tmp_path / "e.zip", files), write_folder(tmp_path / "e", files)):
        assert own(list(SlackExport(path, "U0LIN").read())) == ["hello"]


def test_a_zip_that_is_no_export_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "holiday.zip", {"photo.jpg": b"x", "notes/a.json": b"[]"})
    assert code_of(lambda: list(SlackExport(path, "U0LIN").read())) == "TYPE_MISMATCH"


def test_imp_04_an_export_inside_another_zip_is_not_opened(tmp_path: Path) -> None:
    inner = write_zip(tmp_path / "inner.zip", export({"ops": []})).read_bytes()
    for _ in range(4):
        inner = write_zip(tmp_path / "outer.zip", {"inner.zip": inner}).read_bytes()
    assert code_of(lambda: list(SlackExport(tmp_path / "outer.zip", "U0LIN").read())) == "ARCHIVE_DEPTH"


def test_a_damaged_day_is_found_before_the_first_document(tmp_path: Path) -> None:
    """Nothing is kept of an archive that lies, so nothing has to be taken back."""
    files = export({"a": [said("U0LIN", "first", 0)], "b": [said("U0LIN", "x" * 5000, 0)]})
    path = write_zip(tmp_path / "e.zip", files)
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"b/2026") + 40] ^= 0xFF
    path.write_bytes(bytes(raw))
    assert code_of(lambda: next(SlackExport(path, "U0LIN").read())) == "ARCHIVE_BROKEN"


def test_imp_21_an_empty_export_has_no_documents(tmp_path: Path) -> None:
    assert list(source(tmp_path, export({})).read()) == []
    assert list(source(tmp_path, export({"ops": []})).read()) == []


def test_nothing_is_opened_before_the_first_document_is_asked_for(tmp_path: Path) -> None:
    chat = SlackExport(tmp_path / "does-not-exist.zip", "U0LIN")
    documents = chat.read()
    assert code_of(lambda: next(documents)) == "NOT_FOUND"


def test_a_source_can_be_read_again_with_the_same_result(tmp_path: Path) -> None:
    chat = source(tmp_path, export({"ops": [said("U0LIN", "a", 0, client_msg_id="m-1"), said("U0APP", "b", 1)]}))
    first, counts = list(chat.read()), dict(chat.dropped)
    assert (list(chat.read()), dict(chat.dropped)) == (first, counts)


FIELDS = ["type", "text", "elements", "fields", "url", "user_id", "name", "range", "pretext", "title", "is_share"]
KINDS = [
    "rich_text",
    "rich_text_section",
    "rich_text_list",
    "section",
    "context",
    "text",
    "link",
    "user",
    "",
    "<@U1>",
]
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9**17) | st.sampled_from(KINDS) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=6),
    max_leaves=12,
)
MESSAGES = st.fixed_dictionaries(
    {"ts": st.sampled_from(["1.5", "2000.0", "9000.25"]) | JUNK, "user": st.just("U0LIN") | JUNK},
    optional={
        key: JUNK
        for key in ("text", "blocks", "attachments", "thread_ts", "subtype", "hidden", "edited", "client_msg_id")
    },
)
REASONS = ["malformed", "bot", "deleted", "hidden", "system", "no_author", "BAD_TIME"]


@settings(max_examples=50, deadline=None)
@given(st.lists(MESSAGES | JUNK, max_size=6))
def test_messages_of_any_shape_become_lines_or_a_reason(messages: list[Any]) -> None:
    """Whatever stands in a day file, each entry is accounted for and its words can be read and written."""
    parsed = [parse(message, {"U0APP"}) for message in messages]
    spoken = sorted((line for line in parsed if isinstance(line, Line)), key=lambda line: line.seconds)
    assert all(line in REASONS for line in parsed if isinstance(line, str))
    assert threads(spoken).keys() == {line.ts for line in spoken}
    for line in spoken:
        json.dumps(split_quotes(message_text(line.words, Names({}, {}))), ensure_ascii=False).encode()


def test_memory_does_not_grow_with_the_number_of_channels(tmp_path: Path) -> None:
    """One conversation is held at a time: eight times the export needs less than twice the memory."""

    def peak(channels: int) -> int:
        day = [said("U0BOB" if number % 2 else "U0LIN", "word " * 20, number) for number in range(400)]
        path = write_zip(tmp_path / f"{channels}.zip", export({f"c{number}": day for number in range(channels)}))
        tracemalloc.start()
        count = sum(1 for _ in SlackExport(path, "U0LIN").read())
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert count == 400 * channels
        return used

    assert peak(32) < 2 * peak(4)


def test_posts_of_one_person_that_nobody_answers_stand_alone(tmp_path: Path) -> None:
    """A channel of announcements is no dialogue; once somebody else speaks, what follows is."""
    post = "The ledger closes at nine, and the report goes out before ten, every working day. "
    lines = [said("U0LIN", post + str(n), 60 * n) for n in range(3)]
    lines += [said("U0BOB", "and on Sundays?", 200), said("U0LIN", post, 260), said("U0LIN", post, 320)]
    found = list(source(tmp_path, export({"ops": lines})).read())
    threads = [document.thread for document in sorted(found, key=lambda document: document.at)]
    assert len(set(threads[:3])) == 3
    assert len(set(threads[2:])) == 1
