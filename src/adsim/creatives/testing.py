"""Creatives of one or many tests judged: the tables and the answer in plain sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from os import PathLike
from typing import Any

import numpy as np
import polars as pl

from adsim.creatives.counts import CreativeTable, column, read_counts
from adsim.creatives.goals import GOALS, Goal
from adsim.creatives.intervals import MEASURES, measure_columns
from adsim.creatives.judging import Judged, judge
from adsim.creatives.options import Options
from adsim.creatives.sentences import answers, methods
from adsim.creatives.spread import (
    LEAST_FREEDOM,
    PUBLISHED_SPREAD,
    estimate_spread,
    freedom,
)
from adsim.creatives.texts import speaker
from adsim.errors import CreativeError, Problem
from adsim.results.heads import Lang

SHOWN = ("p_best", "loss_share", "lift", "lift_low", "lift_high", "impressions_to_go")


@dataclass(frozen=True)
class CreativeTest:
    """What a table of creatives says.

    Attributes:
        creatives: One row a creative, in the table's order: its counts; ctr, cart_rate, cvr, roi
            (as far as the table has them) and the goal's own measure, each with its 95 % interval
            `_low`, `_high`; expected (value of the goal, drawn towards its test's other
            creatives), p_best (probability of being the best), expected_loss (of stopping now and
            choosing it, in the goal's unit), loss_share (the same / the expected best), lift,
            lift_low, lift_high (over the control or the best other, 95 % interval),
            impressions_to_go (before the lift asked for is told from luck).
        tests: One row a test: creatives, decision (take, no difference, go on, single), leader
            (null where nothing tells the best apart), p_best, loss_share, p_value, imbalance,
            imbalance_p, impressions_needed.
        spread: Standard deviation of the log of the goal's rate between creatives of a test;
            None = flat.
        source: Where that comes from: published, table, given or flat.
        judged: What each test says, in the order of `tests`.
    """

    creatives: pl.DataFrame
    tests: pl.DataFrame
    spread: float | None
    source: str
    table: CreativeTable
    options: Options
    judged: tuple[Judged, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer of each test, then how it was found, in English."""
        return self.explain()

    def explain(self, lang: Lang = "en") -> tuple[str, ...]:
        """The answer of each test, then how it was found, in English or Chinese."""
        say = speaker(lang)
        return (
            *answers(say, self.tests["test"].to_list(), self.judged, self.options),
            *methods(say, self.table, self.options, self.spread, self.source),
        )

    @property
    def shown(self) -> pl.DataFrame:
        """The columns of `creatives` that answer the question."""
        measure = GOALS[self.options.goal].column
        names = ["test"] * (self.tests.height > 1) + ["creative", "impressions", "clicks"]
        names += [measure, f"{measure}_low", f"{measure}_high", *SHOWN]
        return self.creatives.select(names)

    def write(self, folder: str | PathLike[str], lang: Lang = "en") -> None:
        """Write creatives.csv, tests.csv, sentences.txt (in a language) and the recipe.

        Replaces only a folder that holds a recipe. Raises OutputError where that is not so or the
        folder cannot be written.
        """
        from adsim.results.files import result_folder

        with result_folder(folder, self.recipe()) as path:
            self.creatives.write_csv(path / "creatives.csv")
            self.tests.write_csv(path / "tests.csv")
            lines = "".join(f"{line}\n" for line in self.explain(lang))
            (path / "sentences.txt").write_text(lines, encoding="utf-8", newline="\n")

    def recipe(self) -> dict[str, Any]:
        """All that the answer depends on: versions, options, digest of the counts; no path."""
        import scipy

        import adsim

        return {
            "result": "creative-test",
            "adsim": adsim.__version__,
            "numpy": np.__version__,
            "scipy": scipy.__version__,
            "table_digest": self.table.digest,
            "options": asdict(self.options),
        }


def creative_test(
    table: pl.DataFrame | str | PathLike[str],
    goal: str = "ctr",
    *,
    prior: str | float = "auto",
    control: str | None = None,
    care: float = 0.01,
    lift: float = 0.2,
    power: float = 0.8,
    alpha: float = 0.05,
    order_cv: float = 1.0,
) -> CreativeTest:
    """Which creative is the best, how sure that is, and what stopping now may cost.

    Parameters
    ----------
    table
        A CSV file or a polars frame with a row a creative: creative, impressions, clicks; where
        known carts, orders, spend, revenue; and test, where it holds several tests. Usual Chinese
        and English names of these columns are understood.
    goal
        ctr (clicks / impressions), carts (carts / clicks), cvr (orders / clicks), orders (orders /
        impressions), revenue (revenue / impressions) or roi (revenue / spend).
    prior
        How much creatives of a test differ, as the standard deviation of the logarithm of the rate:
        "published" (0.236, headline tests), "table" (maximum likelihood over the table, which must
        have 20 creatives beyond the first of each test), "auto" (table where it can, else
        published), "flat" (every creative alone, Jeffreys' prior), or a number.
    control
        Creative, in every test, that lifts are over; by default the best other one.
    care
        Expected loss, as a share of the best's value, that is too small to care about: where the
        leader's is below, the test may stop (Stucchio, Bayesian A/B Testing at VWO, 2015).
    lift, power, alpha
        The impressions still needed are for telling a creative that is `lift` better than all
        others with chance `power`, naming a wrong one with chance `alpha` at most.
    order_cv
        Coefficient of variation of the value of one order, for revenue and roi.

    Raises
    ------
    CreativeError
        With every problem of the table and the options.
    """
    options = Options(goal, prior, control, care, lift, power, alpha, order_cv)
    problems = options.problems()
    read, found = read_counts(table, GOALS[goal].needs if goal in GOALS else ())
    problems += found
    if read is not None:
        problems += _control_problems(read, control)
    if problems or read is None:
        raise CreativeError(*problems)
    spread, source = _spread(read, GOALS[goal], options)
    groups = read.rows.partition_by("test", maintain_order=True)
    judged = tuple(judge(rows, GOALS[goal], spread, options) for rows in groups)
    names = [str(rows["test"][0]) for rows in groups]
    return CreativeTest(
        _creative_rows(groups, judged, options),
        _test_rows(names, judged),
        spread,
        source,
        read,
        options,
        judged,
    )


def _control_problems(table: CreativeTable, control: str | None) -> list[Problem]:
    if control is None:
        return []
    has = table.rows.group_by("test", maintain_order=True).agg(
        (pl.col("creative") == control).any()
    )
    without = has.filter(~pl.col("creative"))["test"].to_list()
    rule, cure = "must be a creative of every test", "give the name of one, or leave it out"
    return [
        Problem("control", rule, f"{control!r} is not in {name or table.where}", cure)
        for name in without
    ]


def _spread(table: CreativeTable, goal: Goal, options: Options) -> tuple[float | None, str]:
    """The spread to use and where it comes from: published, table, given or flat."""
    if options.prior == "flat":
        return None, "flat"
    if not isinstance(options.prior, str):
        return float(options.prior), "given"
    successes, trials = _padded(table, goal.successes), _padded(table, goal.trials)
    free = freedom(trials)
    can_tell = free >= LEAST_FREEDOM and successes.sum() > 0
    if options.prior == "table" and not can_tell:
        rule = f"table must have {LEAST_FREEDOM} creatives beyond the first of each test to tell"
        cure = "use published or a number"
        raise CreativeError(Problem("prior", f"{rule} a spread", f"has {free} with counts", cure))
    if options.prior == "published" or not can_tell:
        return PUBLISHED_SPREAD, "published"
    return estimate_spread(successes, trials), "table"


def _padded(table: CreativeTable, name: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """(tests, creatives) of a column, 0 where a test has fewer creatives."""
    groups = [column(rows, name) for rows in table.rows.partition_by("test", maintain_order=True)]
    padded = np.zeros((len(groups), max(map(len, groups))))
    for row, values in zip(padded, groups, strict=True):
        row[: len(values)] = values
    return padded


def _creative_rows(
    groups: Sequence[pl.DataFrame], judged: Sequence[Judged], options: Options
) -> pl.DataFrame:
    rows = pl.concat(groups)
    names = dict.fromkeys((*MEASURES, options.goal))
    measures = [
        series
        for name in names
        if set(GOALS[name].needs) <= set(rows.columns)
        for series in measure_columns(rows, GOALS[name], options.order_cv)
    ]
    found = ("expected", "p_best", "loss", "loss_share", "lift", "lift_low", "lift_high")
    standing = [
        pl.Series(
            "expected_loss" if name == "loss" else name,
            np.concatenate([getattr(test, name) for test in judged]),
            nan_to_null=True,
        )
        for name in found
    ]
    to_go = [
        None if test.needed is None else max(0, int(test.needed - shown))
        for test in judged
        for shown in test.impressions
    ]
    table = rows.hstack([*measures, *standing, pl.Series("impressions_to_go", to_go, pl.Int64)])
    return table if len(groups) > 1 or rows["test"][0] else table.drop("test")


def _test_rows(names: Sequence[str], judged: Sequence[Judged]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "test": names,
            "creatives": [len(test.names) for test in judged],
            "decision": [test.decision for test in judged],
            "leader": pl.Series([_leader(test) for test in judged], dtype=pl.String),
            "p_best": [float(test.p_best[test.leader]) for test in judged],
            "loss_share": [float(test.loss_share[test.leader]) for test in judged],
            "p_value": pl.Series([test.p_value for test in judged], dtype=pl.Float64),
            "imbalance": [test.imbalance for test in judged],
            "imbalance_p": pl.Series([test.imbalance_p for test in judged], dtype=pl.Float64),
            "impressions_needed": pl.Series([test.needed for test in judged], dtype=pl.Float64),
        }
    )


def _leader(test: Judged) -> str | None:
    known = test.leads or test.decision in ("take", "single")
    return test.names[test.leader] if known else None
