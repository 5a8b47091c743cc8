"""What a fit takes for granted, repairs and cannot know, said in plain sentences with numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from adsim.calibrate.fitting import LEAST_IMPRESSIONS, Fitted
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
from adsim.calibrate.values import OrderValues

SHOWN_GROUPS = 3
"""Groups of rates that are named; the others are counted."""


def sentences(
    report: Report,
    repaired: Repaired,
    fitted: Fitted,
    options: Options,
    recovery: pl.DataFrame,
) -> Iterator[str]:
    """One sentence an assumption, in the order of the work."""
    yield from _of_report(report, options)
    yield from _of_rows(report, repaired)
    yield from _of_bids(repaired)
    yield from _of_rates("Clicks an impression", "clicks", fitted.click_rates, fitted)
    yield from _of_rates("Orders a click", "orders", fitted.order_rates, fitted)
    yield from _of_values(fitted, options)
    yield from _of_positions(repaired, fitted, options)
    yield from _of_rivals(fitted, options)
    yield from _of_market(options)
    yield from _of_recovery(recovery, fitted.values)


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _of_report(report: Report, options: Options) -> Iterator[str]:
    name = report.format.name
    yield f"The report was read as {name}: {_rows(report.rows.height)}."
    if report.ignored:
        yield f"Nothing was made of the columns {', '.join(report.ignored)}."
    if options.start is not None:
        yield (
            f"The report has rows of {options.days} days from {options.start}: the fit takes their "
            f"totals, with bids and positions as means. Demand of a keyword and day swings by "
            f"{options.shock_cv:.0%} beyond chance (shock_cv), changes of bids included."
        )
    elif options.days is None:
        yield (
            "How many days the report covers is not known: it is taken as one day, so a day of "
            "the scenario is the whole report; give --days."
        )
    else:
        yield f"The report covers {options.days} days, all alike."
    if options.currency is None:
        yield f"Money is in {report.format.currency}; give --currency where it is not."


def _of_rows(report: Report, repaired: Repaired) -> Iterator[str]:
    lost = repaired.left_out
    if not lost.is_empty():
        yield (
            f"Without impressions nothing is known of searches: {_rows(lost.height)} left out, "
            f"with {lost['conversions'].sum():g} orders and {lost['revenue'].sum():,.2f} revenue."
        )
    if repaired.more_clicks:
        yield (
            f"{_rows(repaired.more_clicks)} had more clicks than impressions: the impressions were "
            "raised to the clicks."
        )
    if repaired.more_orders:
        yield (
            f"{_rows(repaired.more_orders)} had more orders than clicks: the rate of such a row "
            "counts an order a click, the campaign keeps all its orders."
        )
    if repaired.guessed_positions:
        yield (
            f"{_rows(repaired.guessed_positions)} had no position: they got the mean of their "
            "campaign."
        )
    if report.format.name == "doubleclick":
        yield (
            "Standard match was taken as exact, advanced match and N/A as broad; whatever the "
            "status says, all keywords are active, as they were when the report was made."
        )


def _of_bids(repaired: Repaired) -> Iterator[str]:
    if repaired.raised_bids:
        factors = ", ".join(
            f"{account or 'all keywords'} {factor:.2f}"
            for account, factor in repaired.bid_factors.items()
        )
        yield (
            f"{_rows(repaired.raised_bids)} had a bid below the cost per click, so a later one: it "
            "was replaced by the cost per click times the median of bid / cost per click over the "
            f"account's other rows ({factors})."
        )
    if repaired.guessed_cpcs:
        yield (
            f"{_rows(repaired.guessed_cpcs)} had no cost per click: they got their bid times their "
            "campaign's cost / (clicks x bid)."
        )
    if repaired.guessed_bids:
        yield (
            f"{_rows(repaired.guessed_bids)} had neither a bid nor a cost per click: they got the "
            "median bid of their campaign."
        )


def _of_rates(what: str, units: str, shrunk: Shrunk, fitted: Fitted) -> Iterator[str]:
    own = [
        f"{fitted.rate_groups[number]} {_beta(prior)}" for number, prior in shrunk.priors.items()
    ]
    more = f" and {len(own) - SHOWN_GROUPS} more" if len(own) > SHOWN_GROUPS else ""
    named = "; ".join(own[:SHOWN_GROUPS]) + more
    if not shrunk.measured:
        yield (
            f"{what}: the report has too few rows to tell how much rates vary (at least "
            f"{LEAST_ROWS}, {LEAST_HITS} of them with {units}), so they are drawn towards "
            f"{_beta(shrunk.common)}, which varies by its mean as in real accounts."
        )
        return
    others = len(fitted.rate_groups) - len(own)
    rest = f"; {others} small groups: all rows, {_beta(shrunk.common)}" if others else ""
    yield (
        f"{what} were shrunk by beta-binomial, estimated by maximum likelihood ({named or 'none'}"
        f"{rest}); the mean is that of a keyword of typical impressions, and rates go with "
        "impressions to the power of the slope."
    )


def _beta(prior: Prior) -> str:
    numbers = f"alpha {prior.alpha:.3g} beta {prior.beta:.4g} mean {prior.mean:.3%}"
    return f"{numbers} slope {prior.slope:+.2f}"


def _of_values(fitted: Fitted, options: Options) -> Iterator[str]:
    yield (
        f"Click rates were learnt from rows with {LEAST_IMPRESSIONS} impressions or more. Rates "
        "and costs per click were then multiplied by a factor for each campaign that gives it its "
        "clicks, orders and cost back; a campaign without a click, or an order, keeps at most half "
        "a one."
    )
    yield _of_order_values(fitted.values)
    if options.margin is None:
        yield (
            "The cost of goods is not in the report: profit means revenue less ad cost; give "
            "--margin."
        )
    else:
        yield f"{options.margin:.0%} of an order's price is left after the cost of goods."


def _of_order_values(values: OrderValues) -> str:
    if values.spread == 0:
        return "An order brings its campaign's mean revenue."
    if values.full_orders == float("inf"):
        return "Campaigns' revenues an order differ by no more than chance: all have the same."
    return (
        "An order brings its campaign's mean revenue, drawn towards the mean of all: with "
        f"{values.full_orders:,.0f} orders its own mean counts half, as one order varies by "
        f"{values.spread:,.0f}."
    )


def _of_positions(repaired: Repaired, fitted: Fitted, options: Options) -> Iterator[str]:
    n_told = repaired.rows.filter(pl.col("impression_share") > 0).height
    how = "as given" if options.slots else "the number that fits best" if n_told else "assumed"
    yield f"A page has {fitted.slots} ad slots ({how})."
    yield (
        f"An ad at position k is seen with probability k^-{EXAMINATION_EXPONENT:g} (click curves "
        "of organic results)."
    )
    if n_told:
        yield (
            f"Impression shares are known in {_rows(n_told)}: with the position they tell how many "
            "rivals stand above. Losses that lost_to_budget does not name are taken as lost to "
            "rank."
        )
    if n_told < repaired.rows.height:
        yield (
            f"Impression shares are unknown in {_rows(repaired.rows.height - n_told)}: how often "
            "the ad was shown follows from the position alone, and with it how many searches there "
            "were and how impressions change with the bid."
        )
    if clipped := int(fitted.levels.clipped.sum()):
        yield (
            f"{_rows(clipped)} had a position that {fitted.slots} slots hardly reach: shown in no "
            f"more than {LEAST_SHARE:.0%} of searches, which is taken for what they are."
        )


def _of_rivals(fitted: Fitted, options: Options) -> Iterator[str]:
    rivals = fitted.rivals
    source = " (spread of market prices, iPinYou)" if options.rival_sigma is None else ""
    yield (
        f"Rivals' ad ranks are log-normal with sigma {options.sigma:g}{source}: one bid a "
        "row cannot tell it, and with it what other bids would bring. Number and median follow "
        "from position and cost per click."
    )
    if narrowed := int(rivals.narrowed.sum()):
        yield (
            f"Costs per click close to the bid: {_rows(narrowed)} would need more than "
            f"{MOST_RIVALS:g} rivals and got that many, with a smaller sigma."
        )
    missed = ~rivals.met
    if missed.any():
        yield (
            "Costs per click that no rivals bring about under the row's bid: "
            f"{_rows(int(missed.sum()))} got the nearest that they do."
        )


def _of_market(options: Options) -> Iterator[str]:
    yield (
        "Quality and relevance are 1, so ad rank is the bid; there is no reserve score; a click "
        f"costs {INCREMENT:g} more than the next ad rank, in steps of {CHARGE_STEP:g}."
    )
    yield (
        "Each row has searches of its own, on average the same every hour and day"
        f"{'' if options.shock_cv else ', without shocks: intervals show luck alone'}; rows never "
        "compete for a search. There are no budgets: "
        "the totals are as they were."
    )


def _of_recovery(recovery: pl.DataFrame, values: OrderValues) -> Iterator[str]:
    """What comes back, in all and in the campaign that comes back worst."""
    is_all = pl.col("campaign") == ALL
    errors = recovery.filter(is_all).drop_nulls("error").select("metric", "error").iter_rows()
    yield (
        "Simulated under its own bids, the scenario gives the report back: "
        + ", ".join(f"{metric} {error:+z.2%}" for metric, error in errors)
        + "."
    )
    difference = (pl.col("simulated") - pl.col("reported")).abs().alias("gap")
    campaigns = recovery.filter(~is_all).with_columns(difference)
    gaps = campaigns.group_by("metric", maintain_order=True).agg(pl.col("gap").max()).iter_rows()
    listed = ", ".join(f"{metric} {gap:,.2f}" for metric, gap in gaps if gap is not None)
    orders = campaigns.filter(pl.col("metric") == "orders")["simulated"]
    gap = campaigns.filter(pl.col("metric") == "revenue")["gap"].to_numpy()
    chance = max(values.spread, 1e-9) * np.sqrt(np.maximum(orders.to_numpy(), 1.0))
    by_chance = f"; in revenue at most {np.max(gap / chance):.1f} standard errors of so many orders"
    yield (
        f"The largest gap of a single campaign: {listed}{by_chance if values.spread > 0 else ''}."
    )
