"""A policy: few numbers around a plan, from which a whole plan follows.

Every parameter has a neutral value, 1 but for premiums: all parameters at theirs give the plan
itself, to the last digit. Only parameters that can make a difference in the scenario exist.

    scale.PURPOSE, scale.MATCH_TYPE   factor on the bids of these keywords
    scale.low_quality, .high_quality  likewise, of the lowest and highest third by quality
    value.PURPOSE                     exponent: how steeply bids follow what a click is worth
    mix.MATCH_TYPE                    part of these keywords that stay, the most worth first
    premium.CROWD                     premium in all campaigns; 0 = the crowd is not used
    device.DEVICE                     factor on the coefficient, in all campaigns
    hours.FROM-TO                     factor on the coefficients of a part of the day, likewise
    hours.shape                       exponent on today's hour coefficients: 0 makes them flat
    budget.CAMPAIGN                   most that a campaign may spend, as a part of the account's

Parts of the day are the contiguous hours that differ least within in the demand curve. Budgets are
caps and need not sum to 1, so that today's, where every campaign may spend all, is one of them.

A campaign with a keyword that must keep an impression share keeps its premiums and coefficients:
the bids allowed are worked out at these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations

import numpy as np
import polars as pl

from adsim.optimize.aims.limits import ruling_limits
from adsim.optimize.aims.ranges import BidRanges
from adsim.optimize.changes import plan_of
from adsim.optimize.policies.bidding import Bidding, make_bidding
from adsim.optimize.policies.crowds import crowd_parameters, premiums_at
from adsim.optimize.policies.parameters import NEUTRAL, Parameter
from adsim.results.tables import Floats
from adsim.scenario import Plan, Scenario
from adsim.scenario.models import Campaign

PARTS_OF_A_DAY = 4
COEFFICIENTS = {"kuaiche": (0.3, 5.0)}  # hours and devices; what a platform accepts
USUAL_COEFFICIENTS = (0.1, 10.0)
LEAST_CAP = 0.05  # part of the account's budget
DECIMALS = 2  # of coefficients and budgets


@dataclass(frozen=True)
class Policy:
    """Parameters, and the plan that they change.

    Attributes:
        scenario: The world.
        plan: Where coefficients, premiums and budgets start from.
        bidding: Where bids start from, and how they move.
        kept: Campaigns that keep their premiums and coefficients.
        parameters: What may be changed.
    """

    scenario: Scenario
    plan: Plan
    bidding: Bidding
    kept: frozenset[str]
    parameters: tuple[Parameter, ...]

    def plan_at(self, values: Mapping[str, float]) -> Plan:
        """The plan of these values; parameters that are left out have their neutral value."""
        changed = plan_of(self.plan, self.bidding.bids_at(values))
        return replace(changed, campaigns=self._campaigns(values))

    def felt(self, values: Mapping[str, float]) -> dict[str, float]:
        """Those of the values that change something."""
        neutral = {one.name: one.neutral for one in self.parameters}
        return {name: value for name, value in values.items() if value != neutral[name]}

    def _campaigns(self, values: Mapping[str, float]) -> tuple[Campaign, ...]:
        return tuple(self._campaign(campaign, values) for campaign in self.plan.campaigns)

    def _campaign(self, campaign: Campaign, values: Mapping[str, float]) -> Campaign:
        update: dict[str, object] = {"daily_budget": self._budget(campaign, values)}
        if campaign.name not in self.kept:
            update["hours"] = self._hours(campaign, values)
            update["premiums"] = premiums_at(campaign, self.parameters, values)
            update["devices"] = self._devices(campaign, values)
        changes = {key: new for key, new in update.items() if new != getattr(campaign, key)}
        return campaign.model_copy(update=changes) if changes else campaign

    def _hours(
        self, campaign: Campaign, values: Mapping[str, float]
    ) -> tuple[tuple[float, ...], ...]:
        today = np.array(campaign.hours)
        shape = values.get("hours.shape", NEUTRAL)
        shaped = np.where(today > 0, np.maximum(today, 1e-9) ** shape, 0.0)
        factor = np.ones(24)
        for name, hours in _parts(self.scenario):
            factor[hours] = values.get(name, NEUTRAL)
        new = _within(shaped * factor, today, self._coefficients())
        return tuple(tuple(day) for day in new.tolist())

    def _devices(self, campaign: Campaign, values: Mapping[str, float]) -> dict[str, float]:
        names = [device.name for device in self.scenario.devices]
        today = np.array([campaign.devices.get(name, NEUTRAL) for name in names])
        factor = np.array([values.get(f"device.{name}", NEUTRAL) for name in names])
        new = np.where(today > 0, _within(today * factor, today, self._coefficients()), 0.0)
        pairs = zip(names, new.tolist(), strict=True)
        return {name: new for name, new in pairs if new != NEUTRAL or name in campaign.devices}

    def _budget(self, campaign: Campaign, values: Mapping[str, float]) -> float | None:
        part = values.get(f"budget.{campaign.name}", NEUTRAL)
        if part == NEUTRAL or self.plan.account_budget is None:
            return campaign.daily_budget
        cap = round(self.plan.account_budget * part, DECIMALS)
        return cap if campaign.daily_budget is None else min(cap, campaign.daily_budget)

    def _coefficients(self) -> tuple[float, float]:
        return COEFFICIENTS.get(self.scenario.scenario.platform, USUAL_COEFFICIENTS)


def make_policy(
    scenario: Scenario, plan: Plan, bids: np.ndarray, worth: Floats, ranges: BidRanges
) -> Policy:
    """The policy around a plan with bids int64[K] (micros, a row of plan.keywords each).

    worth: float64[K], what a click of each keyword is worth in the goal, in any unit.
    """
    shares = ruling_limits(ranges.limits, plan)["impression_share_min"]
    kept = frozenset(plan.keywords["campaign"].filter(pl.Series(shares >= 0)))
    bidding = make_bidding(plan, bids, worth, ranges)
    parameters = tuple(_list_parameters(scenario, plan, bidding, kept))
    return Policy(scenario, plan, bidding, kept, parameters)


def _list_parameters(
    scenario: Scenario, plan: Plan, bidding: Bidding, kept: frozenset[str]
) -> Iterator[Parameter]:
    if not (bidding.bids > 0).any():
        return
    yield from bidding.parameters()
    if len(kept) < len(plan.campaigns):
        yield from _coefficient_parameters(scenario, plan)
    if plan.account_budget is not None and len(plan.campaigns) > 1:
        for campaign in plan.campaigns:
            yield Parameter(f"budget.{campaign.name}", LEAST_CAP, NEUTRAL)


def _coefficient_parameters(scenario: Scenario, plan: Plan) -> Iterator[Parameter]:
    yield from crowd_parameters(scenario, plan)
    reach = _reach(COEFFICIENTS.get(scenario.scenario.platform, USUAL_COEFFICIENTS))
    for device in [d for d in scenario.devices if d.share > 0][1:]:
        yield Parameter(f"device.{device.name}", *reach)
    yield from _hour_parameters(scenario, plan, reach)


def _hour_parameters(
    scenario: Scenario, plan: Plan, reach: tuple[float, float]
) -> Iterator[Parameter]:
    """None where no budget can end: an hour's click is then worth what any other's is."""
    limited = plan.account_budget is not None
    limited |= any(campaign.daily_budget is not None for campaign in plan.campaigns)
    if limited:
        parts = _parts(scenario)
        demand = [sum(scenario.demand.hour[hour] for hour in hours) for _, hours in parts]
        main = int(np.argmax(demand))  # its level is that of all bids
        yield from (Parameter(name, *reach) for name, _ in parts[:main] + parts[main + 1 :])
    if any(len({*np.ravel(c.hours).tolist()} - {0.0}) > 1 for c in plan.campaigns):
        yield Parameter("hours.shape", 0.0, NEUTRAL, is_factor=False)


def _reach(accepted: tuple[float, float]) -> tuple[float, float]:
    """How far a factor on a coefficient reaches: from 1 halfway to either end, as factors go."""
    return accepted[0] ** 0.5, accepted[1] ** 0.5


def _parts(scenario: Scenario) -> list[tuple[str, list[int]]]:
    return [
        (f"hours.{hours[0]:02}-{hours[-1]:02}", hours)
        for hours in parts_of_day(tuple(scenario.demand.hour))
    ]


@lru_cache(maxsize=16)
def parts_of_day(demand: tuple[float, ...]) -> list[list[int]]:
    """The hours 0-23 in contiguous parts (one may pass midnight), least different within.

    The least sum of squares within parts among all ways to cut the circle; quarters where the
    demand is flat.
    """
    curve = np.array(demand)
    if np.ptp(curve) == 0:
        size = 24 // PARTS_OF_A_DAY
        return [list(range(first, first + size)) for first in range(0, 24, size)]
    cuts = np.array(list(combinations(range(24), PARTS_OF_A_DAY)))
    ends = np.roll(cuts, -1, axis=1)
    ends[:, -1] += 24
    sums, squares = (np.concatenate(([0.0], np.cumsum(np.tile(c, 2)))) for c in (curve, curve**2))
    inside = (sums[ends] - sums[cuts]) ** 2 / (ends - cuts)
    within = (squares[ends] - squares[cuts] - inside).sum(axis=1)
    best = int(np.argmin(np.round(within, 12)))
    pairs = zip(cuts[best].tolist(), ends[best].tolist(), strict=True)
    return [[hour % 24 for hour in range(first, end)] for first, end in pairs]


def _within(values: Floats, today: Floats, accepted: tuple[float, float]) -> Floats:
    """Rounded and within what is accepted; today's where nothing moves, and off stays off."""
    new = np.clip(np.round(values, DECIMALS) + 0.0, *accepted)  # no -0
    return np.where(np.isclose(values, today, rtol=1e-12, atol=0) | (values == 0), today, new)
