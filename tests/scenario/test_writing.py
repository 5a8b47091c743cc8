import tempfile
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adsim.errors import OutputError
from adsim.scenario import (
    Scenario,
    load_plan,
    load_scenario,
    synthetic_scenario,
    todays_plan,
    write_plan,
    write_scenario,
)
from adsim.scenario.writing import new_folder

TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=8
).filter(lambda text: text == " ".join(text.split()))
NUMBER = st.floats(min_value=0, max_value=1e8, allow_subnormal=True)
POSITIVE = st.floats(min_value=1e-300, max_value=1e8)
SHARE = st.floats(min_value=0, max_value=1)
FEW = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Synthetic scenarios with every text and number replaced by hostile ones."""
    scenario = synthetic_scenario(
        draw(st.integers(0, 2**32 - 1)),
        queries=draw(st.integers(1, 4)),
        keywords_per_query=draw(st.integers(1, 2)),
        crowds=draw(st.integers(0, 2)),
        devices=draw(st.integers(0, 3)),
        named_rivals=draw(st.integers(0, 2)),
        budget_share=draw(st.none() | SHARE),
        flat=draw(st.booleans()),
    )
    tables = scenario.tables
    n = tables.queries.height
    groups = draw(st.lists(TEXT, min_size=n, max_size=n))
    searches = draw(st.lists(NUMBER, min_size=n, max_size=n))
    bids = draw(st.lists(POSITIVE, min_size=(k := tables.keywords.height), max_size=k))
    queries = tables.queries.with_columns(
        query_group=pl.Series(groups), daily_searches=pl.Series(searches)
    )
    keywords = tables.keywords.with_columns(bid=pl.Series(bids), ad_group=pl.lit(draw(TEXT)))
    general = scenario.scenario.model_copy(update={"name": draw(TEXT), "currency": draw(TEXT)})
    return scenario.model_copy(
        update={
            "scenario": general,
            "tables": replace(tables, queries=queries, keywords=keywords),
        }
    )


@FEW
@given(scenarios())
def test_a_scenario_survives_its_folder(scenario):
    with tempfile.TemporaryDirectory() as root:
        write_scenario(scenario, Path(root) / "new" / "shop")
        loaded = load_scenario(Path(root) / "new" / "shop")
    assert loaded == scenario
    assert loaded.digest() == scenario.digest()


@st.composite
def plans(draw: st.DrawFn):
    """A scenario and any plan for it."""
    scenario = draw(scenarios())
    today = todays_plan(scenario)
    bid = st.none() | POSITIVE
    n = today.keywords.height
    bids = pl.Series(draw(st.lists(bid, min_size=n, max_size=n)), dtype=pl.Float64)
    status = pl.Series(
        draw(st.lists(st.sampled_from(["active", "paused"]), min_size=n, max_size=n))
    )
    keywords = today.keywords.with_columns(bid=bids.fill_null(today.keywords["bid"]), status=status)
    if draw(st.booleans()):
        new = keywords.head(1).with_columns(keyword=pl.lit("entirely new"))
        keywords = pl.concat([keywords, new])
    budget = st.none() | NUMBER
    campaigns = [
        campaign.model_copy(update=draw(st.just({}) | st.just({"daily_budget": draw(budget)})))
        for campaign in today.campaigns
    ]
    if scenario.crowds and draw(st.booleans()):
        premiums = {scenario.crowds[0].name: min(10.0, draw(NUMBER))}
        campaigns[0] = campaigns[0].model_copy(update={"premiums": premiums})
    return scenario, replace(
        today,
        name="plan",
        keywords=keywords,
        campaigns=tuple(campaigns),
        account_budget=draw(budget),
    )


@FEW
@given(plans())
def test_a_plan_survives_its_folder(drawn):
    scenario, plan = drawn
    with tempfile.TemporaryDirectory() as root:
        write_plan(plan, scenario, Path(root) / "plan")
        assert load_plan(Path(root) / "plan", scenario) == plan


def test_a_plan_folder_holds_only_what_changes(folder, tmp_path):
    scenario = load_scenario(folder)
    today = todays_plan(scenario)
    bids = pl.Series([2.0, 0.75])
    write_plan(
        replace(today, keywords=today.keywords.with_columns(bid=bids)), scenario, tmp_path / "a"
    )
    assert (tmp_path / "a" / "keywords.csv").read_text() == (
        "campaign,ad_group,keyword,match_type,bid\ntail,cups,blue cup,broad,0.75\n"
    )
    assert not (tmp_path / "a" / "plan.toml").exists()

    write_plan(replace(today, account_budget=5.0), scenario, tmp_path / "b")
    assert not (tmp_path / "b" / "keywords.csv").exists()
    assert "[account]\ndaily_budget = 5.0" in (tmp_path / "b" / "plan.toml").read_text()


def test_the_plan_that_changes_nothing_can_be_written(folder, tmp_path):
    scenario = load_scenario(folder)
    write_plan(todays_plan(scenario), scenario, tmp_path / "today")
    assert load_plan(tmp_path / "today", scenario) == todays_plan(scenario)


def test_equal_scenarios_have_equal_digests_whatever_their_layout(folder, edit, tmp_path):
    digest = load_scenario(folder).digest()
    edit("scenario.toml", "slots = 2", "slots = 2 # two\nreserve_score = 0.0")
    edit("keywords.csv", "2.00", "2")
    assert load_scenario(folder).digest() == digest
    edit("keywords.csv", ",2,", ",2.01,")
    assert load_scenario(folder).digest() != digest


@pytest.mark.parametrize("override", ["auction.increment=1", "scenario.days=2", "scenario.name=x"])
def test_every_change_changes_the_digest(folder, override):
    scenario = load_scenario(folder)
    assert scenario.with_overrides([override]).digest() != scenario.digest()


def test_a_file_in_the_way_is_told(folder, tmp_path):
    (tmp_path / "notes").write_text("")
    with pytest.raises(OutputError, match=r"must be writable, but is not \(a file is in its way\)"):
        write_scenario(load_scenario(folder), tmp_path / "notes" / "copy")


def test_a_used_folder_is_left_alone(folder, tmp_path):
    before = sorted(path.name for path in folder.iterdir())
    with pytest.raises(OutputError, match="must be new or empty, but is in use"):
        write_scenario(load_scenario(folder), folder)
    assert sorted(path.name for path in folder.iterdir()) == before
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="must be new or empty"):
        write_scenario(load_scenario(folder), tmp_path / "file")
    with pytest.raises(OutputError, match="must be writable"):
        write_scenario(load_scenario(folder), tmp_path / "file" / "below")


@pytest.mark.parametrize("failure", [KeyboardInterrupt, RuntimeError, OSError])
def test_nothing_partial_is_left_of_a_failure(tmp_path, failure):
    expected = OutputError if failure is OSError else failure

    def fill() -> None:
        with new_folder(tmp_path / "new") as made:
            (made / "half").write_text("")
            raise failure

    with pytest.raises(expected):
        fill()
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_may_be_filled(folder, tmp_path):
    (tmp_path / "empty").mkdir()
    write_scenario(load_scenario(folder), tmp_path / "empty")
    assert load_scenario(tmp_path / "empty") == load_scenario(folder)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
