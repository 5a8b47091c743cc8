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
HEADER = "keyword,match_type,bid,impressions,clicks,cost,avg_position,conversions,revenue,campaign"
KEYWORDS = 45  # enough for a fit to hold some out


def report_rows():
    """A plain report in which no two keywords are alike."""
    yield HEADER
    for row in range(KEYWORDS):
        clicks = 20 + 7 * row % 90
        bid, orders = 1 + row % 5 / 2, clicks // 15
        numbers = (bid, clicks * 30, clicks, clicks * bid * 0.7, 1.5 + row % 4 / 2, orders)
        told = ",".join(f"{number:g}" for number in numbers)
        yield f"cup {row},exact,{told},{orders * 55},{'core' if row % 2 else 'tail'}"


@pytest.fixture(scope="session")
def shop():
    """Two campaigns, budgets that bind, 30 keywords; one bears a text that could break a page."""
    sizes = {"campaigns": 2, "crowds": 1, "devices": 0, "budget_share": 0.5, "charge_step": 0.05}
    made = adsim.synthetic_scenario(2, queries=30, **sizes)
    keywords, queries = made.tables.keywords, made.tables.queries
    plain = keywords["keyword"][0]
    tables = replace(
        made.tables,
        keywords=keywords.with_columns(pl.col("keyword").replace(plain, NASTY)),
        queries=queries.with_columns(pl.col("query").replace(plain, NASTY)),
    )
    general = made.scenario.model_copy(update={"name": f"shop {NASTY}", "days": 2})
    return made.model_copy(update={"tables": tables, "scenario": general})


def busier(shop):
    """The same shop where more people search."""
    queries = shop.tables.queries.with_columns(pl.col("daily_searches") * 1.5)
    return shop.model_copy(update={"tables": replace(shop.tables, queries=queries)})


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
    report.write_text("\n".join(report_rows()) + "\n", encoding="utf-8")
    run = adsim.simulate(shop, replications=16)
    return SimpleNamespace(
        run=run,
        pair=[run, adsim.simulate(shop, plan=other_plan, replications=16)],
        best=adsim.optimize(shop, replications=16, trials=0),
        searched=adsim.optimize(shop, replications=16, trials=6, markets=[shop, busier(shop)]),
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
