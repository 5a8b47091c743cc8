"""Every notebook runs afresh, and what is stored is what comes out."""

from __future__ import annotations

import json
import re

import nbformat
import pytest

from tests.scenarios.pages import assert_same_answer
from tools.run_notebooks import FOLDER, run_notebook

NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
LARGEST = 2**20  # of one
QUICK = {"01_first_steps", "04_why_believe_it"}
NAMES = [
    pytest.param(path.stem, marks=() if path.stem in QUICK else pytest.mark.slow)
    for path in NOTEBOOKS
]
PRIVATE = re.compile(r"0x[0-9a-f]{6,}|/(?:work|home|tmp|root|usr)/")  # addresses and paths


def code_cells(notebook):
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def texts(cell):
    """All that a reader without pictures sees of a cell, and whether there is a picture."""
    for output in cell["outputs"]:
        data = output.get("data", {})
        assert output["output_type"] != "error"
        if "image/png" in data:
            yield "a picture"
        else:
            yield output.get("text") or data["text/plain"]


def stands_on_real_data(cell):
    return "real-data" in cell["metadata"].get("tags", ())


@pytest.mark.parametrize("name", NAMES)
def test_a_fresh_run_gives_what_is_stored(name):
    path = FOLDER / f"{name}.ipynb"
    stored, fresh = nbformat.read(path, as_version=4), run_notebook(path)
    for kept, found in zip(code_cells(stored), code_cells(fresh), strict=True):
        if not stands_on_real_data(kept):
            assert_same_answer("\n".join(texts(kept)), "\n".join(texts(found)))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_short_has_pictures_and_tells_nothing_of_a_machine(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert 8 <= len(notebook["cells"]) <= 15
    seen = [text for cell in code_cells(notebook) for text in texts(cell)]
    assert seen.count("a picture") >= 3
    without_pictures = [output for output in seen if output != "a picture"]
    assert not PRIVATE.search(json.dumps(without_pictures) + "".join(sources(notebook)))


def sources(notebook):
    return (cell["source"] for cell in notebook["cells"])


@pytest.mark.slow
def test_a_notebook_prints_what_its_real_data_lacks(tmp_path, monkeypatch):
    """The cells on real data say that it is absent, and the rest of the notebook goes on."""
    monkeypatch.setenv("ADSIM_SHARED_DATA", str(tmp_path))
    fresh = run_notebook(FOLDER / "04_why_believe_it.ipynb")
    (real,) = (cell for cell in code_cells(fresh) if stands_on_real_data(cell))
    assert "not here" in next(texts(real))


def test_the_notebooks_are_small():
    assert len(NOTEBOOKS) >= 8
    assert max(path.stat().st_size for path in NOTEBOOKS) < LARGEST
