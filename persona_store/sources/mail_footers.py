"""What stands below a letter and says nothing: signature, "sent from my phone", legal notice, a list's footer."""

from __future__ import annotations

import re

SIGNATURE = "-- "  # with its blank: RFC 3676, 4.3
SIGNED = 12  # lines a signature has at most, where only `--` without its blank announces it

_PHONE = re.compile(
    r"^\s{0,3}(?:Sent from (?:my |Yahoo |Outlook|Mail for|Samsung|Proton)|Get Outlook for |"
    r"Von meinem \S+ gesendet|Envoyé (?:de|depuis) mon |发自(?:我的|网易|新浪|.{0,10}(?:手机|iPhone|iPad|邮箱))|"
    r"来自我的|從我的|从我的\s?\S{1,20}\s?发送|获取 Outlook|取得 Outlook|"
    r"由.{1,20}(?:手机|客户端)发送|发送自).{0,80}$",
    re.I,
)
_LEGAL = re.compile(
    r"confidential(?:ity)?\s+(?:notice|note|information)|this (?:e-?mail|message|communication)[^.]{0,80}"
    r"(?:intended (?:only|solely)|confidential|privileged)|intended recipient|^\W{0,6}(?:legal )?disclaimer\b|"
    r"please consider the environment|virus-free|checked for viruses|"
    r"本(?:电子)?邮件(?:及其)?(?:任何)?(?:附件)?.{0,30}(?:保密|机密|仅供|仅限)|(?:保密|免责)(?:声明|提示|条款)|此邮件.{0,30}(?:保密|机密)|"
    r"如果您不是.{0,12}收件人|diese e-?mail.{0,60}vertraulich",
    re.I,
)
_RULE = re.compile(r"^[\s_=*─—-]{3,}$")
_LIST_RULE = re.compile(r"^_{20,}$")
_LIST_FOOTER = re.compile(
    r"mailing list|to unsubscribe|unsubscribe from this group|you received this message because|"
    r"邮件列表|退订|取消订阅",
    re.I,
)


def without_footers(text: str) -> str:
    """The letter alone. A rule of underscores within it is no end of it; only a list's footer below one is."""
    lines = text.split("\n")
    lines = _before_list_footer(lines)
    lines = _before_signature(lines)
    while lines and (not lines[-1].strip() or _PHONE.match(lines[-1]) or _RULE.match(lines[-1])):
        lines.pop()
    return "\n\n".join(_before_legal(re.split(r"\n[ \t]*\n", "\n".join(lines)))).strip("\n")


def _before_list_footer(lines: list[str]) -> list[str]:
    for place in range(len(lines) - 1, max(-1, len(lines) - 15), -1):
        below = "\n".join(lines[place + 1 : place + 4])
        if _LIST_RULE.match(lines[place].strip()) and _LIST_FOOTER.search(below):
            return lines[:place]
    return lines


def _before_signature(lines: list[str]) -> list[str]:
    for place, line in enumerate(lines):
        if line == SIGNATURE or (line == "--" and 0 < len(lines) - place - 1 <= SIGNED):
            return lines[:place]
    return lines


def _before_legal(paragraphs: list[str]) -> list[str]:
    """From the end up, as long as paragraphs are notices; a letter about a notice keeps its first paragraph."""
    end = len(paragraphs)
    for place in range(len(paragraphs) - 1, max(0, len(paragraphs) - 4), -1):
        if _LEGAL.search(paragraphs[place]):
            end = place
    return paragraphs[:end]
