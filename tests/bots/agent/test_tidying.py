"""A model's sentence becomes plain words: nothing in it can be pressed, calls anybody or looks like ours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.text import parse
from bots.agent.tidying import tidied


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("It runs `every 15 minutes`.", "It runs `every 15 minutes`."),
        ("  It\nruns\tdaily. ", "It runs daily."),
        ("It runs daily. [1]", "It runs daily."),
        ("It runs daily [1][2].", "It runs daily."),
        ("每天跑一次【1】。", "每天跑一次。"),
        ("- **It** runs daily.", "It runs daily."),
        ("## 1. It runs daily.", "It runs daily."),
        ("> It runs daily.", "It runs daily."),
        ("See [the runbook](https://evil.example/?d=1).", "See the runbook."),
        ("See [the runbook][x].", "See the runbook."),
        ("![pixel](https://evil.example/p.png) It runs daily.", "It runs daily."),
        ("See https://evil.example/?d=secret, then run it.", "See …, then run it."),
        ("Open javascript:alert(1) now.", "Open … now."),
        ("Open dingtalk://dingtalkclient/page now.", "Open … now."),
        ("Ask ops@bank.example first.", "Ask … first."),
        ("Go to ht**tps://evil.example, java<b>script:alert(1).", "Go to ht…, …"),
        ("Visit www.evil.example now.", "Visit … now."),
        ("<!channel> It runs daily.", "It runs daily."),
        ("<@U1> decides.", "decides."),
        ('<at user_id="all">x</at> decides.', "x decides."),
        ("<https://evil.example|the runbook> says so.", "says so."),
        ("@here and ＠所有人 look.", "here and 所有人 look."),
        ("It runs\u202e daily\u200b.", "It runs daily."),
        ("Run `it now.", "Run it now."),
        ("It waits 2 < 3 > 1 minutes.", "It waits 2 < 3 > 1 minutes."),
        ("The list a[0] has twelve items.", "The list a[0] has twelve items."),
        ("", ""),
    ],
)
def test_a_sentence_is_what_is_left_of_it(written: str, plain: str) -> None:
    assert tidied(written) == plain


@given(st.text(alphabet="ab1 [](){}<>!@#*`_~|:/.\n\\-x．。＠\u202e", max_size=80))
def test_nothing_is_left_that_structures_or_calls(text: str) -> None:
    left = tidied(text)
    assert tidied(left) == left
    assert "\n" not in left
    assert "://" not in left
    blocks = parse(left)
    assert [block.kind for block in blocks] in ([], ["paragraph"])
    assert not any(span.url for block in blocks for span in block.spans)
