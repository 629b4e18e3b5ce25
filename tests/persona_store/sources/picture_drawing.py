"""Chats as a recogniser would report them, drawn without pixels: for rules about where things stand."""

from __future__ import annotations

from collections.abc import Sequence

from persona_store.sources.picture import Line, Picture, Shape

WIDTH, EM, FACE = 400, 20, 40
WHITE, GREEN, PAGE, GREY = (255, 255, 255), (110, 236, 149), (237, 237, 237), (225, 225, 225)


class Drawing:
    """From top to bottom; `y` is where the next thing begins."""

    def __init__(self, title: str = "支付群(9)") -> None:
        self.lines: list[Line] = []
        self.shapes: list[Shape] = []
        self.y = 60
        self._words(title, 150, 15, high=26)

    def _words(self, text: str, left: int, top: int, *, high: int = EM, sure: float = 0.99, **look: object) -> int:
        wide = sum(20 if letter > "\u2e80" else 10 for letter in text)
        fill = look.get("fill", PAGE)
        ink = look.get("ink", 200)
        self.lines.append(Line(text, sure, (left, top, left + wide, top + high), fill, ink))
        return left + wide

    def middle(self, text: str, *, sure: float = 0.99) -> None:
        """A line of the app."""
        wide = sum(20 if letter > "\u2e80" else 10 for letter in text)
        self._words(text, (WIDTH - wide) // 2, self.y, sure=sure)
        self.y += 2 * EM

    def said(
        self,
        text: str,
        *,
        name: str = "",
        mine: bool = False,
        face: bool = True,
        name_sure: float = 0.99,
        sure: Sequence[float] = (),
        quote: str = "",
        gap: int = 30,
    ) -> None:
        """A bubble; each line of `text` is a line in it, and `quote` paler ones above."""
        top = self.y
        if name:
            self._words(name, 66, top, sure=name_sure, ink=100)
            self.y += EM + 4
        lines = [(line, 80) for line in quote.split("\n") if quote] + [(line, 220) for line in text.split("\n")]
        widest = max(sum(20 if letter > "\u2e80" else 10 for letter in line) for line, _ in lines)
        left = WIDTH - 66 - widest - 24 if mine else 62
        fill = GREEN if mine else WHITE
        box = (left, self.y, left + widest + 24, self.y + len(lines) * 24 + 16)
        self.shapes.append(Shape(box, fill))
        for number, (line, ink) in enumerate(lines):
            certain = sure[number] if number < len(sure) else 0.99
            self._words(line, left + 12, self.y + 10 + 24 * number, sure=certain, ink=ink, fill=fill)
        if face:
            edge = WIDTH - 12 - FACE if mine else 12
            self.shapes.append(Shape((edge, top, edge + FACE, top + FACE), (90, 90, 200)))
        self.y = max(box[3], top + FACE if face else 0) + gap

    def below(self, text: str, *, mine: bool = False) -> None:
        """WeChat's quotation: a grey box right below the last bubble."""
        wide = 10 + sum(20 if letter > "\u2e80" else 10 for letter in text)
        left = WIDTH - 66 - wide if mine else 62
        top = self.y - 24
        self.shapes.append(Shape((left, top, left + wide, top + 28), GREY))
        self._words(text, left + 5, top + 4, ink=120, fill=GREY)
        self.y = top + 58

    def row(self, head: str, *texts: str, face: bool = True) -> None:
        """Slack's: a name and a time, and the words below."""
        if face:
            self.shapes.append(Shape((12, self.y, 12 + FACE, self.y + FACE), (90, 90, 200)))
        for number, text in enumerate([head, *texts]):
            self._words(text, 62, self.y + 24 * number)
        self.y += 24 * (1 + len(texts)) + 26

    @property
    def picture(self) -> Picture:
        return Picture(WIDTH, self.y + 30, tuple(self.lines), tuple(self.shapes))
