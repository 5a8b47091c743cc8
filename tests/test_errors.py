import pickle

import pytest

from adsim import errors
from adsim.errors import AdsimError, Problem, ScenarioError

BID = Problem(
    "scenarios/shoes/keywords.csv row 4",
    "bid must be > 0",
    "is -1",
    "give a bid in yuan or leave the row out",
)


def test_a_problem_reads_as_one_sentence():
    assert str(BID) == (
        "scenarios/shoes/keywords.csv row 4: bid must be > 0, but is -1;"
        " give a bid in yuan or leave the row out."
    )


def test_a_question_keeps_its_mark():
    problem = Problem("a.toml", "auction.slot must be a known key", "is not", "did you mean slots?")
    assert str(problem).endswith("did you mean slots?")


def test_an_error_shows_all_of_its_problems():
    error = ScenarioError(BID, BID)
    assert error.problems == (BID, BID)
    assert str(error) == f"{BID}\n{BID}"


def test_errors_pass_between_processes():
    copy = pickle.loads(pickle.dumps(ScenarioError(BID)))
    assert type(copy) is ScenarioError
    assert copy.problems == (BID,)


@pytest.mark.parametrize(
    "name",
    [
        "ScenarioError",
        "PlanError",
        "MarketError",
        "SimulationError",
        "ReportError",
        "OptimizeError",
        "OutputError",
        "BatchError",
    ],
)
def test_every_stage_has_an_error_that_blames_the_input(name):
    error = getattr(errors, name)
    assert issubclass(error, AdsimError)
    assert error.exit_code == 2
