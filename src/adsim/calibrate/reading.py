"""A report's file into typed columns, or every reason why it cannot be."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import polars as pl

from adsim.calibrate.columns import FORMATS, ReportColumn, ReportFormat
from adsim.errors import Problem, ReportError
from adsim.scenario.reading import Cells, read_cells
from adsim.scenario.tables import Sheet
from adsim.scenario.text import name_cure, normalized

KEY = ("campaign", "ad_group", "keyword", "match_type")
NOTHING = ("-", "--")  # what reports write where there is nothing to say
GROUPED_DIGITS = r"^\d{1,3}(,\d{3})+(\.\d*)?%?$"


@dataclass(frozen=True)
class Report:
    """A platform's report.

    Attributes:
        where: Path of the file, as the user gave it.
        format: What kind of report it is.
        rows: One line a row: row (in the file, 1 = first line after the header), account, campaign,
            ad_group, keyword, match_type and the numbers bid, impressions, clicks, cost,
            avg_position (0 = unknown), conversions, revenue, impression_share (0 = unknown),
            lost_to_budget.
        ignored: Columns of the file that nothing is made of.
        digest: SHA-256 of the file.
    """

    where: str
    format: ReportFormat
    rows: pl.DataFrame
    ignored: tuple[str, ...]
    digest: str


def read_report(path: str | PathLike[str], platform: str | None = None) -> Report:
    """Read a report of one of `columns.FORMATS`, by default the one whose columns it has.

    Raises ReportError with every problem of the file.
    """
    path = Path(path)
    cells = read_cells(path)
    if isinstance(cells, list):
        raise ReportError(*cells)
    kind = _format_of(str(path), cells.frame.columns, platform)
    header, problems = _header(str(path), kind, cells.frame.columns)
    sheet = Sheet(str(path), _typed(kind, header, cells.frame), cells.rows)
    problems += _cell_problems(sheet, kind, header, cells)
    if not problems:
        sheet = Sheet(sheet.where, _completed(sheet.frame, kind), sheet.rows)
        problems = _repeated_keys(sheet)
    if problems:
        raise ReportError(*problems)
    ignored = tuple(name for name in cells.frame.columns if name not in header.values())
    rows = sheet.frame.with_columns(row=sheet.rows)
    return Report(str(path), kind, rows, ignored, hashlib.sha256(path.read_bytes()).hexdigest())


def _plain_name(name: str) -> str:
    """A column's name as it is compared."""
    return "".join(filter(str.isalnum, name.casefold()))


def _found(column: ReportColumn, present: Sequence[str]) -> list[str]:
    names = {_plain_name(name) for name in (column.name, *column.aliases)}
    return [name for name in present if _plain_name(name) in names]


def _missing(kind: ReportFormat, present: Sequence[str]) -> list[ReportColumn]:
    needed = [column for column in kind.columns if column.default is None]
    return [column for column in needed if not _found(column, present)]


def _format_of(where: str, present: Sequence[str], platform: str | None) -> ReportFormat:
    known = {kind.name: kind for kind in FORMATS}
    if platform is not None and platform not in known:
        cure = name_cure(platform, known, "leave it out, and the columns will tell")
        raise ReportError(
            Problem("platform", f"must be {' or '.join(known)}", f"is {platform!r}", cure)
        )
    candidates = FORMATS if platform is None else (known[platform],)
    nearest = min(candidates, key=lambda kind: len(_missing(kind, present)))
    missing = _missing(nearest, present)
    if missing:
        raise ReportError(
            *(
                Problem(
                    where,
                    f"a {nearest.name} report must have the column {column.name}",
                    "it is missing",
                    f"add it and give {column.meaning}{_alias_note(column)}",
                )
                for column in missing
            )
        )
    return nearest


def _alias_note(column: ReportColumn) -> str:
    return f" (it may be named {' or '.join(column.aliases)})" if column.aliases else ""


def _header(
    where: str, kind: ReportFormat, present: Sequence[str]
) -> tuple[dict[str, str], list[Problem]]:
    """The file's name of each column that it has, and columns that are there twice."""
    header, problems = {}, []
    for column in kind.columns:
        found = _found(column, present)
        if len(found) > 1:
            rule = f"{column.name} must be in one column"
            cure = "delete or rename all but one"
            problems.append(Problem(where, rule, f"is in {' and '.join(found)}", cure))
        if found:
            header[column.name] = found[0]
    return header, problems


def _typed(kind: ReportFormat, header: dict[str, str], cells: pl.DataFrame) -> pl.DataFrame:
    """Our columns; null where a cell is empty or is not what it should be."""
    columns = []
    for column in kind.columns:
        if column.name not in header:
            value = pl.lit(column.default, dtype=column.dtype)
        elif column.number:
            value = _number(pl.col(header[column.name]))
        else:
            value = pl.col(header[column.name])
        if column.name == "match_type":
            value = value.str.to_lowercase().replace_strict(kind.match_types, default=None)
        columns.append(value.alias(column.name))
    return cells.select(columns)


def _number(cell: pl.Expr) -> pl.Expr:
    """`1,234.5` and `45%` as numbers."""
    grouped = cell.str.contains(GROUPED_DIGITS)
    text = pl.when(grouped).then(cell.str.replace_all(",", "", literal=True)).otherwise(cell)
    value = text.str.strip_suffix("%").str.strip_chars().cast(pl.Float64, strict=False)
    return pl.when(text.str.ends_with("%")).then(value / 100).otherwise(value)


def _cell_problems(
    sheet: Sheet, kind: ReportFormat, header: dict[str, str], cells: Cells
) -> list[Problem]:
    problems = []
    for column in kind.columns:
        if column.name in header:
            raw = cells.frame[header[column.name]]
            problems += _column_problems(sheet, kind, column, header[column.name], raw)
    return problems


def _column_problems(
    sheet: Sheet, kind: ReportFormat, column: ReportColumn, title: str, raw: pl.Series
) -> list[Problem]:
    value, cure = sheet.frame[column.name], f"give {column.meaning}"

    def broken(bad: pl.Series, rule: str, found: str = "is {}") -> list[Problem]:
        said = f"{title} must be {rule}"
        return sheet.problems(bad, said, lambda line: found.format(raw[line]), cure)

    empty = raw.is_null() | raw.is_in(NOTHING)
    problems = [] if column.may_be_empty else broken(empty, "given", "is empty")
    unread = ~empty & value.is_null()
    if column.name == "match_type":
        return problems + broken(unread, f"one of {', '.join(kind.match_types)}")
    if not column.number:
        return problems
    finite = value.is_finite().fill_null(False)
    highest = "<= 1" if column.high == 1.0 else f"< {column.high:g}"
    too_high = value > column.high if column.high == 1.0 else value >= column.high
    return [
        *problems,
        *broken(unread, "a number"),
        *broken(value.is_not_null() & ~finite, "finite"),
        *broken(finite & (value < 0), ">= 0"),
        *broken(finite & too_high, highest),
    ]


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


def _repeated_keys(sheet: Sheet) -> list[Problem]:
    lines = sheet.frame.select(normalized(name) for name in KEY).with_row_index("line")
    first = lines.select(pl.col("line").first().over(KEY))["line"]
    return sheet.problems(
        first != lines["line"],
        f"{', '.join(KEY)} must be unique",
        lambda line: (
            f"row {sheet.rows[first[line]]} has the same "
            f"({', '.join(sheet.frame.select(KEY).row(line))})"
        ),
        "add the rows of one keyword up",
    )
