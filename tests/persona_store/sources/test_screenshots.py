"""Whose words a picture shows: what counts as the subject's, and everything that must not."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from persona_store.errors import Refused
from persona_store.model import Document, Reading
from persona_store.sources.picture import Line, Picture, Shape
from persona_store.sources.picture_words import GAP
from persona_store.sources.screenshots import Screenshots
from tests.persona_store.sources.exports import write_folder, write_zip
from tests.persona_store.sources.picture_drawing import WIDTH, Drawing

LIN = "slack:U0LIN"


def read(picture: Picture | Drawing, folder: Path, **options: Any) -> tuple[list[Document], dict[str, int]]:
    drawn = picture.picture if isinstance(picture, Drawing) else picture
    options = {"names": ["林薇"], "me": "陈宇", "taken": date(2026, 3, 5)} | options
    (folder / "a.png").write_bytes(b"")
    source = Screenshots(folder / "a.png", LIN, look=lambda raw, name: drawn, **options)
    return list(source.read()), dict(source.dropped)


def own(found: list[Document]) -> list[str]:
    return [document.text for document in found if document.by_subject]


def test_a_message_carries_where_it_stands_and_how_sure_the_reading_is(tmp_path: Path) -> None:
    chat = Drawing()
    chat.middle("昨天 14:03")
    chat.said("先停灰度\n再回滚", name="林薇", sure=(0.97, 0.934))
    (found,), _ = read(chat, tmp_path)
    assert found == Document(
        id="a.png#1",
        source="screenshot",
        container=tmp_path.name,
        container_name=tmp_path.name,
        thread="a.png",
        author=LIN,
        author_name="林薇",
        by_subject=True,
        at=datetime.fromisoformat("2026-03-04T14:03:00+08:00"),
        text="先停灰度\n再回滚",
        title="a.png",
        readers=(LIN,),
        reading=Reading(0.934, (74, 134, 154, 178)),
    )


def test_the_right_side_is_whose_account_made_the_picture(tmp_path: Path) -> None:
    """And nobody's, if nobody said whose that is."""
    chat = Drawing()
    chat.said("怎么回滚", name="王磊")
    chat.said("先停灰度", mine=True)
    assert own(read(chat, tmp_path, me="林薇")[0]) == ["先停灰度"]
    assert own(read(chat, tmp_path, me="陈宇")[0]) == []
    found, dropped = read(chat, tmp_path, me="")
    assert (found, dropped) == ([], {"screen": 1, "no_author": 1, "outside_subject_threads": 1})


@pytest.mark.parametrize("name", ["林薇薇", "林", "小林薇", "林薇(支付)", "王磊", "林微"])
def test_a_name_counts_whole_or_not_at_all(tmp_path: Path, name: str) -> None:
    chat = Drawing()
    chat.said("先停灰度", name=name)
    assert own(read(chat, tmp_path)[0]) == []


@pytest.mark.parametrize(("name", "called"), [("Lin Wei", "LinWei"), ("林薇", "林薇 14:03"), ("ＬＩＮ", "lin")])
def test_blanks_widths_case_and_a_time_beside_it_do_not_matter(tmp_path: Path, name: str, called: str) -> None:
    chat = Drawing()
    chat.said("stop the canary", name=called)
    assert own(read(chat, tmp_path, names=[name])[0]) == ["stop the canary"]


def test_a_name_that_was_not_read_surely_is_nobodys(tmp_path: Path) -> None:
    chat = Drawing()
    chat.said("先停灰度", name="林薇", name_sure=0.86)
    found, dropped = read(chat, tmp_path)
    assert (found, dropped["unsure_name"]) == ([], 1)


def test_a_namesake_in_the_subjects_own_pictures_is_nobody(tmp_path: Path) -> None:
    """The account's own messages stand on the right, so who is called so on the left is somebody else."""
    chat = Drawing()
    chat.said("我也叫这个", name="林薇")
    chat.said("先停灰度", mine=True)
    found, dropped = read(chat, tmp_path, me="林薇")
    assert (own(found), dropped["namesake"]) == (["先停灰度"], 1)


def test_a_chat_of_two_is_with_whom_its_title_names(tmp_path: Path) -> None:
    chat = Drawing("林薇")
    chat.said("先停灰度")
    chat.said("好", mine=True)
    found, _ = read(chat, tmp_path)
    assert own(found) == ["先停灰度"]
    assert all(document.direct for document in found)
    group = Drawing("林薇(3)")  # a group that hides names
    group.said("先停灰度")
    assert own(read(group, tmp_path)[0]) == []


def test_what_is_quoted_is_nobodys(tmp_path: Path) -> None:
    chat = Drawing()
    chat.said("不用", name="林薇", quote="回复 王磊：要停流量吗？\n还是直接重启")
    chat.said("六点", name="林薇")
    chat.below("王磊：几点到？")
    chat.said("明白了", mine=True)
    chat.below("林薇：六点", mine=True)
    found, _ = read(chat, tmp_path)
    assert own(found) == ["不用", "六点"]
    quoted = [(each.id, each.author, each.by_subject) for each in found if "#quoted" in each.id]
    assert quoted == [(f"a.png#{n}#quoted", "", False) for n in (1, 2, 3)]


def test_a_card_or_a_picture_inside_a_bubble_is_not_their_words(tmp_path: Path) -> None:
    chat = Drawing()
    chat.said("好", name="林薇")
    chat.said("支付网关值班手册\n王磊写于三月", name="林薇")
    pale = chat.lines[-1]
    chat.lines[-1] = Line(pale.text, pale.sure, pale.box, pale.fill, 90)  # the small print of a card
    assert own(read(chat, tmp_path)[0]) == ["好"]


def test_a_bubble_without_a_name_is_by_the_one_above_only_where_no_name_would_fit_between(tmp_path: Path) -> None:
    chat = Drawing()
    chat.said("第一句", name="林薇", gap=6)
    chat.said("第二句", face=False)
    assert own(read(chat, tmp_path)[0]) == ["第一句", "第二句"]
    apart = Drawing()
    apart.said("第一句", name="林薇", gap=40)
    apart.said("别人说的", face=False)
    found, dropped = read(apart, tmp_path)
    assert (own(found), dropped["no_author"]) == (["第一句"], 1)
    unread = Drawing()  # a name stands between, and could not be read
    unread.said("第一句", name="林薇")
    unread.said("别人说的", name="王磊", name_sure=0.3)
    assert own(read(unread, tmp_path)[0]) == ["第一句"]


def test_a_line_that_could_not_be_read_leaves_a_mark(tmp_path: Path) -> None:
    """A sentence that lost its "not" must not look whole."""
    chat = Drawing()
    chat.said("绝对\n不要\n手工补", name="林薇", sure=(0.99, 0.4, 0.99))
    found, dropped = read(chat, tmp_path)
    assert own(found) == [f"绝对\n{GAP}\n手工补"]
    assert dropped["unreadable"] == 1
    chat = Drawing()
    chat.said("不要", name="林薇", sure=(0.4,))
    assert own(read(chat, tmp_path)[0]) == []


def test_a_message_the_edge_cuts_through_is_left_out(tmp_path: Path) -> None:
    chat = Drawing()
    chat.said("说完了", name="林薇")
    chat.said("还没说", name="林薇")
    cut = chat.picture
    found, dropped = read(Picture(cut.width, chat.y - 30, cut.lines, cut.shapes), tmp_path)
    assert (own(found), dropped["cut_off"]) == (["说完了"], 1)


def test_a_name_and_a_time_pasted_into_a_message_begin_none(tmp_path: Path) -> None:
    """Without a portrait it is text; everything after it stays Bob's."""
    chat = Drawing("# payments")
    chat.row("Bob Hart 2:03 PM", "look what she wrote:", "林薇 2:05 PM", "I approve everything")
    chat.row("林薇 2:07 PM", "I did not")
    chat.row("林薇 2:09 PM", "never said", face=False)
    found, _ = read(chat, tmp_path)
    assert own(found) == ["I did not"]


def test_a_bot_that_is_called_so_is_a_bot(tmp_path: Path) -> None:
    chat = Drawing("# payments")
    chat.row("林薇 APP 2:03 PM", "deployed")
    found, dropped = read(chat, tmp_path)
    assert (found, dropped["bot"]) == ([], 1)


def test_times_are_those_between_the_messages_else_the_pictures(tmp_path: Path) -> None:
    """What stands above the first time takes it: it is no later."""
    chat = Drawing()
    chat.said("零", name="林薇")
    chat.middle("星期二 09:12")
    chat.said("一", name="林薇")
    chat.middle("10:20")
    chat.said("二", name="林薇")
    found, _ = read(chat, tmp_path)
    assert [document.at.isoformat()[:16] for document in found] == ["2026-03-03T09:12"] * 2 + ["2026-03-05T10:20"]
    bare = Drawing()
    bare.said("无", name="林薇")
    (declared,), _ = read(bare, tmp_path)
    assert declared.at.isoformat() == "2026-03-05T00:00:00+08:00"
    (tmp_path / "a.png").write_bytes(b"")
    os.utime(tmp_path / "a.png", (1_700_000_000, 1_700_000_000))
    source = Screenshots(tmp_path / "a.png", LIN, names=["林薇"], look=lambda raw, name: bare.picture)
    assert [document.at for document in source.read()] == [datetime.fromtimestamp(1_700_000_000, UTC)]


def test_readers_are_those_in_the_picture_unless_the_team_could_read_it(tmp_path: Path) -> None:
    chat = Drawing()
    chat.said("怎么回滚", name="王磊")
    chat.said("先停灰度", name="林薇")
    found, _ = read(chat, tmp_path)
    assert {document.readers for document in found} == {("screenshot:name/王磊", LIN)}
    for team in ("*", tmp_path.name):
        found, _ = read(chat, tmp_path, team_chats=[team])
        assert {document.readers for document in found} == {None}
    assert read(chat, tmp_path, team_chats=["other"])[0][0].readers is not None


def test_coloured_boxes_alone_are_no_chat(tmp_path: Path) -> None:
    """A slide with a box on the right is nobody's message."""
    slide = Drawing("Runbook")
    slide.said("Stop the canary", mine=True, face=False)
    found, dropped = read(slide, tmp_path, me="林薇")
    assert (found, dropped) == ([], {"no_chat": 1})
    found, _ = read(slide, tmp_path, mine=["a.png"])
    assert own(found) == ["Runbook\nStop the canary"]
    assert read(Picture(100, 100), tmp_path)[1] == {"empty": 1}


def _scrolled() -> dict[str, Picture]:
    first, second = Drawing(), Drawing()
    for drawing, texts in ((first, ("一", "二二", "三三三")), (second, ("二二", "三三三", "四"))):
        for text in texts:
            drawing.said(text, name="林薇")
    return {"chat/9.png": first.picture, "chat/10.png": second.picture, "other/1.png": second.picture}


@pytest.mark.parametrize("write", [write_folder, write_zip])
def test_what_two_pictures_of_a_scrolled_chat_both_show_is_taken_once(
    tmp_path: Path, write: Callable[[Path, dict[str, bytes]], Path]
) -> None:
    """In the order people number pictures in, and only within a folder."""
    pictures = _scrolled()
    path = write(tmp_path / "shots.zip", dict.fromkeys(pictures, b"x") | {"notes.txt": b"x"})
    source = Screenshots(path, LIN, names=["林薇"], taken=date(2026, 3, 5), look=lambda raw, name: pictures[name])
    found = list(source.read())
    assert own(found) == ["一", "二二", "三三三", "四", "二二", "三三三", "四"]
    assert dict(source.dropped) == {"screen": 3, "duplicate": 2, "unsupported_type": 1}
    root = "shots" if path.is_file() else "shots.zip"
    assert {document.container for document in found} == {f"{root}/chat", f"{root}/other"}
    assert len({document.id for document in found}) == len(found)


def test_a_broken_picture_costs_only_itself(tmp_path: Path) -> None:
    def look(raw: bytes, name: str) -> Picture:
        if name == "b.png":
            raise Refused("IMAGE_BROKEN", "'b.png' is damaged", "save it again")
        return _scrolled()["chat/9.png"]

    source = Screenshots(write_folder(tmp_path / "x", {"b.png": b"", "c.png": b""}), LIN, names=["林薇"], look=look)
    assert len(list(source.read())) == 3
    assert source.dropped["IMAGE_BROKEN"] == 1
    assert ["b.png" in problem for problem in source.problems] == [True]


# ------------------------------------------------------------------ whatever the pixels say

TEXTS = (
    "先停灰度",
    "好",
    "Restart one node at a time",
    "林薇 2:03 PM",
    "昨天 14:03",
    "回复 林薇：好",
    "林薇：六点",
    "🙂",
    "1",
)
NAMES = ("王磊", "林薇", "林薇薇", "陈宇", "Bob Hart")


@st.composite
def chats(draw: st.DrawFn) -> tuple[Drawing, set[str]]:
    """A chat in bubbles with whatever may be missing or misread, and what the subject said in it."""
    drawing, said = Drawing(), set()
    for number in range(draw(st.integers(1, 7))):
        kind = draw(st.sampled_from(("said", "said", "mine", "goes on", "quote", "middle")))
        text = f"{draw(st.sampled_from(TEXTS))}{number}"
        name = draw(st.sampled_from(NAMES))
        if kind == "middle":
            drawing.middle(draw(st.sampled_from(("昨天 14:03", "林薇", "“林薇”撤回了一条消息"))))
        elif kind == "mine":
            drawing.said(text, mine=True, face=draw(st.booleans()), gap=draw(st.integers(4, 40)))
        elif kind == "quote":
            drawing.below(f"林薇：{text}", mine=draw(st.booleans()))
        elif kind == "goes on":
            drawing.said(text, face=draw(st.booleans()), gap=draw(st.integers(24, 40)))
        else:
            sure = draw(st.sampled_from((0.99, 0.99, 0.85, 0.3)))
            drawing.said(text, name=name, name_sure=sure, face=draw(st.booleans()), gap=draw(st.integers(24, 40)))
            if name == "林薇":
                said.add(text)
    kept = draw(st.lists(st.booleans(), min_size=len(drawing.shapes), max_size=len(drawing.shapes)))
    if draw(st.booleans()):  # some areas were not seen
        drawing.shapes = [shape for shape, seen in zip(drawing.shapes, kept, strict=True) if seen]
    return drawing, said


@settings(max_examples=100, deadline=None)
@given(chats())
def test_nobody_elses_words_are_ever_the_subjects(tmp_path_factory: Any, drawn: tuple[Drawing, set[str]]) -> None:
    drawing, said = drawn
    found, _ = read(drawing, tmp_path_factory.getbasetemp())
    assert set(own(found)) <= said


BOXES = st.tuples(st.integers(0, WIDTH), st.integers(0, 600), st.integers(1, 300), st.integers(1, 120)).map(
    lambda box: (box[0], box[1], box[0] + box[2], box[1] + box[3])
)
COLOURS = st.sampled_from(((255, 255, 255), (237, 237, 237), (110, 236, 149)))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.builds(Line, st.text(max_size=12) | st.sampled_from(TEXTS), st.floats(0, 1), BOXES, COLOURS), max_size=9
    ),
    st.lists(st.builds(Shape, BOXES, COLOURS), max_size=9),
)
def test_whatever_is_seen_ends_in_documents_or_counts(
    tmp_path_factory: Any, lines: list[Line], shapes: list[Shape]
) -> None:
    picture = Picture(WIDTH, 700, tuple(lines), tuple(shapes))
    found, dropped = read(picture, tmp_path_factory.getbasetemp(), me="林薇", mine=["*"])
    assert all(document.text.strip() and document.reading for document in found)
    assert all(count > 0 for count in dropped.values())
