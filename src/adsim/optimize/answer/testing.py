"""The last test: today's plan and the one found on fresh luck, for as long as it teaches something.

Both plans are played in rounds of 32, 64, 128, ... replications in all, in several markets 8 or
more of each, and in as many as were asked for at most. The test ends earlier where all that it is
to tell is known: what today's plan brings, what the one found brings, and their difference, each
with a 95 % interval of at most PRECISION of it to both sides. Such an interval ends 20 times its
half-width from 0, so that looking several times makes no plan seem better that is not; and the
interval of a mean stays nearly right where it ends a sequence by its width (Chow and Robbins, On
the asymptotic theory of fixed-width sequential confidence intervals for the mean, Annals of
Mathematical Statistics 36, 1965; relative widths: Glynn and Whitt, The asymptotic validity of
sequential stopping rules for stochastic simulations, Annals of Applied Probability 2, 1992).

How often money is lost is known from many replications only: where that counts, all are played.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from adsim.optimize.aims.goals import Aim, gains_of
from adsim.optimize.aims.risk import MEAN
from adsim.optimize.exact.candidates import Workplace, same_plan
from adsim.optimize.policies.racing import list_rounds
from adsim.optimize.searching import Searched
from adsim.optimize.steps import part_of
from adsim.results.compare import residuals
from adsim.results.registry import COLUMNS
from adsim.results.tables import Floats, Tallies, mean_value
from adsim.simulate.histories import Progress

PRECISION = 0.05
FIRST_A_MARKET = 8

Draw = Callable[[range], Tallies]
"""Tallies of today's plan and of the one found in some replications, maybe a few more."""


def play_test(home: Workplace, found: Searched, luck: tuple[int, int, Progress | None]) -> Tallies:
    """Tallies[2, R, groups, fields]: of today's plan at `home`, of the plan found at its place.

    `luck`: seed, and how many replications at most; what is told of the progress.
    """
    seed, most, progress = luck
    n_markets = len(home.bench.places)

    def draw(replications: range) -> Tallies:
        told = part_of(progress, replications.start, replications.stop, most)
        return _play(home, found, seed, replications, told)

    aim = found.exact.aim
    first = max((aim.risk or MEAN).trial_replications(n_markets), FIRST_A_MARKET * n_markets)
    tallies = play_rounds(draw, list_rounds(first, most), aim, n_markets)
    if progress is not None:
        progress(most, most)
    return tallies


def play_rounds(draw: Draw, rounds: list[int], aim: Aim, n_markets: int) -> Tallies:
    """Tallies of as many rounds as it takes; `rounds`: after how many replications each ends."""
    tallies = draw(range(rounds[0]))
    for end in rounds[1:]:
        if tallies.shape[1] >= end or is_precise(aim, tallies, n_markets):
            break
        tallies = np.concatenate((tallies, draw(range(tallies.shape[1], end))), axis=1)
    return tallies


def is_precise(aim: Aim, tallies: Tallies, n_markets: int) -> bool:
    """Whether what counts is known of both plans, and of their difference."""
    risk = aim.risk or MEAN
    if risk.kind == "loss":
        return False
    today, new = values_of(aim, tallies, n_markets)
    told = (today, new, new - today)
    return all(risk.half_width(one) <= PRECISION * abs(one.mean()) for one in told)


def values_of(aim: Aim, tallies: Tallies, n_markets: int) -> Floats:
    """Values float64[plans, R] whose means are what plans are ranked by."""
    metric = aim.measured.name
    if COLUMNS[metric].per:
        return np.array([_rates(metric, one) for one in tallies])
    gains = gains_of(tallies, metric)
    market = np.arange(gains.shape[1]) % n_markets
    return np.array([(aim.risk or MEAN).values(one, market) for one in gains])


def _rates(metric: str, tallies: Tallies) -> Floats:
    totals = tallies.sum(axis=1).T
    return np.asarray(mean_value(COLUMNS[metric], totals) + residuals(COLUMNS[metric], totals))


def _play(
    home: Workplace,
    found: Searched,
    seed: int,
    replications: range,
    progress: Progress | None,
) -> Tallies:
    today, best = home.today.arrays, found.best.arrays
    if found.place is not home:
        n = len(replications)
        mine = home.bench.count([today], seed, replications, part_of(progress, 0, n, 2 * n))
        rest = part_of(progress, n, 2 * n, 2 * n)
        other = found.place.bench.count([best], seed, replications, rest)
        return np.concatenate((mine, other))
    if same_plan(best, today):
        return np.repeat(home.bench.count([today], seed, replications, progress), 2, axis=0)
    return home.bench.count([today, best], seed, replications, progress)
