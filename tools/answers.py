"""What the tools that answer a scenario's question share: Markdown tables, put into its README."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from adsim.scenario import Scenario

BEGIN, END = "<!-- answer: begin -->", "<!-- answer: end -->"


def main(folder: Path, answer: Callable[[], str]) -> None:
    """Print the answer; with --write put it into the README of the scenario instead."""
    if sys.argv[1:] == ["--write"]:
        path = folder / "README.md"
        path.write_text(with_answer(path.read_text("utf-8"), answer()), "utf-8")
    elif sys.argv[1:]:
        raise SystemExit(f"only --write is known, not {' '.join(sys.argv[1:])}")
    else:
        print(answer())


def with_answer(page: str, answer: str) -> str:
    """The page with the text between the two marks replaced."""
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n\n{answer}\n\n{END}{rest.split(END)[1]}"


def answer_of(page: str) -> str:
    return page.split(BEGIN)[1].split(END)[0].strip()


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; all columns but the first are aligned to the right."""
    rule = ["---", *["---:"] * (len(header) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (header, rule, *rows))


def money(value: float) -> str:
    return f"{value:,.0f}"


def ratio(value: float | None) -> str:
    return "none" if value is None else f"{value:.1f}"


def spread_of(row: dict[str, float], name: str, write: Callable[[float], str]) -> str:
    """A value with the range that eight runs of ten fall into."""
    return f"{write(row[name])} ({write(row[name + '_low'])} to {write(row[name + '_high'])})"


def difference(table: pl.DataFrame, metric: str, write: Callable[[float], str]) -> str:
    """A row of `adsim.compare` with the 95 % interval of the mean."""
    row = table.row(by_predicate=pl.col("metric") == metric, named=True)
    ends = " to ".join(write(row[f"difference_{end}"]) for end in ("low", "high"))
    return f"{write(row['difference'])} ({ends})"


def with_table(scenario: Scenario, name: str, table: pl.DataFrame) -> Scenario:
    """The scenario with another table of that name."""
    return scenario.model_copy(update={"tables": replace(scenario.tables, **{name: table})})
