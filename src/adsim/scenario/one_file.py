"""What one TOML file declares, into a checked model, with all of its problems at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from adsim.errors import Problem, ScenarioError
from adsim.scenario.arguments import several
from adsim.scenario.declaring import Model, WhereOf, read_toml, validate
from adsim.scenario.loading import place_names
from adsim.scenario.overrides import Overrides, apply_overrides

Check = Callable[[Mapping[str, Any], WhereOf], Sequence[Problem]]
"""Further rules, of what was read whether or not the model takes it."""


def load_file(
    model: type[Model],
    path: str | PathLike[str],
    name: str,
    overrides: str | Overrides = (),
    check: Check = lambda raw, where: (),
) -> Model:
    """The `model` that a TOML file, or the file `name` of a folder, declares.

    `overrides` are keys to change, as ``page.slots=4`` (see `apply_overrides`). Raises
    ScenarioError with every problem of the file.
    """
    file = Path(path)
    if file.is_dir():
        file /= name
    raw = read_toml(file)
    if isinstance(raw, Problem):
        raise ScenarioError(raw)
    raw, origins, problems = apply_overrides(raw, several(overrides))
    where = place_names(str(file), origins)
    declared, found = validate(model, raw, where)
    found += check(raw, where)
    if declared is None or problems or found:
        raise ScenarioError(*problems, *found)
    return declared
