"""One auction: the priced cases of validation.md section 2 and the rules of section 1."""

from __future__ import annotations

from itertools import permutations

import pytest

import adsim
from adsim.errors import SimulationError


def charges(*arguments, **settings):
    return adsim.run_auction(*arguments, **settings)["charge"].to_list()


def positions(*arguments, **settings):
    return adsim.run_auction(*arguments, **settings)["position"].to_list()


def money(table, clicks):
    return sum(c * n for c, n in zip(table["charge"].head(len(clicks)), clicks, strict=True))


def test_truthful_generalized_second_price():
    table = adsim.run_auction([10, 4, 2], [1, 1, 1], slots=2, increment=0)
    assert table["charge"].to_list() == [4, 2, None]
    assert money(table, [200, 100]) == 1000


def test_lowest_locally_envy_free_bids():
    table = adsim.run_auction([10, 3, 2], [1, 1, 1], slots=2, increment=0)
    assert table["charge"].to_list() == [3, 2, None]
    assert money(table, [200, 100]) == 800


@pytest.mark.parametrize(
    ("bid", "place", "clicks", "payoff"), [(10, 1, 200, 1200), (3, 2, 199, 1592)]
)
def test_second_price_is_not_truthful(bid, place, clicks, payoff):
    table = adsim.run_auction([bid, 4, 2], [1, 1, 1], increment=0)
    assert table["position"][0] == place
    assert (10 - table["charge"][0]) * clicks == payoff


def test_quality_and_reserve_score():
    table = adsim.run_auction(
        [4, 3, 2, 1], [0.5, 1, 0.8, 1.2], reserve_score=0.9, slots=3, increment=0
    )
    assert table["position"].to_list() == [2, 1, 3, None]
    assert table["charge"].to_list() == [3.2, 2.0, 1.5, None]
    assert table["reason"].to_list() == ["shown"] * 3 + ["beyond the slots"]


def test_a_lone_bidder_pays_the_reserve_over_its_quality():
    assert charges([4], [0.5], reserve_score=0.9, increment=0) == [1.8]


def test_kuaiche_next_score_over_own_quality_and_a_fen():
    table = adsim.run_auction([3.0, 2.5, 2.0], [10, 8, 6], floor_price=0.1)
    assert table["ad_rank"].to_list() == [30, 20, 12]
    assert table["charge"].to_list() == [2.01, 1.51, 0.10]


def test_pdd():
    assert charges([1.0, 1.0], [8, 10])[1] == 0.81


def test_a_price_above_the_bid_is_the_bid():
    assert charges([2.00, 1.995], [1, 1])[0] == 2.00
    assert charges([2.00, 1.99], [1, 1], increment=0.05)[0] == 2.00


def test_higher_own_quality_at_the_same_place_costs_less():
    worse, better = (charges([3, 2], [quality, 5])[0] for quality in (6, 8))
    assert better < worse


def test_squashed_quality():
    table = adsim.run_auction([2, 1], [4, 9], quality_exponent=0.5, increment=0)
    assert table["ad_rank"].to_list() == [4, 3]
    assert table["charge"][0] == 1.5


def test_without_an_exponent_only_bids_count():
    assert positions([2, 1, 0.5], [1, 100, 7], quality_exponent=0) == [1, 2, 3]


def test_below_reserve_and_below_floor_are_no_rivals():
    table = adsim.run_auction(
        [3.0, 0.5, 0.05, 0.0, 1.0], [1, 1, 100, 1, 0], reserve_score=2, floor_price=0.1
    )
    reasons = ["shown", "below reserve", "below floor", "no bid or quality", "no bid or quality"]
    assert table["reason"].to_list() == reasons
    assert table["charge"].to_list() == [2.01, None, None, None, None]


@pytest.mark.parametrize("fen", range(1, 100))
def test_a_bid_at_the_floor_or_the_reserve_takes_part(fen):
    bid = fen / 100
    assert charges([bid], [1], floor_price=bid) == [bid]
    assert charges([bid], [1], reserve_score=bid) == [bid]


def test_charge_steps():
    assert charges([2, 1.234567], [1, 1], increment=0, charge_step=0)[0] == 1.234567
    assert charges([2, 1.005], [1, 1], increment=0)[0] == 1.01
    assert charges([1.999, 1.998], [1, 1], increment=0)[0] == 1.99
    assert charges([2, 1.07], [1, 1], increment=0, charge_step=0.1)[0] == 1.1
    assert charges([0.004], [1]) == [0.0]


def test_the_first_of_two_tied_ads_pays_its_own_bid():
    table = adsim.run_auction([3, 5, 2], [10, 6, 10], increment=0)
    first = table["position"].to_list().index(1)
    assert first in (0, 1)
    assert table["charge"][first] == [3, 5, 2][first]


def test_ties_do_not_depend_on_the_order_of_the_lists():
    ads = [(3.0, 10.0, "a"), (5.0, 6.0, "b"), (6.0, 5.0, "c"), (1.0, 7.0, "d")]
    seen = set()
    for order in permutations(ads):
        bids, qualities, ids = zip(*order, strict=True)
        table = adsim.run_auction(bids, qualities, ids=ids).sort("bidder")
        seen.add(tuple(table.select("bidder", "position", "charge").rows()))
        numbered = adsim.run_auction(bids, qualities)
        seen.add(tuple(sorted((b, p) for b, p in zip(bids, numbered["position"], strict=True))))
    assert len(seen) == 2


def test_rows_stand_in_the_order_given():
    assert adsim.run_auction([1, 2], [1, 1])["bidder"].to_list() == [1, 2]
    assert adsim.run_auction([1, 2], [1, 1], ids=["x", "y"])["bidder"].to_list() == ["x", "y"]
    assert adsim.run_auction([1, 2], [1, 1])["position"].to_list() == [2, 1]


def test_nobody_bids():
    empty = adsim.run_auction([], [])
    assert empty.height == 0
    assert empty.schema == adsim.run_auction([1], [1]).schema


def test_all_mistakes_are_told_at_once():
    with pytest.raises(SimulationError) as caught:
        adsim.run_auction(
            [1, -2, float("nan"), "x"],
            [1, True],
            ids=["A", "a", 3],
            slots=0,
            increment=-1,
            quality_exponent=11,
            charge_step=float("inf"),
        )
    lines = str(caught.value).splitlines()
    assert [line.split(":")[0] for line in lines] == [
        *("bids[1]", "bids[2]", "bids[3]", "qualities[1]", "run_auction", "ids[1]", "ids[2]"),
        *("slots", "quality_exponent", "increment", "charge_step"),
    ]
    assert lines[0] == (
        "bids[1]: must be a number from 0 to 1e+09, but is -2; give one in this range."
    )


def test_a_decimal_tie_with_the_reserve_score_enters():
    """0.7 x 3 = 2.1 as written, although the product of the doubles is below."""
    assert 0.7 * 3 < 2.1
    table = adsim.run_auction(bids=[0.7], qualities=[3.0], reserve_score=2.1)
    assert table["reason"].to_list() == ["shown"]
    assert adsim.run_auction(bids=[0.69], qualities=[3.0], reserve_score=2.1)["position"][0] is None
