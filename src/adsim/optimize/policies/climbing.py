"""A pattern search over premiums, devices and moves of bids, in closed form.

A plan at fidelity `expected` costs a tenth of a trial, so what needs no noise to be seen is settled
before the trials begin.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from adsim.optimize.policies.parameters import Parameter
from adsim.results.tables import Floats

Values = dict[str, float]
Score = Callable[[Sequence[Values]], Floats]
"""What some values bring in closed form; -inf where they do not hold what is asked for."""

STEPS = (0.4, 0.2, 0.1)  # of the logarithm of a factor
SWEEPS = 4  # of each step, over the parameters that the sweep before has moved
CLIMBED = ("scale.", "value.", "premium.", "device.")


def climb(
    parameters: Sequence[Parameter], level: Sequence[str], start: Values, score: Score
) -> Values:
    """Values that bring more than `start` does; parameters of the `level` move together."""
    turns = [[one] for one in parameters if one.name.startswith(CLIMBED)]
    turns.append([one for one in parameters if one.name in level])
    best, found = float(score([start])[0]), start
    for step in STEPS:
        waiting = turns
        for _ in range(SWEEPS):
            moved = []
            for some in waiting:
                tried = [_moved(found, some, by) for by in (step, -step)]
                tried = [values for values in tried if values != found]
                for values, value in zip(tried, score(tried) if tried else [], strict=True):
                    if value > best:
                        best, found = float(value), values
                        moved.append(some)
            waiting = [some for some in waiting if some in moved]
    return found


def _moved(values: Values, some: Sequence[Parameter], step: float) -> Values:
    moved = dict(values)
    for one in some:
        value = (values.get(one.name, one.neutral) + one.shift) * math.exp(step) - one.shift
        moved[one.name] = min(max(value, one.low), one.high)
    return moved
