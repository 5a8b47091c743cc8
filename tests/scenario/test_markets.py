"""The folder of markets: what may stand in it."""

from __future__ import annotations

import pytest

from adsim.errors import ScenarioError
from adsim.scenario import (
    check_scenario,
    load_markets,
    load_scenario,
    synthetic_scenario,
    write_markets,
    write_scenario,
)


@pytest.fixture
def folder(tmp_path):
    scenario = synthetic_scenario(1, queries=4, crowds=0, devices=0)
    write_scenario(scenario, tmp_path / "shop")
    write_markets([scenario, scenario], tmp_path / "shop")
    return tmp_path / "shop"


def test_markets_load(folder):
    scenario = load_scenario(folder)
    assert load_markets(folder, scenario) == (scenario, scenario)
    assert not check_scenario(folder)


def test_a_scenario_without_markets_says_so(folder, tmp_path):
    scenario = load_scenario(folder)
    write_scenario(scenario, tmp_path / "plain")
    assert not check_scenario(tmp_path / "plain")
    with pytest.raises(ScenarioError, match="must hold markets, but holds 0"):
        load_markets(tmp_path / "plain", scenario)


def test_every_mistake_of_every_market_is_told(folder):
    first, second = (folder / "markets" / name / "queries.csv" for name in ("01", "02"))
    lines = first.read_text().splitlines()
    first.write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n")
    second.write_text("\n".join(lines).replace("lognormal", "normal") + "\n")
    (folder / "markets" / "03").mkdir()
    told = [str(problem) for problem in check_scenario(folder)]
    assert "01" in told[0] and "same order" in told[0]
    assert any("02" in line and "normal" in line for line in told)
    assert any("03" in line and "queries.csv" in line for line in told)
    with pytest.raises(ScenarioError) as caught:
        load_markets(folder, load_scenario(folder))
    assert [str(problem) for problem in caught.value.problems] == told
