"""D1 to D18, and those of E1 to E11 that are an adapter's: what others ran into on DingTalk (peers.md), each as a
test."""

from __future__ import annotations

import asyncio
import time

import pytest

from adapters.dingtalk import create
from adapters.errors import NotFound, RateLimited, Rejected
from adapters.model import Button, Card, Field, Form, Message, Person, Post, Press, Thread
from tests.adapters.dingtalk.harness import ANA, LIN, ROOM, DingTalkHarness, config_for, connected, furnish
from tests.adapters.dingtalk.test_inbound import said
from tests.platforms.dingtalk import DingTalkServer


def post(key: str, text: str = "Lin approves them.", **more: object) -> Post:
    return Post(key, Card(text, label="AI answer"), **more)  # type: ignore[arg-type]  # the caller knows Post


async def heard(h: DingTalkHarness, count: int = 1) -> Message:
    event = await h.host.event(count)
    assert isinstance(event, Message)
    return event


async def test_d1_the_ack_leaves_once_the_event_is_kept_and_waits_for_no_answer() -> None:
    """D1. Work before the ack has DingTalk bring the message again after 15 to 60 seconds."""
    async with connected() as h:
        h.ding.dm(ANA, "who?")
        await heard(h)
        await h.ding.settled()
        (delivery,) = h.ding.log
        assert delivery.acked
        assert delivery.seconds < 0.3


async def test_d2_a_redelivery_has_the_same_key_and_the_same_words_twice_have_two() -> None:
    """D2. The frame's id differs from one delivery to the next; and people do repeat themselves."""
    async with connected() as h:
        h.ding.faults.add("twin", on="message")
        h.ding.dm(ANA, "hello")
        await h.host.delivered(2)
        h.ding.dm(ANA, "hello")
        await h.host.delivered(3)
        assert len(h.host.events) == 2


async def test_d3_nothing_of_the_sdk_blocks() -> None:
    """D3. Its own gateway call and token call are never made: both are blocking requests without a time limit."""
    async with connected() as h:
        link = h.adapter._gateway._link  # type: ignore[union-attr]  # it runs
        assert link is not None
        begun = time.perf_counter()
        with pytest.raises(KeyboardInterrupt):  # a second link is never opened by the SDK
            link.open_connection()
        assert time.perf_counter() - begun < 0.01
        assert link._access_token == {}
        agents = {call.headers.get("User-Agent", "") for call in h.ding.called("gateway/connections/open")}
        assert not any("DingTalkStream" in agent for agent in agents)


async def test_d4_a_zombie_is_replaced() -> None:
    """D4. TCP lives on, pings are answered, nothing comes."""
    async with connected(quiet_seconds=0.2, ping_seconds=0.05) as h:
        await h.ding.zombie()
        h.ding.dm(ANA, "anybody there?")
        assert (await heard(h)).text == "anybody there?"


@pytest.mark.parametrize("who", ["DingTalk", "we"])
async def test_d5_a_late_answer_goes_by_the_robot_api(who: str) -> None:
    """D5, E9. The reply address ends after about 90 minutes, with HTTP 200; every escalated answer is later.
    Whoever notices first."""
    late = 0.0
    async with connected(ding=DingTalkServer(clock=lambda: time.time() + late)) as h:
        await h.say(h.ana, "who approves?", chat=h.room)
        thread = (await heard(h)).thread
        if who == "we":
            h.adapter._sessions._now = lambda: time.time() + 91 * 60
        late = 91 * 60
        await h.adapter.post(thread, post("k1", mention=(h.ana,)))
        posted = await h.ding.next_post(ROOM)
        assert (posted.how, posted.mentions) == ("group", ())
        assert "@Ana" in posted.shown
        assert len(h.ding.called("robot/sendBySession")) == (1 if who == "DingTalk" else 0)
        await h.adapter.post(thread, post("k2"))
        assert len(h.ding.called("robot/sendBySession")) == (1 if who == "DingTalk" else 0)


async def test_d5_after_a_restart_the_robot_api_is_there() -> None:
    """D5. Reply addresses are credentials: they are in memory only."""
    async with connected() as h:
        await h.say(h.ana, "who approves?", chat=h.room)
        thread = (await heard(h)).thread
        assert "session" not in repr(thread)
        other = create(config_for(h.ding))
        await other.post(thread, post("k1"))
        assert (await h.ding.next_post(ROOM)).how == "group"
        await other.close()


async def test_d6_anybody_in_the_organisation_is_written_to_by_staff_id() -> None:
    """D6. Also who never wrote; never by senderId, and always with the robot's code."""
    async with connected() as h:
        await h.adapter.post(await h.adapter.direct(h.lin), post("k1"))
        (call,) = h.ding.called("robot/oToMessages/batchSend")
        assert (call.body["userIds"], call.body["robotCode"]) == ([LIN], h.ding.robot_code)


async def test_d6_somebody_without_a_staff_id_is_from_outside() -> None:
    """D6. Fails closed: an id that no robot can write to is nobody's authority either."""
    async with connected() as h:
        await h.say(h.guest, "who approves?", chat=h.room)
        author = (await heard(h)).author
        assert author.external
        assert author.id not in h.ding.space.users
        assert (await h.adapter.person(author.id)).external
        with pytest.raises(NotFound):
            await h.adapter.post(await h.adapter.direct(author), post("k1"))


async def test_d6_somebody_from_outside_who_presses_a_card_is_known_as_such_and_answered_there() -> None:
    """D6. A callback has an id and an organisation; nothing they may do leaves a message that cannot be
    delivered."""
    async with connected(cards=True) as h:
        await h.say(h.ana, "who approves?", chat=h.room)
        thread = (await heard(h)).thread
        receipt = await h.adapter.post(
            thread, Post("k1", Card("Lin.", label="AI", buttons=(Button("why", "Why?"),)))
        )
        await h.ding.press("guest", h.posted(receipt), "why")
        press = await h.host.event(2)
        assert isinstance(press, Press)
        assert press.author.external
        await h.adapter.post(press.thread, post("k2", "Colleagues only.", only_for=press.author))
        assert [standing.chat for standing in await h.standing()] == [ROOM, ROOM]


async def test_d6_a_stranger_who_presses_right_after_a_restart_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """D6. Nothing has told our organisation's id yet but the card; an id equal to ours elsewhere is not ours."""
    async with connected(cards=True) as h:
        buttons = (Button("why", "Why?"),)
        receipt = await h.adapter.post(h.room, Post("k1", Card("Lin.", label="AI", buttons=buttons)))
        for n, corp in enumerate(("dingcorpelsewhere", h.ding.corp_id), 1):
            monkeypatch.setattr(h.ding.space, "corp_of", lambda user, corp=corp: corp)
            await h.ding.press(ANA, h.posted(receipt), "why")
            press = await h.host.event(n)
            assert isinstance(press, Press)
            assert press.author.external is (corp != h.ding.corp_id)


@pytest.mark.parametrize("staff", ["", None])
def test_d6_somebody_of_this_organisation_without_a_staff_id_is_from_outside_too(staff: object) -> None:
    """D6. An external contact may be told under our own organisation."""
    author = said("group_text", senderStaffId=staff).author
    assert author.external
    assert author.id.startswith("x:")


def test_d6_a_staff_id_of_another_organisation_is_another_s() -> None:
    """D6. Ids are an organisation's own: an equal one elsewhere is somebody else."""
    author = said("group_text", senderCorpId="dingcorpelsewhere").author
    assert author.external
    assert author.key != "dingtalk:staff_ana"


async def test_d7_a_group_is_a_group_and_a_person_a_person() -> None:
    """D7. A conversation's id that goes to the person API is `staffId.notExisted`."""
    async with connected() as h:
        await h.adapter.post(h.room, post("k1"))
        await h.adapter.post(await h.adapter.direct(h.ana), post("k2"))
        (group,) = h.ding.called("robot/groupMessages/send")
        (person,) = h.ding.called("robot/oToMessages/batchSend")
        assert group.body["openConversationId"] == ROOM
        assert person.body["userIds"] == [ANA]


@pytest.mark.parametrize("cards", [False, True])
async def test_d8_a_mention_really_notifies(cards: bool) -> None:
    """D8. In a message only with the id in the text and in the list; on a card by its own field."""
    async with connected(cards=cards) as h:
        await h.say(h.ana, "who approves?", chat=h.room)
        thread = (await heard(h)).thread
        await h.adapter.post(thread, post("k1", mention=(h.ana, h.lin)))
        posted = await h.ding.next_post(ROOM)
        assert set(posted.mentions) == {ANA, LIN}
        assert "@Ana" in posted.shown


async def test_d8_what_people_write_notifies_nobody() -> None:
    """D8, T25. Neither everybody nor somebody by their id."""
    async with connected() as h:
        await h.say(h.ana, "who approves?", chat=h.room)
        thread = (await heard(h)).thread
        await h.adapter.post(thread, post("k1", f"@{LIN} @all @所有人 look", mention=(h.ana,)))
        posted = await h.ding.next_post(ROOM)
        assert posted.mentions == (ANA,)


async def test_d9_others_who_are_named_are_known_by_id() -> None:
    """D9. `atUsers` has ids and no names; the robot's own is not among them."""
    async with connected() as h:
        h.ding.say(ANA, ROOM, "@Lin who approves?", at=[LIN])
        message = await heard(h)
        assert [person.key for person in message.mentions] == [h.lin.key]
        assert message.text == "@Lin who approves?"


async def test_d10_what_names_another_robot_of_the_app_is_not_ours() -> None:
    """D10. It would be answered twice."""
    async with connected(robot_code="dingother") as h:
        h.ding.robot_code = "dingappfixture"
        h.ding.dm(ANA, "for the other one")
        await h.ding.settled()
        assert h.host.events == []
        assert h.ding.log[-1].acked


async def test_d11_a_name_that_harmonyos_repeats_is_taken_out() -> None:
    """D11. And nobody else's."""
    async with connected() as h:
        h.ding.say(ANA, ROOM, "who approves?", kind="richText", harmony=True)
        assert (await heard(h)).text == "who approves?"


async def test_d12_too_much_is_waited_out_and_not_lost() -> None:
    """D12. HTTP 403 with a code of its own; a card that was not placed is placed later, once."""
    async with connected(cards=True) as h:
        h.ding.faults.add("429", on="card/instances/createAndDeliver")
        with pytest.raises(RateLimited):
            await h.adapter.post(h.room, post("k1"))
        await h.adapter.post(h.room, post("k1"))
        assert [posted.how for posted in h.ding.standing()] == ["card"]


async def test_d13_no_card_spins() -> None:
    """D13. A card that was begun is finished, streamed or not."""
    async with connected(cards=True, stream=True) as h:
        h.ding.faults.add("lost", on="card/streaming", times=3)
        receipt = await h.adapter.post(h.room, post("k1", "word " * 400))
        assert not h.ding.spins(receipt.message_id)
        assert (await h.standing())[0].text.count("word") == 400


async def test_d14_each_world_has_its_token() -> None:
    """D14. The new API's in a header, the old one's in the address."""
    async with connected() as h:
        await h.adapter.post(h.room, post("k1"))
        await h.adapter.person(LIN)
        (new,) = h.ding.called("robot/groupMessages/send")
        (old,) = h.ding.called("topapi/v2/user/get")
        assert new.headers["x-acs-dingtalk-access-token"] != old.body["access_token"]


async def test_d15_a_card_s_words_are_read_as_they_were_meant() -> None:
    """D15. Lists, code, tables and breaks, in a dialect that has only half of them; the title is never missing."""
    text = "Steps:\n- one\n- two\n\n```\na = 1\nb = 2\n```\n| x | y |\n|---|---|\n| 1 | 2 |"
    async with connected() as h:
        await h.adapter.post(h.room, post("k1", text))
        posted = await h.ding.next_post(ROOM)
        assert posted.shown.split("\n")[:7] == [
            "AI answer",
            "Steps:",
            "- one",
            "- two",
            "a = 1",
            "b = 2",
            "- x: 1; y: 2",
        ]
        assert posted.title == "AI answer"


async def test_d16_two_askers_in_a_group_are_two_conversations() -> None:
    """D16. There are no threads; a follow-up of one asker belongs to their question, and to nobody else's."""
    async with connected() as h:
        await h.say(h.ana, "one?", chat=h.room)
        await h.say(h.lin, "two?", chat=h.room)
        await h.say(h.ana, "and three?", chat=h.room)
        await h.host.event(3)
        lanes = {e.text: e.thread.lane for e in h.host.events if isinstance(e, Message)}
        assert lanes["one?"] == lanes["and three?"] != lanes["two?"]


@pytest.mark.parametrize("cards", [False, True])
async def test_d16_whoever_quotes_a_question_answers_that_one(cards: bool) -> None:
    """D16, E9. The one thing like a thread: the reply's root is the id of the post it quotes."""
    async with connected(cards=cards) as h:
        thread = await h.adapter.direct(h.lin)
        first = await h.adapter.post(thread, post("k1", "Who approves invoices?"))
        await h.adapter.post(thread, post("k2", "Who signs contracts?"))
        (posted, _) = h.ding.standing()
        h.ding.dm(LIN, "Finance does.", quote=posted.id)
        message = await heard(h)
        assert message.thread.root == first.message_id
        assert message.text == "Finance does."
        assert message.thread.chat == thread.chat


@pytest.mark.parametrize("cards", [False, True])
async def test_d16_in_a_group_whoever_quotes_stands_in_that_conversation(cards: bool) -> None:
    """D16, E9. The question itself or our late answer to it: so the owner can answer in the group."""
    async with connected(cards=cards) as h:
        question = await h.say(h.ana, "who approves?", chat=h.room)
        thread = (await heard(h)).thread
        h.adapter._sessions.end(ROOM)  # what was said by reply address cannot be told by a quotation
        await h.adapter.post(thread, post("k1", "I have asked Lin."))
        (answer,) = h.ding.standing()
        for n, quoted in enumerate((question, answer.id), 2):
            await h.say(h.lin, "Finance does.", chat=h.room, thread=quoted)
            message = await heard(h, n)
            assert (message.thread.lane, message.text) == (thread.lane, "Finance does.")
            assert message.author.key == h.lin.key


async def test_d17_a_button_without_a_card_is_a_link_that_says_what_was_pressed() -> None:
    """D17. In a group and alone; the host is in lower case, or nothing happens."""
    card = Card("Was it right?", label="AI", buttons=(Button("human", "问真人", "o 1/2"),))
    async with connected() as h:
        for n, thread in enumerate((h.room, await h.adapter.direct(h.ana)), 1):
            receipt = await h.adapter.post(thread, Post(f"k{n}", card))
            posted = h.posted(receipt)
            assert posted.buttons[0].url.startswith("dtmd://dingtalkclient/sendMessage?content=")
            await h.ding.press(ANA, posted, "human")
            press = await h.host.event(n)
            assert isinstance(press, Press)
            assert (press.action, press.value, press.thread.chat) == ("human", "o 1/2", thread.chat)
            assert press.message_id == receipt.message_id


async def test_a_form_is_seen_by_whoever_asked_for_it_and_goes_when_it_is_sent() -> None:
    """A draft that somebody is about to change is nobody else's business."""
    async with connected(cards=True) as h:
        h.host.forms["mine"] = Form(
            "answered", "esc1", "Answer", "Send", "Cancel", (Field("text", "Answer", "draft"),)
        )
        buttons = (Button("mine", "Answer myself", "esc1", opens_form=True),)
        receipt = await h.adapter.post(h.room, Post("k1", Card("Can you?", label="AI", buttons=buttons)))
        await h.ding.press(LIN, h.posted(receipt), "mine")
        seen = h.ding.space.cards[receipt.message_id].private
        assert list(seen) == [LIN]
        assert (seen[LIN]["form"], seen[LIN]["input1"]) == ("Answer", "draft")
        await h.ding.submit(LIN, h.posted(receipt), {"text": "Finance does."})
        press = await h.host.event()
        assert isinstance(press, Press)
        assert press.fields == {"text": "Finance does."}
        assert seen[LIN]["form"] == ""
        await h.ding.press(LIN, h.posted(receipt), "mine")
        await h.ding.cancel(LIN, h.posted(receipt))
        assert seen[LIN]["form"] == ""
        assert len(h.host.events) == 1


async def test_d18_what_was_spoken_is_read() -> None:
    """D18. DingTalk writes it down; a voice message is a question like any other."""
    async with connected() as h:
        h.ding.dm(ANA, "who approves invoices", kind="audio")
        assert (await heard(h)).text == "who approves invoices"


async def test_d18_what_is_old_is_still_answered() -> None:
    """D18. Others drop what is older than a minute; an outage would lose questions that way."""
    early = -20 * 60.0
    async with connected(ding=DingTalkServer(clock=lambda: time.time() + early)) as h:
        h.ding.dm(ANA, "who approves?")
        assert (await heard(h)).text == "who approves?"


async def test_an_outage_of_twenty_minutes_loses_nothing() -> None:
    """The issue's own demand: what was asked meanwhile arrives, and what was to be said can be said."""
    now = time.time()
    ding = DingTalkServer(clock=lambda: now)
    async with connected(ding=ding) as h:
        async with ding.outage():
            ding.dm(ANA, "asked meanwhile")
            with pytest.raises(Exception, match="dingtalk"):
                await h.adapter.post(h.room, post("k1"))
            now += 20 * 60
        message = await h.host.event(1, within=15)
        assert isinstance(message, Message)
        assert message.text == "asked meanwhile"
        await h.adapter.post(h.room, post("k1"))
        assert len(await h.standing()) == 1


async def test_e1_commands_are_typed_after_the_mention() -> None:
    """E1. There are none of DingTalk's own; the text arrives as it was typed, without the robot's name."""
    async with connected() as h:
        h.ding.say(ANA, ROOM, f"{h.ding.mention} /understudy status")
        message = await heard(h)
        assert (message.text, message.addressed, message.command) == ("/understudy status", True, False)


async def test_e6_a_repeated_key_is_said_once_while_we_live() -> None:
    """E6. Owners are not trained to ignore us."""
    async with connected() as h:
        receipts = [await h.adapter.post(h.room, post("k1")) for _ in range(3)]
        assert len({receipt.message_id for receipt in receipts}) == 1
        assert len(await h.standing()) == 1


async def test_e9_a_thread_that_was_stored_is_all_that_a_late_answer_needs() -> None:
    """E9. Hours later, in another process, to somebody who never wrote: nothing but the thread is needed."""
    async with DingTalkServer() as ding:
        furnish(ding)
        adapter = create(config_for(ding))
        stored = Thread("dingtalk", ROOM, ding.corp_id, root=f"u:{ANA}", anchor="msg1")
        await adapter.post(stored, post("k1"))
        await adapter.post(await adapter.direct(Person("dingtalk", LIN)), post("k2"))
        assert [posted.how for posted in ding.standing()] == ["group", "oto"]
        await adapter.close()


async def test_e11_what_is_for_one_person_never_stands_in_the_group() -> None:
    """E11. Not even for a moment, and with a card neither."""
    for cards in (False, True):
        async with connected(cards=cards) as h:
            await h.say(h.ana, "who approves?", chat=h.room)
            thread = (await heard(h)).thread
            await h.adapter.post(thread, post("k1", only_for=h.ana))
            assert h.ding.standing(ROOM) == []
            (standing,) = await h.standing()
            assert standing.chat == f"u:{ANA}"


async def test_e11_who_reads_an_ordinary_group_is_unknown_and_unknown_is_an_error() -> None:
    """E11. DingTalk tells an app only about groups of its own making; only what everybody may read is said in the
    others. People from outside are told of where they are known."""
    async with connected() as h:
        h.ding.space.add_chat("cidplain==", "plain", [ANA, LIN], scene=False)
        with pytest.raises(NotFound):
            await h.adapter.audience(Thread("dingtalk", "cidplain=="))
        h.ding.space.chats[ROOM].members.append("guest")
        audience = await h.adapter.audience(h.room)
        assert audience.external
        assert {person.id for person in audience.members} == {ANA, LIN}


async def test_e11_an_ordinary_group_is_asked_for_once_a_minute_and_forgotten_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """E11. Each question there would cost a call of the organisation's quota; and nothing grows for ever."""
    monkeypatch.setattr("adapters.dingtalk.rooms.MOST", 2)
    now = 1000.0
    async with connected() as h:
        h.adapter._rooms._ticks = lambda: now
        asked = lambda: len(h.ding.called("topapi/im/chat/scenegroup/member/get"))  # noqa: E731  # read thrice
        h.ding.space.add_chat("cidplain==", "plain", [ANA, LIN], scene=False)
        plain = Thread("dingtalk", "cidplain==")
        told = await asyncio.gather(*(h.adapter.audience(plain) for _ in range(5)), return_exceptions=True)
        assert {type(error) for error in told} == {NotFound}
        with pytest.raises(NotFound):
            await h.adapter.audience(plain)
        assert asked() == 1
        now += 61
        with pytest.raises(NotFound):
            await h.adapter.audience(plain)
        assert asked() == 2
        for thread in (h.room, h.private):
            await h.adapter.audience(thread)
        assert list(h.adapter._rooms._audiences) == [h.room.chat, h.private.chat]


async def test_a_large_group_is_read_page_by_page_and_not_asked_for_every_minute() -> None:
    async with connected() as h:
        for n in range(120):
            h.ding.space.add_user(f"s{n}", f"S{n}")
        h.ding.space.add_chat("cidlarge==", "large", [f"s{n}" for n in range(120)])
        large = Thread("dingtalk", "cidlarge==")
        first, second = await asyncio.gather(h.adapter.audience(large), h.adapter.audience(h.room))
        assert (len(first.members), first.public, second.public) == (120, False, True)
        calls = len(h.ding.called("topapi/im/chat/scenegroup/member/get"))
        await h.adapter.audience(large)
        assert len(h.ding.called("topapi/im/chat/scenegroup/member/get")) == calls


async def test_a_group_that_is_too_large_to_be_read_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """E11. Half of the readers are not the readers."""
    monkeypatch.setattr("adapters.dingtalk.rooms.PAGES", 1)
    async with connected() as h:
        members = [f"s{n}" for n in range(120)]
        for id in members:
            h.ding.space.add_user(id, id)
        h.ding.space.add_chat("cidlarge==", "large", members)
        with pytest.raises(Rejected):
            await h.adapter.audience(Thread("dingtalk", "cidlarge=="))


async def test_a_member_whom_the_directory_does_not_know_is_from_outside() -> None:
    """E11. Who has left the organisation may still read its groups."""
    async with connected() as h:
        h.ding.space.users[LIN].left = True
        audience = await h.adapter.audience(h.room)
        assert audience.external
        assert [person.id for person in audience.members if person.external] == [LIN]
