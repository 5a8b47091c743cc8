from unittest.mock import patch

import polars as pl
import pytest

from adsim.errors import PlanError, ScenarioError
from adsim.scenario import load_plan, load_scenario, write_plan, write_scenario
from adsim.scenario.columns import CREATIVES, TABLES

WEEKS = '{ cups = { how = "turns", days = 7 } }'
ROTATE = 'name = "core"\nrotations = '


def broken_lines(error):
    return [str(problem) for problem in error.value.problems]


def test_creatives_are_read_and_written_back(folder, edit, tmp_path):
    edit(
        "scenario.toml", 'name = "core"\n', f'{ROTATE}{{ cups = {{ how = "turns", days = 7 }} }}\n'
    )
    scenario = load_scenario(folder)
    assert scenario.tables.creatives["wear"].to_list() == [0.0, 0.05]
    assert scenario.tables.creatives["wear_floor"].to_list() == [0.5, 0.5]
    assert scenario.campaigns[0].rotations["cups"].days == 7
    write_scenario(scenario, tmp_path / "copy")
    assert load_scenario(tmp_path / "copy") == scenario
    assert "wear_floor" not in (tmp_path / "copy" / "creatives.csv").read_text()


def test_the_digest_knows_creatives_only_where_there_are_some(folder):
    """The digest of shipped recipes stays what it was before there were creatives."""
    with_them = load_scenario(folder)
    (folder / "creatives.csv").unlink()
    without = load_scenario(folder)
    assert without.digest() != with_them.digest()
    known = tuple(spec for spec in TABLES if spec is not CREATIVES)
    digest = without.digest()
    with patch("adsim.scenario.scenario.TABLES", known):
        assert without.digest() == digest


@pytest.mark.parametrize(
    ("rotation", "said"),
    [
        ('{ how = "even" }', "rotations.cups.how must be 'equal', 'optimized', 'only', 'turns'"),
        ('{ hwo = "equal" }', "did you mean how?"),
        ('{ how = "only" }', 'must have creative if how is "only", but has none; add it'),
        ('{ how = "turns" }', 'must have days if how is "turns"'),
        ('{ how = "turns", days = 0 }', "days must be >= 1, but is 0"),
        ('{ how = "test" }', "must have impressions or days if it is a test"),
        ('{ how = "equal", days = 3 }', 'must have no days if how is "equal", but has one'),
        ('{ how = "only", creative = "whit" }', "is whit; did you mean white?"),
        ('{ how = "test", days = 2, goal = "roi" }', "goal must be 'clicks', 'orders' or 'profit'"),
    ],
)
def test_what_a_rotation_must_say(folder, edit, rotation, said):
    edit("scenario.toml", 'name = "core"\n', f"{ROTATE}{{ cups = {rotation} }}\n")
    with pytest.raises(ScenarioError) as error:
        load_scenario(folder)
    lines = broken_lines(error)
    assert lines[-1].startswith(str(folder / "scenario.toml")) and said in lines[-1]


def test_all_mistakes_come_at_once(folder, edit):
    edit("scenario.toml", 'name = "core"\n', f'{ROTATE}{{ cup = {{ how = "equal" }} }}\n')
    (folder / "creatives.csv").write_text(
        "campaign,ad_group,creative,ctr,cvr,wear,wear_floor\n"
        "core,cups,white,0,1,0,0.5\ncore,cups,WHITE,1,-1,2,0\ncore,mugs,hand,1,1,0,0.5\n"
        "cor,cups,hand,1,1,0,0.5\n"
    )
    with pytest.raises(ScenarioError) as error:
        load_scenario(folder)
    lines = "\n".join(broken_lines(error))
    for said in (
        "core.rotations.cup must be an ad group of the campaign in creatives.csv, but is not; "
        "did you mean cups?",
        "row 1: ctr must be > 0",
        "row 2: cvr must be > 0",
        "row 2: wear must be <= 0.9",
        "row 2: wear_floor must be > 0",
        "row 2: campaign, ad_group, creative must be unique",
        "row 3: campaign, ad_group must be that of a row of keywords.csv",
        "row 4: campaign must be declared",
    ):
        assert said in lines, said


def test_a_plan_changes_the_rotation(folder, tmp_path):
    scenario = load_scenario(folder)
    made = tmp_path / "plan"
    made.mkdir()
    text = '[[campaigns]]\nname = "core"\n[campaigns.rotations.cups]\nhow = "only"\n'
    (made / "plan.toml").write_text(f'{text}creative = "hand"\n')
    plan = load_plan(made, scenario)
    assert plan.campaigns[0].rotations["cups"].creative == "hand"
    write_plan(plan, scenario, tmp_path / "again" / "plan")
    assert load_plan(tmp_path / "again" / "plan", scenario) == plan
    (made / "plan.toml").write_text(f'{text}creative = "blue"\n')
    with pytest.raises(PlanError, match="is blue; add it there"):
        load_plan(made, scenario)


def test_a_key_can_be_set_from_outside(folder):
    changed = load_scenario(folder, ["campaigns.core.rotations.cups.how=optimized"])
    assert changed.campaigns[0].rotations["cups"].how == "optimized"
    rows = changed.tables.creatives
    assert rows.schema["ctr"] == pl.Float64 and rows.height == 2
