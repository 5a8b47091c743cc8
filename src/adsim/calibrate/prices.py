"""How far costs per click stray from what bid and campaign tell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adsim.calibrate.rates import Floats, Groups

UNKNOWN_SPREAD = 0.5  # of the logarithm of cost per click / bid, where no two rows tell it
LEAST_SPREAD = 0.01


@dataclass(frozen=True)
class PriceNoise:
    """Spread of the logarithm of a row's cost per click around its campaign's share of the bid.

    A row's mean charge strays by `between`, the mean of its c clicks by `within` / sqrt(c) more.

    Attributes:
        between, within: Standard deviations.
        of_campaign: Standard deviation of the campaign's own share, by campaign.
    """

    between: float
    within: float
    of_campaign: Floats

    def of_row(self, clicks: Floats) -> Floats:
        """What is left unknown of the logarithm of a row's mean charge after its clicks."""
        return np.asarray((self.between**-2 + clicks * self.within**-2) ** -0.5)


def price_noise(clicks: Floats, cost: Floats, bid: Floats, campaign: Groups, n: int) -> PriceNoise:
    """Moments of log(cost per click / (bid x campaign's cost / (clicks x bid))).

    Its square has the mean between^2 + within^2 / clicks: a regression on 1 / clicks.
    """
    told = (clicks > 0) & (cost > 0) & (bid > 0)
    c, b, group = clicks[told], bid[told], campaign[told]
    offered = np.bincount(group, c * b, n).astype(np.float64)
    share = np.bincount(group, cost[told], n) / np.maximum(offered, 1e-300)
    squares = np.log(cost[told] / (c * b * share[group])) ** 2
    between, within = _moments(squares, 1.0 / c)
    rows = offered**2 / np.maximum(np.bincount(group, (c * b) ** 2, n), 1e-300)  # that count alike
    return PriceNoise(between, within, between / np.sqrt(np.maximum(rows, 1.0)))


def _moments(squares: Floats, rarity: Floats) -> tuple[float, float]:
    if squares.size < 2:
        return UNKNOWN_SPREAD, UNKNOWN_SPREAD
    varied = rarity - rarity.mean()
    slope = max(0.0, float(varied @ squares) / max(float(varied @ varied), 1e-300))
    slope = min(slope, float(squares.mean() / rarity.mean()))
    level = max(0.0, float(squares.mean() - slope * rarity.mean()))  # rounding goes below
    return max(level**0.5, LEAST_SPREAD), max(slope**0.5, LEAST_SPREAD)
