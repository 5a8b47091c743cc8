from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from adsim.scenario import load_scenario, todays_plan
from adsim.scenario.arguments import loaded_problems, several, whole_problems


def test_paths_that_were_not_loaded_are_told_with_their_cure(folder):
    scenario = load_scenario(folder)
    assert loaded_problems(scenario, plan=todays_plan(scenario)) == []
    told = [str(problem) for problem in loaded_problems(str(folder), plan_a="next", plan_b=7)]
    cure = "load it with adsim.load_plan(FOLDER, scenario)."
    assert told == [
        "scenario: must be a Scenario, but is of type str; "
        "load it with adsim.load_scenario(FOLDER).",
        f"plan_a: must be a Plan, but is of type str; {cure}",
        f"plan_b: must be a Plan, but is of type int; {cure}",
    ]


@pytest.mark.parametrize("value", [None, 1, 5, np.int64(3), np.uint8(5)])
def test_every_kind_of_whole_number_will_do(value):
    assert whole_problems(("seed", value, 1, 5)) == []


@pytest.mark.parametrize("value", [0, 6, 2.0, "2", float("nan"), np.float64(2)])
def test_what_is_no_whole_number_in_range_is_told(value):
    (problem,) = whole_problems(("seed", value, 1, 5))
    assert problem.rule == "must be a whole number from 1 to 5"
    assert problem.found == f"is {value!r}"


def test_one_text_is_a_list_of_one(folder):
    assert several("campaign") == ("campaign",)
    assert several(["campaign", "day"]) == ["campaign", "day"]
    assert load_scenario(folder, "auction.reserve_score=3").auction.reserve_score == 3


def test_numbers_that_are_not_finite_are_told_with_their_rows(folder):
    scenario = load_scenario(folder)
    today = todays_plan(scenario)
    first = pl.int_range(pl.len()) == 0
    bid = pl.when(first).then(float("nan")).otherwise("bid")
    broken = replace(today, keywords=today.keywords.with_columns(bid=bid))
    assert loaded_problems(scenario, plan=today) == []
    (problem,) = loaded_problems(scenario, plan=broken)
    assert str(problem).startswith("plan row 1: bid of its keywords must be finite, but is nan;")
