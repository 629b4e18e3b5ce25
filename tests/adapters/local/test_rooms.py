"""What the rooms keep, and what each person sees of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.errors import NotFound, Unreachable
from adapters.local import Config, Line, LocalChat, create
from adapters.local.entry import stamp
from adapters.model import Card, Person, Post
from tests.adapters.contract import Host
from tests.adapters.local.clock import ticking
from tests.adapters.local.conftest import TEAM, Visitor
from tests.adapters.local.harness import FlakyDatabase

LONG_AGO = datetime(2026, 1, 5, 9, tzinfo=UTC)


def past(count: int, room: str = "C1") -> list[Line]:
    lines = []
    for number in range(count):
        at = LONG_AGO + timedelta(minutes=number)
        lines.append(Line(room, stamp(int(at.timestamp() * 1e6)), "Old", at, f"word {number}"))
    return lines


async def test_people_see_the_same_after_a_restart(tmp_path: Path) -> None:
    """And a post that was placed before is known by its key."""
    config = Config(database=tmp_path / "made" / "chat.db", team=TEAM, now=ticking())
    before = create(config)
    receipt = await before.post(before.thread("C1"), Post("k1", Card("hello")))
    before.rooms.close()
    after = create(config)
    assert [entry.body.card for entry in await after.rooms.page("C1", "lin")] == [Card("hello")]
    assert await after.post(after.thread("C1"), Post("k1", Card("hello"))) == receipt
    assert (tmp_path / "made" / "chat.db").stat().st_mode & 0o077 == 0
    after.rooms.close()


async def test_the_past_is_added_once_and_stands_above_the_live_chat(chat: LocalChat, visitor: Visitor) -> None:
    """Rooms the team does not have are left out; nobody is told of it as if it were new."""
    lines = past(3) + past(1, "C404")
    assert await chat.seed(lines) == 3
    assert await chat.seed(lines) == 0
    await visitor.said("chen", "live")
    assert [entry["body"]["text"] for entry in await visitor.sees("lin")] == ["word 0", "word 1", "word 2", "live"]
    state = await (await visitor.get("lin", "state")).json()
    assert state["news"]["unread"]["C1"]["count"] == 1


async def test_a_room_is_read_stretch_by_stretch(chat: LocalChat, visitor: Visitor) -> None:
    """Its end first, then what is before; or what is around a cited message, and on from there to the end."""
    lines = past(200)
    await chat.seed(lines)
    end = await visitor.sees("lin")
    assert [entry["id"] for entry in end] == [line.id for line in lines[-60:]]
    before = await visitor.sees("lin", before=end[0]["id"])
    assert [entry["id"] for entry in before] == [line.id for line in lines[-120:-60]]
    around = await visitor.sees("lin", around=lines[50].id)
    assert [entry["id"] for entry in around] == [line.id for line in lines[20:80]]
    after = await visitor.sees("lin", after=around[-1]["id"])
    assert [entry["id"] for entry in after] == [line.id for line in lines[80:140]]


async def test_a_cited_reply_is_shown_where_it_hangs(chat: LocalChat, visitor: Visitor) -> None:
    lines = past(5)
    at = LONG_AGO + timedelta(days=1)
    reply = Line("C1", stamp(int(at.timestamp() * 1e6)), "Old", at, "a reply", root=lines[2].id)
    await chat.seed([*lines, reply])
    response = await (await visitor.get("lin", "rooms/C1", around=reply.id)).json()
    assert response["target"]["root"] == lines[2].id
    assert lines[2].id in [entry["id"] for entry in response["entries"]]
    assert [entry["id"] for entry in await visitor.sees("lin", root=lines[2].id)] == [lines[2].id, reply.id]


async def test_an_unknown_citation_has_no_target(chat: LocalChat, visitor: Visitor) -> None:
    await chat.seed(past(2))
    response = await (await visitor.get("lin", "rooms/C1", around="1600000000.000000")).json()
    assert response["target"] is None


async def test_what_only_one_person_sees_is_in_nobody_elses_room_thread_count_or_badge(
    chat: LocalChat, visitor: Visitor
) -> None:
    root = await visitor.said("chen", "a question")
    await chat.post(chat.thread("C1", root), Post("k1", Card("only for you"), only_for=chat.person_of("chen")))
    for who, replies in (("chen", 1), ("lin", 0)):
        (entry,) = await visitor.sees(who)
        assert entry["replies"] == replies
        assert len(await visitor.sees(who, root=root)) == 1 + replies
    state = await (await visitor.get("lin", "state")).json()
    assert state["news"]["unread"]["C1"]["count"] == 1  # the question alone


async def test_private_rooms_and_direct_chats_do_not_exist_for_others(chat: LocalChat, visitor: Visitor) -> None:
    """Not by name, not by content, not as a thread, not by a link into their past."""
    root = await visitor.said("lin", "secret", chat="C2")
    await visitor.said("lin", "secret", chat="D-lin")
    state = await (await visitor.get("chen", "state")).text()
    assert "leads" not in state
    assert "C2" not in state
    for path in ("rooms/C2", f"rooms/C2/{root}", "rooms/D-lin", "rooms/C404"):
        assert (await visitor.get("chen", path, around=root)).status == 404


async def test_what_one_has_seen_is_no_longer_unread(chat: LocalChat, visitor: Visitor) -> None:
    """Nor does an older page take it back; one's own words are never unread."""

    async def news(who: str) -> dict[str, dict[str, dict[str, int]]]:
        return (await (await visitor.get(who, "state")).json())["news"]  # type: ignore[no-any-return]  # JSON

    await visitor.said("chen", "one")
    await visitor.said("chen", "two")
    unread = (await news("lin"))["unread"]["C1"]
    assert unread["count"] == 2
    assert (await news("chen"))["unread"] == {}
    await visitor.post("lin", "seen", {"chat": "C1", "seq": unread["upto"]})
    await visitor.post("lin", "seen", {"chat": "C1", "seq": 0})
    assert (await news("lin"))["unread"] == {}
    assert (await news("ada"))["unread"]["C1"]["count"] == 2


async def test_everybody_sees_for_whom_the_bot_has_something(chat: LocalChat, visitor: Visitor) -> None:
    """How many, and nothing else of it."""
    await chat.post(await chat.direct(chat.person_of("lin")), Post("k1", Card("Can you answer this?")))
    response = await (await visitor.get("chen", "state")).text()
    assert '"waiting":{"chen":0,"lin":1,"mei":0,"ada":0}' in response
    assert "Can you answer" not in response


async def test_order_survives_a_clock_that_goes_back(database: FlakyDatabase) -> None:
    """An id is also the place in the room: what is said later stands below, whatever the clock says."""
    from adapters.local.rooms import Rooms

    times = iter([LONG_AGO, LONG_AGO - timedelta(hours=1), LONG_AGO])
    chat = LocalChat(TEAM, Rooms(database), (), lambda: next(times))
    ids = [(await chat.post(chat.thread("C1"), Post(f"k{n}", Card(str(n))))).message_id for n in range(3)]
    assert ids == sorted(set(ids))


async def test_an_edit_of_somebody_elses_words_is_refused(chat: LocalChat, host: Host, visitor: Visitor) -> None:
    """The bot rewrites its own cards only."""
    id = await visitor.said("chen", "mine")
    receipt = await chat.post(chat.thread("C1"), Post("k1", Card("ours")))
    with pytest.raises(NotFound):
        await chat.edit(type(receipt)(id, receipt.thread), Post("k2", Card("forged")))
    assert (await visitor.sees("chen"))[0]["body"]["text"] == "mine"


async def test_strangers_rooms_and_threads_are_not_found(chat: LocalChat) -> None:
    with pytest.raises(NotFound):
        await chat.post(chat.thread("C1", "1.1"), Post("k1", Card("x")))
    with pytest.raises(NotFound):
        await chat.direct(Person(platform="slack", id="lin"))
    with pytest.raises(NotFound):
        await chat.person("nobody")


async def test_a_failing_disk_is_unreachable_and_says_nothing_of_the_content(
    chat: LocalChat, database: FlakyDatabase
) -> None:
    database.failing = "down"
    with pytest.raises(Unreachable) as caught:
        await chat.find(chat.thread("C1"), "secret-key")
    assert "FullError" in str(caught.value)
    assert "secret" not in str(caught.value)
