"""From what a bid brings back to the rivals that explain it: the inverse of the landscape.

With L(x) = n S(x) and log-normal rivals the chance of each slot depends on the level L(b) alone,
and at a given level the mean charge tells how the rivals below the own bid b are spread. Let z be
how many sigmas log b lies above the log median, so that n = level / P(Z > z). The mean charge then
rises with z, from the lowest charge to b, as the hazard of a normal variable rises; at a given z
and n it rises as sigma falls. One unknown is left each time, and bisection finds it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from .auction import money_of, smooth_expected_charge
from .jit import kernel
from .model import LOGNORMAL, Field
from .special import normal_quantile, normal_tail

ALL_ABOVE = -8.0  # z of a bid that practically every rival passes
HALVINGS = 50


class Spread(NamedTuple):
    """What is taken for granted of the rivals."""

    sigma: float  # of the logarithm of one rival's ad rank
    most: float  # rivals; where more were needed, they are this many and sigma is smaller
    narrowest: float  # least sigma


@kernel
def field_at(bid, level, z, sigma):
    """Rivals of that level at a bid (micros) that lies z sigmas above their median; weight 1."""
    return Field(level / normal_tail(z), LOGNORMAL, math.log(money_of(bid)) - sigma * z, sigma)


@kernel
def solve_field(rules, spread, bid, level, charge):
    """Rivals under which a click at `bid` (micros) costs `charge` (money) on average; weight 1.

    `level` > 0 is their mean number above the bid. A charge that no such rivals bring about gives
    those that come nearest.
    """
    most_z = -normal_quantile(level / spread.most)
    widest = field_at(bid, level, most_z, spread.sigma)
    enough = smooth_expected_charge(rules, widest, 1.0, bid) >= charge
    low, high = (ALL_ABOVE, most_z) if enough else (spread.narrowest, spread.sigma)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        z, sigma = (middle, spread.sigma) if enough else (most_z, middle)
        below = smooth_expected_charge(rules, field_at(bid, level, z, sigma), 1.0, bid) < charge
        if below == enough:
            low = middle
        else:
            high = middle
    if enough:
        return field_at(bid, level, high, spread.sigma)
    return field_at(bid, level, most_z, low)


@kernel
def solve_fields(rules, spread, bid, level, charge, out):
    """`solve_field` row by row: out[row] = mean number, median, sigma, mean charge (money)."""
    for row in range(bid.size):
        field = solve_field(rules, spread, bid[row], level[row], charge[row])
        out[row, 0] = field.mean
        out[row, 1] = math.exp(field.a)
        out[row, 2] = field.b
        out[row, 3] = smooth_expected_charge(rules, field, 1.0, bid[row])
