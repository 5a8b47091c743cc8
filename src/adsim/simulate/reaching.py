"""Reach and frequency: how many persons saw an ad, how often, and what each costs.

Which person makes a search of an audience cell is independent of everything that happens in it: a
person of kind k makes it with chance p_k, in proportion to how often such persons search. So given
n impressions in a cell, those of one person are binomial(n, p_k), and a person is reached with
chance 1 - (1 - p_k)^n; of means (fidelity `expected`) Poisson with mean n p_k. Kinds are mixed by
their numbers of persons: where their rates are gamma, that is the negative binomial of Ehrenberg,
"The pattern of consumer purchases", Applied Statistics 8 (1959), with reach 1 - (1 + m / k)^-k.

A search shows at most one own ad, so the impressions of several groups are a union of searches, and
the persons that two groups have in common follow from the reach of each and of both together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adsim.audience.cells import audience_cells
from adsim.errors import Problem, SimulationError
from adsim.kernels.tally import IMPRESSIONS, SPEND
from adsim.market.sides import Sides
from adsim.money import from_micros
from adsim.results.registry import GROUPS, TIMES, group_columns
from adsim.results.tables import QUANTILES
from adsim.scenario import Plan, Scenario
from adsim.scenario.models import HELD_OUT

if TYPE_CHECKING:
    from adsim.simulate.run import Run

Floats = NDArray[np.float64]

CROWD = "crowd"
DAY = "day"
TO_DATE = "reached_to_date"
REACH_GROUPS = (*GROUPS, CROWD)
MOST_OVERLAPS = 100  # groups: each pair of them is a sum over all kinds of persons
ROUNDING = 1e-9  # of a reach: what is less in common is nobody
SURE = np.nextafter(1.0, 0.0)


def count_persons(impressions: Floats, kinds: NDArray[Any], poisson: bool) -> Floats:
    """float64[.., TIMES + 1]: mean number of persons with 0, 1, ... and TIMES or more impressions.

    Args:
        impressions: float64[.., C], those in each cell.
        kinds: KIND[..], the persons of all cells.
        poisson: Whether impressions are means, not exact numbers.
    """
    n = impressions[..., kinds["cell"]]
    chance, persons = np.minimum(kinds["chance"], SURE), kinds["persons"]
    term = np.exp(-n * chance) if poisson else np.exp(n * np.log1p(-chance))
    found = np.empty((*n.shape[:-1], TIMES + 1))
    for k in range(TIMES):
        found[..., k] = (term * persons).sum(axis=-1)
        odds = n * chance if poisson else (n - k) * (chance / (1.0 - chance))
        term *= odds / (k + 1)
    found[..., TIMES] = np.maximum(0.0, persons.sum() - found[..., :TIMES].sum(axis=-1))
    return found


@dataclass(frozen=True)
class Exposures:
    """The impressions of a run by audience cell.

    Attributes:
        run: Whose they are.
        by: Groups: those of a report, and crowd.
    """

    run: Run
    by: tuple[str, ...]

    @cached_property
    def kinds(self) -> NDArray[Any]:
        return audience_cells(self.run.scenario).kinds

    @cached_property
    def columns(self) -> list[str]:
        """Columns that name a group."""
        own = [CROWD] if CROWD in self.by else []
        return [*group_columns([name for name in self.by if name != CROWD]), *own]

    @cached_property
    def audiences(self) -> pl.DataFrame:
        """audience, cell and, where asked for, a row for each crowd that it is in."""
        sides: Sides = self.run.market.sides
        crowds = [list(members) for members, _ in sides.members]
        columns = {"audience": sides.audiences, "cell": list(sides.cell), CROWD: crowds}
        table = pl.DataFrame(columns, schema_overrides={CROWD: pl.List(pl.String)})
        table = table.unique("audience", maintain_order=True)
        if CROWD not in self.by:
            return table.drop(CROWD)
        return table.explode(CROWD).drop_nulls(CROWD)

    @cached_property
    def tallied(self) -> tuple[NDArray[Any], pl.DataFrame]:
        """Tallies (replications, rows, fields) and their labels."""
        plain = [name for name in self.by if name not in (CROWD, "audience")]
        return self.run.tallies([*plain, "audience"])

    @cached_property
    def rows(self) -> pl.DataFrame:
        """A row for each tallied row and group that it belongs to: labels, cell, row number."""
        labels = self.tallied[1].with_row_index("row")
        if "campaign" in labels.columns:
            labels = labels.filter(pl.col("campaign").is_not_null())
        return labels.join(self.audiences, on="audience", maintain_order="left_right")

    @cached_property
    def groups(self) -> list[tuple[tuple[Any, ...], pl.DataFrame]]:
        """Labels and rows of each group, in the order of the report, crowds as declared."""
        if not self.columns:
            return [((), self.rows)]
        parts = self.rows.partition_by(self.columns, as_dict=True, maintain_order=True)
        if CROWD not in self.by:
            return list(parts.items())
        order = [*(crowd.name for crowd in self.run.scenario.crowds), HELD_OUT]
        return sorted(parts.items(), key=lambda part: (*part[0][:-1], order.index(part[0][-1])))

    def labels(self, groups: Sequence[tuple[Any, ...]]) -> pl.DataFrame:
        schema = {name: self.rows.schema[name] for name in self.columns}
        return pl.DataFrame(groups, schema, orient="row")

    def sums(self, rows: pl.DataFrame, field: int) -> Floats:
        """float64[replications]: a field over rows, each once."""
        chosen = rows["row"].unique().to_numpy()
        return np.asarray(self.tallied[0][:, chosen, field].sum(axis=1), np.float64)

    def counted(self, rows: pl.DataFrame) -> Floats:
        """float64[replications, TIMES + 1]: persons by their impressions in these rows."""
        chosen = rows.unique("row", maintain_order=True)
        cell, row = chosen["cell"].to_numpy(), chosen["row"].to_numpy()
        tallies = self.tallied[0]
        kinds = self.kinds[np.isin(self.kinds["cell"], cell)]
        impressions = np.zeros((len(tallies), int(self.kinds["cell"].max()) + 1))
        np.add.at(impressions.T, cell, tallies[:, row, IMPRESSIONS].T)
        found = count_persons(impressions, kinds, self.run.fidelity == "expected")
        found[:, 0] += self.kinds["persons"].sum() - kinds["persons"].sum()
        return found

    def persons(self, group: tuple[Any, ...]) -> int:
        """Persons of the group's audience cells or crowd; otherwise all."""
        cells = self.audiences
        for name, value in zip(self.columns, group, strict=True):
            if name in (CROWD, "audience"):
                cells = cells.filter(pl.col(name) == value)
        inside = np.isin(self.kinds["cell"], cells["cell"].to_numpy())
        everybody = not {CROWD, "audience"} & set(self.by)
        return int(self.kinds["persons"][inside | everybody].sum())


def reach_table(run: Run, by: Sequence[str]) -> pl.DataFrame:
    """A row a group: see `Run.reach`."""
    exposures = gather_exposures(run, by)
    rows = []
    for group, part in exposures.groups:
        times, persons = exposures.counted(part), exposures.persons(group)
        reached = times[:, 1:].sum(axis=1)
        shown = exposures.sums(part, IMPRESSIONS).mean()
        low, high = np.quantile(reached, list(QUANTILES.values()))
        rows.append((persons, shown, reached.mean(), low, high, *times[:, 1:].mean(axis=0)))
    ends = [f"reached_{end}" for end in QUANTILES]
    names = ["persons", "impressions", "reached", *ends]
    names += [f"times_{k}" for k in range(1, TIMES + 1)]
    types = {"persons": pl.Int64, **dict.fromkeys(names[1:], pl.Float64)}
    table = pl.DataFrame(rows, types, orient="row").with_columns(
        reach=pl.col("reached") / pl.col("persons"),
        frequency=_ratio("impressions", "reached"),
    )
    to_date = [TO_DATE] if DAY in exposures.columns else []
    if to_date:
        table = table.with_columns(pl.Series(TO_DATE, _reached_to_date(exposures), pl.Float64))
    table = table.select(*names[:5], "reach", "frequency", *to_date, *names[5:])
    if run.replications == 1:
        table = table.drop(ends)
    labels = exposures.labels([group for group, _ in exposures.groups])
    return labels.hstack(table) if labels.width else table


def _reached_to_date(exposures: Exposures) -> list[float]:
    """For each group, mean persons reached from the first day of the run to the group's own."""
    place = exposures.columns.index(DAY)
    so_far: dict[tuple[Any, ...], pl.DataFrame] = {}
    found = []
    for group, rows in sorted(exposures.groups, key=lambda one: str(one[0][place])):
        others = (*group[:place], *group[place + 1 :])
        so_far[others] = pl.concat([so_far.get(others, rows.clear()), rows])
        found.append((group, _reached(exposures, so_far[others])))
    reached = dict(found)
    return [reached[group] for group, _ in exposures.groups]


def overlap_table(run: Run, by: Sequence[str]) -> pl.DataFrame:
    """Persons reached by both of two groups: see `Run.overlap`."""
    exposures = gather_exposures(run, by)
    groups = exposures.groups
    problems = []
    if len(exposures.columns) != 1:
        rule, found = "must be one group with one column", f"is {', '.join(by) or 'none'}"
        problems.append(Problem("by", rule, found, "give campaign or crowd, say"))
    elif len(groups) > MOST_OVERLAPS:
        rule = f"must have at most {MOST_OVERLAPS} groups for their overlaps"
        problems.append(Problem("by", rule, f"{by[0]} has {len(groups)}", "give campaign, say"))
    if problems:
        raise SimulationError(*problems)
    alone = [_reached(exposures, rows) for _, rows in groups]
    common = np.diag(alone)
    for i, (_, first) in enumerate(groups):
        for j, (_, second) in enumerate(groups[:i]):
            both = _reached(exposures, pl.concat([first, second]))
            shared = alone[i] + alone[j] - both
            common[i, j] = common[j, i] = shared if shared > ROUNDING * both else 0.0
    names = [str(group[0]) for group, _ in groups]
    return pl.DataFrame({exposures.columns[0]: names, **dict(zip(names, common.T, strict=True))})


def _reached(exposures: Exposures, rows: pl.DataFrame) -> float:
    return float(exposures.counted(rows)[:, 1:].sum(axis=1).mean())


def priced_reach(run: Run, by: Sequence[str]) -> pl.DataFrame:
    """`reach_table` without frequencies, with spend and what a person costs, as a curve needs."""
    exposures = gather_exposures(run, by)
    spend = [from_micros(exposures.sums(rows, SPEND).mean()) for _, rows in exposures.groups]
    table = reach_table(run, by).with_columns(spend=pl.Series(spend, dtype=pl.Float64))
    shown = ["spend", "impressions", "persons", "reached", "reach", "frequency"]
    priced = table.with_columns(cost_per_person=_ratio("spend", "reached"))
    return priced.select(*exposures.columns, *shown, "cost_per_person")


def gather_exposures(run: Run, by: Sequence[str]) -> Exposures:
    """The impressions of a run; raises SimulationError without persons, or for unknown groups."""
    problems = [
        Problem("by", f"must be among {', '.join(REACH_GROUPS)}", f"is {name!r}", "choose one")
        for name in by
        if name not in REACH_GROUPS
    ]
    if run.scenario.population is None and run.scenario.journey is None:
        rule = "must have a [population] for reach: shares of searches are no persons"
        problems.append(
            Problem("scenario", rule, "has none", 'add one with preset = "shoppers", say')
        )
    if counts_persons(run.scenario, run.plan):
        problems += _not_counted(run, by)
    if CROWD in by and not run.scenario.crowds:
        problems.append(Problem("by", "crowd needs [[crowds]]", "there are none", "leave it out"))
    if problems:
        raise SimulationError(*problems)
    if counts_persons(run.scenario, run.plan):
        from adsim.simulate.counted_reach import CountedExposures  # which rests on this file

        return CountedExposures(run, tuple(dict.fromkeys(by)))
    return Exposures(run, tuple(dict.fromkeys(by)))


def counts_persons(scenario: Scenario, plan: Plan) -> bool:
    """Whether reach has no closed form, so that persons are counted (fidelity `events`)."""
    capped = any(campaign.frequency_cap is not None for campaign in plan.campaigns)
    return capped or scenario.journey is not None


def _not_counted(run: Run, by: Sequence[str]) -> list[Problem]:
    """What reach person by person cannot tell: under frequency caps, and where persons live."""
    lives = run.scenario.journey is not None
    why = "beside a [journey]" if lives else "under a frequency_cap"
    problems = []
    if run.fidelity != "events":
        rule = f"must be events for reach {why}, where it has no closed form"
        problems.append(Problem("fidelity", rule, f"is {run.fidelity}", "simulate with events"))
    shares = any(crowd.share is not None for crowd in run.scenario.crowds)
    known = ["campaign", DAY] if shares or lives else ["campaign", DAY, CROWD, "audience"]
    for name in by:
        if name in REACH_GROUPS and name not in known:
            rule = f"must be among {', '.join(known)} {why}"
            if lives and name in (CROWD, "audience"):
                rule += ", whose persons come and go"
            elif shares and not lives:
                rule += " and crowds with a share"
            problems.append(Problem("by", rule, f"is {name}", "choose one"))
    return problems


def _ratio(above: str, below: str) -> pl.Expr:
    return pl.when(pl.col(below) > 0).then(pl.col(above) / pl.col(below))
