"""A small shop with two plans and a sweep of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

KEYWORDS = "campaign,ad_group,keyword,match_type,bid"
SCENARIO = """
[scenario]
name = "cups"
start = 2025-06-01
[auction]
slots = 2
examination = [1.0, 0.5]
reserve_score = 2.0
[demand]
shock_cv = 0.5
[[products]]
name = "cup"
price = 50.0
unit_cost = 20.0
[[campaigns]]
name = "core"
daily_budget = 60.0
"""
FILES = {
    "shop/scenario.toml": SCENARIO,
    "shop/queries.csv": """query,daily_searches,rivals,rival_family,rival_scale,rival_shape,ctr,cvr
cup,1000,6,lognormal,8,0.6,0.08,0.03
blue cup,300,3,lognormal,6,0.5,0.1,0.05
""",
    "shop/keywords.csv": f"""{KEYWORDS},quality,relevance,product
core,cups,cup,exact,2.00,5,1.0,cup
core,cups,blue cup,exact,1.00,6,1.1,cup
""",
    "plans/bold/keywords.csv": f"{KEYWORDS}\ncore,cups,cup,exact,3.00\n",
    "plans/rich/plan.toml": '[[campaigns]]\nname = "core"\ndaily_budget = 500.0\n',
    "sweep.toml": """
scenarios = ["shop"]
plans = ["today", "plans/bold"]
seeds = [1, 2]
replications = 3
[set]
auction.reserve_score = [2, 4.5]
""",
}

Write = Callable[..., Path]


def fill(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def is_running(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A folder with a shop, two plans and a sweep of eight tasks."""
    fill(tmp_path, FILES)
    return tmp_path


@pytest.fixture
def write_sweep(world: Path) -> Write:
    """Replaces the sweep of the folder; gives its path."""

    def write(text: str) -> Path:
        fill(world, {"sweep.toml": text})
        return world / "sweep.toml"

    return write
