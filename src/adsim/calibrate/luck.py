"""Luck of a fit: keyed by seed, market and keyword, whatever else stands in the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from adsim.calibrate.rates import Floats

# What a draw is for: part of the recipe, never renumber one.
FOLD = 0
WEIGHT = 1
SEARCHES = 2
POSITION = 3
CLICK_RATE = 4
ORDER_RATE = 5
CHARGE = 6
VALUE = 7
CLICKS = 8
ORDERS = 9
SPEND = 10
REVENUE = 11
TIE = 12
SIGMA = 13
SHOCK = 14
DEMAND = 15

HIGHEST = np.nextafter(1.0, 0.0)


@dataclass(frozen=True)
class Luck:
    """The luck of one fitted market; number 0 is the luck of the fit itself.

    Attributes:
        seed: 0 to 2**32 - 1.
        market: Number of the market.
        identity: uint64, stable id of what luck is drawn for, one a row.
    """

    seed: int
    market: int
    identity: NDArray[np.uint64]

    @classmethod
    def of(cls, seed: int, market: int, *columns: Sequence[str]) -> Luck:
        """Luck of the things that the texts of each row name."""
        from adsim.market.ids import stable_ids  # late: the room loads numba

        return cls(seed, market, stable_ids(*columns))

    def named(self, names: Sequence[str]) -> Luck:
        """The same luck for other things, such as campaigns."""
        return replace(self, identity=Luck.of(0, 0, names).identity)

    def uniform(self, use: int) -> Floats:
        """Uniforms in (0, 1)."""
        from adsim.kernels.doors import draw_uniforms_of
        from adsim.kernels.random import FITTING, make_luck

        out = np.empty(self.identity.size)
        draw_uniforms_of(make_luck(self.seed, self.market), self.identity, use, FITTING, out)
        return out

    def weight(self) -> Floats:
        """Weights of the Bayesian bootstrap (Rubin 1981): exponential with mean 1."""
        return np.asarray(-np.log(self.uniform(WEIGHT)))

    def normal(self, use: int) -> Floats:
        from scipy.special import ndtri

        return np.asarray(ndtri(self.uniform(use)))

    def gamma(self, shape: Floats, use: int) -> Floats:
        """Gamma with that shape and scale 1; 0 where the shape is 0."""
        from scipy.special import gammaincinv

        return np.asarray(
            np.where(shape > 0, gammaincinv(np.maximum(shape, 1e-12), self.uniform(use)), 0.0)
        )

    def beta(self, alpha: Floats, beta: Floats, use: int) -> Floats:
        from scipy.special import betaincinv

        return np.asarray(np.minimum(betaincinv(alpha, beta, self.uniform(use)), HIGHEST))

    def poisson(self, mean: Floats, use: int) -> Floats:
        from scipy.special import pdtrik

        return np.asarray(np.where(mean > 0, np.ceil(pdtrik(self.uniform(use), mean)), 0.0))

    def binomial(self, trials: Floats, rate: Floats, use: int, least_one: bool = False) -> Floats:
        """Exact counts; trials are rounded to whole ones. `least_one`: given that it is not 0."""
        from adsim.kernels.doors import draw_binomials

        out = np.empty(trials.size, np.int64)
        whole = np.rint(trials).astype(np.int64)
        uniform = self.uniform(use)
        if least_one:
            none = np.exp(whole * np.log1p(-np.minimum(rate, HIGHEST)))
            uniform = np.minimum(none + (1.0 - none) * uniform, HIGHEST)
        draw_binomials(uniform, whole, rate, out)
        return out.astype(np.float64)
