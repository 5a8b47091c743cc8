"""Persons who live: places, kinds and cells against persons looked at one by one."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from adsim.audience.kinds import find_kinds
from adsim.audience.living import living_cells
from adsim.audience.membership import gather_audience
from adsim.errors import MarketError
from adsim.market.compile import compile_market
from adsim.scenario import Scenario, todays_plan
from adsim.scenario.journeys import Journey
from tests.audience.shops import CROWDS, RULES, TRAITS, naive_factors, shop

LIVES = {
    "trait": "relation",
    "states": (
        {"name": "new", "click": {"visited": 1.0}},
        {"name": "visited", "cvr": 2.0, "days": 14, "then": "new", "since": "days"},
        {"name": "carted", "searches": 3.0, "days": 5, "then": "visited"},
        {"name": "bought"},
    ),
}
FROZEN = {"name": "once carted", "where": "relation = 'carted'", "frozen": True}
ALIKE = {"name": "like carted", "lookalike": "carted", "size": 0.05}
EMPTY = {"name": "empty", "where": "tier > 3"}


def living(crowds=(*CROWDS, FROZEN, ALIKE, EMPTY), population=None, **journey) -> Scenario:
    made = shop(crowds, {"size": 2_000} | (population or {}))
    return made.model_copy(update={"journey": Journey(**(LIVES | journey))})


@pytest.fixture(scope="module")
def audience():
    return gather_audience(living())


@pytest.fixture(scope="module")
def kinds(audience):
    return find_kinds(audience)


def test_every_person_is_what_its_kind_is_at_every_place(audience, kinds):
    """Crowds and factors person by person, at some persons and all places."""
    names = list(audience.members)
    static = {name: audience.members[name] for name in ("once carted", "like carted")}
    states = kinds.places.journey.states
    for person in range(0, 2_000, 97):
        kind, traits = kinds.kind[person], audience.people.row(person, named=True)
        for place, (state, age) in enumerate(
            zip(kinds.places.state, kinds.places.age, strict=True)
        ):
            here = traits | {
                "relation": states[state].name, "days": int(age) if states[state].since else None
            }  # fmt: skip
            found = dict(zip(names, kinds.inside[kind, place], strict=True))
            for name, rule in RULES.items():
                assert found[name] == rule(here), (person, place, name)
            assert not found["empty"]
            for name, inside in static.items():
                assert found[name] == inside[person]
            own = (states[state].searches, states[state].ctr, states[state].cvr)
            factors = np.array(naive_factors(here)) * own
            assert kinds.factors[kind, place, :3] == pytest.approx(factors, rel=1e-12)


def test_persons_start_where_their_traits_say(audience, kinds):
    """Who has been in a state for longer than a stay has gone on."""
    drawn = shop(population={"size": 2_000})
    before = gather_audience(drawn).people
    n_carted = int((before["relation"] == "carted").sum())
    old = (before["relation"] == "visited") & (before["days"] >= 14)
    by_state = np.add.reduceat(kinds.persons.sum(axis=0), kinds.places.first)
    n_visited = int((before["relation"] == "visited").sum() - old.sum())
    n_new = int((before["relation"] == "new").sum() + old.sum())
    assert by_state.tolist() == [n_new, n_visited, n_carted, 0]
    assert old.sum() > 10
    visited = audience.people.filter(pl.col("relation") == "visited")["days"]
    ages = np.bincount(visited.to_numpy(), minlength=14)
    first = kinds.places.first[1]
    assert kinds.persons[:, first : first + 14].sum(axis=0).tolist() == ages.tolist()
    assert audience.people.filter(pl.col("relation") != "visited")["days"].null_count() > 0


def test_kinds_are_as_few_as_they_can_be(kinds):
    told = {
        (kinds.inside[k].tobytes(), kinds.factors[k].tobytes()) for k in range(len(kinds.persons))
    }
    assert len(told) == len(kinds.persons)


def test_cells_share_searches_and_have_mean_factors_of_one():
    cells = living_cells(living(burn_in=3))
    share = cells.searches / cells.searches.sum()
    ctr, cvr, _, value = cells.factors.T
    assert share @ ctr == pytest.approx(1.0)
    assert share @ (ctr * cvr) == pytest.approx(1.0)
    assert (share * ctr * cvr) @ value == pytest.approx(1.0)
    market = compile_market(living(), [todays_plan(living())])
    assert market.arrays.share.sum(axis=1) == pytest.approx([1.0])


def test_a_new_crowd_changes_nobodys_start():
    fewer, more = find_kinds(gather_audience(living(CROWDS))), find_kinds(gather_audience(living()))
    assert fewer.persons.sum(axis=0).tolist() == more.persons.sum(axis=0).tolist()


def test_held_out_persons_are_kinds_of_their_own():
    made = living()
    general = made.scenario.model_copy(update={"holdout": 0.2})
    kinds = find_kinds(gather_audience(made.model_copy(update={"scenario": general})))
    share = kinds.persons[kinds.held_out].sum() / 2_000
    assert 0.15 < share < 0.25  # 200 +- 18 persons a tenth: chance below 1e-7


def test_too_many_kinds_and_places_are_refused():
    effects = tuple({"where": f"days = {day}", "ctr": 1.0 + day / 1e3} for day in range(120))
    states = (LIVES["states"][0], {**LIVES["states"][1], "days": 120}, *LIVES["states"][2:])
    columns = TRAITS | {"x": {"family": "uniform", "low": 0.0, "high": 1.0}}
    crowds = [{"name": f"c{i}", "where": f"x < {i / 40}"} for i in range(1, 40)]
    made = living(crowds, {"effects": effects, "columns": columns}, states=states)
    with pytest.raises(MarketError, match="must make at most 4,096 audience cells, but make 4,840"):
        living_cells(made)


def test_nobody_who_searches_is_refused():
    states = [{**state, "searches": 0.0} for state in LIVES["states"]]
    with pytest.raises(MarketError, match="effects and states must leave somebody"):
        living_cells(living(states=states))


def test_a_query_that_nobody_searches_is_named():
    query = shop().tables.queries["query"][1]
    states = [{**state, "queries": {query: 0.0}} for state in LIVES["states"]]
    made = living(states=states)
    with pytest.raises(MarketError, match=f"leave nobody for {query}"):
        compile_market(made, [todays_plan(made)])
