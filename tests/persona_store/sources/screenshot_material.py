"""Chats, and pictures of them as Feishu, DingTalk, WeChat and Slack draw them: what was said is known, so that what
was read can be compared.

`python -m tests.persona_store.sources.screenshot_material` draws the pictures in `screenshots/` anew with Chromium
(`sh scripts/browser`) and a CJK font of the machine (Debian: fonts-noto-cjk). The tests read the pictures and need
neither.
"""

from __future__ import annotations

import html
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "screenshots"


class Said(NamedTuple):
    """A message. `mine` stands on the side of the account that made the picture; `name` is drawn if given."""

    name: str
    text: str
    mine: bool = False
    quote: str = ""
    joined: bool = False  # right below the last one, without a label or picture of its own
    time: str = ""


class When(NamedTuple):
    """A time between the messages."""

    text: str


class Notice(NamedTuple):
    """A line of the app itself."""

    text: str


class Chat(NamedTuple):
    app: str
    title: str
    items: tuple[Said | When | Notice, ...]
    width: int = 375
    dark: bool = False
    initials: bool = False  # portraits have a name written on them, as Feishu and DingTalk give them

    @property
    def said(self) -> tuple[Said, ...]:
        return tuple(item for item in self.items if isinstance(item, Said))


# ------------------------------------------------------------------ what is said

WECHAT_ZH = Chat(
    "wechat",
    "支付值班群(12)",
    (
        When("昨天 14:03"),
        Said("王磊", "网关又超时了，怎么办？"),
        Said("林薇", "先停灰度，再回滚到上一个版本。回滚以后看五分钟监控，没有报错再通知值班。"),
        Notice("“王磊”邀请“赵敏”加入了群聊"),
        When("星期二 09:12"),
        Said("", "对账文件几点到？", mine=True),
        Said("林薇", "每天六点", quote="陈宇：对账文件几点到？"),
        Said("林薇的猫", "我也想知道"),
    ),
)
WECHAT_ONE = Chat(
    "wechat",
    "王磊",
    (
        When("2026年3月2日 下午2:03"),
        Said("", "退款超过五千要谁批？"),
        Said("", "要财务和我一起批，走大额退款流程。", mine=True),
        Said("", "收到，谢谢"),
        Said("", "Please attach the ledger id, otherwise finance will send it back to you.", mine=True),
    ),
)
FEISHU_ZH = Chat(
    "feishu",
    "支付网关",
    (
        When("3月2日 10:20"),
        Said("林薇", "证书每九十天换一次，由我来换。"),
        Said("林薇", "换完要重启网关", joined=True),
        Said("", "重启要停流量吗？", mine=True),
        Said("林薇", "不用，逐台重启就可以", quote="回复 陈宇：重启要停流量吗？"),
        Said("王磊", "明白了"),
    ),
)
DINGTALK_ZH = Chat(
    "dingtalk",
    "对账小组(5)",
    (
        When("昨天 18:40"),
        Said("赵敏", "渠道少了一个文件"),
        Said("林薇", "少文件先问渠道，不要手工补。\n补错了要改三张表。"),
        Said("", "好的，我去问", mine=True),
        Said("林薇", "问到以后发到这个群里"),
    ),
)
SLACK_EN = Chat(
    "slack",
    "# payments",
    (
        When("Monday, March 2nd"),
        Said("Bob Hart", "The payout batch is late again, what should I check first?", time="2:03 PM"),
        Said(
            "Lin Wei",
            "Look at the ledger lock first, then at the queue. If the lock is stale, run make unlock "
            "after both replicas say idle.",
            time="2:05 PM",
        ),
        Said("Lin Wei", "Never unlock while a replica is busy.", joined=True),
        Said("Lin Weiss", "I can do it now", time="2:07 PM"),
        When("Today"),
        Said("Lin Wei", "The batch runs at two in the morning.", time="9:15 AM", quote="When does it run?"),
    ),
    width=640,
)
FEISHU_EN = Chat(
    "feishu",
    "Gateway team",
    (
        When("Yesterday 9:41 AM"),
        Said("Lin Wei", "Restart one node at a time, never all of them."),
        Said("Bob Hart", "How long between two nodes?"),
        Said("Lin Wei", "Five minutes, and watch the error rate."),
        Said("", "Thank you, I will write it down", mine=True),
    ),
    dark=True,
)
PAGE = Chat(
    "page", "Runbook", (Said("", "Stop the canary first.\nThen roll back the gateway.\nTell the on-call."),)
)

PICTURES: dict[str, tuple[Chat, float, str]] = {
    "wechat_zh_2x.webp": (WECHAT_ZH, 2, ""),
    "wechat_zh_1x.webp": (WECHAT_ZH, 1, ""),
    "wechat_one_2x.jpg": (WECHAT_ONE, 2, "quality=70"),
    "feishu_zh_2x.png": (FEISHU_ZH, 2, ""),
    "feishu_en_dark_2x.webp": (FEISHU_EN, 2, ""),
    "dingtalk_zh_2x.jpg": (DINGTALK_ZH, 2, "noise"),
    "dingtalk_zh_1x.png": (DINGTALK_ZH, 1, ""),
    "slack_en_2x.webp": (SLACK_EN, 2, ""),
    "slack_en_1x.webp": (SLACK_EN, 1, ""),
    "page.png": (PAGE, 1, ""),
}
"""By file: the chat, pixels to a point, and what was done to the picture afterwards."""


# ------------------------------------------------------------------ how the apps draw it

_COMMON = """*{box-sizing:border-box;margin:0}body{font:15px/1.45 'Noto Sans CJK SC','DejaVu Sans',sans-serif}
.row{display:flex;align-items:flex-start;gap:10px;padding:0 12px}.mine{flex-direction:row-reverse}
.face{width:40px;height:40px;border-radius:var(--round);flex:none;color:#fff;font-size:13px;line-height:40px;
text-align:center;overflow:hidden}.none{visibility:hidden;height:0}
.body{max-width:68%;min-width:0;display:flex;flex-direction:column;align-items:flex-start}
.mine .body{align-items:flex-end}
.name{font-size:12px;color:var(--faint);line-height:16px;margin-bottom:3px;white-space:pre}
.text{padding:9px 12px;border-radius:8px;white-space:pre-wrap;overflow-wrap:anywhere}
.mid{text-align:center;font-size:12px;color:var(--faint);line-height:16px}
.bar{height:48px;line-height:48px;text-align:center;font-weight:600;font-size:17px}
.foot{height:50px;border-top:1px solid var(--line);margin-top:16px;display:flex;align-items:center;padding:0 12px}
.foot i{flex:1;height:34px;border-radius:6px;background:var(--field)}"""
_APPS = {
    "wechat": """:root{--round:5px;--faint:#909090;--line:#d8d8d8;--field:#fff}body{background:#ededed}
        .bar{background:#ededed}
        .row,.mid{margin-top:16px}.text{background:#fff}.mine .text{background:#95ec69}
        .quote{order:2;font-size:13px;color:#777;background:#e0e0e0;border-radius:4px;padding:6px 8px;
        margin-top:5px}""",
    "feishu": """:root{--round:50%;--faint:#8f959e;--line:#dee0e3;--field:#f5f6f7}body{background:#fff;
        color:#1f2329}
        .row{margin-top:18px}.mid{margin-top:16px}.joined{margin-top:5px}.text{background:#f0f1f3}
        .mine .text{background:#d1e3ff}.quote{color:#8f959e;border-left:2px solid #c0c4cb;padding-left:8px;
        font-size:13px;margin-bottom:4px}""",
    "feishu dark": """:root{--round:50%;--faint:#8c8c8c;--line:#333;--field:#2b2b2b}body{background:#171717;
        color:#ebebeb}
        .row{margin-top:18px}.mid{margin-top:16px}.text{background:#2e2e2e}.mine .text{background:#19396b}
        .quote{color:#8c8c8c;border-left:2px solid #555;
        padding-left:8px;font-size:13px;margin-bottom:4px}.joined{margin-top:5px}""",
    "dingtalk": """:root{--round:8px;--faint:#85888c;--line:#dcdee0;--field:#f2f2f6}body{background:#f2f2f6;
        color:#171a1d}
        .row,.mid{margin-top:14px}.text{background:#fff}.mine .text{background:#c7e4ff}.foot{background:#fff}""",
    "slack": """:root{--round:4px;--faint:#616061;--line:#ddd;--field:#f8f8f8}body{background:#fff;color:#1d1c1d}
        .bar{text-align:left;padding-left:20px;border-bottom:1px solid #ddd}.row{margin-top:14px;
        padding:0 20px;gap:8px}
        .face{width:36px;height:36px}.body{max-width:100%}.text{padding:0}.joined{margin-top:4px}
        .name{font-size:15px;font-weight:900;color:#1d1c1d;line-height:20px;margin:0}.name span{font-weight:400;
        font-size:12px;color:#616061;margin-left:8px}.quote{border-left:4px solid #ddd;padding-left:12px;
        color:#1d1c1d}
        .mid{margin:16px 20px 0;border-top:1px solid #ddd;height:14px}.mid span{position:relative;top:-14px;
        background:#fff;
        border:1px solid #ddd;border-radius:14px;padding:4px 12px;font-size:13px;font-weight:700;color:#1d1c1d}""",
    "page": "body{padding:30px;background:#fff;color:#111}.text{padding:4px 0}.bar{text-align:left}",
}
_FACES = ("#d97706", "#2563eb", "#059669", "#7c3aed", "#be123c")


def page(chat: Chat) -> str:
    style = _APPS[f"{chat.app} dark" if chat.dark else chat.app]
    foot = "" if chat.app == "page" else '<div class="foot"><i></i></div>'
    inside = "".join(_item(item, chat) for item in chat.items)
    title = html.escape(chat.title)
    return f"<meta charset=utf-8><style>{_COMMON}{style}</style><div class=bar>{title}</div>{inside}{foot}"


def _item(item: Said | When | Notice, chat: Chat) -> str:
    app = chat.app
    if not isinstance(item, Said):
        return f'<div class="mid"><span>{html.escape(item.text)}</span></div>'
    if app == "page":
        return f'<div class="text">{html.escape(item.text)}</div>'
    quote = f'<div class="quote">{html.escape(item.quote)}</div>' if item.quote else ""
    beside = app in ("wechat", "slack")  # the quotation stands beside the bubble, not in it
    time = f"<span>{item.time}</span>" if item.time else ""
    name = f'<div class="name">{html.escape(item.name)}{time}</div>' if item.name and not item.joined else ""
    text = f'<div class="text">{"" if beside else quote}{html.escape(item.text)}</div>'
    on_it = html.escape(item.name[-2:] or "我") if chat.initials and not item.joined else ""
    face = f'<div class="face {"none" if item.joined else ""}" style="background:{_colour(item)}">{on_it}</div>'
    classes = f"row {'mine' if item.mine else ''} {'joined' if item.joined else ''}"
    return f'<div class="{classes}">{face}<div class="body">{name}{quote if beside else ""}{text}</div></div>'


def _colour(item: Said) -> str:
    return _FACES[-1] if item.mine else _FACES[sum(map(ord, item.name)) % (len(_FACES) - 1)]


# ------------------------------------------------------------------ drawing


def draw(chats: dict[str, tuple[Chat, float, str]], folder: Path) -> Iterator[Path]:
    """The pictures as files. Raises RuntimeError where there is no browser."""
    from playwright.sync_api import sync_playwright

    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        raise RuntimeError("no browser: sh scripts/browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        for name, (chat, scale, done) in chats.items():
            view = browser.new_page(device_scale_factor=scale, viewport={"width": chat.width, "height": 100})
            view.set_content(page(chat))
            raw = view.screenshot(full_page=True, animations="disabled")
            view.close()
            (folder / name).write_bytes(_as_sent(raw, Path(name).suffix, done))
            os.utime(folder / name, (0, 0))
            yield folder / name
        browser.close()


def _as_sent(raw: bytes, ending: str, done: str) -> bytes:
    """What phones and chats do to a picture: fewer colours, JPEG, noise of a camera."""
    import cv2
    import numpy as np

    pixels = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_COLOR)
    if done == "noise":
        noise = np.random.default_rng(4).normal(0, 2.5, pixels.shape)
        pixels = np.clip(pixels.astype(np.float32) + noise, 0, 255).astype(np.uint8)
    options = {
        ".jpg": [cv2.IMWRITE_JPEG_QUALITY, 70],
        ".webp": [cv2.IMWRITE_WEBP_QUALITY, 80],
        ".png": [cv2.IMWRITE_PNG_COMPRESSION, 9],
    }[ending]
    return bytes(cv2.imencode(ending, pixels, options)[1])


if __name__ == "__main__":
    for path in draw(PICTURES, FOLDER):
        print(f"{path.name}  {path.stat().st_size:,} bytes")
