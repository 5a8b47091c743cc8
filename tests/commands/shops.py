"""A small shop with every table, and the command as a process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import adsim

SOURCE = Path(adsim.__file__).parents[1]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONUNBUFFERED": ""}
COMMAND = [sys.executable, "-m", "adsim"]

SCENARIO = """
[scenario]
name = "杯子店"
start = 2025-06-01
[auction]
slots = 2
examination = [1.0, 0.5]
reserve_score = 2.0
increment = 0.01
bid_min = 0.1
bid_max = 100.0
[demand]
shock_cv = 0.3
[account]
daily_budget = 400.0
[[products]]
name = "杯子"
price = 50.0
unit_cost = 20.0
cart_rate = 0.2
[[campaigns]]
name = "core"
daily_budget = 100.0
premiums = { "访客" = 0.3 }
devices = { mobile = 1.2 }
[[campaigns]]
name = "tail"
[[crowds]]
name = "访客"
share = 0.1
ctr = 1.5
cvr = 2.0
[[devices]]
name = "mobile"
share = 0.7
[[devices]]
name = "desktop"
share = 0.3
[[rivals]]
name = "对手"
daily_budget = 50.0
"""
FILES = {
    "scenario.toml": SCENARIO,
    "queries.csv": """query,daily_searches,rivals,rival_family,rival_scale,rival_shape,ctr,cvr
杯子,1000,6,lognormal,8,0.6,0.08,0.03
蓝色 杯子,100,3,table:thin,1,1,0.1,0.04
""",
    "keywords.csv": """campaign,ad_group,keyword,match_type,bid,quality,relevance,product,creative
core,cups,杯子,exact,2.00,5,1.0,杯子,1.1
tail,cups,蓝色,broad,0.50,6,1.1,杯子,0.9
""",
    "negatives.csv": "campaign,ad_group,keyword,match_type\ntail,cups,红色,broad\n",
    "links.csv": """query,campaign,ad_group,keyword,match_type
杯子,core,cups,杯子,exact
蓝色 杯子,tail,cups,蓝色,broad
""",
    "rivals.csv": "rival,keyword,match_type,bid,quality,presence\n对手,杯子,broad,1.5,5,0.8\n",
    "rival_tables.csv": "name,probability,ad_rank\nthin,0,1\nthin,0.5,3\nthin,1,9\n",
    "creatives.csv": "campaign,ad_group,creative,ctr\ncore,cups,白底,1.0\ncore,cups,场景,1.3\n",
}
PLAN = {
    "keywords.csv": "campaign,ad_group,keyword,match_type,bid\ncore,cups,杯子,exact,2.40\n",
    "plan.toml": '# 更多预算\n[[campaigns]]\nname = "core"\ndaily_budget = 300.0\n',
}
REPORT = """keyword,match_type,bid,impressions,clicks,cost,avg_position,conversions,revenue
杯子,exact,2.00,9000,360,480.00,1.8,11,550
蓝色杯子,phrase,0.50,700,30,12.50,2.4,2,90
"""


def make_folder(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def everything_below(folder: Path) -> list[tuple[str, bytes]]:
    """Every path with its content, so that nothing can come, go or change unseen."""
    return sorted(
        (str(path), path.read_bytes() if path.is_file() else b"") for path in folder.rglob("*")
    )


def run_process(
    arguments: Sequence[object], folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
