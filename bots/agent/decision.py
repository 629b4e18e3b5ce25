"""Draft → answer, ask for confirmation, or hand over; and why. Pure.

Before any number is looked at, some questions are nobody's but a human's: judging people, approving and promising,
matters of the heart. What a persona's material says about those is not an answer, however well it matches.
"""

from __future__ import annotations

import re

from msgspec import Struct

from bots.agent.confidence import Calibration, calibration, within
from bots.agent.smalltalk import only_talk
from bots.model import Draft, Question

CONFLICT = "conflict"  # a feature: 1 = the evidence contradicts itself
FOREIGN = "foreign"  # a feature: the share of the evidence in another language than the question
MEANING = "meaning"  # a feature: there only where vectors were compared
LACKS = "lacks"  # a feature: 1 = a number, time or version is asked for, and no quote has one
UNSAID = "unsaid"  # a feature: 1 = a model read the evidence and found that it does not say what is asked
WITHHELD = (
    "withheld"  # a feature: 1 = the subject keeps back what is asked for; `withheld_<category>` if that is told
)
CONFIRM = 0.75  # of the threshold: close enough that a human can confirm with one press
SHOWN = 0.1
"""Below it what was found is not worth a look, unless it speaks of what the question names. Of the questions of
chats no calibrator saw every fifth stays below, of documents' two fifths; 5 % and 1 % of these had a right source
among the three."""

_PRAISE = (
    "good|bad|great|poor|weak|strong|lazy|reliable|competent|incompetent|terrible|excellent|mediocre|decent|"
    "nice|difficult|talented|smart"
)
_ROLE = (
    "developer|engineer|programmer|coder|colleague|co-?worker|team ?mate|employee|worker|manager|boss|leader|lead|"
    "person|guy|analyst|designer|tester|intern"
)
_END = r"(?=\s*(?:[?？.!。！,，;；]|$))"  # of the clause: "a good worker queue" is no person
_CLOSED = re.compile(
    # judging people
    r"绩效|工作表现|扛得住|为什么(?:离职|辞职)|考核(?:结果|成绩|打分)|裁员|开除|辞退|薪[酬资水]|工资|年终奖|涨薪|调薪|"
    r"晋升谁|(?:谁|哪个人).{0,6}(?:最差|最懒|不行|该走|能力差)|"
    r"\b(?:lay(?:ing)?\s?offs?|laid off|salar(?:y|ies)|pay ?rise|performance (?:review|rating)s?|underperform\w*|"
    r"who\b.{0,30} (?:worst|laziest|weakest))\b|should .{0,30} be (?:fired|promoted|let go)|"
    r"who .{0,20}(?:fired|let go)\b|"
    r"\b(?:rate|grade|evaluate|assess|judge) (?:\w+['’]s|his|her|their|my) (?:performance|"
    r"attitude|character|loyalty)\b|"
    r"\b(?:is|was|are|were) [a-z]+ (?:depressed|unhappy|burn(?:ed|t)[ -]?out|disloyal|incompetent)\b|"
    r"(?:评价|评一评|打分).{0,8}(?:这个人|同事|员工|他|她)|(?:人品|工作态度|忠诚度)(?:怎么样|如何|好吗|好不好)|"
    r"是不是(?:抑郁|不满|想离职|想跳槽)|"
    rf"\b(?:is|was|are|were) (?:(?-i:[A-Z])[\w'’-]+ ){{1,2}}(?:(?:really|still|such|an?) ){{0,3}}"
    rf"(?:{_PRAISE}) (?:{_ROLE})s?{_END}|"
    rf"\b(?:how (?:good|bad|strong|weak|skilled|reliable)|what kind of) (?:an? )?(?:{_ROLE}) (?:is|was)\b|"
    r"(?:技术水平|业务水平|编程水平|工作能力|业务能力|个人能力|管理能力)"
    r"(?:怎么样|怎样|如何|好吗|好不好|强吗|强不强|行吗|行不行|高吗)|"
    # what is nobody's business but their own
    r"\b(?:(?-i:[A-Z])[\w-]*['’]s|his|her|your) (?:private |personal )?"
    r"(?:(?:home |mobile |cell)?(?:phone|mobile|cell) number|home address|birthday|date of birth|age|religion|"
    rf"marital status){_END}|"
    r"(?<![其吉])[他她您]的?(?:私人|个人|家里|家庭)?的?"
    r"(?:手机号码?|电话号码?|(?:家庭)?住址|生日|年龄|宗教信仰|婚姻状况)|"
    # approving and promising
    r"(?:请|帮我?|能否?|可以|麻烦).{0,6}(?:批准|审批一?下|签字|签批)|(?:批准|同意|批)一?下(?:吧|吗|$)|"
    r"(?:你|您)(?:批准|同意|答应|承诺|保证)|"
    r"\b(?:(?:can|could|will|would|do) you(?: please)?|please)\s+(?:approve|sign\s?off|promise|"
    r"guarantee|commit to|authori[sz]e)\b|"
    r"^\W*(?:approve|promise|guarantee|authori[sz]e) (?:the|this|that|it|my|our|him|her|them|to)\b|"
    r"^\W*sign (?:it|this|the (?:contract|agreement|order|form|release))\b|"
    r"\bin (?:\w+['’]s|his|her) name\b|\bon behalf of\b|"
    r"^(?:你|您)?(?:批准|同意)[^谁]{0,12}吗|以.{0,6}(?:本人|名义)|[替代]我.{0,8}(?:保证|承诺|答应|批准|同意|签)|"
    # comfort and the heart
    r"我(?:好|很|太)?(?:难过|孤独|抑郁|崩溃|想你)|(?:爱|喜欢)我吗|做我(?:男|女)朋友|我爱你|"
    r"\b(?:do you (?:love|miss) me|i (?:love|miss) you|be my (?:girl|boy)friend|"
    r"i(?:'m| am) (?:so )?(?:lonely|depressed|heartbroken))\b",
    re.IGNORECASE,
)
_DANGER = re.compile(
    r"自杀|自残|自尽|轻生|不想活|活不下去|活着没(?:有)?(?:意思|意义)|我?想(?:去)?死(?!锁|循环|信|链|机|区|值|代码)|结束(?:我的)?生命|"
    r"\b(?:suicid(?!e (?:thread|connection|process|burn))\w*|kill(?:ing)? myself|self.?harm\w*|hurt(?:ing)? myself|"
    r"(?:want|wish) to die|wish i (?:was|were) dead|end(?:ing)? my (?:own )?life|"
    r"(?:don'?t|do not) want to (?:live|be alive|go on living))\b",
    re.IGNORECASE,
)


class Verdict(Struct, frozen=True):
    """What to do, and an Escalation's reason when it is not to answer. `confirm`: hand over, but the draft is good
    enough to be sent with one press; `decline`: nothing was asked (a greeting, thanks, no words at all)."""

    kind: str  # answer | confirm | escalate | decline
    reason: str = ""


def decide(question: Question, draft: Draft, *, budget: float, calibrated: Calibration | None = None) -> Verdict:
    """`budget`: the share of wrong answers the admin accepts."""
    if in_danger(question.text):  # first: somebody may say it by asking for a poem
        return Verdict("escalate", "in_danger")
    if only_talk(question.text):
        return Verdict("decline", "no_evidence")
    if closed(question.text):
        return Verdict("escalate", "closed_topic")
    if draft.features.get(WITHHELD):
        told = (name for name in draft.features if name.startswith(f"{WITHHELD}_"))
        return Verdict("escalate", next(told, WITHHELD))
    if not draft.evidence or not draft.quotes:
        return Verdict("escalate", "no_evidence")
    if draft.features.get(CONFLICT):
        return Verdict("escalate", "conflict")
    if draft.features.get(UNSAID):
        return Verdict("escalate", "low_confidence")
    if draft.confidence < SHOWN and not _foreign(draft) and not _speaks_of_it(draft):
        return Verdict("escalate", "no_evidence")
    shipped = (calibrated or calibration()).thresholds
    threshold = within(draft.thresholds or shipped, budget)
    if draft.confidence >= threshold and not _unread(draft):
        return Verdict("answer")
    return Verdict("confirm" if draft.confidence >= CONFIRM * threshold else "escalate", "low_confidence")


def _unread(draft: Draft) -> bool:
    """It stands in another language, and nobody read it: words alone find it, and do not tell what it says."""
    return _foreign(draft) and not draft.features.get("taught") and not draft.summary


def _foreign(draft: Draft) -> bool:
    """Found in another language by words alone: unsure by rule, however well it may fit."""
    return draft.features.get(FOREIGN, 0.0) > 0.5 and MEANING not in draft.features


def _speaks_of_it(draft: Draft) -> bool:
    """Of a name or an identifier that the question has."""
    return draft.features.get("named", 0.0) > 0 and draft.features.get("named_missing", 0.0) < 1


def humans_only(text: str) -> bool:
    """Whether what a human says to this is for those who asked, and never to be said again by a persona."""
    return in_danger(text) or closed(text)


def in_danger(text: str) -> bool:
    """Whether somebody may be about to harm themselves: they hear of people who help, whatever else
    (rights.md L25)."""
    return _DANGER.search(text) is not None


def closed(text: str) -> bool:
    """Whether only a human may say this."""
    return _CLOSED.search(text) is not None
