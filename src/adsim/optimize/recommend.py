"""`optimize`: search, verify on fresh luck, and answer."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from adsim.kernels.model import PlanArrays
from adsim.market.compile import compile_market
from adsim.optimize.baselines import list_baselines
from adsim.optimize.bench import Bench, check_settings, open_bench, raise_problems
from adsim.optimize.changes import list_changes, plan_of
from adsim.optimize.explaining import (
    explain_baselines,
    explain_binding,
    explain_bound,
    explain_changes,
    explain_conditions,
    explain_gain,
    explain_limits,
    explain_noise,
    explain_question,
)
from adsim.optimize.goals import GoalName
from adsim.optimize.limits import Limit
from adsim.optimize.markets import check_markets, compare_markets, explain_markets
from adsim.optimize.optimum import Optimum, fresh_seed
from adsim.optimize.question import Question
from adsim.optimize.ranges import bid_ranges
from adsim.optimize.search import Found, search_bids
from adsim.optimize.sentences import Message, say
from adsim.optimize.steps import split_progress
from adsim.results.compare import METRICS, comparison_table
from adsim.scenario import Plan, Scenario, todays_plan
from adsim.scenario.arguments import loaded_problems
from adsim.simulate.histories import Progress, thread_pool
from adsim.simulate.run import warn_of_unlimited_rivals


def optimize(
    scenario: Scenario,
    goal: GoalName | None = None,
    budget: float | None = None,
    seed: int = 7,
    replications: int = 128,
    threads: int | None = None,
    progress: Progress | None = None,
    markets: Sequence[Scenario] = (),
    *,
    target_roi: float | None = None,
    target_cpa: float | None = None,
    reach: tuple[str, float] | None = None,
    limits: Sequence[Limit] = (),
    start: datetime.date | str | None = None,
    days: int | None = None,
) -> Optimum:
    """Search for better bids, prove how good they are, and recommend them only if they are better.

    The bids are found in closed form (hulls, prices of money, coordinate ascent where own keywords
    share queries). Then the plan meets today's on fidelity `counts` under common luck of the seed
    after `seed`, which no search uses: if the paired 95 % interval of the goal does not exclude a
    loss, the answer is today's plan. Where today's bids break what is asked for, the plan found is
    the answer in any case.

    Parameters
    ----------
    scenario
        The world, from `load_scenario`.
    goal
        What to maximize: profit (where nothing is given), revenue, orders, clicks; or roi or
        profit_roi: the highest among plans that spend at least 95 % of the budget (of today's
        spend where there is none).
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
        Called with (steps done, steps in all).
    markets
        The markets that the scenario may be, from `load_markets` or `Fit.markets`: it with other
        numbers of its queries. The plan is then the best for their mean, and what it brings in
        each is told; the replications are shared out among them.
    target_roi, target_cpa
        What the plan must have over the window at fidelity `expected`: revenue / spend at least,
        or spend / orders at most, with a goal of profit, revenue, orders or clicks. Where no plan
        has it, the nearest is the answer: the highest ROI, the lowest CPA.
    reach
        ("revenue", 20000), say: the least spend of the window that brings so much profit, revenue,
        orders or clicks; instead of a goal. Where no plan does, the one that brings most.
    limits
        Limits on bids, see `adsim.optimize.limits`.
    start, days
        The first day and the length of the window to plan for, the scenario's by default; its
        calendar and its days of the week hold there.

    Raises
    ------
    OptimizeError
        Every argument that is out of its range, and limits that contradict each other.
    """
    raise_problems(loaded_problems(scenario))
    wanted = (goal, budget, target_roi, target_cpa, reach, tuple(limits), start, days)
    question = Question(*wanted)
    raise_problems([*question.problems(), *check_settings(replications, seed, threads)])
    raise_problems(check_markets(scenario, markets))
    scenario, markets = question.world(scenario), [question.world(one) for one in markets]
    today = todays_plan(scenario)
    if budget is not None:
        today = replace(today, account_budget=float(budget))
    market = compile_market(scenario, [today])
    ranges = bid_ranges(market, today, question.limits)
    warn_of_unlimited_rivals(scenario, "counts")
    with thread_pool(threads) as pool:
        bench = open_bench(market, pool, markets)
        arrays = market.plans[0]
        exact, rest = split_progress(progress, replications)
        found = search_bids(bench, arrays, question.aim(), ranges, exact)
        verdict = _verify(bench, arrays, found, (fresh_seed(seed), replications, rest))
        changes = list_changes(bench, arrays, verdict.bids, found.aim.goal)
        baselines = list_baselines(found.task, found)
    gap = _gap(found, verdict.value)
    return Optimum(
        scenario=scenario,
        question=question,
        goal=found.aim.measured.name,
        budget=budget,
        seed=seed,
        replications=replications,
        plan=plan_of(today, verdict.bids) if verdict.changes else today,
        value=verdict.value,
        bound=found.bound,
        gap=gap,
        is_met=found.is_met,
        comparison=verdict.comparison,
        markets=verdict.markets,
        changes=changes,
        baselines=baselines,
        reasons=_reasons(scenario, today, found, verdict, (question, changes, baselines, gap)),
    )


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
    luck: tuple[int, int, Progress | None],
) -> _Verdict:
    """The plan found against today's: the answer is today's unless a loss is excluded."""
    goal = found.aim.measured
    plans = [plan, plan._replace(bid=found.bids)]
    tallies = bench.count(plans, *luck)
    table = comparison_table(tallies[0], tallies[1])
    tried = table.row(by_predicate=pl.col("metric") == goal.name, named=True)
    differs = not np.array_equal(found.bids, plan.bid)
    sure = tried["difference_low"] if goal.rises else tried["difference_high"]
    is_better = sure is not None and (sure > 0 if goal.rises else sure < 0)
    accepted = differs and (not found.today_is_allowed or is_better)
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


def _gap(found: Found, value: float) -> float:
    """At least 0: the engine's closed form errs by parts in 10^8, the bound by less."""
    left = found.bound - value if found.aim.measured.rises else value - found.bound
    return max(0.0, left) / abs(found.bound) if found.bound else 0.0


def _reasons(
    scenario: Scenario,
    today: Plan,
    found: Found,
    verdict: _Verdict,
    answer: tuple[Question, pl.DataFrame, pl.DataFrame, float],
) -> tuple[Message, ...]:
    question, changes, baselines, gap = answer
    aim, currency = found.aim, scenario.scenario.currency
    lines = list(explain_question(question, found, scenario))
    gain = [explain_gain(verdict.tried, scenario)]
    if verdict.changes:
        lines += explain_changes(changes, aim.goal, scenario)
        lines += gain
    elif np.array_equal(found.bids, verdict.bids):
        lines.append(say("keep"))
    else:
        lines.append(say("keep_unsure"))
        lines += [say("indented", line=line) for line in gain]
    lines += explain_markets(verdict.markets, scenario)
    lines += explain_limits(scenario, today, found)
    lines += explain_binding(found, today.keywords, currency)
    lines += explain_conditions(found, verdict.comparison, currency)
    lines += explain_bound(found, verdict.value, gap, currency)
    goal = aim.measured
    lines.append(explain_baselines(baselines, goal, currency))
    row = verdict.comparison.row(by_predicate=pl.col("metric") == goal.name, named=True)
    if row["b"] is not None:
        lines.append(explain_noise(goal, row["expected"], row["b"], currency))
    return tuple(lines)
