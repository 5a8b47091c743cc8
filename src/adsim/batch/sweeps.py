"""What a sweep leaves, read from its folder: the table of results, what failed, what it took."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any

import polars as pl

from adsim.batch.effects import effects_table, ranks_table
from adsim.batch.folder import RESULTS, read_manifest
from adsim.batch.summary import summary_table, task_totals
from adsim.errors import BatchError, Problem
from adsim.results.files import MANIFEST, RECIPE

RUN_KEYS = ("fidelity", "replications", "days")
"""Settings of a run that most sweeps hold fixed."""

SHOWN_FAILURES = 5


@dataclass(frozen=True)
class Effort:
    """What the last call took.

    Attributes:
        tasks: How many were run.
        seconds: From the start of the first worker to the last result.
        busy_seconds: Sum over tasks, as their workers measured them.
        workers: How many worked side by side.
    """

    tasks: int
    seconds: float
    busy_seconds: float
    workers: int

    @property
    def overhead(self) -> float | None:
        """Part of the workers' time that did not go into tasks: starting, waiting, handing over."""
        room = self.seconds * self.workers
        return max(0.0, 1.0 - self.busy_seconds / room) if room else None

    def story(self) -> list[str]:
        """The same in a sentence."""
        if not self.tasks:
            return ["nothing was missing"]
        each = self.busy_seconds / self.tasks
        return [
            f"{self.tasks:,} tasks in {self.seconds:.1f} s on {self.workers} "
            f"worker{'s' if self.workers > 1 else ''}, {each:.3g} s a task; "
            f"{100 * (self.overhead or 0):.1f} % of the workers' time went into anything but tasks"
        ]


@dataclass(frozen=True)
class Sweep:
    """The folder of a sweep, as far as it has come.

    Attributes:
        folder: Where it is.
        recipe: What its results depend on.
        manifest: A row a finished task: task, scenario, plan, set, seed, fidelity, replications,
            days, state (done, failed), seconds, error.
        effort: What the last call took; None for a sweep read from disk.
    """

    folder: Path
    recipe: dict[str, Any]
    manifest: pl.DataFrame
    effort: Effort | None = None

    def __repr__(self) -> str:
        n_failed = self.failed.height
        n_done = self.manifest.height - n_failed
        return f"<Sweep in {str(self.folder)!r}: {n_done:,} tasks done, {n_failed:,} failed>"

    @property
    def failed(self) -> pl.DataFrame:
        """The rows of the manifest that tell of failed tasks."""
        return self.manifest.filter(pl.col("state") == "failed")

    @property
    def varied(self) -> list[str]:
        """The keys of scenario.toml that are columns of the table."""
        return list(self.recipe["varied"])

    def scan(self) -> pl.LazyFrame:
        """All results, not read yet: a row a task and group, its settings first."""
        return pl.scan_parquet(self.folder / RESULTS / "*.parquet")

    def table(self) -> pl.DataFrame:
        """All results, sorted by scenario, plan, settings and seed; empty before the first one."""
        if not self._has_results():
            return pl.DataFrame()
        return self._sorted(self.scan().collect())

    @cached_property
    def tables(self) -> dict[str, pl.DataFrame]:
        """Three tables by name: summary, a row a cell; effects, what mattered most; ranks of plans.

        See `adsim.batch.summary.summary_table`, `adsim.batch.effects.effects_table` and
        `ranks_table`. None before the first result.
        """
        if not self._has_results():
            return {}
        totals = self._sorted(task_totals(self.scan(), self._settings))
        factors = [name for name in self._settings if totals[name].n_unique() > 1]
        shown = [name for name in self._settings if name not in RUN_KEYS or name in factors]
        return {
            "summary": summary_table(totals, shown, self.first_plan),
            "effects": effects_table(totals, factors),
            "ranks": ranks_table(totals, factors),
        }

    def story(self) -> list[str]:
        """What was run, what failed first and why, and where the files are, in sentences."""
        n_failed = self.failed.height
        n_done = self.manifest.height - n_failed
        lines = [f"{n_done:,} tasks done, {n_failed:,} failed; results in {self.folder}"]
        if self.effort is not None:
            lines += self.effort.story()
        for row in self.failed.head(SHOWN_FAILURES).iter_rows(named=True):
            world = " ".join([row["scenario"], row["plan"], *row["set"], f"seed={row['seed']}"])
            lines.append(f"failed: {world}: {row['error']}")
        if n_failed:
            lines.append("the same command tries what failed again")
        return lines

    @property
    def first_plan(self) -> str:
        """The plan that gains are counted from: the one that the file names first."""
        return str(self.recipe["plans"][0])

    def _sorted(self, table: pl.DataFrame) -> pl.DataFrame:
        """By scenario and plan as the file names them, then by settings and seed."""
        places = []
        for name, order in (("scenario", self.recipe["scenarios"]), ("plan", self.recipe["plans"])):
            numbers = {one: place for place, one in enumerate(order)}
            places.append(pl.col(name).replace_strict(numbers, return_dtype=pl.Int64))
        keys = [*self._settings[2:], "seed"]
        return table.sort(*places, *keys, maintain_order=True)

    @property
    def _settings(self) -> list[str]:
        return ["scenario", "plan", *self.varied, *RUN_KEYS]

    def _has_results(self) -> bool:
        return any((self.folder / RESULTS).iterdir())


_MANIFEST: dict[str, pl.DataType | type[pl.DataType]] = {
    "task": pl.String,
    "scenario": pl.String,
    "plan": pl.String,
    "set": pl.List(pl.String),
    "seed": pl.Int64,
    "fidelity": pl.String,
    "replications": pl.Int64,
    "days": pl.Int64,
    "state": pl.String,
    "seconds": pl.Float64,
    "error": pl.String,
}


def load_sweep(folder: str | PathLike[str], effort: Effort | None = None) -> Sweep:
    """The sweep in a folder, finished or not.

    Raises BatchError where there is none.
    """
    path = Path(folder)
    if not ((path / MANIFEST).is_file() and (path / RECIPE).is_file()):
        found, cure = f"holds no {MANIFEST}", "give the --out folder of a sweep"
        raise BatchError(Problem(str(folder), "must be the folder of a sweep", found, cure))
    recipe = json.loads((path / RECIPE).read_text(encoding="utf-8"))
    last = {line["task"]: line for line in read_manifest(path)}
    return Sweep(path, recipe, pl.DataFrame([*last.values()], schema=_MANIFEST), effort)
