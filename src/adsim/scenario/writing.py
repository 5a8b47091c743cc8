"""Scenarios and plans into folders that load back as the same."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Any

import polars as pl

from adsim.errors import OutputError, Problem
from adsim.scenario.checks import KEYWORD_KEY
from adsim.scenario.columns import TABLES
from adsim.scenario.kinds import UNLIMITED
from adsim.scenario.models import Campaign
from adsim.scenario.plans import CAMPAIGNS_FILE, KEYWORDS_FILE, Plan
from adsim.scenario.scenario import Scenario
from adsim.scenario.tables import written_columns

SCENARIO_COMMENT = "Keys that are not here have their neutral defaults; see `adsim schema`."
PLAN_COMMENT = "The keys that the plan changes; all others stay as the scenario has them."


def write_scenario(scenario: Scenario, folder: str | PathLike[str]) -> None:
    """Write a scenario into a new folder; `load_scenario` gives an equal one back.

    Raises OutputError where the folder holds something already or cannot be written.
    """
    with new_folder(folder) as made:
        write_toml(scenario.declared(), made / "scenario.toml", SCENARIO_COMMENT)
        for spec in TABLES:
            frame = getattr(scenario.tables, spec.name)
            if not frame.is_empty():
                written_columns(frame, spec).write_csv(made / spec.file)
        if scenario.population is not None and scenario.population.table is not None:
            _write_people(scenario.tables.people, made / scenario.population.table)


def _write_people(people: pl.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        people.write_parquet(path)
    else:
        people.write_csv(path)


def write_plan(
    plan: Plan, scenario: Scenario, folder: str | PathLike[str], comment: str = ""
) -> None:
    """Write what a plan changes into a new folder; `load_plan` gives the plan back.

    keywords.csv has the rows that are new or changed, with the columns that change anywhere (all
    of them where a row is new); plan.toml the keys that change, and a comment where there is one.
    Raises OutputError where the folder holds something already or cannot be written.
    """
    rows = _changed_rows(plan, scenario)
    keys = _changed_keys(plan, scenario)
    with new_folder(folder) as made:
        if not rows.is_empty():
            rows.write_csv(made / KEYWORDS_FILE)
        if keys or comment or rows.is_empty():
            lines = f"{PLAN_COMMENT}\n{comment}" if comment else PLAN_COMMENT
            write_toml(keys, made / CAMPAIGNS_FILE, lines)


def _changed_rows(plan: Plan, scenario: Scenario) -> pl.DataFrame:
    today, planned = scenario.tables.keywords, plan.keywords
    n_today = today.height
    same_row = planned.head(n_today)
    differs = {
        name: same_row[name].ne_missing(today[name])
        for name in today.columns
        if name not in KEYWORD_KEY
    }
    changed = pl.select(pl.any_horizontal(list(differs.values()))).to_series()
    rows = pl.concat([same_row.filter(changed), planned.slice(n_today)])
    if planned.height > n_today:
        return rows
    return rows.select(*KEYWORD_KEY, *(name for name, differ in differs.items() if differ.any()))


def _changed_keys(plan: Plan, scenario: Scenario) -> dict[str, Any]:
    pairs = zip(plan.campaigns, scenario.campaigns, strict=True)
    campaigns = [_campaign_changes(planned, today) for planned, today in pairs if planned != today]
    keys: dict[str, Any] = {"campaigns": campaigns} if campaigns else {}
    if plan.account_budget != scenario.account.daily_budget:
        keys["account"] = {"daily_budget": _limit(plan.account_budget)}
    return keys


def _campaign_changes(planned: Campaign, today: Campaign) -> dict[str, Any]:
    before = today.model_dump()
    changes = {
        key: _limit(value) for key, value in planned.model_dump().items() if value != before[key]
    }
    if "rotations" in changes:
        changes["rotations"] = planned.model_dump(exclude_defaults=True).get("rotations", {})
    return {"name": planned.name, **changes}


def _limit(value: Any) -> Any:
    """A value of a plan as TOML has it: only what may be unlimited can be None."""
    return UNLIMITED if value is None else value


def write_toml(keys: Mapping[str, Any], path: Path, comment: str) -> None:
    """Write keys as TOML below a comment of one or more lines.

    A list of lists takes a line for each inner list.
    """
    import tomlkit  # late: only writing needs it

    def item(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: item(inner) for key, inner in value.items()}
        if not isinstance(value, list | tuple):
            return value
        if value and all(isinstance(inner, Mapping) for inner in value):
            return [item(inner) for inner in value]
        array = tomlkit.array()
        array.extend(item(inner) for inner in value)
        return array.multiline(any(isinstance(inner, list | tuple) for inner in value))

    above = comment.replace("\n", "\n# ")
    path.write_text(f"# {above}\n\n{tomlkit.dumps(item(keys)).lstrip()}", encoding="utf-8")


@contextmanager
def new_folder(folder: str | PathLike[str]) -> Iterator[Path]:
    """A folder to fill that takes its name only when it is complete; nothing stays of a failure.

    Raises OutputError where the folder holds something already or cannot be written.
    """
    target = Path(folder)
    made: Path | None = None
    try:
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            cure = "choose a new folder or empty it"
            raise OutputError(Problem(str(target), "must be new or empty", "is in use", cure))
        target.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        made.chmod(0o755)
        yield made
        if target.exists():
            target.rmdir()
        made.rename(target)
    except OSError as error:
        inside_file = isinstance(error, FileExistsError | NotADirectoryError)
        reason = "a file is in its way" if inside_file else error.strerror or str(error)
        raise OutputError(
            Problem(str(target), "must be writable", f"is not ({reason})", "choose another folder")
        ) from error
    finally:
        if made is not None:
            shutil.rmtree(made, ignore_errors=True)
