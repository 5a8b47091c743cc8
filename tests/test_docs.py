"""The page on Python holds what runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "python.md"


def test_what_the_page_on_python_shows_runs_and_fidelities_agree(capsys):
    world: dict[str, object] = {}
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    for block in blocks:
        exec(block, world)
    lines = [line.split(" ", 1) for line in capsys.readouterr().out.splitlines()]
    told = {name: eval(numbers)[0] for name, numbers in lines}
    assert told["counts"] == pytest.approx(told["expected"], rel=0.1)
    assert told["events"] == pytest.approx(told["expected"], rel=0.1)
    assert len(blocks) == 3
