"""Two things that are wanted at once: what a front of plans is drawn over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adsim.errors import Problem
from adsim.optimize.aims.goals import REPORTED, gains_of
from adsim.results.risk import TAIL, tail_half_width, tail_values
from adsim.results.tables import Floats, Tallies

AXES = (*REPORTED, "spend", "mean", "cvar")


@dataclass(frozen=True)
class Axis:
    """One of the two.

    Attributes:
        name: As it was asked for.
        metric: The total that it is of.
        is_tail: Whether the mean of the worst tenth of luck counts, not that of all.
    """

    name: str
    metric: str
    is_tail: bool = False

    @property
    def sign(self) -> float:
        """1 where more is better, else -1."""
        return -1.0 if self.metric == "spend" else 1.0

    def values(self, tallies: Tallies) -> Floats:
        """Of tallies[plan, replication, group, field]: values [plan, R] whose mean is wanted."""
        gains = gains_of(tallies, self.metric)
        return np.array([tail_values(one) for one in gains]) if self.is_tail else gains

    def half_width(self, values: Floats) -> float:
        """Half the 95 % interval of the mean of float64[R]."""
        return tail_half_width(values, TAIL if self.is_tail else 1.0)


def front_problems(front: object, goal: str | None) -> list[Problem]:
    """What is wrong with a front."""
    rule = f"must be two of {', '.join(AXES)}"
    cure = "give profit,revenue, or mean,cvar, say"
    if not isinstance(front, Sequence) or isinstance(front, str) or len(front) != 2:
        return [Problem("front", rule, f"is {front!r}", cure)]
    unknown = [name for name in front if name not in AXES]
    if unknown:
        return [Problem("front", rule, f"holds {name!r}", cure) for name in unknown]
    first, second = (parse_axis(name, goal) for name in front)
    if _measured(first) == _measured(second):
        return [Problem("front", "must be two things", f"both are {first.metric}", cure)]
    return []


def parse_axis(name: str, goal: str | None) -> Axis:
    """The axis of a name; mean and cvar are those of the goal, of profit by default."""
    if name in ("mean", "cvar"):
        return Axis(name, goal or "profit", name == "cvar")
    return Axis(name, name)


def _measured(axis: Axis) -> tuple[str, bool]:
    """What an axis measures, whatever it is called."""
    return axis.metric, axis.is_tail


def undominated(points: Floats) -> np.ndarray:
    """bool by point of float64[n, 2], more is better: whether none is at least as good in both.

    Of equal points the first counts.
    """
    order = np.lexsort((np.arange(len(points)), -points[:, 1], -points[:, 0]))
    second = points[order, 1]
    before = np.concatenate(([-np.inf], np.maximum.accumulate(second)[:-1]))
    kept = np.zeros(len(points), np.bool_)
    kept[order] = second > before
    return kept


def spread_out(points: Floats, most: int) -> list[int]:
    """Numbers of at most so many points of a front, that cover about what all cover.

    One after the other, the point is left out that adds least to the area (between its neighbors);
    both ends stay.
    """
    kept = [int(i) for i in np.argsort(-points[:, 0], kind="stable")]
    while len(kept) > most:
        x, y = points[kept].T
        added = (x[1:-1] - x[2:]) * (y[1:-1] - y[:-2])
        del kept[1 + int(np.argmin(added))]
    return kept
