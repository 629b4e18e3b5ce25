"""Words that judge a person instead of describing their work. They are refused wherever others describe somebody.

Two closed lists with their reasons. What damages a colleague's name has no evidence but somebody's opinion (Civil
Code of the PRC 1024: reputation); what grades them, types them or guesses at their mood, health or loyalty may not
exist in a persona at all (EU AI Act 5(1)(f) and Annex III 4(b); rights.md L35). A tag nobody listed is a judgement,
too: tags are labels for people by nature.
"""

from __future__ import annotations

import re

DEFAMING = "defaming_tag"
JUDGEMENT = "personal_judgement"

# Labels that say of somebody that they are dishonest, cruel, idle or a coward.
_NAMES = re.compile(
    # shifts blame, takes credit, plays people off
    r"甩锅(?:高手|达人|大师|艺术家|侠|王)?|推锅|抢功|背锅侠|背刺|"
    r"职场政治(?:玩家|高手)?|办公室政治|感情政治|向上管理(?:专家|大师|高手)|马屁精|两面派|老油条|笑面虎|"
    r"\b(?:blame[- ](?:shift|dodg)(?:er|ing)|shift(?:s|ing)? (?:the )?blame|credit[- ]stealer|steals? credit|"
    r"back[- ]?stabb(?:er|ing)|office politic(?:s|ian)|brown[- ]?nos(?:er|ing)|two[- ]faced|scapegoat)\b|"
    # cruel or manipulating
    r"PUA|画(?:大)?饼|情绪勒索|阴阳怪气|冷暴力|控制狂|精神打压|自恋狂?|渣男|渣女|绿茶|海王|舔狗|"
    r"\b(?:gas[- ]?light(?:er|s|ing)|manipulator|manipulative|passive[- ]aggressive|control freak|"
    r"narcissis(?:t|tic)|"
    r"toxic (?:person|boss|manager|colleague|leader)|bully|guilt[- ]?tripp(?:er|ing))\b|"
    # idle or unreliable
    r"摸鱼|偷懒|懒癌|拖延症|拖延狂|差不多先生|反复横跳|只读不回|已读不回|划水(?:王|高手|怪)|躺平(?:族|派)?|"
    r"\b(?:slack(?:er|s off)|procrastinat(?:or|es|ing)|flip[- ]flopper|ghosts (?:people|messages)|work[- ]shy)\b",
    re.IGNORECASE,
)
# Said of a person only: in a text about systems the same words are technical ("lazy loading", 缓存不可靠).
_SAID = re.compile(
    r"(?:很|太|特别|比较|有点|非常|总是|经常|一贯)?(?:懒(?!加载|汉|惰)|不负责任|不靠谱|不可靠|推卸责任|逃避责任|不认错|"
    r"没有?担当|爱甩|撒谎|说谎|骗人|虚伪|势利|小心眼|刻薄|嘴臭|"
    r"找外部原因|(?:不|绝不)(?:先)?认自己的责任|把锅|顺势甩)|"
    r"\b(?:lazy|dishonest|liar|lies to|coward(?:ly)?|unreliable|irresponsible|hypocrit\w+|never admits?|"
    r"dodges? responsibility|blames? (?:others|everyone))\b",
    re.IGNORECASE,
)
# Types of people.
_TYPES = re.compile(
    r"(?<![A-Za-z])(?:[EI][NS][TF][JP](?:-[AT])?)(?![A-Za-z])|(?i:\bMBTI\b)|九型人格|人格类型|血型|星座|"
    r"(?:白羊|金牛|双子|巨蟹|狮子|处女|天秤|天蝎|射手|摩羯|水瓶|双鱼)座|"
    r"(?i:\b(?:enneagram|zodiac|horoscope|big five|myers[- ]briggs)\b)"
)
# Character, mood, health, loyalty, worth: said of a person only.
_TRAITS = re.compile(
    r"性格|脾气|内向|外向|完美主义|情绪化|情绪(?:稳定|不稳|低落|崩溃)|心情|抑郁|焦虑|易怒|暴躁|玻璃心|敏感(?=多疑|的人)|"
    r"忠诚|离职倾向|想(?:离职|跳槽)|身体(?:不好|很差)|生病|怀孕|绩效|能力(?:强|差|弱|一般|突出|不足)|业务水平|"
    r"聪明|愚蠢|很笨|蠢|天才|勤奋|卷王|工作狂|强迫症|社恐|社牛|人品|"
    r"\b(?:introvert(?:ed)?|extrovert(?:ed)?|perfectionis[tm]|moody|mood|temper(?:ament)?|"
    r"depress(?:ed|ion)|anxi(?:ous|ety)|burn(?:ed|t)[- ]?out|loyal(?:ty)?|disloyal|flight risk|"
    r"ill(?:ness)?|pregnan\w+|personality|performance (?:rating|review)|"
    r"(?:over|under)perform\w*|(?:in)?competent|talented|smart|stupid|genius|hard[- ]working|workaholic|"
    r"arrogant|stubborn|impatient|easy[- ]going|friendly|nice (?:guy|person))\b",
    re.IGNORECASE,
)


def judged(line: str, *, portrait: bool) -> str:
    """Why a line may not be kept, "" if it may. In a `portrait` (a text about what somebody is like) more words are
    judgements than in one about their work, where lazy loading and a performance review are what one works on."""
    if _NAMES.search(line) or (portrait and _SAID.search(line)):
        return DEFAMING
    if _TYPES.search(line) or (portrait and _TRAITS.search(line)):
        return JUDGEMENT
    return ""


def tag(label: str) -> str:
    """Why a label for a person is refused: each is."""
    return DEFAMING if judged(label, portrait=True) == DEFAMING else JUDGEMENT
