"""The bench on which plans are tried: one compiled market, plans as an axis, common luck."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from adsim.errors import OptimizeError, Problem
from adsim.kernels.model import HOURS_A_DAY, Groups, PlanArrays, Window
from adsim.kernels.tally import CLICKS, ORGANIC_GOODS_COST, ORGANIC_ORDERS
from adsim.market.compile import Market
from adsim.market.mixing import mix_markets, vary_market
from adsim.market.rotating import is_steady
from adsim.results.tables import Floats, Tallies
from adsim.scenario import Scenario, todays_plan
from adsim.scenario.arguments import whole_problems
from adsim.simulate.grouping import group_rows
from adsim.simulate.histories import Progress, run_histories
from adsim.simulate.opening import OpenPlan, open_plans
from adsim.simulate.settings import LARGEST_SEED

ORGANIC = slice(ORGANIC_ORDERS, ORGANIC_GOODS_COST + 1)  # fields of tallies


@dataclass(frozen=True)
class Bench:
    """A compiled market, and the threads that run plans in it; or several markets.

    Tallies have the shape (plans, replications, groups, fields). Plans are played in all `markets`,
    which take turns: replication r is played in market r mod K. Organic orders of `expect` and
    `count` are those beyond the same history without ads (less than 0: what clicks took), so that
    caused columns are right.

    Attributes:
        market: What closed forms look at: the market, or the mix of all.
        pool: The threads.
        markets: Where plans are played; by default in `market`.
    """

    market: Market
    pool: ThreadPoolExecutor
    markets: tuple[Market, ...] = ()

    @property
    def places(self) -> tuple[Market, ...]:
        """The markets in which plans are played."""
        return self.markets or (self.market,)

    @property
    def has_organic(self) -> bool:
        """Whether there are orders that no ad causes."""
        return self.market.scenario.has_organic

    def expect(self, plans: Sequence[PlanArrays], by: Sequence[str] = ()) -> Floats:
        """Tallies of fidelity `expected`: one replication a market, budgets as a fluid.

        Where they are grouped, organic orders are all there are.
        """
        tallies = self._expect(plans, by)
        if self.has_organic and not by:
            tallies[..., ORGANIC] -= self._silence
        return tallies

    def _expect(self, plans: Sequence[PlanArrays], by: Sequence[str] = ()) -> Floats:
        found = []
        for market in self.places:
            opened = self.open(market, plans, "expected")
            found.append(self._run(market, opened, "expected", 0, range(1), _rows(market, by)))
        return np.concatenate(found, axis=1) if self.markets else found[0]

    @cached_property
    def _silence(self) -> Floats:
        """Organic orders without ads at fidelity `expected`."""
        return self._expect([silent(self.market.plans[0])])[..., ORGANIC]

    def expect_clicks(self, market: Market, plans: Sequence[PlanArrays]) -> Floats:
        """Mean clicks in one of the places by link and side: float64[plans, N, S]."""
        arrays = market.arrays
        shape = (arrays.links.size, arrays.sides.size)
        groups = Groups(
            link=shape[1] * np.arange(shape[0]),
            none=np.zeros(arrays.queries.size, np.int64),
            side=np.arange(shape[1]),
            day=np.zeros(market.days, np.int64),
            hour=np.zeros(HOURS_A_DAY, np.int64),
        )
        opened, rows = self.open(market, plans, "expected"), (groups, shape[0] * shape[1])
        tallies = self._run(market, opened, "expected", 0, range(1), rows)
        return np.asarray(tallies[:, 0, :, CLICKS].reshape(len(plans), *shape))

    def count(
        self,
        plans: Sequence[PlanArrays],
        seed: int,
        replications: range,
        progress: Progress | None = None,
    ) -> Tallies:
        """Tallies of fidelity `counts`, the same luck for every plan.

        The replications begin with a turn of the markets, and a few more are added so that they
        end with one: every market has as many as the next.
        """
        count = len(self.places)
        each = -(-len(replications) // count)
        if self.has_organic:
            plans = [*plans, silent(plans[0])]
        found = []
        for number, market in enumerate(self.places):
            own = range(replications.start + number, replications.start + each * count, count)
            told = _part_of(progress, number, count)
            opened = self.open(market, plans)
            found.append(self._run(market, opened, "counts", seed, own, _rows(market), told))
        tallies = np.stack(found, axis=2).reshape(len(plans), each * count, *found[0].shape[2:])
        if self.has_organic:
            tallies[:-1, ..., ORGANIC] -= tallies[-1:, ..., ORGANIC]
            tallies = tallies[:-1]
        return tallies

    def tally(
        self,
        market: Market,
        opened: Sequence[OpenPlan],
        seed: int,
        replications: Sequence[int],
        rows: tuple[Groups, int],
    ) -> Tallies:
        """Tallies of fidelity `counts` in one of the places, in rows of one's own and so many."""
        return self._run(market, opened, "counts", seed, replications, rows)

    def mean_spend(self, plan: PlanArrays) -> Floats:
        """Micros by campaign and hour block in a mean day, no budget spent: float64[C, B]."""
        return self.open(self.market, [plan], "expected")[0].rates

    def open(
        self, market: Market, plans: Sequence[PlanArrays], fidelity: str = "counts"
    ) -> list[OpenPlan]:
        """Plans as they are played in one of the places."""
        expected = fidelity == "expected"
        return open_plans(
            market.arrays, plans, self.pool, with_charge=expected, with_prices=not expected
        )

    def _run(
        self,
        market: Market,
        plans: Sequence[OpenPlan],
        fidelity: str,
        seed: int,
        replications: Sequence[int],
        rows: tuple[Groups, int],
        progress: Progress | None = None,
    ) -> np.ndarray:
        return run_histories(
            market,
            plans,
            *rows,
            Window(0, market.days),
            fidelity=fidelity,
            seed=seed,
            replications=replications,
            pool=self.pool,
            progress=progress,
        )


def _rows(market: Market, by: Sequence[str] = ()) -> tuple[Groups, int]:
    grouping = group_rows(market, 0, market.days, by)
    return grouping.groups, grouping.size


def silent(plan: PlanArrays) -> PlanArrays:
    """The plan without ads."""
    return plan._replace(bid=np.zeros_like(plan.bid))


def warn_of_living_crowds(scenario: Scenario) -> None:
    """Say what the closed forms do not see where persons move between states."""
    if scenario.journey is not None:
        warnings.warn(
            "bids and bound hold the crowds of the first morning fixed: where a plan fills the "
            "[journey]'s crowds it may pass the bound; the comparison lets persons live",
            stacklevel=3,
        )


def warn_of_rotations(scenario: Scenario) -> None:
    """Say what the closed forms do not see where creatives' shares or factors change."""
    if not is_steady(scenario, todays_plan(scenario)):
        warnings.warn(
            "bids and bound hold creatives fixed, unworn and in the shares of the first hour: a "
            "plan may pass the bound; the comparison rotates them. Where that matters, optimize "
            'once the winner is known, with how = "only"',
            stacklevel=3,
        )


def open_bench(
    market: Market, pool: ThreadPoolExecutor, scenarios: Sequence[Scenario] = ()
) -> Bench:
    """The bench of a market, or of the markets that `scenarios` make of it."""
    if not scenarios:
        return Bench(market, pool)
    markets = tuple(vary_market(market, scenario) for scenario in scenarios)
    return Bench(mix_markets(markets), pool, markets)


def _part_of(progress: Progress | None, number: int, count: int) -> Progress | None:
    """Progress of one market of several as progress of all."""
    if progress is None or count == 1:
        return progress
    return lambda done, total: progress(number * total + done, count * total)


def check_settings(replications: int, seed: int, threads: int | None) -> list[Problem]:
    """What is wrong with the settings that every search and comparison shares."""
    return whole_problems(
        ("replications", replications, 2, 1_000_000),
        ("seed", seed, 0, LARGEST_SEED),
        ("threads", threads, 1, 1024),
    )


def raise_problems(problems: Sequence[Problem]) -> None:
    """Raise OptimizeError with all problems, if there are any."""
    if problems:
        raise OptimizeError(*problems)
