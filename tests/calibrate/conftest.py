"""Made-up reports for the tests of calibrate."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

HEADER = "keyword,match_type,bid,impressions,clicks,cost,avg_position,conversions,revenue"
CUP = "cup,exact,2.00,1000,50,60.00,1.8,3,150"


@pytest.fixture
def report(tmp_path) -> Callable[..., Path]:
    """Write lines as report.csv and give its path."""

    def write(*lines: str, name: str = "report.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


@pytest.fixture
def shop_report(report) -> Path:
    """Sixty keywords of two campaigns whose numbers follow no pattern worth fitting."""
    lines = [f"{HEADER},campaign"]
    for i in range(60):
        impressions = 40 + 97 * i % 2311
        clicks = impressions * (1 + i % 7) // 60
        bid, share = 0.5 + 0.11 * (i % 13), 0.2 + 0.05 * (i % 11)
        orders = clicks * (i % 3) // 40
        lines.append(
            f"word {i},{('exact', 'phrase', 'broad')[i % 3]},{bid:.2f},{impressions},{clicks},"
            f"{clicks * bid * share:.2f},{1 + 0.13 * (i % 17):.2f},{orders},"
            f"{orders * (40 + 3 * (i % 5))},{('head', 'tail')[i % 2]}"
        )
    return report(*lines)
