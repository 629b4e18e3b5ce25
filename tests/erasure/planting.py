"""Material of every kind with canaries in it, as its subject has it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from persona_store.protocols import Source
from persona_store.sources.chat_export import Told
from persona_store.sources.colleague_skill import ColleagueSkill
from persona_store.sources.description import Description, of_file
from persona_store.sources.dingtalk_export import DingTalkExport
from persona_store.sources.documents import Documents
from persona_store.sources.feishu_export import FeishuExport
from persona_store.sources.mail import Mail
from persona_store.sources.slack_export import SlackExport
from persona_store.sources.telegram_export import TelegramExport
from persona_store.sources.wechat_export import WeChatExport
from tests.persona_store.sources import dingtalk_shapes as dingtalk
from tests.persona_store.sources import feishu_material as feishu
from tests.persona_store.sources import office_material as office
from tests.persona_store.sources import telegram_shapes as telegram
from tests.persona_store.sources import wechat_shapes as wechat
from tests.persona_store.sources.exports import export, said, write_folder, write_zip
from tests.persona_store.sources.feishu_material import dump
from tests.persona_store.sources.mail_material import BOB, mail
from tests.persona_store.sources.mail_material import LIN as LIN_MAIL
from tests.persona_store.sources.office_material import DAY

SOURCES = (
    "slack_export", "feishu_export", "dingtalk_export", "wechat_export", "telegram_export", "mail", "doc",
    "description", "imported_skill", "interview", "screenshot",
)  # fmt: skip


class Words:
    """Hands canaries out one by one, and remembers what each was for."""

    def __init__(self, words: list[str]) -> None:
        self._left = list(words)
        self.used: dict[str, str] = {}

    def __call__(self, what: str) -> str:
        word = self._left.pop(0)
        self.used[word] = what
        return word

    def rest(self) -> list[str]:
        return list(self._left)


def sources(folder: Path, word: Words) -> Iterator[Source]:
    """One of each kind; the files stay in `folder`, which is the subject's and not the installation's."""
    yield _slack(folder, word)
    team = "oc_ops00001"
    talk = [
        feishu.item(1, feishu.BOB, f"对账任务 {word('feishu, what somebody asked')} 几点跑？", 0),
        feishu.item(2, feishu.LIN, f"对账任务 {word('feishu')} 每天 09:00 跑", 60, root_id="om_0001"),
        feishu.item(3, feishu.LIN, f"失败就重启 {word('feishu, split')}\n" + "然后看日志。" * 300, 90),
    ]
    path = write_folder(folder / "feishu", {"page.json": dump(feishu.answer(*talk))})
    yield FeishuExport(path, feishu.LIN, Told(team_chats=(team,)))
    talk = [
        dingtalk.message(1, "Bob", dingtalk.BOB_OPEN, f"{word('dingtalk, asked')} 谁管？", "17:00:00"),
        dingtalk.message(
            2, "林薇", dingtalk.LIN_OPEN, f"我管 {word('dingtalk')}", "17:01:00",
            quotedMessage={"openMessageId": "msg0001", "sender": "Bob", "content": word("dingtalk, quoted")},
        ),
    ]  # fmt: skip
    files = {"members.json": dump(dingtalk.MEMBERS), "page-1.json": dump({"result": {"messages": talk}})}
    yield DingTalkExport(write_folder(folder / "dingtalk", files), dingtalk.LIN, Told(team_chats=(dingtalk.OPS,)))
    weflow = {**wechat.WEFLOW, "messages": [dict(each) for each in wechat.WEFLOW["messages"]]}
    weflow["messages"][1]["content"] = f"每天 09:00 跑 {word('wechat')}"
    weflow["messages"][4]["content"] = f"[引用 Bob：{word('wechat, quoted')}]\n改周四 {word('wechat, answer')}"
    path = write_folder(folder / "wechat", {"支付运维.json": dump(weflow)})
    yield WeChatExport(path, wechat.LIN, Told(team_chats=(wechat.OPS,)))
    chat = telegram.chat(
        telegram.message(1, telegram.BOB, f"what is {word('telegram, asked')}?", 0),
        telegram.message(2, telegram.LIN, f"it is the {word('telegram')} service", 60, reply_to_message_id=1),
        telegram.message(3, telegram.LIN, [{"type": "bold", "text": word("telegram, bold")}, " restarts it"], 90),
    )
    path = write_folder(folder / "telegram", {"result.json": dump(chat)})
    yield TelegramExport(path, f"user{telegram.LIN}", Told(team_chats=(str(telegram.OPS),)))
    yield _mail(folder, word)
    yield Documents(_documents(folder / "documents", word), "", names=("Lin Wei",))
    note = f"## 工作\n\n网关 {word('description')} 每天凌晨对账。\n- 退款走 {word('description, list')} 队列\n"
    (folder / "about.md").write_text(f"---\n日期: 2026-05-20\n---\n\n{note}", encoding="utf-8")
    yield Description(of_file(folder / "about.md"), by="chat:U0OWN", by_name="Zhou Lan", names=("Lin Zhou",))
    skill = f"# 林薇 — Work Skill\n\n- 重试任务 {word('imported skill')} 每 15 分钟跑一次\n"
    path = write_folder(folder / "skill", {"SKILL.md": skill.encode()})
    os.utime(path / "SKILL.md", (DAY.timestamp(), DAY.timestamp()))
    yield ColleagueSkill(path)


def _slack(folder: Path, word: Words) -> Source:
    rare = f"x_{word('slack, rare token')}.v2"
    threads: list[dict[str, Any]] = [
        said("U0BOB", f"How often does the {word('slack, asked')} job run?", 0),
        said("U0LIN", f"The {word('slack')} job runs every 15 minutes and gives up after 3 attempts.", 60),
        said("U0LIN", f"> {word('slack, quoted reply')} fails at night\nRestart it, then check {rare}.", 4000),
        said("U0LIN", f"The {word('slack, file')} runbook is attached.", 8000,
             files=[{"id": "F1", "name": f"{word('slack, file name')}.pdf", "title": word("slack, file title")}]),
        said("U0LIN", f"<https://wiki.example/{word('slack, link')}|{word('slack, link text')}> has it.", 9000),
        said("U0LIN", f"*{word('slack, bold')}* goes before :rocket: _{word('slack, italic')}_", 9500),
        said("U0LIN", f"```\nreconcile --queue {word('slack, code')}\n```", 9900),
    ]  # fmt: skip
    files = export({"payments": threads})
    return SlackExport(write_zip(folder / "slack.zip", files), "U0LIN", "https://x.slack.com")


def _mail(folder: Path, word: Words) -> Source:
    asked = mail("q", f"Bob <{BOB}>", f"Where is the {word('mail, asked')} list?", subject=word("mail, subject"))
    text = f"The {word('mail')} list is in the wiki.\n\n> Where is the {word('mail, quoted reply')} list?\n"
    answer = mail("a", f"Lin Wei <{LIN_MAIL}>", text, minutes=9, answers="q")
    answer.add_attachment(
        b"%PDF", maintype="application", subtype="pdf", filename=f"{word('mail, attachment')}.pdf"
    )
    files = {"q.eml": asked.as_bytes(), "a.eml": answer.as_bytes()}
    return Mail(write_folder(folder / "mail", files), (LIN_MAIL,), team_lists=())


def _documents(folder: Path, word: Words) -> Path:
    front = "---\nauthor: Lin Wei\ndate: 2026-03-02\n---\n\n"
    html = f"<html><head><meta name='author' content='Lin Wei'><title>{word('html, title')}</title></head><body>"
    html += (
        f"<p>The <img alt='{word('html, alt text')}'> {word('html')} gateway restarts by itself.</p></body></html>"
    )

    def table(book: Any) -> None:
        book.active.append(["service", "port"])
        book.active.append([word("xlsx"), 8080])

    def slides(made: Any) -> None:
        slide = made.slides.add_slide(made.slide_layouts[1])
        slide.shapes.title.text, slide.placeholders[1].text = "Rollback", f"Freeze {word('pptx')} first"
        slide.notes_slide.notes_text_frame.text = f"say {word('pptx, notes')}"

    files = {
        f"{word('file name')}.md": f"{front}# Retry\n\nThe {word('md')} worker retries three times.\n".encode(),
        "gateway.html": html.encode(),
        "plan.docx": office.word(lambda made: made.add_paragraph(f"Switch {word('docx')} to the spare gateway.")),
        "ports.xlsx": office.workbook(table),
        "talk.pptx": office.deck(slides),
        "runbook.pdf": office.pdf([f"Restart {word('pdf')} after midnight."]),
    }
    written = write_folder(folder, files)
    for path in written.iterdir():
        os.utime(path, (DAY.timestamp(), DAY.timestamp()))
    return written
