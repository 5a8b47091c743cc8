"""`optimize`: search, verify on fresh luck, and answer."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path

import polars as pl

from adsim.optimize.aims.goals import GoalName
from adsim.optimize.aims.limits import Limit
from adsim.optimize.aims.question import Question
from adsim.optimize.aims.risk import MEAN
from adsim.optimize.aims.settings import list_settings
from adsim.optimize.aims.variants import variant_problems_in, vary_scenario
from adsim.optimize.answer.caution import explain_caution
from adsim.optimize.answer.explaining import (
    explain_baselines,
    explain_binding,
    explain_bound,
    explain_causes,
    explain_changes,
    explain_conditions,
    explain_gain,
    explain_limits,
    explain_noise,
    explain_question,
    explain_test,
)
from adsim.optimize.answer.markets import check_markets, explain_markets, name_markets
from adsim.optimize.answer.optimum import Optimum, fresh_seed
from adsim.optimize.answer.parameters import explain_moves
from adsim.optimize.answer.risks import explain_aim, explain_front, explain_measure, explain_risk
from adsim.optimize.answer.sentences import Message, say
from adsim.optimize.answer.settings import explain_settings
from adsim.optimize.answer.telling import explain_coefficients, explain_kept, explain_search
from adsim.optimize.answer.testing import play_test
from adsim.optimize.answer.verdict import Verdict, verify
from adsim.optimize.bench import (
    check_settings,
    raise_problems,
    warn_of_living_crowds,
    warn_of_rotations,
)
from adsim.optimize.changes import list_changes
from adsim.optimize.exact.baselines import list_baselines
from adsim.optimize.exact.candidates import (
    SamplerName,
    SearchSettings,
    TrialProgress,
    check_search,
)
from adsim.optimize.exact.search import Found
from adsim.optimize.searching import Searched, open_place, search_around
from adsim.optimize.steps import split_progress
from adsim.optimize.varying import search_settings
from adsim.scenario import Scenario
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
    trials: int = 64,
    study: str | PathLike[str] | None = None,
    keep_study: bool = True,
    sampler: SamplerName = "tpe",
    trial_progress: TrialProgress | None = None,
    target_roi: float | None = None,
    target_cpa: float | None = None,
    reach: tuple[str, float] | None = None,
    limits: Sequence[Limit] = (),
    start: datetime.date | str | None = None,
    days: int | None = None,
    risk: str | None = None,
    worst_of: Sequence[str] = (),
    front: Sequence[str] | None = None,
    vary: Sequence[str] = (),
) -> Optimum:
    """Search for a better plan, prove how good it is, and recommend it only if it is better.

    The bids are found in closed form (hulls, prices of money, coordinate ascent where own keywords
    share queries). Trials of policies around them (`adsim.optimize.policies.policy`) then look for
    what a closed form cannot see: premiums, devices, hours, budgets that end early on busy days.
    The best few race on fresh luck. Last the winner meets today's plan on fidelity `counts` under
    common luck of the seed after `seed`, which neither search nor race uses: if the paired 95 %
    interval of the goal does not exclude a loss, the answer is today's plan. Where today's bids
    break what is asked for, the plan found is the answer in any case.

    Where persons live (`[journey]`), closed forms hold the crowds of the first morning fixed, and
    say so in a warning; the comparison does not. Likewise the creatives of the first hour where
    they wear or their shares change.

    Parameters
    ----------
    scenario
        The world, from `load_scenario`.
    goal
        What to maximize: profit (where nothing is given), revenue, orders, clicks; or roi or
        profit_roi: the highest among plans that spend at least 95 % of the budget (of today's
        spend where there is none). caused_profit, caused_revenue, caused_orders and caused_roi
        count what ads cause: orders after a click less the organic ones that would have come
        without it; a target_roi is then of caused revenue, too.
    budget
        The account's total a day, beside the campaigns' own; today's by default. Where it is given,
        today's bids are compared under it, too.
    seed
        0 to 2**32 - 1.
    replications
        Histories of each plan in the comparison at most, at least 2; fewer where they tell what
        counts well enough (see `adsim.optimize.answer.testing`).
    threads
        Number of threads; it never changes a result.
    progress
        Called with (steps done, steps in all).
    markets
        The markets that the scenario may be, from `load_markets` or `Fit.markets`: it with other
        numbers of its queries. The plan is then the best for their mean, and what it brings in
        each is told; the replications are shared out among them.
    trials
        Policies to try; 0: bids only. The plan holds at fidelity `expected` what is asked for,
        whatever its coefficients. Where no bids hold it, no policies are tried.
    study
        File that keeps the trials, so that a search that was killed is carried on; or the address
        postgresql://... of a database, which many workers may share; absent: memory.
    keep_study
        Whether that file stays once the answer is there; where not, a study in it that was asked
        something else is replaced instead of being an error.
    sampler
        What suggests the trials: tpe, cmaes or nsga2.
    trial_progress
        Called with (trials done, trials in all, the best so far in words).
    target_roi, target_cpa
        What the plan must have over the window at fidelity `expected`: revenue / spend at least,
        or spend / orders at most, with a goal of profit, revenue, orders or clicks. Where no plan
        has it, the nearest is the answer: the highest ROI, the lowest CPA.
    reach
        ("revenue", 20000), say: the least spend of the window that brings so much profit, revenue,
        orders or clicks; instead of a goal. Where no plan does, the one that brings most.
    limits
        Limits on bids, see `adsim.optimize.aims.limits`.
    start, days
        The first day and the length of the window to plan for, the scenario's by default; its
        calendar and its days of the week hold there.
    risk
        "cvar:0.1": the most of the goal's mean over the worst 10 % of luck; "loss:0.05": the most
        of the goal among plans that lose money in at most 5 % of replications; "worst": the most
        in the worst of several scenarios (see `adsim.optimize.aims.risk`). The last test then has
        more replications, and an answer that is surely better by that measure.
    worst_of
        Those scenarios beside the scenario itself: "rivals=1.3", "demand=0.8,cvr=0.9", say
        (factors on demand, rivals, rival_bids, ctr and cvr); or give `markets`.
    front
        ("profit", "revenue"), say: beside the answer a front of plans of which none is better in
        both; of profit, revenue, orders, clicks, spend, or mean and cvar (the worst tenth of luck)
        of the goal. As many trials again search it.
    vary
        Settings to try beside bids: "campaigns.core.frequency_cap=1,2,3,none", or the size of a
        lookalike, "crowds.alike.size=0.01,0.03"; any key that `--set` knows, at most 16
        combinations with today's. The plan is then that of the best one, compared with today's
        plan at today's settings; caps are part of it, what else it needs is in `steps`.

    Raises
    ------
    OptimizeError
        Every argument that is out of its range, limits that contradict each other, and a study
        that cannot be used or was asked something else.
    """
    raise_problems(loaded_problems(scenario))
    wanted = (goal, budget, target_roi, target_cpa, reach, limits, start, days, risk, worst_of)
    question = Question(*wanted, front, vary)
    checked = check_settings(replications, seed, threads) + check_search(trials, sampler)
    raise_problems([*question.problems(len(markets)), *checked])
    problems = check_markets(scenario, markets) + variant_problems_in(scenario, worst_of)
    raise_problems([*problems, *question.problems_in(scenario)])
    scenario, markets = question.world(scenario), [question.world(one) for one in markets]
    settings = list_settings(scenario, vary)
    if worst_of:
        markets = [scenario, *(vary_scenario(scenario, one) for one in worst_of)]
    warn_of_unlimited_rivals(scenario, "counts")
    warn_of_living_crowds(scenario)
    warn_of_rotations(scenario)
    with thread_pool(threads) as pool:
        places = [open_place(one.scenario, question, pool, markets) for one in settings]
        home = places[0]
        wanted_risk = home.aim.risk or MEAN
        n_places = len(home.bench.places)
        played = wanted_risk.test_replications(replications, n_places)
        where = None if study is None else str(study)
        each = wanted_risk.trial_replications(n_places)
        how = SearchSettings(trials, sampler, seed, where, keep_study, trial_progress, each)
        asked = {
            "worlds": [one.digest() for one in (scenario, *markets)],
            **replace(question, front=None).recipe(),
        }
        solving, testing = split_progress(progress, played)
        luck, varied = (fresh_seed(seed), played), None
        if vary:
            varied = search_settings(settings, places, how, asked, (*luck, solving))
            found = varied.best
        else:
            exact = home.solve(home.today.arrays, solving)
            found = search_around(home, exact, how, asked)
        verdict = verify(found, home, play_test(home, found, (*luck, testing)))
        if varied and not verdict.changes:
            found = varied.home
        known, axes = found.known(verdict.changes), question.axes()
        benches = home.bench, found.place.bench
        new = verdict.answer.arrays
        changes = list_changes(benches, home.today.arrays, new, known.aim.goal)
        of_today = None if found.place is home else home.bench.expect([home.today.arrays])
        baselines = list_baselines(found.exact.task, found.exact, of_today)
        drawn = None
        if axes is not None:
            from adsim.optimize.policies.front import find_front  # late: optuna

            drawn = find_front(home, found.exact, verdict.answer, axes, (how, replications), asked)
    if study is not None and not keep_study:
        Path(study).unlink(missing_ok=True)
    gap, improved = _gap(known, verdict.value), found.improved
    told = (question, changes, baselines, gap)
    reasons = [*_reasons(found, known, verdict, told, (trials, played))]
    if varied:
        reasons += explain_settings(varied, verdict.changes, scenario.scenario.currency)
    if drawn is not None and axes is not None:
        reasons += explain_front(drawn.table, axes, scenario.scenario.currency)
    setting = varied.setting if varied and verdict.changes else settings[0]
    return Optimum(
        scenario=setting.scenario,
        declared=scenario,
        steps=setting.steps,
        settings=varied.table if varied else pl.DataFrame(),
        question=question,
        goal=known.aim.measured.name,
        budget=budget,
        seed=seed,
        replications=replications,
        tested=verdict.replications // (n_places if wanted_risk.kind == "worst" else 1),
        plan=verdict.answer.plan,
        value=verdict.value,
        bound=known.bound,
        gap=gap,
        is_met=known.is_met and verdict.is_kept,
        comparison=verdict.comparison,
        markets=name_markets(verdict.markets, worst_of),
        risk=verdict.risk,
        front=drawn.table if drawn else pl.DataFrame(),
        front_plans=drawn.plans if drawn else (),
        changes=changes,
        baselines=baselines,
        reasons=tuple(reasons),
        search={"trials": trials, "sampler": sampler} if improved else {},
        trials=improved.trials if improved else None,
        race=improved.race if improved else None,
    )


def _gap(found: Found, value: float) -> float:
    """At least 0: the engine's closed form errs by parts in 10^8, the bound by less."""
    left = found.bound - value if found.aim.measured.rises else value - found.bound
    return max(0.0, left) / abs(found.bound) if found.bound else 0.0


def _reasons(
    searched: Searched,
    found: Found,
    verdict: Verdict,
    answer: tuple[Question, pl.DataFrame, pl.DataFrame, float],
    asked: tuple[int, int],
) -> tuple[Message, ...]:
    """The answer in messages; `asked`: for how many trials, and for a test of how much luck."""
    (question, changes, baselines, gap), (trials, most) = answer, asked
    place, exact, improved = searched.place, searched.exact, searched.improved
    scenario, today = place.bench.market.scenario, place.today.plan
    aim, currency = found.aim, scenario.scenario.currency
    cautions = explain_caution(scenario, changes, aim.measured.name, verdict.markets.height > 0)
    lines = [
        *(say("caution", line=line) for line in cautions),
        *explain_aim(aim, len(place.bench.places)),
        *explain_question(question, exact, scenario),
    ]
    gain = [explain_gain(verdict.tried, scenario)]
    if verdict.changes:
        lines += explain_changes(changes, aim.goal, scenario)
        lines += explain_moves(verdict.answer.values)
        lines += explain_coefficients(scenario, today, verdict.answer.plan)
        lines += gain
        lines += explain_causes(verdict.comparison, aim.measured, currency)
        lines += explain_risk(verdict.comparison, verdict.replications, currency)
        lines += explain_measure(verdict, aim, currency)
        lines += explain_test(verdict.counted, verdict.replications, most)
    elif not verdict.differs:
        lines.append(say("keep"))
    else:
        lines.append(say("keep_unsure"))
        gain += explain_measure(verdict, aim, currency)
        lines += [say("indented", line=line) for line in gain]
    lines += explain_markets(verdict.markets, scenario)
    if improved is not None:
        lines += explain_search(improved.trials, improved.race, aim, currency)
        lines += explain_kept(improved.kept)
    elif trials or (aim.risk or MEAN).is_of_luck:
        lines.append(say("not_searched"))
    if not (aim.risk or MEAN).is_of_luck:  # or prices are those of another plan
        lines += explain_limits(scenario, verdict.answer.plan, found)
        lines += explain_binding(found, today.keywords, currency)
    lines += explain_conditions(found, verdict.comparison, currency)
    lines += explain_bound(found, verdict.value, gap, currency)
    if found is not exact:
        lines.append(say("bound_holds"))
    goal = aim.measured
    lines.append(explain_baselines(baselines, goal, currency))
    row = verdict.comparison.row(by_predicate=pl.col("metric") == goal.name, named=True)
    if row["b"] is not None:
        lines.append(explain_noise(goal, row["expected"], row["b"], currency))
    return tuple(lines)
