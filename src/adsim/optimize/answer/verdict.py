"""The plan found against today's, on luck that no search has seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from adsim.optimize.aims.goals import Aim
from adsim.optimize.answer.markets import compare_markets
from adsim.optimize.answer.testing import values_of
from adsim.optimize.exact.candidates import Candidate, Workplace, same_plan
from adsim.optimize.searching import Searched
from adsim.results.compare import CAUSES, MEANS, comparison_table
from adsim.results.tables import Tallies

RISK_SCHEMA = {
    "risk": pl.String,
    "level": pl.Float64,
    "metric": pl.String,
    "a": pl.Float64,
    "b": pl.Float64,
    "difference": pl.Float64,
    "difference_low": pl.Float64,
    "difference_high": pl.Float64,
}


@dataclass(frozen=True)
class Verdict:
    """What the comparison on fresh luck decided.

    Attributes:
        answer: The plan.
        changes: Whether the answer differs from today's plan.
        differs: Whether the plan found does.
        value: The goal of the answer at fidelity `expected`.
        replications: Histories of each plan in the last test.
        tried: The goal's row of the comparison of the plan found.
        comparison: The answer's.
        markets: The goal's rows of the plan found, market by market.
        risk: The risk that counts, of the plan found (b) against today's (a): one row, none where
            the mean counts.
        is_kept: Whether the answer keeps the share of losses that is allowed.
    """

    answer: Candidate
    changes: bool
    differs: bool
    value: float
    replications: int
    tried: dict[str, Any]
    comparison: pl.DataFrame
    markets: pl.DataFrame
    risk: pl.DataFrame
    is_kept: bool

    @property
    def counted(self) -> dict[str, Any]:
        """The row of what plans are ranked by, of the plan found."""
        return _counted(self.risk, self.tried)


def verify(found: Searched, home: Workplace, tallies: Tallies) -> Verdict:
    """The answer is today's plan unless a loss of what counts is excluded.

    `tallies`: of today's plan at `home`, and of the plan found at its place, on fresh luck.

    What counts is the goal's mean, or its CVaR, or its mean in the worst market. Where losses must
    be rare, a plan with too many is no answer as long as another has fewer.
    """
    place, best, exact = found.place, found.best, found.exact
    aim, today = exact.aim, home.today
    caused = place.bench.has_organic
    table = comparison_table(tallies[0], tallies[1], caused)
    rows = {row["metric"]: row for row in table.iter_rows(named=True)}
    risk = _risk_table(aim, tallies, rows, len(place.bench.places))
    differs = place is not home or not same_plan(best.arrays, today.arrays)
    accepted = differs and _is_better(aim, rows, risk, exact.today_is_allowed)
    answer = best if accepted else today
    if not accepted:
        table = comparison_table(tallies[0], tallies[0], caused)
    expected = (place if accepted else home).bench.expect([answer.arrays])
    return Verdict(
        answer=answer,
        changes=accepted,
        differs=differs,
        value=float(aim.measured.measure(expected)[0]),
        replications=tallies.shape[1],
        tried=rows[aim.measured.name],
        comparison=_with_expected(table, aim, expected),
        markets=compare_markets(place.bench, tallies, aim.measured.name),
        risk=risk,
        is_kept=_keeps(aim, rows, "b" if accepted else "a"),
    )


def _is_better(
    aim: Aim, rows: dict[str, dict[str, Any]], risk: pl.DataFrame, today_is_allowed: bool
) -> bool:
    """Whether the plan found may be the answer."""
    if not _keeps(aim, rows, "b"):
        return not _keeps(aim, rows, "a") and bool(rows["loss_probability"]["difference_high"] < 0)
    if not today_is_allowed or not _keeps(aim, rows, "a"):
        return True
    row = _counted(risk, rows[aim.measured.name])
    sure = row["difference_low"] if aim.measured.rises else row["difference_high"]
    return sure is not None and bool(sure > 0 if aim.measured.rises else sure < 0)


def _counted(risk: pl.DataFrame, mean: dict[str, Any]) -> dict[str, Any]:
    """The row of what plans are ranked by: the risk's, or the mean's."""
    if risk.is_empty() or risk["risk"][0] == "loss":
        return mean
    return risk.row(0, named=True)


def _keeps(aim: Aim, rows: dict[str, dict[str, Any]], plan: str) -> bool:
    """Whether a plan loses money no more often than it may."""
    if aim.risk is None or aim.risk.kind != "loss":
        return True
    return bool(rows["loss_probability"][plan] <= aim.risk.level)


def _risk_table(
    aim: Aim, tallies: Tallies, rows: dict[str, dict[str, Any]], n_markets: int
) -> pl.DataFrame:
    """The risk that counts, of both plans, with the 95 % interval of its paired difference."""
    risk = aim.risk
    if risk is None:
        return pl.DataFrame(schema=RISK_SCHEMA)
    if risk.kind == "loss":
        row = {**rows["loss_probability"], "metric": "profit"}
    else:
        a, b = values_of(aim, tallies, n_markets)
        change, half = float((b - a).mean()), risk.half_width(b - a)
        row = {"metric": aim.goal.name, "a": float(a.mean()), "b": float(b.mean())}
        row |= {"difference": change}
        row |= {"difference_low": change - half, "difference_high": change + half}
    level = risk.level if risk.kind != "worst" else None
    return pl.DataFrame([{"risk": risk.kind, "level": level, **row}], RISK_SCHEMA)


def _with_expected(table: pl.DataFrame, aim: Aim, expected: Tallies) -> pl.DataFrame:
    """With what the closed form says of the plan, and what luck takes of it."""
    known = set(table["metric"]) & {*MEANS, *CAUSES}
    columns = {metric: float(aim.measured.measure(expected, metric)[0]) for metric in known}
    told = [columns.get(metric) for metric in table["metric"]]
    table = table.with_columns(expected=pl.Series(told, dtype=pl.Float64))
    return table.with_columns(noise_cost=pl.col("expected") - pl.col("b"))
