"""What a keyword brings at every bid it may have, in closed form, as if it stood alone.

A *response* is what happens on one query at one effective bid: the mean view (see `views.py`) and
the mean charge. Charges of many bids share one running sum: with H(y) = P(highest rival < y), the
mean charge is lowest + step x (n - sum of H(threshold of step i) over i <= n / P(no rival above)).
"""

from __future__ import annotations

import math

import numpy as np

from .auction import (
    MICRO,
    add_named_above,
    charge_above,
    charge_of,
    is_smooth,
    may_enter,
    poisson_slots,
    step_threshold,
)
from .choices import list_bids, side_worths
from .jit import kernel
from .landscape import field_of, rivals_above, smooth_above
from .model import NO_BUDGET
from .views import (
    fill_page,
    has_mixed_pages,
    may_be_promoted,
    mean_charge,
    mix_pages,
    odds_factor,
    promoted_rules,
    promoted_share,
)

MOST_SUMMED = 1 << 12  # sums of more steps are integrals
PANEL = 1.05  # step by step the integrals' ends are so much farther
NODE = 0.5 / math.sqrt(3.0)  # of Gauss's rule with two nodes, from the middle, in widths
LEAST_CHANCE = 1e-200  # of no rival above, to divide by
NO_RIVAL = 1.0 - 1e-11  # P(highest rival < y) from which on no rival is left


@kernel
def new_responses(choice, campaign, n_bids):
    """Room for the responses of one query: [0] view, [1] charge; float64[2, E, J]."""
    return np.empty((2, choice.n_factors[campaign], n_bids))


@kernel
def fill_responses(market, choice, query, keyword, bids, out):
    """Fill out[2, E, J] with mean view and mean charge (money) at bids[J] (micros).

    Both are 0 where the ad may not enter.
    """
    rules = market.rules
    weight = market.keywords.weight[keyword]
    campaign = market.keywords.campaign[keyword]
    field = field_of(market.queries, query)
    begin, end = market.queries.first_named[query], market.queries.end_named[query]
    lowest = charge_above(rules, weight, NO_BUDGET, 0.0)
    sums = _sum_charges(market, choice, query, keyword, lowest, bids[-1])
    last = np.int64(sums.size - 1)
    is_whole = last > 0 and sums[last] - sums[last - 1] > NO_RIVAL
    line = _charge_line(rules, weight, lowest)
    ends, tail = _sum_tail(market, choice, query, keyword, lowest, bids[-1], sums)
    smooth = is_smooth(market.queries, query)
    chance = np.empty(market.examination.size)
    plain, lifted = np.empty(chance.size), np.empty(chance.size)
    fill_page(market, query, np.int64(0), 1.0, plain)
    is_mixed = has_mixed_pages(market, query)
    promoted_steps = np.int64(0)
    if rules.promoted_slots > 0:
        least = charge_above(promoted_rules(rules), weight, NO_BUDGET, 0.0)
        promoted_steps = (least - lowest) // rules.step if rules.step > 0 else np.int64(0)
        ctr = market.queries.ctr[query] * market.keywords.ctr[keyword]
        factor = odds_factor(ctr, rules.promotion)
        fill_page(market, query, rules.promoted_slots, factor, lifted)
    for e in range(out.shape[1]):
        factor = choice.factors[campaign, e]
        for j in range(bids.size):
            out[0, e, j] = 0.0
            out[1, e, j] = 0.0
            bid = np.int64(math.floor(bids[j] * factor + 0.5))
            if not may_enter(rules, weight, bid):
                continue
            x = bid * MICRO * weight
            is_promoted = may_be_promoted(rules, x)
            view = lifted if is_promoted else plain
            if is_mixed and not is_promoted:
                mix_pages(market, query, x, plain)
            if smooth:  # as poisson_slots, without an array
                level = smooth_above(field, x)
                first = math.exp(-level)
                slot = first
                examined = 0.0
                for k in range(view.size):
                    examined += slot * view[k]
                    slot *= level / (k + 1)
            else:
                level = rivals_above(field, market.table, x)
                poisson_slots(level, chance)
                add_named_above(market.named, begin, end, x, chance)
                first = chance[0]
                examined = 0.0
                for k in range(view.size):
                    examined += chance[k] * view[k]
            out[0, e, j] = examined
            share = 0.0
            if is_promoted:
                if smooth:
                    poisson_slots(level, chance)
                share = promoted_share(chance, view, rules.promoted_slots, examined)
            highest = charge_of(bid * MICRO, bid, rules.step)
            n = (highest - lowest) // rules.step if rules.step > 0 else np.int64(0)
            if rules.step > 0 and n <= 0:
                out[1, e, j] = min(lowest, highest) * MICRO
            elif n > 0 and (n <= last or is_whole or tail.size > 1) and first > LEAST_CHANCE:
                below = _sum_to(n, sums, is_whole, field, line, ends, tail)
                if share > 0.0:  # the first steps up to the least promoted charge are sure
                    sure = min(n, promoted_steps)
                    below -= share * _sum_to(sure, sums, is_whole, field, line, ends, tail)
                out[1, e, j] = (lowest + rules.step * (n - below / first)) * MICRO
            else:
                out[1, e, j] = mean_charge(market, query, weight, bid, share)


@kernel
def _sum_to(n, sums, is_whole, field, line, ends, tail):
    """The sum of P(no rival above) over n steps, of which `sums` may hold only the first."""
    last = np.int64(sums.size - 1)
    below = sums[min(n, last)]
    if n > last and is_whole:
        below += n - last
    elif n > last:
        k = min(np.int64(math.log(n / last) / math.log(PANEL)), tail.size - 1)
        below = tail[k] + _sum_between(field, line, ends[k], n)
    return below


@kernel
def _sum_charges(market, choice, query, keyword, lowest, highest_bid):
    """Running sums of P(highest rival is charged less than lowest + i steps), i = 0, 1, ...

    They end where no rival is left: each further step adds 1.
    """
    rules = market.rules
    if rules.step <= 0:
        return np.zeros(1)
    weight = market.keywords.weight[keyword]
    bid = _highest_bid(market, choice, keyword, highest_bid)
    steps = (charge_of(bid * MICRO, bid, rules.step) - lowest) // rules.step
    sums = np.zeros(max(np.int64(1), min(steps + 1, np.int64(MOST_SUMMED))))
    field = field_of(market.queries, query)
    ranks, presences = market.named.rank, market.named.presence
    begin, end = market.queries.first_named[query], market.queries.end_named[query]
    for i in range(1, sums.size):
        y = (step_threshold(lowest + i * rules.step, rules.step) - rules.increment) * weight
        below = math.exp(-rivals_above(field, market.table, y))
        for rival in range(begin, end):
            if ranks[rival] < y:
                break
            below *= 1.0 - presences[rival]
        sums[i] = sums[i - 1] + below
        if below > NO_RIVAL:
            return sums[: i + 1]
    return sums


@kernel
def _charge_line(rules, weight, lowest):
    """(a, b): the ad rank that is charged lowest + t steps begins at a + b t."""
    first = (step_threshold(lowest + rules.step, rules.step) - rules.increment) * weight
    slope = rules.step * MICRO * weight
    return first - slope, slope


@kernel
def _sum_between(field, line, first, last):
    """The sum of P(no rival above) over steps first + 1 .. last, as an integral: Gauss, 2 nodes.

    A sum of steps is the integral from half a step before the first to half a step after the last
    but for a 24th of the change of the slope.
    """
    width = last - first
    middle = 0.5 * (first + last + 1.0)
    total = 0.0
    for side in (-NODE, NODE):
        total += math.exp(-smooth_above(field, line[0] + line[1] * (middle + side * width)))
    return 0.5 * width * total


@kernel
def _sum_tail(market, choice, query, keyword, lowest, highest_bid, sums):
    """Sums of more steps than `_sum_charges` has: their numbers and values, `PANEL` apart.

    One value, of no use, where there are none, and where the sum is not smooth.
    """
    ends = np.full(1, np.float64(sums.size - 1))
    smooth = is_smooth(market.queries, query)
    if sums.size < MOST_SUMMED or not smooth:
        return ends, ends
    rules = market.rules
    bid = _highest_bid(market, choice, keyword, highest_bid)
    steps = (charge_of(bid * MICRO, bid, rules.step) - lowest) // rules.step
    size = 2 + np.int64(max(0.0, math.log(steps / ends[0]) / math.log(PANEL)))
    line = _charge_line(rules, market.keywords.weight[keyword], lowest)
    field = field_of(market.queries, query)
    ends = np.full(size, ends[0])
    tail = np.full(size, sums[sums.size - 1])
    for k in range(1, size):
        ends[k] = ends[k - 1] * PANEL
        tail[k] = tail[k - 1] + _sum_between(field, line, ends[k - 1], ends[k])
    return ends, tail


@kernel
def _highest_bid(market, choice, keyword, highest_bid):
    """The effective bid in micros at the largest coefficient."""
    campaign = market.keywords.campaign[keyword]
    largest = 0.0
    for e in range(choice.n_factors[campaign]):
        largest = max(largest, choice.factors[campaign, e])
    return np.int64(math.floor(highest_bid * largest + 0.5))


@kernel
def add_query_curve(market, choice, query, keyword, responses, curve):
    """Add a query to curve[2, B, J]: the goal before spending, and spend, in a mean day.

    Block b counts as if the whole day were of that block.
    """
    campaign = market.keywords.campaign[keyword]
    worths = np.empty((market.sides.size, 2))
    side_worths(market, choice, query, keyword, worths)
    clicks = np.empty(responses.shape[1])
    worth = np.empty(responses.shape[1])
    for block in range(curve.shape[1]):
        clicks[:] = 0.0
        worth[:] = 0.0
        for side in range(worths.shape[0]):
            e = choice.rung[campaign, side, block]
            if e >= 0:
                clicks[e] += worths[side, 0]
                worth[e] += worths[side, 0] * worths[side, 1]
        for e in range(clicks.size):
            if clicks[e] > 0.0:
                for j in range(curve.shape[2]):
                    curve[0, block, j] += worth[e] * responses[0, e, j]
                    curve[1, block, j] += clicks[e] * responses[0, e, j] * responses[1, e, j]


@kernel
def keyword_curve(market, choice, keyword, bids, with_shared):
    """The keyword's curve float64[2, B, J] over its queries, with or without the shared ones."""
    campaign = market.keywords.campaign[keyword]
    curve = np.zeros((2, choice.rung.shape[2], bids.size))
    responses = new_responses(choice, campaign, bids.size)
    if bids[bids.size - 1] == 0:  # nothing but the pause
        return curve
    for i in range(choice.first_reached[keyword], choice.first_reached[keyword + 1]):
        query = choice.reached[i]
        if with_shared or not choice.shared[query]:
            fill_responses(market, choice, query, keyword, bids, responses)
            add_query_curve(market, choice, query, keyword, responses, curve)
    return curve


@kernel
def weighted_curve(choice, curve, weight):
    """Value and cost of every bid with weight[B] days in every block: float64[J, 2]."""
    points = np.zeros((curve.shape[2], 2))
    for block in range(weight.size):
        for j in range(points.shape[0]):
            cost = weight[block] * curve[1, block, j]
            points[j, 0] += weight[block] * curve[0, block, j] - choice.spend_worth * cost
            points[j, 1] += cost
    return points


@kernel
def upper_hull(points, kept):
    """Fill kept[J] with the rows of the increasing concave hull, from the cheapest; their number.

    points[J, (value, cost)] have rising costs. (Andrew 1979.)
    """
    count = 0
    for j in range(points.shape[0]):
        value, cost = points[j, 0], points[j, 1]
        if count > 0 and value <= points[kept[count - 1], 0]:
            continue
        while count > 0:
            last = kept[count - 1]
            if cost > points[last, 1]:
                if count == 1:
                    break
                before = kept[count - 2]
                rise = (value - points[last, 0]) * (points[last, 1] - points[before, 1])
                if rise < (points[last, 0] - points[before, 0]) * (cost - points[last, 1]):
                    break
            count -= 1
        kept[count] = j
        count += 1
    return count


@kernel
def list_hulls(market, choice, weight, first, last):
    """The hulls of keywords first .. last - 1 as if each stood alone on its queries.

    Returns (start int64[last - first + 1], bid int64[..] in micros, points float64[.., 2]: value
    and cost with weight[B] days in every block).
    """
    start = np.zeros(last - first + 1, np.int64)
    found = np.empty(256, np.int64)
    points = np.empty((256, 2))
    count = 0
    for keyword in range(first, last):
        bids = list_bids(market, choice, keyword)
        curve = keyword_curve(market, choice, keyword, bids, True)
        all_points = weighted_curve(choice, curve, weight)
        kept = np.empty(bids.size, np.int64)
        n = upper_hull(all_points, kept)
        while count + n > found.size:
            found = np.concatenate((found, np.empty_like(found)))
            points = np.concatenate((points, np.empty_like(points)))
        for i in range(n):
            found[count] = bids[kept[i]]
            points[count, 0] = all_points[kept[i], 0]
            points[count, 1] = all_points[kept[i], 1]
            count += 1
        start[keyword - first + 1] = count
    return start, found[:count].copy(), points[:count].copy()
