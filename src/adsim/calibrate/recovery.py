"""Does the market give the report back? Its totals by campaign beside simulated ones."""

from __future__ import annotations

import polars as pl

from adsim.scenario import Scenario

METRICS = ("impressions", "clicks", "spend", "orders", "revenue", "avg_position")
ALL = "all campaigns"
REPORTED = {"spend": "cost", "orders": "conversions"}  # names of the metrics in reports


def recover(rows: pl.DataFrame, scenario: Scenario) -> pl.DataFrame:
    """Columns campaign, metric, reported, simulated, error; all campaigns together come first.

    Args:
        rows: The report's rows as they were read.
        scenario: The scenario made of them, simulated at the fidelity `expected` under its own
            bids.

    `error` is simulated / reported - 1, null where nothing was reported.
    """
    from adsim.simulate import simulate  # late: this loads numba

    run = simulate(scenario, fidelity="expected", by=("campaign",))
    reported = pl.concat(
        [_reported(rows.with_columns(campaign=pl.lit(ALL))), _reported(rows)]
    ).unpivot(METRICS, index="campaign", variable_name="metric", value_name="reported")
    simulated = pl.concat(
        [
            run.report().select(pl.lit(ALL).alias("campaign"), *METRICS),
            run.report(by=["campaign"]).select("campaign", *METRICS),
        ]
    ).unpivot(METRICS, index="campaign", variable_name="metric", value_name="simulated")
    order = pl.col("campaign").cum_count().over("metric")
    relative = pl.col("simulated") / pl.col("reported") - 1.0
    return (
        reported.with_columns(place=order)
        .join(simulated, on=["campaign", "metric"], how="left", maintain_order="left")
        .sort("place", maintain_order=True)
        .drop("place")
        .with_columns(error=pl.when(pl.col("reported") > 0).then(relative))
    )


def _reported(rows: pl.DataFrame) -> pl.DataFrame:
    known = pl.col("avg_position") > 0
    seen = pl.col("impressions").filter(known)
    position = (pl.col("avg_position").filter(known) * seen).sum() / seen.sum()
    totals = [pl.col(REPORTED.get(name, name)).sum().alias(name) for name in METRICS[:-1]]
    return rows.group_by("campaign", maintain_order=True).agg(
        *totals, pl.when(position.is_finite()).then(position).alias("avg_position")
    )
