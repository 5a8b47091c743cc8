"""The user's own table of persons: CSV or Parquet with any columns, typed by what they hold."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from adsim.errors import Problem
from adsim.scenario.populations import Population
from adsim.scenario.reading import Cells, read_cells
from adsim.scenario.tables import Sheet
from adsim.scenario.text import name_cure

MOST_TEXTS = 256  # distinct texts of a column that are kept as a list of its values
FLAGS = {"true": True, "false": False}
IDENTIFIER_ROWS = {"text": 20, "number": 1000}  # fewer persons may all differ by chance


def read_people(folder: Path, population: Population) -> tuple[pl.DataFrame | None, list[Problem]]:
    """Persons of the table of a population, a row each, and every bad cell.

    Numbers are Int64 or Float64, flags Boolean, texts Enum (String beyond 256 different ones); an
    empty cell is null. Columns whose values tell persons apart are left out, unless `types` or
    `required` names them.
    """
    assert population.table is not None
    path = folder / population.table
    cells = _read_parquet(path) if path.suffix == ".parquet" else read_cells(path)
    if isinstance(cells, list):
        return None, cells
    sheet = Sheet(str(path), cells.frame, cells.rows)
    problems = _unknown_columns(sheet, population)
    columns = []
    for raw in cells.frame.iter_columns():
        column, found = _typed(sheet, raw, population)
        columns.append(column)
        problems += found
    if problems:
        return None, problems
    asked_for = {*population.types, *population.required}
    kept = [c for c in columns if c.name in asked_for or not _tells_apart(c)]
    return pl.DataFrame(kept), []


def _read_parquet(path: Path) -> Cells | list[Problem]:
    try:
        frame = pl.read_parquet(path)
    except FileNotFoundError:
        cure = "create it or correct population.table"
        return [Problem(str(path), "must exist", "is not there", cure)]
    except (PolarsError, OSError) as error:
        found = f"is not ({str(error).splitlines()[0]})"
        return [Problem(str(path), "must be a Parquet file", found, "write it again")]
    problems = []
    for name, dtype in frame.schema.items():
        is_plain = dtype.is_numeric() or dtype in (pl.String, pl.Boolean, pl.Categorical, pl.Null)
        if not is_plain and not isinstance(dtype, pl.Enum):
            rule = f"column {name} must hold numbers, texts or flags"
            cure = "write dates as days since then, and split lists"
            problems.append(Problem(str(path), rule, f"holds {dtype}", cure))
    if frame.is_empty() and not problems:
        problems = [Problem(str(path), "must have rows", "has none", "add persons")]
    rows = pl.int_range(1, frame.height + 1, eager=True)
    return problems or Cells(frame, rows)


def _unknown_columns(sheet: Sheet, population: Population) -> list[Problem]:
    problems = []
    for key, names in (("types", population.types), ("required", population.required)):
        for name in names:
            if name not in sheet.frame.columns:
                cure = name_cure(name, sheet.frame.columns, "name a column that it has")
                rule = f"column {name} of population.{key} must be there"
                problems.append(Problem(sheet.where, rule, "is not", cure))
    return problems


def _typed(sheet: Sheet, raw: pl.Series, population: Population) -> tuple[pl.Series, list[Problem]]:
    name = raw.name
    if raw.null_count() == len(raw):
        cure = "fill it or delete the column"
        return raw, [Problem(sheet.where, f"column {name} must have values", "is empty", cure)]
    kind = population.types.get(name) or _kind_of(raw)
    problems: list[Problem] = []
    if name in population.required:
        cure = f"give {name} or leave the person out"
        rule = f"{name} must be given (population.required)"
        problems = sheet.problems(raw.is_null(), rule, lambda _: "is empty", cure)
    if kind == "text":
        return _texts(raw), problems
    typed = _flags(raw) if kind == "flag" else _numbers(raw)
    rule = f"{name} must be {'true or false' if kind == 'flag' else 'a number'}"
    cure = f'correct it, leave it empty, or say population.types.{name} = "text"'
    bad = raw.is_not_null() & typed.is_null()
    return typed, problems + sheet.problems(bad, rule, lambda line: f"is {raw[line]}", cure)


def _kind_of(raw: pl.Series) -> str:
    """What most cells of a column are; a few that are not are mistakes, not another type."""
    if raw.dtype != pl.String:
        is_text = isinstance(raw.dtype, pl.Enum | pl.Categorical)
        return "flag" if raw.dtype == pl.Boolean else "text" if is_text else "number"
    filled = raw.drop_nulls()
    if 2 * (len(filled) - _numbers(filled).null_count()) > len(filled):
        return "number"
    return "flag" if 2 * (len(filled) - _flags(filled).null_count()) > len(filled) else "text"


def _numbers(raw: pl.Series) -> pl.Series:
    number = raw.cast(pl.Float64, strict=False)
    number = number.set(number.is_finite().not_().fill_null(False), None)
    whole = number.cast(pl.Int64, strict=False)
    return whole if (whole.cast(pl.Float64) == number).all() else number


def _flags(raw: pl.Series) -> pl.Series:
    text = raw.cast(pl.String).str.to_lowercase()
    return text.replace_strict(FLAGS, default=None, return_dtype=pl.Boolean)


def _texts(raw: pl.Series) -> pl.Series:
    text = raw.cast(pl.String)
    values = text.drop_nulls().unique().sort()
    return text.cast(pl.Enum(values)) if len(values) <= MOST_TEXTS else text


def _tells_apart(column: pl.Series) -> bool:
    """Whether a column says who a person is, not what they are like."""
    if column.dtype == pl.Int64:
        return len(column) >= IDENTIFIER_ROWS["number"] and column.n_unique() == len(column)
    is_text = column.dtype in (pl.String, pl.Enum)
    return is_text and 2 * column.n_unique() > len(column) >= IDENTIFIER_ROWS["text"]
