"""A report's file into typed columns, or every reason why it cannot be."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import polars as pl

from adsim.calibrate.columns import FORMATS, ReportFormat
from adsim.calibrate.dates import date_of, days_of_range
from adsim.calibrate.segments import Segment, find_segments
from adsim.errors import Problem, ReportError
from adsim.scenario.exports import leave_out_totals, read_export
from adsim.scenario.reported import (
    NOTHING,
    find_header,
    missing_columns,
    missing_problem,
    type_cells,
)
from adsim.scenario.tables import Sheet
from adsim.scenario.text import name_cure

SIGNS = {"CNY": "元¥￥", "USD": "$", "EUR": "€", "GBP": "£"}
"""What money is usually marked with."""


@dataclass(frozen=True)
class Report:
    """A platform's report.

    Attributes:
        where: Path of the file, as the user gave it.
        format: What kind of report it is.
        rows: One line a row: row (in the file, 1 = first line after the header), account, campaign,
            ad_group, keyword, match_type and the numbers bid, impressions, clicks, cost,
            avg_position (0 = unknown), conversions, revenue, impression_share (0 = unknown),
            lost_to_budget; day, where the report has a row a day; and known, false where a fit may
            not look at more than impressions.
        ignored: Columns of the file that nothing is made of.
        segments: What the rows of one keyword, or keyword and day, are by where there are several.
        currency: What the report calls the currency of its money; None where it does not.
        days: Days of the one range that all rows have, or that stands above them.
        above: Lines above the header, left out.
        totals: Rows that add up others, left out.
        digest: SHA-256 of the file.
        encoding: What the file was read as: UTF-8, UTF-16 or GBK/GB18030.
        sheet: The sheet of a workbook that has others beside it, else None.
        absent: Of match_type and bid those that the file does not have.
        assumed: Rows whose impression share is the one that was given for such as tell nothing.
    """

    where: str
    format: ReportFormat
    rows: pl.DataFrame
    ignored: tuple[str, ...]
    segments: tuple[Segment, ...]
    currency: str | None
    days: int | None
    above: int
    totals: int
    digest: str
    encoding: str
    sheet: str | None
    absent: tuple[str, ...]
    assumed: int


def read_report(
    path: str | PathLike[str], platform: str | None = None, assumed_share: float | None = None
) -> Report:
    """Read a report of one of `columns.FORMATS`, by default the one whose columns it has.

    `assumed_share` is the impression share of rows that have neither one nor a position.

    Raises ReportError with every problem of the file.
    """
    path = Path(path)
    cells = read_export(path, [column for kind in FORMATS for column in kind.columns])
    if isinstance(cells, list):
        raise ReportError(*cells)
    kind = _format_of(str(path), cells.frame.columns, platform)
    header, problems = find_header(str(path), kind.columns, cells.frame.columns)
    cells, totals = leave_out_totals(kind.columns, header, cells)
    sheet, broken = type_cells(str(path), kind.columns, header, cells)
    problems += broken
    days = currency = None
    segments: tuple[Segment, ...] = ()
    assumed = 0
    if not problems:
        days = _days(sheet.frame, cells.title)
        sheet = Sheet(sheet.where, _completed(sheet.frame, kind), sheet.rows)
        currency, problems = _currency_of(sheet)
        currency = currency or _currency_of_signs(header["cost"], cells.frame)
        sheet, assumed = _with_share(sheet, assumed_share)
        sheet, undated = _dated(sheet, days)
        segments, repeated = find_segments(sheet, cells.frame)
        problems += undated + repeated + _rival_problems(sheet)
    if problems:
        raise ReportError(*problems)
    used = {*header.values(), *(segment.title for segment in segments)}
    ignored = tuple(name for name in cells.frame.columns if name not in used)
    frame = sheet.frame.drop("currency", strict=False)
    rows = frame.with_columns(row=sheet.rows, known=pl.lit(True))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    told = (segments, currency, days, cells.above, totals)
    absent = tuple(name for name in ("match_type", "bid") if name not in header)
    how = (cells.encoding, cells.sheet, absent, assumed)
    return Report(str(path), kind, rows, ignored, *told, digest, *how)


def _format_of(where: str, present: Sequence[str], platform: str | None) -> ReportFormat:
    known = {kind.name: kind for kind in FORMATS}
    if platform is not None and platform not in known:
        cure = name_cure(platform, known, "leave it out, and the columns will tell")
        raise ReportError(
            Problem("platform", f"must be {' or '.join(known)}", f"is {platform!r}", cure)
        )
    candidates = FORMATS if platform is None else (known[platform],)
    nearest = min(candidates, key=lambda kind: len(missing_columns(kind.columns, present)))
    missing = missing_columns(nearest.columns, present)
    if missing:
        table = f"a {nearest.name} report"
        raise ReportError(*(missing_problem(where, table, column) for column in missing))
    return nearest


def _completed(frame: pl.DataFrame, kind: ReportFormat) -> pl.DataFrame:
    """Defaults in empty cells, keywords without their brackets or quotes, full campaign names."""
    defaults = {
        column.name: 0.0 if column.number else column.default
        for column in kind.columns
        if column.may_be_empty
    }
    marks = pl.when(pl.col("match_type") == "exact").then(pl.lit(r"^\[.+\]$"))
    marked = pl.col("keyword").str.contains(marks.otherwise(pl.lit(r'^".+"$')))
    bare = pl.col("keyword").str.strip_chars('[]"').str.strip_chars()
    long_name = pl.format("{} / {}", "account", "campaign")
    return frame.with_columns(
        *(pl.col(name).fill_null(value) for name, value in defaults.items()),
    ).with_columns(
        keyword=pl.when(marked).then(bare).otherwise("keyword"),
        campaign=pl.when(pl.col("account") == "").then("campaign").otherwise(long_name),
    )


def _currency_of(sheet: Sheet) -> tuple[str | None, list[Problem]]:
    """The one currency of all rows, None where none says it."""
    if "currency" not in sheet.frame.columns:
        return None, []
    told = sheet.frame["currency"]
    named = told.filter(~told.is_in(["", *NOTHING]))
    if named.is_empty():
        return None, []
    cure = "fit a report of one currency alone"
    problems = sheet.problems(
        told.is_in(named.unique().to_list()) & (told != named[0]),
        "currency must be one for all rows",
        lambda line: f"is {told[line]}, and {named[0]} above",
        cure,
    )
    return named[0], problems


def _currency_of_signs(cost: str, cells: pl.DataFrame) -> str | None:
    """The currency of a sign that all costs have, or that stands in the column's name."""
    for name, signs in SIGNS.items():
        if any(f"({sign})" in cost.replace("（", "(").replace("）", ")") for sign in signs):
            return name
        if cells[cost].drop_nulls().str.contains_any(list(signs)).all():
            return name
    return None


def _days(frame: pl.DataFrame, title: str) -> int | None:
    """Days of a report whose every row, or whose title, names one range of days."""
    if "day" not in frame.columns or (frame["day"] == "").all():
        return days_of_range(title)
    return days_of_range(str(frame["day"][0])) if frame["day"].n_unique() == 1 else None


def _dated(sheet: Sheet, days: int | None) -> tuple[Sheet, list[Problem]]:
    """Days as dates; without any, or with one range for all, no such column."""
    frame = sheet.frame
    if "day" not in frame.columns or (frame["day"] == "").all() or days is not None:
        return Sheet(sheet.where, frame.drop("day", strict=False), sheet.rows), []
    dated = frame.with_columns(day=date_of("day"))
    problems = sheet.problems(
        dated["day"].is_null(),
        "day must be a date",
        lambda line: f"is {frame['day'][line] or 'empty'}",
        "give it as 2025-06-01 in every row, or leave the column out",
    )
    return Sheet(sheet.where, dated, sheet.rows), problems


def _with_share(sheet: Sheet, share: float | None) -> tuple[Sheet, int]:
    """With a share where nothing tells of the rivals, and how many rows those are."""
    silent = (pl.col("avg_position") <= 0) & (pl.col("impression_share") <= 0)
    count = 0 if share is None else sheet.frame.filter(silent).height
    told = pl.when(silent).then(share).otherwise("impression_share")
    frame = sheet.frame.with_columns(impression_share=told) if count else sheet.frame
    return Sheet(sheet.where, frame, sheet.rows), count


def _rival_problems(sheet: Sheet) -> list[Problem]:
    """Positions or impression shares tell how many rivals stand above; nothing else does."""
    shown = sheet.frame.filter((pl.col("impressions") > 0) | (pl.col("clicks") > 0))
    told = (shown["avg_position"] > 0) | (shown["impression_share"] > 0)
    if shown.is_empty() or told.any():
        return []
    rule = "a row must have an avg_position or an impression_share"
    cure = "add one of the two, which tell of the rivals, or guess: assumed_share 0.3, say"
    return [Problem(sheet.where, rule, "none has", cure)]
