import subprocess
import sys

import pytest

from adsim.errors import ScenarioError
from adsim.scenario import check_scenario, load_scenario


def test_a_scenario_must_be_a_folder(folder, tmp_path):
    for path, found in ((tmp_path / "no", "is not there"), (folder / "queries.csv", "is a file")):
        (problem,) = check_scenario(path)
        assert str(problem).startswith(f"{path}: must be a scenario folder, but {found}")
        with pytest.raises(ScenarioError):
            load_scenario(path)


def test_a_folder_of_something_else_is_one_mistake(tmp_path):
    (tmp_path / "holiday.jpg").write_text("")
    (problem,) = check_scenario(tmp_path)
    assert str(problem).startswith(f"{tmp_path}: must be a scenario folder, but holds no scenario")


def test_a_path_may_be_text(folder):
    assert load_scenario(str(folder)) == load_scenario(folder)


def test_a_nearly_right_file_name_is_not_overlooked(folder):
    (folder / "negatives.csv").rename(folder / "negative.csv")
    (problem,) = check_scenario(folder)
    assert "negative.csv: must be a known table" in str(problem)
    assert "did you mean negatives.csv?" in str(problem)


def test_other_files_are_ignored(folder):
    (folder / "creatives.csv").unlink()
    for name in ("notes.csv", "recovery.csv"):  # the second is what a fit leaves beside its tables
        (folder / name).write_text("anything")
    (folder / "README.md").write_text("anything")
    assert check_scenario(folder) == []


def test_a_scenario_is_frozen(folder):
    scenario = load_scenario(folder)
    with pytest.raises(ValueError, match="frozen"):
        scenario.auction.slots = 3


def test_loading_never_loads_the_kernels(folder):
    code = (
        "import sys; from adsim.scenario import load_scenario; load_scenario(sys.argv[1]);"
        "print({'numba', 'scipy', 'optuna', 'tomlkit'} & set(sys.modules) or 'none')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "none"
