"""The doors: the only compiled functions that the rest of adsim calls.

They compile when they are first called and are cached on disk, one cache for each version of the
kernels (see `jit.door`).
"""

from __future__ import annotations

from .ascent import fill_ladder, sweep_ladder
from .bid_curve import add_bid_curve
from .book import describe_offers, list_offers, rank_entries, value_offers
from .budget import spend_rates
from .capped import expect_capped
from .charges import fill_prices, size_prices
from .choices import list_bids
from .counts import count_history
from .curves import keyword_curve, list_hulls, weighted_curve
from .draws import fill_binomials
from .events import event_history
from .expected import add_means, expect_history
from .game import open_users, play_day
from .inverse import solve_fields
from .jit import door
from .media import media_history
from .moving import open_persons
from .people import open_counts, open_means
from .persons import person_history
from .random import fill_series, fill_uniforms
from .relaxed import fill_second_best, relax_keywords
from .single import place_ads
from .spending import take_segments
from .trace import trace_history


@door
def list_plan_offers(market, plan, offers, offer_at):
    """Door to `book.list_offers`."""
    return list_offers(market, plan, offers, offer_at)


@door
def value_plan_offers(market, offers, chance, view, first, last, with_charge):
    """Door to `book.value_offers`."""
    value_offers(market, offers, chance, view, first, last, with_charge)


@door
def rank_plan_entries(market, offers, offer_at, row_start, entry):
    """Door to `book.describe_offers` and `book.rank_entries`."""
    describe_offers(market, offers)
    rank_entries(market, offers, offer_at, row_start, entry)


@door
def size_price_tables(market, offers):
    """Door to `charges.size_prices`."""
    return size_prices(market, offers)


@door
def fill_price_tables(market, offers, below, guide):
    """Door to `charges.fill_prices`."""
    fill_prices(market, offers, below, guide)


@door
def mean_spend(market, book, n_blocks, chance):
    """Door to `budget.spend_rates`."""
    return spend_rates(market, book, n_blocks, chance)


@door
def run_counts(market, people, plan, book, rates, groups, luck, window, tallies, stocks, trials):
    """Door to `counts.count_history` where no campaign has a cap or fatigue."""
    count_history(
        market, people, plan, book, rates, groups, luck, window, None, None, tallies, stocks, trials
    )


@door
def run_capped_counts(
    market, people, plan, book, rates, groups, luck, window, levels, persons, tallies, stocks,
    trials,
):  # fmt: skip
    """Door to `counts.count_history`."""
    count_history(
        market, people, plan, book, rates, groups, luck, window, levels, persons, tallies, stocks,
        trials,
    )  # fmt: skip


@door
def run_expected(market, people, plan, book, rates, groups, window, tallies, stocks, trials):
    """Door to `expected.expect_history`."""
    expect_history(market, people, plan, book, rates, groups, window, tallies, stocks, trials)


@door
def open_counted_stocks(people, luck, stocks):
    """Door to `people.open_counts`."""
    open_counts(people, luck, stocks)


@door
def open_mean_stocks(people, stocks):
    """Door to `people.open_means`."""
    open_means(people, stocks)


@door
def open_single_persons(people, luck, at):
    """Door to `moving.open_persons`."""
    open_persons(people, luck, at)


@door
def run_capped_expected(
    market, people, plan, book, rates, groups, window, levels, persons, tallies, stocks, _trials
):
    """Door to `capped.expect_capped`."""
    expect_capped(
        market, people, plan, book, rates, groups, window, levels, persons, tallies, stocks
    )


@door
def place_auction_ads(rules, bids, weights, order, places, charges):
    """Door to `single.place_ads`."""
    place_ads(rules, bids, weights, order, places, charges)


@door
def run_events(market, plan, book, rates, groups, luck, window, tallies, trials):
    """Door to `events.event_history`."""
    event_history(market, plan, book, rates, groups, luck, window, tallies, trials)


@door
def run_mean_day(market, book, groups, weight, chance, tallies):
    """Door to `expected.add_means`."""
    add_means(market, book, groups, 0, weight, chance, tallies)


@door
def run_bid_curve(market, plan, keyword, reached, weight, bids, tallies):
    """Door to `bid_curve.add_bid_curve`."""
    add_bid_curve(market, plan, keyword, reached, weight, bids, tallies)


@door
def solve_rivals(rules, spread, bid, level, charge, out, first, last):
    """Door to `inverse.solve_fields`."""
    solve_fields(rules, spread, bid, level, charge, out, first, last)


@door
def draw_uniforms_of(luck, identities, hour, decision, out):
    """Door to `random.fill_uniforms`."""
    fill_uniforms(luck, identities, hour, decision, out)


@door
def draw_binomials(u, n, p, out):
    """Door to `draws.fill_binomials`."""
    fill_binomials(u, n, p, out)


@door
def trace_events(market, people, plan, book, rates, luck, window, seen, at, trials, out):
    """Door to `trace.trace_history`."""
    return trace_history(market, people, plan, book, rates, luck, window, seen, at, trials, out)


@door
def run_persons(market, people, plan, book, rates, groups, luck, window, seen, tallies, at, trials):
    """Door to `persons.person_history`."""
    person_history(
        market, people, plan, book, rates, groups, luck, window, seen, tallies, at, trials
    )


@door
def list_keyword_hulls(market, choice, weight, first, last):
    """Door to `curves.list_hulls`."""
    return list_hulls(market, choice, weight, first, last)


@door
def spend_budgets(segments, left, taken, rule):
    """Door to `spending.take_segments`."""
    return take_segments(segments, left, taken, rule)


@door
def trace_keyword(market, choice, keyword, weight):
    """The bids of a keyword and their value and cost: `choices.list_bids`, `weighted_curve`."""
    bids = list_bids(market, choice, keyword)
    curve = keyword_curve(market, choice, keyword, bids, True)
    return bids, weighted_curve(choice, curve, weight)


@door
def relax_own_keywords(market, choice, prices, first, last):
    """Door to `relaxed.relax_keywords`."""
    return relax_keywords(market, choice, prices, first, last)


@door
def fill_second_best_values(market, choice, prices, bids, out):
    """Door to `relaxed.fill_second_best`."""
    fill_second_best(market, choice, prices, bids, out)


@door
def fill_bid_ladder(market, choice, ladder, first, last):
    """Door to `ascent.fill_ladder`."""
    fill_ladder(market, choice, ladder, first, last)


@door
def sweep_bid_ladder(market, choice, ladder, chosen, money):
    """Door to `ascent.sweep_ladder`."""
    return sweep_ladder(market, choice, ladder, chosen, money)


@door
def list_keyword_bids(market, choice, keyword):
    """Door to `choices.list_bids`."""
    return list_bids(market, choice, keyword)


@door
def draw_series(luck, identity, decision, first, out):
    """Door to `random.fill_series`."""
    fill_series(luck, identity, decision, first, out)


@door
def run_media(world, plan, luck, series, persons):
    """Door to `media.media_history`."""
    return media_history(world, plan, luck, series, persons)


@door
def open_game(game, luck, virtual_days, users, persons, last_burst):
    """Door to `game.open_users`."""
    open_users(game, luck, virtual_days, users, persons, last_burst)


@door
def play_game_day(game, bids, luck, day, users, persons, last_burst, sold, ads, slots, searches):
    """Door to `game.play_day`."""
    play_day(game, bids, luck, day, users, persons, last_burst, sold, ads, slots, searches)
