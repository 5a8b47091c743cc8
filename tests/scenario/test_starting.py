import pytest

from adsim.errors import OutputError, ScenarioError
from adsim.scenario import check_scenario, load_scenario, new_scenario, shipped_scenarios
from adsim.scenario.columns import TABLES
from adsim.scenario.declaring import SECTIONS


def test_the_template_is_a_valid_scenario(tmp_path):
    new_scenario(tmp_path / "shop")
    assert check_scenario(tmp_path / "shop") == []


def test_the_template_shows_every_key_and_table(tmp_path):
    new_scenario(tmp_path / "shop")
    text = (tmp_path / "shop" / "scenario.toml").read_text(encoding="utf-8")
    for section, model in SECTIONS.items():
        assert f"[{section}]" in text
        for key in model.model_fields:
            assert f"{key} = " in text, f"{section}.{key}"
    present = {path.name for path in (tmp_path / "shop").iterdir()}
    assert present >= {spec.file for spec in TABLES if spec.name != "links"}


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
