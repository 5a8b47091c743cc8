from dataclasses import replace

import polars as pl
import pytest

from adsim.errors import PlanError
from adsim.scenario import check_scenario, find_plan, load_plan, load_scenario, todays_plan

KEY = "campaign,ad_group,keyword,match_type"


@pytest.fixture
def plan(tmp_path):
    """Writes the files of a plan folder and gives its path."""

    def write(keywords: str | None = None, toml: str | None = None):
        made = tmp_path / "plan"
        made.mkdir(exist_ok=True)
        if keywords is not None:
            (made / "keywords.csv").write_text(keywords, encoding="utf-8")
        if toml is not None:
            (made / "plan.toml").write_text(toml, encoding="utf-8")
        return made

    return write


def test_todays_plan_is_the_scenario(folder):
    scenario = load_scenario(folder, ["account.daily_budget=7"])
    plan = todays_plan(scenario)
    assert plan.keywords.equals(scenario.tables.keywords)
    assert plan.campaigns == scenario.campaigns
    assert (plan.name, plan.account_budget) == ("today", 7.0)


def test_plans_with_equal_content_are_equal(folder):
    today = todays_plan(load_scenario(folder))
    assert today == todays_plan(load_scenario(folder))
    assert today != replace(today, name="other")
    assert today != replace(today, keywords=today.keywords.with_columns(bid=pl.lit(9.0)))
    assert today != "today"


def test_a_plan_changes_only_what_it_names(folder, plan):
    scenario = load_scenario(folder)
    path = plan(f"{KEY},bid,status\ntail,cups,Blue  CUP,broad,0.75,\ncore,cups,cup,exact,,paused\n")
    changed = load_plan(path, scenario)
    assert changed.name == "plan"
    assert changed.keywords["bid"].to_list() == [2.0, 0.75]
    assert changed.keywords["status"].to_list() == ["paused", "active"]
    assert changed.keywords["keyword"].to_list() == ["cup", "blue cup"]
    same = ["bid", "status"]
    assert changed.keywords.drop(same).equals(scenario.tables.keywords.drop(same))
    assert changed.campaigns == scenario.campaigns


def test_a_complete_unknown_row_is_a_new_keyword_after_todays(folder, plan):
    path = plan(
        f"{KEY},bid,quality,relevance,product\ncore,mugs,mug,phrase,1,4,0.9,cup\n"
        "core,cups,cup,exact,3,,,\n"
    )
    keywords = load_plan(path, load_scenario(folder)).keywords
    assert keywords["keyword"].to_list() == ["cup", "blue cup", "mug"]
    assert keywords["bid"].to_list() == [3.0, 0.5, 1.0]
    assert keywords.row(2, named=True)["status"] == "active"
    assert keywords.row(2, named=True)["creative"] == 1.0
    assert keywords.schema == load_scenario(folder).tables.keywords.schema


def test_keys_of_campaigns_and_account_change(folder, plan):
    path = plan(
        toml="""
        [account]
        daily_budget = 60
        [[campaigns]]
        name = "core"
        daily_budget = "unlimited"
        premiums = {}
        """
    )
    scenario = load_scenario(folder)
    core, tail = load_plan(path, scenario).campaigns
    assert core.daily_budget is None
    assert core.premiums == {}
    assert core.devices == {"mobile": 1.2}
    assert tail == scenario.campaigns[1]
    assert load_plan(path, scenario).account_budget == 60.0


def test_a_plan_can_lift_the_account_budget(folder, plan):
    scenario = load_scenario(folder, ["account.daily_budget=7"])
    lifted = plan(toml='[account]\ndaily_budget = "unlimited"\n')
    assert load_plan(lifted, scenario).account_budget is None
    kept = plan(toml='[[campaigns]]\nname = "core"\ndaily_budget = 1\n')
    assert load_plan(kept, scenario).account_budget == 7.0


ROWS = [
    (
        f"{KEY},bid\ncore,cups,cap,exact,1\n",
        ["row 1: must match a row", "mean core, cups, cup, exact?", "give bid, quality"],
    ),
    (f"{KEY},bid\ncor,cups,cup,exact,1\n", ["row 1: campaign must be declared", "mean core?"]),
    (f"{KEY},bid,quality,relevance,product\ncore,x,x,exact,1,1,1,mug\n", ["product must be decl"]),
    (f"{KEY},bid\ncore,cups,cup,exact,0.05\n", ["row 1: bid must be >= 0.1 (auction.bid_min)"]),
    (f"{KEY},bid\ncore,cups,cup,exact,0.105\n", ["row 1: bid must be a multiple of 0.01"]),
    (f"{KEY},bid\ncore,cups,cup,exact,-1\n", ["row 1: bid must be > 0, but is -1"]),
    (f"{KEY},bit\ncore,cups,cup,exact,1\n", ["column bit must be a known", "did you mean bid?"]),
    (f"{KEY},bid\ncore,cups,cup,exact,1\ncore,cups,CUP,exact,2\n", ["row 2", "row 1 has the same"]),
    (f"{KEY},status\ncore,cups,cup,exact,off\n", ["row 1: status must be active or paused"]),
    ("campaign,keyword,bid\ncore,cup,1\n", ["column ad_group must be there", "column match_type"]),
    (f"{KEY},bid\n,cups,cup,exact,1\n", ["row 1: campaign must be given, but is empty"]),
    (f"{KEY},bid\n", ["must have rows, but has a header only"]),
    ("", ["must hold something, but is empty"]),
]


@pytest.mark.parametrize(("keywords", "parts"), ROWS)
def test_a_bad_row_is_named(folder, plan, keywords, parts):
    path = plan(keywords)
    with pytest.raises(PlanError) as raised:
        load_plan(path, load_scenario(folder))
    assert all(part in str(raised.value) for part in parts), raised.value
    assert str(raised.value).startswith(str(path / "keywords.csv"))
    assert [str(problem) for problem in check_scenario(folder, path)] == str(
        raised.value
    ).splitlines()


KEYS = [
    ('[[campaigns]]\nname = "cor"\n', ["campaigns.0.name must be that of", "did you mean core?"]),
    ("[[campaigns]]\ndaily_budget = 1\n", ["campaigns.0.name", "is missing", "core, tail"]),
    ('[[campaigns]]\nname = "core"\n' * 2, ["campaigns.core must be there once"]),
    ('[[campaigns]]\nname = "core"\nbudget = 1\n', ["campaigns.core.budget must be a known key"]),
    ('[[campaigns]]\nname = "core"\ndaily_budget = -1\n', ["campaigns.core.daily_budget", ">= 0"]),
    ('[[campaigns]]\nname = "core"\npremiums = { x = 1 }\n', ["campaigns.core.premiums.x must"]),
    ('[[campaigns]]\nname = "core"\ndevices = { mob = 1 }\n', ["devices.mob", "mean mobile?"]),
    ("[auction]\nslots = 1\n", ["auction must be a known key", "campaigns, account"]),
    ("[account]\ndaily_budget = nan\n", ["account.daily_budget must be a finite number"]),
    ("[[campaigns]]\nname = [1]\n", ["campaigns.0.name", "is missing"]),
    ("[campaigns]\n", ["campaigns must be a list"]),
    ("campaigns = [3]\n", ["campaigns.0 must be a table"]),
    ("campaigns", ["must be valid TOML"]),
]


@pytest.mark.parametrize(("toml", "parts"), KEYS)
def test_a_bad_key_is_named(folder, plan, toml, parts):
    path = plan(toml=toml)
    messages = [str(problem) for problem in check_scenario(folder, path)]
    assert any(all(part in message for part in parts) for message in messages), messages
    assert messages[0].startswith(str(path / "plan.toml"))


def test_an_unknown_name_hides_no_other_mistake(folder, plan):
    toml = 'acount = 1\n[[campaigns]]\nname = "cor"\ndaily_budget = -1\npremiums = { x = 1 }\n'
    messages = [str(problem) for problem in check_scenario(folder, plan(toml=toml))]
    places = ["acount must be", "campaigns.0.name", "cor.daily_budget", "cor.premiums.x"]
    assert len(messages) == len(places)
    assert all(place in message for place, message in zip(places, messages, strict=True)), messages


def test_problems_of_both_files_come_together(folder, plan):
    path = plan(f"{KEY},bid\ncore,cups,cup,exact,-1\n", "x = 1")
    assert len(check_scenario(folder, path)) == 2


def test_a_folder_without_a_plan_is_none(folder, tmp_path):
    (missing,) = check_scenario(folder, tmp_path / "nothing")
    assert "must be a folder with keywords.csv or plan.toml, but is not there" in str(missing)
    (tmp_path / "empty").mkdir()
    (empty,) = check_scenario(folder, tmp_path / "empty")
    assert "but holds neither" in str(empty)


def test_without_a_valid_scenario_the_files_of_the_plan_are_checked_alone(folder, edit, plan):
    edit("scenario.toml", "slots = 2", "slots = 0")
    path = plan(f"{KEY},bid\ncore,cups,unknown,exact,-1\n")
    wheres = [problem.where for problem in check_scenario(folder, path)]
    assert wheres[0] == str(folder / "scenario.toml")
    assert wheres[-1] == f"{path / 'keywords.csv'} row 1"


def test_today_is_a_plan_unless_a_folder_has_its_name(folder, plan, monkeypatch):
    scenario, made = load_scenario(folder), plan(toml="[account]\ndaily_budget = 60.0\n")
    monkeypatch.chdir(made.parent)
    assert find_plan("today", scenario) == todays_plan(scenario)
    made.rename(made.parent / "today")
    assert find_plan("today", scenario).account_budget == 60.0
    with pytest.raises(PlanError):
        find_plan("tomorrow", scenario)
