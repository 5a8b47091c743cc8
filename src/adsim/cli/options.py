"""What can be typed: the arguments and options of the commands, and their parsers.

What is wrong is told with rule, value and cure; `parsing.py` and typer add the option's name.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import typer

from adsim.cli.parsing import Wrong

MOST = 10**12
"""No number that is typed may be larger: what is beyond it is infinite or a slip of the finger."""

SPREAD = "FROM:TO:COUNT"
PARQUET_NEEDS_OUT = "must be table, json or csv on the terminal, but is parquet; add --out DIR."


def number(
    kind: Callable[[str], float], low: float, high: float, cure: str
) -> Callable[[str], float | Wrong]:
    """A parser of numbers of a kind (int or float) from `low` to `high`; NaN is none."""
    rule = f"{'a whole' if kind is int else 'a'} number >= {low}"
    rule += f" and <= {high}" if high < MOST else ""

    def parse(text: str) -> float | Wrong:
        try:
            value = kind(text)
            if low <= value <= high:
                return value
        except ValueError:
            pass
        return Wrong(f"must be {rule}, but is {text}; {cure}.")

    return parse


def share(text: str) -> float:
    """A share or a rate, as 0.2 or 20%."""
    written = str(text)  # a default is a number
    return float(written.removesuffix("%")) / (100 if written.endswith("%") else 1)


def one_of(
    names: Any, meaning: str, *flags: str, others_say: Mapping[str, str] | None = None
) -> Any:
    """An option that takes one of the texts of a Literal; `others_say`: their words elsewhere."""
    choices, elsewhere = get_args(names), others_say or {}

    def parse(text: str) -> str:
        if text in choices:
            return text
        close = [elsewhere[text]] if text in elsewhere else get_close_matches(text, choices, n=1)
        cure = f"did you mean {close[0]}?" if close else "give one of them."
        rule = f"must be {', '.join(choices[:-1])} or {choices[-1]}"
        return Wrong(f"{rule}, but is {text}; {cure}")

    return typer.Option(*flags, metavar="|".join(choices), help=meaning, parser=parse)


def parse_groups(text: str | None) -> tuple[str, ...]:
    """`campaign,device` as known groups, each once."""
    from adsim.results.registry import GROUPS

    names = dict.fromkeys(name.strip() for name in text.split(",")) if text is not None else ()
    for name in names:
        if name not in GROUPS:
            close = get_close_matches(name, GROUPS, n=1)
            cure = f"did you mean {close[0]}?" if close else "leave it out."
            rule = f"must be a list of {', '.join(GROUPS)}"
            raise typer.BadParameter(f"{rule}, but holds {name!r}; {cure}", param_hint="--by")
    return tuple(names)


def parse_spread(text: str | None, option: str) -> list[float] | None:
    """`FROM:TO:COUNT` as COUNT evenly spread numbers, both ends included."""
    if text is None:
        return None
    try:
        first, last, count = text.split(":")
        low, high, n = float(first), float(last), int(count)
        if not (0 <= low < high <= MOST and 2 <= n <= 100_000):
            raise ValueError(text)
    except ValueError as error:
        raise typer.BadParameter(
            f"must be {SPREAD} with 0 <= FROM < TO and a whole COUNT from 2 to 100000, "
            f"but is {text}; give 0.5:5:40, say.",
            param_hint=option,
        ) from error
    return [low + (high - low) * (step / (n - 1)) for step in range(n)]


def parse_reach(text: str | None) -> tuple[str, float] | None:
    """`revenue=20000` as a metric and an amount."""
    if text is None:
        return None
    metric, _, amount = text.partition("=")
    try:
        return metric.strip(), float(amount)
    except ValueError as error:
        rule = "must be METRIC=X with a number X"
        cure = "give revenue=20000, say"
        raise typer.BadParameter(f"{rule}, but is {text}; {cure}.", param_hint="--reach") from error


def _listen(quiet: bool) -> bool:
    logging.getLogger("adsim").setLevel(logging.WARNING if quiet else logging.INFO)
    return quiet


def _whole(metavar: str, meaning: str, low: int, high: int, cure: str) -> Any:
    return typer.Option(metavar=metavar, help=meaning, parser=number(int, low, high, cure))


ScenarioFolder = Annotated[Path, typer.Argument(metavar="SCENARIO", help="The scenario's folder.")]
PlanFolder = Annotated[
    Path | None,
    typer.Option(
        "--plan", metavar="PLAN", help="A plan's folder; absent or today: the scenario's own."
    ),
]
FidelityName = Literal["expected", "counts", "events"]
Fidelity = Annotated[
    FidelityName,
    one_of(FidelityName, "Closed form, exact counts, or every search in time order."),
]
Replications = Annotated[int, _whole("N", "Runs, each with its own luck.", 1, MOST, "give 64, say")]
Seed = Annotated[int, _whole("S", "Same seed, same luck.", 0, 2**32 - 1, "give 7, say")]
Days = Annotated[
    int | None, _whole("D", "Days; absent: as declared.", 1, MOST, "give 7, or leave it out")
]
ReportDays = Annotated[
    int | None,
    _whole("D", "Days of the report; absent: taken as one.", 1, 3660, "give 30, say"),
]
Brand = Annotated[
    str | None,
    typer.Option(metavar="TEXTS", help="Texts of the own brand: acme,acmeshop, say."),
]
Margin = Annotated[
    float | None,
    typer.Option(
        metavar="SHARE",
        help="Share of a price left after the cost of goods; absent: all of it.",
        parser=number(share, 0, 1, "give 0.4 or 40%, say"),
    ),
]
Slots = Annotated[
    int | None, _whole("N", "Ad slots of a page; absent: fitted, or 10.", 1, 20, "give 4, say")
]
RivalSigma = Annotated[
    float | None,
    typer.Option(
        metavar="X",
        help="Spread of the logarithm of one rival's ad rank; absent: 0.85.",
        parser=number(float, 0.05, 5, "give 0.85, say"),
    ),
]
AssumedShare = Annotated[
    float | None,
    typer.Option(
        metavar="SHARE",
        help="Impression share of rows that tell neither one nor a position: a guess.",
        parser=number(share, 0.001, 1, "give 0.3 or 30%, say"),
    ),
]
Holdout = Annotated[
    float,
    typer.Option(
        metavar="SHARE",
        help="Share of the keywords held out to test the fit; 0: no test.",
        parser=number(share, 0, 0.9, "give 0.2 or 20%, say"),
    ),
]
FittedMarkets = Annotated[
    int,
    _whole("K", "Markets to draw that the report may come from.", 0, 99, "give 8, say"),
]
Markets = Annotated[
    int | None,
    _whole("K", "Choose the plan for the first K markets of the folder.", 1, 99, "give 8, say"),
]
Currency = Annotated[
    str | None, typer.Option(metavar="NAME", help="Currency; absent: the platform's usual one.")
]
Threads = Annotated[
    int | None, _whole("N", "Threads; absent: one a core.", 1, MOST, "give 2, or leave it out")
]
Workers = Annotated[
    int | None,
    _whole("N", "Local processes; absent: one a core, as memory allows.", 1, 1024, "give 2, say"),
]
Cluster = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="A Dask scheduler, such as tcp://10.0.0.1:8786."),
]
Budget = Annotated[
    float | None,
    typer.Option(
        metavar="X",
        help="The account's total a day, beside the campaigns' own.",
        parser=number(float, 0, MOST, "give an amount of money, or leave it out"),
    ),
]
Trials = Annotated[
    int, _whole("N", "Policies to try; 0: bids only.", 0, 1_000_000, "give 64, say, or 0")
]
Study = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|URL",
        help="Keeps the trials, so that a killed search goes on; a file, or postgresql://... for "
        "many workers; absent: DIR.study, until the answer is there.",
    ),
]
SamplerName = Literal["tpe", "cmaes", "nsga2"]
Sampler = Annotated[SamplerName, one_of(SamplerName, "Suggests the trials.")]
GoalName = Literal[
    "profit",
    "revenue",
    "orders",
    "clicks",
    "roi",
    "profit_roi",
    "caused_profit",
    "caused_revenue",
    "caused_orders",
    "caused_roi",
]
Goal = Annotated[
    GoalName | None,
    one_of(
        GoalName,
        "What to maximize; profit where nothing is asked for. A return (roi, profit_roi) is "
        "the highest among plans that spend 95 % of the budget, or of today's spend, or more. "
        "caused_...: less the organic orders that would have come without the ads. roi is revenue "
        "/ spend, elsewhere ROAS.",
        others_say={
            **dict.fromkeys(("roas", "acos", "投产比"), "roi"),
            **dict.fromkeys(("sales", "value", "conversion_value", "gmv", "成交额"), "revenue"),
            **dict.fromkeys(("conversions", "订单", "成交"), "orders"),
            "利润": "profit",
            "点击": "clicks",
        },
    ),
]
TargetRoi = Annotated[
    float | None,
    typer.Option(
        "--target-roi",
        "--target-roas",
        metavar="X",
        help="Least revenue / spend of the plan, as 4 or 400%.",
        parser=number(share, 0, MOST, "give 4 or 400%, say"),
    ),
]
TargetCpa = Annotated[
    float | None,
    typer.Option(
        metavar="X",
        help="Highest spend / orders of the plan.",
        parser=number(float, 0, MOST, "give 20, say"),
    ),
]
Reach = Annotated[
    str | None,
    typer.Option(
        metavar="METRIC=X",
        help="Spend as little as brings so much profit, revenue, orders or clicks: revenue=20000.",
    ),
]
Risk = Annotated[
    str | None,
    typer.Option(
        metavar="RISK",
        help="cvar:0.1: the most in the worst 10 % of luck; loss:0.05: a loss in at most 5 %; "
        "worst: the most in the worst of several scenarios.",
    ),
]
Front = Annotated[
    str | None,
    typer.Option(
        metavar="A,B",
        help="Also plans of which none is better in both: profit,revenue, or mean,cvar, of profit, "
        "revenue, orders, clicks, spend, mean and cvar of the goal.",
    ),
]
Vary = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KEY=VALUES",
        help="Settings to try beside bids: campaigns.core.frequency_cap=1,2,3,none, or "
        "crowds.alike.size=0.01,0.03 of a lookalike; keys as of --set; repeatable.",
    ),
]
WorstOf = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=FACTOR",
        help="A scenario that the plan must stand: rivals=1.3, or demand=0.8,cvr=0.9 (of demand, "
        "rivals, rival_bids, ctr, cvr); repeatable.",
    ),
]
Limits = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Limits on bids, a CSV file: keyword, bid_min, bid_max, change_max (as 30%), keep, "
        "pause, impression_share_min; docs/optimizer.md tells more.",
    ),
]
From = Annotated[
    str | None,
    typer.Option("--from", metavar="DATE", help="First day of the plan; absent: as declared."),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Another value for a key; repeatable."),
]
Groups = Annotated[
    str | None, typer.Option(metavar="GROUPS", help="A row for each: campaign,device,day, say.")
]
CrowdTableName = Literal["crowds", "overlap", "traits", "lookalikes"]
CrowdTable = Annotated[
    CrowdTableName,
    one_of(CrowdTableName, "Sizes, common persons, index of traits, or quality by size.", "--by"),
]
Keyword = Annotated[
    str | None, typer.Option(metavar="TEXT", help="One keyword, at the bids of --bids.")
]
Bids = Annotated[str | None, typer.Option(metavar=SPREAD, help="Bids of the keyword.")]
Scales = Annotated[str | None, typer.Option(metavar=SPREAD, help="Factors on all bids.")]
SchemaOf = Annotated[Literal["scenario", "media", "game"], typer.Option(help="Which file.")]
OutputFolder = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Folder for the files and the recipe.")
]
PrintedName = Literal["table", "json", "csv"]
Printed = Annotated[PrintedName, one_of(PrintedName, "How to print the result.", "--format")]
WrittenName = Literal["table", "json", "csv", "parquet"]
Written = Annotated[
    WrittenName, one_of(WrittenName, "How to print, and to write, the result.", "--format")
]
LanguageName = Literal["en", "zh"]
Language = Annotated[
    LanguageName, one_of(LanguageName, "Language of page, sentences and printed tables.", "--lang")
]
Quiet = Annotated[
    bool, typer.Option("--quiet", callback=_listen, help="No progress bar, no notices.")
]
