"""Budgets filled by the segments of concave hulls, steepest first.

The greedy solution of the linear multiple choice knapsack (Sinha and Zoltners 1979; Dantzig 1957
for one item a class), with a budget for every campaign and one for the account above them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .jit import kernel

FRACTIONS, WHOLE, REACH = 0, 1, 2


class Segments(NamedTuple):
    """Steps from one bid of a keyword to the next on its hull, steepest first."""

    keyword: np.ndarray  # int64[..]
    campaign: np.ndarray  # int64[..]
    cost: np.ndarray  # float64[..]
    slope: np.ndarray  # float64[..], value a unit of cost; not rising


@kernel
def take_segments(segments, left, taken, rule):
    """Take segments while there is money; returns (price float64[C + 1], value taken).

    left float64[C + 1] is the money of the campaigns and the account and shrinks; taken int64[K]
    counts each keyword's segments. `rule`: FRACTIONS takes a part of the segment that does not fit
    and ends its payer (the linear program); WHOLE leaves it out, with the later ones of the same
    keyword, and goes on; REACH takes the segment that passes the account's money, and ends. The
    price is the slope of the first segment that a payer could not take in full.
    """
    account = left.size - 1
    price = np.zeros(left.size)
    blocked = np.zeros(taken.size, np.bool_)
    value = 0.0
    for i in range(segments.keyword.size):
        keyword, campaign = segments.keyword[i], segments.campaign[i]
        cost, slope = segments.cost[i], segments.slope[i]
        if blocked[keyword]:
            continue
        payer = campaign if left[campaign] <= left[account] else account
        if rule == REACH and payer == account and left[account] > 0.0:
            payer = campaign
        if cost > left[payer]:
            blocked[keyword] = True
            if price[payer] == 0.0:
                price[payer] = slope
            if rule != FRACTIONS:
                continue
            cost = max(0.0, left[payer])
        else:
            taken[keyword] += 1
        value += cost * slope
        left[campaign] -= cost
        left[account] -= cost
    return price, value
