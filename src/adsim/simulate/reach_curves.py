"""Deduplicated reach against spend: all bids scaled, in closed form where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from adsim.errors import SimulationError
from adsim.scenario import Plan, Scenario, todays_plan
from adsim.scenario.arguments import several
from adsim.simulate.histories import thread_pool
from adsim.simulate.landscapes import LARGEST_SCALE, value_problems
from adsim.simulate.opening import open_plan
from adsim.simulate.reaching import counts_persons, priced_reach
from adsim.simulate.run import Run, simulate
from adsim.simulate.settings import Fidelity

CURVE_REPLICATIONS = 16  # histories at each point of a curve that counts persons


def reach_curve(
    scenario: Scenario,
    scales: Sequence[float],
    plan: Plan | None = None,
    by: str | Sequence[str] = (),
    days: int | None = None,
    replications: int = CURVE_REPLICATIONS,
) -> pl.DataFrame:
    """Spend and persons reached at factors on all bids, budgets in force.

    The fidelity is `expected`; under frequency caps or beside a [journey] it is `events`, whose
    persons are counted, all bids under the same luck.

    Parameters
    ----------
    scenario
        The world, with a population.
    scales
        Factors on all bids of the plan.
    plan
        Today's by default.
    by
        Groups as in `Run.reach`.
    days
        Number of days, by default as many as the scenario has.
    replications
        Histories at each factor where persons are counted.

    Returns
    -------
    A row a scale and group: scale, the group's columns, spend, impressions, persons, reached,
    reach, frequency, cost_per_person = spend / reached, and marginal_cost_per_person: what each
    person more than at the scale before costs, null where there is none.

    Raises
    ------
    SimulationError
        Scales out of range, and all that `simulate` and `Run.reach` refuse.
    """
    if problems := value_problems("scales", scales, 0.0, LARGEST_SCALE):
        raise SimulationError(*problems)
    fidelity = curve_fidelity(scenario, plan)
    today = simulate(scenario, plan, fidelity, replications, days=days)
    tables = []
    for scale in np.unique(scales):
        table = priced_reach(_scaled(today, float(scale)), several(by))
        tables.append(table.select(pl.lit(float(scale)).alias("scale"), pl.all()))
    return _with_marginal_cost(pl.concat(tables))


def curve_fidelity(scenario: Scenario, plan: Plan | None = None) -> Fidelity:
    """The fidelity at which a curve of reach is worked out."""
    plan = todays_plan(scenario) if plan is None else plan
    return "events" if counts_persons(scenario, plan) else "expected"


def _scaled(run: Run, scale: float) -> Run:
    """The run with all bids scaled, its market as it is."""
    plan = run.opened.plan
    scaled = plan._replace(bid=np.floor(plan.bid * scale + 0.5).astype(np.int64))
    with thread_pool(run.threads) as pool:
        means = run.fidelity == "expected"
        opened = open_plan(
            run.market.arrays, scaled, pool, with_charge=means, with_prices=not means
        )
    return replace(run, opened=opened, _kept=[], _diaries=[], _logs=[], _memories=[])


def _with_marginal_cost(table: pl.DataFrame) -> pl.DataFrame:
    groups = table.columns[1 : table.columns.index("spend")]
    spend, reached = pl.col("spend").diff(), pl.col("reached").diff()
    if groups:
        spend, reached = spend.over(groups), reached.over(groups)
    cost = pl.when(reached > 0).then(spend / reached)
    return table.with_columns(cost.alias("marginal_cost_per_person"))
