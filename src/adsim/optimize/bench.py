"""The bench on which plans are tried: one compiled market, plans as an axis, common luck."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from adsim.errors import OptimizeError, Problem
from adsim.kernels.model import PlanArrays, Window
from adsim.market.compile import Market
from adsim.results.tables import Floats, Tallies
from adsim.scenario.arguments import whole_problems
from adsim.simulate.grouping import group_rows
from adsim.simulate.histories import Progress, run_histories
from adsim.simulate.opening import OpenPlan, open_plan
from adsim.simulate.run import LARGEST_SEED


@dataclass(frozen=True)
class Bench:
    """A compiled market, and the threads that run plans in it.

    Tallies have the shape (plans, replications, groups, fields).
    """

    market: Market
    pool: ThreadPoolExecutor

    def expect(self, plans: Sequence[PlanArrays], by: Sequence[str] = ()) -> Floats:
        """Tallies of fidelity `expected`: one replication, budgets as a fluid."""
        opened = [self._open(plan, "expected") for plan in plans]
        return self._run(opened, "expected", 0, 1, by, None)

    def count(
        self,
        plans: Sequence[PlanArrays],
        seed: int,
        replications: int,
        progress: Progress | None = None,
    ) -> Tallies:
        """Tallies of fidelity `counts`, the same luck for every plan."""
        opened = [self._open(plan, "counts") for plan in plans]
        return self._run(opened, "counts", seed, replications, (), progress)

    def mean_spend(self, plan: PlanArrays) -> Floats:
        """Micros by campaign and hour block in a mean day, no budget spent: float64[C, B]."""
        return self._open(plan, "expected").rates

    def _open(self, plan: PlanArrays, fidelity: str) -> OpenPlan:
        expected = fidelity == "expected"
        return open_plan(
            self.market.arrays, plan, self.pool, with_charge=expected, with_prices=not expected
        )

    def _run(
        self,
        plans: Sequence[OpenPlan],
        fidelity: str,
        seed: int,
        replications: int,
        by: Sequence[str],
        progress: Progress | None,
    ) -> np.ndarray:
        grouping = group_rows(self.market, 0, self.market.days, by)
        return run_histories(
            self.market.arrays,
            plans,
            grouping.groups,
            grouping.size,
            Window(0, self.market.days),
            fidelity=fidelity,
            seed=seed,
            replications=range(replications),
            pool=self.pool,
            progress=progress,
        )


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
