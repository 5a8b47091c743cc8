"""What the makers of shipped scenarios share: luck by name, and tables."""

from __future__ import annotations

import csv
import hashlib
import math
from pathlib import Path
from statistics import NormalDist

SCENARIOS = Path(__file__).resolve().parents[1] / "scenarios"


def split_words(line: str) -> tuple[str, ...]:
    return tuple(line.split())


def uniform(*names: str) -> float:
    """A number in (0, 1) that belongs to these names."""
    digest = hashlib.blake2b("\x1f".join(names).encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "big") // 2**11 + 0.5) / 2**53


def spread(sigma: float, *names: str) -> float:
    """A log-normal factor with mean 1."""
    return math.exp(sigma * NormalDist().inv_cdf(uniform(*names)) - sigma * sigma / 2)


def between(bounds: tuple[float, float], *names: str) -> float:
    low, high = bounds
    return low + (high - low) * uniform(*names)


def log_between(bounds: tuple[float, float], *names: str) -> float:
    return math.exp(between((math.log(bounds[0]), math.log(bounds[1])), *names))


def three_digits(value: float) -> float:
    return float(f"{value:.3g}")


def write_table(path: Path, rows: list[dict[str, object]]) -> None:
    """A CSV file with the keys of the first row as its header."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
