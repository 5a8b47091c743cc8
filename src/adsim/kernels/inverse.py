"""From what a bid brings back to the rivals that explain it: the inverse of the landscape.

With L(x) = n S(x) and log-normal rivals the chance of each slot depends on the level L(b) alone,
and at a given level the mean charge tells how the rivals below the own bid b are spread. Let z be
how many sigmas log b lies above the log median, so that n = level / P(Z > z). The mean charge then
rises with z, from the lowest charge to b, as the hazard of a normal variable rises; at a given z
and n it rises as sigma falls. One unknown is left each time.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from .auction import money_of, smooth_expected_charge
from .jit import kernel
from .model import LOGNORMAL, Field
from .special import normal_quantile, normal_tail

ALL_ABOVE = -8.0  # z of a bid that practically every rival passes
STEPS = 100
CLOSE = 1e-10  # relative, of a charge; and of how far the spreads between two fields differ


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
def between(bid, level, spread, part):
    """The fields from the lowest charge (part 0) over the widest one (1) to the highest (2)."""
    most_z = -normal_quantile(level / spread.most)
    if part <= 1.0:
        return field_at(bid, level, ALL_ABOVE + part * (most_z - ALL_ABOVE), spread.sigma)
    return field_at(
        bid, level, most_z, spread.sigma + (part - 1.0) * (spread.narrowest - spread.sigma)
    )


@kernel
def solve_field(rules, spread, bid, level, charge):
    """Rivals under which a click at `bid` (micros) costs `charge` (money) on average; weight 1.

    `level` > 0 is their mean number above the bid. A charge that no such rivals bring about gives
    those that come nearest.
    """
    widest = between(bid, level, spread, 1.0)
    error = smooth_expected_charge(rules, widest, 1.0, bid) - charge
    low, high = (0.0, 1.0) if error >= 0.0 else (1.0, 2.0)
    of_low = smooth_expected_charge(rules, between(bid, level, spread, low), 1.0, bid) - charge
    of_high = smooth_expected_charge(rules, between(bid, level, spread, high), 1.0, bid) - charge
    if of_low >= 0.0 or of_high <= 0.0:
        return between(bid, level, spread, low if of_low >= 0.0 else high)
    for turn in range(STEPS):  # a chord, then a halving: quick, and never slower than halvings
        middle = 0.5 * (low + high)
        if turn % 2 == 0:
            middle = low - of_low * (high - low) / (of_high - of_low)
        error = smooth_expected_charge(rules, between(bid, level, spread, middle), 1.0, bid)
        error -= charge
        if abs(error) <= CLOSE * charge or high - low < CLOSE:
            return between(bid, level, spread, middle)
        if error < 0.0:
            low, of_low = middle, error
        else:
            high, of_high = middle, error
    return between(bid, level, spread, high)


@kernel
def solve_fields(rules, spread, bid, level, charge, out, first, last):
    """`solve_field` of rows first .. last - 1: out[row] = mean number, median, sigma, charge."""
    for row in range(first, last):
        field = solve_field(rules, spread, bid[row], level[row], charge[row])
        out[row, 0] = field.mean
        out[row, 1] = math.exp(field.a)
        out[row, 2] = field.b
        out[row, 3] = smooth_expected_charge(rules, field, 1.0, bid[row])
