"""Landscape rivals: their number above an ad rank, and the ad rank below which so many stand.

One query's rivals are a Poisson process of ad ranks with tail measure L(x) = n S(x); n is the mean
number of rivals and S the survival function of one rival's ad rank. Everything that an auction
needs of them follows from L and its inverse.
"""

from __future__ import annotations

import math

from .jit import kernel
from .model import LOGLOGISTIC, LOGNORMAL, TABLE, Field
from .special import gamma_density, gamma_quantile, gamma_tail, normal_quantile, normal_tail

_SQRT_TWO_PI = math.sqrt(2.0 * math.pi)


@kernel
def field_of(queries, query):
    """The query's rivals as numbers; they are all of them where the family is not a table."""
    return Field(queries.rivals[query], queries.family[query], queries.a[query], queries.b[query])


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
def rivals_above(field, table, x):
    """L(x), the mean number of landscape rivals above ad rank x, of any family."""
    if field.family == TABLE and field.mean > 0.0:
        return field.mean * _table_survival(field, table, x)
    return smooth_above(field, x)


@kernel
def rank_with_above(field, table, level):
    """The ad rank x with L(x) = level; 0 where even all rivals are fewer than `level`."""
    if level >= field.mean:
        return 0.0
    tail = level / field.mean
    if tail <= 0.0:
        return math.inf
    if field.family == TABLE:
        return _table_rank(field, table, tail)
    return _smooth_rank(field, tail)


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
def _table_survival(field, table, x):
    """Linear between the rows of the field's table; right continuous at its jumps."""
    low = int(field.a)
    high = int(field.b) - 1
    if x < table[low, 1]:
        return 1.0
    if x >= table[high, 1]:
        return 0.0
    while high - low > 1:  # rank[low] <= x < rank[high]
        middle = (low + high) // 2
        if table[middle, 1] <= x:
            low = middle
        else:
            high = middle
    share = (x - table[low, 1]) / (table[high, 1] - table[low, 1])
    return table[low, 0] + share * (table[high, 0] - table[low, 0])


@kernel
def _table_rank(field, table, tail):
    """The inverse of `_table_survival` for 0 < tail < 1."""
    low = int(field.a)
    high = int(field.b) - 1
    while high - low > 1:  # tail of low >= tail > tail of high
        middle = (low + high) // 2
        if table[middle, 0] >= tail:
            low = middle
        else:
            high = middle
    share = (table[low, 0] - tail) / (table[low, 0] - table[high, 0])
    return table[low, 1] + share * (table[high, 1] - table[low, 1])
