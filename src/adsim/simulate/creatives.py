"""What creatives brought: tables of a run, and counts of one history as a test would show them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from adsim.errors import Problem, SimulationError
from adsim.kernels import rotating, tally
from adsim.kernels.model import HOURS_A_DAY, ONLY, Groups, Window
from adsim.market.rotating import GROUP, listed_creatives
from adsim.money import MICROS
from adsim.simulate.histories import run_histories, thread_pool

if TYPE_CHECKING:
    from adsim.simulate.run import Run

COUNTS = {
    "impressions": rotating.IMPRESSIONS,
    "clicks": rotating.CLICKS,
    "orders": rotating.ORDERS,
}
MONEY = {"spend": rotating.SPEND, "revenue": rotating.REVENUE}


def creatives_table(run: Run, by: Sequence[str]) -> pl.DataFrame:
    """Means over replications by creative, and by day where `by` says so; see `Run.creatives`."""
    names = _names(run)
    if list(by) not in ([], ["day"]):
        rule, cure = "must be empty or day for creatives", 'give by="day" or nothing'
        raise SimulationError(Problem("by", rule, f"is {', '.join(by)}", cure))
    log = run.log if by else run.log[:, [0, -1]]
    brought = np.diff(log, axis=1).mean(axis=0)  # [days, m, N_TRIED]
    table = pl.concat([names] * len(brought)).with_columns(
        **{name: brought[..., column].ravel() for name, column in COUNTS.items()},
        **{name: brought[..., column].ravel() / MICROS for name, column in MONEY.items()},
        goods=brought[..., rotating.GOODS_COST].ravel() / MICROS,
    )
    if by:
        start = run.scenario.scenario.start + timedelta(days=run.first_day)
        days = [(start + timedelta(days=d)).isoformat() for d in range(len(brought))]
        table.insert_column(0, pl.Series("day", np.repeat(days, len(names)).tolist()))
    of_group = pl.col("impressions").sum().over(*by, *GROUP)
    table = table.with_columns(
        share=_ratio("impressions", of_group),
        profit=pl.col("revenue") - pl.col("goods") - pl.col("spend"),
        ctr=_ratio("clicks", pl.col("impressions")),
        cvr=_ratio("orders", pl.col("clicks")),
    ).drop("goods")
    if not by and _has_tests(run):
        won = run.log[:, -1, :, rotating.WON].mean(axis=0)
        table = table.with_columns(won=pl.Series(won, dtype=pl.Float64))
    return table


def creative_counts(run: Run, replication: int) -> pl.DataFrame:
    """Whole counts of one history by creative; see `Run.creative_counts`."""
    names = _names(run)
    problems = []
    if run.fidelity == "expected":
        cure = 'simulate with fidelity="counts"'
        rule = "must be counts or events for counts of creatives"
        problems.append(Problem("fidelity", rule, "is expected", cure))
    if not (isinstance(replication, int) and 0 <= replication < run.replications):
        rule = f"must be a whole number from 0 to {run.replications - 1}"
        problems.append(Problem("replication", rule, f"is {replication!r}", "give one of them"))
    if problems:
        raise SimulationError(*problems)
    brought = run.log[replication, -1] - run.log[replication, 0]
    return pl.DataFrame(
        {
            "test": names.select(pl.concat_str(GROUP, separator=" / ")).to_series(),
            "creative": names["creative"],
            **{name: brought[:, column] for name, column in COUNTS.items()},
            **{name: brought[:, column] / MICROS for name, column in MONEY.items()},
        }
    )


def steady_log(run: Run) -> np.ndarray:
    """The log of means whose shares never change: those of ad groups, divided in closed form."""
    rotation = run.opened.plan.rotation
    days, n = run.last_day - run.first_day, rotation.groups.size
    number = np.where(rotation.group < 0, n, rotation.group)
    row = np.zeros(run.market.days, np.int64)
    row[run.first_day :] = np.arange(days) * (n + 1)
    arrays = run.market.arrays
    groups = Groups(
        link=number[arrays.links],
        none=np.full(arrays.queries.size, n),
        side=np.zeros(arrays.sides.size, np.int64),
        day=row,
        hour=np.zeros(HOURS_A_DAY, np.int64),
    )
    with thread_pool(run.threads) as pool:
        tallies = run_histories(
            run.market, [run.opened], groups, days * (n + 1), Window(run.first_day, run.last_day),
            fidelity="expected", seed=run.seed, replications=range(1), pool=pool,
        )  # fmt: skip
    return _divided(run, tallies[0, 0].reshape(days, n + 1, -1))


def _divided(run: Run, sums: np.ndarray) -> np.ndarray:
    """The log of ad groups' sums [days, n + 1, N_FIELDS]."""
    rotation = run.opened.plan.rotation
    share, of_clicks, of_orders = _parts(rotation.groups, rotation.creatives)
    group = np.repeat(
        np.arange(rotation.groups.size), rotation.groups["end"] - rotation.groups["first"]
    )
    log = np.zeros((1, len(sums) + 1, rotation.creatives.size, rotating.N_TRIED))
    for column, field, part in (
        (rotating.IMPRESSIONS, tally.IMPRESSIONS, share),
        (rotating.CLICKS, tally.CLICKS, of_clicks),
        (rotating.ORDERS, tally.ORDERS, of_orders),
        (rotating.SPEND, tally.SPEND, of_clicks),
        (rotating.REVENUE, tally.REVENUE, of_orders),
        (rotating.GOODS_COST, tally.GOODS_COST, of_orders),
    ):
        log[0, 1:, :, column] = np.cumsum(sums[:, group, field] * part, axis=0)
    log += run.first_trials[:, None]
    return log


def _parts(groups: np.ndarray, creatives: np.ndarray) -> tuple[np.ndarray, ...]:
    """Each creative's share of its ad group's impressions, clicks and orders."""
    size = np.repeat(groups["end"] - groups["first"], groups["end"] - groups["first"])
    group = np.repeat(np.arange(groups.size), groups["end"] - groups["first"])
    chosen = groups["first"] + groups["only"]
    alone = np.arange(creatives.size) == chosen[group]
    share = np.where(groups["how"][group] == ONLY, alone, 1.0 / size)
    parts = [share]
    for weight in (share * creatives["ctr"], share * creatives["ctr"] * creatives["cvr"]):
        parts.append(weight / np.bincount(group, weight)[group])
    return tuple(parts)


def _names(run: Run) -> pl.DataFrame:
    if not run.scenario.has_creatives:
        rule, cure = "must have creatives.csv for a table of them", "add it, or ask for a report"
        raise SimulationError(Problem("scenario", rule, "has none", cure))
    return listed_creatives(run.scenario).select(*GROUP, "creative")


def _has_tests(run: Run) -> bool:
    return any(r.how == "test" for c in run.plan.campaigns for r in c.rotations.values())


def _ratio(top: str, bottom: pl.Expr) -> pl.Expr:
    return pl.when(bottom > 0).then(pl.col(top) / bottom)
