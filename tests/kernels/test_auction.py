"""The auction: golden cases of validation.md 4.2, identities of 4.3, invariants of 15, twins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from adsim.kernels import auction, random
from adsim.kernels.model import Rules
from tests.kernels.naive import Auction, Rivals, rounded
from tests.kernels.worlds import JIT, market_of

EXAMPLES = settings(max_examples=100 if JIT else 15)
SIZE = 10_000 if JIT else 300

FAN = (1, 0.6, 0.4, 0.3)
GOLDEN = {  # auction, bid, quality, s
    "G1": (Auction(Rivals(6, "lognormal", 8, 0.6), 2, examination=FAN), 2.0, 5.0, 1.0),
    "G2": (
        Auction(Rivals(4.5, "loglogistic", 3, 2.31), examination=(1, 0.5176, 0.3522)),
        *(1.2, 7.0, 0.5),
    ),
    "G3": (Auction(Rivals(3, "gamma", 3.98, 1.99), 4), 0.8, 6.0, 1.0),
    "G4": (
        Auction(
            Rivals(10, "lognormal", 0.9, 0.9),
            *(0.2, 0.0, 0.0),
            examination=tuple(0.8**k for k in range(6)),
        ),
        *(1.5, 3.0, 0.0),
    ),
    "G5": (Auction(Rivals(0.35, "gamma", 3, 2), 4.8, examination=(1, 0.5)), 2.5, 3.2, 1.0),
    "G6": (
        Auction(Rivals(40, "lognormal", 0.3, 0.5), 0.3, examination=(1, 0.7, 0.5, 0.4, 0.35)),
        *(0.12, 4.0, 1.0),
    ),
}
ANSWERS = {  # P(shown), G, E price, to the fen, sd price, P(price = bid), P(lowest), L(x)
    "G1": "0.83295778 0.43598204 1.58953840 1.58954601 0.35870042 0.01851617 0.02220299 2.12988869",
    "G2": "0.64883393 0.35008087 0.82182441 0.82183328 0.34325917 0.02143407 0.09098628 2.10295343",
    "G3": "0.39949014 0.39949014 0.69363418 0.69613495 0.03481525 0.01948599 0.74704463 0.91756620",
    "G4": "0.93029945 0.54896248 1.20444679 1.20445724 0.23580157 0 0.00126207 2.85158728",
    "G5": "0.99994314 0.99464912 1.52800230 1.52800200 0.09969469 0.00019392 0.95197312 0.01070196",
    "G6": "0.17813599 0.07149517 0.11938733 0.11950637 0.00210038 0.85476958 0.00000214 6.94427675",
}
LAST_DIGIT = 6e-9
NAMED = ((9.0, 0.5), (7.0, 0.8), (4.5, 0.3), (3.0, 1.0))
TABLE = Rivals(4, "table", table=((0, 1), (0.3, 2), (0.3, 5), (0.6, 6), (0.8, 6), (1, 20)))


def micros(bid):
    return np.int64(round(bid * 1e6))


def slots(game, x):
    """The slot chances that the kernels give, named rivals included."""
    market = market_of(game)
    out = np.empty(len(game.examination))
    auction.poisson_slots(level_at(game, x), out)
    auction.add_named_above(market.named, 0, len(game.named), x, out)
    return out


def level_at(game, x):
    market = market_of(game)
    field = auction.field_of(market.queries, 0)
    return auction.rivals_above(field, market.table, x)


def mean_charge(game, weight, bid):
    market = market_of(game)
    return auction.expected_charge(market, market.rules, 0, weight, micros(bid))


def next_ranks(game, x, uniforms):
    market, level = market_of(game), level_at(game, x)
    return np.array([auction.draw_next_rank(market, 0, x, level, u) for u in uniforms])


def charges(game, weight, bid, ranks):
    rules = market_of(game).rules
    return np.array([auction.charge_above(rules, weight, micros(bid), y) for y in ranks]) / 1e6


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_cases(name):
    game, bid, quality, s = GOLDEN[name]
    shown, examined, unrounded, to_the_fen, _, at_bid, at_lowest, level = map(
        float, ANSWERS[name].split()
    )
    weight = quality**s
    x = bid * weight
    chances = slots(game, x)
    market = market_of(game)
    assert chances.sum() == pytest.approx(shown, abs=LAST_DIGIT)
    assert chances @ game.examination == pytest.approx(examined, abs=LAST_DIGIT)
    assert mean_charge(game, weight, bid) == pytest.approx(unrounded, abs=LAST_DIGIT)
    stepped = replace(game, step=0.01)
    assert mean_charge(stepped, weight, bid) == pytest.approx(to_the_fen, abs=LAST_DIGIT)
    assert level_at(game, x) == pytest.approx(level, abs=LAST_DIGIT)
    for price, chance in (
        (bid, 1 - at_bid),
        (auction.price_above(market.rules, weight, 0.0), at_lowest),
    ):
        y = (price - game.increment) * weight
        below = 1.0 if y >= x else auction.chance_below(market, 0, x, level_at(game, x), y)
        assert below == pytest.approx(chance, abs=LAST_DIGIT)


def test_slots_of_the_first_golden_case():
    expected = [0.11885052, 0.25313838, 0.26957829, 0.19139058]
    np.testing.assert_allclose(slots(GOLDEN["G1"][0], 10.0), expected, atol=LAST_DIGIT)


@pytest.mark.parametrize("name", GOLDEN)
def test_drawn_prices_have_the_golden_mean_and_spread(name):
    """At 4 standard errors of the mean; the seed is fixed."""
    game, bid, quality, s = GOLDEN[name]
    mean, sd, at_bid, at_lowest = (float(ANSWERS[name].split()[i]) for i in (2, 4, 5, 6))
    u = np.random.default_rng(5).uniform(size=SIZE)
    weight = quality**s
    price = charges(game, weight, bid, next_ranks(game, bid * weight, u))
    assert abs(price.mean() - mean) < 4 * sd / np.sqrt(SIZE)
    lowest = max(game.reserve / weight + game.increment, game.floor)
    for value, chance in ((bid, at_bid), (lowest, at_lowest)):
        share = np.mean(np.abs(price - value) < 1e-6)
        assert abs(share - chance) <= 4 * np.sqrt(chance * (1 - chance) / SIZE) + 2 / SIZE
    if JIT:
        assert price.std() == pytest.approx(sd, rel=0.05)


# --- identities, validation.md 4.3 ---


@pytest.mark.parametrize(("reserve", "floor", "price"), [(0, 0, 0.01), (2, 0, 0.41), (0, 0.5, 0.5)])
@pytest.mark.parametrize("step", [0.0, 0.01])
def test_without_rivals_the_top_slot_costs_the_least(reserve, floor, price, step):
    game = Auction(Rivals(0), reserve, floor, step=step, examination=FAN)
    assert slots(game, 10.0).tolist() == [1, 0, 0, 0]
    assert mean_charge(game, 5.0, 2.0) == pytest.approx(price)
    assert next_ranks(game, 10.0, [0.01, 0.99]).tolist() == [0, 0]


@pytest.mark.parametrize("step", [0.0, 0.01])
def test_a_reserve_that_reaches_the_bid_makes_every_price_the_bid(step):
    game = Auction(Rivals(6, "lognormal", 8, 0.6), 9.99, step=step)
    assert mean_charge(game, 5.0, 2.0) == pytest.approx(2.0, rel=1e-12)


@pytest.mark.parametrize("name", GOLDEN)
@pytest.mark.parametrize("step", [0.0, 0.01])
def test_only_ratios_of_ad_ranks_count(name, step):
    game, bid, quality, s = GOLDEN[name]
    game = replace(game, step=step)
    rivals = replace(game.rivals, scale=game.rivals.scale * 7)
    scaled = replace(game, rivals=rivals, reserve=game.reserve * 7)
    weight = quality**s
    assert mean_charge(scaled, 7 * weight, bid) == pytest.approx(mean_charge(game, weight, bid))
    np.testing.assert_allclose(slots(scaled, 7 * bid * weight), slots(game, bid * weight))


def test_without_an_exponent_quality_does_not_count():
    game, bid, quality, _ = GOLDEN["G4"]
    assert mean_charge(game, quality**0.0, bid) == mean_charge(game, 1.0, bid)


@pytest.mark.parametrize("step", [0.0, 0.01])
def test_two_groups_of_rivals_equal_their_sum(step):
    halves = Rivals(3, "lognormal", 8, 0.6), Rivals(9, "lognormal", 8, 0.6)
    apart = level_at(Auction(halves[0]), 5.0) + level_at(Auction(halves[1]), 5.0)
    assert apart == pytest.approx(level_at(Auction(Rivals(12, "lognormal", 8, 0.6)), 5.0))


@pytest.mark.parametrize("family", ["lognormal", "loglogistic", "gamma", "table"])
@pytest.mark.parametrize("step", [0.0, 0.01])
def test_nothing_falls_when_the_bid_rises(family, step):
    rivals = TABLE if family == "table" else Rivals(5, family, 6, 1.2)
    game = Auction(rivals, 1.0, step=step, examination=FAN, named=NAMED)
    before = np.zeros(4)
    for bid in np.arange(0.25, 6, 0.05 if JIT else 0.5):
        chances = slots(game, bid * 4)
        examined = chances @ FAN
        price = mean_charge(game, 4.0, bid)
        now = np.array([chances.sum(), examined, price, price * examined])
        assert (now >= before - 1e-9).all()
        before = now


# --- the naive twin ---

RIVALS = st.one_of(
    st.builds(
        Rivals,
        st.sampled_from([0.0, 0.35, 3.0, 12.0]),
        st.sampled_from(["lognormal", "loglogistic", "gamma"]),
        st.floats(0.5, 20),
        st.floats(0.4, 3),
    ),
    st.just(TABLE),
)
NAMED_RIVALS = st.lists(st.tuples(st.floats(0.2, 20), st.floats(0.05, 1)), max_size=4).map(tuple)
GAMES = st.builds(
    Auction,
    RIVALS,
    st.sampled_from([0.0, 0.3, 2.0]),
    st.sampled_from([0.0, 0.1]),
    st.sampled_from([0.0, 0.01, 0.05]),
    st.sampled_from([0.0, 0.01, 0.1]),
    st.sampled_from([(1.0,), FAN]),
    NAMED_RIVALS,
)
BIDS = st.integers(10, 900).map(lambda fen: fen / 100)
WEIGHTS = st.floats(0.5, 8)


@EXAMPLES
@given(GAMES, WEIGHTS, BIDS)
def test_mean_charge_is_that_of_all_presences_and_a_quadrature(game, weight, bid):
    assume(auction.may_enter(market_of(game).rules, weight, micros(bid)))
    twin = game.mean_charge(weight, bid)
    assert mean_charge(game, weight, bid) == pytest.approx(twin, rel=2e-7, abs=1e-7 * bid)


@EXAMPLES
@given(GAMES, st.floats(0.1, 30))
def test_slots_are_those_of_all_presences(game, x):
    np.testing.assert_allclose(slots(game, x), game.slots(x), atol=1e-12)


@EXAMPLES
@given(GAMES, st.floats(0.5, 30), st.floats(2.0**-50, 1 - 2.0**-50))
def test_the_next_rank_inverts_its_distribution(game, x, u):
    (y,) = next_ranks(game, x, [u])
    assert 0 <= y <= x
    just = 1e-9 * (1 + y)
    if y < x:
        assert game.next_rank_at_most(x, min(x, y + just)) >= u * (1 - 1e-7)
    if y > 0:
        assert game.next_rank_at_most(x, y - just) <= u * (1 + 1e-7)


@EXAMPLES
@given(GAMES, st.floats(0.5, 30), st.floats(0.01, 1))
def test_chance_below(game, x, share):
    y = x * share * 0.999
    found = auction.chance_below(market_of(game), 0, x, level_at(game, x), y)
    just_below = y * (1 - 1e-13)
    assert found == pytest.approx(game.next_rank_at_most(x, just_below), rel=1e-9)


@pytest.mark.parametrize(("y", "chance"), [(2.9, 0.6), (3.0, 0.6), (3.1, 1.0), (6.0, 1.0)])
def test_a_named_rival_at_an_ad_rank_is_not_below_it(y, chance):
    market = market_of(Auction(Rivals(0), named=((3.0, 0.4), (7.0, 0.5))))
    assert auction.chance_below(market, 0, 6.0, 0.0, y) == pytest.approx(chance)


def test_a_tied_named_rival_stands_below():
    game = Auction(Rivals(0), examination=(1, 0.5), named=((6.0, 0.4),))
    assert slots(game, 6.0).tolist() == [1, 0]
    assert slots(game, 6.0 - 1e-9).tolist() == pytest.approx([0.6, 0.4])
    assert next_ranks(game, 6.0, [0.5, 0.7]).tolist() == [0, 6]
    assert mean_charge(game, 3.0, 2.0) == pytest.approx(0.6 * 0.01 + 0.4 * 2.0)


# --- charges ---


@pytest.mark.parametrize(
    ("price", "bid", "step", "charge"),
    [
        (1.005, 2, 0.01, 1.01),  # a half in decimals, below it in binary
        (0.145, 2, 0.01, 0.15),
        (8.575, 9, 0.01, 8.58),
        (1.0049999, 2, 0.01, 1.00),
        (1.25, 2, 0.5, 1.5),
        (3.0, 2.0, 0.01, 2.00),
        (1.999, 1.999, 0.01, 1.99),  # 2.00 would pass the bid
        (1.996, 1.996, 0.01, 1.99),
        (0.30, 0.35, 0.25, 0.25),
        (0.05, 0.05, 0.1, 0.0),  # a bid below the step
        (0.004, 0.004, 0.01, 0.0),
        (0.0, 1.0, 0.01, 0.0),
        (1.2345674, 2, 0.0, 1.234567),
        (1.2345676, 2, 0.0, 1.234568),
        (9999.005, 9999.99, 0.01, 9999.01),
    ],
)
def test_rounding_of_charges(price, bid, step, charge):
    found = auction.charge_of(price, micros(bid), round(step * 1e6))
    assert found == round(charge * 1e6)
    assert rounded(price, bid, step) == charge


@EXAMPLES
@given(
    st.integers(0, 20_000_000).map(lambda n: n / 1e6),
    st.integers(1, 20_000_000).map(lambda n: n / 1e6),
    st.sampled_from([0.0, 0.001, 0.01, 0.05, 0.1, 1.0]),
)
def test_a_charge_is_the_decimal_one_and_never_above_the_bid(price, bid, step):
    found = auction.charge_of(price, micros(bid), round(step * 1e6))
    assert found == round(rounded(price, bid, step) * 1e6)
    assert 0 <= found <= micros(bid)


@EXAMPLES
@given(
    st.floats(0, 10), st.floats(0, 1), st.floats(0, 0.1), st.floats(0.1, 9), BIDS, st.floats(0, 30)
)
def test_one_formula_for_every_price(reserve, floor, increment, weight, bid, rank):
    game = Auction(Rivals(0), reserve, floor, increment)
    found = auction.charge_above(Rules(reserve, floor, increment, 0), weight, micros(bid), rank)
    assert found / 1e6 == pytest.approx(game.charge(weight, bid, rank), abs=1.01e-6)


def test_who_may_enter():
    rules = Rules(2.0, 0.1, 0.01, 10_000)
    assert auction.may_enter(rules, 5.0, 400_000)  # ad rank 2, the reserve score
    assert not auction.may_enter(rules, 5.0, 399_999)
    assert auction.may_enter(rules, 50.0, 100_000)  # the floor price
    assert not auction.may_enter(rules, 50.0, 99_999)
    assert not auction.may_enter(Rules(0.0, 0.0, 0.0, 0), 1.0, 0)


@pytest.mark.parametrize("fen", range(1, 1000, 7))
def test_money_of_micros_is_the_declared_decimal(fen):
    assert auction.money_of(np.int64(fen * 10_000)) == fen / 100


# --- invariants, validation.md 15 ---

LINES = st.lists(st.tuples(BIDS, st.floats(0.5, 9)), min_size=1, max_size=6)
RULES = st.builds(
    Rules,
    st.sampled_from([0.0, 1.0, 4.0]),
    st.sampled_from([0.0, 0.1]),
    st.sampled_from([0.0, 0.01]),
    st.sampled_from([0, 10_000]),
    st.just(0),
    st.just(0.0),
    st.just(1.0),
)


def play(rules, line):
    """Places and charges (micros) of ads (bid, weight), by the door's own kernel."""
    from adsim.kernels.single import place_ads

    bids = np.array([micros(bid) for bid, _ in line])
    weights = np.array([weight for _, weight in line])
    order = np.argsort(-(bids / 1e6) * weights, kind="stable")
    places, paid = np.empty(len(line), np.int64), np.zeros(len(line), np.int64)
    place_ads(rules, bids, weights, order, places, paid)
    return places, paid


@EXAMPLES
@given(RULES, LINES)
def test_charges_lie_between_floor_and_bid(rules, line):
    places, paid = play(rules, line)
    for (bid, weight), place, charge in zip(line, places, paid, strict=True):
        assert (place >= 0) == auction.may_enter(rules, weight, micros(bid))
        if place >= 0:
            assert charge <= micros(bid)
            assert charge >= min(rules.floor, bid) * 1e6 - max(rules.step, 1)


@EXAMPLES
@given(RULES, LINES)
def test_the_last_ad_is_charged_like_the_others(rules, line):
    places, paid = play(rules, line)
    last = int(np.argmax(places))
    if places[last] >= 0:
        bid, weight = line[last]
        assert paid[last] == auction.charge_above(rules, weight, micros(bid), 0.0)


@EXAMPLES
@given(RULES, LINES, st.floats(1, 3))
def test_higher_own_quality_never_worse_never_dearer_at_the_same_place(rules, line, factor):
    bid, weight = line[0]
    before, after = play(rules, line), play(rules, [(bid, weight * factor), *line[1:]])
    assume(before[0][0] >= 0)
    assert 0 <= after[0][0] <= before[0][0]
    if after[0][0] == before[0][0]:
        assert after[1][0] <= before[1][0]


@EXAMPLES
@given(RULES, LINES, st.floats(1, 3))
def test_a_higher_bid_at_the_same_place_costs_the_same(rules, line, factor):
    bid, weight = line[0]
    before, after = play(rules, line), play(rules, [(bid * factor, weight), *line[1:]])
    assume(before[0][0] >= 0 and before[0][0] == after[0][0])
    more = after[1][0] - before[1][0]
    assert 0 <= more <= rules.increment * 1e6 + rules.step + 1


@EXAMPLES
@given(RULES, LINES, BIDS, st.floats(0.5, 9))
def test_one_more_rival_never_lowers_a_price(rules, line, bid, weight):
    before, after = play(rules, line), play(rules, [*line, (bid, weight)])
    assert (after[1][: len(line)] >= before[1]).all()
    assert (after[0][: len(line)] >= before[0]).all()


@pytest.mark.filterwarnings("ignore:overflow encountered")  # wanted; seen without compilation
def test_draws_of_the_next_rank_are_those_of_simulated_rivals():
    """Two-sample Kolmogorov-Smirnov at 1e-4 against rivals drawn one by one; fixed seed."""
    game = Auction(Rivals(3, "lognormal", 8, 0.6), named=NAMED)
    x, luck = 8.0, np.random.default_rng(6)
    simulated = []
    for _ in range(SIZE // 4):
        ranks = list(8 * np.exp(0.6 * luck.normal(size=luck.poisson(3))))
        ranks += [rank for rank, presence in NAMED if luck.uniform() < presence]
        simulated.append(max([y for y in ranks if y <= x], default=0.0))
    u = random.uniforms(1, 1, random.CHARGE, 1, 0, 0, np.arange(SIZE // 4))
    drawn = next_ranks(game, x, u)
    assert stats.ks_2samp(simulated, drawn).pvalue > 1e-4
