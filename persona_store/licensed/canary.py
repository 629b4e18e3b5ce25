"""By what a licensed pack is known once it turns up where it should not be: each was made with a seed of its
own (rights.md T36).

A seed is a keyed hash: whoever has not the installation's key can neither foresee nor forge one. From that of a
pack comes its *phrase*, a harmless sentence that lies among the material where no consent covers it, so that
nothing is ever answered from it. From that of an organisation comes the *tag* with which every id begins that it
was given: ids stay the same from one pack to the next.

It names the copy that leaked, and is no lock: whoever knows this file can take both out of a pack they may open.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from persona_store.model import Passage

UNCOVERED = "marker"
"""What the phrase is kept for: no kind of facet, so that no record grants it (`allow` says CONSENT_FACET)."""

TAG = 10  # characters
PLACES = 32  # words to choose from at each place: five bits of the seed

WORDS = {
    "en": (
        "The {} {} by the {} {} is {} every {}.",
        (
            "amber blue brass broad bright calm cedar clear copper dark deep early fair fine flat grey green "
            "heavy late light long narrow old open pale plain quiet red round short small wide",
            "bench board bowl box bridge cabinet chair clock coat crate cup desk door drawer easel fern "
            "folder frame gate globe jar kettle lamp ledger map mirror plant rug shelf stool table vase",
            "amber blue brass broad bright calm cedar clear copper dark deep early fair fine flat grey green "
            "heavy late light long narrow old open pale plain quiet red round short small wide",
            "alcove arch atrium balcony bay corner corridor court cupboard dock entrance fence field garage "
            "garden hall hatch hedge kitchen landing lobby loft passage path porch ramp roof stair terrace "
            "wall window yard",
            "aired brushed checked cleaned counted covered dusted emptied filled folded labelled levelled "
            "lifted listed locked measured mended moved oiled opened painted polished raised repaired rinsed "
            "shaded sorted swept tested turned washed weighed",
            "April August autumn December dusk evening February fortnight Friday January July June leap-year "
            "March May midday Monday month morning night November October quarter Saturday season September "
            "spring summer Sunday Thursday Tuesday week",
        ),
    ),
    "zh-CN": (
        "{}里的{}旁边那只{}色{}每逢{}要{}一次。",
        (
            "前厅 后院 走廊 阁楼 茶室 库房 门厅 书房 天井 北屋 南屋 东屋 西屋 车棚 花房 阳台 露台 偏房 "
            "楼梯间 客厅 餐厅 厨房 地窖 晒场 凉亭 里间 外间 边门 中庭 夹层 转角 平台",
            "木凳 书架 茶几 屏风 花架 水缸 衣柜 窗台 石阶 鱼池 门帘 灯架 画框 钟座 竹篮 米桶 柜台 长椅 圆桌 "
            "方桌 炉子 梯子 扫帚 雨棚 井台 篱笆 台阶 挂钟 书桌 沙发 地毯 镜子",
            "赤 橙 黄 绿 青 蓝 紫 灰 白 黑 棕 粉 金 银 铜 米 杏 茶 墨 藕 驼 酒红 湖蓝 草绿 藏青 奶白 橘 柠檬 "
            "橄榄 砖红 天蓝 象牙",
            "茶壶 花瓶 木盒 竹筐 陶罐 铁桶 瓷碗 布袋 水壶 灯笼 香炉 砚台 笔筒 酒杯 果盘 铜铃 纸箱 木桶 砂锅 "
            "竹匾 蒸笼 油灯 风铃 算盘 棋盒 陶碗 花盆 提篮 皮箱 锦盒 茶盏 瓦罐",
            "元旦 立春 雨水 惊蛰 春分 清明 谷雨 立夏 小满 芒种 夏至 小暑 大暑 立秋 处暑 白露 秋分 寒露 霜降 "
            "立冬 小雪 大雪 冬至 小寒 大寒 元宵 端午 中秋 重阳 腊八 月初 月末",
            "擦洗 清点 晾晒 上油 翻新 搬动 修补 编号 称重 测量 打磨 刷漆 清空 装满 登记 拍照 换位 抬高 放平 "
            "检查 封存 开启 归类 整理 贴签 复核 除尘 冲洗 抛光 加固 遮盖 转动",
        ),
    ),
}


def phrase(seed: str, language: str) -> str:
    """The sentence of this seed (hex digits): one of a thousand million, in Chinese or English."""
    form, places = WORDS.get(language, WORDS["en"])
    number, chosen = int(seed[:16], 16), []
    for words in places:
        number, at = divmod(number, PLACES)
        chosen.append(words.split()[at])
    return form.format(*chosen)


def tag(seed: str) -> str:
    """With what the ids of an organisation begin."""
    return seed[:TAG]


def passage(phrase: str, tag: str, at: datetime) -> Passage:
    """The phrase as it lies in a pack, under an id like all others: the one that was there before goes."""
    ident = tag + hashlib.sha256(phrase.encode()).hexdigest()[:16]
    return Passage(
        id=ident,
        source="self_written",
        container="licensed",
        container_name="",
        thread=ident,
        author="",
        author_name="",
        by_subject=False,
        at=at,
        text=phrase,
        facet=UNCOVERED,
    )


def found(text: str, seed: str) -> bool:
    """Whether a text holds the phrase of this seed, in either language. Letters and digits count, however they were
    broken, quoted and punctuated on the way."""
    plain = _plain(text)
    return any(_plain(phrase(seed, language)) in plain for language in WORDS)


def _plain(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()
