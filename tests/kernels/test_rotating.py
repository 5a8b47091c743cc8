import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from adsim.kernels import model, rotating, tally
from adsim.kernels.model import EQUAL, FOR_CLICKS, ONLY, OPTIMIZED, TEST, TURNS
from adsim.kernels.random import make_luck
from tests.kernels.worlds import JIT, needs_jit, records

LUCK = make_luck(11, 0)


def rotation_of(how, ctr, cvr=None, *, only=0, impressions=0, days=0, goal=FOR_CLICKS):
    """One ad group that rotates its creatives so."""
    m = len(ctr)
    cvr = cvr or [1.0] * m
    group = (0, m, how, goal, only, impressions, days, 1.0, 1.0)
    creatives = [(c, v, 0.0, 0.5, i + 1) for i, (c, v) in enumerate(zip(ctr, cvr, strict=True))]
    return model.Rotation(
        np.zeros(1, np.int64),
        records([group], model.ROTATED),
        records(creatives, model.CREATIVE),
    )


def deal_of(rotation):
    m = rotation.creatives.size
    none = np.zeros(0, np.int64)
    return rotating.Deal(
        model.Groups(none, none, none, none, none),
        np.zeros((2, tally.N_FIELDS), np.int64),
        np.zeros(m),
        np.array(rotation.creatives["ctr"], np.float64),
        np.ones(1),
        np.ones(1),
        np.zeros((m, 3), np.int64),
    )


def share_hour(rotation, number, trials, deal):
    """Fix the shares of an hour, as `open_hour` does."""
    how = rotation.groups["how"][0]
    m = rotation.creatives.size
    if how == OPTIMIZED:
        rotating.share_by_draws(rotation, LUCK, number, 0, 0, m, trials, deal.share)
    elif how == TEST:
        rotating.share_by_test(rotation, number, 0, 0, m, trials, deal.share)
    else:
        rotating.share_as_declared(rotation, number, 0, deal.share)


def play(rotation, hours):
    """Trials after each hour that brought (impressions, clicks, orders, spend, revenue)."""
    trials = np.zeros((rotation.creatives.size, rotating.N_TRIED), np.int64)
    deal = deal_of(rotation)
    after = []
    for number, brought in enumerate(hours):
        share_hour(rotation, number, trials, deal)
        fields = tally.IMPRESSIONS, tally.CLICKS, tally.ORDERS, tally.SPEND, tally.REVENUE
        deal.sums[0, list(fields)] = brought
        rotating.close_hour(rotation, LUCK, number, deal, trials)
        after.append(trials.copy())
    return np.array(after)


@st.composite
def hours(draw, most=10**9):
    impressions = draw(st.integers(0, most))
    clicks = draw(st.integers(0, impressions))
    orders = draw(st.integers(0, clicks))
    spend = draw(st.integers(0, 10**6)) * clicks
    return impressions, clicks, orders, spend, 10**6 * orders


FACTORS = st.lists(st.floats(0.05, 20), min_size=1, max_size=6)


@settings(max_examples=60 if JIT else 10, deadline=None)
@given(FACTORS, st.lists(hours(), min_size=1, max_size=6), st.sampled_from([EQUAL, OPTIMIZED]))
def test_every_hour_is_dealt_out_and_no_creative_gets_more_than_it_can(ctr, brought, how):
    after = play(rotation_of(how, ctr, list(reversed(ctr))), brought)
    total = np.cumsum(brought, axis=0)
    assert (after[:, :, :5].sum(axis=1) == total).all()
    fresh = np.diff(after, axis=0, prepend=0)
    assert (fresh >= 0).all()
    assert (fresh[..., rotating.CLICKS] <= fresh[..., rotating.IMPRESSIONS]).all()
    assert (fresh[..., rotating.ORDERS] <= fresh[..., rotating.CLICKS]).all()
    assert (fresh[..., rotating.SPEND][fresh[..., rotating.CLICKS] == 0] == 0).all()


@settings(max_examples=60 if JIT else 10, deadline=None)
@given(FACTORS, st.lists(hours(), min_size=1, max_size=12))
def test_equal_rotation_is_never_off_by_more_than_one(ctr, brought):
    shown = play(rotation_of(EQUAL, ctr), brought)[..., rotating.IMPRESSIONS]
    assert (shown.max(axis=1) - shown.min(axis=1) <= 1).all()


def test_equal_rotation_levels_what_another_one_left():
    """Eight impressions more: the odd ones go to those behind, who are not caught up by force."""
    rotation = rotation_of(EQUAL, [1.0, 1.0, 1.0])
    trials = np.zeros((3, rotating.N_TRIED), np.int64)
    trials[:, rotating.IMPRESSIONS] = 10, 5, 6
    deal = deal_of(rotation)
    share_hour(rotation, 0, trials, deal)
    deal.sums[0, tally.IMPRESSIONS] = 8
    rotating.close_hour(rotation, LUCK, 0, deal, trials)
    assert trials[:, rotating.IMPRESSIONS].tolist() == [12, 9, 8]


@needs_jit
def test_clicks_and_orders_follow_their_factors():
    """4,000 hours of 60 clicks and 3 orders: chi-squared, false alarm 1 in 10,000 each."""
    ctr, cvr = [1.0, 1.5, 0.5], [1.0, 0.5, 2.0]
    total = play(rotation_of(EQUAL, ctr, cvr), [(3000, 60, 3, 0, 0)] * 4000)[-1]
    for column, weight in ((1, ctr), (2, np.multiply(ctr, cvr))):
        expected = total[:, column].sum() * np.array(weight) / np.sum(weight)
        assert stats.chisquare(total[:, column], expected).pvalue > 1e-4


@needs_jit
@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (0, 50), (3, 40), (900, 30_000)])
def test_beliefs_are_beta(successes, trials):
    """Kolmogorov-Smirnov, 4,000 draws, false alarm 1 in 10,000 each."""
    drawn = [
        rotating.draw_rate(LUCK, np.uint64(5), number, 0, successes, trials)
        for number in range(4000)
    ]
    belief = stats.beta(1 + successes, 1 + trials - successes)
    assert stats.kstest(drawn, belief.cdf).pvalue > 1e-4


@needs_jit
def test_thompson_shares_are_chances_of_being_best():
    """Mean share over 3,000 hours of a creative known to be better with a chance of 0.83."""
    rotation = rotation_of(OPTIMIZED, [1.0, 1.0])
    trials = np.zeros((2, rotating.N_TRIED), np.int64)
    trials[:, rotating.IMPRESSIONS] = 1000
    trials[:, rotating.CLICKS] = 30, 38
    deal, shares = deal_of(rotation), []
    for number in range(3000):
        share_hour(rotation, number, trials, deal)
        shares.append(deal.share[1])
    theta = np.linspace(0, 0.2, 200_001)
    one, other = stats.beta(31, 971), stats.beta(39, 963)
    better = np.trapezoid(other.pdf(theta) * one.cdf(theta), theta)
    error = np.sqrt(better * (1 - better) / rotating.DRAWS / 3000)
    assert abs(np.mean(shares) - better) < 4 * error


def test_only_and_turns_give_all_to_one():
    shown = play(rotation_of(ONLY, [1.0, 2.0], only=1), [(7, 3, 0, 0, 0)])
    assert shown[0, :, rotating.IMPRESSIONS].tolist() == [0, 7]
    shown = play(rotation_of(TURNS, [1.0, 2.0], days=1), [(1, 0, 0, 0, 0)] * 60)
    assert shown[[23, 59], :, rotating.IMPRESSIONS].tolist() == [[24, 0], [24, 36]]


def test_a_test_ends_when_all_have_enough_and_scales_the_best_for_good():
    rotation = rotation_of(TEST, [0.05, 20.0], impressions=100)
    after = play(rotation, [(60, 30, 0, 0, 0)] * 4 + [(50, 0, 0, 0, 0)] * 9)
    assert after[3, :, rotating.IMPRESSIONS].tolist() == [120, 120]
    assert after[-1, :, rotating.IMPRESSIONS].tolist() == [120, 120 + 450]
    assert after[-1, :, rotating.WON].tolist() == [0, 1]


def test_a_test_without_clicks_ends_on_its_day_with_the_first():
    after = play(rotation_of(TEST, [1.0, 1.0], days=1), [(2, 0, 0, 0, 0)] * 30)
    assert after[-1, :, rotating.IMPRESSIONS].tolist() == [24 + 12, 24]


def test_profit_prefers_few_clicks_that_buy():
    """0.02 x (0.2 x 50 - 1) = 0.18 an impression against 0.06 x (0.02 x 50 - 1) = 0."""
    trials = np.zeros((2, rotating.N_TRIED), np.int64)
    trials[:, :6] = (1000, 60, 1, 60, 50, 0), (1000, 20, 4, 20, 200, 0)
    for goal, best in ((FOR_CLICKS, 0), (model.FOR_ORDERS, 1), (model.FOR_PROFIT, 1)):
        rotation = rotation_of(TEST, [1.0, 1.0], impressions=1, goal=goal)
        assert rotating.best_so_far(rotation, 0, 0, 2, trials) == best
