"""The answer of a test, and how it was found, in plain sentences with their numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adsim.creatives.counts import CreativeTable
from adsim.creatives.goals import GOALS
from adsim.creatives.judging import Judged
from adsim.creatives.options import Options
from adsim.scenario.reading import UTF_8

UNEVEN = 1e-3
"""Below this p impressions were hardly shared by chance; why that matters: Fabijan et al.,
Diagnosing Sample Ratio Mismatch in Online Controlled Experiments, KDD 2019."""


def answers(names: Sequence[str], judged: Sequence[Judged], options: Options) -> Iterator[str]:
    """What each test says: the decision, the claim, what is still needed, a warning."""
    for name, test in zip(names, judged, strict=True):
        start = f"{name}: " if len(names) > 1 else ""
        yield start + _decided(test, options)
        if test.decision != "single":
            yield start + _claim(test, options)
        if test.decision == "go on":
            yield start + _needed(test, options)
        if test.imbalance_p is not None and test.imbalance_p < UNEVEN:
            yield start + _uneven(test)


def _decided(test: Judged, options: Options) -> str:
    leader, best = test.names[test.leader], f"{test.p_best[test.leader]:.1%}"
    loss = f"{test.loss_share[test.leader]:.2%} of the {GOALS[options.goal].meaning}"
    limit = f"{options.care:.2%}"
    if test.decision == "single":
        return f"There is only one creative, {leader}: nothing to compare it with."
    if test.decision == "go on":
        return (
            f"Go on: {leader} leads and is the best with probability {best}, but stopping now and "
            f"taking it would cost {loss} on average, more than {limit}."
        )
    if test.decision == "no difference":
        worst = f"{test.loss_share.max():.2%}"
        return (
            f"Stop, there is no difference that matters: whichever is taken costs {worst} of the "
            f"{GOALS[options.goal].meaning} on average, no more than {limit}."
        )
    also = [
        name
        for i, name in enumerate(test.names)
        if i != test.leader and test.loss_share[i] <= options.care
    ]
    as_good = f" {' and '.join(also)} would do as well." if also else ""
    return (
        f"Stop and take {leader}: it is the best with probability {best}, and taking it costs "
        f"{loss} on average, no more than {limit}.{as_good}"
    )


def _claim(test: Judged, options: Options) -> str:
    leader = test.names[test.leader]
    if test.p_value is None:
        return f"That {leader} is better than all others cannot be tested: counts are missing."
    proven = test.p_value <= options.alpha
    but = ", but being wrong would cost little" if test.decision == "take" and not proven else ""
    return (
        f"That {leader} is better than all others is {'' if proven else 'not '}proven at a "
        f"familywise error of {options.alpha:.1%} (p = {test.p_value:.2g}, for one look at the "
        f"planned end){but}."
    )


def _needed(test: Judged, options: Options) -> str:
    aim = (
        f"a lift of {options.lift:.0%} over all others (power {options.power:.0%}, familywise "
        f"error {options.alpha:.1%})"
    )
    if test.needed is None:
        return f"How many impressions {aim} needs cannot be told from these counts."
    missing = max(0.0, test.needed - test.impressions.min())
    more = f"{missing:,.0f} more for the one shown least" if missing else "all have them"
    return f"To find {aim} each creative needs {test.needed:,.0f} impressions: {more}."


def _uneven(test: Judged) -> str:
    p = "p < 1e-12" if (test.imbalance_p or 0.0) < 1e-12 else f"p = {test.imbalance_p:.2g}"
    return (
        f"Warning: impressions were not equal (up to {test.imbalance:.1%} from their mean, {p}): "
        "some creatives were shown at other hours, places or to other people than others, and "
        "rates may differ for that reason alone; show all equally often at the same time."
    )


def methods(
    table: CreativeTable, options: Options, spread: float | None, source: str
) -> Iterator[str]:
    """How the figures came about."""
    yield _prior(options, spread, source)
    yield "Intervals are 95 %: of rates Jeffreys' (each creative alone), of lifts with that prior."
    if GOALS[options.goal].pays or {"orders", "revenue", "spend"} <= set(table.rows.columns):
        yield (
            "Revenue is a compound Poisson-Gamma: orders at random, values of orders that vary by "
            f"{options.order_cv:g} of their mean (--order-cv); costs are as they were."
        )
    if table.encoding != UTF_8:
        yield f"The file is not UTF-8: it was read as {table.encoding}."
    if table.above:
        yield f"Lines above the header that were left out: {table.above}."
    if table.totals:
        yield f"Rows that add up others, left out: {table.totals}."
    if table.ignored:
        yield f"Nothing was made of the columns {', '.join(table.ignored)}."


def _prior(options: Options, spread: float | None, source: str) -> str:
    if spread is None:
        return (
            "Every creative was taken alone (flat prior, Jeffreys): with many creatives the "
            "luckiest one looks better than it is."
        )
    how = {
        "published": "measured on click rates of 4,873 randomized headline tests (Upworthy)",
        "table": "estimated from this table by maximum likelihood",
        "given": "as given",
    }[source]
    borrowed = source == "published" and options.goal != "ctr"
    assumed = " and taken for this goal, too" if borrowed else ""
    return (
        f"Rates are drawn towards those of the test's other creatives: beforehand they differ by "
        f"{spread:.3g} (standard deviation of the logarithm, in some tests less, in others more), "
        f"{how}{assumed}."
    )
