"""Search: Chinese, English and identifiers find what answers; readers, time and removal decide what there is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from persona_store.index import Index
from persona_store.model import Findings, Passage, Readers
from persona_store.search import find
from tests.persona_store.passages import START, correction, passage

TEAM = (
    passage("retry-q", "How many times do we retry a failed charge?", own=False, thread="retry"),
    passage("retry-a", "At most 3 retries, 5 minutes apart.", thread="retry", minutes=1),
    passage("retry-t", "thanks!", own=False, thread="retry", minutes=2),
    passage("sign-q", "青桥返回 E1007 签名错误，怎么排查？", own=False, thread="sign"),
    passage("sign-a", "多半是商品名里有 emoji，去掉再签名。", thread="sign", minutes=1),
    passage("recon", "对账任务每天 06:40 在 pay-job-02 上跑，命令是 payctl recon rerun。"),
    passage("gateway", "Corvo answers HTTP 200 even if the charge failed; look at gateway.response_code."),
    passage("lunch", "Lunch at noon, the noodle place again?"),
    passage("others-q", "Who knows the VPN address?", own=False, thread="vpn"),
    passage("others-a", "vpn.example.test", own=False, thread="vpn", minutes=1),
)


def ask(text: str, *more: Passage, readers: Readers = None, **options: object) -> Findings:
    index = Index()
    index.add((*TEAM, *more))
    return find(index, text, readers=readers, **options)


def best(text: str, *more: Passage, **options: object) -> str:
    return ask(text, *more, **options).ranked_ids[0]


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("How often is a failed charge retried?", "retry-a"),
        ("retries of charges", "retry-a"),
        ("对账几点跑？", "recon"),
        ("對賬任務幾點跑", "recon"),  # traditional asks, simplified answers
        ("Ｅ１００７ 是什么原因", "sign-a"),  # full width
        ("签名错误", "sign-a"),  # the words stand in somebody else's question, the answer right below
        ("pay-job-02 上面跑了什么", "recon"),
        ("what does response_code say", "gateway"),
        ("recon 用哪个命令 rerun", "recon"),
    ],
)
def test_the_answer_is_found(asked: str, answer: str) -> None:
    assert best(asked) == answer


def test_only_the_persona_is_quoted() -> None:
    """Others' words lead to an answer and never are one; where only others spoke there is nothing."""
    assert "retry-q" not in ask("How many times do we retry a failed charge?").ranked_ids
    assert ask("VPN address").evidence == ()


def test_what_tells_of_it_goes_before_what_the_persona_added() -> None:
    """Below somebody's question stands the answer; below the persona's own answer stand its afterthoughts."""
    more = (
        passage("test-q", "How do you make sure that the parser is right?", own=False, thread="test"),
        passage("test-a", "We use generative testing for the parser.", thread="test", minutes=1),
        passage("test-b", "The rest has the plain testing of the framework.", thread="test", minutes=2),
    )
    assert best("Do you use generative testing?", *more) == "test-a"


def test_nothing_is_found_in_nothing_and_by_nothing() -> None:
    assert find(Index(), "anything", readers=None) == Findings((), {})
    for text in ("", "请问怎么做", "???", "quantum chromodynamics"):
        assert ask(text).evidence == ()


def test_a_term_that_stands_nowhere_weighs_nothing_and_is_told() -> None:
    found = ask("retry the flux capacitor")
    assert found.weights["capacitor"] == 0.0 < found.weights["retry"]
    assert found.signals["unseen"] > 0.4


def test_signals_are_shares_where_they_say_so() -> None:
    signals = ask("How many times do we retry a failed charge?").signals
    for name in ("bm25", "cosine", "covered", "covered_own", "phrases", "rare", "unseen", "sharp", "near", "own"):
        assert 0.0 <= signals[name] <= 1.0, name
    assert signals["covered"] == 1.0 > signals["covered_own"]


def test_a_thin_question_leans_on_what_was_said_before() -> None:
    """ "And how often?" alone finds nothing; with its thread it does. A full question ignores the thread."""
    assert ask("and how often?").evidence == ()
    assert best("and how often?", context="a failed charge is retried") == "retry-a"
    assert best("对账任务几点跑", context="a failed charge is retried") == "recon"


# ------------------------------------------------------------------ who may read

SECRET = passage("secret", "The Zanzibar migration budget is 9 million.", readers=("slack:U1", "slack:U7"))


@pytest.mark.parametrize(
    ("readers", "found"),
    [
        (None, False),
        ((frozenset({"slack:U7"}),), True),
        ((frozenset({"feishu:x", "slack:U7"}), frozenset({"slack:U1"})), True),
        ((frozenset({"slack:U7"}), frozenset({"slack:U2"})), False),  # one of them may not
        ((), False),
    ],
)
def test_everyone_who_reads_the_reply_may_read_the_source(readers: Readers, found: bool) -> None:
    assert ("secret" in ask("Zanzibar migration budget", SECRET, readers=readers).ranked_ids) == found


def test_what_one_may_not_read_is_as_if_it_were_not_there() -> None:
    """Not even the weights and the signals tell whether it exists (rights.md T09)."""
    hidden = tuple(passage(f"s{n}", f"retry charge Zanzibar {n}", readers=("slack:U7",)) for n in range(40))
    one, other = ask("retry a failed charge Zanzibar"), ask("retry a failed charge Zanzibar", *hidden)
    assert one.weights == other.weights
    assert one.signals == other.signals
    assert one.ranked_ids == other.ranked_ids


def test_a_private_reply_in_a_public_thread_lends_no_words_to_it() -> None:
    reply = passage("whisper", "Zanzibar is the code name", thread="retry", minutes=1, readers=("slack:U7",))
    assert ask("Zanzibar", reply).evidence == ()
    assert best("Zanzibar", reply, readers=(frozenset({"slack:U7"}),)) == "whisper"


def test_as_of_leaves_out_what_came_later() -> None:
    late = passage("late", "At most 9 retries of a failed charge, a failed charge is retried", minutes=600)
    asked = "How often is a failed charge retried?"
    assert "late" in ask(asked, late).ranked_ids
    found = ask(asked, late, as_of=START + timedelta(minutes=300))
    assert "late" not in found.ranked_ids
    assert found.weights == ask(asked, as_of=START + timedelta(minutes=300)).weights


# ------------------------------------------------------------------ what an owner taught

TAUGHT = correction("c1", "How many times do we retry a failed charge?", "Since May it is 4 times.")


def test_a_correction_answers_the_next_paraphrase_before_everything_else() -> None:
    for asked in ("How many times is a failed charge retried?", "how often do we retry failed charges"):
        found = ask(asked, TAUGHT)
        assert found.ranked_ids[0] == "c1"
        assert found.signals["taught"] > 0.6


def test_the_newest_correction_wins() -> None:
    newer = correction("c2", "How often do we retry a failed charge?", "Since June it is twice.", days=30)
    older = correction("c0", "How often do we retry a failed charge?", "Never.", days=0)
    assert best("How often do we retry a failed charge?", TAUGHT, newer, older) == "c2"


def test_a_correction_of_another_question_is_not_pulled_up() -> None:
    found = ask("payctl recon rerun 在哪台机器", TAUGHT)
    assert found.ranked_ids[0] == "recon"
    assert found.signals["taught"] == 0.0


# ------------------------------------------------------------------ changing


def test_adding_and_removing_take_effect_at_once_and_leave_nothing() -> None:
    """After any detour the index answers exactly as one that never took it."""
    index = Index()
    index.add(TEAM)
    before = find(index, "retry a failed charge in Zanzibar", readers=None)
    index.add([passage("z", "retry a failed charge in Zanzibar", thread="retry", minutes=5), TAUGHT])
    assert find(index, "Zanzibar", readers=None).ranked_ids == ("z", "retry-a")
    index.remove(["z", "c1", "never there"])
    after = find(index, "retry a failed charge in Zanzibar", readers=None)
    assert after == before
    assert len(index) == len(TEAM)


def test_a_changed_passage_is_found_by_its_new_words_only() -> None:
    index = Index()
    index.add(TEAM)
    index.add([passage("recon", "The job moved to Nairobi.")])
    assert find(index, "Nairobi", readers=None).ranked_ids == ("recon",)
    assert "recon" not in find(index, "对账任务", readers=None).ranked_ids


def test_a_thread_counts_from_the_moment_the_persona_speaks_in_it() -> None:
    index = Index()
    index.add(TEAM)
    index.add([passage("vpn-own", "It moved to the new host.", thread="vpn", minutes=9)])
    assert find(index, "VPN address", readers=None).ranked_ids == ("vpn-own",)
    index.remove(["vpn-own"])
    assert find(index, "VPN address", readers=None).evidence == ()


def test_whether_the_material_is_talk_or_documents_is_told() -> None:
    """What the confidence goes by (docs/calibration.md): threads with replies, or pieces that stand alone."""
    documents = Index()
    documents.add(passage(f"d{n}", f"Chapter {n}: retries of a failed charge.") for n in range(5))
    talk = Index()
    for n in range(5):
        talk.add((passage(f"q{n}", "Is a failed charge retried?", own=False, thread=f"t{n}"),))
        talk.add((passage(f"a{n}", f"Yes, {n} times.", thread=f"t{n}", minutes=1),))
    asked = "How often is a failed charge retried?"
    assert find(documents, asked, readers=None).signals["talk"] == 0
    assert find(talk, asked, readers=None).signals["talk"] == 1
