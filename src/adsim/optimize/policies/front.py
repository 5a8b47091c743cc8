"""Fronts: plans of which none is better in both of two goals.

It starts from exact plans: the best bids for weighted sums of the two, or, where bad luck counts,
those of a careful buyer. NSGA-II (Deb, Pratap, Agarwal and Meyarivan, A fast and elitist
multiobjective genetic algorithm: NSGA-II, IEEE Transactions on Evolutionary Computation 6, 2002)
then moves along them and around them by the parameters of policies. What it finds is played on
luck that no search has seen, and only what is not dominated there stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from adsim.kernels.model import PlanArrays
from adsim.market.compile import compile_plan
from adsim.optimize.aims.fronts import Axis, spread_out, undominated
from adsim.optimize.aims.goals import GOALS, Aim, Goal, blend, gains_of
from adsim.optimize.exact.candidates import Candidate, SearchSettings, Workplace
from adsim.optimize.exact.search import Found, search_bids
from adsim.optimize.exact.worths import keyword_click_worths
from adsim.optimize.policies.careful import list_cares, silent_candidates
from adsim.optimize.policies.parameters import Parameter
from adsim.optimize.policies.policy import Policy, make_policy
from adsim.optimize.policies.study import Study, Told, open_study
from adsim.results.risk import TAIL
from adsim.results.tables import Floats
from adsim.scenario import Plan
from adsim.simulate.recipe import plan_digest
from adsim.simulate.settings import LARGEST_SEED

FRONT_LUCK = 3  # the seed of the last test is so far from the search's
LEADS = 9  # exact plans from one end to the other
TRIED = {False: 64, True: 128}  # replications of a trial, without and with a tail
MOST_PLANS = 16  # of a front
TRADEOFF = "tradeoff"


@dataclass(frozen=True)
class Front:
    """Plans of a front.

    Attributes:
        plans: By the rows of `table`.
        table: plan (01, 02, ..), kind (front; today, recommended), both goals, each with its 95 %
            interval on fresh luck (X_low, X_high), then the parameters; the most of the first goal
            comes first.
    """

    plans: tuple[Plan, ...]
    table: pl.DataFrame


@dataclass(frozen=True)
class Line:
    """Exact plans from one end of a front to the other, and the policies around them."""

    policy: Policy
    leads: Sequence[np.ndarray]

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Those of the policy, and the place on the line; none where there are no ads."""
        if not self.policy.parameters:
            return ()
        place = Parameter(TRADEOFF, 0.0, 1.0, is_factor=False, neutral=0.0)
        return (place, *self.policy.parameters)

    def plan_at(self, values: Mapping[str, float]) -> Plan:
        """The plan of these values."""
        rest = {name: value for name, value in values.items() if name != TRADEOFF}
        place = round(values.get(TRADEOFF, 0.0) * (len(self.leads) - 1))
        bidding = replace(self.policy.bidding, bids=self.leads[place])
        return replace(self.policy, bidding=bidding).plan_at(rest)

    @property
    def starts(self) -> list[dict[str, float]]:
        """The exact plans themselves."""
        last = max(1, len(self.leads) - 1)
        return [{TRADEOFF: place / last} for place in range(len(self.leads))]


def find_front(
    place: Workplace,
    exact: Found,
    answer: Candidate,
    axes: tuple[Axis, Axis],
    settings: tuple[SearchSettings, int],
    question: Mapping[str, object],
) -> Front:
    """The front around the exact plans; the answer and today's plan are told beside it.

    `settings`: of the search, and the replications of the last test.
    """
    how = settings[0]
    line = _line(place, exact, answer, axes, how.seed)
    begun = plan_digest(place.bench.market.scenario, answer.plan)
    found = _search(place, line, axes, how, {**question, "answer": begun})
    plans = [(line.plan_at(values), values) for values in found]
    own = [("today", place.today.plan)]
    if answer is not place.today:
        own.append(("recommended", answer.plan))
    known: list[tuple[Plan, Mapping[str, float]]] = [(plan, {}) for _, plan in own]
    return _tested(place, line, axes, [*known, *plans], [name for name, _ in own], settings)


def _line(
    place: Workplace, exact: Found, answer: Candidate, axes: tuple[Axis, Axis], seed: int
) -> Line:
    """Around the answer's coefficients, which are better than today's, or today's."""
    frame = answer.arrays
    if axes[0].is_tail or axes[1].is_tail:
        leads = _careful_leads(place, frame, exact, seed)
    else:
        leads = _blended_leads(place, frame, axes)
    distinct = [one for i, one in enumerate(leads) if not _is_in(one, leads[:i])]
    plan = replace(answer.plan, keywords=place.today.plan.keywords)
    worth = keyword_click_worths(place.bench.market.arrays, exact.task.choice)
    known = (place.bench.market.scenario, plan, distinct[0], worth, place.ranges)
    return Line(make_policy(*known), distinct)


def _is_in(bids: np.ndarray, others: Sequence[np.ndarray]) -> bool:
    return any(np.array_equal(bids, other) for other in others)


def _blended_leads(
    place: Workplace, frame: PlanArrays, axes: tuple[Axis, Axis]
) -> list[np.ndarray]:
    """The best bids for sums of both goals, from the first alone to the second alone."""
    first, second = sorted(axes, key=lambda axis: axis.metric == "spend")
    ends = [_best(place, frame, GOALS[first.metric])]
    if second.metric == "spend":
        ends += [one.arrays.bid for one in silent_candidates(place)] or ends
    else:
        ends.append(_best(place, frame, GOALS[second.metric]))
    a, b = (_measured(place, frame, ends, axis.metric) for axis in (first, second))
    range_a, range_b = abs(float(a[0] - a[-1])), abs(float(b[-1] - b[0]))
    if not range_a or not range_b:
        return ends
    between = []
    for step in range(1, LEADS - 1):
        weight = step / (LEADS - 1 - step) * range_a / range_b * second.sign
        goal = blend(GOALS[first.metric], (second.metric, weight))
        between.append(_best(place, frame, goal))
    return [ends[0], *between, ends[-1]]


def _best(place: Workplace, frame: PlanArrays, goal: Goal) -> np.ndarray:
    plan = frame._replace(bid=place.today.arrays.bid)
    return search_bids(place.bench, plan, Aim(goal), place.ranges, rounds=1, rough=True).bids


def _measured(
    place: Workplace, frame: PlanArrays, bids: Sequence[np.ndarray], metric: str
) -> Floats:
    plans = [frame._replace(bid=one) for one in bids]
    return GOALS[metric].measure(place.bench.expect(plans))


def _careful_leads(
    place: Workplace, frame: PlanArrays, exact: Found, seed: int
) -> list[np.ndarray]:
    """The exact plan, more and more careful ones, and no ads at all; the most mean first."""
    best = _best(place, frame, place.aim.goal)
    played = place.bench.count([frame._replace(bid=best)], seed, range(TRIED[True]))
    sigma = float(gains_of(played, place.aim.goal.name)[0].std())
    leads = [best, *(care.bids(place, frame) for care in list_cares(place, exact, sigma, TAIL))]
    leads += [one.arrays.bid for one in silent_candidates(place)]
    means = _measured(place, frame, leads, place.aim.goal.name)
    return [leads[i] for i in np.argsort(-means, kind="stable")]


def _search(
    place: Workplace,
    line: Line,
    axes: tuple[Axis, Axis],
    how: SearchSettings,
    question: Mapping[str, object],
) -> list[dict[str, float]]:
    """Values of the trials that no other dominates on the luck of the search."""
    replications = TRIED[axes[0].is_tail or axes[1].is_tail]
    asked = {**question, "seed": how.seed, "sampler": "nsga2", "replications": replications}
    asked |= {"front": [axis.name for axis in axes]}
    asked |= {"parameters": {p.name: [p.low, p.high] for p in line.parameters}}
    where = (how.study, asked, line.parameters, line.starts, how.keep_study)
    with open_study(*where, n_goals=2, is_beside=True) as study:
        told = _try(place, line, axes, study, (how, replications)) if line.parameters else []
    if not told:
        return line.starts
    points = np.array([one.scores for one in told])
    front = np.flatnonzero(undominated(points))
    return [told[front[i]].values for i in spread_out(points[front], MOST_PLANS)]


def _try(
    place: Workplace,
    line: Line,
    axes: tuple[Axis, Axis],
    study: Study,
    settings: tuple[SearchSettings, int],
) -> list[Told]:
    how, replications = settings
    n_trials = max(how.trials, len(line.starts))
    told = study.told()
    while len(told) < n_trials:
        claimed = study.claim(n_trials)
        if not claimed:
            study.wait()
        else:
            plans = [line.plan_at(values) for _, values in claimed]
            scores = _scores(place, plans, axes, how.seed, replications).mean(axis=2)
            for (number, _), one in zip(claimed, scores, strict=True):
                study.tell(number, (float(one[0]), float(one[1])), replications)
        told = study.told()
        if how.progress is not None:
            how.progress(len(told), n_trials, "front")
    return told


def _scores(
    place: Workplace, plans: Sequence[Plan], axes: tuple[Axis, Axis], seed: int, replications: int
) -> Floats:
    """Values float64[plans, 2, replications], the more the better."""
    found = []
    for plan in plans:
        arrays = compile_plan(place.bench.market, plan)
        tallies = place.bench.count([arrays], seed, range(replications))
        found.append([axis.sign * axis.values(tallies)[0] for axis in axes])
    return np.array(found)


def _tested(
    place: Workplace,
    line: Line,
    axes: tuple[Axis, Axis],
    plans: Sequence[tuple[Plan, Mapping[str, float]]],
    own: Sequence[str],
    settings: tuple[SearchSettings, int],
) -> Front:
    """The plans on fresh luck; after our `own`, they stay only where nothing dominates them."""
    how, replications = settings
    seed = (how.seed + FRONT_LUCK) % (LARGEST_SEED + 1)
    values = _scores(place, [plan for plan, _ in plans], axes, seed, replications)
    points = values.mean(axis=2)
    kept = undominated(points)
    kinds = [*own, *["front"] * (len(plans) - len(own))]
    shown = [i for i in range(len(plans)) if kept[i] or kinds[i] != "front"]
    shown.sort(key=lambda i: (-points[i, 0], -points[i, 1], i))
    rows = []
    for number, i in enumerate(shown, 1):
        row: dict[str, object] = {"plan": f"{number:02d}", "kind": kinds[i]}
        for axis, one in zip(axes, values[i], strict=True):
            value, half = axis.sign * float(one.mean()) + 0.0, axis.half_width(one)
            row |= {axis.name: value, f"{axis.name}_low": value - half}
            row |= {f"{axis.name}_high": value + half}
        rows.append(row | {p.name: plans[i][1].get(p.name) for p in line.parameters})
    schema = dict.fromkeys(rows[0], pl.Float64) | {"plan": pl.String, "kind": pl.String}
    return Front(tuple(plans[i][0] for i in shown), pl.DataFrame(rows, schema))
