"""The commands about tests of creatives."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

import adsim
from adsim.cli import options
from adsim.cli.options import MOST, number, one_of, share
from adsim.cli.printing import print_lines, print_result

TestGoal = Literal["ctr", "carts", "cvr", "orders", "revenue", "roi"]
PlanGoal = Literal["ctr", "cvr", "orders"]
MOST_LIFT = 10  # what is more was meant as a percentage


def _amount(meaning: str, low: float, high: float, cure: str) -> Any:
    return typer.Option(metavar="X", help=meaning, parser=number(float, low, high, cure))


def _share(meaning: str, low: float, high: float, cure: str) -> Any:
    return typer.Option(metavar="SHARE", help=meaning, parser=number(share, low, high, cure))


LIFT = "Lead of the best over all others that is to be found, 0.2 or 20%"
LIFT_CURE, RATE_CURE = "give 0.2 or 20%, say", "give 0.03 or 3%, say"
Lift = Annotated[float, _share(f"{LIFT}.", 0.001, MOST_LIFT, LIFT_CURE)]
PlannedLift = Annotated[
    float | None,
    _share(f"{LIFT}; absent: 0.2, or what --budget or --days find.", 0.001, MOST_LIFT, LIFT_CURE),
]
Power = Annotated[float, _share("Chance of finding that lift.", 0.5, 0.999, "give 0.8, say")]
Alpha = Annotated[
    float,
    _share(
        "Greatest chance of naming one that is not better than all others.",
        1e-6,
        0.5,
        "give 0.05, say",
    ),
]


def creative_test(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="Counts, a row a creative.")],
    goal: Annotated[
        TestGoal,
        one_of(TestGoal, "What decides; orders and revenue are those an impression."),
    ] = "ctr",
    prior: Annotated[
        str,
        typer.Option(
            metavar="P",
            help="How much creatives differ: auto, table, published, flat, or sd of log rates.",
        ),
    ] = "auto",
    control: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Creative that lifts are over; absent: the best other."),
    ] = None,
    care: Annotated[
        float, _share("Share of the best's value too small to care about.", 0, 1, "give 0.01, say")
    ] = 0.01,
    lift: Lift = 0.2,
    power: Power = 0.8,
    alpha: Alpha = 0.05,
    order_cv: Annotated[
        float,
        _amount("How much values of orders vary, as sd / mean.", 0.01, 10, "give 1, say"),
    ] = 1.0,
    out: options.OutputFolder = None,
    lang: options.Language = "en",
    file_format: options.Printed = "table",
    quiet: options.Quiet = False,
) -> None:
    """Say which creative is the best, and whether to stop.

    TABLE is a CSV or .xlsx file with the columns creative, impressions, clicks; and, where known,
    carts, orders, spend, revenue, and test, where it holds several tests. Usual Chinese and English
    names are understood; case, spaces and punctuation of names do not matter.
    """
    from adsim.results.files import check_folder

    if out is not None:
        check_folder(out, "creative-test")
    found = adsim.creative_test(
        table,
        goal,
        prior=_number_or_word(prior),
        control=control,
        care=care,
        lift=lift,
        power=power,
        alpha=alpha,
        order_cv=order_cv,
    )
    if out is not None:
        found.write(out, lang)
    shown = found.shown if file_format == "table" else found.creatives
    print_result(shown, file_format, quiet, lang=lang)
    print_lines(found.explain(lang), file_format)


def creative_plan(
    ctr: Annotated[float, _share("Expected clicks / impressions.", 1e-9, 0.999, RATE_CURE)],
    lift: PlannedLift = None,
    creatives: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="Creatives, each shown equally often.",
            parser=number(int, 2, 1000, "give 4, say"),
        ),
    ] = 4,
    goal: Annotated[
        PlanGoal,
        one_of(PlanGoal, "What decides; orders are those an impression."),
    ] = "ctr",
    cvr: Annotated[
        float | None,
        _share(
            "Expected orders / clicks, for cvr and orders.", 1e-9, 0.999, "give 0.03 or 3%, say"
        ),
    ] = None,
    cpc: Annotated[
        float | None, _amount("Cost of a click.", 0, 1e9, "give 1.5, or leave it out")
    ] = None,
    impressions_a_day: Annotated[
        float | None,
        _amount("Of all creatives together.", 1, MOST, "give 10000, or leave it out"),
    ] = None,
    budget: Annotated[
        float | None,
        _amount("Money there is: which lift can it find?", 0, MOST, "give 1000, say"),
    ] = None,
    days: Annotated[
        float | None, _amount("Days there are: which lift?", 1, 3660, "give 7, say")
    ] = None,
    power: Power = 0.8,
    alpha: Alpha = 0.05,
    lang: options.Language = "en",
    file_format: options.Printed = "table",
    quiet: options.Quiet = False,
) -> None:
    """Say what a test of creatives takes.

    Or which lift a budget or some days can find.
    """
    plan = adsim.plan_creative_test(
        ctr,
        lift,
        creatives,
        goal=goal,
        cvr=cvr,
        cpc=cpc,
        impressions_a_day=impressions_a_day,
        budget=budget,
        days=days,
        power=power,
        alpha=alpha,
    )
    print_result(plan.table, file_format, quiet, lang=lang)
    print_lines(plan.explain(lang), file_format)


def _number_or_word(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text
