"""Markets that were fitted: the answer says what its interval and bound leave out."""

from __future__ import annotations

import polars as pl
import pytest

import adsim
from adsim.optimize.answer.caution import explain_caution
from adsim.report import render_page

HEADER = "keyword,match_type,bid,impressions,clicks,cost,avg_position,conversions,revenue"
LINES = (
    "cup,exact,2.00,1000,50,60.00,1.8,3,150",
    "mug,exact,0.83,4000,80,50.00,3.1,2,40",
    "pot,phrase,1.50,600,30,36.00,2.2,9,900",
)


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """A fitted scenario as it is written and read again."""
    folder = tmp_path_factory.mktemp("fitted")
    (folder / "report.csv").write_text("\n".join([HEADER, *LINES]) + "\n")
    adsim.fit(folder / "report.csv", days=30, holdout=0, margin=0.6).write(folder / "shop")
    return adsim.load_scenario(folder / "shop")


@pytest.fixture(scope="module")
def best(fitted):
    return adsim.optimize(fitted, trials=0, replications=8)


def changes(*bids):
    return pl.DataFrame(bids, schema=["bid_today", "bid_new"], orient="row")


def told(scenario, moved, has_markets=False, goal="profit"):
    return [line.tell("en") for line in explain_caution(scenario, moved, goal, has_markets)]


def test_bids_far_from_the_one_of_the_report_are_counted(fitted):
    moved = changes((1.0, 2.0), (1.0, 2.01), (1.0, 0.5), (1.0, 0.49), (1.0, 0.0), (0.0, 0.0))
    first, second = told(fitted, moved)
    assert "interval speaks of luck only" in first
    assert second.startswith("2 of 4 bids ")
    assert "is assumed" in second
    assert "--markets 8" in second
    assert "--markets 8" not in told(fitted, moved, has_markets=True)[1]
    assert len(told(fitted, changes((1.0, 2.0)))) == 1


def test_a_spread_that_was_given_is_not_called_assumed(fitted):
    given = fitted.with_overrides(["scenario.rival_spread=given"])
    assert "was given" in told(given, changes((1.0, 3.0)))[1]


def test_goods_without_a_cost_are_warned_of_where_profit_is_asked_for(fitted):
    free = fitted.with_overrides([f"products.{p.name}.unit_cost=0" for p in fitted.products])
    assert "--margin 40%, say" in told(free, changes((1.0, 1.0)), goal="caused_profit")[1]
    assert len(told(free, changes((1.0, 1.0)), goal="revenue")) == 1


def test_a_declared_market_needs_no_caution():
    assert told(adsim.synthetic_scenario(4, queries=6), changes((1.0, 9.0))) == []


def test_the_answer_begins_with_the_caution(fitted, best):
    lines = told(fitted, best.changes)
    assert len(lines) == 2
    assert list(best.why[:2]) == [f"caution: {line}" for line in lines]
    assert all(line.startswith("注意：") for line in best.explain("zh")[:2])


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_tells_it_with_its_first_lines(fitted, best, lang):
    html = render_page(best, lang)
    for line in explain_caution(fitted, best.changes, "profit", False):
        assert html.count(line.tell(lang)) == 2  # in the answer and in the reasons


def test_a_fit_says_which_spread_it_took(tmp_path):
    path = tmp_path / "report.csv"
    path.write_text("\n".join([HEADER, *LINES]) + "\n")
    fit = adsim.fit(path, days=30, holdout=0, rival_sigma=0.6)
    assert fit.scenario.scenario.rival_spread == "given"
