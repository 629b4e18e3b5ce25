"""Chats fetched from a Feishu that answers as the real one does: what comes of them, and of lists that go wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from adapters.secret import Secret
from persona_store.errors import Refused
from persona_store.importing import run_import
from persona_store.sources.chat_export import Told
from persona_store.sources.feishu_calls import FeishuAccess
from tests.persona_store.sources.feishu_live import BOB, EVE, LIN, START, Team, a_team, fetched, lost, own
from tests.platforms.feishu_archive import FeishuArchive


@pytest.fixture
async def team() -> AsyncIterator[Team]:
    async with a_team() as made:
        yield made


def talk(team: Team, chat: str = "oc_ops", rounds: int = 1) -> None:
    for number in range(rounds):
        team.say(BOB, chat, f"对账任务几点跑？ {number}")
        team.say(LIN, chat, f"每天 09:00，失败会重试三次 {number}")


# ------------------------------------------------------------------ what comes of it


async def test_a_public_group_is_everybodys_and_a_private_one_its_members(team: Team) -> None:
    talk(team)
    talk(team, "oc_hr")
    source = team.source("oc_ops", "oc_hr")
    found = await fetched(source)
    assert own(found) == ["每天 09:00，失败会重试三次 0"] * 2
    readers = {document.container: document.readers for document in found}
    assert readers == {"oc_ops": None, "oc_hr": (f"feishu:{BOB}", f"feishu:{LIN}")}
    assert {document.source for document in found} == {"feishu_api"}
    assert {(document.author, document.author_name) for document in found} == {
        (f"feishu:{LIN}", "林薇"),
        (f"feishu:{BOB}", "Bob Hart"),
    }
    assert (lost(source), source.problems) == ({}, [])


async def test_people_are_known_as_the_bot_knows_them(team: Team) -> None:
    """The second app sees other open_ids; the readers of a private chat could never ask by those."""
    talk(team, "oc_hr")
    strangers = team.source("oc_hr", subject=FeishuArchive.seen(LIN), bot=None)
    assert {document.author for document in await fetched(strangers)} == {"feishu:ou_r7lin", "feishu:ou_r7bob"}
    assert {document.author for document in await fetched(team.source("oc_hr"))} == {
        "feishu:ou_lin",
        "feishu:ou_bob",
    }


async def test_a_subject_the_apps_cannot_look_up_is_found_by_a_further_id(team: Team) -> None:
    """Whoever left is no longer in what an app may see."""
    talk(team)
    team.server.space.users[LIN].reachable = False
    assert own(await fetched(team.source("oc_ops"))) == []
    found = await fetched(team.source("oc_ops", told=Told(ids=(FeishuArchive.seen(LIN),))))
    assert {document.author for document in found if document.by_subject} == {f"feishu:{LIN}"}


async def test_topics_replies_and_mentions(team: Team) -> None:
    root = team.say(BOB, "oc_ops", "怎么回滚？", mentions=(LIN,))
    answer = team.say(LIN, "oc_ops", "先停网关", thread=root)
    for number in range(120):
        team.say(BOB, "oc_ops", f"好的 {number}", thread=root)
    found = await fetched(team.source("oc_ops"))
    assert found[0].text == "怎么回滚？ @林薇"
    assert len(found) == 122
    assert {document.thread for document in found} == {found[0].thread}
    assert {document.id for document in found} >= {root, answer}
    assert [call.body["container_id_type"] for call in team.server.called("im.message.list")].count("thread") == 3


async def test_what_was_passed_on_is_context_and_keeps_its_author(team: Team) -> None:
    team.say(BOB, "oc_ops", "昨天怎么说的？")
    forward = team.server.forward(LIN, "oc_ops", (BOB, "oc_hr", "周三上线"), (LIN, "oc_hr", "周三不行"))
    team.say(LIN, "oc_ops", "看上面")
    source = team.source("oc_ops")
    found = {document.text: document for document in await fetched(source)}
    assert own(list(found.values())) == ["看上面"]
    assert (found["周三不行"].author, found["周三不行"].id.partition("/")[0]) == (f"feishu:{LIN}", forward)
    assert lost(source) == {}


async def test_direct_chats_come_with_the_subjects_own_token_only(team: Team) -> None:
    talk(team, "oc_pair")
    as_app = team.source("oc_pair")
    assert await fetched(as_app) == []
    assert lost(as_app) == {"no_permission": 1}
    found = await fetched(team.source("oc_pair", access=team.user(LIN)))
    assert own(found) == ["每天 09:00，失败会重试三次 0"]
    assert all(document.direct and document.readers == ("feishu:ou_bob", "feishu:ou_lin") for document in found)


async def test_all_chats_are_those_whoever_reads_is_in(team: Team) -> None:
    talk(team)
    talk(team, "oc_hr")
    team.server.space.add_chat("oc_else", "elsewhere", [LIN, BOB])
    talk(team, "oc_else")
    assert {document.container for document in await fetched(team.source("all"))} == {"oc_ops", "oc_hr"}


async def test_outsiders_bots_and_recalled_messages_are_left_out(team: Team) -> None:
    team.server.space.chats["oc_ops"].members.append(EVE)
    talk(team)
    team.say(EVE, "oc_ops", "外部顾问的话")
    team.server.recall(team.say(LIN, "oc_ops", "说错了"))
    source = team.source("oc_ops")
    assert own(await fetched(source)) == ["每天 09:00，失败会重试三次 0"]
    assert lost(source) == {"outsider": 1, "deleted": 1}


async def test_only_what_was_said_since_a_day_is_asked_for(team: Team) -> None:
    talk(team, rounds=3)
    found = await fetched(team.source("oc_ops", since=int(START) + 61 + 120))
    assert own(found) == [f"每天 09:00，失败会重试三次 {number}" for number in (1, 2)]


async def test_fetching_again_gives_the_same(team: Team) -> None:
    talk(team, rounds=70)
    source = team.source("oc_ops")
    assert source.progress == (0, 0)
    first = await fetched(source)
    assert source.progress == (len(team.server.calls) - 3, 0)  # all but two tokens and what the bot's app looked up
    assert await fetched(source) == first
    assert len(first) == 140


# ------------------------------------------------------------------ consent


class Shelf:
    """Where nothing is ever put, in these tests."""


async def test_nothing_is_asked_of_the_platform_without_consent(team: Team) -> None:
    """Not even a token."""
    talk(team)
    with pytest.raises(Refused) as refused:
        await run_import(
            team.source("oc_ops"),
            persona="lin",
            consent=None,
            evidence=Shelf(),  # type: ignore[arg-type]  # never reached
            now=datetime(2026, 3, 3, tzinfo=UTC),
        )
    assert refused.value.code == "CONSENT_MISSING"
    assert team.server.calls == []


# ------------------------------------------------------------------ patience


async def test_the_waits_the_platform_asks_for_are_kept(team: Team) -> None:
    talk(team)
    team.server.faults.add("429", on="im.message.list", seconds=7)
    team.server.faults.add("error", on="im.message.list", code="99991400")
    team.server.faults.add("502", on="im.chat.get")
    source = team.source("oc_ops")
    assert len(await fetched(source)) == 2
    assert 7.0 in team.waits.seconds
    assert len(team.waits.seconds) == 3
    assert source.problems == []


async def test_who_is_told_to_come_back_tomorrow_is_told_so(team: Team) -> None:
    """And keeps what there was."""
    talk(team, "oc_hr")
    talk(team)
    source = team.source("oc_hr", "oc_ops")
    found = []
    async for document in source.documents():
        if not found:
            team.server.faults.add("429", on="im.chat.get", seconds=86_400)
        found.append(document)
    assert {document.container for document in found} == {"oc_hr"}
    assert "asked again in 86400 seconds" in source.problems[0]
    assert lost(source) == {"incomplete": 1}
    assert team.waits.seconds == []


@pytest.mark.parametrize("fault", ["truncated", "500", "503", "reset", "lost"])
async def test_an_answer_that_breaks_off_is_asked_for_again(team: Team, fault: str) -> None:
    talk(team, rounds=60)
    team.server.faults.add(fault, on="im.message.list", times=2)
    source = team.source("oc_ops")
    assert len(await fetched(source)) == 120
    assert lost(source) == {}
    assert 1 <= len(team.waits.seconds) <= 2  # the HTTP library itself repeats a GET whose connection broke


async def test_what_is_never_answered_ends_the_run_and_keeps_what_there_is(team: Team) -> None:
    talk(team, "oc_hr")
    talk(team)
    source = team.source("oc_hr", "oc_ops")
    found = []
    async for document in source.documents():
        found.append(document)
        team.server.down = document.by_subject
    assert own(found) == ["每天 09:00，失败会重试三次 0"]
    assert lost(source)["incomplete"] == 1
    assert "HTTP_UNREACHABLE" in source.problems[-1]


async def test_a_revoked_app_token_is_fetched_again_once(team: Team) -> None:
    talk(team)
    source = team.source("oc_ops", "oc_hr")
    async for _ in source.documents():
        team.server.revoke_tokens()
    assert source.problems == []
    assert len(team.server.called("auth.token")) > 2


async def test_a_users_token_that_ends_midway_ends_the_run_and_keeps_what_there_is(team: Team) -> None:
    talk(team)
    talk(team, "oc_hr")
    source = team.source("oc_ops", "oc_hr", access=team.user(LIN))
    found = []
    async for document in source.documents():
        found.append(document)
        team.server.lent.clear()
    assert len(found) == 2
    assert "the user's token is over" in source.problems[-1]


@pytest.mark.parametrize("access", [FeishuAccess(user_token=Secret("u-over")), FeishuAccess("cli_x", Secret("no"))])
async def test_credentials_that_never_worked_are_refused_at_once(team: Team, access: FeishuAccess) -> None:
    talk(team)
    with pytest.raises(Refused) as refused:
        await fetched(team.source("oc_ops", access=access))
    assert refused.value.code == "API_CREDENTIALS"


# ------------------------------------------------------------------ what may not be read


CODES = {
    "230002": "not a member",
    "230006": "has no bot",
    "230027": "im:message.group_msg is missing",
    "99991672": "is missing",
    "99991679": "is missing",
    "232009": "disbanded",
}


@pytest.mark.parametrize("code", CODES)
async def test_what_cannot_be_read_is_one_line_and_the_rest_is_read(team: Team, code: str) -> None:
    talk(team)
    talk(team, "oc_hr")
    team.server.faults.add("error", on="im.message.list", code=code)
    source = team.source("oc_ops", "oc_hr")
    assert {document.container for document in await fetched(source)} == {"oc_hr"}
    assert lost(source) == {"no_permission": 1}
    [line] = source.problems
    assert line.startswith("oc_ops (支付运维): error[API_")
    assert CODES[code] in line


async def test_a_missing_permission_is_named(team: Team) -> None:
    talk(team)
    team.server.reader_granted -= {"im:chat.members:read"}
    team.server.reader_granted -= {"contact:contact.base:readonly"}
    source = team.source("oc_ops", subject=FeishuArchive.seen(LIN))
    assert len(await fetched(source)) == 2
    assert any("im:chat.members:read" in line for line in source.problems)
    assert any(line.startswith("people: ") and "contact:contact.base:readonly" in line for line in source.problems)


async def test_a_chat_nobody_describes_is_private_to_who_wrote(team: Team) -> None:
    talk(team)
    team.server.faults.add("error", on="im.chat.get", code="232010")
    team.server.faults.add("error", on="im.chat.members", code="232010")
    found = await fetched(team.source("oc_ops"))
    assert {document.readers for document in found} == {("feishu:ou_bob", "feishu:ou_lin")}


# ------------------------------------------------------------------ lists that lie


@pytest.mark.parametrize("lie", ["more", "loop", "empty"])
async def test_a_list_that_never_ends_ends_and_is_told(team: Team, lie: str) -> None:
    talk(team)
    team.server.lies["im.message.list"] = lie
    source = team.source("oc_ops")
    assert len(await fetched(source)) == (0 if lie == "empty" else 2)
    assert any("PAGE_LOOP" in line for line in source.problems)
    assert lost(source)["no_permission" if lie == "empty" else "incomplete"] == 1
    assert len(team.server.called("im.message.list")) < 25


async def test_a_place_that_is_forgotten_is_found_again_by_time(team: Team) -> None:
    """Every message once, although the second page's place was over before it was asked for."""
    talk(team, rounds=60)
    server = team.server
    perform = server.do_im_message_list
    forgotten = []

    def forgetful(body: dict[str, str]) -> dict[str, object]:
        if body.get("page_token") and not forgotten:
            forgotten.append(body)
            server.forget_pages()
        return perform(body)

    server.do_im_message_list = forgetful
    source = team.source("oc_ops")
    found = await fetched(source)
    assert len(forgotten) == 1
    after = team.server.called("im.message.list")[-1].body
    assert int(after["start_time"]) == int(START) + 50 * 60  # and not from the beginning
    assert len(found) == len({document.id for document in found}) == 120
    assert (lost(source), source.problems) == ({}, [])


# ------------------------------------------------------------------ secrets


async def test_no_secret_shows_in_errors_reprs_or_problems(team: Team) -> None:
    access = team.user(LIN)
    token = access.user_token.reveal() if access.user_token else ""
    source = team.source("oc_ops", "oc_none", access=access)
    await fetched(source)
    team.server.lent.clear()
    shown = repr((source.problems, access, team.app, source._asked))  # what a traceback would show
    with pytest.raises(Refused) as refused:
        await fetched(team.source("oc_ops", access=access))
    assert token not in shown + str(refused.value) + repr(refused.value)
    assert team.server.reader_secret not in shown
