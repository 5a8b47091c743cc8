"""The scenarios and plans of a sweep, as data that a worker needs no disk to read."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import polars as pl

from adsim.batch.tasks import Cell, Outcome, Task
from adsim.errors import AdsimError
from adsim.results.registry import VALUE_COLUMNS, group_columns
from adsim.results.tables import QUANTILES
from adsim.scenario import Plan, Scenario, load_plan
from adsim.scenario.plans import CAMPAIGNS_FILE, KEYWORDS_FILE
from adsim.simulate.run import Run, simulate

INTERVALS = [f"{column.name}_{end}" for column in VALUE_COLUMNS for end in QUANTILES]
"""Columns that a single history does not have; a sweep's files have them all the same."""


@dataclass(frozen=True)
class PlanFiles:
    """The files of a plan's folder; what they change depends on the scenario that they meet."""

    name: str
    files: dict[str, bytes]

    def digest(self) -> str:
        """SHA-256 of the files."""
        parts = [hashlib.sha256(data).hexdigest() for _, data in sorted(self.files.items())]
        return hashlib.sha256(" ".join([*self.files, *parts]).encode()).hexdigest()

    def load(self, scenario: Scenario) -> Plan:
        """The plan in this scenario; raises PlanError where it does not fit."""
        with TemporaryDirectory(prefix="adsim-") as folder:
            path = Path(folder) / self.name
            path.mkdir()
            for name, data in self.files.items():
                (path / name).write_bytes(data)
            return load_plan(path, scenario)


def read_plan_files(folder: Path) -> PlanFiles:
    """The bytes of a plan's folder."""
    present = [name for name in (CAMPAIGNS_FILE, KEYWORDS_FILE) if (folder / name).exists()]
    files = {name: (folder / name).read_bytes() for name in present}
    return PlanFiles(folder.resolve().name, files)


@dataclass(frozen=True)
class Worlds:
    """All that a worker is given once.

    Attributes:
        scenarios: By name, without any override.
        plans: By name; today's plan needs none.
        varied: The columns of settings, and whether each holds numbers.
        by: Groups of the tables.
        versions: Versions that the numbers depend on; a worker must have the same.
    """

    scenarios: dict[str, Scenario]
    plans: dict[str, PlanFiles]
    varied: dict[str, bool]
    by: tuple[str, ...]
    versions: dict[str, str]


class Runner:
    """Runs tasks one after the other; tasks of one cell share its compiled market."""

    def __init__(self, worlds: Worlds) -> None:
        self._worlds = worlds
        self._last: tuple[Cell, Run] | None = None

    def attempt(self, task: Task) -> Outcome:
        """Run a task; what goes wrong is the task's outcome, and no other task's business."""
        started = perf_counter()
        try:
            data = self.run(task)
        except AdsimError as error:
            return Outcome(task, perf_counter() - started, error=str(error))
        except Exception as error:
            said = f"{type(error).__name__}: {' '.join(str(error).split())}"
            return Outcome(task, perf_counter() - started, error=said)
        return Outcome(task, perf_counter() - started, data)

    def run(self, task: Task) -> bytes:
        """The Parquet file of a task: what identifies it, then the report, a row a group."""
        run = self._run(task)
        report = run.report(self._worlds.by)
        names = [*group_columns(self._worlds.by), *(column.name for column in VALUE_COLUMNS)]
        absent = [pl.lit(None, pl.Float64).alias(name) for name in INTERVALS]
        absent = [column for column in absent if column.meta.output_name() not in report.columns]
        table = report.with_columns(absent).select(*self._settings(task, run), *names, *INTERVALS)
        file = io.BytesIO()
        table.write_parquet(file)
        return file.getvalue()

    def _run(self, task: Task) -> Run:
        cell = task.cell
        if self._last is not None and self._last[0] == cell and cell.fidelity != "expected":
            return self._last[1].with_seed(task.seed)
        run = simulate(
            *self._world(cell),
            fidelity=cell.fidelity,
            replications=cell.replications,
            seed=task.seed,
            days=cell.days,
            threads=1,
            by=self._worlds.by,
        )
        self._last = (cell, run)
        return run

    def _world(self, cell: Cell) -> tuple[Scenario, Plan | None]:
        scenario = self._worlds.scenarios[cell.scenario]
        scenario = scenario.with_overrides(cell.overrides) if cell.overrides else scenario
        files = self._worlds.plans.get(cell.plan)
        return scenario, files.load(scenario) if files is not None else None

    def _settings(self, task: Task, run: Run) -> Iterator[pl.Expr]:
        cell = task.cell
        yield pl.lit(task.id).alias("task")
        yield pl.lit(cell.scenario).alias("scenario")
        yield pl.lit(cell.plan).alias("plan")
        for (key, is_number), value in zip(self._worlds.varied.items(), cell.labels, strict=True):
            kind = pl.Float64 if is_number else pl.String
            text = value if is_number or value is None else f"{value}"
            yield pl.lit(text, kind).alias(key)
        yield pl.lit(task.seed, pl.Int64).alias("seed")
        yield pl.lit(run.fidelity).alias("fidelity")
        yield pl.lit(run.replications, pl.Int64).alias("replications")
        yield pl.lit(run.last_day - run.first_day, pl.Int64).alias("days")
