"""What tests/browser/test_subject_walk.py goes by in each language: only words that stand on the screen."""

from __future__ import annotations

from msgspec import Struct


class Walk(Struct, frozen=True):
    """One language: who walks, what they left, and every word they go by."""

    lang: str
    phone: bool
    name: str
    subject: str
    asker: str
    notes: str
    kind: str
    item: str
    asks: tuple[str, str, str]  # of the kind, of the item, and of what may be answered
    answer: str
    kept_back: str
    for_owner: str
    open: str
    look: str
    key: str
    sign: str
    receipt: str
    go: str
    nothing_yet: str
    show_change: str
    keep: str
    kept: str
    show: str
    keep_item: str
    approve: str
    approved: str
    accept: str
    withdraw: str
    by_message: bool
    own_page: str
    certificate: str
    check: str
    holds: str
    holds_apart: str
    bound: str
    retired: str


EN = Walk(
    lang="en",
    phone=False,
    name="priya",
    subject="U0PRIYA",
    asker="U0INES",
    notes="# Ledger exports\n\nThe nightly ledger export starts at 01:15 UTC and takes about forty minutes.\n\n"
    "Never rerun the export while the settlement job is running, otherwise every transfer is counted twice.\n\n"
    "# Office\n\nThe instructions for the office plant-watering app hang on the whiteboard in the kitchen.\n",
    kind="pitfall experience",
    item="plant-watering",
    asks=(
        "Can the export be rerun while the settlement job is running?",
        "Where do the instructions for the office plant-watering app hang?",
        "When does the nightly ledger export start?",
    ),
    answer="01:15",
    kept_back="keeps back what would answer this, as is their right",
    for_owner="the colleague keeps back what would answer this",
    open="open the page",
    look="Show me what I would sign",
    key="Make my key and save it",
    sign="Sign",
    receipt="Save my receipt",
    go="Go there now",
    nothing_yet="nothing to look at or to approve",
    show_change="Show what would change",
    keep="Keep this back for good",
    kept="Kept back: 1 sentence(s).",
    show="Show them",
    keep_item="Keep back",
    approve="I have looked, and approve",
    approved="You have approved it.",
    accept="I accept",
    withdraw="withdraw",
    by_message=True,
    own_page="your own page",
    certificate="Save the certificate",
    check="Check against my receipt",
    holds="It holds.",
    holds_apart="The certificate holds",
    bound="issued by the installation that signed your receipt",
    retired="has been retired",
)
ZH = Walk(
    lang="zh-CN",
    phone=True,
    name="chenmo",
    subject="U0CHENMO",
    asker="U0XUQING",
    notes="# 账务导出\n\n夜间账务导出在凌晨 1:15 开始，大约四十分钟。\n\n"
    "结算任务运行时千万别重跑导出，否则每笔转账都会重复入账。\n\n"
    "# 办公室\n\n办公室浇花应用的说明贴在茶水间的白板上。\n",
    kind="踩坑经验",
    item="浇花应用",
    asks=("结算任务运行时可以重跑导出吗？", "办公室浇花应用的说明贴在哪里？", "夜间账务导出几点开始？"),
    answer="1:15",
    kept_back="本人收回了能回答这个问题的内容",
    for_owner="收回",
    open="打开页面",
    look="让我看看要签的内容",
    key="生成并保存我的密钥",
    sign="签字",
    receipt="保存我的回执",
    go="现在就去",
    nothing_yet="没有可以查看或批准的内容",
    show_change="看看会有什么变化",
    keep="永久收回这些",
    kept="已收回 1 句",
    show="显示",
    keep_item="收回",
    approve="我看过了，批准",
    approved="你已经批准。",
    accept="我接受",
    withdraw="撤回我的同意",
    by_message=False,
    own_page="",
    certificate="保存删除证明",
    check="用我的回执核对",
    holds="核对无误",
    holds_apart="删除证明有效",
    bound="由签发你回执的那个系统出具",
    retired="已退役",
)
