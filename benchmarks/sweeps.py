"""What a sweep costs beside its tasks: `python -m benchmarks.sweeps`.

Prints how long it takes to name the tasks of a sweep and how much memory that holds, and which part
of the workers' time goes into anything but tasks, for small tasks and for tasks of about a second.
"""

from __future__ import annotations

import tempfile
import tracemalloc
from pathlib import Path
from time import perf_counter

import adsim
from adsim.batch.checking import read_sweep
from adsim.batch.folder import open_folder

SCENARIOS = Path(__file__).resolve().parents[1] / "scenarios"
PLANNED = (10_000, 100_000)
WORKERS = 2
TASKS = {"small tasks": (400, 8), "tasks of about a second": (40, 128)}  # tasks, replications


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="adsim-") as name:
        folder = Path(name)
        for count in PLANNED:
            print(plan(folder, count))
        for what, (count, replications) in TASKS.items():
            path = declare(folder, count, replications)
            effort = adsim.sweep(path, folder / what, workers=WORKERS).effort
            assert effort is not None
            print(f"{what}: {effort.story()[0]}")


def declare(folder: Path, count: int, replications: int) -> Path:
    path = folder / "sweep.toml"
    path.write_text(
        f'scenarios = ["{SCENARIOS / "kuaiche_daily"}"]\nreplications = {replications}\n'
        f"seeds = {{ first = 1, count = {count} }}\n"
    )
    return path


def plan(folder: Path, count: int) -> str:
    job = read_sweep(declare(folder, count, 1))
    started = perf_counter()
    with open_folder(folder / f"planned{count}") as planned:
        planned.settle(job.tasks(), job.recipe())
    seconds = perf_counter() - started
    tracemalloc.start()
    with open_folder(folder / f"planned{count}") as planned:
        missing = planned.settle(job.tasks(), job.recipe())
        held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (
        f"{len(missing):,} tasks planned in {seconds:.2f} s, "
        f"{held / 1e6:.1f} MB held, {peak / 1e6:.1f} MB at most"
    )


if __name__ == "__main__":
    main()
