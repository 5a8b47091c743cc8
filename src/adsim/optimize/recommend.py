"""`optimize`: search, verify on fresh luck, and answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from adsim.errors import Problem
from adsim.kernels.model import PlanArrays
from adsim.market.compile import compile_market
from adsim.optimize.bench import Bench, check_settings, open_bench, raise_problems
from adsim.optimize.changes import list_changes, plan_of
from adsim.optimize.explaining import (
    explain_bound,
    explain_changes,
    explain_gain,
    explain_limits,
    explain_noise,
)
from adsim.optimize.goals import GOALS, Goal, GoalName
from adsim.optimize.markets import check_markets, compare_markets, explain_markets
from adsim.optimize.optimum import Optimum, fresh_seed
from adsim.optimize.search import Found, search_bids
from adsim.optimize.sentences import Message, amount, say
from adsim.results.compare import METRICS, comparison_table
from adsim.scenario import Plan, Scenario, todays_plan
from adsim.scenario.arguments import loaded_problems
from adsim.simulate.histories import Progress, thread_pool
from adsim.simulate.run import warn_of_unlimited_rivals


def optimize(
    scenario: Scenario,
    goal: GoalName = "profit",
    budget: float | None = None,
    seed: int = 7,
    replications: int = 128,
    threads: int | None = None,
    progress: Progress | None = None,
    markets: Sequence[Scenario] = (),
) -> Optimum:
    """Search for better bids, prove how good they are, and recommend them only if they are better.

    The bids are found in closed form (hulls, prices of money, coordinate ascent where own keywords
    share queries). Then the plan meets today's on fidelity `counts` under common luck of the seed
    after `seed`, which no search uses: if the paired 95 % interval of the goal does not exclude a
    loss, the answer is today's plan.

    Parameters
    ----------
    scenario
        The world, from `load_scenario`.
    goal
        What to maximize: profit, revenue, orders, clicks, or roi: the highest ROI among plans that
        spend at least 95 % of the budget (of today's spend where there is none).
    budget
        The account's total a day, beside the campaigns' own; today's by default. Where it is given,
        today's bids are compared under it, too.
    seed
        0 to 2**32 - 1.
    replications
        Histories of each plan in the comparison, at least 2.
    threads
        Number of threads; it never changes a result.
    progress
        Called with (histories done, histories in all) during the comparison.
    markets
        The markets that the scenario may be, from `load_markets` or `Fit.markets`: it with other
        numbers of its queries. The plan is then the best for their mean, and what it brings in
        each is told; the replications are shared out among them.

    Raises
    ------
    OptimizeError
        Every argument that is out of its range.
    """
    raise_problems(loaded_problems(scenario))
    raise_problems([*_check_question(goal, budget), *check_settings(replications, seed, threads)])
    raise_problems(check_markets(scenario, markets))
    today = todays_plan(scenario)
    if budget is not None:
        today = replace(today, account_budget=float(budget))
    market = compile_market(scenario, [today])
    warn_of_unlimited_rivals(scenario, "counts")
    with thread_pool(threads) as pool:
        bench = open_bench(market, pool, markets)
        arrays = market.plans[0]
        found = search_bids(bench, arrays, GOALS[goal])
        luck = (fresh_seed(seed), replications, progress)
        verdict = _verify(bench, arrays, found, GOALS[goal], luck)
        changes = list_changes(bench, arrays, verdict.bids, GOALS[goal])
    gap = _gap(found.bound, verdict.value)
    return Optimum(
        scenario=scenario,
        goal=goal,
        budget=budget,
        seed=seed,
        replications=replications,
        plan=plan_of(today, verdict.bids) if verdict.changes else today,
        value=verdict.value,
        bound=found.bound,
        gap=gap,
        comparison=verdict.comparison,
        markets=verdict.markets,
        changes=changes,
        reasons=_reasons(scenario, today, found, verdict, (GOALS[goal], budget, changes, gap)),
    )


def _check_question(goal: str, budget: float | None) -> list[Problem]:
    problems = []
    if goal not in GOALS:
        rule = f"must be one of {', '.join(GOALS)}"
        problems.append(Problem("goal", rule, f"is {goal!r}", "choose one of them"))
    is_number = isinstance(budget, int | float) and not isinstance(budget, bool)
    if budget is not None and not (is_number and 0 <= budget < math.inf):
        rule = "must be an amount of money >= 0"
        problems.append(Problem("budget", rule, f"is {budget!r}", "give one or leave it out"))
    return problems


@dataclass(frozen=True)
class _Verdict:
    """What the comparison on fresh luck decided.

    Attributes:
        bids: int64[K] of the answer.
        changes: Whether the answer differs from today's bids.
        value: The goal of the answer at fidelity `expected`.
        tried: The goal's row of the comparison of the plan found.
        comparison: The answer's.
        markets: The goal's rows of the plan found, market by market.
    """

    bids: np.ndarray
    changes: bool
    value: float
    tried: dict[str, float]
    comparison: pl.DataFrame
    markets: pl.DataFrame


def _verify(
    bench: Bench,
    plan: PlanArrays,
    found: Found,
    goal: Goal,
    luck: tuple[int, int, Progress | None],
) -> _Verdict:
    """The plan found against today's: the answer is today's unless a loss is excluded."""
    plans = [plan, plan._replace(bid=found.bids)]
    tallies = bench.count(plans, *luck)
    table = comparison_table(tallies[0], tallies[1])
    tried = table.row(by_predicate=pl.col("metric") == goal.name, named=True)
    differs = not np.array_equal(found.bids, plan.bid)
    low = tried["difference_low"]
    accepted = differs and (not found.today_is_allowed or (low is not None and low > 0))
    if not accepted:
        table = comparison_table(tallies[0], tallies[0])
    expected = bench.expect([plans[accepted]])
    columns = [float(goal.measure(expected, metric)[0]) for metric in METRICS]
    table = table.with_columns(expected=pl.Series(columns))
    table = table.with_columns(noise_cost=pl.col("expected") - pl.col("b"))
    bids = found.bids if accepted else plan.bid
    value = found.value if accepted else found.today
    by_market = compare_markets(bench, tallies, goal.name)
    return _Verdict(bids, accepted, value, tried, table, by_market)


def _gap(bound: float, value: float) -> float:
    """At least 0: the engine's closed form errs by parts in 10^8, the bound by less."""
    return max(0.0, bound - value) / abs(bound) if bound else 0.0


def _reasons(
    scenario: Scenario,
    today: Plan,
    found: Found,
    verdict: _Verdict,
    answer: tuple[Goal, float | None, pl.DataFrame, float],
) -> tuple[Message, ...]:
    goal, budget, changes, gap = answer
    currency = scenario.scenario.currency
    lines = []
    if budget is not None:
        lines.append(say("same_budget", budget=amount("spend", budget, currency)))
    if verdict.changes:
        lines += explain_changes(changes, goal, scenario)
        lines.append(explain_gain(verdict.tried, scenario))
    elif np.array_equal(found.bids, verdict.bids):
        lines.append(say("keep"))
    else:
        lines.append(say("keep_unsure"))
        lines.append(say("indented", line=explain_gain(verdict.tried, scenario)))
    lines += explain_markets(verdict.markets, scenario)
    lines += explain_limits(scenario, today, found, goal)
    lines += explain_bound(found, verdict.value, gap, goal, currency)
    row = verdict.comparison.row(by_predicate=pl.col("metric") == goal.name, named=True)
    if row["b"] is not None:
        lines.append(explain_noise(goal, row["expected"], row["b"], currency))
    return tuple(lines)
