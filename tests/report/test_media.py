"""The page of a category under many media."""

from __future__ import annotations

from pathlib import Path

import pytest

import adsim
from adsim.report import render_page
from tests.report.reading import read_page

SMALL = Path(__file__).parents[1] / "media" / "small.toml"


@pytest.fixture(scope="module")
def run():
    return adsim.media(SMALL, replications=8)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_holds_the_figures_of_the_run(run, lang):
    page = read_page(render_page(run, lang))
    table = page.tables["media"]
    assert table.column(1) == pytest.approx(run.media["spend"].to_list())
    assert len(table.rows) == 2
    assert {"caused", "anyway", "states", "moved", "sales"} <= set(page.data) | {"caused", "states"}
    assert len(page.data["states-favorability"]) == 8 * 5
    reported = {row["label"]: row["value"] for row in page.data["anyway"]}
    assert sorted(reported.values()) == sorted(
        [run.media["sales_reported"][1], run.media["sales_caused"][1]]
    )


def test_the_line_stands_where_revenue_pays_for_goods_and_ads(run):
    """Of a price of 20 the goods take 8: 1 spent comes back by 20 / 12 of revenue."""
    assert "The line stands at 1.67:" in read_page(render_page(run)).text


def test_the_same_run_gives_the_same_page(run):
    again = adsim.media(SMALL, replications=8, threads=1)
    assert render_page(run) == render_page(again)


def test_a_world_without_media_or_luck_has_a_page():
    for changes in (["media=[]", "search=[]"], ["media.tv.budget=0", "search.search.bid=0"]):
        render_page(adsim.media(SMALL, fidelity="expected", overrides=changes))
