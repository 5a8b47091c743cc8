"""Fitted numbers into a scenario."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from adsim.calibrate.fitting import Fitted
from adsim.calibrate.options import Options
from adsim.calibrate.rivals import CHARGE_STEP, INCREMENT, examination_curve
from adsim.errors import Problem
from adsim.scenario import Scenario, Tables
from adsim.scenario.columns import (
    KEYWORDS,
    LARGEST,
    LINKS,
    NEGATIVES,
    QUERIES,
    RIVAL_KEYWORDS,
    RIVAL_TABLES,
)
from adsim.scenario.models import Declaration
from adsim.scenario.reading import SHOWN_AT_MOST
from adsim.scenario.tables import all_columns, empty_frame


def assemble(
    rows: pl.DataFrame, fitted: Fitted, options: Options, *, name: str, currency: str
) -> Scenario:
    """The scenario in which every row of a report is a query of its own, tied to its keyword."""
    keywords = _keywords(rows)
    queries = list_queries(rows, fitted, options)
    links = keywords.with_columns(query=queries["query"]).select(LINKS.schema.keys())
    tables = Tables(
        queries=queries,
        keywords=keywords,
        negatives=empty_frame(NEGATIVES),
        links=links,
        rival_keywords=empty_frame(RIVAL_KEYWORDS),
        rival_tables=empty_frame(RIVAL_TABLES),
    )
    declared = Declaration.model_validate(
        {
            "scenario": {
                "name": name,
                "start": options.first_day,
                "days": options.days_or_one,
                "currency": currency,
                "platform": "other",
                "rival_spread": "assumed" if options.rival_sigma is None else "given",
            },
            "auction": {
                "slots": fitted.slots,
                "examination": examination_curve(fitted.slots).tolist(),
                "increment": INCREMENT,
                "charge_step": CHARGE_STEP,
            },
            "demand": {"shock_cv": options.shock_cv},
            "products": [
                _product(name, price, options)
                for name, price in zip(fitted.campaigns, fitted.values.price.tolist(), strict=True)
            ],
            "campaigns": [{"name": name} for name in fitted.campaigns],
        }
    )
    return Scenario(**dict(declared), tables=tables)


def sizes_out_of_range(
    where: str, rows: pl.DataFrame, fitted: Fitted, options: Options
) -> list[Problem]:
    """Numbers too large for a scenario; reports that are what they say have none."""
    in_report = [f"row {row}" for row in rows["row"]]
    numbers = (
        ("searches a day", in_report, fitted.searches / options.days_or_one),
        ("the bid", in_report, rows["bid"].to_numpy()),
        ("the median of rivals' ad ranks", in_report, fitted.rivals.median),
        ("revenue of an order", fitted.campaigns, fitted.values.price),
    )
    return [
        Problem(
            f"{where} {places[line]}",
            f"{name} must be < 1e9",
            f"{'are' if name == 'searches a day' else 'is'} {values[line]:.3g}",
            "correct the row, or leave it out",
        )
        for name, places, values in numbers
        for line in np.flatnonzero(~(values < LARGEST))[:SHOWN_AT_MOST]
    ]


def _product(name: str, price: float, options: Options) -> dict[str, Any]:
    return {"name": name, "price": price, "unit_cost": price * (1.0 - options.margin_or_all)}


def list_queries(rows: pl.DataFrame, fitted: Fitted, options: Options) -> pl.DataFrame:
    """A query's text is the keyword's with the row of the report, which makes it its own."""
    text = rows.select(pl.format("{} #{}", "keyword", "row"))
    columns = {
        "query": text.to_series(),
        "daily_searches": fitted.searches / options.days_or_one,
        "rivals": fitted.rivals.number,
        "rival_family": pl.repeat("lognormal", rows.height, eager=True),
        "rival_scale": fitted.rivals.median,
        "rival_shape": fitted.rivals.sigma,
        "ctr": fitted.ctr,
        "cvr": fitted.cvr,
        "query_group": text.to_series(),
    }
    return all_columns(pl.DataFrame(columns), QUERIES)


def _keywords(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        "campaign",
        "ad_group",
        "keyword",
        "match_type",
        "bid",
        quality=pl.lit(1.0),
        relevance=pl.lit(1.0),
        product="campaign",
        creative=pl.lit(1.0),
        status=pl.lit("active"),
    ).select(KEYWORDS.schema.keys())
