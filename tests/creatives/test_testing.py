"""The whole answer: decisions, figures, sentences, and tables at the edge of what can be."""

from __future__ import annotations

import json
import re
from string import Formatter

import numpy as np
import polars as pl
import pytest
from scipy.stats import beta, chisquare

import adsim
from adsim.creatives.goals import GOALS
from adsim.creatives.texts import TEXTS
from adsim.errors import CreativeError, OutputError


def table(impressions, clicks, **more) -> pl.DataFrame:
    names = [f"c{i}" for i in range(len(clicks))]
    return pl.DataFrame({"creative": names, "impressions": impressions, "clicks": clicks} | more)


SHOP = table(
    [10_000, 10_010, 9_990, 10_003],
    [301, 372, 310, 289],
    carts=[40, 44, 35, 30],
    orders=[12, 15, 9, 11],
    spend=[450.0, 560.0, 470.0, 440.0],
    revenue=[2400.0, 3100.0, 1700.0, 2100.0],
)


def decision(found) -> str:
    return found.tests["decision"][0]


def test_measures_are_those_counted_with_jeffreys_intervals():
    rows = adsim.creative_test(SHOP).creatives
    assert rows["ctr"].to_list() == pytest.approx([0.0301, 372 / 10_010, 310 / 9_990, 289 / 10_003])
    low, high = beta.ppf([0.025, 0.975], 15.5, 372 - 15 + 0.5)
    assert rows["cvr_low"][1] == pytest.approx(low) and rows["cvr_high"][1] == pytest.approx(high)
    assert rows["roi"][0] == pytest.approx(2400 / 450)
    assert rows["cart_rate"][3] == pytest.approx(30 / 289)


@pytest.mark.parametrize("order_cv", [0.01, 1.0])
def test_intervals_of_roi_hold_the_truth_as_often_as_they_say(order_cv):
    """Nominal 95 % of 1,500 draws with 20 orders each: 4 standard errors are 2.3 %."""
    rng = np.random.default_rng(4)
    orders = rng.binomial(500, 0.04, 1500)
    shape = 1 / order_cv**2
    revenue = rng.gamma(np.maximum(orders * shape, 1e-9), 50.0 / shape)
    rows = adsim.creative_test(
        table([9999] * 1500, [500] * 1500, orders=orders, revenue=revenue, spend=[500.0] * 1500)
        .filter(pl.col("orders") > 0)
        .with_columns(test=pl.col("creative")),
        order_cv=order_cv,
        prior="flat",
    ).creatives
    share = rows.select((pl.col("roi_low") < 2.0) & (pl.col("roi_high") > 2.0)).to_series().mean()
    assert share == pytest.approx(0.95, abs=0.023 + 0.01)


@pytest.mark.parametrize("goal", GOALS)
@pytest.mark.parametrize("prior", ["auto", "flat", 0.5])
def test_every_goal_has_an_answer(goal, prior):
    found = adsim.creative_test(SHOP, goal, prior=prior)
    rows = found.creatives
    assert rows["p_best"].sum() == pytest.approx(1)
    assert decision(found) in {"take", "go on"}
    measure = GOALS[goal].column
    assert rows.select((pl.col(f"{measure}_low") < pl.col(measure)).all()).item()
    assert rows.select((pl.col(f"{measure}_high") > pl.col(measure)).all()).item()
    assert rows.select((pl.col("lift_low") < pl.col("lift_high")).all()).item()
    assert rows["impressions_to_go"].null_count() == 0
    assert found.shown.columns[3] == measure


def test_a_clear_winner_is_taken():
    found = adsim.creative_test(table([50_000] * 3, [1500, 1900, 1510]))
    assert decision(found) == "take" and found.tests["leader"][0] == "c1"
    assert found.sentences[0].startswith("Stop and take c1: it is the best with probability 100")
    assert "c1 is better than all others is proven at" in found.sentences[1]


def test_a_close_race_goes_on_and_says_how_long():
    found = adsim.creative_test(table([1000] * 2, [30, 33]))
    assert decision(found) == "go on"
    needed = found.tests["impressions_needed"][0]
    assert f"needs {needed:,.0f} impressions: {needed - 1000:,.0f} more" in found.sentences[2]
    assert found.creatives["impressions_to_go"].to_list() == [needed - 1000] * 2
    assert "is not proven at" in found.sentences[1] and "cost little" not in found.sentences[1]


def test_differences_too_small_to_matter_stop_the_test():
    found = adsim.creative_test(table([10**9] * 3, [30_000_000, 30_010_000, 30_020_000]))
    assert decision(found) == "no difference"
    assert "no difference that matters" in found.sentences[0]
    strict = adsim.creative_test(
        table([10**9] * 3, [30_000_000, 30_010_000, 30_020_000]), care=1e-6
    )
    assert decision(strict) == "go on" and strict.creatives["p_best"][2] > 0.9


def test_as_good_as_the_leader_is_told():
    found = adsim.creative_test(table([10**6] * 3, [30_000, 30_020, 20_000]))
    assert decision(found) == "take" and found.sentences[0].endswith("c0 would do as well.")


@pytest.mark.parametrize("goal", ["ctr", "cvr", "roi"])
@pytest.mark.parametrize(("impressions", "clicks"), [(0, 0), (1000, 0), (10**9, 0), (50, 50)])
def test_no_clicks_and_nothing_else_are_borne(impressions, clicks, goal):
    found = adsim.creative_test(
        table([impressions] * 3, [clicks] * 3, orders=[0] * 3, spend=[0] * 3, revenue=[0] * 3), goal
    )
    rows = found.creatives
    assert rows["p_best"].to_list() == pytest.approx([1 / 3] * 3)
    assert decision(found) == ("go on" if clicks == 0 or goal != "ctr" else "no difference")
    assert rows["lift"].to_list() == pytest.approx([0.0] * 3)
    assert rows["ctr"].to_list() == [None if impressions == 0 else clicks / impressions] * 3
    assert rows["roi"].null_count() == 3
    assert np.isfinite(rows.select(pl.col("expected", "expected_loss").sum()).row(0)).all()


def test_without_a_click_nobody_leads():
    found = adsim.creative_test(table([0, 1000], [0, 0]))
    assert found.tests["leader"].to_list() == [None]
    assert found.sentences[0].startswith("Go on: there are no clicks yet, so that nothing tells")
    assert found.explain("zh")[0].startswith("继续测试：还没有任何点击")
    assert not any("is better than" in line or "leads" in line for line in found.sentences)


def test_equal_creatives_are_called_equal():
    found = adsim.creative_test(table([1000] * 3, [30, 20, 30]))
    assert found.tests["leader"].to_list() == [None]
    assert found.sentences[0].startswith("Go on: c0 and c2 are equal so far")
    assert found.creatives["p_best"][0] == pytest.approx(found.creatives["p_best"][2])


@pytest.mark.parametrize("key", TEXTS)
def test_both_languages_have_the_same_places(key):
    places = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in TEXTS[key]]
    assert places[0] == places[1] and TEXTS[key][0] != TEXTS[key][1]


def test_an_answer_in_chinese_is_chinese(tmp_path):
    found = adsim.creative_test(SHOP, "revenue")
    said = found.explain("zh")
    assert len(said) == len(found.sentences) and all(re.search("[一-鿿]{4}", line) for line in said)
    found.write(tmp_path / "out", "zh")
    written = (tmp_path / "out" / "sentences.txt").read_text(encoding="utf-8")
    assert written.splitlines() == list(said)
    plan = adsim.plan_creative_test(0.03, cpc=1.5, impressions_a_day=10_000)
    assert "每次" not in plan.explain("zh")[0] and "，8 天）" in plan.explain("zh")[0]
    with pytest.raises(CreativeError, match="lang: must be en or zh"):
        found.explain("de")


def test_one_creative_has_nothing_to_win():
    found = adsim.creative_test(table([1000], [30]))
    assert decision(found) == "single" and "only one creative, c0" in found.sentences[0]
    row = found.creatives.row(0, named=True)
    assert row["p_best"] == 1 and row["expected_loss"] == pytest.approx(0, abs=1e-12)
    assert row["lift"] is None and row["impressions_to_go"] is None
    assert found.tests["imbalance_p"][0] is None and found.tests["p_value"][0] is None


def test_unequal_impressions_are_warned_of():
    counts = [10_000, 10_400, 9_700]
    found = adsim.creative_test(table(counts, [300, 310, 290]))
    assert found.tests["imbalance_p"][0] == pytest.approx(chisquare(counts).pvalue)
    assert found.tests["imbalance"][0] == pytest.approx(10_400 / np.mean(counts) - 1)
    assert any("impressions were not equal" in line for line in found.sentences)
    even = adsim.creative_test(table([10_000, 10_001, 10_000], [300, 310, 290]))
    assert not any("not equal" in line for line in even.sentences)


def test_shrinkage_draws_lucky_creatives_back():
    alone = adsim.creative_test(table([1000] * 4, [30, 31, 29, 45]), prior="flat").creatives
    drawn = adsim.creative_test(table([1000] * 4, [30, 31, 29, 45])).creatives
    assert drawn["expected"][3] < alone["expected"][3] < 0.0465
    assert drawn["p_best"][3] < alone["p_best"][3]


def test_lifts_are_over_the_best_other_or_the_control():
    rows = adsim.creative_test(SHOP).creatives
    assert rows["lift"][1] == pytest.approx(rows["expected"][1] / rows["expected"][2] - 1)
    assert rows["lift"][0] == pytest.approx(rows["expected"][0] / rows["expected"][1] - 1)
    rows = adsim.creative_test(SHOP, control="c3").creatives
    assert rows["lift"][3] is None and rows["lift_low"][1] > 0
    assert rows["lift"][0] == pytest.approx(rows["expected"][0] / rows["expected"][3] - 1)


def test_a_table_of_many_creatives_tells_its_own_spread():
    rng = np.random.default_rng(6)
    rates = 0.03 * np.exp(rng.normal(0, 0.5, 28))
    many = table([20_000] * 28, rng.binomial(20_000, rates))
    many = many.with_columns(test=pl.Series([f"t{i // 4:02}" for i in range(28)]))
    found = adsim.creative_test(many)
    assert found.spread == pytest.approx(0.5, rel=0.5)
    assert found.tests.height == 7 and found.shown.columns[0] == "test"
    assert "estimated from this table" in " ".join(found.sentences)
    assert all(line.startswith("t00: ") for line in found.sentences[:2])
    assert adsim.creative_test(many, prior="published").spread == 0.236
    assert adsim.creative_test(many.head(8)).spread == 0.236
    with pytest.raises(CreativeError, match="must have 20 creatives beyond the first"):
        adsim.creative_test(many.head(8), prior="table")
    one = adsim.creative_test(many.filter(pl.col("test") == "t03"), prior=found.spread).creatives
    assert one["p_best"].to_list() == pytest.approx(
        found.creatives.filter(pl.col("test") == "t03")["p_best"].to_list()
    )


def test_all_that_is_wrong_is_told_at_once():
    wrong = {
        "goal": "clicks",
        "prior": "flatt",
        "care": 2,
        "lift": 0,
        "power": 1.0,
        "alpha": float("nan"),
        "order_cv": True,
    }
    with pytest.raises(CreativeError) as caught:
        adsim.creative_test(SHOP.with_columns(clicks=pl.lit(-1)), **wrong)
    told = str(caught.value)
    assert all(f"{name}: must be" in told for name in wrong)
    assert "did you mean flat?" in told and "table row 1: clicks must be >= 0" in told
    with pytest.raises(CreativeError, match="control: must be a creative of every test"):
        adsim.creative_test(SHOP, control="nobody")


def test_the_folder_holds_tables_answer_and_recipe_the_same_each_time(tmp_path):
    for name in ("first", "second"):
        adsim.creative_test(SHOP, "roi").write(tmp_path / name)
    names = ["creatives.csv", "recipe.json", "sentences.txt", "tests.csv"]
    assert sorted(path.name for path in (tmp_path / "first").iterdir()) == names
    for name in names:
        first = (tmp_path / "first" / name).read_bytes()
        assert first == (tmp_path / "second" / name).read_bytes()
    recipe = json.loads((tmp_path / "first" / "recipe.json").read_text(encoding="utf-8"))
    assert recipe["options"]["goal"] == "roi" and len(recipe["table_digest"]) == 64
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputError):
        adsim.creative_test(SHOP).write(tmp_path / "mine")
