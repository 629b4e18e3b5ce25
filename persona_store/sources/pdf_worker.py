"""The text of one PDF, read by a process that may do nothing else and is killed if it takes too long.

Run as a script by `pdf.py`, which gives the file on standard input: PDFium is fast and native, and a file that
breaks it must break only this process. It prints one JSON object for the file and one for each page.
"""

from __future__ import annotations

import json
import sys

from persona_store.confined import limit

MEMORY = 2 << 30  # bytes of address space
SECONDS = 20  # of processor time
MOST_PAGES = 5_000
LONGEST_TEXT = 4 << 20  # characters of all pages

NO_LIBRARY, LOCKED, BROKEN = 3, 4, 5
"""What its exit status tells."""


def tell(value: object) -> None:
    print(json.dumps(value), flush=True)


def main() -> int:
    raw = sys.stdin.buffer.read()
    limit(MEMORY, seconds=SECONDS)
    try:
        import pypdfium2  # type: ignore[import-untyped]  # only here: it is an extra, and native
    except ImportError:
        return NO_LIBRARY
    try:
        document = pypdfium2.PdfDocument(raw)
    except pypdfium2.PdfiumError as error:
        return LOCKED if "assword" in str(error) else BROKEN
    said = document.get_metadata_dict()
    tell({"said": {key: str(value)[:500] for key, value in said.items()}, "pages": len(document)})
    left = LONGEST_TEXT
    for number in range(min(len(document), MOST_PAGES)):
        try:
            page = document[number]
            text = page.get_textpage().get_text_bounded()[:left]
            page.close()
        except pypdfium2.PdfiumError:
            tell({"page": number + 1, "broken": True})
            continue
        left -= len(text)
        tell({"page": number + 1, "text": text})
        if left <= 0:
            break
    return 0


if __name__ == "__main__":
    sys.exit(main())
