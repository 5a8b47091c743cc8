"""A table of creatives into checked counts, or every reason why it cannot be."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
import polars as pl

from adsim.creatives.spread import Floats
from adsim.errors import Problem
from adsim.scenario.exports import leave_out_totals, read_export
from adsim.scenario.reading import Cells, cells_of
from adsim.scenario.reported import (
    CLICK_NAMES,
    IMPRESSION_NAMES,
    ORDER_NAMES,
    REVENUE_NAMES,
    SPEND_NAMES,
    ReportColumn,
    find_header,
    missing_columns,
    missing_problem,
    type_cells,
)
from adsim.scenario.tables import Sheet
from adsim.scenario.text import normalized

MOST = 1e12  # of a count or an amount of money
ABSENT = -1.0  # in the cells of a column that the table does not have

COLUMNS = (
    ReportColumn(
        "test",
        "the test that the creative is in",
        ("Group", "Ad group", "测试", "测试组", "组别", "推广单元"),
        default="",
        number=False,
    ),
    ReportColumn(
        "creative",
        "the name of the creative",
        ("Ad", "Ad name", "Image", "创意", "创意名称", "推广创意", "素材", "主图", "图片", "款式"),
        number=False,
    ),
    ReportColumn(
        "impressions", "the number of impressions", IMPRESSION_NAMES, high=MOST, whole=True
    ),
    ReportColumn("clicks", "the number of clicks", CLICK_NAMES, high=MOST, whole=True),
    ReportColumn(
        "carts",
        "the number of clicks that put goods in the cart, 0 if none",
        ("Add to cart", "加购数", "总加购数"),
        default=ABSENT,
        high=MOST,
        whole=True,
    ),
    ReportColumn(
        "orders",
        "the number of clicks that became orders, 0 if none",
        ORDER_NAMES,
        default=ABSENT,
        high=MOST,
        whole=True,
    ),
    ReportColumn("spend", "the money spent", SPEND_NAMES, default=ABSENT, high=MOST),
    ReportColumn("revenue", "the revenue, 0 if none", REVENUE_NAMES, default=ABSENT, high=MOST),
)
COUNTS = ("impressions", "clicks", "carts", "orders")

PARTS = (
    ("clicks", "impressions", "a click needs an impression: correct one of the two"),
    ("carts", "clicks", "count every click once, and carts of a later day on the day of the click"),
    (
        "orders",
        "clicks",
        "count every click once, and orders of a later day on the day of the click",
    ),
)
"""What can be no more than what, and what to do where it is."""


@dataclass(frozen=True)
class CreativeTable:
    """Counts of creatives.

    Attributes:
        where: Path of the file as the user gave it, or "table".
        rows: One row a creative: test ("" where there is one), creative, impressions, clicks and,
            where the table has them, carts, orders (Int64), spend, revenue (Float64).
        ignored: Columns of the table that nothing is made of.
        encoding: What a file was read as: UTF-8, UTF-16 or GBK/GB18030.
        above: Lines above the header, left out.
        totals: Rows that add up others, left out.
        sheet: The sheet of a workbook that has others beside it, else None.
        digest: SHA-256 of the rows.
    """

    where: str
    rows: pl.DataFrame
    ignored: tuple[str, ...]
    encoding: str
    above: int
    totals: int
    sheet: str | None

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.rows.write_csv().encode()).hexdigest()


def read_counts(
    table: pl.DataFrame | str | PathLike[str], needs: Sequence[str]
) -> tuple[CreativeTable | None, list[Problem]]:
    """Counts of a CSV file or a frame, and every broken rule; `needs` are columns it must have."""
    where, cells = "table" if isinstance(table, pl.DataFrame) else str(table), _cells_of(table)
    if isinstance(cells, list):
        return None, cells
    present = cells.frame.columns
    missing = [
        column
        for column in COLUMNS
        if column in missing_columns(COLUMNS, present) or column.name in needs
    ]
    header, problems = find_header(where, COLUMNS, present)
    problems += [
        missing_problem(where, "a table of creatives", column)
        for column in missing
        if column.name not in header
    ]
    cells, totals = leave_out_totals(COLUMNS, header, cells)
    sheet, broken = type_cells(where, COLUMNS, header, cells)
    problems += broken + _part_problems(sheet, header) + _repeated(sheet)
    if problems:
        return None, problems
    kept = [column.name for column in COLUMNS if column.name in header or column.name == "test"]
    rows = sheet.frame.select(kept).with_columns(
        pl.col(name).cast(pl.Int64) for name in COUNTS if name in kept
    )
    ignored = tuple(name for name in present if name not in header.values())
    told = (cells.encoding, cells.above, totals, cells.sheet)
    return CreativeTable(where, rows, ignored, *told), []


def column(rows: pl.DataFrame, name: str) -> Floats:
    """A column as floats."""
    return rows[name].to_numpy().astype(np.float64)


def _cells_of(table: object) -> Cells | list[Problem]:
    """A file's cells, or a frame's as they would stand in a file."""
    if isinstance(table, str | PathLike):
        return read_export(Path(table), COLUMNS)
    if not isinstance(table, pl.DataFrame):
        rule, cure = "must be a path or a polars frame", "give a CSV file's path, say"
        return [Problem("table", rule, f"is of type {type(table).__name__}", cure)]
    if table.is_empty():
        return [Problem("table", "must have rows", "has none", "give a row a creative")]
    return cells_of(table)


def _part_problems(sheet: Sheet, header: dict[str, str]) -> list[Problem]:
    problems = []
    for part, whole, cure in PARTS:
        if {part, whole} <= set(header):
            rule = f"{header[part]} must be <= {header[whole]}"
            problems += _excess(sheet, part, whole, rule, cure)
    if {"orders", "revenue"} <= set(header):
        revenue = sheet.frame["revenue"]
        problems += sheet.problems(
            (sheet.frame["orders"] == 0) & (revenue > 0),
            f"{header['revenue']} must be 0 without {header['orders']}",
            lambda line: f"is {revenue[line]:g}",
            "give the orders that brought it",
        )
    return problems


def _excess(sheet: Sheet, part: str, whole: str, rule: str, cure: str) -> list[Problem]:
    parts, wholes = sheet.frame[part], sheet.frame[whole]

    def found(line: int) -> str:
        return f"{parts[line]:.0f} is more than {wholes[line]:.0f}"

    return sheet.problems((parts > wholes) & (wholes >= 0), rule, found, cure)


def _repeated(sheet: Sheet) -> list[Problem]:
    key = ["test", "creative"]
    lines = sheet.frame.select(normalized(name) for name in key).with_row_index("line")
    first = lines.select(pl.col("line").first().over(key))["line"]
    repeated = (first != lines["line"]) & lines["creative"].is_not_null()
    return sheet.problems(
        repeated,
        "a creative must be unique in its test",
        lambda line: f"{sheet.frame['creative'][line]} is in row {sheet.rows[first[line]]} already",
        "add the rows of one creative up, or name another test",
    )
