"""One plan in several markets: what may be given, and what it brings in each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from adsim.errors import Problem
from adsim.optimize.aims.goals import GOALS
from adsim.optimize.answer.sentences import Message, Word, amount, say
from adsim.optimize.bench import Bench
from adsim.results.compare import comparison_table
from adsim.results.tables import Tallies
from adsim.scenario import Scenario
from adsim.scenario.arguments import loaded_problems
from adsim.scenario.markets import variant_problems


def check_markets(scenario: Scenario, markets: Sequence[Scenario]) -> list[Problem]:
    """Markets that are no scenarios, or not this one with other numbers of queries."""
    problems: list[Problem] = []
    for number, market in enumerate(markets, 1):
        unloaded = loaded_problems(market)
        named = [Problem(f"market {number}", *_rest(problem)) for problem in unloaded]
        problems += named or variant_problems(scenario, [market], [f"market {number}"])
    return problems


def _rest(problem: Problem) -> tuple[str, str, str]:
    return problem.rule, problem.found, problem.cure


def compare_markets(bench: Bench, tallies: Tallies, metric: str) -> pl.DataFrame:
    """The comparison of one metric in every market; no row where there is one market only.

    Args:
        bench: Where the plans were played.
        tallies: [2, replications of all markets, groups, fields], today's plan and another.
        metric: Name of the metric.

    Columns: market, from 1, and those of `comparison_table`; intervals are of luck in the market.
    """
    count = len(bench.markets)
    parts = [tallies[:, number :: max(count, 1)] for number in range(max(count, 1))]
    tables = [comparison_table(part[0], part[1], bench.has_organic) for part in parts]
    rows = pl.concat(table.filter(pl.col("metric") == metric) for table in tables)
    numbers = pl.Series("market", np.arange(1, len(tables) + 1))
    return rows.select(numbers, pl.all()).head(count)


def name_markets(table: pl.DataFrame, variants: Sequence[str]) -> pl.DataFrame:
    """The rows of a scenario and its variants under their names, where there are variants."""
    if not variants:
        return table
    return table.with_columns(market=pl.Series(["as declared", *variants]))


def explain_markets(table: pl.DataFrame, scenario: Scenario) -> Iterator[Message]:
    """In how many markets the plan found is better, and by how much in the worst and the best."""
    gains = table["difference"].drop_nulls()
    if gains.is_empty():
        return
    metric, money = table["metric"][0], scenario.scenario.currency
    falling = not GOALS[metric].rises
    worst, best = gains.sort(descending=falling)[[0, -1]]
    amounts = {"worst": worst, "middle": gains.median(), "best": best}
    values = {name: amount(metric, value, money, True) for name, value in amounts.items()}
    better = int((gains < 0 if falling else gains > 0).sum())
    yield say("markets", metric=Word(metric), better=better, count=table.height, **values)
