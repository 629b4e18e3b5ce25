"""A small made-up team and a bot that knows its lines: enough to look at everything the page can show."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from adapters.local import Line, LocalChat, Member, Nickname, Room, Team
from adapters.local.entry import stamp
from adapters.model import Button, Card, Field, Form, Inbound, Message, Person, Post, Press, Quote, Receipt, Thread

TEAM = Team(
    name={"en": "Harbour team", "zh-CN": "港湾团队"},
    people=(
        Member(
            id="chen",
            name="Chen Yu",
            role="asker",
            colour="#0f766e",
            timezone="Asia/Shanghai",
            title={"en": "Backend engineer", "zh-CN": "后端工程师"},
        ),
        Member(
            id="lin",
            name="Lin Wei",
            role="owner",
            colour="#b4451f",
            timezone="Asia/Shanghai",
            title={"en": "Payments lead", "zh-CN": "支付负责人"},
        ),
        Member(
            id="mei",
            name="赵美",
            role="subject",
            colour="#7a3fa0",
            timezone="Asia/Shanghai",
            title={"en": "Moved to another team", "zh-CN": "已转岗"},
        ),
        Member(
            id="ada",
            name="Ada Moss",
            role="admin",
            colour="#1d5fa8",
            timezone="Europe/London",
            title={"en": "Workspace admin", "zh-CN": "工作区管理员"},
        ),
    ),
    rooms=(
        Room(
            id="C01PAY",
            name="payments",
            topic={"en": "Payouts, refunds, reconciliation", "zh-CN": "打款、退款与对账"},
        ),
        Room(id="C02OPS", name="运维值班", topic={"en": "On call", "zh-CN": "值班交接"}),
        Room(id="C03LEADS", name="leads", topic={"en": "Leads only", "zh-CN": "仅负责人"}, members=("lin", "ada")),
    ),
    personas=(Nickname(name="mei", display_name="美美"),),
    suggestions={
        "en": (
            "When does the payout batch run?",
            "Who approves refunds above 5,000?",
            "What is the salary band for seniors?",
        ),
        "zh-CN": ("打款批次几点跑？", "超过 5000 的退款谁审批？", "高级工程师的薪资范围是多少？"),
    },
)

_START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_SAID = (
    ("mei", "The payout batch runs at 02:30 UTC. If it is late, look at the ledger lock first, then at the queue."),
    ("chen", "And if the lock is stale?"),
    ("mei", "`make unlock ENV=prod`, but only after **both** replicas say idle. I wrote it down in runbook §4."),
    ("", "We saw the same last week."),
    ("lin", "退款超过 5000 要我和财务一起批，走 OA 的“大额退款”流程。"),
    ("mei", "对账文件每天 6 点到，少一个就先问渠道，不要手工补。"),
)
CITED = stamp(int((_START + timedelta(days=3)).timestamp()) * 1_000_000 + 100)


def history(copies: int = 30) -> list[Line]:
    """Some weeks of talk, with the message that is cited in the middle and a thread below it."""
    lines = []
    for number in range(copies):
        author, text = _SAID[number % len(_SAID)]
        at = _START + timedelta(hours=7 * number, minutes=number)
        lines.append(Line("C01PAY", stamp(int(at.timestamp()) * 1_000_000), _name(author), at, text, author))
    at = _START + timedelta(days=3)
    lines.append(Line("C01PAY", CITED, "赵美", at, _SAID[0][1] + " (cited)", "mei"))
    for minute, (author, text) in enumerate(_SAID[1:4], start=1):
        later = at + timedelta(minutes=minute)
        lines.append(
            Line("C01PAY", stamp(int(later.timestamp()) * 1_000_000), _name(author), later, text, author, CITED)
        )
    return lines


def _name(author: str) -> str:
    member = TEAM.member(author)
    return member.name if member else "Old Colleague"


QUOTES = (
    Quote(
        text=_SAID[0][1],
        author="赵美",
        when="5 Mar 2026",
        place="#payments",
        url=f"/archives/C01PAY/p{CITED.replace('.', '')}",
    ),
    Quote(
        text="Both replicas must be idle before anybody unlocks.",
        author="赵美",
        when="9 Feb 2026",
        place="runbook.md §4",
    ),
)
LABEL = "AI · speaks from 赵美's records, not 赵美"


class ScriptedBot:
    """A Host that answers what it can and asks Lin about the rest."""

    def __init__(self) -> None:
        self.received: list[Inbound] = []
        self.broken = False
        self.asked: dict[str, tuple[Thread, Person, Receipt]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.chat: LocalChat

    async def receive(self, event: Inbound) -> None:
        if self.broken:
            raise OSError("disk full")
        self.received.append(event)
        task = asyncio.create_task(self._play(event))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def form(self, press: Press) -> Form | None:
        if press.action != "edit" or press.author.id != "lin":
            return None
        return Form(
            action="answer",
            value=press.value,
            title="Answer in your words",
            submit="Send answer",
            cancel="Cancel",
            fields=(
                Field(
                    name="text",
                    label="Your answer",
                    initial="Refunds above 5,000 need Lin and finance.",
                    kind="lines",
                ),
                Field(name="credit", label="Also tell", initial="ada", kind="person"),
            ),
        )

    async def _play(self, event: Inbound) -> None:
        if isinstance(event, Message) and event.addressed:
            await self._asked(event)
        elif isinstance(event, Press):
            await self._pressed(event)

    async def _asked(self, message: Message) -> None:
        thread = message.thread
        if not thread.root and not thread.direct:
            thread = Thread(platform="local", chat=thread.chat, root=message.id)
        if message.command:
            card = Card(text=f"You typed **{message.text or 'nothing'}**.", tone="admin", title="Command")
            await self.chat.post(thread, Post(f"command:{message.id}", card, only_for=message.author))
            return
        await self.chat.working(thread, "")
        await asyncio.sleep(0.15)
        known = any(word in message.text.lower() for word in ("payout", "batch", "打款"))
        await (self._answer if known else self._escalate)(message, thread)

    async def _answer(self, message: Message, thread: Thread) -> None:
        card = Card(
            label=LABEL,
            text="At **02:30 UTC**. When it is late, look at the ledger lock first [1], then unlock with "
            "`make unlock ENV=prod` [2].",
            quotes=QUOTES,
            notes=("Sure at 93 %, from 2 passages · owner: Lin Wei", "Kept until 1 June 2027 under 赵美's consent"),
            buttons=(
                Button("up", "👍", "a1"),
                Button("down", "👎", "a1"),
                Button("human", "Ask a human", "a1"),
                Button("why", "Why?", "a1"),
            ),
        )
        await self.chat.post(thread, Post(f"answer:{message.id}", card, mention=(message.author,)))

    async def _escalate(self, message: Message, thread: Thread) -> None:
        card = Card(
            label=LABEL,
            tone="asked",
            text="I am not sure, so I have asked **Lin Wei**, who usually answers by 15:00.",
        )
        receipt = await self.chat.post(thread, Post(f"asked:{message.id}", card))
        self.asked[message.id] = (thread, message.author, receipt)
        lin = await self.chat.direct(await self.chat.person("lin"))
        question = Card(
            label=LABEL,
            tone="asked",
            title=f"{message.author.name} asks in #{thread.chat_name or 'payments'}",
            text=f"> {message.text}\n\n**Draft, not sent:** refunds above 5,000 need two people.",
            quotes=QUOTES[:1],
            notes=("Sure at 41 %, below what Ada allows (90 %)",),
            buttons=(
                Button("send", "Send this", message.id, "primary"),
                Button("edit", "Edit…", message.id, opens_form=True),
                Button("pass", "Not mine", message.id),
                Button("decline", "Decline", message.id, "danger"),
            ),
        )
        await self.chat.post(lin, Post(f"question:{message.id}", question))

    async def _pressed(self, press: Press) -> None:
        if press.action not in ("send", "answer"):
            return
        thread, asker, receipt = self.asked[press.value]
        text = press.fields.get("text", "Refunds above 5,000 need two people.")
        card = Card(label="Answered by a person · Lin Wei", tone="owner", text=text)
        await self.chat.post(thread, Post(f"owner:{press.value}", card, mention=(asker,)))
        settled = Card(text="**Settled.** Your answer is in the thread.", tone="owner")
        await self.chat.edit(Receipt(press.message_id, press.thread), Post(f"settled:{press.value}", settled))
        waiting = Card(label=LABEL, tone="notice", text="**Lin Wei** has answered below.")
        await self.chat.edit(receipt, Post(f"done:{press.value}", waiting))
