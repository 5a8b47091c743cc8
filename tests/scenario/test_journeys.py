"""States of persons: every mistake found, named and met with a cure."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from adsim.scenario import check_scenario, load_scenario, write_scenario
from adsim.scenario.journeys import Journey

MOBILE = '[[devices]]\nname = "mobile"'
PEOPLE = """
[population]
size = 1000
[population.columns.relation]
values = ["new", "visited", "gone"]
[population.columns.days]
family = "exponential"
scale = 20.0
whole = true
[population.columns.tier]
values = [1, 2]
"""
LIVING = """
[journey]
trait = "relation"
[[journey.states]]
name = "new"
queries = { Cup = 2.0 }
click = { visited = 1.0 }
daily = { gone = 0.1, visited = 0.05 }
[[journey.states]]
name = "visited"
days = 30
then = "new"
since = "days"
[[journey.states]]
name = "gone"
[[crowds]]
name = "recent"
where = "relation = 'visited' AND days < 7"
[[crowds]]
name = "then recent"
where = "recent"
frozen = true
"""
DEALT = """
[journey]
persons = 500
[[journey.states]]
name = "new"
share = 0.9
click = { visited = 1.0 }
[[journey.states]]
name = "visited"
share = 0.1
days = 30
then = "new"
since = "days"
[[crowds]]
name = "recent"
where = "state = 'visited' AND days < 7"
"""


@pytest.fixture
def living(folder, edit):
    """Add persons and states, changed, to a folder; gives its problems."""

    def add(old: str = "", new: str = "", text: str = PEOPLE + LIVING) -> list[str]:
        assert not old or text.count(old) >= 1
        edit("scenario.toml", MOBILE, text.replace(old, new, 1) + MOBILE)
        return [str(problem) for problem in check_scenario(folder)]

    return add


@pytest.mark.parametrize("text", [PEOPLE + LIVING, DEALT])
def test_a_journey_loads_and_is_written_as_it_was_read(folder, living, tmp_path, text):
    assert living(text=text) == []
    scenario = load_scenario(folder, ["journey.states.visited.days=7"])
    assert scenario.journey.states[1].days == 7
    write_scenario(scenario, tmp_path / "copy")
    assert load_scenario(tmp_path / "copy") == scenario


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("gone = 0.1, visited = 0.05", "gone = 0.7, visited = 0.5",
         "journey.states.new.daily must sum to at most 1, but sum to 1.2"),
        ("click = { visited", "click = { visitd",
         "journey.states.new.click must name states, but visitd is none; did you mean visited?"),
        ('then = "new"', 'then = "nowhere"', "journey.states.visited.then must name states"),
        ('then = "new"\n', "", "journey.states.visited must have days and then together"),
        ('days = 30\nthen = "new"\n', "", "journey.states.visited must have days if it has since"),
        ("days = 30", "days = 0", "journey.states.visited.days must be >= 1"),
        ("days = 30", "day = 30", "journey.states.visited.day must be a known key"),
        ("{ Cup", "{ Mug", "journey.states.new.queries must name queries or query groups"),
        ('since = "days"', 'since = "relation"', "journey.states.visited.since must be a column"),
        ('trait = "relation"', 'trait = "tier"', "journey.trait must be a column of texts"),
        ('trait = "relation"\n', "", "journey.states.gone.share must be given"),
        ('name = "gone"', 'name = "left"', "journey.states must hold every value"),
        ('name = "gone"', 'name = "new"', "journey.states must each have"),
        ('name = "gone"', 'name = "gone"\nshare = 0.1', "journey.states.gone.share must be"),
        ('trait = "relation"', 'trait = "relation"\npersons = 9', "journey.persons must be absent"),
        ('"gone"]\n', '"gone"]\nmissing = 0.1\n', "journey.trait must be known"),
        ("relation = 'visited' AND", "relation = 'visted' AND", "crowds.recent.where must compare"),
        ('where = "recent"\n', "share = 0.1\n", "crowds.then recent must be frozen only"),
    ],
)  # fmt: skip
def test_a_wrong_journey_is_told(living, old, new, told):
    assert any(told in problem for problem in living(old, new)), living


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("share = 0.9", "share = 0.8", "journey.states must have shares that sum to 1"),
        ("persons = 500", 'trait = "relation"', "journey.trait must be a column"),
        ('since = "days"', 'since = "state"', "journey.states.visited.since must"),
        ("state = 'visited'", "relation = 'visited'", "crowds.recent.where must name"),
        ("persons = 500", 'preset = "tax"', "must be a shipped preset, but is 'tax'; did you mean"),
        ("persons = 500", 'preset = "tac"', "F1 is none"),
    ],
)  # fmt: skip
def test_a_wrong_journey_without_a_population_is_told(living, old, new, told):
    assert any(told in problem for problem in living(old, new, DEALT))


def test_all_mistakes_come_at_once(living):
    changed = LIVING.replace("click = { visited", "click = { x").replace(
        '"new"\nsince', '"y"\nsince'
    )
    problems = living(text=PEOPLE + changed.replace("days < 7", "dayz < 7"))
    assert len(problems) == 3


def test_own_states_amend_those_of_a_preset():
    own = ({"name": "T", "daily": {"NS": 0.5}}, {"name": "lost", "share": 0.0})
    journey = Journey(preset="tac", burn_in=3, states=own)
    assert journey.names() == ["NS", "IS", "F0", "F1", "F2", "T", "lost"]
    assert journey.preset is None, "written out"
    assert journey.states[5].daily == {"NS": 0.5} and journey.states[5].searches == 0
    assert journey.states[0] == Journey(preset="tac").states[0] and journey.burn_in == 3
    with pytest.raises(ValidationError):
        Journey(preset="tac", states=[3])
