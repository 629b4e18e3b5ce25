"""Whose words the lines of a mail are: its author's, or those of a mail below that is quoted or forwarded.

A line that might be quoted is: words of somebody else in the author's mouth are the worse mistake (rights.md
IMP-16). Nothing rests on who a quote says it is from, so what is quoted belongs to nobody.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from persona_store.sources.mail_footers import SIGNATURE


class Split(Struct, frozen=True):
    own: str
    quoted: str


_MARKED = re.compile(
    r"\s{0,8}(?:[>＞|]|(?!(?:mysql|sqlite|psql|redis|mongo|ghci|irb|iex|sql|ftp)>)[A-Za-z]{1,12}>(?=\s|$))", re.I
)
"""`> words`, and as Emacs writes it, `LW> words`, but no prompt. A `|` may begin a table too: see _is_marked."""

WROTE = re.compile(
    r"(?:wrote|writes|schrieb|a écrit|escribió|escreveu|ha scritto|schreef|napisał(?:\(a\))?|skrev|"
    r"написал(?:\(а\))?|写道|寫道|写到|来信|のメール|さんは書きました|님이 작성)[^\n]{0,60}?\s?[:：…]?\s{0,3}$|"
    r"(?:写道|寫道|wrote)\s?[:：]",
    re.I,
)
_OPENS = re.compile(
    r"\s{0,3}[*_]{0,2}(?:(?:On|In|At|Am|Le|El|Em|Il|Op|Den|Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b|W dniu|在|于|於|"
    r"\d{4}[-年/]|\d{1,2}[./]\d|[^<>]{0,120}<[^\s<>@]{1,200}@[^\s<>@]{1,200}>|.{0,80}\S@\S)",
    re.I,
)
"""An attribution (`On Tue, Bob <b@x> wrote:`) begins with a day, a name with its address, or a word for "on"."""

_ABOVE = (
    "Original (?:Message|Appointment)|Forwarded (?:Message|by\\b.{0,100})|Reply message|Weitergeleitete Nachricht|"
    "Urspr[uü]ngliche Nachricht|Message (?:d'origine|transféré)|Mensaje (?:original|reenviado)|"
    "原始邮件|原始郵件|原邮件|转发的?邮件(?:信息)?|轉寄郵件|转发的原文|回复的?原邮件|邮件原件|发件人.{0,100}"
)
_BARE_ABOVE = (
    "Begin forwarded message|Anfang der weitergeleiteten Nachricht|Début du message transféré|"
    "开始转发的邮件|以下是转发的?邮件"
)
_SEPARATOR = re.compile(
    rf"\s{{0,3}}(?:[-_=*—]{{2,}}\s*(?:{_ABOVE})\s*[-_=*—]{{2,}}|(?:{_BARE_ABOVE})\s?[:：]|"
    rf"[-=]{{3,}}\s*(?:Original|Forwarded)\b.{{0,120}})\s*$",
    re.I,
)
_WHO = "From|Von|De|Da|Van|Från|Od|От|发件人|寄件者|寄件人|送信者|差出人|보낸 사람"
_MORE = (
    "Sent|Date|To|Cc|Subject|Reply-To|Gesendet|Datum|An|Betreff|Envoyé|À|Objet|Enviado(?: el)?|Fecha|Para|Asunto|"
    "Assunto|Inviato|Oggetto|Verzonden|Aan|Onderwerp|Дата|Кому|Тема|发送时间|发送日期|发件时间|时间|日期|收件人|抄送|"
    "主题|寄件日期|傳送時間|收件者|副本|主旨|送信日時|宛先|件名|받는 사람|제목"
)
_FIELD = re.compile(
    rf"\s{{0,3}}[>*_]{{0,3}}\s?[*_]{{0,2}}(?:(?P<who>{_WHO})|(?P<more>{_MORE}))[*_]{{0,2}}\s{{0,3}}[:：]", re.I
)
AHEAD = 6
"""Lines below `From:` within which another field must stand for it to be the head of a quoted mail."""


def split(text: str) -> Split:
    """The author's lines, and the others. Both keep their order."""
    lines = text.split("\n")
    own: list[str] = []
    quoted: list[str] = []
    place = 0
    while place < len(lines):
        line = lines[place]
        length = 0 if _is_marked(lines, place) else _attribution(lines, place)
        if length:
            after = _next_words(lines, place + length)
            quoted.extend(lines[place : place + length])
            place += length
            if after is None or _is_marked(lines, after):
                continue
            quoted.extend(lines[place:])  # nothing marks where it ends
            break
        if _SEPARATOR.match(line) or _heads_a_mail(lines, place):
            quoted.extend(lines[place:])
            break
        (quoted if _is_marked(lines, place) else own).append(line)
        place += 1
    return Split(_tidy(own), _tidy([_unmarked(line) for line in quoted]))


def _is_marked(lines: Sequence[str], place: int) -> bool:
    line = lines[place]
    match = _MARKED.match(line)
    if not match:
        return False
    if line.lstrip()[:1] in ">＞":
        return True
    if line.lstrip()[0] == "|":  # `| a | b |` is a table, unless a mail below is drawn with bars
        return line.count("|") == 1
    return True


def _attribution(lines: Sequence[str], place: int) -> int:
    """How many lines from here on say who wrote what follows: 0 to 4, as mailers break them."""
    if not lines[place].strip():
        return 0
    if not _OPENS.match(lines[place]):  # `Bob Hart schrieb:`, which only what follows tells from a sentence
        said = len(lines[place]) < 200 and WROTE.search(lines[place].rstrip())
        return 1 if said and _then_marked(lines, place + 1) else 0
    joined = ""
    for length, line in enumerate(lines[place : place + 4], start=1):
        if not line.strip() or (length > 1 and _is_marked(lines, place + length - 1)):
            return 0
        joined = f"{joined} {line.strip()}".strip()
        if len(joined) > 400:
            return 0
        if WROTE.search(joined) and (_dated(joined) or "@" in joined or _then_marked(lines, place + length)):
            return length
    return 0


def _dated(text: str) -> bool:
    return re.search(r"\d{1,2}[:：.]\d\d|\d{4}|\d{1,2}\s?(?:月|日)", text) is not None


def _then_marked(lines: Sequence[str], place: int) -> bool:
    after = _next_words(lines, place)
    return after is not None and _is_marked(lines, after)


def _next_words(lines: Sequence[str], place: int) -> int | None:
    return next((at for at in range(place, min(len(lines), place + 20)) if lines[at].strip()), None)


def _heads_a_mail(lines: Sequence[str], place: int) -> bool:
    """`From: … Sent: … To: …` as Outlook and most Chinese mailers write above what they quote."""
    found = _FIELD.match(lines[place])
    if not found or not found["who"]:
        return False
    below = [line for line in lines[place + 1 : place + 2 * AHEAD] if line.strip()][:AHEAD]
    fields = [_FIELD.match(line) for line in below]
    return any(match is not None and match["more"] for match in fields)


def _unmarked(line: str) -> str:
    return re.sub(r"^\s*(?:[>＞]\s*)+", "", line)


def _tidy(lines: list[str]) -> str:
    kept = (line if line == SIGNATURE else line.rstrip() for line in lines)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip("\n")
