"""Landscape rivals: their number above an ad rank, and the ad rank below which so many stand.

One query's rivals are a Poisson process of ad ranks with tail measure L(x) = n S(x); n is the mean
number of rivals and S the survival function of one rival's ad rank. Everything that an auction
needs of them follows from L and its inverse.
"""

from __future__ import annotations

import math

import numpy as np

from .jit import inlined, kernel
from .model import LOGLOGISTIC, LOGNORMAL, TABLE, Field
from .special import gamma_density, gamma_quantile, gamma_tail, normal_quantile, normal_tail

_SQRT_TWO_PI = math.sqrt(2.0 * math.pi)


@inlined
def field_of(landscape, query):
    """The query's rivals as numbers; of use only where the family is not a table."""
    return Field(
        landscape.mean[query],
        np.int64(landscape.family[query]),
        landscape.a[query],
        landscape.b[query],
    )


@kernel
def smooth_survival(field, x):
    """S(x) = P(ad rank of one rival > x)."""
    if x <= 0.0:
        return 1.0
    if field.family == LOGNORMAL:
        return normal_tail((math.log(x) - field.a) / field.b)
    if field.family == LOGLOGISTIC:
        return 1.0 / (1.0 + (x / field.a) ** field.b)
    return gamma_tail(field.a, x * field.b)


@kernel
def smooth_above(field, x):
    """L(x), the mean number of rivals above ad rank x."""
    return field.mean * smooth_survival(field, x) if field.mean > 0.0 else 0.0


@kernel
def rivals_above(landscape, query, x):
    """L(x), the mean number of landscape rivals above ad rank x, of any family."""
    mean = landscape.mean[query]
    if mean <= 0.0:
        return 0.0
    if landscape.family[query] == TABLE:
        return mean * _table_survival(landscape, query, x)
    return smooth_above(field_of(landscape, query), x)


@kernel
def rank_with_above(landscape, query, level):
    """The ad rank x with L(x) = level; 0 where even all rivals are fewer than `level`."""
    mean = landscape.mean[query]
    if level >= mean:
        return 0.0
    tail = level / mean
    if tail <= 0.0:
        return math.inf
    if landscape.family[query] == TABLE:
        return _table_rank(landscape, query, tail)
    return _smooth_rank(field_of(landscape, query), tail)


@kernel
def _smooth_rank(field, tail):
    if field.family == LOGNORMAL:
        return math.exp(field.a - field.b * normal_quantile(tail))
    if field.family == LOGLOGISTIC:
        return field.a * (1.0 / tail - 1.0) ** (1.0 / field.b)
    return gamma_quantile(tail, field.a) / field.b


@kernel
def density(field, x):
    """-S'(x), x > 0."""
    if field.family == LOGNORMAL:
        z = (math.log(x) - field.a) / field.b
        return math.exp(-0.5 * z * z) / (x * field.b * _SQRT_TWO_PI)
    if field.family == LOGLOGISTIC:
        power = (x / field.a) ** field.b
        return field.b / x * power / ((1.0 + power) * (1.0 + power))
    return gamma_density(field.a, x * field.b) * field.b


@kernel
def log_scale(field):
    """Center and spread of the logarithm of a rival's ad rank."""
    if field.family == LOGNORMAL:
        return field.a, field.b
    if field.family == LOGLOGISTIC:
        return math.log(field.a), 1.0 / field.b
    return math.log(field.a / field.b), 1.0 / math.sqrt(field.a)


@kernel
def _table_survival(landscape, query, x):
    """Linear between the rows of the query's table; right continuous at its jumps."""
    first = int(landscape.a[query])
    end = int(landscape.b[query])
    rank = landscape.table_rank
    tail = landscape.table_tail
    if x < rank[first]:
        return 1.0
    if x >= rank[end - 1]:
        return 0.0
    low = first  # rank[low] <= x < rank[high]
    high = end - 1
    while high - low > 1:
        middle = (low + high) // 2
        if rank[middle] <= x:
            low = middle
        else:
            high = middle
    share = (x - rank[low]) / (rank[high] - rank[low])
    return tail[low] + share * (tail[high] - tail[low])


@kernel
def _table_rank(landscape, query, level):
    """The inverse of `_table_survival` for 0 < level < 1."""
    first = int(landscape.a[query])
    end = int(landscape.b[query])
    rank = landscape.table_rank
    tail = landscape.table_tail
    low = first  # tail[low] >= level > tail[high]
    high = end - 1
    while high - low > 1:
        middle = (low + high) // 2
        if tail[middle] >= level:
            low = middle
        else:
            high = middle
    share = (tail[low] - level) / (tail[low] - tail[high])
    return rank[low] + share * (rank[high] - rank[low])
