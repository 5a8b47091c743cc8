"""Memberships, cells and factors, against the person by person way."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from adsim.audience.cells import MOST_CELLS, audience_cells
from adsim.audience.membership import gather_audience
from adsim.audience.persons import make_people
from adsim.errors import MarketError
from adsim.market.compile import compile_market
from adsim.market.sides import list_sides
from adsim.scenario import todays_plan
from adsim.simulate import simulate
from tests.audience.shops import CROWDS, RULES, naive_cells, shop
from tests.simulate.test_fidelities import FIELDS, limit


def test_cells_are_the_naive_ones():
    scenario = shop()
    cells = audience_cells(scenario)
    naive = naive_cells(gather_audience(scenario).people)
    assert set(cells.members) == set(naive)
    for place, crowds in enumerate(cells.members):
        found = (cells.persons[place], cells.share[place], cells.ctr[place], cells.cvr[place])
        assert found == pytest.approx(naive[crowds], rel=1e-12)


def test_persons_neither_appear_nor_vanish():
    cells = audience_cells(shop())
    assert cells.persons.sum() == 5_000
    assert cells.share.sum() == pytest.approx(1.0, rel=1e-12)
    assert (cells.persons > 0).all()


def test_factors_leave_the_means_of_the_market():
    cells = audience_cells(shop())
    clicks = cells.share * cells.ctr
    assert clicks.sum() == pytest.approx(1.0, rel=1e-12)
    assert (clicks * cells.cvr).sum() == pytest.approx(1.0, rel=1e-12)


def test_without_effects_all_cells_are_alike():
    cells = audience_cells(shop(population={"effects": ()}))
    assert cells.share == pytest.approx(cells.persons / 5_000, rel=1e-12)
    assert (cells.ctr == 1.0).all() and (cells.cvr == 1.0).all()


def test_members_are_the_naive_ones():
    audience = gather_audience(shop())
    people = list(audience.people.iter_rows(named=True))
    for name, holds in RULES.items():
        assert audience.members[name].tolist() == [holds(person) for person in people]


def test_a_crowd_may_name_crowds_that_are_declared_later():
    chain = [
        {"name": "c", "where": "a AND NOT b"},
        {"name": "b", "where": "a AND member"},
        {"name": "a", "where": "tier >= 2"},
    ]
    members = gather_audience(shop(chain)).members
    assert list(members) == ["c", "b", "a"]
    assert not (members["b"] & ~members["a"]).any()  # nested
    assert (members["c"] == (members["a"] & ~members["b"])).all()


def test_unknown_is_not_in():
    members = gather_audience(shop([{"name": "a", "where": "days > 3"}])).members["a"]
    people = gather_audience(shop()).people
    assert not members[people["days"].is_null().to_numpy()].any()


def test_nobody_and_everybody():
    cells = audience_cells(
        shop([{"name": "none at all", "where": "tier = 9"}, {"name": "all", "where": "tier >= 1"}])
    )
    assert cells.members == (("all",),)
    assert (cells.share[0], cells.ctr[0], cells.cvr[0]) == pytest.approx((1, 1, 1), rel=1e-12)


def test_only_patterns_that_exist_become_cells():
    """Twenty nested crowds make 21 cells, not 2^20."""
    nested = [{"name": f"c{day}", "where": f"days <= {day}"} for day in range(20)]
    assert len(audience_cells(shop(nested)).members) == 21


def test_cells_are_made_anew_when_anything_of_the_persons_changes():
    people = pl.DataFrame({"tier": [1, 2, 3]})
    crowd = [{"name": "a", "where": "tier >= 2"}]
    nothing = {"effects": ()}
    first = audience_cells(shop(crowd, nothing, people))
    assert audience_cells(shop(crowd, nothing, people, days=2)) is first
    for other in (
        shop([{"name": "a", "where": "tier >= 3"}], nothing, people),
        shop(crowd, {"effects": ({"where": "tier = 2", "searches": 2.0},)}, people),
        shop(crowd, nothing, pl.DataFrame({"tier": [1, 1, 3]})),
    ):
        assert audience_cells(other).share.tolist() != first.share.tolist()


def test_too_many_cells_are_refused():
    columns = {f"x{i}": {"values": [True, False]} for i in range(13)}
    crowds = [{"name": f"c{i}", "where": f"x{i}"} for i in range(13)]
    population = {"size": 100_000, "columns": columns, "effects": ()}
    with pytest.raises(MarketError, match=f"at most {MOST_CELLS:,} audience cells, but make 8,192"):
        audience_cells(shop(crowds, population))
    shares = [{"name": f"s{i}", "share": 0.5} for i in range(3)]
    with pytest.raises(MarketError, match="make 8,192"):
        list_sides(shop([*crowds[:10], *shares], population))


def test_an_effect_that_stops_everything_is_refused():
    effects = ({"where": "tier >= 1", "cvr": 0.0},)
    with pytest.raises(MarketError, match="must leave somebody"):
        audience_cells(shop(population={"effects": effects}))


def test_a_condition_that_fails_on_a_person_names_its_crowd():
    people = pl.DataFrame({"code": ["1", "x"], "tier": [1, 2]})
    scenario = shop([{"name": "odd", "where": "CAST(code AS INT) = 1"}], {"effects": ()}, people)
    with pytest.raises(MarketError, match=r"crowds\.odd\.where must be true or false for every"):
        audience_cells(scenario)


def rows_of(sides):
    return zip(sides.audiences, sides.share.tolist(), sides.table.tolist(), strict=True)


def test_people_of_a_share_crowd_are_independent_of_persons():
    shared = {"name": "plus", "share": 0.2, "ctr": 1.5, "cvr": 2.0, "organic": 3.0}
    shared["order_value"] = 1.2
    sides = list_sides(shop([CROWDS[0], shared, CROWDS[1]], devices=0))
    alone = list_sides(shop([CROWDS[0], CROWDS[1]], devices=0))
    table = {name: (share, *row) for name, share, row in rows_of(sides)}
    for name, share, own in rows_of(alone):
        parts = [] if name == "none" else name.split("+")
        order = ["recent", "plus", "carted"]
        both = "+".join(sorted([*parts, "plus"], key=order.index))
        ctr, cvr, organic, value = own
        assert table[name] == pytest.approx((0.8 * share, *own))
        more = (1.5 * ctr, 2.0 * cvr, 6.0 * organic, 1.2 * value)
        assert table[both] == pytest.approx((0.2 * share, *more))


def test_organic_orders_and_their_value_are_means_over_persons():
    effects = [
        {"where": "tier = 3", "searches": 2.0, "ctr": 1.5, "cvr": 2.0, "order_value": 3.0},
        {"where": "tier > 1", "organic": 4.0},
    ]
    columns = {"tier": {"values": [1, 2, 3]}, "x": {"values": [True, False]}}
    population = {"size": 3_000, "columns": columns, "effects": effects}
    scenario = shop([{"name": "in x", "where": "x"}], population, devices=0)
    cells = audience_cells(scenario)
    people = make_people(scenario).with_columns(
        searches=pl.when(pl.col("tier") == 3).then(2.0).otherwise(1.0),
        organic=pl.when(pl.col("tier") == 3).then(2.0 * 8.0).when(pl.col("tier") == 2).then(4.0)
        .otherwise(1.0),
        orders=pl.when(pl.col("tier") == 3).then(6.0).otherwise(1.0),
        revenue=pl.when(pl.col("tier") == 3).then(18.0).otherwise(1.0),
    )  # fmt: skip
    every = people.sum()
    for place, inside in enumerate((False, True)):
        some = people.filter(pl.col("x") == inside).sum()
        rate = some["organic"][0] / some["searches"][0]
        assert cells.organic[place] == pytest.approx(
            rate / (every["organic"][0] / every["searches"][0])
        )
        worth = some["revenue"][0] / some["orders"][0]
        assert cells.value[place] == pytest.approx(
            worth / (every["revenue"][0] / every["orders"][0])
        )


def test_independent_traits_make_the_product_of_shares():
    """Persons with independent traits against today's crowds with shares; 1e-4 false alarms."""
    size = 40_000
    columns = {n: {"values": [True, False], "weights": [1, 3]} for n in ("x", "y")}
    crowds = [{"name": f"in {n}", "where": n} for n in columns]
    persons = audience_cells(shop(crowds, {"size": size, "columns": columns, "effects": ()}))
    sides = list_sides(shop([{"name": f"in {n}", "share": 0.25} for n in columns], devices=0))
    share = dict(zip(sides.audiences, sides.share, strict=True))
    for crowds_in, found in zip(persons.members, persons.share, strict=True):
        p = share["+".join(crowds_in) or "none"]
        assert abs(found - p) < 4.1 * (p * (1 - p) / size) ** 0.5  # four cells, two-sided


def test_the_highest_premium_counts_not_the_sum():
    scenario = shop([{"name": "all", "where": "tier >= 1"}, {"name": "some", "where": "tier = 3"}])
    campaign = scenario.campaigns[0].model_copy(update={"premiums": {"all": 0.2, "some": 0.5}})
    scenario = scenario.model_copy(update={"campaigns": (campaign, *scenario.campaigns[1:])})
    market = compile_market(scenario, [todays_plan(scenario)])
    coefficient = market.plans[0].coefficient[0].max(axis=1)
    base = {
        device: campaign.devices.get(device, 1.0) * np.max(campaign.hours)
        for device in market.sides.devices
    }
    for (crowds, device), found in zip(market.sides.members, coefficient, strict=True):
        assert found == pytest.approx(base[device] * (1.5 if "some" in crowds else 1.2))


REPLICATIONS = 60


@pytest.mark.parametrize("fidelity", ["counts", "events"])
def test_fidelities_agree_on_persons(fidelity):
    """As tests/simulate does for shares; all comparisons together 1e-3 false alarms."""
    scenario = shop(searches=20_000.0)
    groups = ["audience"]
    expected = (
        simulate(scenario, fidelity="expected", by=groups).tallies(groups)[0][0].astype(float)
    )
    run = simulate(scenario, fidelity=fidelity, replications=REPLICATIONS, seed=11, by=groups)
    drawn = run.tallies(groups)[0].astype(float)
    mean, error = drawn.mean(axis=0), drawn.std(axis=0, ddof=1) / REPLICATIONS**0.5
    enough = (expected >= 30.0) & np.isin(np.arange(expected.shape[1]), FIELDS)
    assert enough.sum() >= 45
    bound = limit(2 * enough.sum(), REPLICATIONS - 1)
    assert (np.abs(mean - expected)[enough] <= bound * error[enough]).all()


@pytest.mark.parametrize("fidelity", ["counts", "events"])
def test_any_number_of_threads_gives_the_same(fidelity):
    scenario = shop()
    runs = [
        simulate(scenario, fidelity=fidelity, replications=4, threads=threads, by=["audience"])
        for threads in (1, 3)
    ]
    one, three = (run.report(by=["audience"]) for run in runs)
    assert one.equals(three)
