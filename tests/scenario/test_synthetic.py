import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adsim.errors import ScenarioError
from adsim.scenario import check_scenario, synthetic_scenario, write_scenario
from adsim.scenario.columns import READERS, TABLES

EVERYTHING = {
    "queries": 40,
    "keywords_per_query": 5,
    "head_keywords": 3,
    "campaigns": 4,
    "crowds": 3,
    "devices": 4,
    "named_rivals": 2,
    "budget_share": 0.5,
    "query_groups": 4,
    "shock_cv": 0.4,
    "quality_exponent": 0.5,
    "links": True,
}


def test_equal_arguments_give_equal_scenarios_and_other_seeds_do_not():
    assert synthetic_scenario(7, **EVERYTHING) == synthetic_scenario(7, **EVERYTHING)
    assert synthetic_scenario(7, **EVERYTHING) != synthetic_scenario(8, **EVERYTHING)


@settings(max_examples=30)
@given(
    st.integers(0, 2**32 - 1),
    st.fixed_dictionaries(
        {},
        optional={
            "queries": st.integers(1, 60),
            "keywords_per_query": st.integers(1, 5),
            "head_keywords": st.integers(0, 8),
            "campaigns": st.integers(1, 5),
            "crowds": st.integers(0, 10),
            "devices": st.integers(0, 4),
            "named_rivals": st.integers(0, 3),
            "budget_share": st.none() | st.floats(0, 2),
            "quality_exponent": st.sampled_from([0.0, 0.5, 1.0]),
            "flat": st.booleans(),
            "links": st.booleans(),
            "language": st.sampled_from(["english", "chinese"]),
        },
    ),
)
def test_every_synthetic_scenario_is_valid(tmp_path_factory, seed, sizes):
    path = tmp_path_factory.mktemp("synthetic") / "made"
    write_scenario(synthetic_scenario(seed, **sizes), path)
    assert check_scenario(path) == []


def test_tables_have_their_columns_and_no_gaps():
    tables = synthetic_scenario(1, **EVERYTHING).tables
    for spec in TABLES:
        frame = getattr(tables, spec.name)
        assert frame.schema == pl.Schema(spec.schema)
        filled = frame.drop(READERS, strict=False)
        assert filled.null_count().sum_horizontal().sum() == 0


def test_sizes_are_what_was_asked():
    scenario = synthetic_scenario(1, **EVERYTHING)
    tables = scenario.tables
    assert tables.queries.height == 40
    assert tables.keywords.height == 40 * 5 + 3
    assert tables.queries["query_group"].n_unique() == 4
    assert tables.queries["rival_family"].n_unique() == 3 + 4
    assert len(scenario.crowds) == 3
    assert sum(device.share for device in scenario.devices) == 1.0
    assert 0.0 in scenario.campaigns[0].hours[0]
    assert all(campaign.daily_budget > 0 for campaign in scenario.campaigns)


def test_flat_worlds_have_no_coefficients():
    scenario = synthetic_scenario(1, flat=True)
    assert all(not campaign.premiums and not campaign.devices for campaign in scenario.campaigns)
    assert {hour for c in scenario.campaigns for day in c.hours for hour in day} == {1.0}
    assert scenario.demand.hour == (1 / 24,) * 24


@pytest.mark.parametrize("language", ["english", "chinese"])
def test_keywords_stand_in_the_query_they_are_made_for(language):
    tables = synthetic_scenario(3, **EVERYTHING | {"language": language}).tables
    assert tables.links.height >= 200
    for link in tables.links.iter_rows(named=True):
        query, keyword = link["query"], link["keyword"]
        if link["match_type"] == "exact":
            assert keyword == query
        elif link["match_type"] == "phrase":
            assert keyword in query
        else:
            assert all(word in query for word in keyword.split())


def test_volumes_follow_a_zipf_law_around_the_asked_mean():
    searches = synthetic_scenario(2, queries=1000, searches=50.0).tables.queries["daily_searches"]
    assert searches.mean() == pytest.approx(50.0, rel=1e-3)
    ordered = np.sort(searches.to_numpy())[::-1]
    slope = np.polyfit(np.log(np.arange(1, 101)), np.log(ordered[:100]), 1)[0]
    assert slope == pytest.approx(-0.9, abs=0.01)


def test_luck_of_a_column_does_not_depend_on_other_sizes():
    small = synthetic_scenario(5, queries=10).tables
    large = synthetic_scenario(5, queries=50, crowds=0, keywords_per_query=2).tables
    assert large.queries.head(10)["ctr"].equals(small.queries["ctr"])
    assert large.keywords.head(10)["bid"].equals(small.keywords["bid"])


def test_a_million_queries_fit():
    tables = synthetic_scenario(1, queries=10**6).tables
    assert tables.queries["query"].n_unique() == 10**6
    assert tables.keywords["bid"].median() == pytest.approx(1.3, abs=0.1)


def test_bad_sizes_are_named():
    with pytest.raises(ScenarioError) as raised:
        synthetic_scenario(-1, queries=0, familes=("gamma",), language="latin")
    message = str(raised.value)
    for part in (
        "seed must be >= 0, but is -1",
        "queries must be >= 1, but is 0",
        "familes must be a known key, but is not; did you mean families?",
        "language must be 'english' or 'chinese'",
    ):
        assert part in message
