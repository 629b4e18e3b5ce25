"""What is this message? Pure: a message and what is known around it → one Route."""

from __future__ import annotations

import re
import unicodedata

from msgspec import Struct

from adapters.model import Message
from bots.questions import looks_like_question

VERBS = {
    "ask": ("问", "提问"),
    "why": ("为什么", "依据"),
    "personas": ("名单", "分身"),
    "topics": ("主题", "知道什么"),
    "status": ("状态",),
    "retire": ("退役", "下线"),
    "pause": ("暂停",),
    "resume": ("恢复",),
    "bind": ("绑定",),
    "owner": ("负责人",),
    "preview": ("预览",),
    "withdraw": ("撤回", "撤回同意"),
    "mine": ("我的",),
    "interview": ("访谈", "交接访谈"),
    "withhold": ("收回", "不公开"),
    "my-questions": ("my questions", "我的提问"),
    "forget": ("忘记我",),
    "report": ("举报",),
    "checkpoint": ("存证",),
    "leave-me-out": ("leave me out", "别用我的话", "不要用我的话"),
    "link": ("关联",),
    "unlink": ("解除关联",),
    "lang": ("语言",),
    "help": ("帮助",),
}
_WORDS = {word: verb for verb, others in VERBS.items() for word in (verb, *others)}
# Said alone they are meant as commands; "why does the job fail" is a question.
_BARE = frozenset(
    (
        "help",
        "withdraw",
        "personas",
        "status",
        "topics",
        "why",
        "mine",
        "interview",
        "link",
        "unlink",
        "forget",
        "my-questions",
        "report",
        "leave-me-out",
        "checkpoint",
        "lang",
    )
)
# These take nothing after them: with more words they begin a question.
_ALONE = frozenset(("help", "why", "personas"))
_ONE_WORD = frozenset(("link", "unlink"))  # the same after more than one
# With these a verb needs no slash either. Taken for a question, a code would be passed on to whoever is asked.
_PLAIN = re.compile(
    r"^(?:(?:link|关联)\s+(?:\w{5}[-–—]\w{5}|(?=\w*\d)\w{10})|(?:lang|语言)\s+(?:en|english|zh|zh-cn|中文|英文))$",
    re.IGNORECASE,
)
_PREFIX = re.compile(r"^[!！/／]understudy\b[:,\s]*", re.IGNORECASE)
_SLASH = re.compile(r"^[/／](\S+)\s*(.*)$", re.DOTALL)
# A verb we do not know, as far as it is one: "/deploy lin" may be, "/etc/hosts is missing?" is not.
_ODD = re.compile(r"^[/／]([^\W\d_]+)(?: \S+)?$")
# Asked rather than told. Narrower than looks_like_question: a long answer has a "what" or 哪 somewhere.
_ASKED = re.compile(
    r"[?？]\s*$|[吗呢]\s*$|"
    r"^(?:who|what|when|where|which|why|how)(?:'s|\s+(?:is|are|was|were|do|does|did|can|could|should|would|will))\b",
    re.IGNORECASE,
)
_TOPICS = re.compile(
    r"^(what|which topics?) (do|can|does) (you|he|she|they|\w+) (know|answer|cover)( about)?[?\s]*$|"
    r"^你?(都|能)?(知道|懂|会答|能答)(些|点)?(什么|啥|哪些)",
    re.IGNORECASE,
)

# Said of the answer above it, at the start: "is that wrong?" asks, and a long story with a "wrong" in it tells.
_OBJECTION = re.compile(
    r"^\W*(?:no\W+)?(?:that|this|it|the answer|you)(?:['’](?:s|re)| is| are| was)\s+"
    r"(?:(?:just|simply|plain|completely)\s+)?"
    r"(?:wrong|incorrect|mistaken|outdated|obsolete|out of date|(?:not|no longer) (?:true|right|correct))\b"
    r"|^\W*(?:no\W+)?(?:that|this|it) (?:isn|wasn)['’]t (?:true|right|correct)\b"
    r"|^\W*(?:(?:这|那|你)(?:个|条)?(?:回答|答案|说的|说法)?)?(?:已经)?"
    r"(?:不对|错了|有误|是错的|不正确|过时了|说错了|答错了|早就改了)(?![吗么]|\W*[?？])",
    re.IGNORECASE,
)


class Known(Struct, frozen=True):
    """The facts routing looks at, read beforehand."""

    in_thread: bool = False  # the thread is one of ours
    asker_here: bool = False  # the author asked something in it before
    asked_reply: str = ""  # escalation whose card this message hangs from
    asked_open: tuple[str, ...] = ()  # all escalations the author was asked in this direct chat
    asked_here: str = ""  # escalation asked from this very thread, if the author is who was asked
    interviewed: bool = False  # a question of the interview waits for the author in this direct chat
    said_enough: bool = False  # we spoke a lot in this thread lately


class Command(Struct, frozen=True):
    verb: str
    args: str


class OwnerReply(Struct, frozen=True):
    """The words of the human who was asked. `escalation` is empty if it is not clear which question."""

    escalation: str
    text: str
    sure: bool = True


class Interviewed(Struct, frozen=True):
    """The words of the Subject while a question of the interview waits for them. Not `sure`: they may be for
    something else."""

    text: str
    sure: bool = True


class Ask(Struct, frozen=True):
    text: str
    followup: bool = False


class Ignore(Struct, frozen=True):
    why: str


class Objection(Struct, frozen=True):
    """Words against the answer above them."""

    text: str


Route = Command | OwnerReply | Interviewed | Ask | Objection | Ignore
_RATIONED = frozenset(
    ("ask", "why", "personas", "topics", "status", "help", "lang", "link", "checkpoint", "report", "unknown")
)


def is_rationed(route: Route) -> bool:
    """Whether it counts as something one person may ask so and so often. Rights do not, nor what silences a
    persona: whoever asked a lot today may withdraw, be forgotten, pause and retire all the same."""
    return isinstance(route, (Ask, Objection)) or (isinstance(route, Command) and route.verb in _RATIONED)


def route(message: Message, known: Known) -> Route:
    text = unicodedata.normalize("NFC", message.text).strip()
    command = parse_command(text, native=message.command, addressed=message.addressed)
    if command is None and known.in_thread and known.asker_here:
        command = _alone(text)  # "why" below an answer, where no @ is needed
    if command is not None:
        return command
    if known.asked_reply:
        return OwnerReply(known.asked_reply, text, sure=not text.endswith(("?", "？")))
    if known.asked_here and not looks_like_question(text):
        return OwnerReply(known.asked_here, text)
    if message.thread.direct and known.interviewed:
        return Interviewed(text, sure=not known.asked_open and _ASKED.search(text) is None)
    if message.thread.direct and known.asked_open:
        one = known.asked_open[0] if len(known.asked_open) == 1 else ""
        return OwnerReply(one, text, sure=bool(one) and not looks_like_question(text))
    if known.in_thread and (known.asker_here or message.addressed) and _OBJECTION.search(text):
        return Objection(text)
    if message.addressed:
        return Ask(text)
    # From here on nobody called us: a follow-up must be plainly meant for the persona (peers.md S17).
    if message.mentions:
        return Ignore("for_somebody_else")
    if not known.in_thread or not known.asker_here:
        return Ignore("not_for_us")
    if known.said_enough:
        return Ignore("said_enough")
    return Ask(text, followup=True) if looks_like_question(text) else Ignore("not_a_question")


def parse_command(text: str, *, native: bool = False, addressed: bool = False) -> Command | None:
    """`/understudy verb …`, `!understudy verb …`, `@bot /verb …`, or a bare verb that stands alone."""
    if native:
        return _verb(text) or Command("help" if not text.strip() else "ask", text.strip())
    prefixed = _PREFIX.sub("", text, count=1)
    if prefixed != text:
        return _verb(prefixed) or Command("help" if not prefixed.strip() else "ask", prefixed.strip())
    if not addressed:
        return None
    if slash := _SLASH.match(text):
        odd = _ODD.match(text)
        return _verb(f"{slash[1]} {slash[2]}") or (Command("unknown", odd[1]) if odd else None)
    if _TOPICS.match(text):
        return Command("topics", "")
    return _alone(text)


def _alone(text: str) -> Command | None:
    if _PLAIN.match(text):
        return _verb(text)
    verb = _WORDS.get(text.lower().rstrip("?？!！。. "))
    return Command(verb, "") if verb in _BARE else None


def _verb(text: str) -> Command | None:
    first, _, rest = text.strip().partition(" ")
    verb = _WORDS.get(first.lower())
    if verb is None or (verb in _ALONE and rest.strip()) or (verb in _ONE_WORD and len(rest.split()) > 1):
        return None
    return Command(verb, rest.strip())
