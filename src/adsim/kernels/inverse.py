"""From what a bid brings back to the rivals that explain it: the inverse of the landscape.

With L(x) = n S(x) and a log-normal S, the chance of each slot depends on the level L(b) alone, and
at a given level the mean charge tells how the rivals below the own bid b are spread. Write
z = log(b / median) / sigma for how far the bid lies in the tail of one rival, so that
n = level / S(b) is level / P(Z > z): the mean charge rises with z, from the lowest charge to b,
since the hazard of a normal rises. So one unknown is left, and bisection finds it.
"""

from __future__ import annotations

import math

from .auction import smooth_expected_charge
from .jit import kernel
from .model import LOGNORMAL, Field
from .special import normal_quantile, normal_tail

FAR_BELOW = -8.0  # z of a bid that practically all rivals pass
NARROWEST = 0.01  # least sigma that is tried
HALVINGS = 60


@kernel
def field_at(bid, level, z, sigma):
    """The rivals with that level at the bid (money) and the bid z sigmas above their median."""
    return Field(level / normal_tail(z), LOGNORMAL, math.log(bid) - sigma * z, sigma)


@kernel
def solve_field(rules, bid, micros, level, charge, sigma, most):
    """Log-normal rivals under which a click at `bid` (money, and `micros`) costs `charge` on average.

    Weight 1. `level` > 0 is their mean number above the bid, `sigma` the spread of one of them. Where
    more than `most` rivals would be needed, they are `most` and closer together instead.
    """
    highest = -normal_quantile(1.0 - level / most) if level < 0.5 * most else FAR_BELOW
    highest = normal_quantile(1.0 - level / most)
    low = FAR_BELOW
    high = highest
    for _ in range(HALVINGS):
        z = 0.5 * (low + high)
        field = field_at(bid, level, z, sigma)
        if smooth_expected_charge(rules, field, 1.0, micros) < charge:
            low = z
        else:
            high = z
    return field_at(bid, level, high, sigma)
