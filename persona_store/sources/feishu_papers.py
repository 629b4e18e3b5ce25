"""The text of one Feishu document: of a docx its blocks, of a sheet its rows, of a base the records of its tables.

…/docs/docx-v1/document-block/list, …/sheets-v3/spreadsheet-sheet/query, …/reading-a-single-range,
…/bitable-v1/app-table/list, …/app-table-field/list and …/app-table-record/list of
https://open.feishu.cn/document/server-docs/docs/.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable

from persona_store.sources.api_pages import paged
from persona_store.sources.chat_json import Json, dicts, string
from persona_store.sources.feishu_calls import FeishuCalls
from persona_store.sources.feishu_docx import blocks_text
from persona_store.sources.feishu_drive import Meta
from persona_store.sources.feishu_tables import record, row
from persona_store.sources.http import segment
from persona_store.sources.paper import LONGEST_TEXT, place
from persona_store.sources.sheets import MOST_COLUMNS, lines

ROWS = 500  # of a sheet at a time: an answer may have 10 MB
MOST_BLOCKS = 100_000

Theirs = Callable[[str], Awaitable[bool]]
"""Whether an open_id, as the reader's app sees it, is the subject's."""


class FeishuPapers:
    def __init__(self, calls: FeishuCalls, theirs: Theirs) -> None:
        self._calls = calls
        self._theirs = theirs

    async def text(self, meta: Meta, *, own: bool) -> tuple[str, Counter[str]]:
        """(text, what was left out by reason). `own`: what names no author of its own is the subject's. Raises
        Denied."""
        if meta.kind == "docx":
            return await self._docx(meta.token)
        if meta.kind == "sheet":
            return await self._sheets(meta.token)
        return await self._base(meta.token, own)

    async def _docx(self, token: str) -> tuple[str, Counter[str]]:
        blocks: list[Json] = []
        async for block in self._all(f"/docx/v1/documents/{segment(token)}/blocks", 500):
            blocks.append(block)
            if len(blocks) >= MOST_BLOCKS:
                text, left = blocks_text(blocks)
                left["too_long"] |= 1
                return text, left
        return blocks_text(blocks)

    async def _sheets(self, token: str) -> tuple[str, Counter[str]]:
        told = await self._calls.get(f"/sheets/v3/spreadsheets/{segment(token)}/sheets/query")
        parts: list[str] = []
        left: Counter[str] = Counter()
        for sheet in dicts(told.get("sheets")):
            if sheet.get("hidden") is True:
                left["hidden_text"] += 1
            elif string(sheet, "resource_type") not in ("", "sheet"):
                left["embedded"] += 1
            elif written := "\n".join(lines([each async for each in self._rows(token, sheet)])):
                parts.append(f"{place(string(sheet, 'title'))}\n\n{written}")
            if sum(map(len, parts)) > LONGEST_TEXT:
                left["too_long"] += 1
                break
        return "\n\n".join(parts), left

    async def _rows(self, token: str, sheet: Json) -> AsyncIterator[list[str]]:
        size = sheet.get("grid_properties")
        high, wide = (_count(size, key) for key in ("row_count", "column_count"))
        last = column(min(wide or MOST_COLUMNS, MOST_COLUMNS))
        length = 0
        for start in range(1, (high or ROWS) + 1, ROWS):
            span = f"{string(sheet, 'sheet_id')}!A{start}:{last}{min(start + ROWS - 1, high or ROWS)}"
            path = f"/sheets/v2/spreadsheets/{segment(token)}/values/{segment(span)}"
            told = await self._calls.get(path, valueRenderOption="ToString", dateTimeRenderOption="FormattedString")
            values = told.get("valueRange")
            for given in values.get("values") or () if isinstance(values, dict) else ():
                cells = row(given)
                length += sum(map(len, cells))
                if length > LONGEST_TEXT:
                    return
                yield cells

    async def _base(self, token: str, own: bool) -> tuple[str, Counter[str]]:
        """Records say who made and who last changed them, and are each their own author's."""
        path = f"/bitable/v1/apps/{segment(token)}/tables"
        parts: list[str] = []
        left: Counter[str] = Counter()
        async for table in self._all(path, 100):
            inside = f"{path}/{segment(string(table, 'table_id'))}"
            fields = [field async for field in self._all(f"{inside}/fields", 100)]
            columns = [(string(field, "field_name"), _count(field, "type")) for field in fields]
            rows: list[list[str]] = []
            async for each in self._all(f"{inside}/records", 500, automatic_fields="true", user_id_type="open_id"):
                if not await self._is_theirs(each, own):
                    left["other_author"] += 1
                elif isinstance(each.get("fields"), dict):
                    rows.append(record(each["fields"], columns))
            head = [[name for name, _ in columns]] if len(columns) > 1 else []
            if rows and (written := "\n".join(lines([*head, *rows]))):
                parts.append(f"{place(string(table, 'name'))}\n\n{written}")
            if sum(map(len, parts)) > LONGEST_TEXT:
                left["too_long"] += 1
                break
        return "\n\n".join(parts), left

    async def _is_theirs(self, each: Json, own: bool) -> bool:
        people = [string(each.get(key), "id") for key in ("created_by", "last_modified_by")]
        told = [ident for ident in people if ident]
        for ident in told:
            if not await self._theirs(ident):
                return False
        return bool(told) or own

    async def _all(self, path: str, size: int, **query: str) -> AsyncIterator[Json]:
        async def page(token: str) -> Json:
            return await self._calls.get(path, page_size=size, page_token=token, **query)

        async for told in paged(page, "items"):
            for item in dicts(told.get("items")):
                yield item


def column(number: int) -> str:
    """28 is AB."""
    name = ""
    while number > 0:
        number, digit = divmod(number - 1, 26)
        name = chr(65 + digit) + name
    return name


def _count(holder: object, key: str) -> int:
    given = holder.get(key) if isinstance(holder, dict) else 0
    return given if isinstance(given, int) and 0 <= given < 1_000_000 else 0
