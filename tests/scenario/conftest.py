from pathlib import Path

import pytest

SCENARIO = """
[scenario]
name = "test"
start = 2025-06-01
[auction]
slots = 2
examination = [1.0, 0.5]
bid_min = 0.1
bid_max = 100.0
bid_step = 0.01
[[products]]
name = "cup"
price = 50.0
[[campaigns]]
name = "core"
daily_budget = 100.0
premiums = { visitors = 0.3 }
devices = { mobile = 1.2 }
[[campaigns]]
name = "tail"
[[crowds]]
name = "visitors"
share = 0.1
[[devices]]
name = "mobile"
share = 0.7
[[devices]]
name = "desktop"
share = 0.3
[[rivals]]
name = "Potter"
"""
QUERIES = """query,daily_searches,rivals,rival_family,rival_scale,rival_shape,ctr,cvr
cup,1000,6,lognormal,8,0.6,0.08,0.03
blue cup,100,3,table:thin,,,0.1,0.04
"""
KEYWORDS = """campaign,ad_group,keyword,match_type,bid,quality,relevance,product
core,cups,cup,exact,2.00,5,1.0,cup
tail,cups,blue cup,broad,0.50,6,1.1,cup
"""
FILES = {
    "scenario.toml": SCENARIO,
    "queries.csv": QUERIES,
    "keywords.csv": KEYWORDS,
    "negatives.csv": "campaign,ad_group,keyword,match_type\ntail,cups,red,broad\n",
    "links.csv": "query,campaign,ad_group,keyword,match_type\ncup,core,cups,cup,exact\n",
    "rivals.csv": "rival,keyword,match_type,bid,quality,presence\nPotter,cup,broad,1.5,5,0.8\n",
    "rival_tables.csv": "name,probability,ad_rank\nthin,1,9\nthin,0,1\nthin,0.5,3\n",
    "creatives.csv": "campaign,ad_group,creative,ctr,cvr,wear\n"
    "core,cups,white,1.0,1.0,0\ncore,cups,hand,1.2,0.9,0.05\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A valid scenario folder with every table."""
    made = tmp_path / "shop"
    made.mkdir()
    for name, text in FILES.items():
        (made / name).write_text(text, encoding="utf-8")
    return made


@pytest.fixture
def edit(folder: Path):
    """Replaces a text that stands once in a file of the folder."""

    def replace(name: str, old: str, new: str) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} must stand once in {name}"
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")

    return replace
