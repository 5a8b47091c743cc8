import json
import re

import polars as pl
import polars.selectors as cs
import pytest

from adsim.errors import OutputError, ScenarioError
from adsim.optimize.bench import warn_of_rotations
from adsim.scenario import check_scenario, load_scenario, new_scenario, shipped_scenarios
from adsim.scenario.columns import TABLES
from adsim.scenario.declaring import SECTIONS
from adsim.scenario.starting import TEMPLATES
from adsim.simulate import simulate


@pytest.fixture(params=["en", "zh"])
def shop(request, tmp_path):
    new_scenario(tmp_path / "shop", lang=request.param)
    return tmp_path / "shop"


def test_the_template_shows_every_key_and_table(shop):
    text = (shop / "scenario.toml").read_text(encoding="utf-8")
    for section, model in SECTIONS.items():
        assert f"[{section}]" in text
        for key in model.model_fields:
            assert f"{key} = " in text, f"{section}.{key}"
    present = {path.name for path in shop.iterdir()}
    assert present >= {spec.file for spec in TABLES if spec.name != "links"}


def test_the_templates_shop_earns_money_and_leaves_nothing_to_warn_of(shop):
    assert check_scenario(shop) == []
    scenario = load_scenario(shop)
    warn_of_rotations(scenario)  # as does the run: warnings are errors here
    profit = simulate(scenario, fidelity="counts", replications=8, seed=7).report()["profit"]
    assert 200 < profit[0] < 700


def test_the_templates_differ_in_words_only(tmp_path):
    english, chinese = (load_scenario(TEMPLATES / lang) for lang in ("en", "zh"))
    assert numbers(english) == numbers(chinese)


def numbers(scenario):
    """All numbers of a scenario, in order."""
    declared = json.dumps(scenario.model_dump(mode="json", exclude={"tables"}), ensure_ascii=False)
    tables = [
        table.select(cs.numeric()).rows()
        for table in vars(scenario.tables).values()
        if isinstance(table, pl.DataFrame)
    ]
    return re.findall(r"-?\d[\d.]*", declared), tables


@pytest.mark.parametrize("name", sorted(shipped_scenarios()))
def test_shipped_scenarios_can_be_copied(tmp_path, name):
    new_scenario(tmp_path / "copy", like=name)
    assert load_scenario(tmp_path / "copy") == load_scenario(shipped_scenarios()[name])


def test_an_unknown_scenario_is_refused(tmp_path):
    with pytest.raises(ScenarioError, match=r"--like: .* is smalest; did you mean smallest\?"):
        new_scenario(tmp_path / "copy", like="smalest")
    assert list(tmp_path.iterdir()) == []


def test_a_used_folder_is_refused(tmp_path):
    (tmp_path / "mine").write_text("")
    with pytest.raises(OutputError, match="must be new or empty"):
        new_scenario(tmp_path)
