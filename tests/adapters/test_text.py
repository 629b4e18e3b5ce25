"""The Markdown subset: what it renders, what it refuses, and where it may be cut."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from adapters.text import Block, Span, clip, commonmark, escape_mrkdwn, mrkdwn, mute, parse, plain, split, whole

ALLOWED = "https://wiki.example/runbook?a=1&b=2"
EVIL = [
    "<!channel>",
    "<!here>",
    "<!subteam^S1>",
    "<@U123>",
    "<https://evil.example|click>",
    "<at user_id='all'>all</at>",
]


def test_the_subset_is_read_into_blocks_and_spans() -> None:
    blocks = parse("# Head\nOne **two** `three`\nfour\n\n- a\n2. b\n\n> said\n> so\n\n```sh\nls <dir>\n```")
    assert [block.kind for block in blocks] == ["paragraph", "paragraph", "item", "item", "quote", "code"]
    assert blocks[0].spans == (Span("Head", bold=True),)
    assert blocks[1].spans == (
        Span("One "),
        Span("two", bold=True),
        Span(" "),
        Span("three", code=True),
        Span("\nfour"),
    )
    assert [block.number for block in blocks if block.kind == "item"] == [0, 2]
    assert plain(blocks[4:5]) == "> said\n> so"
    assert blocks[5] == Block("code", (Span("ls <dir>", code=True),))


def test_a_fence_nobody_closed_is_still_code() -> None:
    assert parse("```\n<!channel>")[0].kind == "code"


def test_only_a_url_the_caller_named_becomes_a_link() -> None:
    """rights.md T26: links that already stand in a cited passage, and no others."""
    text = f"[the runbook]({ALLOWED}) and [mine](https://evil.example/?d=secret)"
    shown = mrkdwn(parse(text, links=[ALLOWED]))
    assert shown == "<https://wiki.example/runbook?a=1&amp;b=2|the runbook> and mine"
    assert mrkdwn(parse(text)) == "the runbook and mine"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "lark://client", "dingtalk://x", "file:///etc"]
)
def test_only_http_addresses_can_be_allowed(url: str) -> None:
    """Even if a caller passes on what an export called a link."""
    assert all(not span.url for block in parse(f"[x]({url})", links=[url]) for span in block.spans)


def test_images_and_reference_links_leave_only_words() -> None:
    """The EchoLeak forms: a picture that is fetched, a reference defined elsewhere."""
    shown = mrkdwn(parse("![pixel](https://evil.example/p.png) [x][1]\n\n[1]: https://evil.example/?d=1"))
    assert shown.startswith("pixel [x][1]")
    assert "https://evil" not in shown


@pytest.mark.parametrize("evil", EVIL)
def test_slacks_controls_are_shown_and_do_nothing(evil: str) -> None:
    for text in (
        evil,
        f"**{evil}**",
        f"`{evil}`",
        f"> {evil}",
        f"- {evil}",
        f"```\n{evil}\n```",
        f"[{evil}]({ALLOWED})",
    ):
        shown = mrkdwn(parse(text, links=[ALLOWED])).replace(f"<{escape_mrkdwn(ALLOWED)}|", "")
        assert "<" not in shown
    assert plain(parse(evil)).replace("\u2060", "") == evil


@pytest.mark.parametrize("word", ["@all", "@channel", "@HERE", "＠all", "@everyone", "@所有人", "@全体成员"])
def test_everyone_is_not_called(word: str) -> None:
    """NFKC folds the full-width @ back, so it is broken up as well (T25)."""
    shown = mute(f"hello {word}!")
    assert unicodedata.normalize("NFKC", word).lower() not in unicodedata.normalize("NFKC", shown).lower()
    assert shown.replace("\u2060", "").replace("@", "＠") == f"hello {word}!".replace("@", "＠")


def test_names_that_only_begin_like_everyone_are_left_alone() -> None:
    assert mute("@allen and @hereward, mail a@b.example") == "@allen and @hereward, mail a@b.example"


@pytest.mark.parametrize("url", ["https://evil.example/x", "javascript:alert(1)", "dingtalk://open", "lark://x"])
def test_a_bare_address_does_not_become_a_link_by_itself(url: str) -> None:
    assert url not in mute(f"see {url} now")
    assert mute(f"see {url} now").replace("\u2060", "") == f"see {url} now"
    assert mute("https://ok.example/x", ["https://ok.example/x"]) == "https://ok.example/x"


def test_bold_beside_chinese_gets_room_to_be_rendered() -> None:
    """A mark that touches a letter on its outside stays a star on the screen (peers.md S12)."""
    assert mrkdwn(parse("请找**林**审批")) == "请找 *林* 审批"
    assert mrkdwn(parse("请找 **林**，谢谢")) == "请找 *林*，谢谢"


def test_commonmark_escapes_what_has_a_meaning() -> None:
    shown = commonmark(parse(f"*a* _b_ <img> \\ # 1 [z](https://evil.example) **[x]({ALLOWED})**", links=[ALLOWED]))
    assert shown == f"\\*a\\* \\_b\\_ &lt;img\\> \\\\ \\# 1 z **[x]({ALLOWED})**"


def test_a_cut_never_splits_a_visible_character() -> None:
    family, flag, accent = "👨‍👩‍👧", "🇩🇪", "e\u0301"
    for text in (family, flag, accent, "👍🏽", "☺\ufe0f"):
        assert {whole("x" + text + "y", at) for at in range(1, 1 + len(text))} == {1}
    assert whole("🇩🇪🇫🇷", 2) == 2


def test_clip_says_that_something_is_missing() -> None:
    assert clip("short", 5) == "short"
    assert clip("a longer one", 6) == "a lon…"


@given(st.text(), st.integers(1, 40))
def test_clip_keeps_to_its_limit(text: str, limit: int) -> None:
    assert len(clip(text, limit)) <= limit


@given(st.text(alphabet="ab \n中文👨‍👩‍👧🇩🇪`*-.。", max_size=400), st.integers(32, 90))
def test_pieces_keep_to_the_limit_and_lose_nothing(text: str, limit: int) -> None:
    pieces = split(text, limit)
    assert all(len(piece) <= limit for piece in pieces)
    letters = [char for char in text if char not in " \n`"]
    assert [char for piece in pieces for char in piece if char not in " \n`"] == letters


@given(st.lists(st.text(alphabet="ab c", min_size=1, max_size=30), min_size=1, max_size=40), st.integers(40, 90))
def test_a_cut_fence_is_closed_and_opened_again(lines: list[str], limit: int) -> None:
    """Every piece reads as code by itself."""
    pieces = split("```py\n" + "\n".join(lines) + "\n```", limit)
    for piece in pieces:
        blocks = parse(piece)
        assert piece.startswith("```py")
        assert all(block.kind == "code" for block in blocks)


def test_a_limit_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="no room"):
        split("text", 8)


@given(st.text(max_size=300))
def test_no_text_ever_becomes_control_in_slacks_dialect(text: str) -> None:
    """Whatever is parsed, a `<` of Slack's can only stem from an allowed link, and here none is allowed."""
    assert "<" not in mrkdwn(parse(text))


@given(st.text(alphabet="<>![]()`*_ab:/\n#-&|", max_size=80))
def test_outside_of_code_commonmark_has_no_tag_and_no_picture(text: str) -> None:
    """Seen by a CommonMark parser, not by ours."""
    tokens = MarkdownIt("commonmark").parse(commonmark(parse(text)))
    inner = [child for token in tokens for child in (token.children or [])]
    assert not [t for t in [*tokens, *inner] if t.type in ("html_block", "html_inline", "image", "link_open")]
