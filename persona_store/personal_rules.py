"""What sensitive personal information looks like (PIPL 28, GB/T 45574-2025): numbers with their own checks, and
statements about health or belief in their strict form only. A team mate's name or work address is none of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from persona_store.secret_rules import Span

# Digits that stand by themselves (not the id in a link, a version, a decimal or a longer token), as people write
# them: in one piece or in the usual groups.
_ALONE, _OVER = r"(?<![A-Za-z0-9_./=#&?\-])", r"(?![A-Za-z0-9_/])"
_MOBILE = re.compile(
    _ALONE + r"(?:\+?86[ \-]?)?1[3-9][0-9](?:[0-9]{8}|-[0-9]{4}-[0-9]{4}| [0-9]{4} [0-9]{4})" + _OVER
)
_BIRTHDAY = r"(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_IDENTITY = re.compile(_ALONE + rf"[1-9][0-9]{{5}}[ \-]?{_BIRTHDAY}[ \-]?[0-9]{{3}}[0-9Xx]" + _OVER)
_IN_FOURS = r"[0-9]{4}([ \-])[0-9]{4}\1[0-9]{4}\1[0-9]{4}(?:\1[0-9]{3})?"
_CARD = re.compile(_ALONE + rf"(?:[0-9]{{13,19}}|{_IN_FOURS}|3[47][0-9]{{2}}([ \-])[0-9]{{6}}\2[0-9]{{5}})" + _OVER)
# Prefixes and lengths of ISO/IEC 7812 issuers: UnionPay, Visa, Mastercard, American Express, Discover, JCB.
_ISSUED = re.compile(
    r"62[0-9]{14,17}|4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|2[2-7][0-9]{14}|3[47][0-9]{13}|6(?:011|5[0-9]{2})[0-9]{12}"
    r"|35[0-9]{14}"
)
_LONG_NUMBER = re.compile(r"[0-9][0-9 \-]{9}")  # shorter ones are none of these

_ILL_ZH = "癌|肿瘤|抑郁|焦虑症|双相|糖尿病|乙肝|肝炎|艾滋|HIV|白血病|心脏病|尿毒症|癫痫|精神分裂"
_ILL_EN = (
    "cancer|depression|diabetes|hiv|aids|epilepsy|leukemia|hepatitis|bipolar disorder|schizophrenia|"
    "multiple sclerosis|a tumou?r|an anxiety disorder|adhd|ptsd"
)
_HEALTH = re.compile(
    f"[我他她](?!们)[^，。,.!！?？\\n]{{0,6}}(?:确诊|诊断|查出|得了|患有|患上)[^，。,.!！?？\\n]{{0,12}}(?:{_ILL_ZH})"
    "|[我她](?:已经|刚)?(?:怀孕|流产)了?"
    rf"|\b(?:I|he|she)(?: was| am| has been|'ve been|'m)? diagnosed with [a-z]"
    rf"|\b(?:I|he|she)(?:'ve| have| has|'s)?(?: got)? (?:have |has |had )?(?:{_ILL_EN})\b"
    r"|\b(?:I'm|I am|she's|she is|is) pregnant\b|\bI(?:'m| am) HIV[- ]positive\b"
    r"|\bmy (?:chemo|chemotherapy|miscarriage|antidepressants)\b",
    re.I,
)
_BELIEF = re.compile(
    "我(?:是|信|信奉|皈依了?)(?:一?[个名])?(?:虔诚的)?(?:基督徒|基督教|天主教|穆斯林|伊斯兰教|佛教徒|佛教|道教|东正教|犹太教|法轮功)"
    r"|\bI(?:'m| am) (?:an? )?(?:devout |practi[cs]ing )?"
    r"(?:christian|catholic|protestant|muslim|jewish|hindu|buddhist|sikh|mormon|atheist)\b",
    re.I,
)


def find(text: str) -> Iterator[Span]:
    if _LONG_NUMBER.search(text):
        yield from _numbers(text)
    low = text.lower()
    for kind, pattern, hints in _STATEMENTS:
        if [hint for hint in hints if hint in low]:
            for match in pattern.finditer(text):
                yield Span(*_sentence(text, match), kind)


def _numbers(text: str) -> Iterator[Span]:
    """Only numbers that are what they look like: most long ones are ids of builds, orders and messages."""
    for match in _MOBILE.finditer(text):
        yield Span(*match.span(), "mobile number")
    for match in _IDENTITY.finditer(text):
        if _identity_holds(_bare(match)):
            yield Span(*match.span(), "identity number")
    for match in _CARD.finditer(text):
        if _ISSUED.fullmatch(_bare(match)) and _luhn_holds(_bare(match)):
            yield Span(*match.span(), "bank card")


def _bare(match: re.Match[str]) -> str:
    return match[0].replace(" ", "").replace("-", "")


def _identity_holds(number: str) -> bool:
    """ISO 7064 MOD 11-2, as GB 11643-1999 uses it."""
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(number[:17]))
    return "10X98765432"[total % 11] == number[17].upper()


def _luhn_holds(number: str) -> bool:
    """ISO/IEC 7812-1, annex B."""
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(number)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


# None of the patterns above matches without one of these.
_HINTS = """
确诊 诊断 查出 得了 患有 患上 怀孕 流产 diagnosed pregnant chemo miscarriage antidepressant positive
cancer depression diabetes hiv aids epilepsy leukemia hepatitis bipolar schizophrenia sclerosis tumor tumour
anxiety adhd ptsd
"""
_BELIEF_HINTS = "我是 我信 我皈依 christian catholic protestant muslim jewish hindu buddhist sikh mormon atheist"
_STATEMENTS = (("health", _HEALTH, tuple(_HINTS.split())), ("belief", _BELIEF, tuple(_BELIEF_HINTS.split())))

_BREAK = re.compile(r"[。！？!?\n]|\.(?=\s|$)")


def _sentence(text: str, match: re.Match[str]) -> tuple[int, int]:
    """The statement goes as a whole: what is left of a cut sentence often still says it."""
    earlier = _BREAK.finditer(text, max(0, match.start() - 300), match.start())
    start = max((found.end() for found in earlier), default=0)
    after = _BREAK.search(text, match.end(), match.end() + 300)
    end = after.start() if after else min(len(text), match.end() + 300)
    while start < match.start() and text[start].isspace():
        start += 1
    return start, end
