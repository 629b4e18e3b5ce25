"""The words and the coloured areas of pictures, found by a process that may do nothing else.

Run as a script by `ocr.py`. A picture comes on standard input behind its length (four bytes, big-endian); one JSON
object a picture goes to standard output. The decoders of pictures are native code and meet hostile files here: once
the models are loaded this process can open no file and no connection, and whoever started it ends it when a picture
takes too long.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from persona_store.confined import asked, limit, only_answers, shut

MEMORY = 3 << 30  # bytes of address space; a third of it is ever used
SECONDS = 60  # of processor time for a picture, on each of THREADS
THREADS = 2
STRIP = 1600
"""Rows that are looked at together: the recogniser shrinks what is longer until nothing can be read."""
WIDEST = 2600  # columns; wider pictures are shrunk to it
MOST_LINES = 3_000
MOST_SHAPES = 1_000
SMALLEST_SHAPE = 12  # pixels a side
PALER = 6  # of 255: by how much a bubble differs from the page at least. Feishu's differ by 10

NO_LIBRARY = 3
"""What its exit status tells."""


def grant() -> None:
    """Processor time for one more picture."""
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + SECONDS * THREADS, hard))


class Eyes:
    """The recogniser. Its models are named one by one, since it would download whichever it does not find."""

    def __init__(self) -> None:
        import cv2
        import numpy
        import rapidocr  # only here: it is an extra, and native

        self._cv, self._np = cv2, numpy
        cv2.setNumThreads(1)
        models = Path(rapidocr.__file__).parent / "models"
        self._engine: Any = rapidocr.RapidOCR(
            params={
                "Global.use_cls": False,  # nobody's screenshot stands on its head
                "Global.text_score": 0.0,  # what is unsure is counted, not hidden
                "Global.max_side_len": WIDEST,
                "Global.log_level": "critical",
                "Det.model_path": str(models / "PP-OCRv6_det_small.onnx"),
                "Rec.model_path": str(models / "PP-OCRv6_rec_small.onnx"),
                "EngineConfig.onnxruntime.intra_op_num_threads": THREADS,
            }
        )
        board = numpy.full((80, 240, 3), 255, numpy.uint8)
        cv2.putText(board, "ready", (10, 60), cv2.FONT_HERSHEY_SIMPLEX, 2, (0, 0, 0), 3)
        # Models and half of numpy load when they are first used, and later nothing can be opened.
        if not self.look(cv2.imencode(".png", board)[1].tobytes())["lines"]:
            raise RuntimeError("the recogniser sees nothing")

    def look(self, raw: bytes) -> dict[str, Any]:
        """Raises anything at all for what is no picture; the caller makes that one word."""
        image = self._cv.imdecode(self._np.frombuffer(raw, self._np.uint8), self._cv.IMREAD_COLOR)
        if image is None:
            return {"broken": True}
        height, width = image.shape[:2]
        lines: list[dict[str, Any]] = []
        for top, below in self._strips(image):
            found = self._engine(image[top:below])
            if found.txts is None or found.boxes is None:
                continue
            for corners, text, sure in zip(found.boxes, found.txts, found.scores, strict=True):
                box = _box(corners, top, width, height)
                if box and text.strip() and len(lines) < MOST_LINES:
                    lines.append({"text": text, "sure": float(sure), "box": box, **self._paper(image, box)})
        return {"width": width, "height": height, "lines": lines, "shapes": self._shapes(image)}

    def _strips(self, image: Any) -> list[tuple[int, int]]:
        """Cut where the fewest edges are crossed, that is between lines of text."""
        np, height = self._np, image.shape[0]
        cuts = [0]
        while height - cuts[-1] > STRIP:
            first, last = cuts[-1] + STRIP * 2 // 3, cuts[-1] + STRIP
            rows = image[first:last].astype(np.int16)
            edges = (np.abs(np.diff(rows, axis=1)).max(axis=2) > 24).sum(axis=1)
            quiet = np.convolve(edges, np.ones(9), "same")  # not the thin gap inside a character
            cuts.append(first + int(np.flatnonzero(quiet == quiet.min())[-1]))
        return [*zip(cuts, [*cuts[1:], height], strict=True)]

    def _paper(self, image: Any, box: list[int]) -> dict[str, Any]:
        """The colour behind a line, and how far its ink is from that (0 to 255)."""
        np = self._np
        left, top, right, below = box
        pixels = image[top:below, left:right].reshape(-1, 3)
        fill = self._commonest(pixels)
        away = np.abs(pixels.astype(np.int16) - fill).max(axis=1)
        return {"fill": [int(part) for part in fill], "ink": int(np.percentile(away, 97))}

    def _commonest(self, pixels: Any) -> Any:
        """In steps of eight, and then what is in the middle of that step."""
        np = self._np
        steps = (pixels >> 3).astype(np.int32)
        codes = (steps[:, 0] << 10) | (steps[:, 1] << 5) | steps[:, 2]
        return np.median(pixels[codes == np.bincount(codes, minlength=1).argmax()], axis=0).astype(np.int16)

    def _shapes(self, image: Any) -> list[dict[str, Any]]:
        """What is no page: bubbles, portraits, bars. Lines and frames enclose something and are none."""
        cv, np = self._cv, self._np
        calm = cv.medianBlur(image, 5)
        page = self._commonest(calm[::2, ::2].reshape(-1, 3))
        off_page = cv.bitwise_not(cv.inRange(calm, *((page + way).astype(np.float64) for way in (-PALER, PALER))))
        mask = cv.morphologyEx(off_page, cv.MORPH_OPEN, np.ones((3, 3), np.uint8))
        _, marks, stats, _ = cv.connectedComponentsWithStats(mask, connectivity=4)
        found = [
            (int(area), mark, int(left), int(top), int(wide), int(high))
            for mark, (left, top, wide, high, area) in enumerate(stats)
            if mark and min(wide, high) >= SMALLEST_SHAPE and area > 0.6 * wide * high
        ]
        shapes = []
        for _, mark, left, top, wide, high in sorted(found, reverse=True)[:MOST_SHAPES]:
            inside = image[top : top + high, left : left + wide][
                marks[top : top + high, left : left + wide] == mark
            ]
            fill = [int(part) for part in self._commonest(inside)]
            shapes.append({"box": [left, top, left + wide, top + high], "fill": fill})
        return shapes


def _box(corners: Any, top: int, width: int, height: int) -> list[int]:
    """Upright, and inside the picture; [] if nothing of it is."""
    xs, ys = corners[:, 0], corners[:, 1] + top
    left, right = max(0, int(xs.min())), min(width, int(xs.max()) + 1)
    above, below = max(0, int(ys.min())), min(height, int(ys.max()) + 1)
    return [left, above, right, below] if left < right and above < below else []


def main() -> int:
    told = only_answers()
    limit(MEMORY)
    try:
        eyes = Eyes()
    except ImportError:
        return NO_LIBRARY
    shut()
    for raw in asked(sys.stdin.buffer):
        grant()
        try:
            answer = eyes.look(raw)
        except Exception:  # a picture that breaks a decoder is a broken picture, whatever it raised
            answer = {"broken": True}
        told.write(json.dumps(answer).encode() + b"\n")
        told.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
