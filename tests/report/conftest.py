"""A small shop run, compared, optimized and fitted once, and its pages."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import polars as pl
import pytest

import adsim
from adsim.report import render_page
from adsim.scenario import todays_plan
from tests.report.reading import read_page

NASTY = '</script><b onclick="x">&amp;'
REPORT = """keyword,match_type,bid,impressions,clicks,cost,avg_position,conversions,revenue,campaign
cup,exact,2.00,9000,360,480.00,1.8,11,550,core
blue cup,phrase,0.50,700,30,12.50,2.4,2,90,core
red cup,phrase,0.60,800,36,14.50,2.1,2,95,tail
"""


@pytest.fixture(scope="session")
def shop():
    """Two campaigns, budgets that bind, 30 keywords; one bears a text that could break a page."""
    made = adsim.synthetic_scenario(2, queries=30, campaigns=2, crowds=1, budget_share=0.5)
    keywords, queries = made.tables.keywords, made.tables.queries
    plain = keywords["keyword"][0]
    tables = replace(
        made.tables,
        keywords=keywords.with_columns(pl.col("keyword").replace(plain, NASTY)),
        queries=queries.with_columns(pl.col("query").replace(plain, NASTY)),
    )
    general = made.scenario.model_copy(update={"name": f"shop {NASTY}", "days": 2})
    return made.model_copy(update={"tables": tables, "scenario": general})


@pytest.fixture(scope="session")
def other_plan(shop):
    """Other bids, another budget, another hour: everything that a plan may change."""
    today = todays_plan(shop)
    bids = (pl.col("bid") * pl.Series([0.5, 2.0] * 50).head(today.keywords.height)).round(2)
    keywords = today.keywords.with_columns(bid=bids)
    hours = ((0.0,) * 8 + (1.0,) * 16,) * 7
    first = today.campaigns[0].model_copy(update={"daily_budget": 9_999.5, "hours": hours})
    return replace(today, name="bolder", keywords=keywords, campaigns=(first, *today.campaigns[1:]))


@pytest.fixture(scope="session")
def results(shop, other_plan, tmp_path_factory):
    """What the four commands have to show."""
    report = tmp_path_factory.mktemp("fit") / "report.csv"
    report.write_text(REPORT, encoding="utf-8")
    run = adsim.simulate(shop, replications=16)
    return SimpleNamespace(
        run=run,
        pair=[run, adsim.simulate(shop, plan=other_plan, replications=16)],
        best=adsim.optimize(shop, replications=16),
        fit=adsim.fit(report, days=30),
    )


@pytest.fixture(scope="session")
def html(results):
    """The HTML of a page by the name of its result and its language."""
    made = {}

    def page(name, lang="en"):
        if (name, lang) not in made:
            made[name, lang] = render_page(getattr(results, name), lang)
        return made[name, lang]

    return page


@pytest.fixture(scope="session")
def page(html):
    """A page read back."""
    return lambda name, lang="en": read_page(html(name, lang))
