"""What a fit takes for granted, repairs and cannot know, as sentences with their numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from adsim.calibrate.fitting import BRAND, LEAST_IMPRESSIONS, OTHER, Fitted
from adsim.calibrate.options import Options
from adsim.calibrate.rates import LEAST_HITS, LEAST_ROWS, Prior, Shrunk
from adsim.calibrate.reading import Report
from adsim.calibrate.recovery import ALL
from adsim.calibrate.repairing import Repaired
from adsim.calibrate.rivals import (
    CHARGE_STEP,
    EXAMINATION_EXPONENT,
    INCREMENT,
    LEAST_SHARE,
    MOST_RIVALS,
)
from adsim.calibrate.sentences import Metric, Sentence, count_rows, say
from adsim.calibrate.values import OrderValues
from adsim.scenario.reading import UTF_8

SHOWN_GROUPS = 3
"""Groups of rates that are named; the others are counted."""


def list_assumptions(
    report: Report,
    repaired: Repaired,
    fitted: Fitted,
    options: Options,
    recovery: pl.DataFrame,
) -> Iterator[Sentence]:
    """One sentence an assumption, in the order of the work."""
    yield from _of_report(report, options)
    yield from _of_rows(report, repaired)
    yield from _of_bids(repaired)
    yield _of_rates("click_rates", "clicks", fitted.click_rates, fitted)
    yield _of_rates("order_rates", "orders", fitted.order_rates, fitted)
    yield from _of_values(fitted, options)
    yield from _of_positions(repaired, fitted, options)
    yield from _of_rivals(fitted, options)
    yield from _of_market(options)
    yield from _of_recovery(recovery, fitted.values)


def _of_report(report: Report, options: Options) -> Iterator[Sentence]:
    yield say("format", name=report.format.name, rows=count_rows(report.rows.height))
    if report.encoding != UTF_8:
        yield say("encoding", encoding=report.encoding)
    if report.sheet is not None:
        yield say("sheet", sheet=report.sheet)
    yield from _where_any("above", report.above)
    yield from _where_any("totals", report.totals)
    for name in report.absent:
        yield say(f"no_{name}")
    yield from _where_any("assumed_share", report.assumed, share=options.assumed_share)
    if report.ignored:
        yield say("ignored", names=", ".join(report.ignored))
    if options.start is not None:
        days, start, shock = options.days, options.start, options.shock_cv
        yield say("by_day", days=days, start=start, shock=shock)
    elif options.days is None:
        yield say("one_day")
    else:
        yield say("alike_days", days=options.days)
    if report.segments:
        segments = [say("segment", title=one.title, values=one.values) for one in report.segments]
        yield say("by_segment", segments=segments)
    if options.currency is None and report.currency is None:
        yield say("currency", currency=report.format.currency)


def _of_rows(report: Report, repaired: Repaired) -> Iterator[Sentence]:
    lost = repaired.left_out
    if not lost.is_empty():
        orders, revenue = lost["conversions"].sum(), lost["revenue"].sum()
        yield say("left_out", rows=count_rows(lost.height), orders=orders, revenue=revenue)
    for key in ("more_clicks", "more_orders", "shared_positions", "guessed_positions"):
        yield from _where_any(key, getattr(repaired, key))
    if report.format.name == "doubleclick":
        yield say("doubleclick")


def _where_any(key: str, count: int, **values: object) -> Iterator[Sentence]:
    """The sentence about so many rows, where there are any."""
    if count:
        yield say(key, rows=count_rows(count), **values)


def _of_bids(repaired: Repaired) -> Iterator[Sentence]:
    factors = [
        say("factor", account=account or say("all_keywords"), factor=factor)
        for account, factor in repaired.bid_factors.items()
    ]
    yield from _where_any("raised_bids", repaired.raised_bids, factors=factors)
    for key in ("guessed_cpcs", "guessed_bids"):
        yield from _where_any(key, getattr(repaired, key))


def _of_rates(what: str, units: str, shrunk: Shrunk, fitted: Fitted) -> Sentence:
    common = _beta(shrunk.common)
    if not shrunk.measured:
        needed = {"rows": LEAST_ROWS, "hits": LEAST_HITS, "units": Metric(units)}
        return say("few_rows", what=say(what), beta=common, **needed)
    named = [
        say("group", name=_group(fitted.rate_groups[number]), beta=_beta(prior))
        for number, prior in shrunk.priors.items()
    ]
    groups = named[:SHOWN_GROUPS] or [say("no_groups")]
    if len(named) > SHOWN_GROUPS:
        groups.append(say("more_groups", count=len(named) - SHOWN_GROUPS))
    if others := len(fitted.rate_groups) - len(named):
        groups.append(say("small_groups", count=others, beta=common))
    return say("shrunk", what=say(what), groups=groups)


def _group(name: str) -> str | Sentence:
    """A campaign keeps its name."""
    return say("brand") if name == BRAND else say("other") if name == OTHER else name


def _beta(prior: Prior) -> Sentence:
    shape = {"alpha": prior.alpha, "beta": prior.beta}
    return say("beta", **shape, mean=prior.mean, slope=prior.slope)


def _of_values(fitted: Fitted, options: Options) -> Iterator[Sentence]:
    yield say("scaled_rates", least=LEAST_IMPRESSIONS)
    yield _of_order_values(fitted.values)
    if options.margin is None:
        yield say("no_margin")
    else:
        yield say("margin_left", margin=options.margin)


def _of_order_values(values: OrderValues) -> Sentence:
    if values.spread == 0:
        return say("mean_value")
    if values.full_orders == float("inf"):
        return say("same_value")
    return say("drawn_value", orders=values.full_orders, spread=values.spread)


def _of_positions(repaired: Repaired, fitted: Fitted, options: Options) -> Iterator[Sentence]:
    n_rows = repaired.rows.height
    n_told = repaired.rows.filter(pl.col("impression_share") > 0).height
    fits = n_told > 0 and not repaired.shared_positions
    how = say("as_given" if options.slots else "best_fit" if fits else "assumed")
    yield say("slots", slots=fitted.slots, how=how)
    yield say("examination", power=EXAMINATION_EXPONENT)
    if options.assumed_share is None:
        yield from _where_any("shares_known", n_told)
    yield from _where_any("shares_unknown", n_rows - n_told)
    clipped = int(fitted.levels.clipped.sum())
    yield from _where_any("clipped", clipped, slots=fitted.slots, least=LEAST_SHARE)


def _of_rivals(fitted: Fitted, options: Options) -> Iterator[Sentence]:
    source = say("market_prices" if options.rival_sigma is None else "nothing")
    yield say("rivals", sigma=options.sigma, source=source)
    rivals = fitted.rivals
    yield from _where_any("narrowed", int(rivals.narrowed.sum()), most=MOST_RIVALS)
    yield from _where_any("missed", int((~rivals.met).sum()))


def _of_market(options: Options) -> Iterator[Sentence]:
    yield say("auction", increment=INCREMENT, step=CHARGE_STEP)
    yield say("own_searches", shocks=say("nothing" if options.shock_cv else "no_shocks"))


def _of_recovery(recovery: pl.DataFrame, values: OrderValues) -> Iterator[Sentence]:
    """What comes back, in all and in the campaign that comes back worst."""
    is_all = pl.col("campaign") == ALL
    errors = recovery.filter(is_all).drop_nulls("error").select("metric", "error").iter_rows()
    listed = [say("metric_error", metric=Metric(name), error=error) for name, error in errors]
    yield say("recovered", errors=listed)
    difference = (pl.col("simulated") - pl.col("reported")).abs().alias("gap")
    campaigns = recovery.filter(~is_all).with_columns(difference)
    gaps = campaigns.group_by("metric", maintain_order=True).agg(pl.col("gap").max()).iter_rows()
    told = [say("metric_gap", metric=Metric(m), gap=gap) for m, gap in gaps if gap is not None]
    if values.spread > 0:
        told.append(say("by_chance", times=_standard_errors(campaigns, values.spread)))
    yield say("largest_gap", gaps=told)


def _standard_errors(campaigns: pl.DataFrame, spread: float) -> float:
    """The largest gap of a campaign's revenue in standard errors of so many orders."""
    orders = campaigns.filter(pl.col("metric") == "orders")["simulated"].to_numpy()
    gap = campaigns.filter(pl.col("metric") == "revenue")["gap"].to_numpy()
    return float(np.max(gap / (max(spread, 1e-9) * np.sqrt(np.maximum(orders, 1.0)))))
