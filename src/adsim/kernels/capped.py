"""Fidelity `expected` where campaigns have caps or fatigue: hour by hour, mask by mask."""

from __future__ import annotations

import numpy as np

from .acts import add_acts, set_acts
from .auction import MICRO
from .budget import hour_block, open_budgets, set_participation
from .capping import (
    advance,
    counters_in,
    keep,
    make_audience,
    make_walk,
    open_levels,
    set_rates,
    split_share,
)
from .expected import add_offer, first_empty
from .jit import kernel
from .lives import (
    advance_lives,
    begin_hour,
    gather_kinds,
    live_mean_levels,
    make_lives,
    searching_kinds,
)
from .model import HOURS_A_DAY
from .organic import add_mean_organic, has_organic
from .people import set_shares
from .tally import ELIGIBLE, LOST_TO_BUDGET, LOST_TO_CAP, SEARCHES

ATTEMPTS = 6  # at the moment at which money is out: the fewer persons are left, the slower it goes
SETTLED = 1e-9


@kernel
def add_hour(market, book, exposure, groups, row, first_row, searches, chance, audience, tallies):
    """Add the means of a stretch of time with float64 searches[Q, S].

    Returns the spend of every campaign, in money.
    """
    n_sides = searches.shape[1]
    is_organic = has_organic(market)
    spend = np.zeros(chance.size)
    part = np.empty(audience.share.shape[1])
    for query in range(searches.shape[0]):
        for side in range(n_sides):
            here = searches[query, side]
            at = first_row + query * n_sides + side
            base = row + groups.side[side]
            if book.row_start[at] == book.row_start[at + 1]:
                target = base + groups.none[query]
                tallies[target, SEARCHES] += here
                if is_organic:
                    add_mean_organic(market, query, side, here, tallies, target)
                continue
            asked = counters_in(book, exposure, at)
            split_share(audience.share, exposure.cell[side], asked, part)
            for mask in range(part.size):
                if part[mask] > 0.0:
                    add_row(
                        market, book, exposure, groups, base, at, side, here * part[mask], mask,
                        chance, audience, spend, tallies,
                    )  # fmt: skip
    return spend


@kernel
def add_row(
    market, book, exposure, groups, base, at, side, free, mask, chance, audience, spend, tallies
):
    """Add the means of `free` searches of a row by persons with a mask."""
    offers = book.offers
    query = offers.query[book.entry[book.row_start[at]]]
    is_capped = False
    for i in range(book.row_start[at], book.row_start[at + 1]):
        offer = book.entry[i]
        campaign = offers.campaign[offer]
        counter = exposure.counter[campaign]
        if counter >= 0 and mask >> counter & 1:
            is_capped = is_capped or chance[campaign] > 0.0
            continue
        taken = free * chance[campaign]
        if taken <= 0.0:
            continue
        tired = 1.0
        if counter >= 0:
            tired = audience.tired[exposure.cell[side], mask, counter]
        target = base + groups.link[offers.link[offer]]
        ctr = market.sides.ctr[side] * tired
        price = market.order_money.price[offers.product[offer], side]
        unit_cost = market.order_money.unit_cost[offers.product[offer], side]
        clicks = add_offer(
            book, offer, ctr, market.sides.cvr[side], price, unit_cost, taken, tallies, target
        )
        add_mean_organic(market, query, side, taken - clicks, tallies, target)
        free -= taken
        if offers.enters[offer]:
            spend[campaign] += clicks * offers.charge[offer]
    target = base + groups.link[offers.link[book.entry[book.row_start[at]]]]
    tallies[target, SEARCHES] += free
    tallies[target, ELIGIBLE] += free
    tallies[target, LOST_TO_CAP if is_capped else LOST_TO_BUDGET] += free
    add_mean_organic(market, query, side, free, tallies, target)


@kernel
def fill_searches(market, day, clock, span, searches):
    """Fill searches[Q, S] with the mean ones of a part `span` of an hour."""
    queries, shares = market.queries, market.share
    for query in range(searches.shape[0]):
        mean = queries.searches[query] * market.hour_factor[day, clock] * span
        for side in range(searches.shape[1]):
            searches[query, side] = mean * shares[queries.searchers[query], side]


@kernel
def add_span(
    market, book, exposure, levels, groups, day, clock, row, span, chance, persons, after,
    audience, lives, walk, searches, tallies,
):  # fmt: skip
    """Add the means of a part `span` of an hour; returns the campaigns' spend.

    Fills after[K, J] with the persons at its end.
    """
    fill_searches(market, day, clock, span, searches)
    if lives.work.size > 0:
        set_acts(market, book, exposure, searches, row, chance, lives.acts)
        add_acts(lives.acts, audience.rate)
    else:
        set_rates(book, exposure, searches, row, chance, audience.rate)
    advance(exposure, levels, persons, audience, after, walk)
    target = groups.day[day] + groups.hour[clock]
    return add_hour(
        market, book, exposure, groups, target, row, searches, chance, audience, tallies
    )


@kernel
def expect_capped(
    market, people, plan, book, rates, groups, window, levels, persons, tallies, stocks
):
    """The days of `window`, added to float64 tallies[group, field].

    `rates` float64[C, B]: mean spend by block, of use to campaigns with standard delivery.
    `persons` float64[K, J] are those at each of the `levels`: see `capping.py`. Where persons live,
    float64 stocks[K * P] holds their means, and `persons` those of every stock: see `lives.py`.
    """
    exposure = searching_kinds(plan.exposure, people, stocks.size)
    lives = make_lives(exposure, levels, people, stocks.size)
    audience = make_audience(exposure)
    walk = make_walk(levels)
    searching = lives.searching if stocks.size > 0 else persons
    after = np.empty(searching.shape)
    left = np.empty(plan.budget.size)
    chance = np.empty(plan.standard.size)
    searches = np.empty(market.cell_identity.shape)
    tried = np.empty(tallies.shape)
    if stocks.size > 0:
        set_shares(people, stocks, market.share)
    for day in range(window.first, window.last):
        open_budgets(plan, left)
        open_levels(exposure, levels, day, persons)
        for clock in range(HOURS_A_DAY):
            row = hour_block(market, plan, day, clock) * market.cell_identity.size
            set_participation(market, plan, rates, day, clock, left, chance)
            begin_hour(persons, lives)
            rest = 1.0
            payer = 0
            while payer >= 0:
                gather_kinds(people, stocks, exposure.kinds, lives)
                span = rest
                for attempt in range(ATTEMPTS):
                    spend = add_span(
                        market, book, exposure, levels, groups, day, clock, row, span, chance,
                        searching, after, audience, lives, walk, searches, tried,
                    )  # fmt: skip
                    payer, reached = first_empty(spend / MICRO, left, chance)
                    if attempt == 0 and reached >= 1.0:
                        payer = -1
                    if payer < 0 or abs(reached - 1.0) < SETTLED:
                        break
                    span = min(rest, span * reached)
                spend = add_span(
                    market, book, exposure, levels, groups, day, clock, row, span, chance,
                    searching, after, audience, lives, walk, searches, tallies,
                )  # fmt: skip
                rest -= span
                if stocks.size > 0:
                    advance_lives(exposure, levels, lives, walk)
                    lives.work[:] = lives.after
                else:
                    keep(persons, after)
                charge(left, chance, spend, payer)
            if stocks.size > 0:
                live_mean_levels(market, people, clock, lives, persons, stocks)


@kernel
def charge(left, chance, spend, payer):
    """Take the spend from what is left; a payer without money stops, the account stops all."""
    n_campaigns = chance.size
    for campaign in range(n_campaigns):
        left[campaign] -= spend[campaign] / MICRO
        left[n_campaigns] -= spend[campaign] / MICRO
        if payer in (campaign, n_campaigns):
            chance[campaign] = 0.0
    if payer >= 0:
        left[payer] = 0.0
