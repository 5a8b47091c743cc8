"""The days of a scenario by what tells them apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adsim.kernels.model import HOURS_A_DAY, Market, PlanArrays
from adsim.results.tables import Floats


@dataclass(frozen=True)
class Days:
    """The days of a scenario by what tells them apart.

    Attributes:
        weight: float64[D, B], mean days of searches in every hour block on one day of a kind.
        count: int64[D], number of days of a kind.
    """

    weight: Floats
    count: np.ndarray

    @property
    def mean(self) -> Floats:
        """Weight of the mean day, float64[B]."""
        return np.asarray(self.count @ self.weight / self.count.sum())

    @property
    def demand(self) -> Floats:
        """Searches of a day of each kind, over those of the mean day."""
        mean = self.mean.sum()
        return np.asarray(self.weight.sum(axis=1) / mean if mean > 0 else np.ones(len(self.count)))


def list_days(market: Market, plan: PlanArrays) -> Days:
    """The kinds of days of the market's window under the plan's hour blocks."""
    n_blocks = plan.coefficient.shape[2]
    rows = np.zeros((len(market.hour_factor), n_blocks))
    for day, factors in enumerate(market.hour_factor):
        first = (market.weekday + day) % 7 * HOURS_A_DAY
        np.add.at(rows[day], plan.block[first : first + HOURS_A_DAY], factors)
    weight, count = np.unique(rows, axis=0, return_counts=True)
    return Days(weight, count)
