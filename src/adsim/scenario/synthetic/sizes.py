"""What a synthetic scenario is made of, and the luck that fills it in."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from adsim.scenario.kinds import Amount, Declared, Factor, Positive, Whole
from adsim.scenario.models import MAX_CROWDS

DEVICE_NAMES = ("mobile", "desktop", "tablet", "television")
NOUNS = {
    "english": ("cup", "kettle", "lamp", "fan", "pillow", "blanket", "mirror", "basket"),
    "chinese": ("水杯", "水壶", "台灯", "风扇", "枕头", "毛毯", "镜子", "篮子"),
}
ADJECTIVES = {
    "english": ("blue", "red", "large", "small", "cheap", "warm", "quiet", "light"),
    "chinese": ("蓝色", "红色", "大号", "小号", "便宜", "保暖", "静音", "轻便"),
}
SYLLABLES = tuple(first + vowel for first in "bdfgklmnprstvz" for vowel in "aeiou")
FORMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("exact", ("adjective", "noun", "code")),
    ("phrase", ("noun", "code")),
    ("broad", ("code", "adjective")),
    ("phrase", ("code",)),
    ("broad", ("code", "noun")),
)
"""Match type and words of the own keywords of a query "adjective noun code"."""

Family = Literal["lognormal", "loglogistic", "gamma", "table"]


class Sizes(Declared):
    """Arguments of `synthetic_scenario`."""

    seed: Whole = Field(ge=0, lt=2**32, description="Seed of all luck, from 0 to 2^32 - 1.")
    queries: Whole = Field(
        default=20,
        ge=1,
        le=10**7,
        description="Number of queries; their volumes follow a Zipf law with exponent 0.9.",
    )
    keywords_per_query: Whole = Field(
        default=1,
        ge=1,
        le=len(FORMS),
        description="Own keywords of a query: exact, phrase, broad and two shorter ones, in"
        " different campaigns; they match no other query.",
    )
    head_keywords: Whole = Field(
        default=0,
        ge=0,
        le=len(NOUNS["english"]),
        description="Broad keywords of a single noun, which match every query that holds it.",
    )
    campaigns: Whole = Field(default=3, ge=1, le=100, description="Number of campaigns.")
    products: Whole = Field(default=3, ge=1, le=100, description="Number of products.")
    crowds: Whole = Field(
        default=2, ge=0, le=MAX_CROWDS, description="Overlapping crowds with premiums."
    )
    devices: Whole = Field(
        default=2, ge=0, le=len(DEVICE_NAMES), description="Devices with bid coefficients."
    )
    days: Whole = Field(default=1, ge=1, le=3660, description="Number of days.")
    searches: Positive = Field(default=400.0, description="Mean searches a query and day.")
    quality_exponent: Factor = Field(
        default=1.0, le=10, description="Exponent s in ad rank = effective bid x quality^s."
    )
    families: tuple[Family, ...] = Field(
        default=("lognormal", "loglogistic", "gamma", "table"),
        min_length=1,
        description="Families of the landscape rivals, dealt to the queries in turn.",
    )
    query_groups: Whole | None = Field(
        default=None, ge=1, description="Groups that share a shock; None: each query its own."
    )
    shock_cv: Factor = Field(
        default=0.0, description="Coefficient of variation of the demand shock."
    )
    charge_step: Amount = Field(default=0.01, description="Step of charges, in yuan.")
    named_rivals: Whole = Field(
        default=0, ge=0, le=100, description="Named rivals, each present in part of all auctions."
    )
    budget_share: Factor | None = Field(
        default=None,
        description="Daily budgets, rivals' too, as a share of a rough guess of what could be"
        " spent; None: no budgets.",
    )
    organic: Annotated[Factor, Field(le=0.5)] = Field(
        default=0.0,
        description="Mean organic orders a search; above 0 crowds and devices differ in them and"
        " in the value of an order.",
    )
    delivery: Literal["accelerated", "standard"] = Field(
        default="accelerated", description="Delivery of all campaigns."
    )
    flat: bool = Field(
        default=False,
        description="No curves, premiums and coefficients. Otherwise the first campaign has a"
        " coefficient of 0 in some hours of the night.",
    )
    links: bool = Field(
        default=False, description="Whether links.csv ties keywords and queries, not their texts."
    )
    language: Literal["english", "chinese"] = Field(
        default="english", description="Language of the words; Chinese texts have no spaces."
    )


class Draws:
    """Uniform numbers by name and index: the same whatever else is drawn."""

    def __init__(self, seed: int) -> None:
        from adsim.kernels.random import SYNTHETIC, uniforms  # late: this loads numba

        self._uniforms, self._decision, self._seed = uniforms, SYNTHETIC, seed

    def uniform(
        self, name: str, indices: Sequence[int] | NDArray[np.int64], low: float, high: float
    ) -> NDArray[np.float64]:
        """Uniform numbers between low and high, one for each index."""
        identity = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")
        drawn = self._uniforms(
            self._seed, 0, self._decision, identity, 0, 0, np.asarray(indices, dtype=np.int64)
        )
        return low + (high - low) * drawn

    def one(self, name: str, index: int, low: float, high: float, digits: int = 2) -> float:
        """One rounded uniform number between low and high."""
        return round(float(self.uniform(name, [index], low, high)[0]), digits)
