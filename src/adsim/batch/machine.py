"""How many workers this machine has room for."""

from __future__ import annotations

import os
from pathlib import Path

from adsim.batch.worlds import Worlds

WORKER_BYTES = 400 << 20  # an interpreter with its libraries and kernels, and room to run
ROW_BYTES = 20 << 10  # a query or keyword, declared and compiled, with its tables of charges
MEMORY_FILE = Path("/proc/meminfo")
GROUP_FILES = (
    (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")),
    (
        Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
        Path("/sys/fs/cgroup/memory/memory.usage_in_bytes"),
    ),
)


def default_workers(worlds: Worlds) -> int:
    """One a core, fewer where memory is short; at least one."""
    cores = len(os.sched_getaffinity(0))
    memory = available_memory()
    return cores if memory is None else max(1, min(cores, memory // worker_bytes(worlds)))


def worker_bytes(worlds: Worlds) -> int:
    """About what a worker takes."""
    tables = [scenario.tables for scenario in worlds.scenarios.values()]
    rows = max(table.queries.height + table.keywords.height for table in tables)
    return WORKER_BYTES + ROW_BYTES * rows


def available_memory() -> int | None:
    """Bytes that new processes may take, within the limits of a container; None = unknown."""
    found = []
    if MEMORY_FILE.exists():
        lines = dict(line.split(":", 1) for line in MEMORY_FILE.read_text().splitlines())
        found.append(int(lines["MemAvailable"].split()[0]) << 10)
    for limit, used in GROUP_FILES:
        if limit.exists() and used.exists() and (most := limit.read_text().strip()) != "max":
            found.append(max(0, int(most) - int(used.read_text())))
    return min(found, default=None)
