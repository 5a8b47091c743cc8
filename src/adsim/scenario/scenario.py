"""The scenario: everything that a folder declares, checked, frozen."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import polars as pl
from pydantic import ConfigDict, Field

from adsim.scenario.columns import TABLES
from adsim.scenario.models import Declaration
from adsim.scenario.overrides import Overrides
from adsim.scenario.tables import Tables, written_columns


class Scenario(Declaration):
    """What scenario.toml and the tables of a folder declare.

    `load_scenario` makes one from files, `make_scenario` one of Python objects; `with_overrides`
    makes a changed copy and checks it, which pydantic's own `model_copy` does not.

    Attributes:
        tables: The market and the account as polars frames (see `Tables`).
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    tables: Tables = Field(exclude=True)

    def __repr__(self) -> str:
        sizes = f"{self.tables.queries.height:,} queries, {self.tables.keywords.height:,} keywords"
        return f"<Scenario {self.scenario.name!r}: {sizes}, days {self.scenario.days}>"

    __str__ = __repr__

    def declared(self) -> dict[str, Any]:
        """The keys of scenario.toml that differ from their defaults, as TOML holds them."""
        keys: dict[str, Any] = self.model_dump(by_alias=True, exclude_defaults=True)
        return keys

    @property
    def has_creatives(self) -> bool:
        """Whether any ad group has creatives."""
        return not self.tables.creatives.is_empty()

    @property
    def has_organic(self) -> bool:
        """Whether any query has organic orders."""
        return bool((self.tables.queries["organic"] > 0).any())

    def digest(self) -> str:
        """SHA-256 of all that is declared, tables included, in hexadecimal.

        Two scenarios that declare the same have the same digest, wherever and however they are
        written down. What is neutral is left out, so that keys of later versions leave it alone.
        """
        hasher = hashlib.sha256()
        keys = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        hasher.update(json.dumps(keys, sort_keys=True, ensure_ascii=False).encode())
        for spec in TABLES:
            frame = getattr(self.tables, spec.name)
            if spec.rare and frame.is_empty():
                continue
            hasher.update(f"\x1d{spec.name}".encode())
            for column in written_columns(frame, spec).iter_columns():
                hasher.update(f"\x1e{column.name}\x1e".encode() + _content(column))
        for column in self.tables.people.iter_columns():
            hasher.update(f"\x1e{column.name}\x1e{column.dtype}".encode() + _content(column))
        return hasher.hexdigest()

    def with_overrides(self, overrides: str | Overrides = (), **tables: pl.DataFrame) -> Scenario:
        """A copy with keys and tables changed, under the rules of files.

        Args:
            overrides: Values by key: ``{"auction.reserve_score": 3.0}``,
                ``{"campaigns.core.daily_budget": 90.0}``; or texts as of `--set`, one or several.
            tables: Frames that replace those of `tables` as a whole, such as ``queries``; one
                without rows takes the table away.

        Raises ScenarioError with every rule that the changed scenario breaks.
        """
        from adsim.scenario.arguments import several
        from adsim.scenario.loading import change_scenario

        return change_scenario(self, several(overrides), tables)


def _content(column: pl.Series) -> bytes:
    if column.dtype == pl.Float64:
        return column.to_numpy().astype("<f8").tobytes()
    if column.dtype == pl.String:
        return "\x1f".join("\0" if text is None else text for text in column).encode()
    codes = column.to_physical() if column.dtype == pl.Enum else column
    missing = column.is_null().to_numpy().tobytes()
    return codes.cast(pl.Int64).fill_null(0).to_numpy().astype("<i8").tobytes() + missing
