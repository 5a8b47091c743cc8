"""The CSV tables of a scenario: cells into typed columns, every bad cell found, column-wise."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from pathlib import Path

import polars as pl

from adsim.errors import Problem
from adsim.scenario import columns
from adsim.scenario.columns import Column, TableSpec
from adsim.scenario.reading import SHOWN_AT_MOST, Cells, more_problems, read_cells
from adsim.scenario.text import closest, normalized


@dataclass(frozen=True, eq=False)
class Tables:
    """All tables of a scenario, columns and dtypes as in `columns.TABLES`, rows in file order.

    An absent table is an empty frame with its columns; an absent column holds its neutral value.
    `people` is the user's own table of persons, whatever its columns (see `people.py`).
    """

    queries: pl.DataFrame
    keywords: pl.DataFrame
    negatives: pl.DataFrame
    links: pl.DataFrame
    rival_keywords: pl.DataFrame
    rival_tables: pl.DataFrame
    creatives: pl.DataFrame = field(default_factory=lambda: empty_frame(columns.CREATIVES))
    people: pl.DataFrame = field(default_factory=pl.DataFrame)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Tables):
            return NotImplemented
        return all(getattr(self, f.name).equals(getattr(other, f.name)) for f in fields(self))


@dataclass(frozen=True)
class Sheet:
    """A table with the place of each row in its file, so that later rules can name the row.

    Attributes:
        where: Path of the file, as the user gave it.
        frame: Typed columns; null where the file has no (valid) cell and no default is filled in.
        rows: Row of each line of `frame` in the file, 1 = first line after the header.
    """

    where: str
    frame: pl.DataFrame
    rows: pl.Series

    def problems(
        self,
        bad: pl.Series,
        rule: str,
        found: Callable[[int], str],
        cure: str | Callable[[int], str],
    ) -> list[Problem]:
        """One problem for each row of `frame` marked in `bad`, the first ones in full.

        `found` (and `cure`, where it depends on the row) get the line of `frame`.
        """
        if not bad.any():  # as for nearly every rule of every file
            return []
        lines = bad.fill_null(False).arg_true()
        shown = [
            Problem(
                f"{self.where} row {self.rows[line]}",
                rule,
                found(line),
                cure if isinstance(cure, str) else cure(line),
            )
            for line in lines.head(SHOWN_AT_MOST).to_list()
        ]
        cure = cure if isinstance(cure, str) else "correct them likewise"
        return shown + more_problems(self.where, rule, len(lines), cure)


def read_sheet(
    path: Path, spec: TableSpec, required: Iterable[str] | None = None
) -> tuple[Sheet | None, list[Problem]]:
    """Typed columns of a CSV file and every broken rule of a single column.

    Args:
        path: The file.
        spec: Its columns.
        required: Columns that must be there, cell by cell; by default those that every table has.
    """
    cells = read_cells(path)
    if isinstance(cells, list):
        return None, cells
    return typed_sheet(str(path), cells, spec, required)


def typed_sheet(
    where: str, cells: Cells, spec: TableSpec, required: Iterable[str] | None = None
) -> tuple[Sheet, list[Problem]]:
    """Cells as typed columns; arguments and answer as of `read_sheet`."""
    if required is None:
        required = [column.name for column in spec.columns if column.required]
    problems = _column_problems(where, cells, spec, list(required))
    sheet = Sheet(where, _typed(cells.frame, spec), cells.rows)
    for column in spec.columns:
        if column.name in cells.frame.columns:
            problems += _cell_problems(sheet, cells, column, column.name in required)
    return sheet, problems + _key_problems(sheet, spec)


def filled(frame: pl.DataFrame, spec: TableSpec) -> pl.DataFrame:
    """The frame with neutral values in the empty cells of its optional columns."""
    frame = frame.with_columns(
        pl.col(column.name).fill_null(pl.lit(column.default, dtype=column.dtype))
        for column in spec.columns
        if column.default is not None
    )
    if spec is columns.QUERIES:
        own_group = pl.when(pl.col("query_group") == "").then("query").otherwise("query_group")
        frame = frame.with_columns(query_group=own_group)
    return frame


def all_columns(frame: pl.DataFrame, spec: TableSpec) -> pl.DataFrame:
    """The frame with the columns of its table, rare ones neutral where it has none."""
    absent = [
        pl.lit(column.default, column.dtype).alias(column.name)
        for column in spec.columns
        if column.rare and column.name not in frame.columns
    ]
    return frame.with_columns(absent).select(spec.schema.keys())


def written_columns(frame: pl.DataFrame, spec: TableSpec) -> pl.DataFrame:
    """The frame without rare columns in which every cell is neutral."""
    return frame.drop(
        column.name
        for column in spec.columns
        if column.rare and frame[column.name].eq_missing(column.default).all()
    )


def empty_frame(spec: TableSpec) -> pl.DataFrame:
    """The frame of an absent table."""
    return pl.DataFrame(schema=spec.schema)


def sheet_of(spec: TableSpec, frame: pl.DataFrame) -> Sheet:
    """The sheet of a table in memory, as if it stood in its file."""
    return Sheet(spec.file, frame, pl.int_range(1, frame.height + 1, eager=True))


def _typed(frame: pl.DataFrame, spec: TableSpec) -> pl.DataFrame:
    return frame.select(
        pl.col(column.name).cast(column.dtype, strict=False)
        if column.name in frame.columns
        else pl.lit(None, dtype=column.dtype).alias(column.name)
        for column in spec.columns
    )


def _column_problems(
    where: str, cells: Cells, spec: TableSpec, required: list[str]
) -> list[Problem]:
    present, known = cells.frame.columns, list(spec.schema)
    problems = []
    for name in [name for name in present if name not in known]:
        nearest = closest(name, known)
        cure = f"did you mean {nearest}?" if nearest else f"use one of {', '.join(known)}"
        problems.append(Problem(where, f"column {name} must be a known column", "is not", cure))
    for name in [name for name in required if name not in present]:
        cure = f"add it and give {spec.column(name).meaning}"
        problems.append(Problem(where, f"column {name} must be there", "is missing", cure))
    return problems


def _cell_problems(sheet: Sheet, cells: Cells, column: Column, required: bool) -> list[Problem]:
    raw, name = cells.frame[column.name], column.name
    cure = f"give {column.meaning}"

    def found(line: int) -> str:
        return f"is {raw[line]}"

    problems = []
    if required:
        empty = f"{cure} or leave the row out"
        problems += sheet.problems(
            raw.is_null(), f"{name} must be given", lambda _: "is empty", empty
        )
    if column.choices:
        rule = f"{name} must be {', '.join(column.choices[:-1])} or {column.choices[-1]}"
        unknown = raw.is_not_null() & ~raw.is_in(column.choices)
        problems += sheet.problems(unknown, rule, found, cure)
    if column.number:
        problems += _number_problems(sheet, raw, column, found, f"{cure} or leave the row out")
    return problems


def _number_problems(
    sheet: Sheet, raw: pl.Series, column: Column, found: Callable[[int], str], cure: str
) -> list[Problem]:
    name, value = column.name, sheet.frame[column.name]
    finite = value.is_finite().fill_null(False)
    low_name = f"> {column.low:g}" if column.above else f">= {column.low:g}"
    too_low = value <= column.low if column.above else value < column.low
    too_high = value > column.high if column.high < columns.LARGEST else value >= column.high
    high_name = f"<= {column.high:g}" if column.high < columns.LARGEST else "< 1e9"
    return [
        *sheet.problems(
            raw.is_not_null() & value.is_null(), f"{name} must be a number", found, cure
        ),
        *sheet.problems(value.is_not_null() & ~finite, f"{name} must be finite", found, cure),
        *sheet.problems(finite & too_low, f"{name} must be {low_name}", found, cure),
        *sheet.problems(finite & too_high, f"{name} must be {high_name}", found, cure),
    ]


def _key_problems(sheet: Sheet, spec: TableSpec) -> list[Problem]:
    """Rows that share their key with an earlier row."""
    key = [
        normalized(name) if spec.column(name).dtype is pl.String else pl.col(name)
        for name in spec.key
    ]
    lines = sheet.frame.select(*key).with_row_index("line")
    first = lines.select(pl.col("line").first().over(spec.key))["line"]
    complete = lines.select(pl.all_horizontal(pl.col(spec.key).is_not_null())).to_series()
    repeated = complete & (first != lines["line"])

    def found(line: int) -> str:
        row = sheet.frame.row(line, named=True)
        cells = ", ".join(str(row[name]) for name in spec.key)
        return f"row {sheet.rows[first[line]]} has the same ({cells})"

    rule = f"{', '.join(spec.key)} must be unique"
    return sheet.problems(repeated, rule, found, "delete one of the two rows")
