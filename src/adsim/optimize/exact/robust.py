"""The best bids for the worst of several markets.

What a plan x brings in market k is f_k(x). The most of min_k f_k(x) is at most the least over
weights w of max_x sum_k w_k f_k(x), and every inner problem is an ordinary search in the mix of the
markets with these weights, with its bound. The weights are closed in on by cutting planes: those
under which the best of the plans found so far brings least are the next (a matrix game between
plans and markets, a linear program; Kelley, The cutting-plane method for solving convex programs,
Journal of SIAM 8, 1960). The least bound met holds for every plan, whatever the weights.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from adsim.kernels.model import PlanArrays
from adsim.market.mixing import mix_markets
from adsim.optimize.aims.goals import Aim, Worst
from adsim.optimize.aims.ranges import BidRanges
from adsim.optimize.bench import Bench
from adsim.optimize.exact.ascent import Climb
from adsim.optimize.exact.polishing import polish
from adsim.optimize.exact.search import Found, search_bids
from adsim.optimize.steps import part_of
from adsim.results.tables import Floats
from adsim.simulate.histories import Progress

MOST_MIXES = 8
CLOSE = 2e-3  # of the bound; a plan that is so close to it need not be improved
LEAST_WEIGHT = 1e-3  # a market without searches has no bids


@dataclass(frozen=True)
class _Game:
    """Plans against markets.

    Attributes:
        found: What the search in each mix found.
        values: float64[plans, K], what each plan brings in each market.
    """

    found: list[Found]
    values: Floats

    @property
    def best(self) -> int:
        """The plan that brings most in its worst market."""
        return int(np.argmax(self.values.min(axis=1)))

    @property
    def bound(self) -> float:
        """What no plan can pass in its worst market."""
        return min(one.bound for one in self.found)

    def weights(self) -> list[float]:
        """Those under which the best of the plans brings least."""
        from scipy.optimize import linprog  # late: half a second that only this goal pays

        n_plans, n_markets = self.values.shape
        scale = max(1.0, float(np.abs(self.values).max()))
        least = linprog(
            np.append(np.zeros(n_markets), 1.0),
            A_ub=np.column_stack([self.values / scale, -np.ones(n_plans)]),
            b_ub=np.zeros(n_plans),
            A_eq=[[*[1.0] * n_markets, 0.0]],
            b_eq=[1.0],
            bounds=[(LEAST_WEIGHT, 1)] * n_markets + [(None, None)],
            method="highs",
        )
        return [float(weight) for weight in least.x[:-1]]


def search_worst(
    bench: Bench,
    plan: PlanArrays,
    aim: Aim,
    ranges: BidRanges,
    progress: Progress | None = None,
    rounds: int = 1,
) -> Found:
    """The best bids found for the worst of the bench's markets, and their bound.

    Found as `search_bids` gives it; `value`, `today` and `bound` are of the worst market.
    """
    goal, count = aim.goal, len(bench.markets)
    assert isinstance(goal, Worst)
    game, weights = _Game([], np.empty((0, count))), [1 / count] * count
    for step in range(MOST_MIXES):
        mix = replace(bench, market=mix_markets(bench.markets, weights))
        told = part_of(progress, step, step + 1, MOST_MIXES)
        mean = Aim(replace(goal, weights=tuple(weights)))
        found = search_bids(mix, plan, mean, ranges, told, rounds, rough=True)
        values = goal.by_market(bench.expect([plan._replace(bid=found.bids)]))
        game = _Game([*game.found, found], np.vstack([game.values, values.T]))
        last, weights = weights, game.weights()
        if _is_done(game, last, weights):
            break
    return _worst(game, bench, plan, aim)


def _is_done(game: _Game, last: list[float], weights: list[float]) -> bool:
    left = game.bound - float(game.values.min(axis=1).max())
    return left <= CLOSE * abs(game.bound) or np.allclose(last, weights, atol=1e-6)


def _worst(game: _Game, bench: Bench, plan: PlanArrays, aim: Aim) -> Found:
    """The best of the plans, polished on its worst market, as the answer."""
    found = game.found[game.best]
    task = replace(found.task, bench=bench, aim=aim)
    start = [Climb(found.bids, found.price)]
    if found.today_is_allowed:
        start.append(Climb(plan.bid, found.price))
    start.sort(key=lambda climb: -float(task.scores([climb])[0]))
    best = polish(bench.market.arrays, task.choice, start, task.scores)
    value, today = aim.goal.measure(task.expect([best, Climb(plan.bid, found.price)]))
    return replace(
        found,
        bids=best.bids,
        aim=aim,
        value=float(value),
        today=float(today),
        bound=max(game.bound, float(value)),
        task=task,
    )
