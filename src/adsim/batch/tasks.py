"""The units of a sweep: cells of the grid, their tasks, and what becomes of a task."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from adsim.simulate.settings import Fidelity

ID_LETTERS = 20  # 80 bits: among 10^6 tasks two share an id with chance 4e-13

Label = float | str | None
"""A setting as tables show it: a number, a text, or None where the scenario's own value holds."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One place of the grid: all that the tasks share which differ in their seeds only.

    Attributes:
        scenario, plan: Names of the folders, or "today".
        overrides: Changed keys as `--set` takes them.
        labels: The value of every key that the sweep varies.
        days: None = as many as the scenario has.
    """

    scenario: str
    plan: str
    overrides: tuple[str, ...]
    labels: tuple[Label, ...]
    fidelity: Fidelity
    replications: int
    days: int | None


@dataclass(frozen=True, slots=True)
class Task:
    """A cell under one seed: one run, one file."""

    id: str
    cell: Cell
    seed: int

    @property
    def file_name(self) -> str:
        return f"task={self.id}.parquet"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a worker hands back: the bytes of a Parquet file, or the reason why there are none."""

    task: Task
    seconds: float
    data: bytes | None = None
    error: str | None = None


@dataclass(frozen=True)
class Identity:
    """What the bytes of a task's file depend on beyond its cell and seed.

    Attributes:
        scenarios, plans: Digest of the content of each, by name.
        common: Versions, columns and groups of all files of the sweep.
    """

    scenarios: dict[str, str]
    plans: dict[str, str | None]
    common: dict[str, Any]

    def tasks(self, cell: Cell, seeds: Iterable[int]) -> Iterator[Task]:
        """The tasks of a cell in the order of the seeds."""
        shared = self._of_cell(cell)
        for seed in seeds:
            hasher = shared.copy()
            hasher.update(str(seed).encode())
            yield Task(hasher.hexdigest()[:ID_LETTERS], cell, seed)

    def _of_cell(self, cell: Cell) -> Any:
        """SHA-256 so far, of all but the seed."""
        parts = [
            self.common,
            [cell.scenario, self.scenarios[cell.scenario]],
            [cell.plan, self.plans[cell.plan]],
            [cell.overrides, cell.labels],
            [cell.fidelity, cell.replications, cell.days],
        ]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode())
