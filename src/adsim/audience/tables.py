"""What crowds are like: sizes, overlaps, index against the population, quality of lookalikes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adsim.audience.lookalike import BINS, MOST_LEVELS, expand
from adsim.audience.membership import Audience, gather_audience
from adsim.errors import ScenarioError
from adsim.scenario import Scenario
from adsim.scenario.arguments import loaded_problems
from adsim.scenario.conditions import people_in

QUALITY_SIZES = (0.01, 0.02, 0.03, 0.05, 0.10)
DECAY_RISE, DECAY_POWER = 2.1, -0.41
"""CVR multiplier of a lookalike of a share s: 1 + 2.1 (s / 1 %)^-0.41, derived from one weak page
(seed 3.1 times the average at 1 %, 2.3 at 3 %)."""


def crowds(scenario: Scenario) -> CrowdTables:
    """The tables of a scenario's crowds, each made when it is first asked for.

    Raises ScenarioError where `scenario` is none, MarketError where its persons cannot be made.
    """
    problems = loaded_problems(scenario)
    if problems:
        raise ScenarioError(*problems)
    return CrowdTables(gather_audience(scenario))


@dataclass(frozen=True, repr=False)
class CrowdTables:
    """Tables of crowds, polars frames. Factors are relative to the whole market."""

    audience: Audience

    def __repr__(self) -> str:
        return f"<CrowdTables of {len(self.audience.scenario.crowds)} crowds>\n{self.sizes}"

    @cached_property
    def sizes(self) -> pl.DataFrame:
        """A row a crowd: persons, share of persons, share of searches, CTR and CVR factor.

        A crowd with a share has no persons: its share of searches and factors are those declared.
        """
        rows: list[tuple[object, ...]] = []
        for crowd in self.audience.scenario.crowds:
            if people_in(crowd):
                inside = self.audience.members[crowd.name]
                rows.append((crowd.name, int(inside.sum()), inside.mean(), *self._factors(inside)))
            else:
                rows.append((crowd.name, None, None, crowd.share, crowd.ctr, crowd.cvr))
        names = ["persons_share", "searches_share", "ctr_factor", "cvr_factor"]
        types = {"crowd": pl.String, "persons": pl.Int64, **dict.fromkeys(names, pl.Float64)}
        return pl.DataFrame(rows, types, orient="row")

    @cached_property
    def overlap(self) -> pl.DataFrame:
        """Persons in both of two crowds: a row and a column a crowd."""
        members = self.audience.members
        columns = {
            name: [int((inside & other).sum()) for other in members.values()]
            for name, inside in members.items()
        }
        return pl.DataFrame({"crowd": pl.Series(list(members), dtype=pl.String), **columns})

    @cached_property
    def index(self) -> pl.DataFrame:
        """A row for each crowd, trait and value of it: shares, and index = 100 x their ratio.

        Numbers with more than 32 values are cut at their deciles and named by their least value.
        """
        parts = [self._index_of(trait) for trait in self.audience.people.iter_columns()]
        types = {"crowd": pl.String, "trait": pl.String, "value": pl.String}
        shares = dict.fromkeys(["crowd_share", "population_share", "index"], pl.Float64)
        table = pl.concat([pl.DataFrame(schema={**types, **shares}), *parts])
        order = pl.Series("crowd", list(self.audience.members), pl.String).to_frame()
        return order.join(table, on="crowd", maintain_order="left_right")

    @cached_property
    def lookalikes(self) -> pl.DataFrame:
        """Quality against size of each lookalike: CVR over that of the whole market.

        A row for each lookalike and size; `cvr_factor_told` is what is told of real ones.
        """
        rows: list[tuple[object, ...]] = []
        audience = self.audience
        for crowd in audience.scenario.crowds:
            if crowd.lookalike is None or crowd.size is None:
                continue
            ranking = expand(audience.scenario, crowd, audience.people, audience.members)
            for size in sorted({*QUALITY_SIZES, crowd.size}):
                likest = ranking.largest(round(size * audience.people.height))
                inside = np.zeros(audience.people.height, bool)
                inside[likest] = True
                _, ctr, cvr = self._factors(inside)
                told = 1.0 + DECAY_RISE * (size / 0.01) ** DECAY_POWER
                rows.append((crowd.name, crowd.lookalike, size, len(likest), ctr, cvr, told))
        names = ["crowd", "seed", "size", "persons", "ctr_factor", "cvr_factor", "cvr_factor_told"]
        types = [pl.String, pl.String, pl.Float64, pl.Int64, *[pl.Float64] * 3]
        return pl.DataFrame(rows, dict(zip(names, types, strict=True)), orient="row")

    def _factors(self, inside: NDArray[np.bool_]) -> tuple[float, float | None, float | None]:
        """Share of searches, CTR and CVR factor of persons; null where nobody searches, clicks."""
        factors = self.audience.weights.factors(inside.astype(np.int64), 2)
        share, ctr, cvr = (float(factor[1]) for factor in factors[:3])
        return share, ctr if share > 0 else None, cvr if share * ctr > 0 else None

    def _index_of(self, trait: pl.Series) -> pl.DataFrame:
        value = _value_names(trait)
        everyone = value.value_counts(name="persons")
        parts = []
        for name, inside in self.audience.members.items():
            here = value.filter(pl.Series(inside)).value_counts(name="here")
            both = everyone.join(here, on=trait.name, how="left", nulls_equal=True)
            share = pl.col("here").fill_null(0) / max(1, int(inside.sum()))
            parts.append(
                both.sort(trait.name).select(
                    crowd=pl.lit(name),
                    trait=pl.lit(trait.name),
                    value=pl.col(trait.name).cast(pl.String),
                    crowd_share=share,
                    population_share=pl.col("persons") / len(trait),
                    index=100 * share / (pl.col("persons") / len(trait)),
                )
            )
        return pl.concat(parts) if parts else pl.DataFrame()


def _value_names(trait: pl.Series) -> pl.Series:
    """The trait, or the least value of its decile where it is a number with many values."""
    if not trait.dtype.is_numeric() or trait.n_unique() <= MOST_LEVELS:
        return trait
    numbers = trait.drop_nulls()
    bounds = np.unique(np.quantile(numbers, np.arange(BINS) / BINS, method="lower"))
    place = pl.Series(np.searchsorted(bounds, trait.to_numpy(), side="right") - 1)
    return pl.Series(trait.name, bounds).gather(place.set(trait.is_null(), None))
