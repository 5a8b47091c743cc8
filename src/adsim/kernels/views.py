"""How often an ad is clicked in a slot: who reads as far as it, and what a promoted slot adds.

An ad in slot k < P whose ad rank meets the promoted reserve is *promoted*. So is every ad above it:
a page has J = min(P, number of ad ranks that meet the reserve) promoted ads, its first ones. In
slot k an ad is examined with chance examination[k] x the chance that no reader leaves at one of the
k ads above, which is another one where they are promoted; and promotion multiplies the odds of a
click. A *view* is P(click | slot) / P(click | examined, not promoted).

Sources: cascade of readers who click and leave (Craswell, Zoeter, Taylor, Ramsey 2008; Kempe,
Mahdian 2008); promoted slots and the odds map (Jordan, Wellman 2009: TAC Ad Auctions).
"""

from __future__ import annotations

import numpy as np

from .auction import ALMOST, add_named_above, expected_charge, poisson_slots
from .jit import kernel
from .landscape import field_of, rivals_above
from .model import Rules


@kernel
def odds_factor(p, times):
    """eta(p, x) / p where eta(p, x) = p x / (p x + 1 - p): the odds of p, x times as high."""
    p = min(1.0, p)
    return times / (p * times + 1.0 - p)


@kernel
def may_be_promoted(rules, rank):
    """Whether an ad rank meets the promoted reserve; never where there are no promoted slots."""
    return rules.promoted_slots > 0 and rank >= rules.promoted_reserve * ALMOST


@kernel
def promoted_rules(rules):
    """The rules of a click in a promoted slot."""
    reserve = max(rules.reserve, rules.promoted_reserve)
    return Rules(
        reserve, rules.floor, rules.increment, rules.step,
        rules.promoted_slots, rules.promoted_reserve, rules.promotion,
    )  # fmt: skip


@kernel
def terms_of(rules, slot, rank):
    """The rules of a click on the ad of this rank in a slot."""
    if slot < rules.promoted_slots and may_be_promoted(rules, rank):
        return promoted_rules(rules)
    return rules


@kernel
def page_view(seen, leaves, leaves_promoted, promoted, factor, slot):
    """The view of an ad in a slot of a page with `promoted` promoted ads.

    `seen` is the slot's examination, `factor` the ad's own `odds_factor`.
    """
    above = min(slot, promoted)
    view = seen * (1.0 - leaves_promoted) ** above * (1.0 - leaves) ** (slot - above)
    return view * factor if slot < promoted else view


@kernel
def fill_page(market, query, promoted, factor, out):
    """Fill out[M] with the view in every slot of a page with `promoted` promoted ads."""
    examination = market.examination
    leaves = market.queries.leaves[query]
    leaves_promoted = market.queries.leaves_promoted[query]
    for k in range(out.size):
        out[k] = page_view(examination[k], leaves, leaves_promoted, promoted, factor, k)


@kernel
def fill_view(market, query, ctr, x, out):
    """Fill out[M] with the own ad's view by slot, at an ad rank x and a CTR before any side's.

    Above an own ad that meets the promoted reserve everybody does. Above another the promoted ones
    are as many as of those k ad ranks pass the reserve: `mix_pages`.
    """
    if may_be_promoted(market.rules, x):
        factor = odds_factor(ctr, market.rules.promotion)
        fill_page(market, query, market.rules.promoted_slots, factor, out)
    elif has_mixed_pages(market, query):
        mix_pages(market, query, x, out)
    else:
        fill_page(market, query, np.int64(0), 1.0, out)


@kernel
def has_mixed_pages(market, query):
    """Whether promoted ads above an ad that is not promoted change how often it is examined."""
    leaves, leaves_promoted = market.queries.leaves[query], market.queries.leaves_promoted[query]
    return market.rules.promoted_slots > 0 and leaves != leaves_promoted


@kernel
def mix_pages(market, query, x, out):
    """`fill_view` below the promoted reserve: the mean over how many of k ads above meet it.

    Rivals above the reserve and those between it and x are independent of each other.
    """
    rules = market.rules
    field = field_of(market.queries, query)
    reserve = rules.promoted_reserve * ALMOST
    begin, end = market.queries.first_named[query], market.queries.end_named[query]
    split = begin
    while split < end and market.named.rank[split] >= reserve:
        split += 1
    level = rivals_above(field, market.table, reserve)
    meets = np.empty(out.size)
    poisson_slots(level, meets)
    add_named_above(market.named, begin, split, 0.0, meets)
    misses = np.empty(out.size)
    poisson_slots(max(0.0, rivals_above(field, market.table, x) - level), misses)
    add_named_above(market.named, split, end, x, misses)
    leaves = market.queries.leaves[query]
    leaves_promoted = market.queries.leaves_promoted[query]
    for k in range(out.size):
        seen = market.examination[k]
        total = 0.0
        out[k] = 0.0
        for j in range(k + 1):
            chance = meets[j] * misses[k - j]
            promoted = min(j, rules.promoted_slots)
            total += chance
            out[k] += chance * page_view(seen, leaves, leaves_promoted, promoted, 1.0, k)
        if total > 0.0:
            out[k] /= total


@kernel
def promoted_share(chance, view, promoted_slots, examined):
    """The share of an ad's clicks that come from promoted slots, of sum `examined` over all."""
    clicked = 0.0
    for k in range(promoted_slots):
        clicked += chance[k] * view[k]
    return clicked / examined if clicked > 0.0 else 0.0


@kernel
def mean_charge(market, query, weight, bid, share):
    """`expected_charge` where a share of the clicks comes from promoted slots."""
    charge = expected_charge(market, market.rules, query, weight, bid)
    if share > 0.0:
        promoted = expected_charge(market, promoted_rules(market.rules), query, weight, bid)
        charge += share * (promoted - charge)
    return charge
