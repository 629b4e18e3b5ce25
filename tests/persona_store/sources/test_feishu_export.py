"""Feishu material becomes the documents of one colleague: whose words, where, for whom, what is left out."""

from __future__ import annotations

import json
import tracemalloc
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from persona_store.model import Document
from persona_store.sources.chat_export import Told
from persona_store.sources.feishu_export import FeishuExport
from persona_store.sources.members import Limits
from tests.persona_store.sources.exports import code_of, said, write_folder, write_zip
from tests.persona_store.sources.feishu_material import (
    BOB,
    EVE,
    HR,
    LIN,
    NAMES,
    OPS,
    answer,
    dump,
    item,
    lines,
    members,
    mention,
)
from tests.persona_store.sources.feishu_shapes import FOLDER, SKILL, TALK, TXT
from tests.persona_store.sources.shapes import seen

AT = "2026-03-02 17:00"


def source(folder: Path, files: Mapping[str, bytes], subject: str = LIN, **told: Any) -> FeishuExport:
    path = write_folder(folder / f"material{len(list(folder.iterdir()))}", files)
    return FeishuExport(path / next(iter(files)) if len(files) == 1 else path, subject, Told(**told))


def own(documents: list[Document]) -> list[str]:
    return [document.text for document in documents if document.by_subject]


def of(folder: Path, *items: Any, **told: Any) -> tuple[list[Document], dict[str, int]]:
    """(documents, what was left out) of a page with these messages."""
    chat = source(folder, {"page.json": dump(answer(*items))}, **told)
    return list(chat.read()), dict(chat.dropped)


# ------------------------------------------------------------------ the whole of it


def test_a_folder_and_a_zip_of_it_are_the_same(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "folder", FOLDER)
    packed = write_zip(tmp_path / "feishu.zip", FOLDER)
    found = [list(FeishuExport(path, f"feishu:{LIN}").read()) for path in (folder, packed)]
    assert found[0] == found[1]
    assert len(found[0]) == 5
    direct = {document.container: document.direct for document in found[0]}
    assert direct == {"oc_hr000002": False, "oc_ops00001": False, "oc_pair0003": True}
    assert {document.container_name for document in found[0]} == {"支付运维", "人事", "oc_pair0003"}


async def test_documents_come_in_order_without_holding_up_the_event_loop(tmp_path: Path) -> None:
    chat = source(tmp_path, {"page.json": dump(answer(*(item(n, LIN, str(n), n) for n in range(1200))))})
    assert [document.text async for document in chat.documents()] == [str(number) for number in range(1200)]
    done, total = chat.progress
    assert done == total > 0


def test_pages_newest_first_come_out_in_order_of_time(tmp_path: Path) -> None:
    """colleague-skill fetches ByCreateTimeDesc; an answer may then stand in an earlier page than its question."""
    pages = {
        "page-1.json": dump(answer(item(3, BOB, "谢谢", 120), item(2, LIN, "九点", 60))),
        "page-2.json": dump(answer(item(1, BOB, "几点？", 0))),
    }
    assert [document.text for document in source(tmp_path, pages).read()] == ["几点？", "九点", "谢谢"]


def test_what_was_written_in_the_same_minute_keeps_its_order_also_newest_first(tmp_path: Path) -> None:
    talk = [{"sender_name": "张三", "content": word, "time": AT} for word in "甲乙丙丁"]
    late = {"sender_name": "张三", "content": "戊", "time": "2026-03-02 17:01"}
    for entries in ([*talk, late], [late, *reversed(talk)]):
        chat = source(tmp_path, {"chat.json": dump(entries)}, names=("张三",))
        assert own(list(chat.read())) == list("甲乙丙丁戊")


def test_the_same_message_in_two_pages_is_one_in_its_last_edition(tmp_path: Path) -> None:
    edited = item(1, LIN, "十点", 0, updated=True, update_time=item(9, LIN, "", 500)["create_time"])
    for pages in ((edited, item(1, LIN, "九点", 0)), (item(1, LIN, "九点", 0), edited)):
        found, dropped = of(tmp_path, *pages)
        assert (own(found), dropped) == (["十点"], {"duplicate": 1})


def test_what_was_recalled_is_gone_from_older_pages_too(tmp_path: Path) -> None:
    gone = item(1, LIN, "This message was recalled", 0, deleted=True)
    for pages in ((gone, item(1, LIN, "说错了", 0)), (item(1, LIN, "说错了", 0), gone)):
        found, dropped = of(tmp_path, *pages, item(2, LIN, "更正", 1))
        assert (own(found), dropped) == (["更正"], {"deleted": 1, "duplicate": 1})
    forward = item(1, LIN, "", 0, "merge_forward", deleted=True)
    found, dropped = of(
        tmp_path, forward, item(2, BOB, "转来的", -9, upper_message_id="om_0001"), item(3, LIN, "x", 1)
    )
    assert ([document.text for document in found], dropped) == (["x"], {"deleted": 1, "forwarded_alone": 1})


def test_a_link_leads_to_feishu_and_nowhere_else(tmp_path: Path) -> None:
    link = "https://applink.feishu.cn/client/chat/open?openChatId=oc_1&position=3"
    found, _ = of(
        tmp_path,
        item(1, LIN, "a", 0, message_app_link=link),
        item(2, LIN, "b", 1, message_app_link="https://applink.feishu.cn@evil.example/x"),
        item(3, LIN, "c", 2, message_app_link="javascript:alert(1)"),
    )
    assert [document.url for document in found] == [link, "", ""]


# ------------------------------------------------------------------ threads


def test_threads_hold_together_across_pages_and_others_are_left_out(tmp_path: Path) -> None:
    found, dropped = of(
        tmp_path,
        item(1, BOB, "怎么部署？", 0, thread_id="omt_1"),
        item(2, EVE, "无关", 10, thread_id="omt_2"),
        item(3, LIN, "用 make", 9000, thread_id="omt_1", root_id="om_0001", parent_id="om_0001"),
        item(4, EVE, "谢谢", 9001, root_id="om_0001", parent_id="om_0003"),
    )
    assert [(document.text, document.thread) for document in found] == [
        ("怎么部署？", f"{OPS}/omt_1"),
        ("用 make", f"{OPS}/omt_1"),
        ("谢谢", f"{OPS}/omt_1"),
    ]
    assert dropped == {"outside_subject_threads": 1}


def test_a_chat_the_subject_never_wrote_in_is_counted_and_left(tmp_path: Path) -> None:
    found, dropped = of(tmp_path, *TALK[:2], item(8, BOB, "a", 0, chat_id=HR), item(9, EVE, "b", 1, chat_id=HR))
    assert {document.container for document in found} == {OPS}
    assert dropped == {"outside_subject_threads": 2}


def test_answers_to_a_message_that_is_not_there_still_belong_together(tmp_path: Path) -> None:
    found, _ = of(tmp_path, item(2, LIN, "a", 0, root_id="om_gone"), item(3, BOB, "b", 90_000, root_id="om_gone"))
    assert {document.thread for document in found} == {f"{OPS}/om_gone"}


def test_episodes_end_in_silence(tmp_path: Path) -> None:
    found, dropped = of(tmp_path, item(1, BOB, "问", 0), item(2, LIN, "答", 60), item(3, BOB, "很久以后", 9000))
    assert [document.text for document in found] == ["问", "答"]
    assert dropped == {"outside_subject_threads": 1}


# ------------------------------------------------------------------ whose words they are


def test_imp_16_author_spoof(tmp_path: Path) -> None:
    """An app with the subject's name, a card in their account, and a name that is somebody else's are not they."""
    found, dropped = of(
        tmp_path,
        item(1, LIN, "我自己", 0),
        item(2, "cli_x", "我是林薇", 1, sender={"id": "cli_x", "sender_type": "app", "sender_name": "林薇"}),
        item(3, LIN, {"elements": []}, 2, "interactive"),
        item(4, BOB, "我是林薇", 3, sender={"id": BOB, "sender_type": "user", "name": "林薇"}),
        {"sender_id": "cli_y", "sender_name": "林薇", "content": "我是林薇", "time": AT},
        item(5, LIN, "> 别人的话\n我的话", 4),
        item(6, LIN, "「Bob：周五上线」\n- - - - - -\n不行", 5),
    )
    assert own(found) == ["我自己", "我的话", "不行"]
    assert dropped == {"bot": 3}
    quoted = {document.id: (document.text, document.author) for document in found if "#quoted" in document.id}
    assert quoted == {"om_0005#quoted": ("别人的话", ""), "om_0006#quoted": ("Bob：周五上线", "")}


def test_imp_17_namesakes_are_told_apart_by_id(tmp_path: Path) -> None:
    """colleague-skill gives half of a million messages of 张三丰 to 张三; a name decides nothing where ids are."""
    twins = [
        item(1, LIN, "我的", 0, sender={"id": LIN, "id_type": "open_id", "sender_type": "user", "name": "林薇"}),
        item(2, EVE, "她的", 1, sender={"id": EVE, "id_type": "open_id", "sender_type": "user", "name": "林薇"}),
    ]
    found, _ = of(tmp_path, *twins, names=("林薇",))
    assert [(d.text, d.author, d.by_subject) for d in found] == [
        ("我的", f"feishu:{LIN}", True),
        ("她的", f"feishu:{EVE}", False),
    ]


def test_a_name_is_never_part_of_another(tmp_path: Path) -> None:
    chat = source(tmp_path, {"chat.json": dump(SKILL)}, names=("张三",))
    assert own(list(chat.read())) == ["控制台里换，每季度一次"]
    nobody = source(tmp_path, {"chat.json": dump(SKILL)}, names=("张",))
    assert code_of(lambda: list(nobody.read())) == "SUBJECT_NAMES"


def test_names_alone_are_nobodys_until_the_operator_vouches_for_one(tmp_path: Path) -> None:
    for file, content in (("chat.json", dump(SKILL)), ("chat.txt", TXT.encode())):
        documents = source(tmp_path, {file: content}).read()
        assert code_of(lambda documents=documents: list(documents)) == "SUBJECT_NAMES"


def test_a_name_that_two_people_have_asks_for_ids(tmp_path: Path) -> None:
    """The material knows another 张三; which of them wrote the lines without an id cannot be known."""
    people = dump([{"open_id": LIN, "name": "张三"}, {"open_id": EVE, "name": "张三"}])
    chat = source(tmp_path, {"chat.json": dump(SKILL), "users.json": people}, names=("张三",))
    assert code_of(lambda: list(chat.read())) == "SUBJECT_AMBIGUOUS"
    theirs = source(tmp_path, {"chat.json": dump(SKILL), "users.json": people}, names=("张三",), ids=(EVE,))
    assert own(list(theirs.read())) == ["控制台里换，每季度一次"]


def test_a_dict_as_sender_is_not_searched_for_the_name(tmp_path: Path) -> None:
    """colleague-skill looks for the name anywhere in it and gives 李四's words to 张三."""
    entries = [
        {"sender": {"id": BOB, "name": "李四", "note": f"代 张三 {LIN}"}, "content": "李四的话", "time": AT},
        {"sender": {"id": LIN, "name": "张三"}, "content": "张三的话", "time": AT},
    ]
    chat = source(tmp_path, {"chat.json": dump({"records": entries})}, names=("张三",))
    found = list(chat.read())
    assert own(found) == ["张三的话"]
    assert [document.author for document in found] == [f"feishu:{BOB}", f"feishu:{LIN}"]


def test_the_ids_of_one_person_are_tied_by_the_material_or_by_the_operator(tmp_path: Path) -> None:
    by_union = item(1, "on_x", "我的", 0, sender={"id": "on_x", "id_type": "union_id", "sender_type": "user"})
    assert code_of(lambda: of(tmp_path, by_union)) == "SUBJECT_UNKNOWN"
    found, _ = of(tmp_path, by_union, ids=("on_x",))
    assert (own(found), found[0].author) == (["我的"], f"feishu:{LIN}")
    profile = dump({"items": [{"open_id": LIN, "union_id": "on_x", "name": "林薇"}]})
    tied = source(tmp_path, {"a.json": dump([by_union]), "users.json": profile})
    assert own(list(tied.read())) == ["我的"]


def test_a_subject_whose_id_is_not_there_is_helped_to_it(tmp_path: Path) -> None:
    people = dump([{"open_id": id, "name": name} for id, name in NAMES.items()])
    chat = source(tmp_path, {"page.json": dump(answer(*TALK)), "users.json": people}, subject="林薇")
    with pytest.raises(Exception, match="ou_lin0001 is 林薇"):
        list(chat.read())


def test_mentions_are_resolved_by_their_whole_key(tmp_path: Path) -> None:
    """`@_user_1` is not the beginning of `@_user_10`."""
    who = [mention(number, f"ou_{number}") for number in range(1, 11)]
    found, _ = of(tmp_path, item(1, LIN, "@_user_10 和 @_user_1，@_all 看这里 @_user_99", 0, mentions=who))
    assert own(found) == ["@ou_10 和 @ou_1，@all 看这里 @_user_99"]


def test_people_of_another_tenant_are_outsiders(tmp_path: Path) -> None:
    guest = {"id": EVE, "id_type": "open_id", "sender_type": "user", "tenant_key": "t-other"}
    found, dropped = of(
        tmp_path,
        item(1, BOB, "问", 0),
        item(2, EVE, "外部的话", 1, sender=guest),
        item(3, LIN, "答", 2),
        item(4, LIN, "", 3, "merge_forward"),
        item(5, EVE, "转来的外部的话", 0, sender=guest, upper_message_id="om_0004"),
    )
    assert [document.text for document in found] == ["问", "答"]
    assert dropped == {"outsider": 2}


def test_a_forward_inside_of_a_forward_stands_below_the_outer_one_and_is_never_the_subjects(tmp_path: Path) -> None:
    """Even what the subject wrote themselves: where it was said consent may not reach."""
    found, _ = of(
        tmp_path,
        item(1, LIN, "看转发", 0),
        item(2, BOB, "", 1, "merge_forward"),
        item(3, EVE, "", -50, "merge_forward", upper_message_id="om_0002"),
        item(4, LIN, "在别处说的", -100, upper_message_id="om_0003"),
        item(5, LIN, "", 2, "merge_forward", upper_message_id="om_0005"),
    )
    assert [(document.id, document.by_subject) for document in found] == [
        ("om_0001", True),
        ("om_0002/om_0004", False),
    ]
    assert found[1].author == f"feishu:{LIN}"


# ------------------------------------------------------------------ who may read it


def test_a_chat_nobody_describes_is_private_to_those_who_wrote_in_it(tmp_path: Path) -> None:
    found, _ = of(tmp_path, item(1, BOB, "问", 0), item(2, LIN, "答", 1))
    assert {document.readers for document in found} == {(f"feishu:{BOB}", f"feishu:{LIN}")}


def test_a_public_chat_with_people_from_outside_is_not_the_teams(tmp_path: Path) -> None:
    def readers(**chat: Any) -> set[tuple[str, ...] | None]:
        lists = dump([{"chat_id": OPS, "name": "支付", **chat}])
        export = source(tmp_path, {"page.json": dump(answer(*TALK)), "chats.json": lists})
        return {document.readers for document in export.read()}

    private = {(f"feishu:{BOB}", f"feishu:{LIN}")}
    assert readers(chat_type="public") == {None}
    assert readers(chat_type="public", external=True) == private
    assert readers(chat_type="private") == private
    assert readers() == private


def test_the_operator_may_say_which_chats_the_whole_team_could_read(tmp_path: Path) -> None:
    """`*` does not reach a chat of which the material says otherwise: private, direct, or with members."""

    def open_to_all(*team: str) -> set[str]:
        chat = FeishuExport(write_folder(tmp_path / "f", files), LIN, Told(team_chats=team))
        return {document.container for document in chat.read() if document.readers is None}

    pair = item(7, LIN, "你好", 0, chat_id="oc_pair")
    files = {
        "a.json": dump([item(1, LIN, "a", 0), item(2, LIN, "b", 0, chat_id=HR), pair]),
        "b.json": dump([item(3, LIN, "c", 0, chat_id="oc_members"), item(4, LIN, "d", 0, chat_id="oc_closed")]),
        "chats.json": dump(
            [{"chat_id": "oc_pair", "chat_mode": "p2p"}, {"chat_id": "oc_closed", "chat_type": "private"}]
        ),
        "oc_members.json": dump(members(LIN, BOB)),
    }
    assert open_to_all() == set()
    assert open_to_all("*") == {OPS, HR}
    assert open_to_all("oc_members", "oc_pair") == {"oc_members"}


def test_members_come_from_whatever_names_their_chat(tmp_path: Path) -> None:
    listed = members(LIN, EVE)
    for files in (
        {f"{OPS}/members.json": dump(listed)},
        {f"members-{OPS}.json": dump(listed)},
        {"members.json": dump({"chat_id": OPS, **listed["data"]})},
        {"members.json": dump({OPS: listed["data"]["items"]})},
        {"members.json": dump({OPS: [{"open_id": LIN, "name": "林薇"}, {"open_id": EVE}]})},
    ):
        chat = source(tmp_path, {"page.json": dump(answer(*TALK)), **files})
        assert {document.readers for document in chat.read()} == {(f"feishu:{EVE}", f"feishu:{LIN}")}


def test_a_list_beside_the_material_counts_like_one_among_it(tmp_path: Path) -> None:
    lists = tmp_path / "lists.json"
    lists.write_bytes(dump([{"chat_id": OPS, "name": "支付", "chat_type": "public"}]))
    found, _ = of(tmp_path, *TALK, chats=lists)
    assert {(document.readers, document.container_name) for document in found} == {(None, "支付")}
    lists.write_bytes(dump(answer(*TALK)))
    assert code_of(lambda: of(tmp_path, *TALK, chats=lists)) == "EXPORT_SHAPE"


# ------------------------------------------------------------------ material that is broken or something else

HALF = dump(answer(*TALK))[:-40]
ANSWER = ["每天 09:00，失败会重试三次"]
"""What the parsers of others fail on, and what becomes of it: the code of a refusal, or the subject's words."""
BROKEN: dict[str, tuple[bytes, str | list[str]]] = {
    "cut off": (HALF, "JSON_BROKEN"),
    "GBK": (json.dumps(answer(*TALK), ensure_ascii=False).encode("gb18030"), "ENCODING"),
    "UTF-8 with a byte order mark": (b"\xef\xbb\xbf" + dump(answer(*TALK)), ANSWER),
    "UTF-16": (json.dumps(answer(*TALK)).encode("utf-16"), ANSWER),
    "a message that is null": (dump([None, *TALK]), ANSWER),
    "a message that is a string": (dump(["hi", *TALK]), ANSWER),
    "a number as content": (dump([{"sender": LIN, "content": 5, "time": AT}, *TALK]), ANSWER),
    "a number as text": (dump([item(9, LIN, {"text": 5}, 5), *TALK]), ANSWER),
    "a list with null as text": (dump([{"sender": LIN, "content": [{"text": None}], "time": AT}, *TALK]), ANSWER),
    "nothing at all": (b"", "JSON_BROKEN"),
    "an empty page": (dump(answer()), []),
    "an empty list": (b"[]", []),
    "an answer that is an error": (dump({"code": 99991663, "msg": "token invalid"}), "EXPORT_SHAPE"),
    "a day of Slack": (dump([said("U0LIN", "hi", 0)]), "EXPORT_SHAPE"),
    "a web page": (b"<html></html>", "JSON_BROKEN"),
    "imp_13 too deep": (b"[" * 100_000, "JSON_DEPTH"),
    "imp_13 a number of 5000 digits": (b'[{"message_id": ' + b"9" * 5000 + b"}]", "JSON_NUMBER"),
    "imp_13 NaN": (b'[{"message_id": NaN}]', "JSON_NUMBER"),
    "imp_13 the same key twice": (b'[{"message_id": "om_1", "message_id": "om_2"}]', "JSON_DUPKEY"),
    "imp_14 half a surrogate": (
        dump([item(1, LIN, "x", 0)]).replace(b'\\"x\\"', b'\\"\\\\ud800 x\\"'),
        ["\ufffd x"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_what_others_fail_on_is_read_or_refused_in_one_line(tmp_path: Path, name: str) -> None:
    content, outcome = BROKEN[name]
    chat = source(tmp_path, {"page.json": content})
    if isinstance(outcome, str):
        assert code_of(lambda: list(chat.read())) == outcome
    else:
        assert own(list(chat.read())) == outcome


def test_a_declared_encoding_is_believed_and_a_wrong_one_refused(tmp_path: Path) -> None:
    gbk = json.dumps(answer(*TALK), ensure_ascii=False).encode("gb18030")
    assert own(list(source(tmp_path, {"a.json": gbk}, encoding="gb18030").read())) == ["每天 09:00，失败会重试三次"]
    text = source(tmp_path, {"a.txt": TXT.encode("gbk")}, encoding="gb18030", names=("张三",))
    assert own(list(text.read())) == ["控制台里换\n每季度一次，先通知支付组"]
    assert code_of(lambda: list(source(tmp_path, {"a.txt": TXT.encode("gbk")}).read())) == "ENCODING"
    for wrong in ("klingon", "zip", "hex"):
        assert code_of(lambda wrong=wrong: source(tmp_path, {"a.json": gbk}, encoding=wrong)) == "ENCODING"


def test_one_bad_file_or_line_costs_only_itself(tmp_path: Path) -> None:
    files = {
        "a.json": HALF,
        "b.json": dump(answer(*TALK)),
        "c.jsonl": lines(item(8, LIN, "还有", 70)) + b'{"message_id": "om_9", "cut\n',
        "d.png": b"\x89PNG",
    }
    chat = source(tmp_path, files)
    assert own(list(chat.read())) == ["每天 09:00，失败会重试三次", "还有"]
    assert chat.dropped == {"JSON_BROKEN": 2, "bot": 1, "unsupported_type": 1}
    assert len(chat.problems) == 2
    assert all(name in problem for name, problem in zip(("a.json", "c.jsonl"), chat.problems, strict=True))


def test_a_zip_that_lies_is_refused_before_anything_is_yielded(tmp_path: Path) -> None:
    """IMP-01 to IMP-07 are tests/persona_store/sources/test_archive.py's; this is that they hold here."""
    path = write_zip(tmp_path / "f.zip", {"a.json": dump(TALK), "z.json": dump([item(9, LIN, "x" * 5000, 0)])})
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"z.json") + 20] ^= 0xFF
    path.write_bytes(bytes(raw))
    assert code_of(lambda: next(FeishuExport(path, LIN).read())) == "ARCHIVE_BROKEN"
    climbing = tmp_path / "climb.zip"
    with zipfile.ZipFile(climbing, "w") as archive:
        archive.writestr("../evil.json", dump(TALK))
    assert code_of(lambda: next(FeishuExport(climbing, LIN).read())) == "ARCHIVE_PATH"
    many = write_folder(tmp_path / "many", {f"{n}.json": b"[]" for n in range(5)})
    assert code_of(lambda: next(FeishuExport(many, LIN, limits=Limits(members=4)).read())) == "ARCHIVE_COUNT"
    assert code_of(lambda: next(FeishuExport(tmp_path / "absent.json", LIN).read())) == "NOT_FOUND"
    nested = write_zip(tmp_path / "n.zip", {"inner.zip": path.read_bytes()})
    assert code_of(lambda: next(FeishuExport(nested, LIN).read())) == "ARCHIVE_DEPTH"
    pictures = write_folder(tmp_path / "p", {"a.png": b"x"})
    assert code_of(lambda: next(FeishuExport(pictures, LIN).read())) == "EXPORT_SHAPE"


@pytest.mark.parametrize("bad", ["-5", "1e309", "", "abc", "99999999999999999999", None, 1.5, ["1"], True, "0"])
def test_imp_15_a_time_that_is_none_drops_the_message(tmp_path: Path, bad: object) -> None:
    found, dropped = of(tmp_path, {**item(1, LIN, "何时", 0), "create_time": bad}, item(2, LIN, "现在", 1))
    assert (own(found), dropped) == (["现在"], {"BAD_TIME": 1})


def test_times_are_read_as_people_write_them(tmp_path: Path) -> None:
    noon = datetime(2026, 3, 2, 4, tzinfo=UTC)
    numbers = ("1772424000000", 1772424000, "1772424000", 1772424000000000)
    words = ("2026-03-02 12:00", "2026/03/02 12:00:00", "2026年3月2日 12:00", "2026-03-02T04:00:00Z")
    for written in (*numbers, *words, "2026-03-01T23:00:00.000-05:00"):
        found, _ = of(tmp_path, {**item(1, LIN, "x", 0), "create_time": written})
        assert found[0].at == noon, written
    found, _ = of(tmp_path, {**item(1, LIN, "x", 0), "create_time": "2026-03-02 04:00"}, zone=ZoneInfo("UTC"))
    assert found[0].at == noon


def test_an_id_that_stood_elsewhere_before_hides_nothing(tmp_path: Path) -> None:
    found, _ = of(tmp_path, item(1, LIN, "第一", 0), item(1, LIN, "第二", 0, chat_id="oc_zzz"))
    assert [document.id for document in found] == ["om_0001", "oc_zzz/om_0001"]
    for forged in ("runbook.md#1", "C0123/1772442000.000100", "a b", "", 7, "x" * 500):
        found, _ = of(tmp_path, {**item(1, LIN, "x", 0), "message_id": forged})
        assert found[0].id.startswith(f"{OPS}/1772442000000-")


def test_a_message_in_text_goes_on_until_the_next_one_begins(tmp_path: Path) -> None:
    """colleague-skill loses the second line, and credits any other line that mentions the target to the target."""
    chat = source(tmp_path, {"支付组.txt": TXT.encode()}, names=("张三",))
    found = list(chat.read())
    assert own(found) == ["控制台里换\n每季度一次，先通知支付组"]
    assert all("离职" not in text for text in own(found))
    windows = source(tmp_path, {"支付组.txt": TXT.replace("\n", "\r\n").encode()}, names=("张三",))
    assert own(list(windows.read())) == own(found)


def test_every_message_arrives_however_short_and_many(tmp_path: Path) -> None:
    """colleague-skill emits the first 100 short ones and drops the others without a word."""
    found, dropped = of(tmp_path, *(item(number, LIN, f"好的 {number}", number) for number in range(500)))
    assert len(own(found)) == 500
    assert not dropped


def test_a_later_export_with_more_keeps_what_was_there(tmp_path: Path) -> None:
    talk = [item(number, LIN if number % 2 else BOB, str(number), number * 400) for number in range(200)]
    first, _ = of(tmp_path, *talk[:100])
    later, _ = of(tmp_path, *talk)
    assert list(map(seen, later[:100])) == list(map(seen, first))


def test_memory_does_not_grow_with_the_number_of_chats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As much is held as AT_ONCE says: eight times the material needs less than twice the memory."""
    monkeypatch.setattr("persona_store.sources.chat_export.AT_ONCE", 150 * 300)

    def peak(chats: int) -> int:
        path = tmp_path / f"{chats}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for chat in range(chats):
                room = f"oc_{chat:03}"
                talk = [item(n, BOB if n % 2 else LIN, "word " * 20, n, chat_id=room) for n in range(150)]
                for page in range(3):
                    archive.writestr(f"{room}/{page}.json", dump(answer(*talk[page * 50 : page * 50 + 50])))
        tracemalloc.start()
        count = sum(1 for _ in FeishuExport(path, LIN).read())
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert count == 150 * chats
        return used

    assert peak(32) < 2 * peak(4)
