"""The loop of broad ads and retargeting: its start stands still, and what a cut does shows late."""

from __future__ import annotations

import pytest

import adsim
from tests.scenarios.pages import assert_same_answer
from tools import answer_retarget_loop as tool
from tools.answers import answer_of


def test_todays_plan_leaves_the_pools_as_they_are():
    shares = tool.cut("today").journey().partition_by("state")
    for table in shares:
        assert table["share"][-1] == pytest.approx(table["share"][0], rel=0.03)


def test_a_cut_of_broad_bids_costs_retargeting_more_every_week():
    lost = [
        1.0
        - tool.of(tool.cut("no broad ads"), "orders", "retarget", week)
        / tool.of(tool.cut("today"), "orders", "retarget", week)
        for week in range(6)
    ]
    assert lost[0] < 0.2 and lost == sorted(lost) and lost[-1] > 2 * lost[0]


def test_retargeting_converts_as_is_told():
    row = tool.cut("today").report("campaign").select("campaign", "cvr", "ctr")
    cvr = dict(row.select("campaign", "cvr").iter_rows())
    whole = tool.cut("today").report()["cvr"][0]
    assert 1.5 < cvr["retarget"] / whole < 5 and cvr["retarget"] / cvr["broad"] > 3


@pytest.mark.slow
def test_persons_one_by_one_live_as_the_closed_form_says():
    """Pools and totals of four histories of ten days within 4 % of the means."""
    scenario = adsim.load_scenario(tool.FOLDER)
    lived = adsim.simulate(scenario, fidelity="events", replications=4, days=10)
    means = adsim.simulate(scenario, fidelity="expected", days=10)
    for table in (lived, means):
        assert table.journey()["state"].n_unique() == 4
    found, wanted = (run.journey().tail(4)["persons"].to_list() for run in (lived, means))
    assert found == pytest.approx(wanted, rel=0.04)
    for column in ("impressions", "clicks", "spend", "lost_to_cap"):
        found, wanted = (run.report("campaign")[column].to_list() for run in (lived, means))
        assert found == pytest.approx(wanted, rel=0.04), column


@pytest.mark.slow
def test_the_page_shows_what_the_tool_prints():
    assert_same_answer(answer_of((tool.FOLDER / "README.md").read_text("utf-8")), tool.answer())
