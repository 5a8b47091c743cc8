"""Where a search over policies starts: what a buyer would try first."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from adsim.optimize.policies.climbing import Score, Values, climb
from adsim.optimize.policies.crowds import Audiences
from adsim.optimize.policies.parameters import NEUTRAL
from adsim.optimize.policies.policy import Policy

PARTS_OF_WORTH = (1.0, 0.5)  # of the premium that a crowd's clicks are worth
FLAT = {"hours.shape": 0.0}
MOVES = {"scale": 0.85, "value": 1.2, "mix": 0.7, "hours": 0.7, "budget": 0.6}


def list_starts(policy: Policy, audiences: Audiences, score: Score) -> list[Values]:
    """Values of the first trials, without repetition; what is left out is neutral.

    The plan itself; crowds and devices bid up by what their clicks are worth, with other bids
    lowered and with bids as they are; all of them with flat hours, too; the best of these after a
    climb in closed form; then single moves from there.
    """
    bases = list_bases(policy, audiences)
    best = bases[int(np.argmax(score(bases)))]
    top = climb(policy.parameters, _level(policy), best, score)
    moved = [{**top, name: value * top.get(name, NEUTRAL)} for name, value in _moves(policy)]
    return _distinct(policy, [*bases, top, *moved])


def list_bases(policy: Policy, audiences: Audiences, *more: Values) -> list[Values]:
    """The first of them, before the climb; `more` values to begin with."""
    names = [one.name.split(".", 1)[1] for one in policy.parameters if _is_premium(one.name)]
    worths = [_worth(policy, audiences, names, part) for part in PARTS_OF_WORTH]
    bases = [{}, *worths, _alone(policy, audiences, names)]
    both = [one for base in bases for one in (base, {**base, **FLAT})]
    return _distinct(policy, [*both, *more])


def _moves(policy: Policy) -> Iterator[tuple[str, float]]:
    for parameter in policy.parameters:
        kind = parameter.name.split(".")[0]
        if kind in MOVES and parameter.name not in FLAT:
            yield parameter.name, MOVES[kind]


def _distinct(policy: Policy, starts: list[Values]) -> list[Values]:
    """Without parameters that there are not, and within the range of those that there are."""
    ranges = {one.name: (one.low, one.high) for one in policy.parameters}
    within = [
        {
            name: min(max(value, ranges[name][0]), ranges[name][1])
            for name, value in start.items()
            if name in ranges
        }
        for start in starts
    ]
    return [start for i, start in enumerate(within) if start not in within[:i]]


def _worth(policy: Policy, audiences: Audiences, names: list[str], part: float) -> Values:
    """Premiums and device coefficients by the worth of a click, as far as `part` says.

    All bids are scaled so that they suit the premiums as they suited today's.
    """
    premiums, base = audiences.price(names)
    today = audiences.base({name: _today(policy, name) for name in names})
    scale = base / today if today > 0 and base > 0 else NEUTRAL
    values = dict.fromkeys(_level(policy), scale**part)
    values |= {f"premium.{name}": (1 + one) ** part - 1 for name, one in premiums.items()}
    return values | {name: factor**part for name, factor in _devices(policy)}


def _alone(policy: Policy, audiences: Audiences, names: list[str]) -> Values:
    """Premiums and device coefficients by the worth of a click, and bids as they are."""
    if audiences.bid <= 0:
        return {}
    premiums, _ = audiences.price(names, audiences.bid)
    values = {f"premium.{name}": one for name, one in premiums.items()}
    return values | dict(_devices(policy))


def _level(policy: Policy) -> list[str]:
    """The parameters that move all bids together."""
    return [f"scale.{name}" for name in policy.bidding.purpose]


def _is_premium(name: str) -> bool:
    return name.startswith("premium.")


def _today(policy: Policy, crowd: str) -> float:
    return next(one.neutral for one in policy.parameters if one.name == f"premium.{crowd}")


def _devices(policy: Policy) -> Iterator[tuple[str, float]]:
    """In proportion to orders a click."""
    campaigns, devices = policy.plan.campaigns, policy.scenario.devices
    for device in devices[1:]:
        today = sum(c.devices.get(device.name, NEUTRAL) for c in campaigns) / len(campaigns)
        if today > 0 and device.cvr > 0 and devices[0].cvr:
            yield f"device.{device.name}", device.cvr / devices[0].cvr / today
