"""Scenarios that a plan must stand: the scenario with other rivals, demand or rates.

A variant is a list of factors on numbers of queries.csv: `rivals=1.3` or `demand=0.8,cvr=0.9`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import polars as pl

from adsim.errors import Problem
from adsim.scenario import Scenario
from adsim.scenario.columns import TABLE_PREFIX

FACTORS = {
    "demand": "daily_searches",
    "rivals": "rivals",
    "rival_bids": "rival_scale",
    "ctr": "ctr",
    "cvr": "cvr",
}
"""What can be varied, and the column that it multiplies."""

MOST_VARIANTS = 15  # a race begins with 32 replications, two in each
LEAST, MOST = 0.01, 100.0


def variant_rule_problems(texts: Sequence[str]) -> list[Problem]:
    """What is wrong with variants, whatever the scenario."""
    problems: list[Problem] = []
    if len(texts) > MOST_VARIANTS:
        rule = f"must be at most {MOST_VARIANTS} variants"
        problems.append(Problem("worst_of", rule, f"there are {len(texts)}", "leave some out"))
    for text in texts:
        problems += _text_problems(str(text))
    if problems:
        return problems
    known = {tuple(sorted(parse_variant(text).items())) for text in texts}
    if len(known) < len(texts):
        rule, cure = "must hold each variant once", "leave one of them out"
        problems.append(Problem("worst_of", rule, "one is there twice", cure))
    return problems


def _text_problems(text: str) -> Iterator[Problem]:
    where, cure = f"worst_of {text}", "give rivals=1.3 or demand=0.8,cvr=0.9, say"
    names = [part.partition("=")[0].strip() for part in text.split(",")]
    for part, name in zip(text.split(","), names, strict=True):
        if name not in FACTORS:
            rule = f"must be NAME=FACTOR with a name of {', '.join(FACTORS)}"
            yield Problem(where, rule, f"holds {part.strip()!r}", cure)
        elif not LEAST <= _number(part) <= MOST:
            rule = f"must have factors from {LEAST:g} to {MOST:g}"
            yield Problem(where, rule, f"holds {part.strip()!r}", cure)
    if len(set(names)) < len(names):
        yield Problem(where, "must name each factor once", "names one twice", "leave one out")


def _number(part: str) -> float:
    try:
        value = float(part.partition("=")[2])
    except ValueError:
        return math.nan
    return value


def parse_variant(text: str) -> dict[str, float]:
    """The factors of a variant without mistakes, by name."""
    return {part.partition("=")[0].strip(): _number(part) for part in text.split(",")}


def vary_scenario(scenario: Scenario, text: str) -> Scenario:
    """The scenario of a variant."""
    columns = {FACTORS[name]: factor for name, factor in parse_variant(text).items()}
    queries = scenario.tables.queries.with_columns(
        pl.col(column) * factor for column, factor in columns.items()
    )
    return scenario.model_copy(update={"tables": replace(scenario.tables, queries=queries)})


def variant_problems_in(scenario: Scenario, texts: Sequence[str]) -> list[Problem]:
    """Variants that a scenario cannot have."""
    problems = []
    for text in texts:
        where, factors = f"worst_of {text}", parse_variant(text)
        varied = vary_scenario(scenario, text).tables.queries
        for name in ("ctr", "cvr"):
            most = float(varied[name].max() or 0.0)  # type: ignore[arg-type]
            if most > 1 and name in factors:
                rule = f"must leave every {name} at 1 or less"
                cure = "give a smaller factor"
                problems.append(Problem(where, rule, f"makes one {most:.4g}", cure))
        tables = varied["rival_family"].str.starts_with(TABLE_PREFIX)
        if "rival_bids" in factors and tables.any():
            rule = "rival_bids needs rivals of a family with a scale"
            found = "some queries have rivals of a table"
            problems.append(Problem(where, rule, found, "vary their number instead: rivals=1.3"))
    return problems
