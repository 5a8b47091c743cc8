"""One test judged: standing of its creatives, lifts, and how even its impressions were."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import chdtrc, ndtr

from adsim.creatives.beliefs import Beliefs, rate_beliefs, return_beliefs
from adsim.creatives.counts import column
from adsim.creatives.goals import Goal
from adsim.creatives.options import Options
from adsim.creatives.power import p_value, trials_needed
from adsim.creatives.race import ratio_quantiles, run_race
from adsim.creatives.spread import Floats

TAILS = np.array([0.025, 0.975])
EQUAL = 1e-9  # relative difference of two expected values that are the same


@dataclass(frozen=True)
class Judged:
    """What a test of K creatives says.

    Attributes:
        names: Of the creatives.
        expected, p_best, loss, loss_share: (K,) expected value of the goal, probability of being
            the best, expected loss of stopping now and choosing it, that loss / expected best.
        lift, lift_low, lift_high: (K,) over the control, or over the best other one, with the
            95 % interval; NaN of the control itself and of a creative alone.
        decision: take, no difference, go on, or single.
        leader: Index of the highest expected value.
        successes: Clicks, carts or orders that the goal rests on, of all creatives together.
        p_value: Two-sided, of the claim that the leader is better than all others.
        imbalance: Largest deviation of a creative's impressions from their mean, as a share.
        imbalance_p: p of the chi-square test that all were equally likely to be shown.
        needed: Impressions that each creative needs for the lift asked for; None = unknown.
    """

    names: tuple[str, ...]
    impressions: Floats
    expected: Floats
    p_best: Floats
    loss: Floats
    loss_share: Floats
    lift: Floats
    lift_low: Floats
    lift_high: Floats
    decision: str
    leader: int
    p_value: float | None
    imbalance: float
    imbalance_p: float | None
    needed: float | None
    successes: float

    @property
    def front(self) -> tuple[str, ...]:
        """The creatives of the highest expected value; several only where they are equal."""
        highest = self.expected[self.leader] * (1.0 - EQUAL)
        return tuple(
            name for name, x in zip(self.names, self.expected, strict=True) if x >= highest
        )

    @property
    def leads(self) -> bool:
        """Whether counts, and not their order, put the leader in front."""
        return self.successes > 0 and len(self.front) == 1


def judge(rows: pl.DataFrame, goal: Goal, spread: float | None, options: Options) -> Judged:
    """Judge one test; `spread` as in `rate_beliefs`."""
    names = tuple(rows["creative"])
    beliefs = beliefs_of(rows, goal, spread, options.order_cv)
    race = run_race(beliefs)
    leader = int(np.argmax(race.expected))
    best = race.expected[leader] + race.loss[leader]
    control = names.index(options.control) if options.control is not None else None
    lifts = _lifts(beliefs, race.expected, leader, control)
    shares = race.loss / best
    impressions = column(rows, "impressions")
    imbalance, imbalance_p = _imbalance(impressions)
    return Judged(
        names,
        impressions,
        race.expected,
        race.p_best,
        race.loss,
        shares,
        *lifts,
        decision=_decision(shares, leader, options.care),
        leader=leader,
        p_value=_p_value(rows, goal, leader, options.order_cv),
        imbalance=imbalance,
        imbalance_p=imbalance_p,
        needed=_needed(rows, goal, options),
        successes=float(column(rows, goal.successes).sum()),
    )


def beliefs_of(rows: pl.DataFrame, goal: Goal, spread: float | None, order_cv: float) -> Beliefs:
    """What is known of the goal's value of each creative."""
    successes, trials = column(rows, goal.successes), column(rows, goal.trials)
    rates = rate_beliefs(successes, trials, spread)
    if not goal.pays:
        return rates
    cost = trial_costs(trials, column(rows, "spend")) if goal.per_spend else np.ones_like(trials)
    return return_beliefs(rates, successes, column(rows, "revenue"), cost, order_cv)


def trial_costs(trials: Floats, spend: Floats) -> Floats:
    """Spend a trial as it was; that of all together where a creative has none."""
    common = spend.sum() / trials.sum() if trials.sum() > 0 and spend.sum() > 0 else 1.0
    own = (trials > 0) & (spend > 0)
    return np.divide(spend, trials, out=np.full_like(spend, common), where=own)


def _lifts(
    beliefs: Beliefs, expected: Floats, leader: int, control: int | None
) -> tuple[Floats, Floats, Floats]:
    n = expected.size
    lift, low, high = (np.full(n, np.nan) for _ in range(3))
    order = np.argsort(-expected, kind="stable")
    for i in range(n):
        other = control if control is not None else next((j for j in order if j != i), i)
        if other != i:
            lift[i] = expected[i] / expected[other] - 1.0
            low[i], high[i] = ratio_quantiles(beliefs, i, int(other), TAILS) - 1.0
    return lift, low, high


def _decision(shares: Floats, leader: int, care: float) -> str:
    if shares.size == 1:
        return "single"
    if shares[leader] > care:
        return "go on"
    return "no difference" if (shares <= care).all() else "take"


def _imbalance(impressions: Floats) -> tuple[float, float | None]:
    """The chi-square test of equal shares (Pearson), and the largest deviation."""
    mean = impressions.mean()
    if impressions.size == 1 or mean == 0:
        return 0.0, None
    deviations = impressions - mean
    statistic = float((deviations**2).sum() / mean)
    return float(np.abs(deviations).max() / mean), float(chdtrc(impressions.size - 1, statistic))


def _p_value(rows: pl.DataFrame, goal: Goal, leader: int, order_cv: float) -> float | None:
    successes, trials = column(rows, goal.successes), column(rows, goal.trials)
    if not goal.pays:
        return p_value(successes, trials, leader)
    bottom = column(rows, "spend") if goal.per_spend else trials
    revenue = column(rows, "revenue")
    if successes.size < 2 or (revenue == 0).any() or (bottom == 0).any():
        return None
    logs = np.log(revenue / bottom)
    variance = (1.0 + order_cv**2) / successes  # delta method
    z = (logs[leader] - logs) / np.sqrt(variance + variance[leader])
    return float(min(1.0, 2.0 * ndtr(-np.delete(z, leader).min())))


def _needed(rows: pl.DataFrame, goal: Goal, options: Options) -> float | None:
    """Impressions of each creative before the lift asked for is told from luck."""
    successes, trials = column(rows, goal.successes).sum(), column(rows, goal.trials).sum()
    impressions = column(rows, "impressions").sum()
    if rows.height < 2 or successes == 0 or successes * (1.0 + options.lift) >= trials:
        return None
    noise = 1.0 + options.order_cv**2 if goal.pays else 1.0
    needed = trials_needed(
        successes / trials, options.lift, rows.height, options.power, options.alpha, noise
    )
    return float(np.ceil(needed * impressions / trials)) if np.isfinite(needed) else None
