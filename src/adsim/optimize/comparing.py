"""Two plans side by side, under the same luck."""

from __future__ import annotations

import polars as pl

from adsim.market.compile import compile_market
from adsim.optimize.bench import Bench, check_settings, raise_problems
from adsim.results.compare import comparison_table
from adsim.scenario import Plan, Scenario, todays_plan
from adsim.scenario.arguments import loaded_problems
from adsim.simulate.histories import Progress, thread_pool


def compare(
    scenario: Scenario,
    plan_a: Plan | None,
    plan_b: Plan | None,
    replications: int = 64,
    seed: int = 7,
    threads: int | None = None,
    progress: Progress | None = None,
) -> pl.DataFrame:
    """What plan b brings over plan a, at fidelity `counts`.

    Both plans meet the same searchers with the same luck, so that the difference is far more
    precise than either value.

    Parameters
    ----------
    scenario
        The world, from `load_scenario`.
    plan_a, plan_b
        The plans, from `load_plan`; None = today's.
    replications
        Histories of each plan, at least 2.
    seed
        0 to 2**32 - 1.
    threads
        Number of threads; it never changes a result.
    progress
        Called with (histories done, histories in all).

    Returns
    -------
    A row a metric: metric, a, b, difference = b - a, and the 95 % interval of the mean difference;
    then the risk of both plans: `profit_cvar`, the mean profit of the worst tenth of histories, and
    `loss_probability`, how many of them end with a loss (see
    `adsim.results.compare.comparison_table`); last, where there are organic orders, what the ads
    of each plan cause: `caused_orders`, `caused_revenue`, `caused_profit` and `caused_roi`.

    Raises
    ------
    OptimizeError
        Every argument that is out of its range.
    """
    given = {"plan_a": plan_a, "plan_b": plan_b}
    chosen = {name: plan for name, plan in given.items() if plan is not None}
    unloaded = loaded_problems(scenario, **chosen)
    raise_problems(unloaded + check_settings(replications, seed, threads))
    plans = [todays_plan(scenario) if plan is None else plan for plan in given.values()]
    market = compile_market(scenario, plans)
    with thread_pool(threads) as pool:
        tallies = Bench(market, pool).count(market.plans, seed, range(replications), progress)
    return comparison_table(tallies[0], tallies[1], scenario.has_organic)
