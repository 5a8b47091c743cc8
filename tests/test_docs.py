"""The page on Python holds what runs, the page on validation tests that there are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import adsim

TESTS = Path(__file__).parent
PAGE = TESTS.parent / "docs" / "python.md"
VALIDATION = TESTS.parent / "docs" / "validation.md"


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


def test_the_tests_that_the_page_on_validation_names_are_there_and_marked_as_told():
    named = re.findall(r"(\*\w+\* )?`([\w/]+\.py)::(\w+)`", VALIDATION.read_text(encoding="utf-8"))
    assert len(named) > 60
    for mark, file, name in named:
        text = (TESTS / file).read_text(encoding="utf-8")
        found = re.search(rf"((?:^@.*\n(?:^[ )].*\n)*)*)^def {name}\(", text, re.MULTILINE)
        assert found, f"{file} has no {name}"
        assert ("pytest.mark.slow" in found[1]) == ("slow" in mark), name
        assert "data" not in mark or "shared_data" in text, name
