"""The tables of a scenario folder: every column, its meaning, bounds and neutral value.

This is data; `tables.py` applies it. A column that may be left out has a neutral default, so that
absent and neutral are the same thing everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

LARGEST = 1e9  # numbers in files must be below this: what is larger is a slip of the unit

MATCH_TYPES = ("exact", "phrase", "broad")
STATUSES = ("active", "paused")
FAMILIES = ("lognormal", "loglogistic", "gamma")
READERS = ("continuation", "rival_ctr", "rival_cvr")  # columns of clicks = "cascade"
TABLE_PREFIX = "table:"  # rival_family = "table:NAME" takes NAME from rival_tables.csv


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        name: Name in the header.
        meaning: What it holds, with its unit; ends the sentence "give ...".
        default: Neutral value of an absent column or an empty cell; None where it is required, or
            where it is rare and an empty cell takes its value from elsewhere.
        choices: The only values a text may have; empty where any text will do.
        low, high: Bounds of a number, both allowed unless `above` is set.
        above: Whether a number must be greater than `low`, not equal.
        number: Whether the cells are numbers.
        rare: Whether a table has it only where some cell is not neutral.
    """

    name: str
    meaning: str
    default: str | float | None = None
    choices: tuple[str, ...] = ()
    number: bool = False
    rare: bool = False
    low: float = 0.0
    high: float = LARGEST
    above: bool = False

    @property
    def required(self) -> bool:
        return self.default is None and not self.rare

    @property
    def dtype(self) -> type[pl.DataType]:
        return pl.Float64 if self.number else pl.String


@dataclass(frozen=True)
class TableSpec:
    """One table: its columns and the columns that tell its rows apart.

    Attributes:
        name: Attribute of `Tables` that holds it.
        file: File in the scenario folder.
        columns: All columns, in the order in which they are written.
        key: Columns that no two rows may share; texts are compared after NFKC and lower case.
        required: Whether every scenario must have it.
        rare: Whether a scenario's digest knows it only where it has rows.
    """

    name: str
    file: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    required: bool = False
    rare: bool = False

    @property
    def schema(self) -> dict[str, type[pl.DataType]]:
        return {column.name: column.dtype for column in self.columns}

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


def _text(
    name: str, meaning: str, default: str | None = None, choices: tuple[str, ...] = ()
) -> Column:
    return Column(name, meaning, default, choices)


def _number(name: str, meaning: str, default: float | None = None, high: float = LARGEST) -> Column:
    return Column(name, meaning, default, number=True, high=high)


def _positive(name: str, meaning: str, default: float | None = None) -> Column:
    return Column(name, meaning, default, number=True, above=True)


def _rare_chance(name: str, meaning: str) -> Column:
    return Column(name, f"{meaning}, from 0 to 1", number=True, rare=True, high=1.0)


_CAMPAIGN = _text("campaign", "the name of a campaign of scenario.toml")
_AD_GROUP = _text("ad_group", "the name of the ad group within its campaign")
_KEYWORD = _text("keyword", "the text of the keyword")
_MATCH_TYPE = _text("match_type", "exact, phrase or broad", choices=MATCH_TYPES)
_QUERY = _text("query", "the text that searchers type")
_ROW_KEY = ("campaign", "ad_group", "keyword", "match_type")

QUERIES = TableSpec(
    "queries",
    "queries.csv",
    (
        _QUERY,
        _number("daily_searches", "the mean number of searches a day"),
        _number("rivals", "the mean number of eligible rivals in one auction"),
        _text("rival_family", "lognormal, loglogistic, gamma or table:NAME", "lognormal"),
        _positive("rival_scale", "the median (gamma: mean) of one rival's ad rank", 1.0),
        _positive("rival_shape", "the shape of one rival's ad rank (sigma, beta or k)", 1.0),
        _number("ctr", "P(click | examined) where all factors are 1, from 0 to 1", high=1.0),
        _number("cvr", "P(order | click) where all factors are 1, from 0 to 1", high=1.0),
        _text("query_group", "the group of queries that shares a demand shock", ""),
        Column(
            "organic",
            "P(order without a click on the own ad | search), from 0 to 1",
            0.0,
            number=True,
            rare=True,
            high=1.0,
        ),
        Column("organic_product", "the product of organic orders", "", rare=True),
        _rare_chance("continuation", "P(a searcher reads on after an ad | nothing bought there)"),
        _rare_chance("rival_ctr", "P(click | examined) of a rival's ad"),
        _rare_chance("rival_cvr", "P(purchase | click) of a rival's ad"),
    ),
    ("query",),
    required=True,
)
KEYWORDS = TableSpec(
    "keywords",
    "keywords.csv",
    (
        _CAMPAIGN,
        _AD_GROUP,
        _KEYWORD,
        _MATCH_TYPE,
        _positive("bid", "the bid for a click in currency units"),
        _positive("quality", "the latent quality, a number > 0"),
        _number("relevance", "the CTR factor of keyword and query, 1 = neutral"),
        _text("product", "the name of a product of scenario.toml"),
        _number("creative", "the CTR factor of the creative, 1 = neutral", 1.0),
        _text("status", "active or paused", "active", STATUSES),
    ),
    _ROW_KEY,
    required=True,
)
NEGATIVES = TableSpec(
    "negatives", "negatives.csv", (_CAMPAIGN, _AD_GROUP, _KEYWORD, _MATCH_TYPE), _ROW_KEY
)
LINKS = TableSpec(
    "links",
    "links.csv",
    (_QUERY, _CAMPAIGN, _AD_GROUP, _KEYWORD, _MATCH_TYPE),
    ("query", *_ROW_KEY),
)
RIVAL_KEYWORDS = TableSpec(
    "rival_keywords",
    "rivals.csv",
    (
        _text("rival", "the name of a rival of scenario.toml"),
        _KEYWORD,
        _MATCH_TYPE,
        _positive("bid", "the rival's bid for a click in currency units"),
        _positive("quality", "the rival's quality, a number > 0"),
        _number("presence", "P(the rival takes part in a search), from 0 to 1", 1.0, high=1.0),
    ),
    ("rival", "keyword", "match_type"),
)
RIVAL_TABLES = TableSpec(
    "rival_tables",
    "rival_tables.csv",
    (
        _text("name", "the NAME of rival_family table:NAME"),
        _number("probability", "P(one rival's ad rank <= ad_rank), from 0 to 1", high=1.0),
        _number("ad_rank", "the quantile of one rival's ad rank"),
    ),
    ("name", "probability"),
)
CREATIVES = TableSpec(
    "creatives",
    "creatives.csv",
    (
        _CAMPAIGN,
        _AD_GROUP,
        _text("creative", "the name of the creative within its ad group"),
        _positive("ctr", "the CTR factor of the creative, 1 = neutral"),
        _positive("cvr", "the CVR factor of the creative, 1 = neutral", 1.0),
        Column(
            "wear",
            "the share of its CTR that every 1,000 impressions of it take, from 0 to 0.9",
            0.0,
            number=True,
            rare=True,
            high=0.9,
        ),
        Column(
            "wear_floor",
            "the least factor on its CTR that wear leaves, from 0 to 1",
            0.5,
            number=True,
            rare=True,
            high=1.0,
            above=True,
        ),
    ),
    ("campaign", "ad_group", "creative"),
    rare=True,
)
TABLES = (QUERIES, KEYWORDS, NEGATIVES, LINKS, RIVAL_KEYWORDS, RIVAL_TABLES, CREATIVES)
