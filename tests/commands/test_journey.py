"""simulate with a journey by the real command."""

from __future__ import annotations

import polars as pl

from adsim import cli
from adsim.scenario import write_scenario
from tests.simulate.lives import shop


def test_the_states_of_every_morning_are_left_beside_the_result(tmp_path, capsys):
    write_scenario(shop(days=2), tmp_path / "shop")
    out = tmp_path / "out"
    given = ["simulate", str(tmp_path / "shop"), "--replications", "4", "--out", str(out)]
    assert cli.run([*given, "--quiet"]) == 0
    table = pl.read_csv(out / "journey.csv")
    assert table.height == 3 * 6
    assert table.columns == ["day", "state", "persons", "persons_low", "persons_high", "share"]
    assert table.filter(state="gone")["persons"].to_list()[0] == 0
    assert "Shares by state over time" in (out / "report.html").read_text(encoding="utf-8")


def test_events_tell_who_searched_and_leave_the_states(tmp_path, capsys):
    write_scenario(shop(), tmp_path / "shop")
    out = tmp_path / "out"
    given = ["simulate", str(tmp_path / "shop"), "--fidelity", "events", "--replications", "2"]
    assert cli.run([*given, "--out", str(out), "--quiet"]) == 0
    assert pl.read_csv(out / "journey.csv").filter(state="bought")["persons"].to_list()[-1] > 0
