"""How an account's money is best shared out: caps of campaigns, or shares that sum to 1.

`python -m benchmarks.splits` prints, for random markets whose account budget binds, what the best
of so many trials of each kind brings over exact bids alone, on luck that no search has seen. Caps
are what the search over policies tries: a part of the account's budget each, 1 = all of it. Shares
come from breaking a stick: each campaign takes a part of what the ones before it leave.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

import adsim
from adsim.market.compile import compile_market
from adsim.optimize.aims.goals import GOALS, Aim
from adsim.optimize.aims.ranges import free_ranges
from adsim.optimize.bench import Bench
from adsim.optimize.exact.search import Found, search_bids
from adsim.optimize.policies.parameters import Parameter
from adsim.optimize.policies.policy import make_policy
from adsim.optimize.policies.scoring import make_scorer
from adsim.optimize.policies.study import open_study
from adsim.optimize.policies.trials import Course, search_policies
from adsim.scenario import Scenario, todays_plan
from adsim.simulate.histories import thread_pool

MARKETS, TRIALS, FRESH = 8, 48, 512
MONEY = 0.4  # the account's, in what is spent without a limit
QUESTION = {"seed": 7, "sampler": "tpe"}
LEAST = 0.05


class Sticks(Course):
    """Trials whose values are parts of what the campaigns before have left."""

    def compile(self, values):  # type: ignore[no-untyped-def]
        return super().compile(caps_of(values) if values else {})


def caps_of(sticks: dict[str, float]) -> dict[str, float]:
    """The shares of campaigns, the last one's being what is left."""
    left, caps = 1.0, {}
    for name, part in sticks.items():
        caps[name] = left * (part if part < 1 else 1.0)
        left -= caps[name]
    return caps


def measure(seed: int) -> tuple[float, float, float]:
    """Profit of exact bids, and what caps and shares add to it."""
    shop = adsim.synthetic_scenario(
        seed, queries=12, days=2, crowds=0, devices=1, campaigns=3, shock_cv=0.8
    )
    with thread_pool(None) as pool:
        bench, exact = _market(shop, pool)
        plan = replace(todays_plan(shop), account_budget=_money(exact))
        bench = Bench(compile_market(shop, [plan]), pool)
        exact = search_bids(bench, bench.market.plans[0], Aim(GOALS["profit"]))
        ranges = free_ranges(shop.auction, bench.market.plans[0])
        policy = make_policy(shop, plan, exact.bids, np.ones(len(exact.bids)), ranges)
        names = [f"budget.{campaign.name}" for campaign in plan.campaigns]
        caps = [Parameter(name, LEAST, 1.0) for name in names]
        sticks = [Parameter(name, LEAST, 0.95, is_factor=False) for name in names[:-1]]
        last = Parameter(names[-1], 1.0, 1.0 + 1e-9, is_factor=False)
        scorer = make_scorer(bench, exact.aim.goal, 7)
        course = (scorer, policy, exact.aim, 32)
        plans = [
            compile_best(Course(*course), caps, [{}]),
            compile_best(Sticks(*course), [*sticks, last], []),
        ]
        alone = bench.market.plans[0]._replace(bid=exact.bids)
        fresh = make_scorer(bench, exact.aim.goal, 99)
        scores = [fresh.scores(one).mean() for one in fresh.play([alone, *plans], range(FRESH))]
    return scores[0], scores[1] - scores[0], scores[2] - scores[0]


def compile_best(course, parameters, first):  # type: ignore[no-untyped-def]
    """The plan of the best trial."""
    with open_study(None, QUESTION, parameters, first) as study:
        told = search_policies(course, study, TRIALS)
    return course.compile(max(told, key=lambda trial: trial.score).values)


def _market(shop: Scenario, pool) -> tuple[Bench, Found]:  # type: ignore[no-untyped-def]
    bench = Bench(compile_market(shop, [todays_plan(shop)]), pool)
    return bench, search_bids(bench, bench.market.plans[0], Aim(GOALS["profit"]))


def _money(found: Found) -> float:
    return round(MONEY * found.spend / float(found.task.days.count.sum()), 2)


def main() -> None:
    rows = []
    for seed in range(MARKETS):
        rows.append(measure(seed))
        print(
            "market {}: exact bids {:,.2f}, caps {:+,.2f}, shares {:+,.2f}".format(seed, *rows[-1])
        )
    part = [[one / abs(exact) for one in gains] for exact, *gains in rows]
    caps, shares = 100 * np.mean(part, axis=0)
    print(
        f"mean: caps {caps:+.2f} %, shares that sum to 1 {shares:+.2f} % of the exact bids' profit"
    )


if __name__ == "__main__":
    main()
