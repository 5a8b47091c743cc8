from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import adsim
from adsim.errors import MarketError, SimulationError
from adsim.kernels import rotating, tally
from adsim.scenario.columns import CREATIVES
from adsim.scenario.rotations import Rotation
from adsim.scenario.synthetic import synthetic_scenario
from adsim.scenario.tables import filled
from tests.simulate.worlds import CASCADE, PROMOTED, with_auction

FIELDS = ["impressions", "clicks", "orders", "spend", "revenue"]
PICTURES = [("red", 1.0, 1.0), ("blue", 1.6, 0.7), ("green", 0.6, 1.3)]


def shop(rotation=None, *, pictures=PICTURES, wear=0.0, days=3, **sizes):
    """A small market in which every ad group of the first campaign has creatives."""
    sizes = {"queries": 6, "searches": 2000.0, "keywords_per_query": 2, "campaigns": 2, **sizes}
    scenario = synthetic_scenario(5, days=days, crowds=1, **sizes)
    first = scenario.campaigns[0].name
    groups = scenario.tables.keywords.filter(campaign=first)["ad_group"].unique().sort()
    rows = [
        {"campaign": first, "ad_group": group, "creative": name, "ctr": ctr, "cvr": cvr}
        for group in groups
        for name, ctr, cvr in pictures
    ]
    frame = pl.DataFrame(rows, {name: CREATIVES.schema[name] for name in rows[0]} if rows else None)
    frame = pl.concat([pl.DataFrame(schema=CREATIVES.schema), frame], how="diagonal")
    frame = filled(frame.with_columns(wear=pl.lit(wear)), CREATIVES)
    chosen = {} if rotation is None else {group: Rotation(**rotation) for group in groups}
    campaigns = (
        scenario.campaigns[0].model_copy(update={"rotations": chosen}),
        *scenario.campaigns[1:],
    )
    tables = replace(scenario.tables, creatives=frame)
    return scenario.model_copy(update={"campaigns": campaigns, "tables": tables})


HOWS = {
    "equal": {"how": "equal"},
    "optimized": {"how": "optimized", "goal": "profit"},
    "only": {"how": "only", "creative": "blue"},
    "turns": {"how": "turns", "days": 1},
    "test": {"how": "test", "impressions": 300, "goal": "orders"},
}


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("budget", [None, 0.3])
def test_creatives_add_up_to_their_ad_groups(how, budget):
    scenario = shop(HOWS[how], wear=0.1, budget_share=budget)
    run = adsim.simulate(scenario, replications=3, by=("ad_group", "day"))
    groups = ["campaign", "ad_group", "day"]
    whole = run.report(groups).filter(campaign=scenario.campaigns[0].name).sort(groups)
    added = run.creatives("day").group_by(groups).agg(pl.col(FIELDS).sum()).sort(groups)
    for name in FIELDS:
        np.testing.assert_allclose(added[name], whole[name], rtol=1e-9)


def test_one_neutral_creative_changes_nothing():
    plain = shop(pictures=[])
    for fidelity in ("expected", "counts"):
        one = shop({"how": "optimized"}, pictures=[("red", 1.0, 1.0)])
        if fidelity == "expected":
            one = shop(pictures=[("red", 1.0, 1.0)])
        reports = [
            adsim.simulate(world, fidelity=fidelity, replications=2).report("keyword")
            for world in (plain, one)
        ]
        assert reports[0].equals(reports[1])


def test_equal_rotation_keeps_its_promise_under_budgets_every_midnight():
    run = adsim.simulate(shop(budget_share=0.2, delivery="standard"), replications=4)
    shown = run.log[..., rotating.IMPRESSIONS].reshape(4, 4, -1, 3)
    assert (shown.max(axis=-1) - shown.min(axis=-1) <= 1).all()
    assert shown[:, -1].sum() > 1000


def test_threads_change_nothing():
    scenario = shop(HOWS["optimized"], wear=0.2)
    one, two = (adsim.simulate(scenario, replications=4, threads=n) for n in (1, 2))
    assert (one.log == two.log).all()
    assert one.report("keyword").equals(two.report("keyword"))


@pytest.mark.parametrize("how", ["optimized", "test"])
def test_days_carried_on_are_the_same_days(how):
    scenario = shop(HOWS[how], wear=0.2, days=4)
    whole = adsim.simulate(scenario, replications=3)
    first = adsim.simulate(scenario, replications=3, days=2)
    second = adsim.simulate(scenario, state=first.state, days=2)
    assert (whole.log[:, 2:] == second.log).all()
    assert second.with_seed(second.seed).creatives().equals(second.creatives())


def test_another_ad_group_with_creatives_changes_nobodys_luck():
    """Thompson sampling of a campaign's groups; the other campaign, without shared queries."""
    scenario = shop(HOWS["optimized"], keywords_per_query=1)
    rows = scenario.tables.creatives
    group = rows["ad_group"][0]
    few = scenario.model_copy(
        update={
            "tables": replace(scenario.tables, creatives=rows.filter(ad_group=group)),
            "campaigns": (
                scenario.campaigns[0].model_copy(
                    update={"rotations": {group: Rotation(**HOWS["optimized"])}}
                ),
                *scenario.campaigns[1:],
            ),
        }
    )
    assert rows["ad_group"].n_unique() > 1
    log = adsim.simulate(scenario, replications=2).log
    assert (adsim.simulate(few, replications=2).log == log[:, :, :3]).all()


@pytest.mark.parametrize("how", ["equal", "only", "turns"])
@pytest.mark.parametrize("wear", [0.0, 0.2])
def test_means_agree_with_counts(how, wear):
    """64 histories: 4 standard errors on impressions, clicks and orders of the creatives."""
    scenario = shop(HOWS[how], wear=wear)
    means = adsim.simulate(scenario, fidelity="expected").log[0, -1]
    counts = adsim.simulate(scenario, replications=64).log[:, -1]
    for column in (rotating.IMPRESSIONS, rotating.CLICKS, rotating.ORDERS):
        found = counts[..., column]
        error = np.maximum(found.std(axis=0), 1.0) / 8
        assert (
            abs(found.mean(axis=0) - means[:, column]) < 4 * error + 0.005 * means[:, column]
        ).all()


def test_means_hour_by_hour_are_the_closed_form():
    closed = adsim.simulate(shop(budget_share=0.3), fidelity="expected")
    hourly = adsim.simulate(shop(budget_share=0.3, wear=1e-15), fidelity="expected")
    np.testing.assert_allclose(closed.log, hourly.log, rtol=1e-9)
    for name in FIELDS:
        np.testing.assert_allclose(closed.report("day")[name], hourly.report("day")[name])


def test_only_the_chosen_one_is_as_a_creative_column_of_its_factor():
    """CTR 1.6 of all keywords of the campaign: the keyword's own column says the same."""
    blue = shop(HOWS["only"], pictures=[("blue", 1.6, 1.0), ("red", 1.0, 1.0)])
    plain = shop(pictures=[])
    mine = pl.col("campaign") == plain.campaigns[0].name
    factor = pl.when(mine).then(pl.col("creative") * 1.6).otherwise("creative").alias("creative")
    keywords = plain.tables.keywords.with_columns(factor)
    same = plain.model_copy(update={"tables": replace(plain.tables, keywords=keywords)})
    for make in (
        lambda world: adsim.simulate(world, replications=2).report("keyword"),
        lambda world: adsim.landscape(world, scales=[0.5, 1.0, 2.0]),
    ):
        one, other = make(blue), make(same)
        for name in ("clicks", "orders", "spend"):
            np.testing.assert_allclose(one[name], other[name], rtol=1e-6)


def test_thompson_finds_the_best_and_wear_lets_it_go():
    fresh = adsim.simulate(shop({"how": "optimized"}, days=6), replications=8).creatives()
    share = fresh.group_by("creative").agg(pl.col("impressions").sum())
    share = dict(
        share.with_columns(pl.col("impressions") / pl.col("impressions").sum()).iter_rows()
    )
    assert share["blue"] > 0.6 > 0.1 > share["green"]
    worn = adsim.simulate(shop(wear=0.5), fidelity="expected").creatives()
    unworn = adsim.simulate(shop(), fidelity="expected").creatives()
    assert worn["clicks"].sum() < 0.9 * unworn["clicks"].sum()


def test_events_follow_the_same_rotation():
    """24 histories of each fidelity: clicks within 4 standard errors, false alarm 1 in 15,000."""
    scenario = shop(HOWS["optimized"], wear=0.3, searches=400.0, days=2)
    events, counts = (
        adsim.simulate(scenario, fidelity=fidelity, replications=24).log[:, -1, :, rotating.CLICKS]
        for fidelity in ("events", "counts")
    )
    mine, theirs = events.sum(axis=1), counts.sum(axis=1)
    assert abs(mine.mean() - theirs.mean()) < 4 * np.sqrt((mine.var() + theirs.var()) / 24)


@pytest.mark.parametrize("how", ["optimized", "turns"])
def test_single_auctions_add_up_to_events(how):
    sizes = {"searches": 300.0, "days": 2, "budget_share": 0.5}
    one = adsim.simulate(shop(HOWS[how], wear=0.3, **sizes), fidelity="events", replications=1)
    row = one.report().row(0, named=True)
    trace = one.trace(auctions=int(row["searches"]))
    shown = trace["position"].is_not_null()
    assert (shown.sum(), trace["clicked"].sum()) == (row["impressions"], row["clicks"])
    assert trace["ordered"].sum() == row["orders"]


@pytest.mark.slow
@pytest.mark.parametrize("fidelity", ["counts", "events"])
def test_creatives_beside_caps(fidelity):
    scenario = shop(HOWS["optimized"], wear=0.2)
    raw = scenario.declared()
    capped = {"frequency_cap": 2, "premiums": {}}
    raw["campaigns"] = [{**campaign, **capped} for campaign in raw["campaigns"]]
    more = {"population": {"size": 3000, "preset": "shoppers"}, "crowds": []}
    capped = type(scenario).model_validate({**raw, **more, "tables": scenario.tables})
    run = adsim.simulate(capped, fidelity=fidelity, replications=4)
    whole = run.report("campaign").filter(campaign=scenario.campaigns[0].name)
    assert run.creatives()["clicks"].sum() == pytest.approx(whole["clicks"][0])
    assert whole["lost_to_cap"][0] > 0


def test_counts_can_be_judged():
    run = adsim.simulate(shop(), replications=2)
    counts = run.creative_counts(1)
    assert counts.columns == ["test", "creative", *FIELDS]
    judged = adsim.creative_test(counts)
    assert judged.creatives.height == counts.height
    with pytest.raises(SimulationError, match="replication: must be a whole number from 0 to 1"):
        run.creative_counts(2)


def test_what_has_no_means_is_named_with_all_its_ad_groups():
    with pytest.raises(SimulationError, match='fidelity="counts"') as caught:
        adsim.simulate(shop(HOWS["test"]), fidelity="expected")
    assert len(caught.value.problems) == len(shop(HOWS["test"]).campaigns[0].rotations)


def test_a_shop_without_creatives_has_no_table_of_them():
    run = adsim.simulate(shop(pictures=[]), replications=1)
    with pytest.raises(SimulationError, match=r"must have creatives\.csv"):
        run.creatives()
    with pytest.raises(SimulationError, match="must be empty or day"):
        adsim.simulate(shop(), replications=1).creatives("hour")


@pytest.mark.parametrize("fidelity", ["counts", "events"])
@pytest.mark.parametrize("named_rivals", [0, 2])
def test_creatives_in_promoted_slots_have_the_means_of_the_closed_form(fidelity, named_rivals):
    """Turns of a day; false alarm 1e-3 for the eight comparisons of a case (normal limit 3.9)."""
    turns = {"how": "turns", "days": 1}
    made = with_auction(shop(turns, named_rivals=named_rivals), **CASCADE, **PROMOTED)
    expected = adsim.simulate(made, fidelity="expected").report().row(0, named=True)
    drawn = adsim.simulate(made, fidelity=fidelity, replications=60, seed=2).tallies()[0][:, 0]
    for field in (tally.CLICKS, tally.SPEND):
        values = drawn[:, field] / (1e6 if field == tally.SPEND else 1.0)
        error = values.std(ddof=1) / 60**0.5
        name = "spend" if field == tally.SPEND else "clicks"
        assert abs(values.mean() - expected[name]) < 3.9 * error


def test_the_best_creative_may_not_lift_a_promoted_click_above_one():
    pictures = [("plain", 1.0, 1.0), ("bold", 30.0, 1.0)]
    made = with_auction(shop({"how": "only", "creative": "plain"}, pictures=pictures))
    adsim.simulate(made, fidelity="expected")
    with pytest.raises(MarketError, match="highest factors of crowds, devices and creatives"):
        adsim.simulate(with_auction(made, promoted_slots=1), fidelity="expected")
