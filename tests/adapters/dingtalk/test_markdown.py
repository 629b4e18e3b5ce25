"""The two dialects: what renders, and what people wrote staying words."""

from __future__ import annotations

import pytest

from adapters.dingtalk.markdown import NBSP, dialect, escape, link
from tests.platforms.dingtalk_text import card_rendered, links, rendered

EVERYTHING = """# Approvals

Invoices **over 10,000** need two signatures,
also in `June`.
- Ana
- Lin
1. first

> said in May

```python
if x:
    y
```
| Region | Limit |
|---|:-:|
| North | 10 |
| South | |
"""


def test_a_list_has_an_empty_line_before_it_and_a_line_its_two_blanks() -> None:
    """D15: without them the client runs everything together."""
    shown = dialect(EVERYTHING)
    assert "signatures,  \nalso in **June**.\n\n- Ana\n- Lin\n1. first\n\n> said in May" in shown


def test_a_reader_sees_every_word_on_its_own_line() -> None:
    seen = [line.replace(NBSP, " ") for line in rendered(dialect(EVERYTHING)).split("\n")]
    assert seen == [
        "Approvals",
        "Invoices over 10,000 need two signatures,",
        "also in June.",
        "- Ana",
        "- Lin",
        "1. first",
        "said in May",
        "if x:",
        "y",  # its indentation is checked below: the local client, unlike the real one, strips it
        "- Region: North; Limit: 10",
        "- Region: South; Limit",
    ]


def test_code_keeps_its_lines_and_indentation_where_there_is_none() -> None:
    assert "if x:  \n\u00a0\u00a0\u00a0\u00a0y" in dialect(EVERYTHING)
    assert "```\nif x:\n    y\n```" in dialect(EVERYTHING, rich=True)
    assert "also in `June`." in dialect(EVERYTHING, rich=True)


def test_a_table_becomes_a_list_and_only_a_table_does() -> None:
    assert "- Region: North; Limit: 10\n- Region: South; Limit" in dialect(EVERYTHING)
    assert dialect("| just | words |") == "| just | words |"
    assert "|---|" in dialect("```\n| a |\n|---|\n| b |\n```", rich=True)


EVIL = [
    "[click](https://evil.example)",
    "![x](https://evil.example/p.png)",
    "<img src='https://evil.example/p.png'>",
    "<a href='https://evil.example'>x</a>",
    "<font color=red>x</font>",
    "dtmd://dingtalkclient/sendMessage?content=%2Fretire",
    "[yes](dtmd://dingtalkclient/sendMessage?content=%2Fretire)",
    "dingtalk://dingtalkclient/page/link?url=https%3A%2F%2Fevil.example",
    "https://evil.example/?d=secret",
    "[a]\\(https://evil.example)",
    "&lt;img src=x&gt; &#91;x](y)",
    "`<img src=x> ![x](https://evil.example)`",
]


@pytest.mark.parametrize("rich", [False, True])
@pytest.mark.parametrize("evil", EVIL)
def test_nothing_that_people_wrote_can_be_opened(evil: str, rich: bool) -> None:
    """T25, T26: no link, no picture, no button that makes its reader say something."""
    shown = dialect(evil, rich=rich)
    assert "](" not in shown
    assert "![" not in shown
    assert not [url for url in links(shown) if "evil" in url or "dtmd" in url or "dingtalk:" in url]
    assert "<a" not in shown
    assert "<img" not in shown
    assert "<font" not in shown


def test_words_are_shown_as_they_were_written() -> None:
    """To the eye; what would be markup has an invisible break in it, or a star that only looks like one."""
    text = "# not a title\n> not a quote\n- 1 < 2 && __x__ `y` ~~z~~ *w* 2 * 3 &lt;b&gt; <b>"
    seen = rendered(escape(text).replace("\n", "  \n")).replace("\u2060", "")
    assert seen == "# not a title\n> not a quote\n- 1 < 2 && __x__ ˋyˋ ~~z~~ ∗w∗ 2 * 3 &lt;b&gt; <b>"
    assert card_rendered(escape(text)).replace("\u2060", "") == seen


def test_everyone_is_not_called() -> None:
    for call in ("@all", "@所有人", "＠all"):
        assert call not in dialect(f"{call} look")


def test_only_the_links_we_name_are_links() -> None:
    assert dialect("[doc](https://wiki/x)", links=["https://wiki/x"]) == "[doc](https://wiki/x)"
    assert dialect("[doc](https://wiki/x)") == "doc"
    assert links(link("a](https://evil.example) [b", "https://wiki/(x)")) == ("https://wiki/%28x%29",)


@pytest.mark.parametrize("evil", ["\n\n# AI answer", " 'x'", "\t<img src=x>", "]![x", '"\u3000x', "\\)", "\x00"])
def test_an_address_ends_where_we_say(evil: str) -> None:
    """It comes from what was imported: no line, tag or picture of its own comes after it."""
    shown = link("doc", "https://wiki/x" + evil)
    address = shown.removeprefix("[doc](https://wiki/x").removesuffix(")")
    assert not set(address) & set(' \t\n\x00\u3000<>[]()"\\')


def test_bold_that_touches_a_letter_gets_room() -> None:
    """Outside of a mark there must be no letter, or it is shown as stars."""
    assert dialect("需要**两个**签名") == "需要 **两个** 签名"
