"""Plans: what the advertiser decides, as the difference from what a scenario holds today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import polars as pl

from adsim.errors import PlanError, Problem
from adsim.scenario.checks import (
    KEYWORD_KEY,
    check_bids,
    check_campaigns,
    check_names,
    check_rotations,
    joined_key,
)
from adsim.scenario.columns import KEYWORDS
from adsim.scenario.declaring import as_toml, read_toml, validate
from adsim.scenario.kinds import Declared
from adsim.scenario.models import Account, Campaign
from adsim.scenario.reading import cells_of
from adsim.scenario.scenario import Scenario
from adsim.scenario.tables import Sheet, filled, read_sheet, sheet_of, typed_sheet
from adsim.scenario.text import name_cure

KEYWORDS_FILE = "keywords.csv"
CAMPAIGNS_FILE = "plan.toml"
TODAY = "today"
NO_DECISIONS = ("fatigue", "fatigue_floor")
NEEDED_OF_NEW_ROWS = ("bid", "quality", "relevance", "product")


@dataclass(frozen=True, eq=False, repr=False)
class Plan:
    """All decisions of the advertiser, complete: what a plan folder leaves out is as today.

    Attributes:
        name: Name of its folder, or "today".
        keywords: All rows of the account, columns as in `Tables.keywords`: the scenario's rows
            first, in their order, then the plan's new rows.
        campaigns: The scenario's campaigns, in their order, with the plan's changes.
        account_budget: Money a day for all campaigns together; None = no limit.
    """

    name: str
    keywords: pl.DataFrame
    campaigns: tuple[Campaign, ...]
    account_budget: float | None

    def __repr__(self) -> str:
        sizes = f"{self.keywords.height:,} keywords, {len(self.campaigns)} campaigns"
        return f"<Plan {self.name!r}: {sizes}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Plan):
            return NotImplemented
        return (
            (self.name, self.campaigns, self.account_budget)
            == (other.name, other.campaigns, other.account_budget)
        ) and self.keywords.equals(other.keywords)


def todays_plan(scenario: Scenario) -> Plan:
    """The plan that changes nothing."""
    return Plan(TODAY, scenario.tables.keywords, scenario.campaigns, scenario.account.daily_budget)


def load_plan(path: str | PathLike[str], scenario: Scenario) -> Plan:
    """The plan of a folder with keywords.csv, plan.toml or both.

    Rows of keywords.csv match those of the scenario by campaign, ad group, keyword (compared after
    NFKC and lower case) and match type; an empty cell leaves the value as it is; a row that
    matches none is a new keyword and must be complete. Keys of plan.toml replace the values of the
    same keys of the scenario as a whole.

    Raises PlanError with every problem of both files.
    """
    plan, problems = read_plan(Path(path), scenario)
    if plan is None or problems:
        raise PlanError(*problems)
    return plan


def find_plan(path: str | PathLike[str], scenario: Scenario) -> Plan:
    """The plan of a folder, as `load_plan`; `today` is the scenario's own, unless a folder is.

    Raises PlanError with every problem of the folder's files.
    """
    if str(path) == TODAY and not Path(path).exists():
        return todays_plan(scenario)
    return load_plan(path, scenario)


def make_plan(
    scenario: Scenario,
    keywords: pl.DataFrame | None = None,
    keys: Mapping[str, Any] | None = None,
    name: str = "plan",
) -> Plan:
    """A plan of Python objects, under the rules of `load_plan`.

    Args:
        scenario: What it is a plan for.
        keywords: Rows as of a plan's keywords.csv: campaign, ad_group, keyword, match_type and
            the columns to change, such as bid; null leaves a value as it is.
        keys: What plan.toml would hold, ``{"campaigns": [{"name": "core", "daily_budget": 90.0}]}``
            say.
        name: How results call it.

    Raises PlanError with every problem of both.
    """
    sheet: Sheet | None = None
    problems: list[Problem] = []
    if keywords is not None:
        sheet, problems = typed_sheet("keywords", cells_of(keywords), KEYWORDS, KEYWORD_KEY)
    plan, found = PlanDraft(name, sheet, as_toml(dict(keys or {})), "keys").within(scenario)
    if plan is None or problems:
        raise PlanError(*problems, *found)
    return plan


@dataclass(frozen=True)
class PlanDraft:
    """What the files of a plan say, not yet held against a scenario.

    Attributes:
        name: Name of the folder.
        sheet: Rows of its keywords.csv; None where there is none.
        raw: Keys of its plan.toml.
        where: What errors call that file.
    """

    name: str
    sheet: Sheet | None
    raw: Mapping[str, Any]
    where: str

    def within(self, scenario: Scenario) -> tuple[Plan | None, list[Problem]]:
        """The plan for a scenario, and what is wrong with it there."""
        keywords, problems = _merged_keywords(self.sheet, scenario)
        campaigns, account, key_problems = _merged_keys(self.raw, self.where, scenario)
        problems += key_problems
        if problems:
            return None, problems
        return Plan(self.name, keywords, campaigns, account.daily_budget), []


def read_draft(folder: Path) -> tuple[PlanDraft | None, list[Problem]]:
    """What a plan's folder says, and what is wrong with its files; None where it holds none."""
    files = [folder / name for name in (KEYWORDS_FILE, CAMPAIGNS_FILE)]
    present = [path for path in files if path.exists()]
    if not present:
        found = "holds neither" if folder.is_dir() else "is not there"
        rule = "must be a folder with keywords.csv or plan.toml"
        return None, [Problem(str(folder), rule, found, "give the folder of a plan")]
    sheet: Sheet | None = None
    raw: dict[str, Any] = {}
    problems: list[Problem] = []
    if files[0] in present:
        sheet, problems = read_sheet(files[0], KEYWORDS, required=KEYWORD_KEY)
    if files[1] in present:
        keys = read_toml(files[1])
        raw, problems = ({}, [*problems, keys]) if isinstance(keys, Problem) else (keys, problems)
    return PlanDraft(folder.resolve().name, sheet, raw, str(files[1])), problems


def read_plan(folder: Path, scenario: Scenario | None) -> tuple[Plan | None, list[Problem]]:
    """The plan of a folder and its problems; without a scenario, those of the files alone."""
    draft, problems = read_draft(folder)
    if draft is None or scenario is None:
        return None, problems
    plan, broken = draft.within(scenario)
    problems = [*problems, *broken]
    return (None, problems) if problems else (plan, [])


def _merged_keywords(sheet: Sheet | None, scenario: Scenario) -> tuple[pl.DataFrame, list[Problem]]:
    """Today's rows with the plan's cells, the new rows after them, and what is wrong."""
    today = scenario.tables.keywords
    if sheet is None:
        return today, []
    key = joined_key(sheet, KEYWORD_KEY)
    known = joined_key(sheet_of(KEYWORDS, today), KEYWORD_KEY)
    raw = scenario.declared()
    problems = [
        *_incomplete_rows(sheet, ~key.is_in(known.to_list()), known),
        *check_names(raw, sheet),
        *check_bids(scenario.auction, sheet),
    ]
    if problems:
        return today, problems
    changes = sheet.frame.drop(KEYWORD_KEY).with_columns(key=key)
    changed = today.with_columns(key=known).join(
        changes, on="key", how="left", maintain_order="left", suffix="_plan"
    )
    values = [name for name in KEYWORDS.schema if name not in KEYWORD_KEY]
    merged = changed.select(
        *KEYWORD_KEY, *(pl.coalesce(f"{name}_plan", name).alias(name) for name in values)
    )
    new = filled(sheet.frame.filter(~key.is_in(known.to_list())), KEYWORDS)
    return pl.concat([merged, new]), []


def _incomplete_rows(sheet: Sheet, new: pl.Series, known: pl.Series) -> list[Problem]:
    """Rows that match none of today's and cannot be new keywords either."""
    needed = sheet.frame.select(pl.any_horizontal(pl.col(NEEDED_OF_NEW_ROWS).is_null())).to_series()
    keyed = sheet.frame.select(pl.all_horizontal(pl.col(KEYWORD_KEY).is_not_null())).to_series()
    key = joined_key(sheet, KEYWORD_KEY)
    complete = f"to add a keyword give {', '.join(NEEDED_OF_NEW_ROWS)}"
    return sheet.problems(
        new & keyed & needed,
        "must match a row of the scenario's keywords.csv or be complete",
        lambda line: f"{key[line]} is unknown",
        lambda line: name_cure(key[line], known.to_list(), complete),
    )


class PlanKeys(Declared):
    """The whole of plan.toml: the keys that change."""

    campaigns: tuple[dict[str, Any], ...] = ()
    account: Account = Account()


def _merged_keys(
    raw: Mapping[str, Any], where: str, scenario: Scenario
) -> tuple[tuple[Campaign, ...], Account, list[Problem]]:
    """Today's campaigns and account with the keys of plan.toml, and what is wrong."""
    keys, problems = validate(PlanKeys, raw, lambda _: where)
    entries = _campaign_entries(raw)
    known = [campaign.name for campaign in scenario.campaigns]
    problems += _campaign_name_problems(entries, known, where)
    changes = {name: entry for entry in entries if isinstance(name := entry.get("name"), str)}
    campaigns = []
    for campaign in scenario.campaigns:
        merged, found = _merged_campaign(campaign, changes.get(campaign.name, {}), where)
        campaigns.append(merged)
        problems += found
    world = {**scenario.declared(), "campaigns": entries}
    problems += check_campaigns(world, lambda _: where)
    problems += check_rotations(world, lambda _: where, scenario.tables.creatives)
    account = keys.account if keys and "account" in raw else scenario.account
    return tuple(campaigns), account, problems


def _campaign_entries(raw: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The entries of [[campaigns]], none where they are no list of tables (told elsewhere)."""
    entries = raw.get("campaigns", [])
    is_list = isinstance(entries, list) and all(isinstance(entry, Mapping) for entry in entries)
    return entries if is_list else []


def _merged_campaign(
    campaign: Campaign, changes: Mapping[str, Any], where: str
) -> tuple[Campaign, list[Problem]]:
    today = as_toml(campaign.model_dump(exclude_defaults=True))
    merged, problems = validate(
        Campaign, {**today, **changes}, lambda _: where, ("campaigns", campaign.name)
    )
    for key in NO_DECISIONS:
        if merged is not None and getattr(merged, key) != getattr(campaign, key):
            rule = f"campaigns.{campaign.name}.{key} must stay as it is: no plan decides on it"
            found = f"is {getattr(merged, key):g} instead of {getattr(campaign, key):g}"
            problems.append(Problem(where, rule, found, "leave it out"))
    return merged or campaign, problems


def _campaign_name_problems(
    entries: Sequence[Mapping[str, Any]], known: Sequence[str], where: str
) -> list[Problem]:
    problems = []
    names = [entry.get("name") for entry in entries]
    for place, name in enumerate(names):
        rule = f"campaigns.{place}.name must be that of a campaign of the scenario"
        if not isinstance(name, str):
            problems.append(Problem(where, rule, "is missing", f"use one of {', '.join(known)}"))
        elif name not in known:
            cure = name_cure(name, known, "a plan cannot add campaigns")
            problems.append(Problem(where, rule, f"is {name}", cure))
            problems += validate(Campaign, entries[place], lambda _: where, ("campaigns", name))[1]
        elif name in names[:place]:
            rule = f"campaigns.{name} must be there once"
            problems.append(Problem(where, rule, "is there twice", "join the two"))
    return problems
