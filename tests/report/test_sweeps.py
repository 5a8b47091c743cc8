"""The page of a sweep shows the tables of the sweep, in both languages, and says what it lacks."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from adsim.batch.effects import METRICS, effects_table, ranks_table
from adsim.batch.summary import summary_table
from adsim.report.page import render
from adsim.report.sweeps import MOST_CELLS, Swept, sweep_page
from adsim.report.words import Words
from tests.report.reading import read_page

FACTORS = ["plan", "auction.slots", "demand.shock_cv"]
NAMES = {"scenario": "shop <b>", "plan": ["today", "<i>bold"]}


def swept_of(seeds: int, values: int = 2) -> Swept:
    rows = [
        {"scenario": "shop <b>", "plan": plan, "auction.slots": float(slots), "demand.shock_cv": cv}
        | {"seed": seed, "impressions": 90.0, "roi": 2.0}
        | {name: place * 10.0 + slots + 3.0 * cv * seed for name in METRICS if name != "roi"}
        for place, plan in enumerate(NAMES["plan"])
        for slots in range(values)
        for cv in (0.0, 0.5)
        for seed in range(seeds)
    ]
    totals = pl.DataFrame(rows)
    settings = ["scenario", *FACTORS]
    recipe = {
        "scenarios": ["shop <b>"],
        "plans": NAMES["plan"],
        "seeds": list(range(seeds)),
        "varied": FACTORS[1:],
        "fidelity": "counts",
        "replications": 4,
    }
    return Swept(
        summary=summary_table(totals, settings, "today"),
        effects=effects_table(totals, FACTORS),
        ranks=ranks_table(totals, FACTORS),
        settings=settings,
        done=totals.height,
        failed=0,
        currency="CNY",
        recipe=recipe,
    )


def page_of(swept: Swept, lang: str = "en"):
    text = render(sweep_page(Words(lang), swept, "adsim sweep sweep.toml"))
    return text, read_page(text)


@pytest.fixture(scope="module")
def swept() -> Swept:
    return swept_of(seeds=3)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_tables_are_those_of_the_sweep(swept, lang):
    text, shown = page_of(swept, lang)
    effects = swept.effects.filter(pl.col("metric") == "profit")
    ranks = swept.ranks.filter(pl.col("metric") == "profit")
    assert shown.tables["effects"].column(1) == effects["share"].to_list()
    assert shown.tables["ranks"].column(1) == ranks["best"].to_list()
    cells = swept.summary.sort("profit", descending=True, maintain_order=True)
    assert shown.tables["cells"].column(3) == cells["profit"].to_list()
    assert shown.tables["cells"].column(5) == cells["gain"].to_list()
    assert "<i>bold" not in text and "<b>" not in text.replace("<body>", "")


def test_the_answer_names_what_mattered_and_who_leads(swept):
    text, shown = page_of(swept)
    assert "Plan mattered most: by itself it explains" in text
    assert "earns most in 100 % of 12 settings and seeds" in text
    assert shown.tables["effects"].texts(0)[:2] == ["Plan", "shock_cv"]


def test_keys_that_end_alike_are_told_in_full(swept):
    recipe = {**swept.recipe, "varied": ["campaigns.a.daily_budget", "campaigns.b.daily_budget"]}
    short = replace(swept, recipe=recipe).short
    assert short == {key: key for key in recipe["varied"]}


def test_one_seed_claims_nothing_about_luck():
    text, shown = page_of(swept_of(seeds=1))
    assert "luck explains" not in text
    assert shown.tables["effects"].texts(2) == ["–"] * len(shown.tables["effects"].rows)


def test_without_effects_the_cells_are_still_there(swept):
    bare = replace(swept, effects=swept.effects.clear(), ranks=swept.ranks.clear(), failed=2)
    text, shown = page_of(bare)
    assert "needs a full grid" in text
    assert list(shown.tables) == ["cells"]
    assert "Tasks failed" in text


def test_a_long_table_is_cut_and_says_so():
    swept = swept_of(seeds=1, values=300)
    text, shown = page_of(swept)
    assert len(shown.tables["cells"].rows) == MOST_CELLS
    assert "The 1,000 cells with the most profit of 1,200" in text
