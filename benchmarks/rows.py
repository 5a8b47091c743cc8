"""A promise beside what was measured, and a table of them with the machine."""

from __future__ import annotations

import math
import os
import platform
import statistics
from dataclasses import dataclass
from pathlib import Path

import numba
import numpy as np


@dataclass(frozen=True)
class Row:
    """One promise: figures in `unit`, at least or at most `promised`."""

    name: str
    what: str
    at_least: bool
    promised: float
    unit: str
    figures: list[float]
    scene: str

    @property
    def reached(self) -> float:
        return statistics.median(self.figures)

    @property
    def ratio(self) -> float:
        """How many times better than promised."""
        if self.at_least:
            return self.reached / self.promised
        return self.promised / self.reached if self.reached > 0 else math.inf


def machine() -> dict[str, str | int]:
    """What the figures depend on beside the code."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    entries = dict(reversed([line.split(":", 1) for line in lines if ":" in line]))
    known = {key.strip(): value.strip() for key, value in entries.items()}
    flags = known.get("flags", "").split()
    vectors = next((name for name in ("avx512f", "avx2") if name in flags), "no AVX known")
    return {
        "cpu": known.get("model name", platform.processor() or platform.machine()),
        "vectors": vectors,
        "cores": os.cpu_count() or 1,
        "system": platform.system(),
        "python": platform.python_version(),
        "numba": numba.__version__,
        "numpy": np.__version__,
    }


def table(rows: list[Row]) -> str:
    """The rows in Markdown, then the promises that are not reached, then the machine."""
    head = "| | promise | reached here | ratio | measured |\n|---|---|---|---|---|"
    lines = [head, *(_line(row) for row in rows)]
    missed = [f"{row.name} ({row.ratio:.2f})" for row in rows if row.ratio < 1]
    lines.append("\nNot reached: " + (", ".join(missed) if missed else "none") + ".")
    lines.append("Machine: " + ", ".join(f"{key} {value}" for key, value in machine().items()))
    return "\n".join(lines)


def _line(row: Row) -> str:
    sign = "at least" if row.at_least else "less than"
    unit = f" {row.unit}" if row.unit else ""
    spread = ""
    if len(row.figures) > 1:
        spread = f" ({_short(min(row.figures))} to {_short(max(row.figures))})"
    ratio = f"{row.ratio:.2f}" if row.ratio < 100 else f"{row.ratio:.0f}"
    cells = (
        f"{row.name}: {row.what}",
        f"{sign} {_short(row.promised)}{unit}",
        f"{_short(row.reached)}{spread}{unit}",
        ratio if row.ratio >= 1 else f"**{ratio}, not reached**",
        row.scene,
    )
    return "| " + " | ".join(cells) + " |"


def _short(figure: float) -> str:
    return f"{figure:.3g}"
