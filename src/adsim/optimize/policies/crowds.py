"""Premiums by crowd: what a policy sets, and what they should be by what clicks are worth.

Where a click's charge is set by the next ad, the best bid for it is in proportion to its worth,
whatever the rivals (exactly so in a second-price auction, Vickrey 1961). So the best premiums are
those whose bids follow the worth of a click from audience cell to audience cell, as far as one
premium a crowd can, the highest one holding: a least-squares fit, weighted by clicks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from adsim.optimize.policies.parameters import Parameter
from adsim.results.tables import Floats
from adsim.scenario import Plan, Scenario
from adsim.scenario.models import Campaign

LARGEST_PREMIUM = 10.0  # 1000 %, what Kuaiche accepts
LEAST_PREMIUM = 0.05  # a crowd with less is not used
MOST_CROWDS = 10  # of a campaign, what Kuaiche accepts
DECIMALS = 2
TRIED = np.append(0.0, np.geomspace(1 + LEAST_PREMIUM, 1 + LARGEST_PREMIUM, 60) - 1)
ROUNDS = 30
TINY = 1e-300
CLOSE = 1e-9  # relative; a premium that is so close to today's is today's


def crowd_parameters(scenario: Scenario, plan: Plan) -> Iterator[Parameter]:
    """A premium a crowd in which there is somebody; neutral: the mean of today's."""
    for crowd in scenario.crowds:
        if crowd.share != 0:  # None: as large as its members make it
            today = [campaign.premiums.get(crowd.name, 0.0) for campaign in plan.campaigns]
            neutral = round(float(np.mean(today)), DECIMALS)
            yield Parameter(f"premium.{crowd.name}", 0.0, LARGEST_PREMIUM, True, neutral, 1.0)


def premiums_at(
    campaign: Campaign, parameters: tuple[Parameter, ...], values: Mapping[str, float]
) -> dict[str, float]:
    """The campaign's premiums at these values: the same in all campaigns, where one moves."""
    premiums = dict(campaign.premiums)
    moved = False
    for one in parameters:
        value = values.get(one.name, one.neutral)
        if one.name.startswith("premium.") and abs(value - one.neutral) > CLOSE * (1 + value):
            premiums[one.name.removeprefix("premium.")] = _rounded(value)
            moved = True
    if not moved:
        return premiums
    return {name: one for name, one in _most(premiums).items() if one or name in campaign.premiums}


def _rounded(value: float) -> float:
    return 0.0 if value < LEAST_PREMIUM else min(round(value, DECIMALS), LARGEST_PREMIUM)


def _most(premiums: dict[str, float]) -> dict[str, float]:
    """The highest ones, as many as a campaign may have."""
    kept = set(sorted(premiums, key=lambda name: -premiums[name])[:MOST_CROWDS])
    return {name: value if name in kept else 0.0 for name, value in premiums.items()}


@dataclass(frozen=True)
class Audiences:
    """What a click is worth by audience cell.

    Attributes:
        members: The crowds of every cell.
        clicks, worth: float64[cells], clicks a day where all are seen, and the worth of one.
        bid: What bids are like now, in units of a click's worth; 0 where that is not known.
    """

    members: tuple[tuple[str, ...], ...]
    clicks: Floats
    worth: Floats
    bid: float

    def price(self, names: list[str], bid: float | None = None) -> tuple[dict[str, float], float]:
        """Premiums that follow the worth of a click, and the bid that suits them best.

        Bids are in units of a click's worth; `bid`: the one that they have to stand on, if any.
        """
        inside = np.array([[name in crowds for name in names] for crowds in self.members], bool)
        factor = np.ones(len(names))
        for _ in range(ROUNDS):
            before = factor.copy()
            for crowd in range(len(names)):
                factor[crowd] = self._best_factor(inside, factor, crowd, bid)
            if np.array_equal(before, factor):
                break
        told = {name: float(one - 1) for name, one in zip(names, factor, strict=True)}
        return told, self.base(told)

    def base(self, premiums: Mapping[str, float]) -> float:
        """The bid, in units of a click's worth, that suits these premiums best."""
        factor = np.array([_factor(premiums, crowds) for crowds in self.members])
        return float(self._base(factor[:, None])[0])

    def _best_factor(
        self, inside: np.ndarray, factor: Floats, crowd: int, bid: float | None
    ) -> float:
        others = np.where(inside, factor, 1.0)
        others[:, crowd] = 1.0
        tried = 1 + TRIED
        mine = np.where(inside[:, [crowd]], tried[None, :], 1.0)
        cells = np.maximum(others.max(axis=1)[:, None], mine)
        base = self._base(cells) if bid is None else np.full(len(tried), bid)
        error = base * cells - self.worth[:, None]
        return float(tried[int(np.argmin(self.clicks @ error**2))])

    def _base(self, factor: Floats) -> Floats:
        """The least-squares bid of every column of factor[cells, n]."""
        return np.asarray(
            (self.clicks * self.worth) @ factor / np.maximum(self.clicks @ factor**2, TINY)
        )


def _factor(premiums: Mapping[str, float], crowds: tuple[str, ...]) -> float:
    return 1 + max((premiums.get(crowd, 0.0) for crowd in crowds), default=0.0)


def list_audiences(
    members: tuple[tuple[tuple[str, ...], str], ...], clicks: Floats, worth: Floats, bid: float
) -> Audiences:
    """Sides (crowds and device; clicks and worth of one float64[S]) without their devices."""
    names = list(dict.fromkeys(crowds for crowds, _ in members))
    cell = np.array([names.index(crowds) for crowds, _ in members])
    total = np.bincount(cell, clicks)
    value = np.asarray(np.bincount(cell, clicks * worth) / np.maximum(total, TINY))
    return Audiences(tuple(names), np.asarray(total, np.float64), value, bid)
