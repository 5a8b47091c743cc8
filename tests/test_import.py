"""`import adsim` is quick, and its lazy names are what they say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import adsim

SOURCE = Path(adsim.__file__).parents[1]
HEAVY = ["altair", "jinja2", "numba", "optuna", "polars", "pydantic", "scipy", "vl_convert"]


def run_fresh(code: str) -> object:
    """Run the code in a new interpreter and give back the JSON that it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def loaded_by(statement: str) -> set[str]:
    code = f"{statement}; import json, sys; print(json.dumps([*sys.modules]))"
    return {name.split(".")[0] for name in run_fresh(code)}


def test_import_loads_no_heavy_library():
    assert loaded_by("import adsim").isdisjoint(HEAVY)


def test_comparing_loads_no_charts():
    assert loaded_by("import adsim; adsim.compare").isdisjoint(["altair", "jinja2", "vl_convert"])


def test_heavy_libraries_are_seen_when_they_load():
    assert "polars" in loaded_by("import polars")


@pytest.mark.parametrize("name", sorted(set(adsim.__all__) - {"__version__", "game"}))
def test_public_name_is_a_documented_function(name):
    function = getattr(adsim, name)
    assert callable(function)
    assert function.__doc__


@pytest.mark.parametrize("first_use", ["", "adsim.optimize; adsim.simulate; "])
def test_room_of_the_same_name_does_not_replace_the_function(first_use):
    code = (
        f"import adsim, json; {first_use}import adsim.optimize; import adsim.simulate;"
        "print(json.dumps([type(one).__name__ for one in (adsim.optimize, adsim.simulate)]))"
    )
    assert run_fresh(code) == ["function", "function"]


def test_the_game_is_a_room_of_its_own():
    code = "import adsim, json; print(json.dumps(adsim.game.play.__module__))"
    assert run_fresh(code) == "adsim.game.playing"


def test_public_names_are_listed_before_they_are_used():
    assert set(run_fresh("import adsim, json; print(json.dumps(dir(adsim)))")) == set(adsim.__all__)


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'simulator'"):
        adsim.simulator  # noqa: B018
