"""Terms: what a question says meets what a document said."""

from __future__ import annotations

import subprocess
import sys

import pytest

from persona_store.tokens import content_tokens, fold, is_name, named, stem, surfaces, terms


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("retries", "retry"),
        ("retried", "retry"),
        ("Configuring", "configured"),
        ("the boxes", "box"),
        ("caching", "cache"),
        ("saves", "saving"),
        ("ＡＢＣ１２３", "abc123"),
        ("回調簽名", "回调签名"),
        ("ＲＥＦＵＮＤ", "refund"),
        ("stopped", "stop"),
        ("JVMs", "JVM"),
        ("IDs", "id"),
    ],
)
def test_two_spellings_of_one_thing_share_a_term(asked: str, written: str) -> None:
    assert content_tokens(asked) & content_tokens(written)


@pytest.mark.parametrize(
    ("identifier", "parts"),
    [
        ("pay.retry_count", {"pay.retry_count", "pay", "retry", "count"}),
        ("ConnectionResetError", {"connectionreseterror", "connection", "reset", "error"}),
        ("v1.2.3", {"v1.2.3"}),
        ("E1007", {"e1007"}),
        ("userIDs", {"userids", "user", "id"}),
        ("HTTPServer", {"httpserver", "http", "server"}),
        ("R-410", {"r-410", "410"}),
        ("/etc/nginx/conf.d", {"etc/nginx/conf.d", "nginx", "conf"}),
        ("std::vector", {"std::vector", "vector"}),
        ("C++", {"c++", "c"}),
        ("C++17", {"c++", "17"}),
        ("C#", {"c#"}),
        ("g++", {"g++"}),
    ],
)
def test_an_identifier_is_kept_whole_beside_its_parts(identifier: str, parts: set[str]) -> None:
    assert parts <= content_tokens(f"为什么 {identifier} 会报错")


def test_names_are_what_means_one_thing_only() -> None:
    assert named("What does Qingqiao say for E1007 in pay.retry_count?") >= {"qingqiao", "e1007"}
    assert named("青桥返回 E1007，Corvo 也是") >= {"e1007", "corvo"}
    assert named("怎么给 Redis 加锁") == {"redis"}  # as it is found by, without the blank before it
    assert named("How often do we retry?") == frozenset()
    assert named("Is pay-db-02 down?") == {"pay-db-02"}  # whole, not `db-02`


def test_a_plus_or_a_hash_that_ends_nothing_is_no_part_of_a_term() -> None:
    assert content_tokens("see #general, i += 1, foo #2") == content_tokens("see general i 1 foo 2")


def test_words_without_content_are_left_out() -> None:
    """Questions, greetings and thanks in both languages come to nothing."""
    assert terms("Hi, could you please tell me how to do that? Thanks!") == [stem("tell")]
    assert terms("你好，请问这个是怎么做的？谢谢大家") == []


def test_terms_keep_order_and_repeats() -> None:
    assert terms("refund before payment, refund") == ["refund", "payment", "refund"]


def test_other_scripts_are_words_too() -> None:
    assert "платёж" in terms("Платёж прошёл")


@pytest.mark.parametrize("text", ["", "___", "…", "🙂🙂", "a" * 500, "的了吗", "。。。", "\x00"])
def test_odd_text_has_no_terms_and_does_no_harm(text: str) -> None:
    assert terms(text) == []


def test_traditional_folds_to_simplified_and_full_width_to_half() -> None:
    assert fold("請問退款（ＡＢＣ）") == "请问退款(ABC)"


def test_surfaces_are_words_a_person_can_read() -> None:
    assert dict(surfaces("Retries of the 支付网关 in pay.retry_count")) == {
        "retry": "Retries",
        "支付": "支付",
        "网关": "网关",
        "pay.retry_count": "pay.retry_count",
    }


def test_the_dictionary_is_loaded_only_when_chinese_is_met() -> None:
    code = (
        "import sys; from persona_store.tokens import terms; terms('plain words'); print('rjieba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(("word", "called"), [
    ("林舟", True), ("老李", True), ("王老师", True), ("退款", False), ("周报", False), ("高可用", False),
    ("李娜说", False),
])  # fmt: skip
def test_what_somebody_is_called_is_told_from_what_is_spoken_of(word: str, called: bool) -> None:
    assert is_name(word) is called
