"""What crowds are like."""

from __future__ import annotations

import json

import polars as pl
import pytest

import adsim
from adsim import cli
from adsim.errors import ScenarioError
from adsim.scenario import write_scenario
from tests.audience.shops import CROWDS, RULES, naive_factors, shop

LIKE = {"name": "like carted", "lookalike": "carted", "size": 0.04}
SHARED = {"name": "plus", "share": 0.2, "ctr": 1.5}


@pytest.fixture(scope="module")
def scenario():
    return shop([*CROWDS, SHARED, LIKE])


@pytest.fixture(scope="module")
def tables(scenario):
    return adsim.crowds(scenario)


@pytest.fixture(scope="module")
def people(tables):
    return list(tables.audience.people.iter_rows(named=True))


def test_sizes_are_counted_and_factors_are_means(tables, people):
    searches = clicks = orders = 0.0
    of = {name: [0, 0.0, 0.0, 0.0] for name in RULES}
    for person in people:
        s, c, v = naive_factors(person)
        searches, clicks, orders = searches + s, clicks + s * c, orders + s * c * v
        for name, holds in RULES.items():
            if holds(person):
                of[name] = [a + b for a, b in zip(of[name], (1, s, s * c, s * c * v), strict=True)]
    for row in tables.sizes.head(3).iter_rows(named=True):
        n, s, c, o = of[row["crowd"]]
        assert row["persons"] == n
        assert row["persons_share"] == pytest.approx(n / len(people))
        assert row["searches_share"] == pytest.approx(s / searches)
        assert row["ctr_factor"] == pytest.approx(c / s / (clicks / searches))
        assert row["cvr_factor"] == pytest.approx(o / c / (orders / clicks))


def test_a_crowd_with_a_share_says_what_it_declares(tables):
    row = tables.sizes.row(3, named=True)
    assert row == {
        "crowd": "plus",
        "persons": None,
        "persons_share": None,
        "searches_share": 0.2,
        "ctr_factor": 1.5,
        "cvr_factor": 1.0,
    }


def test_overlap_counts_persons_in_both(tables, people):
    overlap = tables.overlap
    assert overlap.columns == ["crowd", *RULES, "like carted"]
    for row in overlap.head(3).iter_rows(named=True):
        for name, holds in RULES.items():
            both = sum(holds(p) and RULES[row["crowd"]](p) for p in people)
            assert row[name] == both


def test_index_compares_shares_of_a_trait(tables, people):
    found = tables.index.filter(crowd="carted", trait="tier", value="3").row(0, named=True)
    carted = [p for p in people if RULES["carted"](p)]
    inside = sum(p["tier"] == 3 for p in carted) / len(carted)
    outside = sum(p["tier"] == 3 for p in people) / len(people)
    assert found["crowd_share"] == pytest.approx(inside)
    assert found["population_share"] == pytest.approx(outside)
    assert found["index"] == pytest.approx(100 * inside / outside)


def test_shares_of_each_trait_sum_to_one(tables):
    sums = tables.index.group_by("crowd", "trait").agg(
        pl.col("crowd_share", "population_share").sum()
    )
    assert sums["crowd_share"].to_list() == pytest.approx([1.0] * sums.height)
    assert sums["population_share"].to_list() == pytest.approx([1.0] * sums.height)


def test_lookalikes_are_measured_by_size(tables):
    table = tables.lookalikes
    assert table["size"].to_list() == [0.01, 0.02, 0.03, 0.04, 0.05, 0.1]
    assert table["persons"].to_list() == [50, 100, 150, 200, 250, 500]
    own = table.filter(size=0.04).row(0, named=True)
    size = tables.sizes.filter(crowd="like carted").row(0, named=True)
    assert own["cvr_factor"] == pytest.approx(size["cvr_factor"])
    assert table["cvr_factor_told"][0] == pytest.approx(3.1)  # domain: 2.8 % against 0.9 %


def test_crowds_of_shares_alone_have_sizes_and_empty_tables():
    scenario = shop([SHARED]).model_copy(update={"population": None})
    tables = adsim.crowds(scenario)
    assert tables.sizes.height == 1
    assert (tables.overlap.height, tables.index.height, tables.lookalikes.height) == (0, 0, 0)


def test_an_empty_crowd_has_no_shares_and_no_factor():
    tables = adsim.crowds(shop([{"name": "nobody", "where": "tier = 9"}]))
    row = tables.sizes.row(0, named=True)
    assert (row["persons"], row["searches_share"]) == (0, 0.0)
    assert row["ctr_factor"] is row["cvr_factor"] is None
    assert tables.index["crowd_share"].sum() == 0


def test_a_path_is_no_scenario():
    with pytest.raises(ScenarioError, match="must be a Scenario"):
        adsim.crowds("scenarios/dmp_plays")


@pytest.mark.parametrize(
    ("by", "attribute"),
    [
        ("crowds", "sizes"),
        ("overlap", "overlap"),
        ("traits", "index"),
        ("lookalikes", "lookalikes"),
    ],
)
def test_the_command_prints_each_table(scenario, tables, tmp_path, capsysbinary, by, attribute):
    write_scenario(scenario, tmp_path / "shop")
    assert cli.run(["crowds", str(tmp_path / "shop"), "--by", by, "--format", "json"]) == 0
    rows = json.loads(capsysbinary.readouterr().out)
    assert rows == json.loads(getattr(tables, attribute).write_json())
    assert cli.run(["crowds", str(tmp_path / "shop"), "--by", by]) == 0


def test_the_command_refuses_other_tables(scenario, tmp_path, capsys):
    write_scenario(scenario, tmp_path / "shop")
    assert cli.run(["crowds", str(tmp_path / "shop"), "--by", "age"]) == 2
    assert "traits" in capsys.readouterr().err
