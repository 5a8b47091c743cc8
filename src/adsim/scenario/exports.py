"""Files as platforms export them, into cells: encodings, tabs, lines above the header, totals.

An export may begin with a title and its dates, end with totals, be GBK, or be UTF-16 with tabs.
What is left out is counted, so that the reader can be told.
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

LOOKED_AT = 20  # first lines among which the header is looked for
LEAST_KNOWN = 2  # columns of a line that is taken for it
TOTAL = r"^(?i:(grand )?totals?|合计|总计|汇总|小计)\s*([:：].*)?$"


def read_export(path: Path, columns: Sequence[ReportColumn]) -> Cells | list[Problem]:
    """Cells of a CSV or tab-separated file with some of the columns; UTF-8, UTF-16 or GBK."""
    data = read_bytes(path)
    if isinstance(data, Problem):
        return [data]
    text, encoding = _decoded(str(path), data)
    if isinstance(text, Problem):
        return [text]
    above, separator = _header_of(text, columns)
    body = text.split("\n", above)[above]
    cells = parse_cells(str(path), body if separator == "," else _with_commas(body))
    return cells if isinstance(cells, list) else replace(cells, encoding=encoding, above=above)


def leave_out_totals(
    columns: Sequence[ReportColumn], header: Mapping[str, str], cells: Cells
) -> tuple[Cells, int]:
    """Cells without the rows that add up others, and how many those were.

    Such a row says so in a cell, and has nothing else in the texts that every row needs.
    """
    needed = [
        pl.col(header[column.name])
        for column in columns
        if column.name in header and column.default is None and not column.number
    ]
    if not needed:
        return cells, 0
    nameless = (name.is_null() | name.is_in(NOTHING) | name.str.contains(TOTAL) for name in needed)
    says_so = pl.any_horizontal(pl.all().str.contains(TOTAL).fill_null(False))
    total = cells.frame.select(pl.all_horizontal(*nameless) & says_so).to_series()
    kept = replace(cells, frame=cells.frame.filter(~total), rows=cells.rows.filter(~total))
    return kept, int(total.sum())


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
