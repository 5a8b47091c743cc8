"""What a careful buyer wants: a good mean of the worst luck, few losses, or a good worst scenario.

    cvar:0.1   the most of the goal's mean over the worst 10 % of replications (CVaR, Rockafellar
               and Uryasev 2000; `adsim.results.risk`)
    loss:0.05  the most of the goal among plans that lose money in at most 5 % of replications: the
               profit of the whole window is below 0
    worst      the most of the goal's mean in the worst of several scenarios

A loss is a profit below 0, not below today's: money that is gone can be seen in an account, while
what another plan would have brought on the same days cannot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from adsim.errors import Problem
from adsim.results.risk import tail_size, tail_values
from adsim.results.tables import Floats

RiskKind = Literal["cvar", "loss", "worst", "mean"]
KINDS: tuple[RiskKind, ...] = get_args(RiskKind)[:3]  # that can be asked for
USUAL = {"cvar": 0.1, "loss": 0.05}
LEVELS = {"cvar": (0.02, 0.5), "loss": (0.01, 0.5)}
TRIED = {"mean": 32, "cvar": 128, "loss": 128}  # replications of a trial
TRIED_A_SCENARIO = 16
TESTED = 4  # as many replications in the last test as a mean needs


@dataclass(frozen=True)
class Risk:
    """What plans are ranked by instead of the mean, or must hold beside it.

    Attributes:
        kind: cvar, loss, worst; or mean, where no risk counts.
        level: The worst part of luck whose mean counts, or the highest share of losses.
    """

    kind: RiskKind
    level: float = 1.0

    @property
    def is_of_luck(self) -> bool:
        """Whether good and bad luck count differently."""
        return self.kind in ("cvar", "loss")

    def values(self, gains: Floats, market: np.ndarray) -> Floats:
        """Of gains float64[R]: values float64[R] whose mean ranks a plan.

        `market` int64[R]: where each replication was played. Values carry the error of the whole
        (the linear term of the delta method), so that paired differences have the right standard
        error.
        """
        if self.kind == "cvar":
            return tail_values(gains, self.level)
        return worst_values(gains, market) if self.kind == "worst" else gains

    def half_width(self, paired: Floats) -> float:
        """Half the 95 % interval of the mean of paired differences of values."""
        from scipy.special import stdtrit  # late: a third of a second that only searches pay

        n = len(paired)
        quantile = float(stdtrit(self.freedom(n), 0.975))
        return float(quantile * paired.std(ddof=1) / n**0.5)

    def freedom(self, n_replications: int) -> int:
        """Degrees of freedom of the standard error of so many values."""
        n = tail_size(n_replications, self.level) if self.kind == "cvar" else n_replications
        return max(1, n - 1)

    def trial_replications(self, n_markets: int) -> int:
        """Of a trial."""
        if self.kind == "worst":
            return n_markets * TRIED_A_SCENARIO
        return TRIED[self.kind]

    def test_replications(self, replications: int, n_markets: int) -> int:
        """Of the last test, where `replications` would do for a mean."""
        if self.kind == "worst":
            return replications * n_markets
        return replications * TESTED if self.is_of_luck else replications

    def lack(self, profits: Floats) -> float:
        """How far above the level the share of losses is, as a part of it; 0 = held with room.

        A search that takes the best of many must not end at the very edge, which it would pass on
        the next luck: the share has to be a standard error below the level.
        """
        if self.kind != "loss":
            return 0.0
        room = (self.level / len(profits)) ** 0.5
        return max(0.0, float((profits < 0).mean() + room) / self.level - 1)


def worst_values(gains: Floats, market: np.ndarray) -> Floats:
    """Values float64[R] whose mean is the least of the means by market, int64[R]."""
    counts = np.bincount(market)
    means = np.bincount(market, gains) / counts
    worst = int(np.argmin(means))
    error = (gains - means[worst]) * len(gains) / counts[worst]
    return np.asarray(means[worst] + np.where(market == worst, error, 0.0))


def parse_risk(text: str) -> Risk | Problem:
    """`cvar`, `cvar:0.05`, `loss:0.1` or `worst`; what is wrong with it otherwise."""
    kind, colon, level = str(text).partition(":")
    rule = "must be cvar, cvar:PART, loss, loss:SHARE or worst"
    if kind not in KINDS or (kind == "worst" and colon):
        return Problem("risk", rule, f"is {text!r}", "give cvar:0.1, say")
    if kind == "worst":
        return Risk("worst")
    low, high = LEVELS[kind]
    try:
        value = float(level) if colon else USUAL[kind]
    except ValueError:
        return Problem("risk", rule, f"is {text!r}", f"give {kind}:{USUAL[kind]}, say")
    if not low <= value <= high:
        rule = f"{kind}: must be followed by a number from {low} to {high}"
        return Problem("risk", rule, f"is {text!r}", f"give {kind}:{USUAL[kind]}, say")
    return Risk(kind, value)


MEAN = Risk("mean")
"""No risk counts."""
