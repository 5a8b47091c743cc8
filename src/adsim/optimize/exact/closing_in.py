"""One knob turned until a condition just holds: the price of a target, or the money to spend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from adsim.optimize.exact.ascent import Climb


@dataclass(frozen=True)
class Point:
    """What comes of a knob's place: the slack of the condition rises with the knob."""

    knob: float
    climbs: list[Climb]
    value: float
    slack: float

    @property
    def last(self) -> Climb:
        """The plan that the slack is that of."""
        return self.climbs[-1]


Guess = Callable[[Point, Point], float]


def crossing(low: Point, high: Point) -> float:
    """Where the lines of two points of a convex dual meet: its least value lies there or between.

    The dual is value + knob x slack, whose slope is the slack: the cutting plane step of Kelley
    (1960), Newton's on a dual with corners; it ends at the corner itself.
    """
    return (low.value - high.value) / (high.slack - low.slack)


def secant(low: Point, high: Point) -> float:
    """Where the slack would be 0 on the line between two points."""
    return low.knob - (high.knob - low.knob) * low.slack / (high.slack - low.slack)


def close_in(
    at: Callable[[float], Point], low: Point, high: Point, guess: Guess, rounds: int
) -> tuple[Point, Point]:
    """The nearest points found on both sides of slack 0.

    Every third step halves the bracket, so that no bad shape can hold it up.
    """
    for turn in range(rounds):
        if np.array_equal(low.last.bids, high.last.bids):
            break
        knob = guess(low, high)
        if turn % 3 == 2 or not low.knob < knob < high.knob:
            knob = (low.knob + high.knob) / 2
        if not low.knob < knob < high.knob:
            break
        point = at(knob)
        known = any(np.array_equal(point.last.bids, end.last.bids) for end in (low, high))
        if known and guess is crossing:  # the corner of the dual
            break
        low, high = (low, point) if point.slack >= 0 else (point, high)
    return low, high
