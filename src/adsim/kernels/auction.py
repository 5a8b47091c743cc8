"""One auction: who stands where, and what a click costs, drawn and in closed form.

Own ad rank x = b w with effective bid b and weight w = quality ** s. The own slot is 0 plus the
number of rivals above x; the next ad rank Y below x has P(Y <= y) = exp(-(L(y) - L(x))) times the
chance that no named rival stands in (y, x], and slot and Y are independent. A click costs
min(b, max(floor, max(reserve, Y) / w + increment)), rounded half up to the charge step.

Sources: generalized second price with next ad rank (Edelman, Ostrovsky, Schwarz 2007; Varian 2007);
independence of a Poisson process over disjoint sets for the closed forms.
"""

from __future__ import annotations

import math

import numpy as np

from .jit import kernel
from .landscape import (
    density,
    field_of,
    log_scale,
    rank_with_above,
    rivals_above,
    smooth_above,
)
from .model import TABLE

MICRO = 1e-6
ALMOST = 1.0 - 1e-12  # 0.7 x 3 meets a reserve score of 2.1 although its double is below
HALF_UP = 0.5 + 1e-9  # a decimal half such as 1.005 must round up although its double is below
SUMMED_STEPS = 24  # lowest charges summed one by one: the price curve bends most there
PANEL_SPREADS = 3.0  # width of a quadrature panel in spreads of a rival's log ad rank
FAR_SPREADS = 16.0  # below the center by so many spreads every rival is above

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)


@kernel
def money_of(micros):
    """Money of an amount in micros: the double next to its decimal, as declared amounts are.

    A product with 1e-6 would put a bid of 0.05 a hair below a floor price of 0.05.
    """
    return micros / 1e6


@kernel
def charge_of(price, bid, step):
    """Micros charged for a raw `price` (money) under an effective `bid` (micros).

    Rounded half up to `step` micros; if that passes the bid, the largest multiple not above it.
    """
    micros = min(np.float64(bid), price / MICRO)
    if step <= 0:
        return np.int64(math.floor(micros + 0.5))
    charge = np.int64(math.floor(micros / step + HALF_UP)) * step
    return charge if charge <= bid else bid // step * step


@kernel
def price_above(rules, weight, rank):
    """Raw price (money) of a click when the next ad rank is `rank` (0 = none)."""
    return max(rules.floor, max(rules.reserve, rank) / weight + rules.increment)


@kernel
def charge_above(rules, weight, bid, rank):
    """Micros charged for a click when the next ad rank is `rank` (0 = none)."""
    return charge_of(price_above(rules, weight, rank), bid, rules.step)


@kernel
def may_enter(rules, weight, bid):
    """Whether an effective bid (micros) meets the reserve score and the floor price."""
    b = money_of(bid)
    return bid > 0 and b * weight >= rules.reserve * ALMOST and b >= rules.floor


@kernel
def poisson_slots(level, out):
    """Fill out[0:M] with P(k rivals above) for a Poisson number with mean `level`."""
    chance = math.exp(-level)
    for k in range(out.size):
        out[k] = chance
        chance *= level / (k + 1)


@kernel
def add_named_above(named, first, end, x, out):
    """Push out[0:M] down by the named rivals first .. end - 1 that may stand above x."""
    ranks = named.rank
    presences = named.presence
    for i in range(first, end):
        if ranks[i] <= x:  # sorted: nobody above x follows; a tie goes to the own ad
            break
        for k in range(out.size - 1, 0, -1):
            out[k] += presences[i] * (out[k - 1] - out[k])
        out[0] *= 1.0 - presences[i]


@kernel
def draw_next_rank(market, query, x, level, u):
    """The next ad rank below x by inversion of its distribution at u in (0, 1); 0 = none.

    `level` is L(x). Named rivals are atoms: a rival at z takes the share `presence` of what is
    left when the landscape has put nobody into (z, x).
    """
    field = field_of(market.queries, query)
    ranks = market.named.rank
    presences = market.named.presence
    rest = u
    for i in range(market.queries.first_named[query], market.queries.end_named[query]):
        if ranks[i] > x:
            continue
        empty = math.exp(level - rivals_above(field, market.table, ranks[i]))  # of the landscape
        if rest > empty:
            break
        if rest > empty * (1.0 - presences[i]):
            return ranks[i]
        rest /= 1.0 - presences[i]
    return min(x, rank_with_above(field, market.table, level - math.log(rest)))


@kernel
def chance_below(market, query, x, level, y):
    """P(next ad rank < y) for y below x; `level` is L(x)."""
    field = field_of(market.queries, query)
    ranks = market.named.rank
    chance = math.exp(level - rivals_above(field, market.table, y))
    for i in range(market.queries.first_named[query], market.queries.end_named[query]):
        if ranks[i] < y:
            break
        if ranks[i] <= x:
            chance *= 1.0 - market.named.presence[i]
    return chance


@kernel
def step_threshold(charge, step):
    """Least raw price (money) that is charged `charge` micros or more."""
    return (charge - HALF_UP * step) * MICRO


@kernel
def expected_charge(market, rules, query, weight, bid):
    """Mean charge of a click in money, for an effective bid (micros) that may enter."""
    field = field_of(market.queries, query)
    if is_smooth(market.queries, query):
        return smooth_expected_charge(rules, field, weight, bid)
    x = money_of(bid) * weight
    level = rivals_above(field, market.table, x)
    if rules.step > 0:
        lowest = charge_above(rules, weight, bid, 0.0)
        highest = charge_of(money_of(bid), bid, rules.step)
        if market.queries.first_named[query] < market.queries.end_named[query]:
            excess = _named_excess(market, rules, query, weight, x, level, lowest, highest)
        else:
            excess = _table_excess(rules, field, market.table, weight, level, lowest, highest)
        return (lowest + excess) * MICRO
    lowest = min(money_of(bid), price_above(rules, weight, 0.0))
    return lowest + _price_integral(market, rules, query, weight, x, level, lowest, money_of(bid))


@kernel
def is_smooth(queries, query):
    """No named rivals and no table: numbers alone describe the query's rivals."""
    alone = queries.first_named[query] == queries.end_named[query]
    return alone and queries.family[query] != TABLE


@kernel
def smooth_expected_charge(rules, field, weight, bid):
    """`expected_charge` where `is_smooth`."""
    level = smooth_above(field, money_of(bid) * weight)
    lowest = charge_above(rules, weight, bid, 0.0)
    highest = charge_of(money_of(bid), bid, rules.step)
    if rules.step > 0:
        return (lowest + _smooth_excess(rules, field, weight, level, lowest, highest)) * MICRO
    start = min(money_of(bid), price_above(rules, weight, 0.0))
    low = (start - rules.increment) * weight
    high = (money_of(bid) - rules.increment) * weight
    if field.mean <= 0.0 or high <= low:
        return start
    return start + _rank_integral(field, level, 1.0, low, high) / weight


@kernel
def _named_excess(market, rules, query, weight, x, level, lowest, highest):
    """step * sum of P(charge >= c) over lowest < c <= highest (micros), one by one."""
    total = 0.0
    for charge in range(lowest + rules.step, highest + 1, rules.step):
        y = (step_threshold(charge, rules.step) - rules.increment) * weight
        total += 1.0 - chance_below(market, query, x, level, y)
    return rules.step * total


@kernel
def _table_excess(rules, field, table, weight, level, lowest, highest):
    """The same for a table of rivals: where L is linear, the chances of the steps are a geometric
    series, so each piece between two rows is one term."""
    first = int(field.a)
    end = int(field.b)
    width = rules.step * MICRO * weight  # of a step in ad rank
    start = (step_threshold(lowest, rules.step) - rules.increment) * weight
    steps = (highest - lowest) // rules.step
    done = 0
    total = 0.0
    for i in range(first, end + 1):  # the piece below row i; the last one is above all rows
        last = steps
        if i < end:
            last = min(steps, np.int64(math.ceil((table[i, 1] - start) / width)) - 1)
        if last <= done:
            continue
        share, slope = _table_piece(table, first, end, i, start + (done + 1) * width)
        ratio = field.mean * slope * width
        n = last - done
        series = math.expm1(n * ratio) / math.expm1(ratio) if ratio > 0.0 else np.float64(n)
        total += n - math.exp(level - field.mean * share) * series
        done = last
    return rules.step * total


@kernel
def _table_piece(table, first, end, i, y):
    """P(ad rank of one rival > y) for y in the piece below row i, and how fast it falls there."""
    if i == first:
        return 1.0, 0.0
    if i == end:
        return 0.0, 0.0
    slope = (table[i - 1, 0] - table[i, 0]) / (table[i, 1] - table[i - 1, 1])
    return table[i - 1, 0] - slope * (y - table[i - 1, 1]), slope


@kernel
def _smooth_excess(rules, field, weight, level, lowest, highest):
    """step * sum of P(charge >= c) over lowest < c <= highest (micros), no named rivals.

    The sum over many steps is a midpoint rule; its integral minus the first Euler-Maclaurin term
    h^2 / 24 (f'(end) - f'(start)) gives it back (DLMF 2.10.1).
    """
    step = rules.step
    steps = (highest - lowest) // step
    summed = SUMMED_STEPS if steps > 2 * SUMMED_STEPS else steps
    total = 0.0
    for j in range(1, summed + 1):
        y = (step_threshold(lowest + j * step, step) - rules.increment) * weight
        total -= math.expm1(level - smooth_above(field, y))
    if summed == steps:
        return step * total
    h = step * MICRO
    start = step_threshold(lowest + (summed + 1) * step, step) - 0.5 * h - rules.increment
    end = step_threshold(highest, step) + 0.5 * h - rules.increment
    integral = _rank_integral(field, level, 1.0, start * weight, end * weight) / weight
    bend = _slope(field, weight, level, end) - _slope(field, weight, level, start)
    return step * total + (integral - h * h / 24.0 * bend) / MICRO


@kernel
def _slope(field, weight, level, price):
    """Derivative by the price (less the increment) of P(raw price > price)."""
    y = price * weight
    if field.mean <= 0.0 or y <= 0.0:
        return 0.0
    return -math.exp(level - smooth_above(field, y)) * field.mean * density(field, y) * weight


@kernel
def _price_integral(market, rules, query, weight, x, level, start, end):
    """Integral of P(raw price > p) over start <= p <= end (money)."""
    increment = rules.increment
    low = (start - increment) * weight
    top = (end - increment) * weight
    ranks = market.named.rank
    field = field_of(market.queries, query)
    total = 0.0
    absent = 1.0  # chance that no named rival stands between the piece and x
    for i in range(market.queries.first_named[query], market.queries.end_named[query]):
        rank = ranks[i]
        if rank > x:
            continue
        if rank <= low:
            break
        if rank < top:
            total += _piece(field, market.table, level, absent, rank, top)
            top = rank
        absent *= 1.0 - market.named.presence[i]
    return (total + _piece(field, market.table, level, absent, low, top)) / weight


@kernel
def _piece(field, table, level, absent, low, high):
    """Integral of 1 - absent exp(level - L(y)) over low <= y <= high."""
    if high <= low:
        return 0.0
    if field.mean <= 0.0:
        return (1.0 - absent) * (high - low)
    if field.family == TABLE:
        return _table_integral(field, table, level, absent, low, high)
    return _rank_integral(field, level, absent, low, high)


@kernel
def _rank_integral(field, level, absent, low, high):
    """`_piece` of a smooth family: Gauss panels over the logarithm of the ad rank."""
    center, spread = log_scale(field)
    far = math.exp(center - FAR_SPREADS * spread)
    total = 0.0
    if low < far:
        cut = min(far, high)
        total += (1.0 - absent * math.exp(level - field.mean)) * (cut - low)
        low = cut
    if high <= low:
        return total
    bottom = math.log(low)
    width = math.log(high) - bottom
    panels = int(math.ceil(width / (PANEL_SPREADS * spread)))
    half = 0.5 * width / panels
    for i in range(panels):
        middle = bottom + (2 * i + 1) * half
        for j in range(_NODES.size):
            y = math.exp(middle + half * _NODES[j])
            above = 1.0 - absent * math.exp(level - smooth_above(field, y))
            total += half * _WEIGHTS[j] * above * y
    return total


@kernel
def _table_integral(field, table, level, absent, low, high):
    """`_piece` of a table: L is linear between its rows, so each piece is exact."""
    end = int(field.b)
    total = 0.0
    left = low
    for i in range(int(field.a), end + 1):
        right = high if i == end else min(high, table[i, 1])
        if right <= left:
            continue
        above = rivals_above(field, table, left)
        middle = rivals_above(field, table, 0.5 * (left + right))
        drop = 2.0 * (above - middle)  # from the middle: right itself may be a jump
        growth = math.expm1(drop) / drop if drop > 1e-12 else 1.0 + 0.5 * drop
        total += (1.0 - absent * math.exp(level - above) * growth) * (right - left)
        left = right
    return total
