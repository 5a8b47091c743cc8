"""`media`: a category simulated, its media taken away one by one, and the tables of that."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from os import PathLike
from typing import Any, Literal

import numpy as np
import polars as pl

from adsim.errors import Problem, SimulationError
from adsim.media.compile import VALUES, compile_plan, compile_world
from adsim.media.histories import (
    MEDIUM_FIELDS,
    SALES_FIELDS,
    Histories,
    Series,
    run_media_histories,
)
from adsim.media.sentences import answers
from adsim.media.truth import MICROS, levels, media_table, moved_table
from adsim.results.heads import Lang
from adsim.results.tables import QUANTILES
from adsim.scenario.arguments import whole_problems
from adsim.scenario.media import MediaScenario, load_media
from adsim.simulate.histories import Progress
from adsim.simulate.recipe import model_recipe

MediaFidelity = Literal["expected", "counts"]

DEFAULT_REPLICATIONS = 32
DEFAULT_SEED = 7
LARGEST_SEED = 2**32 - 1
LARGEST_BYTES = 2**31  # of the histories that are kept
MONEY = frozenset({"spend", "revenue", "reported_value"})


@dataclass(frozen=True, repr=False)
class MediaRun:
    """The outcome of `media`.

    Attributes:
        scenario, fidelity, seed, replications: What was run.
        media: A row a medium, over the measured periods: spend, impressions, clicks, reached and
            moved (persons and periods); what it causes, to the end of the run: sales_caused
            (units), revenue_caused, spend_caused (on all media), roas (revenue / spend caused),
            marginal_roas (the same of 1 % more), each with its 95 % interval `_low`, `_high` over
            replications; sales_reported (units bought by those who have clicked in the same
            period, for search) and roas_reported. Null where nothing is spent, or without luck.
        moved: A row a medium, dimension and value: mean share of persons, share_without the
            medium, share_moved = their difference with its interval.
    """

    scenario: MediaScenario
    fidelity: MediaFidelity
    seed: int
    replications: int
    media: pl.DataFrame
    moved: pl.DataFrame
    _done: Histories

    def __repr__(self) -> str:
        luck = "" if self.fidelity == "expected" else f", {self.replications} replications"
        return f"<MediaRun of {self.scenario.scenario.name}, {self.fidelity}{luck}>"

    @cached_property
    def shares(self) -> pl.DataFrame:
        """A row a period, dimension and value: persons, their 10 % and 90 % quantiles, share.

        As the sales of a period begin: after the drift and all media, before anybody buys.
        """
        counts = np.array([series.persons for series in self._done.first])
        n_periods, n_values = counts.shape[1:]
        keys = {
            "period": np.repeat(np.arange(n_periods), n_values),
            "date": [day for day in self._dates for _ in range(n_values)],
            "dimension": [dimension for dimension, _ in VALUES] * n_periods,
            "value": [value for _, value in VALUES] * n_periods,
            "persons": counts.mean(axis=0).ravel(),
        }
        if self.fidelity != "expected":
            for suffix, part in QUANTILES.items():
                keys[f"persons_{suffix}"] = np.quantile(counts, part, axis=0).ravel()
        share = pl.col("persons") / self.scenario.scenario.persons
        return pl.DataFrame(keys).with_columns(share=share)

    def history(self, replication: int | None = None) -> pl.DataFrame:
        """A row a period: what an analyst would see of one replication, or the means of all.

        Columns period, date, in_market (share of persons), price, buyers, units, revenue,
        rival_buyers and, for each medium, `NAME_spend`, `NAME_impressions` and `NAME_clicks`.
        """
        problems = whole_problems(("replication", replication, 0, self.replications - 1))
        if problems:
            raise SimulationError(*problems)
        chosen = self._done.first if replication is None else [self._done.first[replication]]
        series = Series(*(_mean(chosen, name) for name in ("sales", "media", "persons")))
        return pl.DataFrame(self._columns(series))

    def _columns(self, series: Series) -> dict[str, Any]:
        place = VALUES.index(("market", "in"))
        columns: dict[str, Any] = {
            "period": np.arange(len(series.sales)),
            "date": self._dates,
            "in_market": series.persons[:, place] / self.scenario.scenario.persons,
        }
        for field, values in zip(SALES_FIELDS, series.sales.T, strict=True):
            columns[field] = values / MICROS if field in MONEY else values
        for m, name in enumerate(self.scenario.names):
            for field in ("spend", "impressions", "clicks"):
                values = series.media[:, m, MEDIUM_FIELDS.index(field)]
                columns[f"{name}_{field}"] = values / MICROS if field in MONEY else values
        return columns

    @property
    def _dates(self) -> list[date]:
        general = self.scenario.scenario
        days = 7 if general.period == "week" else 1
        return [general.start + timedelta(days=days * t) for t in range(general.periods)]

    def sentences(self, lang: Lang = "en") -> list[str]:
        """What each medium causes, and what search would have got anyway."""
        return answers(self, lang)

    def recipe(self) -> dict[str, Any]:
        """All that the numbers depend on; no clock time, no path."""
        return {
            **model_recipe("media", self.scenario.scenario.name, self.scenario),
            "fidelity": self.fidelity,
            "seed": self.seed,
            "replications": self.replications,
        }

    def write(
        self,
        folder: str | PathLike[str],
        texts: dict[str, str] | None = None,
        command: Sequence[str] = (),
    ) -> None:
        """Write media.csv, moved.csv, shares.csv, history.csv, sentences.txt, scenario.json.

        And the recipe, with the `command` that repeats it; `texts` are more files by name. Replaces
        only a folder that holds a recipe; raises OutputError where that is not so or the folder
        cannot be written.
        """
        from adsim.results.files import write_tables

        declared = json.loads(self.scenario.model_dump_json(by_alias=True, exclude_none=True))
        files = {
            "sentences.txt": "".join(f"{line}\n" for line in self.sentences()),
            "scenario.json": json.dumps(declared, ensure_ascii=False, indent=2) + "\n",
        }
        recipe = self.recipe() | ({"command": list(command)} if command else {})
        tables = {name: getattr(self, name) for name in ("media", "moved", "shares")}
        tables["history"] = self.history()
        write_tables(folder, tables, recipe, files | (texts or {}))


def media(
    scenario: MediaScenario | str | PathLike[str],
    *,
    fidelity: MediaFidelity = "counts",
    replications: int = DEFAULT_REPLICATIONS,
    seed: int = DEFAULT_SEED,
    overrides: str | Sequence[str] = (),
    threads: int | None = None,
    progress: Progress | None = None,
) -> MediaRun:
    """Simulate a category under its media, and tell what each medium causes.

    Every replication is played as declared, without each medium in the measured periods, and with
    1 % more of it, all under the same luck; what a medium causes is the difference.

    Parameters
    ----------
    scenario
        A TOML file, a folder with a media.toml, or what `load_media` gave.
    fidelity
        "counts": whole persons, exact multinomial flows. "expected": their means, without luck and
        without the noise of the market.
    replications, seed
        Histories, and what their luck is drawn from.
    overrides
        Keys of the file to change, as ``media.tv.cost=0.01``.
    threads, progress
        Threads (all that there are), and a function told (done, total).

    Raises
    ------
    ScenarioError
        With every problem of the file.
    SimulationError
        With every argument out of its range.
    """
    problems = whole_problems(
        ("replications", replications, 1, 1_000_000),
        ("seed", seed, 0, LARGEST_SEED),
        ("threads", threads, 1, 1_000_000),
    )
    if fidelity not in ("expected", "counts"):
        found = f"is {fidelity!r}"
        problems.append(Problem("fidelity", "must be expected or counts", found, "choose one"))
    if isinstance(scenario, MediaScenario) and overrides:
        cure = "give them to load_media, or give the file"
        problems.append(Problem("overrides", "must come with a file", "scenario is loaded", cure))
    if problems:
        raise SimulationError(*problems)
    if not isinstance(scenario, MediaScenario):
        scenario = load_media(scenario, overrides)
    is_mean = fidelity == "expected"
    if not is_mean:
        _check_room(scenario, replications)
    done = run_media_histories(
        scenario,
        compile_world(scenario),
        [compile_plan(scenario, level) for level in levels(scenario)],
        is_mean=is_mean,
        seed=seed,
        replications=1 if is_mean else replications,
        threads=threads,
        progress=progress,
    )
    replications = 1 if is_mean else replications
    tables = media_table(scenario, done), moved_table(scenario, done)
    return MediaRun(scenario, fidelity, seed, replications, *tables, done)


def _check_room(scenario: MediaScenario, replications: int) -> None:
    """Raise where the histories, which are kept period by period, would fill the memory."""
    width = len(SALES_FIELDS) + len(MEDIUM_FIELDS) * len(scenario.names) + len(VALUES)
    most = LARGEST_BYTES // (8 * width * scenario.scenario.periods)
    if replications > most:
        rule = f"must be at most {most:,} for so many periods and media"
        raise SimulationError(Problem("replications", rule, f"is {replications:,}", "give fewer"))


def _mean(chosen: Sequence[Series], name: str) -> np.ndarray:
    return np.asarray(np.mean([getattr(series, name) for series in chosen], axis=0))
