"""A report in, a scenario out: the whole road, each step with the sentence that tells of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from adsim.calibrate.assembling import assemble, sizes_out_of_range
from adsim.calibrate.assuming import list_assumptions
from adsim.calibrate.daily import hold_out_days, settle, total_days, total_segments
from adsim.calibrate.fitting import fit_rows
from adsim.calibrate.holdout import hold_out
from adsim.calibrate.markets import draw_markets
from adsim.calibrate.options import Options
from adsim.calibrate.predicting import Backtest
from adsim.calibrate.reading import Report, read_report
from adsim.calibrate.recovery import ALL, recover
from adsim.calibrate.repairing import repair
from adsim.calibrate.sentences import Sentence
from adsim.calibrate.unknowns import list_unknowns
from adsim.errors import Problem, ReportError
from adsim.results.heads import Lang
from adsim.scenario import Scenario


@dataclass(frozen=True)
class Fit:
    """What `fit` found.

    Attributes:
        scenario: The market and the account; today's bids are the report's.
        assumed: All that was taken for granted or repaired; `assumptions` says it.
        recovery: What the scenario gives back of the report: campaign, metric, reported, simulated
            (fidelity expected, under the report's own bids), error = simulated / reported - 1.
        backtest: What a fit that did not see a part of the keywords says of them, with 80 %
            intervals: tables totals, coverage and keywords (see `predicting.Backtest`).
        markets: The markets that the report may come from (see `calibrate.markets`); none where
            none were asked for.
        unknowns: What the report cannot tell and what would; `unidentified` says it.
    """

    scenario: Scenario
    assumed: tuple[Sentence, ...] = field(repr=False)
    recovery: pl.DataFrame
    backtest: Backtest = field(repr=False)
    markets: tuple[Scenario, ...] = field(repr=False)
    unknowns: tuple[Sentence, ...] = field(repr=False)
    report: Report
    options: Options

    @property
    def overall(self) -> pl.DataFrame:
        """The recovery of all campaigns together, without the errors."""
        whole = self.recovery.filter(pl.col("campaign") == ALL)
        return whole.select("metric", "reported", "simulated")

    @property
    def assumptions(self) -> tuple[str, ...]:
        """All that was taken for granted or repaired, in plain English, line by line."""
        return self.explain("en")

    def explain(self, lang: Lang = "en") -> tuple[str, ...]:
        """The assumptions in English ("en") or Chinese ("zh").

        Raises ReportError where the language is another.
        """
        return tuple(sentence.tell(lang) for sentence in self.assumed)

    def unidentified(self, lang: Lang = "en") -> tuple[str, ...]:
        """What this report cannot tell, and what would, in English ("en") or Chinese ("zh").

        Raises ReportError where the language is another.
        """
        return tuple(unknown.tell(lang) for unknown in self.unknowns)

    def write(
        self,
        folder: str | PathLike[str],
        texts: Mapping[str, str] | None = None,
        lang: Lang = "en",
    ) -> None:
        """Write the scenario folder with its markets, assumptions.txt and unidentified.txt in a
        language, recovery.csv, the tables of the backtest and the recipe.

        Replaces only a folder that holds a recipe. Raises OutputError where that is not so or the
        folder cannot be written.
        """
        from adsim.results.files import result_folder, write_texts
        from adsim.scenario import write_markets, write_scenario

        with result_folder(folder, self.recipe()) as path:
            write_scenario(self.scenario, path)
            write_markets(self.markets, path)
            said = {"assumptions": self.explain(lang), "unidentified": self.unidentified(lang)}
            told = {f"{name}.txt": "".join(f"{line}\n" for line in said[name]) for name in said}
            self.recovery.write_csv(path / "recovery.csv")
            self.backtest.write(path / "backtest")
            write_texts(path, {**told, **(texts or {})})

    def recipe(self) -> dict[str, Any]:
        """All that the scenario depends on: versions, options, digest of the report; no path."""
        import scipy

        import adsim

        return {
            "result": "fit",
            "adsim": adsim.__version__,
            "numpy": np.__version__,
            "scipy": scipy.__version__,
            "platform": self.report.format.name,
            "report_digest": self.report.digest,
            "scenario_digest": self.scenario.digest(),
            "options": asdict(self.options),
        }


def fit(
    report: str | PathLike[str],
    platform: str | None = None,
    days: int | None = None,
    *,
    brand: Sequence[str] = (),
    margin: float | None = None,
    slots: int | None = None,
    rival_sigma: float | None = None,
    currency: str | None = None,
    holdout: float = 0.2,
    markets: int = 0,
    seed: int = 7,
    assumed_share: float | None = None,
) -> Fit:
    """Turn a platform's keyword report into a scenario that gives the report's totals back.

    Parameters
    ----------
    report
        A CSV file, one with tabs, or a workbook. Either a DoubleClick keyword sheet, or a plain
        table with the columns keyword, match_type (exact, phrase, broad; absent: all exact), bid
        (absent: from the cost per click), impressions, clicks, cost, conversions and revenue, one
        row a keyword, totals of the whole time, or, with the column day, one row a keyword and day;
        avg_position (1 = top) or impression_share (0.45 or 45%), better both; optional are
        lost_to_budget (a share), account, campaign and ad_group.
        Names are taken without case, spaces, punctuation and units; usual other names are known
        (`adsim.calibrate.columns`). All other columns, lines above the header and rows of totals
        are left out, and said to be.
    platform
        "doubleclick" or "plain"; by default told by the columns.
    days
        Days that the report covers; not known, it is taken as one day.
    brand
        Texts that mark keywords of the own brand, such as ``["acme"]``: rates are then
        shrunk within brand and other keywords, otherwise within campaigns.
    margin
        Share of an order's price left after the cost of goods, 0 to 1; by default all of it.
    slots
        Ad slots of a page; by default fitted to the impression shares, or 10 without any.
    rival_sigma
        Spread of the logarithm of one rival's ad rank; by default `options.RIVAL_SIGMA`.
    currency
        Name of the report's currency.
    holdout
        Share of the keywords that are held out to test what a fit to the others says of them; 0
        for no such test. The scenario is fitted to all.
    markets
        Number of markets to draw of those that the report may come from, up to 99; a plan can be
        optimized for all of them.
    seed
        Of the luck that draws keywords and markets; 0 to 2**32 - 1.
    assumed_share
        Impression share, 0.001 to 1, of rows that tell neither one nor a position; needed where no
        row does.

    Raises
    ------
    ReportError
        With every problem of the file, or of the options.
    """
    options = Options(
        *(days, tuple(brand), margin, slots, rival_sigma, currency, holdout, markets, seed),
        assumed_share=assumed_share,
    )
    options.check()
    found = read_report(report, platform, assumed_share)
    options = replace(options, days=options.days or found.days)
    if found.segments:
        found = replace(found, rows=total_segments(found.rows))
    daily = found.rows if "day" in found.rows.columns else None
    if daily is not None:
        options = _settled(options, daily)
        found = replace(found, rows=total_days(daily))
    repaired = repair(found.rows, options.slots)
    if repaired.rows.is_empty():
        rule, cure = "must have a row with impressions", "take a longer time"
        raise ReportError(Problem(found.where, rule, "has none", cure))
    fitted = fit_rows(repaired.rows, options)
    if too_large := sizes_out_of_range(found.where, repaired.rows, fitted, options):
        raise ReportError(*too_large)
    assembled = partial(
        assemble,
        name=Path(found.where).resolve().stem,
        currency=currency or found.currency or found.format.currency,
    )
    scenario = assembled(repaired.rows, fitted, options)
    recovery = recover(found.rows, scenario)
    assumed = tuple(list_assumptions(found, repaired, fitted, options, recovery))
    tested = hold_out(found.rows, options, assembled)
    if daily is not None:
        tested = tested.and_also(hold_out_days(daily, options, assembled))
    unknowns = tuple(list_unknowns(repaired, fitted, options))
    drawn = tuple(draw_markets(repaired.rows, fitted, options, scenario))
    return Fit(scenario, assumed, recovery, tested, drawn, unknowns, found, options)


def _settled(options: Options, daily: pl.DataFrame) -> Options:
    settled = settle(options, daily)
    if options.days not in (None, settled.days):
        rule = "must be left out where the report has a row a day"
        found, cure = f"is {options.days}", f"the report's {settled.days} days are taken"
        raise ReportError(Problem("days", rule, found, cure))
    return settled
