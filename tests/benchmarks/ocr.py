"""Pictures of chats: how many a second, how much memory, and how much of what was said arrives, with whom.

    python -m tests.benchmarks.ocr [--chats 20] [--keep FOLDER]

Draws chats by chance with Chromium, as WeChat, DingTalk, Feishu and Slack do, in Chinese and English, at one to
three pixels a point, as PNG, JPEG and WebP, with noise; what was said is known. Then all are read, each way in a
process of its own.

*Characters* is the share of the characters of messages that arrive, blanks aside. *Speaker* is the share of them
that are told to be by whoever said them; *wrongly the subject's* counts messages of others that were taken for the
subject's, of which there must be none. Debian's tesseract (`tesseract-ocr tesseract-ocr-chi-sim`), where it is
installed, tells characters only: it knows nothing of bubbles.
"""

from __future__ import annotations

import argparse
import difflib
import json
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from persona_store.sources.ocr import Recogniser
from persona_store.sources.screenshots import Screenshots, folded, read_chat
from tests.persona_store.sources.screenshot_material import Chat, Notice, Said, When, draw

ME, SUBJECT = "陈宇", "林薇"
PEOPLE = {
    "zh": (SUBJECT, "王磊", "赵敏", "欧阳娜娜", "林薇薇"),
    "en": (SUBJECT, "Bob Hart", "Lin Weiss", "Ada Moss"),
}
SAID = {
    "zh": (
        "先停灰度，再回滚到上一个版本", "对账文件每天六点到，少一个先问渠道，不要手工补", "好", "收到",
        "好的，谢谢",
        "超过五千的退款要财务和我一起批，走大额退款流程，备注里写清楚原因和订单号", "证书每九十天换一次，由我来换",
        "网关超时先看连接池，再看下游。连接池满了就扩容，下游慢了就限流，不要两个一起改", "稍等，我看一下监控",
        "今晚十一点发布，提前半小时在群里说一声。\n发布以后看十分钟", "这个接口没有幂等，重试之前一定要查一下状态",
        "配置在 gateway.toml 里，改完要重启", "端口是 8080，不是 9090", "数据库从库延迟超过三秒就不要读从库",
    ),
    "en": (
        "Look at the ledger lock first, then at the queue", "ok", "Thanks!", "Never unlock while a replica is busy",
        "Restart one node at a time, five minutes apart, and watch the error rate in between", "On it",
        "The batch runs at 02:30 UTC. If it is late, ask the on-call before you touch anything", "Which dashboard?",
        "Run make unlock ENV=prod, but only after both replicas say idle.\nI wrote it down in runbook section 4",
        "Refunds above 5000 need two people", "The certificate expires in ninety days", "No, port 8080",
    ),
}  # fmt: skip
TIMES = {
    "zh": ("昨天 14:03", "星期二 09:12", "3月2日 10:20", "09:41"),
    "en": ("Yesterday 9:41 AM", "Monday", "Mar 2"),
}
NOTICES = {"zh": ("你撤回了一条消息", "以上是打招呼的内容"), "en": ("Bob Hart joined the group",)}


def chats(count: int) -> dict[str, tuple[Chat, float, str]]:
    """The same for the same number."""
    dice = random.Random(11)
    drawn = {}
    for number in range(count):
        app = ("wechat", "dingtalk", "feishu", "slack")[number % 4]
        lang = "en" if app == "slack" else dice.choice(["zh", "zh", "en"])
        alone = app == "wechat" and dice.random() < 0.3
        people = PEOPLE[lang] if not alone else (dice.choice([SUBJECT, "王磊"]),)
        title = people[0] if alone else "# payments" if app == "slack" else "支付值班群(12)"
        items: list[Said | When | Notice] = [When("Monday, March 2nd" if app == "slack" else TIMES[lang][0])]
        for _ in range(dice.randrange(4, 9)):
            items += _items(dice, app, lang, people, alone)
        ending, done = dice.choice([(".png", ""), (".jpg", ""), (".webp", ""), (".jpg", "noise")])
        chat = Chat(app, title, tuple(items), 640 if app == "slack" else dice.choice([360, 375, 414]),
                    app == "feishu" and dice.random() < 0.4, dice.random() < 0.5)  # fmt: skip
        drawn[f"{number:03}_{app}_{lang}{ending}"] = (chat, dice.choice([1, 2, 2, 3]), done)
    return drawn


def _items(
    dice: random.Random, app: str, lang: str, people: tuple[str, ...], alone: bool
) -> list[Said | When | Notice]:
    text = dice.choice(SAID[lang])
    if app == "slack":
        quote = dice.choice(SAID[lang]) if dice.random() < 0.2 else ""
        return [
            Said(
                dice.choice([*people, ME]),
                text,
                quote=quote.replace("\n", " "),
                time=f"{dice.randrange(1, 12)}:05 PM",
            )
        ]
    if dice.random() < 0.12:
        return [When(dice.choice(TIMES[lang]))]
    if dice.random() < 0.08:
        return [Notice(dice.choice(NOTICES[lang]))]
    if dice.random() < 0.35:
        return [Said("", text, mine=True)]
    name = "" if alone else dice.choice(people)
    quote = f"{'回复 ' if app == 'feishu' else ''}{ME}：{dice.choice(SAID[lang])}".replace("\n", " ")
    said: list[Said | When | Notice] = [
        Said(name, text, quote=quote if dice.random() < 0.2 and app != "dingtalk" else "")
    ]
    if app == "feishu" and dice.random() < 0.3:
        said.append(Said(name, dice.choice(SAID[lang]), joined=True))
    return said


# ------------------------------------------------------------------ reading and comparing


def ours(folder: Path) -> dict[str, list[tuple[str, str]]]:
    """By picture, what was said and by whom."""
    source = Screenshots(folder, SUBJECT, names=[SUBJECT], me=ME, team_chats=["*"], taken=date(2026, 3, 5))
    said: dict[str, list[tuple[str, str]]] = {}
    recogniser = Recogniser()
    for path in sorted(folder.iterdir()):
        sheet = read_chat(recogniser.look(path.read_bytes(), path.name), date(2026, 3, 5))
        if sheet is None:
            continue
        for turn in sheet.turns:
            key, name = source.whose(turn, sheet)
            said.setdefault(path.name, []).append((name if key else "", turn.text))
    recogniser.close()
    return said


def tesseract(folder: Path) -> dict[str, list[tuple[str, str]]]:
    said = {}
    for path in sorted(folder.iterdir()):
        done = subprocess.run(
            ["tesseract", str(path), "-", "-l", "chi_sim+eng", "--psm", "11"], capture_output=True, check=True
        )
        said[path.name] = [("", done.stdout.decode())]
    return said


def compare(drawn: dict[str, tuple[Chat, float, str]], said: dict[str, list[tuple[str, str]]]) -> dict[str, float]:
    characters = found = messages = right = wrongly = 0
    for name, (chat, _, _) in drawn.items():
        told = said.get(name, [])
        whole = _bare("".join(text for _, text in told))
        for who, text in _truth(chat):
            characters += len(text)
            found += _common(text, whole)
            messages += 1
            near = next((n for n, each in enumerate(told) if _alike(text, _bare(each[1]))), None)
            if near is not None:
                right += folded(told[near][0]) == folded(who)
                told = told[near + 1 :]
        own = _bare("".join(text for who, text in _truth(chat) if who == SUBJECT))
        for who, text in said.get(name, []):
            if who == SUBJECT and _common(_bare(text), own) < 0.8 * len(_bare(text)):
                wrongly += 1
                print(f"wrongly the subject's: {name}: {text!r}", file=sys.stderr)
    return {"characters": found / characters, "speaker": right / messages, "wrongly": wrongly, "messages": messages}


def _truth(chat: Chat) -> list[tuple[str, str]]:
    """Consecutive messages without a row of their own are one in Slack."""
    last, told = "", []
    for item in chat.said:
        last = ME if item.mine else item.name or (chat.title if not item.joined else last)
        told.append((last, _bare(item.text)))
    return told


def _bare(text: str) -> str:
    return "".join(folded(text).split())


def _alike(text: str, other: str) -> bool:
    return difflib.SequenceMatcher(None, text, other, autojunk=False).ratio() > 0.7


def _common(text: str, whole: str) -> int:
    """How many characters of the text are there, in order and in runs of at least two, or all of a short one."""
    matcher = difflib.SequenceMatcher(None, whole, text, autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks() if block.size > 1 or len(text) < 3)


# ------------------------------------------------------------------ measuring


def measure(way: str, folder: Path) -> None:
    """In a process of its own: prints one JSON object."""
    start = time.perf_counter()
    said = {"ours": ours, "tesseract": tesseract}[way](folder)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(json.dumps({"said": said, "seconds": seconds, "peak": peak}))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--chats", type=int, default=20)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--once", choices=("ours", "tesseract"))
    asked = parser.parse_args()
    if asked.once:
        measure(asked.once, asked.keep)
        return
    drawn = chats(asked.chats)
    with tempfile.TemporaryDirectory() as made:
        folder = asked.keep or Path(made)
        folder.mkdir(exist_ok=True)
        for _ in draw(drawn, folder):
            pass
        for way in ("ours", "tesseract"):
            if way == "tesseract" and not shutil.which("tesseract"):
                print("tesseract is not installed: apt-get install tesseract-ocr tesseract-ocr-chi-sim")
                continue
            command = [sys.executable, "-m", "tests.benchmarks.ocr", "--once", way, "--keep", str(folder)]
            done = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
            figures = compare(drawn, done["said"])
            speaker = f"{figures['speaker']:6.1%}  {figures['wrongly']:>3.0f}" if way == "ours" else "     –    –"
            print(
                f"{way:<10} {len(drawn) / done['seconds']:5.2f} pictures/s {done['peak']:6.0f} MB",
                f"characters {figures['characters']:6.1%}",
                f"speaker, wrongly the subject's {speaker}  of {figures['messages']:.0f}",
                sep="  ",
            )


if __name__ == "__main__":
    main()
