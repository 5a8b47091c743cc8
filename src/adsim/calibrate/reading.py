"""A report's file into typed columns, or every reason why it cannot be."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import polars as pl

from adsim.calibrate.columns import FORMATS, ReportFormat
from adsim.errors import Problem, ReportError
from adsim.scenario.reading import read_cells
from adsim.scenario.reported import find_header, missing_columns, missing_problem, type_cells
from adsim.scenario.tables import Sheet
from adsim.scenario.text import name_cure, normalized

KEY = ("campaign", "ad_group", "keyword", "match_type")


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
        digest: SHA-256 of the file.
        encoding: What the file was read as: UTF-8 or GBK/GB18030.
    """

    where: str
    format: ReportFormat
    rows: pl.DataFrame
    ignored: tuple[str, ...]
    digest: str
    encoding: str


def read_report(path: str | PathLike[str], platform: str | None = None) -> Report:
    """Read a report of one of `columns.FORMATS`, by default the one whose columns it has.

    Raises ReportError with every problem of the file.
    """
    path = Path(path)
    cells = read_cells(path, exported=True)
    if isinstance(cells, list):
        raise ReportError(*cells)
    kind = _format_of(str(path), cells.frame.columns, platform)
    header, problems = find_header(str(path), kind.columns, cells.frame.columns)
    sheet, broken = type_cells(str(path), kind.columns, header, cells)
    problems += broken
    if not problems:
        sheet = Sheet(sheet.where, _completed(sheet.frame, kind), sheet.rows)
        sheet, problems = _dated(sheet)
        problems += _repeated_keys(sheet)
    if problems:
        raise ReportError(*problems)
    ignored = tuple(name for name in cells.frame.columns if name not in header.values())
    rows = sheet.frame.with_columns(row=sheet.rows, known=pl.lit(True))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Report(str(path), kind, rows, ignored, digest, cells.encoding)


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
    """Defaults in empty cells, exact keywords without their brackets, full campaign names."""
    defaults = {
        column.name: 0.0 if column.number else column.default
        for column in kind.columns
        if column.may_be_empty
    }
    bracketed = (pl.col("match_type") == "exact") & pl.col("keyword").str.contains(r"^\[.+\]$")
    bare = pl.col("keyword").str.strip_chars("[]").str.strip_chars()
    long_name = pl.format("{} / {}", "account", "campaign")
    return frame.with_columns(
        *(pl.col(name).fill_null(value) for name, value in defaults.items()),
    ).with_columns(
        keyword=pl.when(bracketed).then(bare).otherwise("keyword"),
        campaign=pl.when(pl.col("account") == "").then("campaign").otherwise(long_name),
    )


def _dated(sheet: Sheet) -> tuple[Sheet, list[Problem]]:
    """Days as dates; without any, no such column."""
    frame = sheet.frame
    if "day" not in frame.columns or (frame["day"] == "").all():
        return Sheet(sheet.where, frame.drop("day", strict=False), sheet.rows), []
    text = pl.col("day").str.replace_all(r"[/.]", "-")
    dated = frame.with_columns(day=text.str.to_date("%Y-%m-%d", strict=False))
    problems = sheet.problems(
        dated["day"].is_null(),
        "day must be a date",
        lambda line: f"is {frame['day'][line] or 'empty'}",
        "give it as 2025-06-01 in every row, or leave the column out",
    )
    return Sheet(sheet.where, dated, sheet.rows), problems


def _repeated_keys(sheet: Sheet) -> list[Problem]:
    days = [pl.col("day")] if "day" in sheet.frame.columns else []
    names = [normalized(name) for name in KEY]
    lines = sheet.frame.select(*names, *days).with_row_index("line")
    key = [name for name in lines.columns if name != "line"]
    first = lines.select(pl.col("line").first().over(key))["line"]
    return sheet.problems(
        first != lines["line"],
        f"{', '.join(key)} must be unique",
        lambda line: (
            f"row {sheet.rows[first[line]]} has the same "
            f"({', '.join(map(str, sheet.frame.select(key).row(line)))})"
        ),
        "add the rows of one keyword up",
    )
