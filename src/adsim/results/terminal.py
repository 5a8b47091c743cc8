"""What a person sees: tables that fit the terminal, and a progress bar for long work."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from time import monotonic
from types import TracebackType
from typing import Any

import polars as pl
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from adsim.results.heads import Lang, head_of, word_of
from adsim.results.registry import CAP_COLUMNS, COLUMNS, ORGANIC_COLUMNS, VALUE_COLUMNS
from adsim.results.tables import QUANTILES

MAX_ROWS = 200
"""Rows of a table that are shown to a person."""

UNLIMITED = 100_000
"""Width of an output that is no terminal: nothing is ever cut there."""

SHOWN = (
    "impressions",
    "clicks",
    "orders",
    "spend",
    "revenue",
    "profit",
    "profit_range",
    "ctr",
    "cpc",
    "cvr",
    "roi",
    "impression_share",
    "lost_to_rank",
    "lost_to_budget",
)
"""Value columns of a table with many rows; `profit_range` is profit_low to profit_high."""

BETWEEN: dict[Lang, str] = {"en": "to", "zh": "至"}
HIDDEN: dict[Lang, tuple[str, ...]] = {
    "en": (
        *("{} more rows", "searches that no own keyword matches", ", ", " and "),
        "not shown: {}; --format json or csv holds everything",
    ),
    "zh": (
        *("另有 {} 行", "没有匹配到自己关键词的搜索", "、", "，以及"),
        "未显示：{}；--format json 或 csv 含全部内容",
    ),
}
"""What is left out: rows, searches, between columns, between parts, the whole sentence."""

_SIGNED = frozenset({"difference", "difference_low", "difference_high"})
_OWN_UNIT = frozenset(
    {"metric", "market", "keywords", "campaigns_covered", "keywords_covered", "caused_share",
     "covered"}
)  # fmt: skip
"""Columns beside a metric that are not in its unit."""


def format_value(name: str, value: Any, signed: bool = False) -> str:
    """A value as the column `name` shows it: money with 2 decimals, shares as %, null as "-".

    `signed` are differences, those of shares in percentage points.
    """
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    column = COLUMNS.get(name.removesuffix("_low").removesuffix("_high"))
    unit = column.unit if column else "money" if name.startswith("gain") else "label"
    sign = "+" if signed else ""
    if unit == "share":
        return f"{100 * value:{sign}z.2f} {'pp' if signed else '%'}"
    if unit == "count":
        return f"{value:{sign}z,.{_decimals(value)}f}"
    if unit != "label":
        return f"{value:{sign}z,.2f}"
    return f"{value:{sign}g}" if isinstance(value, float) else str(value)


def _decimals(count: float) -> int:
    if isinstance(count, int):
        return 0
    return 2 if abs(count) < 10 else 1 if abs(count) < 1000 else 0


def show_table(table: pl.DataFrame, lang: Lang = "en") -> str | None:
    """Print a table to stdout; returns a sentence about what had no room, or None.

    A comparison shows each metric in its unit, a report of one row stands upright with all its
    columns, any other report shows the columns of `SHOWN` that fit, all other tables all columns.
    Searches without an own keyword have no row here: all that would be shown of them is zero. Nor
    have carts where there are none.
    """
    n_all = table.height
    table = _of_own_keywords(table)
    n_unowned = n_all - table.height
    table = _with_known_carts(table)
    head = table.head(MAX_ROWS)
    labels = {"metric", *table.select(pl.col(pl.String)).columns}
    if "searches" in table.columns and table.height == 1 and not labels & set(table.columns):
        _print_what_fits(*_upright_cells(head), labels, lang)
        return None
    if "metric" in table.columns:
        names, rows = table.columns, _comparison_cells(head)
    elif "searches" in table.columns:
        names, rows = _report_cells(head, BETWEEN[lang])
    else:
        names, rows = table.columns, _cells(head, table.columns)
    shown = _print_what_fits(names, rows, labels, lang)
    return _what_is_hidden(table, set(names[:shown]), n_unowned, lang)


def _of_own_keywords(table: pl.DataFrame) -> pl.DataFrame:
    if not {"campaign", "searches"} <= set(table.columns):
        return table
    return table.filter(pl.col("campaign").is_not_null())


def _with_known_carts(table: pl.DataFrame) -> pl.DataFrame:
    """A comparison without carts where there are none, since no product has a cart_rate."""
    if "metric" not in table.columns:
        return table
    numbers = [name for name, kind in table.schema.items() if kind.is_numeric()]
    return table.filter((pl.col("metric") != "carts") | pl.any_horizontal(pl.col(numbers) != 0))


def _what_is_hidden(table: pl.DataFrame, shown: set[str], n_unowned: int, lang: Lang) -> str | None:
    quantiles = {f"{name}_{end}" for name in COLUMNS for end in QUANTILES}
    hidden = [word_of(name, lang) for name in table.columns if name not in shown | quantiles]
    more, unowned, mark, both, said = HIDDEN[lang]
    n_more = table.height - MAX_ROWS
    parts = [more.format(f"{n_more:,}")] if n_more > 0 else []
    parts += [mark.join(hidden)] if hidden else []
    parts += [unowned] if n_unowned else []
    return said.format(both.join(parts)) if parts else None


def _cells(table: pl.DataFrame, names: Sequence[str]) -> list[list[str]]:
    rows = table.select(names).iter_rows()
    return [[format_value(*pair) for pair in zip(names, row, strict=True)] for row in rows]


def _report_cells(table: pl.DataFrame, between: str) -> tuple[list[str], list[list[str]]]:
    names = [*table.columns[: table.columns.index("searches")], *SHOWN]
    names += [column.name for column in CAP_COLUMNS if column.name in table.columns]
    if "profit_low" not in table.columns:
        names.remove("profit_range")
        return names, _cells(table, names)
    ranges = _cells(table, ["profit_low", "profit_high"])
    place = names.index("profit_range")
    rows = _cells(table, [name for name in names if name != "profit_range"])
    for row, (low, high) in zip(rows, ranges, strict=True):
        row.insert(place, f"{low} {between} {high}")
    return names, rows


def _upright_cells(table: pl.DataFrame) -> tuple[list[str], list[list[str]]]:
    row = table.row(0, named=True)
    heads = {"value": "", "low (10 %)": "_low", "high (90 %)": "_high"}
    heads = {head: suffix for head, suffix in heads.items() if f"searches{suffix}" in row}
    cells = [
        [name, *(format_value(name, row[name + suffix]) for suffix in heads.values())]
        for name in (column.name for column in VALUE_COLUMNS + ORGANIC_COLUMNS + CAP_COLUMNS)
        if name in row and (name != "carts" or row[name])
    ]
    return ["metric", *heads], cells


def _comparison_cells(table: pl.DataFrame) -> list[list[str]]:
    return [
        [
            format_value(name if name in _OWN_UNIT else row["metric"], value, name in _SIGNED)
            for name, value in row.items()
        ]
        for row in table.iter_rows(named=True)
    ]


def _print_what_fits(
    names: Sequence[str], rows: Sequence[Sequence[str]], labels: set[str], lang: Lang
) -> int:
    """Print the leading columns that fit the terminal, at least one; returns how many."""
    terminal, paper = Console(), _Paper(width=UNLIMITED, height=MAX_ROWS)
    shown = len(names)
    table = _rich_table(names, rows, labels, lang)
    while terminal.is_terminal and shown > 1 and paper.measure(table).maximum > terminal.width:
        shown -= 1
        table = _rich_table(names[:shown], rows, labels, lang)
    paper.print(table)
    return shown


class _Paper(Console):
    def on_broken_pipe(self) -> None:
        """Let the BrokenPipeError through; rich would end the program as failed."""
        raise


def _rich_table(
    names: Sequence[str], rows: Sequence[Sequence[str]], labels: set[str], lang: Lang
) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in names:
        head = Text(head_of(name, lang))
        table.add_column(head, justify="left" if name in labels else "right", no_wrap=True)
    for row in rows:
        cells = zip(names, row, strict=False)
        table.add_row(
            *(Text(word_of(cell, lang) if name == "metric" else cell) for name, cell in cells)
        )
    return table


class ProgressBar:
    """A bar with the time left on stderr: `bar(done, total)`, shown after a second of work.

    `bar(done, total, message)` says more behind it, the best so far, say.

    Nothing is shown where stderr is no terminal or `quiet` is set.
    """

    DELAY_SECONDS = 1.0

    def __init__(self, quiet: bool = False) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
        console = Console(file=sys.stderr)
        self._progress = Progress(
            *columns,
            TimeRemainingColumn(),
            TextColumn("{task.fields[message]}"),
            console=console,
            transient=True,
            disable=quiet or not console.is_terminal,
        )
        self._started = monotonic()
        self._task: TaskID | None = None

    def __enter__(self) -> ProgressBar:
        return self

    def __call__(self, done: int, total: int, message: str = "") -> None:
        if self._task is None:
            if monotonic() - self._started < self.DELAY_SECONDS:
                return
            self._progress.start()
            self._task = self._progress.add_task("working", total=total, message=message)
        self._progress.update(self._task, completed=done, total=total, message=message)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._progress.live.is_started:  # an interrupt may fall into its first moment
            self._progress.stop()
