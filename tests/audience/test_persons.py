"""Persons drawn trait by trait."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy import stats

from adsim.audience.persons import make_people
from adsim.scenario.populations import Population
from tests.audience.shops import TRAITS, shop

LEVEL = 1e-4  # false-alarm rate of each statistical test; the seeds are fixed


def people_of(columns, **keys) -> pl.DataFrame:
    return make_people(shop([], {"columns": columns, "effects": (), **keys}))


def test_without_a_population_there_is_nobody():
    scenario = shop().model_copy(update={"population": None})
    assert make_people(scenario).height == 0


def test_persons_have_the_declared_columns_and_types():
    people = people_of(TRAITS)
    assert people.columns == list(TRAITS)
    assert people.height == 5_000
    relation = pl.Enum(["new", "visited", "carted"])
    assert people.dtypes == [pl.Int64, relation, pl.Int64, pl.Boolean]


def test_a_person_stays_the_same_when_persons_columns_and_order_change():
    few = people_of(TRAITS, size=700)
    more = {"first": {"values": ["a", "b"]}, **dict(reversed(TRAITS.items()))}
    many = people_of(more, size=5_000)
    assert many.head(700).select(few.columns).equals(few)


def test_crowds_and_effects_leave_persons_alone():
    assert make_people(shop()).equals(make_people(shop([], {"effects": ()})))


def test_another_seed_makes_other_persons():
    assert not people_of(TRAITS, seed=2).equals(people_of(TRAITS))


def test_two_columns_of_the_same_kind_are_independent():
    coin = {"values": [0, 1]}
    people = people_of({"a": coin, "b": coin}, size=20_000)
    table = people.pivot("b", index="a", values="b", aggregate_function="len").drop("a")
    assert stats.chi2_contingency(table.to_numpy()).pvalue > LEVEL


def test_marginals_and_cases_have_the_declared_weights():
    people = people_of(TRAITS, size=50_000)
    for tier, weights in ((1, [8, 3, 1]), (2, [8, 3, 1]), (3, [3, 2, 2])):
        here = people.filter(pl.col("tier") == tier)["relation"].to_physical()
        counts = np.bincount(here.to_numpy(), minlength=3)
        expected = np.array(weights) / sum(weights) * counts.sum()
        assert stats.chisquare(counts, expected).pvalue > LEVEL


def test_a_value_of_no_weight_is_never_drawn():
    people = people_of({"x": {"values": ["a", "b", "c"], "weights": [1, 0, 1]}}, size=50_000)
    assert set(people["x"].unique()) == {"a", "c"}


def test_values_may_be_texts_numbers_or_flags():
    columns = {"a": {"values": [0.5, 1]}, "b": {"values": [True, False]}, "c": {"values": ["1"]}}
    people = people_of(columns, size=10)
    assert people.dtypes == [pl.Float64, pl.Boolean, pl.Enum(["1"])]
    assert set(people["a"].unique()) == {0.5, 1.0}


FAMILIES = {
    "lognormal": ({"scale": 3.0, "shape": 0.5}, stats.lognorm(0.5, scale=3.0)),
    "exponential": ({"scale": 7.0}, stats.expon(scale=7.0)),
    "uniform": ({"low": -1.0, "high": 4.0}, stats.uniform(-1, 5)),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_families_have_their_distribution(family):
    keys, law = FAMILIES[family]
    drawn = people_of({"x": {"family": family, **keys}}, size=20_000)["x"]
    assert stats.kstest(drawn.to_numpy(), law.cdf).pvalue > LEVEL


def test_the_widest_family_stays_within_whole_numbers():
    wild = {"family": "lognormal", "scale": 9e8, "shape": 5.0, "whole": True}
    drawn = people_of({"x": wild}, size=50_000)["x"]
    assert drawn.null_count() == 0 and drawn.max() == 2**53


def test_missing_is_a_share_of_persons_and_leaves_the_others_their_distribution():
    spread = {"family": "exponential", "scale": 7.0, "missing": 0.3}
    drawn = people_of({"x": spread}, size=20_000)["x"]
    assert stats.binomtest(drawn.null_count(), 20_000, 0.3).pvalue > LEVEL
    assert stats.kstest(drawn.drop_nulls().to_numpy(), stats.expon(scale=7.0).cdf).pvalue > LEVEL


def test_cases_change_what_they_name_and_leave_the_rest():
    columns = {
        "kind": {"values": ["never", "long ago", "now"]},
        "days": {
            "family": "uniform",
            "low": 0.0,
            "high": 10.0,
            "whole": True,
            "given": "kind",
            "cases": {"never": {"missing": 1.0}, "long ago": {"low": 100.0, "high": 200.0}},
        },
    }
    people = people_of(columns, size=3_000)
    days = dict(people.group_by("kind").agg("days").iter_rows())
    assert set(days["never"]) == {None}
    assert min(days["long ago"]) >= 100 and max(days["long ago"]) < 200
    assert set(days["now"]) == set(range(10))


def test_a_person_without_the_value_that_a_trait_depends_on_has_no_case():
    columns = {
        "kind": {"values": ["a", "b"], "missing": 0.5},
        "x": {"values": [1, 2], "weights": [1, 0], "given": "kind", "cases": {}},
    }
    columns["x"]["cases"] = {k: {"weights": [0, 1]} for k in ("a", "b")}
    people = people_of(columns, size=1_000)
    assert (people["x"] == 1).equals(people["kind"].is_null())


def test_the_shipped_preset_makes_plausible_shoppers():
    people = make_people(shop([], {"columns": {}, "preset": "shoppers", "effects": ()}))
    relation = people["brand_relation"]
    core = people["age"].is_in(["25-34", "35-45"]).mean()
    assert 0.6 < core < 0.75  # courseware: core buyers are 25 to 45
    assert (people["device"] == "mobile").mean() > 0.7  # courseware: mobile above 70 %
    visitors = relation.is_in(["visited", "carted"])
    assert 0.05 <= (relation == "carted").sum() / visitors.sum() <= 0.10
    strangers = people.filter(relation == "new")
    assert strangers["days_since_visit"].null_count() == strangers.height


def test_keys_of_ones_own_amend_a_column_of_a_preset_and_values_replace_it():
    own = {"sex": {"weights": (1, 0)}, "region": {"values": ("all",)}}
    amended, shipped = Population(preset="shoppers", columns=own), Population(preset="shoppers")
    assert amended.columns["sex"].values == shipped.columns["sex"].values
    assert amended.columns["sex"].weights == (1, 0)
    assert amended.columns["region"].weights == ()
    assert amended.columns["age"] == shipped.columns["age"]
