"""Where a search over policies starts: what a buyer would try first."""

from __future__ import annotations

from collections.abc import Iterator

from adsim.optimize.aims.goals import Goal
from adsim.optimize.policies.policy import NEUTRAL, Policy

PARTS_OF_WORTH = (1.0, 0.5)  # of the premium that a crowd's clicks are worth
MOVES = {"scale": (0.85,), "hours": (0.7,), "budget": (0.6,)}


def list_starts(policy: Policy, goal: Goal) -> list[dict[str, float]]:
    """Values of the first trials, without repetition; what is left out is neutral.

    The plan itself; flat hours; crowds and devices bid up by what their clicks are worth, with
    today's hours and with flat ones; then single moves.
    """
    flat = {"hours.shape": 0.0}
    starts: list[dict[str, float]] = [{}, flat]
    for part in PARTS_OF_WORTH:
        worth = _worth(policy, goal, part)
        starts += [worth, {**worth, **flat}]
    for parameter in policy.parameters:
        starts += ({parameter.name: move} for move in MOVES.get(parameter.name.split(".")[0], ()))
    ranges = {p.name: (p.low, p.high) for p in policy.parameters}
    within = [
        {
            n: min(max(value, ranges[n][0]), ranges[n][1])
            for n, value in start.items()
            if n in ranges
        }
        for start in starts
    ]
    return [start for i, start in enumerate(within) if start not in within[:i]]


def _worth(policy: Policy, goal: Goal, part: float) -> dict[str, float]:
    """Coefficients in proportion to orders a click, as far as `part` says.

    Where every click counts the same, no crowd is worth a premium.
    """
    return {name: factor**part for name, factor in _factors(policy, goal)}


def _factors(policy: Policy, goal: Goal) -> Iterator[tuple[str, float]]:
    by_click = goal.click > 0
    campaigns = policy.plan.campaigns
    for crowd in policy.scenario.crowds:
        today = sum(c.premiums.get(crowd.name, 0.0) for c in campaigns) / len(campaigns)
        yield f"premium.{crowd.name}", (NEUTRAL if by_click else crowd.cvr) / (1 + today)
    devices = policy.scenario.devices
    for device in devices[1:]:
        today = sum(c.devices.get(device.name, NEUTRAL) for c in campaigns) / len(campaigns)
        cvr = NEUTRAL if by_click or not devices[0].cvr else device.cvr / devices[0].cvr
        if today > 0 and cvr > 0:
            yield f"device.{device.name}", cvr / today
