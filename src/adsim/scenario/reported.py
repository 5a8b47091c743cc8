"""Tables that others wrote: columns found by any of their names, cells typed, every bad cell told.

A scenario's own tables have one name a column (`tables.py`); platforms and people use many, in two
languages. Names are compared without case, spaces, punctuation and units such as (元); numbers may
be `1,234.5`, `45%`, `$2.50`, and shares `< 10%`, which is taken for 10 %.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from adsim.errors import Problem
from adsim.scenario.reading import Cells
from adsim.scenario.tables import Sheet

NOTHING = ("-", "--")  # what reports write where there is nothing to say
IMPRESSION_NAMES = ("Impr.", "展现数", "展现量", "展现次数", "曝光量", "展示量", "展示次数")
CLICK_NAMES = ("点击数", "点击量", "点击次数")
SPEND_NAMES = ("Spend", "Cost", "总费用", "花费", "消耗", "费用")
ORDER_NAMES = (
    *("Orders", "Conversions", "Purchases", "Total orders"),
    *("7 day total orders (#)", "14 day total orders (#)"),
    *("总订单行", "订单数", "成交笔数", "总成交笔数", "转化次数"),
)
REVENUE_NAMES = (
    *("Conv. value", "Sales", "Total sales", "7 day total sales", "14 day total sales"),
    *("总订单金额", "成交金额", "总成交金额", "转化价值", "销售额"),
)
UNIT = re.compile(r"[(（](元|人民币|¥|￥|\$|€|£|%|％|cny|rmb|usd|eur|gbp)[)）]$")
CURRENCY_SIGN = r"^[¥￥$€£]\s*|\s*元$"
BOUND = r"^[<>]\s*"
GROUPED_DIGITS = r"^\d{1,3}(,\d{3})+(\.\d*)?%?$"


@dataclass(frozen=True)
class ReportColumn:
    """One column of a report.

    Attributes:
        name: Its name inside adsim.
        meaning: What it holds; ends the sentence "give ...".
        aliases: Other names that a header may have for it.
        default: Value of an absent column; None where the column is needed.
        number: Whether its cells are numbers.
        high: Highest value of a number; the lowest is 0.
        may_be_empty: Whether a cell of a present column may be empty, which means the default.
        whole: Whether its numbers are whole ones.
        words: The words that its cells may be, and ours for them; None where any text will do.
    """

    name: str
    meaning: str
    aliases: tuple[str, ...] = ()
    default: str | float | None = None
    number: bool = True
    high: float = 1e9
    may_be_empty: bool = False
    whole: bool = False
    words: Mapping[str, str] | None = None

    @property
    def dtype(self) -> type[pl.DataType]:
        return pl.Float64 if self.number else pl.String


def plain_name(name: str) -> str:
    """A column's name as names are compared: without case, spaces, punctuation and unit."""
    bare = UNIT.sub("", name.casefold().strip())
    return "".join(filter(str.isalnum, bare))


def missing_columns(columns: Sequence[ReportColumn], present: Sequence[str]) -> list[ReportColumn]:
    """Needed columns that are not among those present."""
    needed = [column for column in columns if column.default is None]
    return [column for column in needed if not _found(column, present)]


def missing_problem(where: str, table: str, column: ReportColumn) -> Problem:
    """What to say of a needed column that is not there; `table` is what must have it."""
    names = f" (it may be named {' or '.join(column.aliases)})" if column.aliases else ""
    return Problem(
        where,
        f"{table} must have the column {column.name}",
        "it is missing",
        f"add it and give {column.meaning}{names}",
    )


def find_header(
    where: str, columns: Sequence[ReportColumn], present: Sequence[str]
) -> tuple[dict[str, str], list[Problem]]:
    """The file's name of each column that it has, and columns that are there twice."""
    header, problems = {}, []
    for column in columns:
        found = _found(column, present)
        if len(found) > 1:
            rule = f"{column.name} must be in one column"
            cure = "delete or rename all but one"
            problems.append(Problem(where, rule, f"is in {' and '.join(found)}", cure))
        if found:
            header[column.name] = found[0]
    return header, problems


def type_cells(
    where: str, columns: Sequence[ReportColumn], header: Mapping[str, str], cells: Cells
) -> tuple[Sheet, list[Problem]]:
    """Our columns, null where a cell is empty or not what it should be, and all such cells."""
    frame = cells.frame.select(_typed(column, header).alias(column.name) for column in columns)
    sheet = Sheet(where, frame, cells.rows)
    problems = []
    for column in columns:
        if title := header.get(column.name):
            problems += _column_problems(sheet, column, title, cells.frame[title])
    return sheet, problems


def _found(column: ReportColumn, present: Sequence[str]) -> list[str]:
    names = {plain_name(name) for name in (column.name, *column.aliases)}
    return [name for name in present if plain_name(name) in names]


def _typed(column: ReportColumn, header: Mapping[str, str]) -> pl.Expr:
    if column.name not in header:
        return pl.lit(column.default, dtype=column.dtype)
    cell = pl.col(header[column.name])
    if column.number:
        return _number(cell.str.replace(BOUND, "") if column.high == 1.0 else cell)
    if column.words is not None:
        return cell.str.to_lowercase().replace_strict(column.words, default=None)
    return cell


def _number(cell: pl.Expr) -> pl.Expr:
    """`1,234.5`, `45%` and `$2` as numbers."""
    cell = cell.str.replace(CURRENCY_SIGN, "")
    grouped = cell.str.contains(GROUPED_DIGITS)
    text = pl.when(grouped).then(cell.str.replace_all(",", "", literal=True)).otherwise(cell)
    value = text.str.strip_suffix("%").str.strip_chars().cast(pl.Float64, strict=False)
    return pl.when(text.str.ends_with("%")).then(value / 100).otherwise(value)


def _column_problems(
    sheet: Sheet, column: ReportColumn, title: str, raw: pl.Series
) -> list[Problem]:
    value, cure = sheet.frame[column.name], f"give {column.meaning}"

    def broken(bad: pl.Series, rule: str, found: str = "is {}") -> list[Problem]:
        said = f"{title} must be {rule}"
        return sheet.problems(bad, said, lambda line: found.format(raw[line]), cure)

    empty = raw.is_null() | raw.is_in(NOTHING)
    problems = [] if column.may_be_empty else broken(empty, "given", "is empty")
    unread = ~empty & value.is_null()
    if column.words is not None:
        *most, last = dict.fromkeys(column.words.values())
        return problems + broken(unread, f"{', '.join(most)} or {last}, or a usual name of one")
    if not column.number:
        return problems
    finite = value.is_finite().fill_null(False)
    highest = "<= 1" if column.high == 1.0 else f"< {column.high:g}"
    too_high = value > column.high if column.high == 1.0 else value >= column.high
    broken_whole = finite & (value != value.floor()) if column.whole else finite & False
    return [
        *problems,
        *broken(unread, "a number"),
        *broken(value.is_not_null() & ~finite, "finite"),
        *broken(finite & (value < 0), ">= 0"),
        *broken(finite & too_high, highest),
        *broken(broken_whole, "a whole number"),
    ]
