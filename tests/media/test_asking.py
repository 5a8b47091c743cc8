"""What media cause, told from histories with and without them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import adsim
from adsim.errors import OutputError, ScenarioError, SimulationError
from adsim.media.auctions import click_terms
from adsim.scenario.media import load_media
from tests.kernels.worlds import needs_jit

pytestmark = needs_jit

SMALL = Path(__file__).parent / "small.toml"
CAUSED = ["sales_caused", "revenue_caused", "spend_caused"]


@pytest.fixture(scope="module")
def run():
    return adsim.media(SMALL, replications=40, seed=3)


def test_any_number_of_threads_gives_the_same_numbers(run):
    again = adsim.media(SMALL, replications=40, seed=3, threads=3)
    for table in ("media", "moved", "shares"):
        assert getattr(run, table).equals(getattr(again, table), null_equal=True)
    other = adsim.media(SMALL, replications=40, seed=4)
    assert not other.media.equals(run.media)


def test_columns_add_up(run):
    row = run.media.row(by_predicate=pl.col("medium") == "tv", named=True)
    assert row["roas"] == pytest.approx(row["revenue_caused"] / row["spend_caused"])
    assert row["spend"] == pytest.approx(400 * 3 / 4 + 900)  # periods 2 to 7 of cycles of 4
    assert row["sales_reported"] is None
    search = run.media.row(by_predicate=pl.col("medium") == "search", named=True)
    assert search["sales_reported"] > search["sales_caused"] > 0
    sums = run.moved.group_by("medium", "dimension").agg(pl.col("share", "share_moved").sum())
    np.testing.assert_allclose(sums["share"], 1.0)
    np.testing.assert_allclose(sums["share_moved"], 0.0, atol=1e-12)
    shares = run.shares.group_by("period", "dimension").agg(pl.col("persons").sum())
    np.testing.assert_allclose(shares["persons"], 3000)


def test_means_and_counts_tell_the_same():
    """6 numbers at 4 times the width of their 95 % intervals: no false alarm in 10^9 seeds."""
    scenario = load_media(SMALL, ["scenario.persons=300000", "media.tv.budget=[40000, 90000]"])
    counts = adsim.media(scenario, replications=32, seed=1).media
    means = adsim.media(scenario, fidelity="expected").media
    assert means["roas_low"].is_null().all()
    for name in ("sales_caused", "roas", "marginal_roas"):
        half = 4 * (counts[f"{name}_high"] - counts[name])
        assert ((counts[name] - means[name]).abs() <= half).all()


def test_a_medium_without_money_causes_nothing():
    run = adsim.media(SMALL, replications=4, overrides=["media.tv.budget=0", "search.search.bid=0"])
    for row in run.media.to_dicts():
        assert row["spend"] == 0 and [row[name] for name in CAUSED] == [0, 0, 0]
        assert row["roas"] is None and row["marginal_roas"] is None
    assert any("nothing is spent" in line for line in run.sentences())


def test_a_world_without_media_runs():
    run = adsim.media(SMALL, replications=2, overrides=["media=[]", "search=[]"])
    assert run.media.is_empty() and run.moved.is_empty()
    assert run.history()["units"].sum() > 0


def test_a_state_that_nobody_enters_and_one_that_nobody_leaves():
    """Everybody ends as a switcher with a high availability; nobody has ever been negative."""
    changes = [
        "natural.carry_over={}",
        "natural.availability={ any = { high = 1 }, high = { high = 1 } }",
        "natural.favorability={ negative = { neutral = 0.5 } }",
        "start.favorability={ unaware = 0.5, neutral = 0.5 }",
        "media.tv.moves={}",
    ]
    shares = adsim.media(SMALL, replications=2, overrides=changes).shares
    last = shares.filter(pl.col("period") == 7)
    persons = dict(last.select("value", "persons").iter_rows())
    assert persons["high"] == 3000 and persons["negative"] == 0
    assert shares.filter(pl.col("value") == "negative")["persons"].max() == 0


def test_what_comes_after_the_measured_periods_counts_as_caused():
    """Loyalty won by television in two periods sells later, too."""
    short = ["measured.first=2", "measured.last=3", "natural.carry_over.favorability=0.95"]
    with_later = adsim.media(SMALL, fidelity="expected", overrides=short).media
    cut = [*short, "scenario.periods=4"]
    without = adsim.media(SMALL, fidelity="expected", overrides=cut).media
    assert with_later["spend"][0] == without["spend"][0]
    assert with_later["sales_caused"][0] > 1.5 * without["sales_caused"][0]


def test_more_carry_over_makes_media_worth_more():
    roas = [
        adsim.media(
            SMALL, fidelity="expected", overrides=f"natural.carry_over.favorability={share}"
        ).media["roas"][0]
        for share in (0.0, 0.5, 0.9)
    ]
    assert roas == sorted(roas) and roas[2] > 1.2 * roas[0]


@pytest.mark.parametrize(("lever", "more"), [("match", 1.01), ("bid", 1.01), ("budget", 1.01)])
def test_the_lever_is_what_grows(lever, more):
    from adsim.media.compile import compile_plan

    scenario = load_media(SMALL, [f"search.search.lever={lever}", "search.search.budget=50"])
    now, then = compile_plan(scenario), compile_plan(scenario, {"search": more})
    changed = {
        "match": np.allclose(then.shown[1, 2:], now.shown[1, 2:] * more),
        "bid": (then.charge[1, 2:] > now.charge[1, 2:]).all(),
        "budget": np.allclose(then.spend[1, 2:], now.spend[1, 2:] * more),
    }
    assert changed == {name: name == lever for name in changed}
    for field in ("shown", "charge", "spend"):  # before the measured periods nothing changes
        np.testing.assert_array_equal(getattr(now, field)[:, :2], getattr(then, field)[:, :2])


def test_search_is_our_auction():
    """The same numbers as a scenario of one query has in its landscape."""
    search = load_media(SMALL).search[0]
    scenario = adsim.load_scenario(
        "scenarios/smallest",
        [
            "auction.slots=3",
            "auction.examination=[1.0, 0.6, 0.3]",
            "auction.reserve_score=0.4",
            "auction.quality_exponent=0",
        ],
    )
    query = scenario.tables.queries.with_columns(
        rivals=pl.lit(4.0), rival_scale=pl.lit(1.2), rival_shape=pl.lit(0.6)
    )
    from dataclasses import replace

    world = scenario.model_copy(update={"tables": replace(scenario.tables, queries=query)})
    bids = [0.3, 0.9, 1.5, 2.5]
    told = adsim.landscape(world, keyword="cup", bids=bids)
    shown, examined, charge = click_terms(search, np.array(bids))
    ctr = query["ctr"].item()
    np.testing.assert_allclose(told["impressions"] / told["searches"], shown, rtol=1e-9)
    np.testing.assert_allclose(told["clicks"] / told["searches"], examined * ctr, rtol=1e-9)
    entered = shown > 0
    np.testing.assert_allclose(told["cpc"].drop_nulls(), charge[entered] / 1e6, rtol=1e-9)


def test_a_history_is_one_replication_in_whole_numbers(run):
    one = run.history(5)
    assert one.height == 8 and one["date"][7].isoformat() == "2025-06-08"
    whole = one.select("units", "buyers", "rival_buyers", "search_clicks", "search_impressions")
    assert whole.equals(whole.cast(pl.Int64).cast(pl.Float64))
    assert one["revenue"].to_list() == [
        units * price for units, price in zip(one["units"], [20, 16] * 4, strict=True)
    ]
    with pytest.raises(SimulationError, match="replication: must be a whole number from 0 to 39"):
        run.history(40)


def test_a_folder_holds_all_tables_and_a_recipe(run, tmp_path):
    run.write(tmp_path / "out", {"more.txt": "more"})
    names = {path.name for path in (tmp_path / "out").iterdir()}
    tables = {f"{name}.csv" for name in ("media", "moved", "shares", "history")}
    assert names == {*tables, "sentences.txt", "scenario.json", "recipe.json", "more.txt"}
    first = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    run.write(tmp_path / "out", {"more.txt": "more"})
    assert first == {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert json.loads(first["recipe.json"])["seed"] == 3
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match="must be new, be empty or hold a recipe"):
        run.write(tmp_path / "other")


def test_arguments_are_refused_all_at_once():
    with pytest.raises(SimulationError) as caught:
        adsim.media(SMALL, replications=0, seed=-1, threads=0, fidelity="events")
    assert [problem.where for problem in caught.value.problems] == [
        "replications",
        "seed",
        "threads",
        "fidelity",
    ]
    with pytest.raises(SimulationError, match="overrides: must come with a file"):
        adsim.media(load_media(SMALL), overrides=["scenario.persons=5"])
    with pytest.raises(ScenarioError, match="must exist"):
        adsim.media("no_such.toml")
    with pytest.raises(SimulationError, match="replications: must be at most"):
        adsim.media(SMALL, replications=1_000_000)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_sentences_tell_each_medium(run, lang):
    text = "\n".join(run.sentences(lang))
    assert "tv" in text and "search" in text and "{" not in text
