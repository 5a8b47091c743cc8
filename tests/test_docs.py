"""The page on Python holds what runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import adsim

PAGE = Path(__file__).parents[1] / "docs" / "python.md"


def test_what_the_page_on_python_shows_runs_and_fidelities_agree(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    world: dict[str, Any] = {}
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    for block in blocks:
        exec(block, world)
    lines = [line.split(" ", 1) for line in capsys.readouterr().out.splitlines()]
    told = {name: eval(numbers)[0] for name, numbers in lines}
    assert told["counts"] == pytest.approx(told["expected"], rel=0.1)
    assert told["events"] == pytest.approx(told["expected"], rel=0.1)
    assert len(blocks) == 6
    assert world["busier"].tables.queries["daily_searches"].to_list() == [4000, 1200, 80]
    assert world["each"].height == 32 and world["table"].height == 30
    assert world["low"] < world["high"]
    assert adsim.load_plan("better", world["scenario"]).keywords.equals(world["best"].plan.keywords)
