"""Markets of a scenario: the folder `markets` with other numbers for the same queries.

`markets/01/queries.csv`, `markets/02/queries.csv` and so on are tables like queries.csv. Each is a
market that the scenario may be, as a fit of a report leaves it open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path

from adsim.errors import Problem, ScenarioError
from adsim.scenario.checks import check_tables
from adsim.scenario.columns import QUERIES, TABLES
from adsim.scenario.declaring import as_toml
from adsim.scenario.scenario import Scenario
from adsim.scenario.tables import Sheet, filled, read_sheet, sheet_of, written_columns

FOLDER = "markets"


def load_markets(
    folder: str | PathLike[str], scenario: Scenario, count: int | None = None
) -> tuple[Scenario, ...]:
    """The markets of a scenario's folder, all or the first `count`, as scenarios.

    Raises ScenarioError with every problem of their files, and where there are not so many.
    """
    places = list_markets(Path(folder))
    wanted = len(places) if count is None else count
    if not places or not 1 <= wanted <= len(places):
        rule = f"must hold {'markets' if count is None else f'{count} markets'}"
        cure = "write them with adsim fit REPORT --markets K --out DIR, or ask for fewer"
        raise ScenarioError(Problem(str(Path(folder) / FOLDER), rule, f"holds {len(places)}", cure))
    markets, problems = read_markets(places[:wanted], scenario)
    if problems:
        raise ScenarioError(*problems)
    return tuple(markets)


def list_markets(folder: Path) -> list[Path]:
    """The markets' folders, by name."""
    return sorted(place for place in (folder / FOLDER).glob("*") if place.is_dir())


def read_markets(
    places: Sequence[Path], scenario: Scenario
) -> tuple[list[Scenario], list[Problem]]:
    """The markets in these folders that can be read, and every problem of all of them."""
    raw = as_toml(scenario.declared())
    sheets: dict[str, Sheet | None] = {}
    for spec in TABLES:
        frame = getattr(scenario.tables, spec.name)
        sheets[spec.name] = None if frame.is_empty() else sheet_of(spec, frame)
    markets, problems = [], []
    for place in places:
        sheet, found = read_sheet(place / QUERIES.file, QUERIES)
        if sheet is not None:
            found += check_tables(raw, scenario.auction, sheets | {QUERIES.name: sheet})
        if sheet is not None and not found:
            tables = replace(scenario.tables, queries=filled(sheet.frame, QUERIES))
            market = scenario.model_copy(update={"tables": tables})
            found = variant_problems(scenario, [market], [sheet.where])
            markets.append(market)
        problems += found
    return markets, problems


def variant_problems(
    scenario: Scenario, markets: Sequence[Scenario], names: Sequence[str]
) -> list[Problem]:
    """Where a market differs from the scenario in more than the numbers of its queries."""
    problems = []
    cure = "keep them, and change daily_searches, rivals, ctr and cvr only"
    for market, name in zip(markets, names, strict=True):
        ours, theirs = scenario.tables, market.tables
        key = ["query", "query_group", "organic_product"]
        if not ours.queries.select(key).equals(theirs.queries.select(key)):
            rule = "must have the queries and groups of the scenario, in the same order"
            problems.append(Problem(name, rule, "has others", cure))
        if (
            market.declared() != scenario.declared()
            or replace(theirs, queries=ours.queries) != ours
        ):
            rule = "must be the scenario but for the numbers of its queries"
            problems.append(Problem(name, rule, "differs elsewhere", cure))
    return problems


def write_markets(markets: Sequence[Scenario], folder: Path) -> None:
    """Write the markets of a scenario into its folder, numbered from 01."""
    for number, market in enumerate(markets, 1):
        place = folder / FOLDER / f"{number:02d}"
        place.mkdir(parents=True)
        written_columns(market.tables.queries, QUERIES).write_csv(place / QUERIES.file)
