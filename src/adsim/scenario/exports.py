"""Files as platforms export them, into cells: encodings, tabs, lines above the header, totals.

An export may begin with a title and its dates, end with totals, be GBK, be UTF-16 with tabs, or be
a sheet of a workbook. What is left out is counted, so that the reader can be told.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from adsim.errors import Problem
from adsim.scenario.reading import (
    GBK,
    UTF_8,
    UTF_16,
    Cells,
    decode_gbk,
    decode_text,
    parse_cells,
    read_bytes,
    with_equal_ends,
)
from adsim.scenario.reported import NOTHING, ReportColumn, find_header
from adsim.scenario.workbooks import is_workbook, read_sheets

LOOKED_AT = 20  # first lines among which the header is looked for
LEAST_KNOWN = 2  # columns of a line that is taken for it
TOTAL = r"^(?i:(grand )?totals?|合计|总计|汇总|小计)\s*([:：].*)?$"


def read_export(path: Path, columns: Sequence[ReportColumn]) -> Cells | list[Problem]:
    """Cells of a file with some of the columns: CSV or tab-separated text, or a workbook.

    Text may be UTF-8, UTF-16 or GBK. Of a workbook's sheets the one with most of the columns is it.
    """
    data = read_bytes(path)
    if isinstance(data, Problem):
        return [data]
    if is_workbook(data):
        return _of_workbook(str(path), data, columns)
    text, encoding = _decoded(str(path), data)
    if isinstance(text, Problem):
        return [text]
    if text.lstrip().startswith("<"):
        found, cure = "is a web page", 'open it in Excel, and save it as .xlsx or "CSV UTF-8"'
        return [Problem(str(path), "must be a table", found, cure)]
    above, separator = _header_of(text, columns)
    body = text.split("\n", above)[above]
    cells = parse_cells(str(path), body if separator == "," else _with_commas(body))
    if isinstance(cells, list):
        return cells
    title = "\n".join(text.split("\n", above)[:above])
    return replace(cells, encoding=encoding, above=above, title=title)


def leave_out_totals(
    columns: Sequence[ReportColumn], header: Mapping[str, str], cells: Cells
) -> tuple[Cells, int]:
    """Cells without the rows that add up others, and how many those were.

    Such a row says so in a cell, and has nothing else in the texts and words that every row has.
    """
    needed = [
        pl.col(header[column.name])
        for column in columns
        if column.name in header
        and not column.number
        and (column.default is None or column.words is not None)
    ]
    if not needed:
        return cells, 0
    nameless = (name.is_null() | name.is_in(NOTHING) | name.str.contains(TOTAL) for name in needed)
    says_so = pl.any_horizontal(pl.all().str.contains(TOTAL).fill_null(False))
    total = cells.frame.select(pl.all_horizontal(*nameless) & says_so).to_series()
    kept = replace(cells, frame=cells.frame.filter(~total), rows=cells.rows.filter(~total))
    return kept, int(total.sum())


def _of_workbook(where: str, data: bytes, columns: Sequence[ReportColumn]) -> Cells | list[Problem]:
    """Cells of the one sheet that has most of the columns."""
    sheets = read_sheets(where, data)
    if isinstance(sheets, Problem):
        return [sheets]
    found = {name: _header_row(sheet, columns) for name, sheet in sheets.items()}
    most = max((known for known, _ in found.values()), default=0)
    best = [name for name, (known, _) in found.items() if known == most]
    if not best:
        return [Problem(where, "must hold something", "all its sheets are empty", "fill one")]
    if most and len(best) > 1:
        rule, told = "one sheet must hold the report", f"{' and '.join(best)} look alike"
        return [Problem(where, rule, told, "keep one, or put their rows into one")]
    above = found[best[0]][1]
    table = sheets[best[0]].slice(above)
    filled = [column.name for column in table if column.null_count() < table.height]
    cells = parse_cells(where, table.select(filled).write_csv(include_header=False))
    if isinstance(cells, list):
        return cells
    title = sheets[best[0]].head(above).write_csv(include_header=False)
    name = best[0] if len(sheets) > 1 else None
    return replace(cells, above=above, title=title, sheet=name)


def _header_row(sheet: pl.DataFrame, columns: Sequence[ReportColumn]) -> tuple[int, int]:
    """How many of the columns a sheet's header has, and how many rows stand above it."""
    for above, row in enumerate(sheet.head(LOOKED_AT).fill_null("").rows()):
        known = len(find_header("", columns, row)[0])
        if known >= LEAST_KNOWN:
            return known, above
    return 0, 0


def _decoded(where: str, data: bytes) -> tuple[str | Problem, str]:
    """The text, and what it was read as."""
    marks = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    if data.startswith(marks) and not data.startswith(codecs.BOM_UTF32_LE):
        try:
            return with_equal_ends(data.decode("utf-16")), UTF_16
        except UnicodeDecodeError:
            return decode_text(where, data), UTF_16
    foreign = decode_gbk(data)
    return (decode_text(where, data), UTF_8) if foreign is None else (foreign, GBK)


def _header_of(text: str, columns: Sequence[ReportColumn]) -> tuple[int, str]:
    """How many lines stand above the header, and what separates its cells."""
    for above, line in enumerate(text.split("\n", LOOKED_AT)[:LOOKED_AT]):
        for separator in (",", "\t"):
            names = next(csv.reader([line], delimiter=separator), [])
            if len(find_header("", columns, names)[0]) >= LEAST_KNOWN:
                return above, separator
    return 0, ","


def _with_commas(text: str) -> str:
    """Text whose cells were separated by tabs."""
    out = io.StringIO()
    lines = csv.reader(io.StringIO(text), delimiter="\t")
    csv.writer(out, lineterminator="\n").writerows(lines)
    return out.getvalue()
