"""`format=flowed` (RFC 3676): lines that end in a blank go on in the next one, within the same depth of quotes."""

from __future__ import annotations


def unflowed(text: str, *, joined: bool = False) -> str:
    """Paragraphs as their author wrote them, quoted ones still after `>`. `joined` is the parameter DelSp."""
    out: list[str] = []
    waiting, waiting_depth = "", -1
    for line in text.split("\n"):
        bare = line.lstrip(">")
        depth = len(line) - len(bare)
        bare = bare.removeprefix(" ")  # stuffed, so that a line may begin with > or a blank
        flows = bare.endswith(" ") and bare != "-- "
        if waiting and (depth != waiting_depth or bare == "-- "):
            out.append(_marked(waiting.rstrip(), waiting_depth))
            waiting = ""
        waiting, waiting_depth = waiting + (bare[:-1] if flows and joined else bare), depth
        if not flows:
            out.append(_marked(waiting, depth))
            waiting = ""
    if waiting:
        out.append(_marked(waiting.rstrip(), waiting_depth))
    return "\n".join(out)


def _marked(line: str, depth: int) -> str:
    return f"{'>' * depth} {line}" if depth else line
