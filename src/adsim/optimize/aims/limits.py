"""Limits on bids: what a plan may do to a keyword, an ad group, a campaign, or all of them.

A limit names its keywords by any of campaign, ad_group, keyword and match_type; what is left out
holds for all. Of several limits on the same thing the most specific one that gives it counts: one
that names the keyword before one that names the ad group, the match type, the campaign, in this
order. So a campaign may be limited as a whole and one keyword of it be let loose.

`ranges.bid_ranges` turns them into a range for every keyword, which every search obeys. Keywords
that are paused today stay paused, whatever the limits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from adsim.errors import OptimizeError, Problem
from adsim.scenario import Plan
from adsim.scenario.columns import MATCH_TYPES, Column, TableSpec
from adsim.scenario.reading import SHOWN_AT_MOST, read_cells
from adsim.scenario.tables import Sheet, typed_sheet
from adsim.scenario.text import name_cure, normalize

SELECTORS = ("keyword", "ad_group", "match_type", "campaign")  # the most specific first
YES_NO = ("yes", "no")

LIMITS = TableSpec(
    "limits",
    "limits.csv",
    (
        Column("campaign", "a campaign of the account, or nothing for all"),
        Column("ad_group", "an ad group of the account, or nothing for all"),
        Column("keyword", "the text of a keyword of the account, or nothing for all"),
        Column("match_type", "exact, phrase or broad, or nothing for all", choices=MATCH_TYPES),
        Column("bid_min", "the least bid, in money", number=True, above=True),
        Column("bid_max", "the highest bid, in money", number=True, above=True),
        Column("change_max", "the largest change of a bid, as 0.2 or 20%", number=True),
        Column("keep", "yes where the bid must stay as it is today", choices=YES_NO),
        Column("pause", "no where the keyword must not be paused", choices=YES_NO),
        Column(
            "impression_share_min",
            "the least share of the searches that the ad is shown in, as 0.8 or 80%",
            number=True,
            high=1.0,
        ),
    ),
    ("campaign", "ad_group", "keyword", "match_type"),
)


@dataclass(frozen=True)
class Limit:
    """One row of a file of limits; None = not limited.

    Attributes:
        campaign, ad_group, keyword, match_type: Which keywords; None = any.
        bid_min, bid_max: The range of the bid, in money.
        change_max: Largest change up or down as a fraction of today's bid: 0.2 = 20 %.
        keep: Whether the keyword stays as it is today: neither its bid nor its status changes.
        pause: Whether it may be paused; it may where nothing says otherwise.
        impression_share_min: Least impressions / eligible searches, from 0 to 1: sets the least
            bid that reaches it where no other own ad stands on its queries, and forbids the pause.
            Budgets are left aside: one that ends in the day lowers the share.
        where: Its place, for messages.
    """

    campaign: str | None = None
    ad_group: str | None = None
    keyword: str | None = None
    match_type: str | None = None
    bid_min: float | None = None
    bid_max: float | None = None
    change_max: float | None = None
    keep: bool | None = None
    pause: bool | None = None
    impression_share_min: float | None = None
    where: str = field(default="", compare=False)

    @property
    def selector(self) -> tuple[str | None, ...]:
        """What it names, most specific first, as texts are compared."""
        named = (getattr(self, name) for name in SELECTORS)
        return tuple(None if one is None else normalize(one) for one in named)


PERCENT = ("change_max", "impression_share_min")
RULES = tuple(
    one.name for one in fields(Limit) if one.name not in (*SELECTORS, "where")
)  # bid_min .. impression_share_min


def load_limits(path: str | PathLike[str], plan: Plan | None = None) -> tuple[Limit, ...]:
    """The limits of a CSV file: the columns of `Limit`, `keep` and `pause` as yes or no.

    Every column may be left out, every cell be empty; shares and changes may be 0.3 or 30%. Raises
    OptimizeError with every bad column and cell, and with all that `limit_problems` finds for the
    plan of the account, today's say; without one, that is checked when the limits are used.
    """
    cells = read_cells(Path(path))
    if isinstance(cells, list):
        raise OptimizeError(*cells)
    shares = [name for name in PERCENT if name in cells.frame.columns]
    frame = cells.frame.with_columns(_without_percent(name) for name in shares)
    sheet, problems = typed_sheet(str(path), replace(cells, frame=frame), LIMITS, required=())
    limits = _limits_of(sheet)
    if problems and plan is not None:  # where nothing is wrong, it is checked in its use
        broken = {problem.where for problem in problems}
        whole = [limit for limit in limits if limit.where not in broken]
        torn = [limit for limit in limits if limit.where in broken]
        problems += limit_problems(whole, plan) + _unknown_names(torn, plan)
    if problems:
        raise OptimizeError(*problems)
    return limits


def _without_percent(name: str) -> pl.Expr:
    """`30%` as 0.3; what is no number stays as it is, to be told."""
    cell = pl.col(name)
    number = cell.str.strip_suffix("%").str.strip_chars().cast(pl.Float64, strict=False)
    share = (number / 100).round_sig_figs(15).cast(pl.String)  # 7.1 / 100 is not 0.071 in binary
    return pl.when(cell.str.ends_with("%")).then(pl.coalesce(share, cell)).otherwise(cell)


def _limits_of(sheet: Sheet) -> tuple[Limit, ...]:
    limits = []
    for row, cells in zip(sheet.rows, sheet.frame.iter_rows(named=True), strict=True):
        given: dict[str, Any] = {name: one for name, one in cells.items() if one is not None}
        for name in {"keep", "pause"} & given.keys():
            given[name] = given[name] == "yes"
        limits.append(Limit(**given, where=f"{sheet.where} row {row}"))
    return tuple(limits)


def placed(limits: Sequence[Limit]) -> list[tuple[str, Limit]]:
    """Limits with their place: that in their file, or in the list."""
    return [(limit.where or f"limits[{i}]", limit) for i, limit in enumerate(limits)]


def limit_problems(limits: Sequence[Limit], plan: Plan) -> list[Problem]:
    """What is wrong with limits by themselves, and names that the account does not have."""
    strange = [
        Problem(f"limits[{i}]", "must be a Limit", f"is of type {type(limit).__name__}", "make one")
        for i, limit in enumerate(limits)
        if not isinstance(limit, Limit)
    ]
    if strange:
        return strange
    problems = [
        problem for where, limit in placed(limits) for problem in _own_problems(where, limit)
    ]
    return problems + _repeated(limits) + _unknown_names(limits, plan)


def _own_problems(where: str, limit: Limit) -> list[Problem]:
    """What is wrong with one limit, whatever the account."""
    problems = []
    for name in RULES:
        column, value = LIMITS.column(name), getattr(limit, name)
        if value is None:
            continue
        if column.choices and not isinstance(value, bool):
            rule, cure = f"{name} must be True or False", "give one, or leave it out"
            problems.append(Problem(where, rule, f"is {value!r}", cure))
        elif column.number and not _is_within(value, column):
            least = f"> {column.low:g}" if column.above else f">= {column.low:g}"
            rule = f"{name} must be a number {least} and at most {column.high:g}"
            problems.append(Problem(where, rule, f"is {value!r}", f"give {column.meaning}"))
    if all(getattr(limit, name) is None for name in RULES):
        rule, cure = f"must limit something ({', '.join(RULES)})", "fill a cell or leave it out"
        problems.append(Problem(where, rule, "does not", cure))
    if not problems and limit.bid_min and limit.bid_max and limit.bid_min > limit.bid_max:
        found = f"is {limit.bid_min:g}, and bid_max is {limit.bid_max:g}"
        problems.append(Problem(where, "bid_min must be <= bid_max", found, "exchange the two"))
    if limit.keep and limit.pause:
        cure = "leave one of the two out"
        problems.append(Problem(where, "keep and pause must not both be yes", "are", cure))
    return problems


def _is_within(value: object, column: Column) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        return False
    return bool(column.low < value <= column.high or (value == column.low and not column.above))


def _repeated(limits: Sequence[Limit]) -> list[Problem]:
    first: dict[tuple[str | None, ...], str] = {}
    problems = []
    for where, limit in placed(limits):
        if limit.selector in first:
            rule = "must not name the same keywords as another limit"
            found = f"{first[limit.selector]} names them, too"
            problems.append(Problem(where, rule, found, "join the two"))
        first.setdefault(limit.selector, where)
    return problems


def _unknown_names(limits: Sequence[Limit], plan: Plan) -> list[Problem]:
    """Names that no keyword of the account has, alone or together."""
    keys = keys_of(plan)
    known = {name: {key[i]: None for key in keys} for i, name in enumerate(SELECTORS)}
    problems, matched = [], {pattern: known_keys(keys, pattern) for pattern in patterns(limits)}
    for where, limit in placed(limits):
        unknown = [
            (name, text)
            for name, text in zip(SELECTORS, limit.selector, strict=True)
            if text is not None and text not in known[name]
        ]
        for name, text in unknown:
            cure = name_cure(text, known[name], "use a name of keywords.csv")
            rule = f"{name} must be one of the account"
            problems.append(Problem(where, rule, f"is {getattr(limit, name)}", cure))
        if not unknown and cells_of(limit) not in matched[pattern_of(limit)]:
            found = f"no keyword has {', '.join(cells_of(limit))} together"
            cure = "correct one of them; keywords.csv shows which belong together"
            problems.append(Problem(where, "must name keywords of the account", found, cure))
    return shortened(problems)


def shortened(problems: list[Problem]) -> list[Problem]:
    """The first problems, and how many more there are."""
    more = len(problems) - SHOWN_AT_MOST
    if more <= 0:
        return problems
    where, rule = problems[0].where.split(" row")[0], "limits must fit the account"
    counted = Problem(where, rule, f"{more} more do not", "correct them likewise")
    return [*problems[:SHOWN_AT_MOST], counted]


def keys_of(plan: Plan) -> list[tuple[str, ...]]:
    """The selectors of every keyword of a plan, as `Limit.selector`."""
    columns = ([normalize(text) for text in plan.keywords[name]] for name in SELECTORS)
    return list(zip(*columns, strict=True))


Pattern = tuple[int, ...]  # places of SELECTORS that a limit names


def pattern_of(limit: Limit) -> Pattern:
    """Which selectors a limit gives."""
    return tuple(i for i, text in enumerate(limit.selector) if text is not None)


def cells_of(limit: Limit) -> tuple[str, ...]:
    """What it gives for them."""
    return tuple(text for text in limit.selector if text is not None)


def patterns(limits: Sequence[Limit]) -> list[Pattern]:
    """All patterns of limits, the least specific first."""
    found = {pattern_of(limit) for limit in limits}
    return sorted(found, key=lambda pattern: [i in pattern for i in range(len(SELECTORS))])


def known_keys(keys: Sequence[tuple[str, ...]], pattern: Pattern) -> set[tuple[str, ...]]:
    """The cells of all keywords under a pattern."""
    return {tuple(key[i] for i in pattern) for key in keys}


def ruling_limits(limits: Sequence[Limit], plan: Plan) -> dict[str, np.ndarray]:
    """For each of `RULES` the number int64[K] of the limit that counts for a keyword, or -1."""
    keys = keys_of(plan)
    ruling = {name: np.full(len(keys), -1, np.int64) for name in RULES}
    gives = {
        name: np.array([getattr(limit, name) is not None for limit in limits] + [False])
        for name in RULES
    }
    for pattern in patterns(limits):
        number = {cells_of(x): i for i, x in enumerate(limits) if pattern_of(x) == pattern}
        hit = np.array([number.get(tuple(key[i] for i in pattern), -1) for key in keys], np.int64)
        for name in RULES:
            ruling[name] = np.where(gives[name][hit], hit, ruling[name])
    return ruling
