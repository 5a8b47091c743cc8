"""Lookalikes: the regression against scipy's optimum, the ranking, and what it leaves out."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.optimize import minimize

from adsim.audience.lookalike import compared_traits, expand, levels_of, score_likeness
from adsim.audience.membership import Audience, gather_audience
from adsim.audience.persons import make_people
from adsim.errors import MarketError
from adsim.scenario.models import Crowd
from tests.audience.shops import shop

SEED = {"name": "seed", "where": "relation = 'carted'"}


def ranked(size=0.1, crowds=(SEED,), **keys):
    crowd = {"name": "like", "lookalike": "seed", "size": size, **keys}
    scenario = shop([*crowds, crowd])
    people = make_people(scenario)
    return expand(scenario, scenario.crowds[-1], people, Audience(scenario, people).members)


def naive_scores(traits: list[np.ndarray], seed: np.ndarray) -> np.ndarray:
    """The regression by scipy on dummies of all levels."""
    x = np.column_stack([codes == k for codes in traits for k in range(codes.max() + 1)])

    def loss(weights: np.ndarray) -> float:
        score = weights[0] + x @ weights[1:]
        return (np.logaddexp(0, score) - seed * score).sum() + 0.5 * (weights[1:] ** 2).sum()

    best = minimize(loss, np.zeros(1 + x.shape[1]), options={"gtol": 1e-6})
    return best.x[0] + x @ best.x[1:]


def test_scores_are_those_of_the_naive_regression():
    people = make_people(shop([], {"size": 400}))
    traits = [levels_of(people[name]) for name in ("tier", "member")]
    seed = (people["relation"] == "carted").to_numpy()
    assert score_likeness(traits, seed) == pytest.approx(naive_scores(traits, seed), abs=1e-4)


def test_scores_settle_where_a_trait_tells_all_and_where_the_seed_is_one_person():
    draws = np.random.default_rng(1)
    traits = [draws.integers(0, levels, 600) for levels in (2, 3, 4)]
    for seed in (traits[0] == 1, (traits[1] == 2) & (traits[2] == 3), np.arange(600) == 5):
        assert score_likeness(traits, seed) == pytest.approx(naive_scores(traits, seed), abs=1e-4)


def test_a_lookalike_has_its_size_and_holds_nobody_of_the_seed():
    like = ranked(0.1)
    seed = (make_people(shop())["relation"] == "carted").to_numpy()
    assert like.members.sum() == 500
    assert not (like.members & seed).any()
    assert len(like.ranked) == (~seed).sum()


def test_a_size_between_two_numbers_of_persons_is_the_nearer_one():
    assert ranked(0.09998).members.sum() == 500  # of 499.9


def test_larger_lookalikes_hold_the_smaller_ones():
    assert (ranked(0.02).members <= ranked(0.1).members).all()


def test_it_finds_the_likest():
    """Of the traits compared only tier makes carting likelier."""
    like = ranked(0.05)
    tier = make_people(shop())["tier"].to_numpy()
    assert (tier[like.members] == 3).all()


def test_who_is_as_like_falls_to_luck_not_to_the_order_of_rows():
    like = ranked(0.05, traits=["tier"])
    persons = np.flatnonzero(like.members)
    assert persons.min() < 200 and persons.max() > 4_800


def test_columns_that_the_seed_fixes_are_left_out():
    crowds = (
        Crowd(name="deep", where="relation = 'carted'"),
        Crowd(name="seed", where="deep OR member"),
        Crowd(name="like", lookalike="seed", size=0.1),
    )
    scenario = shop().model_copy(update={"crowds": crowds})
    people = make_people(scenario)
    assert compared_traits(scenario, crowds[-1], people) == ["tier"]  # days are drawn by relation


def test_what_is_drawn_given_what_is_drawn_given_the_seed_is_left_out_too():
    crowds = (Crowd(name="seed", where="tier = 3"), Crowd(name="like", lookalike="seed", size=0.1))
    scenario = shop().model_copy(update={"crowds": crowds})
    assert compared_traits(scenario, crowds[-1], make_people(scenario)) == ["member"]


def test_a_seed_of_nobody_is_refused():
    with pytest.raises(MarketError, match=r"crowds\.like\.lookalike must be a crowd with somebody"):
        ranked(crowds=[{"name": "seed", "where": "tier = 9"}])


def test_a_seed_of_everybody_leaves_nobody():
    assert ranked(crowds=[{"name": "seed", "where": "tier >= 1"}]).members.sum() == 0


def test_a_seed_that_fixes_every_column_is_refused():
    where = "tier = 1 AND relation = 'new' AND days IS NULL AND member"
    with pytest.raises(MarketError, match="must leave a column to compare, but all follow"):
        ranked(crowds=[{"name": "seed", "where": where}])


def test_a_crowd_may_be_made_from_a_lookalike():
    crowds = [
        {"name": "wide", "where": "like OR seed"},
        SEED,
        {"name": "like", "lookalike": "seed", "size": 0.1},
    ]
    members = gather_audience(shop(crowds)).members
    assert members["wide"].sum() == members["like"].sum() + members["seed"].sum()


def test_many_numbers_are_cut_at_deciles_and_none_is_a_level_of_its_own():
    trait = pl.Series("x", [None, *range(100)])
    levels = levels_of(trait)
    assert levels[0] == 0
    assert np.bincount(levels).tolist() == [1] + [10] * 10
    assert levels_of(pl.Series("x", ["b", None, "a", "b"])).tolist() == [2, 0, 1, 2]
    assert levels_of(pl.Series("x", [True, False, None])).tolist() == [2, 1, 0]
