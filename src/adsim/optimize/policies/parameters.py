"""A parameter of a policy: its name, its range, and the value that changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

NEUTRAL = 1.0


@dataclass(frozen=True)
class Parameter:
    """What may be changed.

    Attributes:
        name: KIND.SUBJECT, as `policy` lists them.
        low, high: The range.
        is_factor: Whether equal ratios are equal steps.
        neutral: The value at which the plan stays as it is.
        shift: Of a factor: added to the value, it makes the factor that is meant; 1 of a premium.
    """

    name: str
    low: float
    high: float
    is_factor: bool = True
    neutral: float = NEUTRAL
    shift: float = 0.0
