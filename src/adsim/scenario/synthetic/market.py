"""Tables of synthetic scenarios, drawn column by column."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adsim.scenario.columns import (
    KEYWORDS,
    LINKS,
    NEGATIVES,
    QUERIES,
    RIVAL_KEYWORDS,
    RIVAL_TABLES,
    TABLE_PREFIX,
)
from adsim.scenario.synthetic.sizes import ADJECTIVES, FORMS, NOUNS, SYLLABLES, Draws, Sizes
from adsim.scenario.tables import Tables, all_columns, empty_frame

TYPICAL_QUALITY = 5.0
ZIPF_EXPONENT = 0.9
N_RIVAL_TABLES = 4
SHAPES = {"lognormal": (0.4, 0.9), "loglogistic": (1.8, 3.5), "gamma": (1.5, 4.0)}
QUANTILES = np.linspace(0.0, 1.0, 21)


def make_tables(sizes: Sizes, draws: Draws) -> Tables:
    """All tables; own keywords bid about what rivals bid, near 1 yuan."""
    words = _words(sizes, draws)
    queries = _queries(sizes, draws, words)
    tied = [
        _keywords(sizes, draws, words.with_columns(match_type=pl.lit(match_type)), form, parts)
        for form, (match_type, parts) in enumerate(FORMS[: sizes.keywords_per_query])
    ]
    heads = _head_keywords(sizes, draws)
    keywords = pl.concat([*tied, heads], how="diagonal")
    return Tables(
        queries=queries,
        keywords=keywords.select(KEYWORDS.schema.keys()),
        negatives=empty_frame(NEGATIVES),
        links=_links(words, tied, heads) if sizes.links else empty_frame(LINKS),
        rival_keywords=_rival_keywords(sizes, draws),
        rival_tables=_rival_tables(sizes, draws),
    )


def typical_rank(sizes: Sizes) -> float:
    """Ad rank of a bid of 1 yuan at typical quality."""
    return math.pow(TYPICAL_QUALITY, sizes.quality_exponent)


def campaign_name(number: int) -> str:
    return f"campaign {number + 1}"


def product_name(number: int) -> str:
    return f"product {number + 1}"


def rival_name(number: int) -> str:
    return f"rival {number + 1}"


def _words(sizes: Sizes, draws: Draws) -> pl.DataFrame:
    """The query number i = (adjective, noun, code), its text and the market's price of a click."""
    number = np.arange(sizes.queries)
    odds = draws.uniform("price", number, 0.01, 0.99)
    words = pl.DataFrame(
        {
            "number": number,
            "adjective": _pick(draws, "adjective", number, ADJECTIVES[sizes.language]),
            "noun": _pick(draws, "noun", number, NOUNS[sizes.language]),
            "code": _codes(sizes.queries),
            "price": (odds / (1 - odds)) ** 0.3,
        }
    )
    return words.with_columns(query=_text(sizes, FORMS[0][1]))


def _pick(draws: Draws, name: str, number: NDArray[np.int64], words: tuple[str, ...]) -> pl.Series:
    place = draws.uniform(name, number, 0, len(words)).astype(np.int64)
    return pl.Series(words).gather(place)


def _codes(count: int) -> pl.Series:
    """Made-up words of equal length, one for each number below `count`: bababa, bababe, ..."""
    syllables = pl.Series(SYLLABLES)
    base, rest = len(SYLLABLES), np.arange(count)
    digits: list[pl.Series] = []
    while len(digits) < 2 or base ** len(digits) < count:
        digits.insert(0, syllables.gather(rest % base).alias(str(len(digits))))
        rest = rest // base
    return pl.select(pl.concat_str(digits)).to_series()


def _text(sizes: Sizes, parts: tuple[str, ...]) -> pl.Expr:
    """Words as one text; a broad Chinese keyword has spaces where its words are out of order."""
    in_order = list(parts) == [part for part in FORMS[0][1] if part in parts]
    close = sizes.language == "chinese" and in_order
    return pl.concat_str(parts, separator="" if close else " ")


def _queries(sizes: Sizes, draws: Draws, words: pl.DataFrame) -> pl.DataFrame:
    number = words["number"].to_numpy()
    family = sizes.families
    lots = np.argsort(np.argsort(draws.uniform("volume", number, 0, 1)))
    volume = (lots + 1.0) ** -ZIPF_EXPONENT
    frame = words.with_columns(
        daily_searches=(volume * (sizes.searches / volume.mean())).round(3),
        rivals=np.maximum(0.0, draws.uniform("rivals", number, -0.5, 12).round(2)),
        rival_family=pl.Series(family).gather(number % len(family)),
        ctr=draws.uniform("ctr", number, 0.02, 0.12).round(4),
        cvr=draws.uniform("cvr", number, 0.01, 0.08).round(4),
        query_group=_groups(sizes, words),
    )
    frame = frame.with_columns(
        rival_family=_family_names(sizes),
        rival_scale=_scales(sizes),
        rival_shape=_shapes(draws, number),
    )
    if sizes.organic > 0:
        frame = frame.with_columns(
            organic=sizes.organic * draws.uniform("organic", number, 0.0, 2.0).round(4),
            organic_product=pl.Series([product_name(n % sizes.products) for n in number]),
        )
    return all_columns(frame, QUERIES)


def _groups(sizes: Sizes, words: pl.DataFrame) -> pl.Expr:
    if sizes.query_groups is None:
        return pl.col("query")
    return pl.format("group {}", pl.col("number") % sizes.query_groups + 1)


def _family_names(sizes: Sizes) -> pl.Expr:
    turn = pl.col("number") // len(sizes.families)
    table = pl.format(TABLE_PREFIX + "market {}", turn % N_RIVAL_TABLES + 1)
    is_table = pl.col("rival_family") == "table"
    return pl.when(is_table).then(table).otherwise("rival_family")


def _scales(sizes: Sizes) -> pl.Expr:
    is_table = pl.col("rival_family") == "table"
    return pl.when(is_table).then(1.0).otherwise((pl.col("price") * typical_rank(sizes)).round(4))


def _shapes(draws: Draws, number: NDArray[np.int64]) -> pl.Expr:
    share = pl.lit(pl.Series(draws.uniform("shape", number, 0, 1)))
    shape = pl.lit(1.0)
    for family, (low, high) in SHAPES.items():
        drawn = (low + (high - low) * share).round(3)
        shape = pl.when(pl.col("rival_family") == family).then(drawn).otherwise(shape)
    return shape


def _keywords(
    sizes: Sizes, draws: Draws, words: pl.DataFrame, form: int, parts: tuple[str, ...]
) -> pl.DataFrame:
    """The keywords of one form, one for each query, the query beside it."""
    campaigns = pl.Series([campaign_name(number) for number in range(sizes.campaigns)])
    products = pl.Series([product_name(number) for number in range(sizes.products)])
    number = words["number"].to_numpy()
    named = words.select(
        "query",
        "match_type",
        "price",
        pl.lit(campaigns.gather((number + form) % sizes.campaigns)).alias("campaign"),
        pl.lit(products.gather(number % sizes.products)).alias("product"),
        pl.col("noun").alias("ad_group"),
        _text(sizes, parts).alias("keyword"),
    )
    return _bids(draws, named, number * len(FORMS) + form)


def _bids(draws: Draws, named: pl.DataFrame, indices: NDArray[np.int64]) -> pl.DataFrame:
    """Keywords with bids between 0.8 and 1.8 times the price, and their factors."""
    bid = named["price"].to_numpy() * draws.uniform("bid", indices, 0.8, 1.8)
    return named.with_columns(
        bid=np.maximum(0.05, bid.round(2)),
        quality=draws.uniform("quality", indices, 3, 8).round(2),
        relevance=draws.uniform("relevance", indices, 0.7, 1.2).round(3),
        creative=draws.uniform("creative", indices, 0.8, 1.2).round(3),
        status=pl.lit("active"),
    )


def _head_keywords(sizes: Sizes, draws: Draws) -> pl.DataFrame:
    number = range(sizes.head_keywords)
    nouns = list(NOUNS[sizes.language][: sizes.head_keywords])
    named = pl.DataFrame(
        {
            "campaign": [campaign_name(place % sizes.campaigns) for place in number],
            "ad_group": ["head"] * len(nouns),
            "keyword": nouns,
            "match_type": ["broad"] * len(nouns),
            "product": [product_name(place % sizes.products) for place in number],
            "price": np.full(len(nouns), 0.7),
        },
        schema_overrides={name: KEYWORDS.schema[name] for name in ("campaign", "product")}
        | dict.fromkeys(("ad_group", "keyword", "match_type"), pl.String),
    )
    return _bids(draws, named, 2**31 + np.arange(len(nouns)))


def _links(words: pl.DataFrame, tied: list[pl.DataFrame], heads: pl.DataFrame) -> pl.DataFrame:
    columns = list(LINKS.schema)
    of_heads = words.select("query", "noun").join(
        heads, left_on="noun", right_on=pl.col("keyword"), maintain_order="left", coalesce=False
    )
    return pl.concat(frame.select(columns) for frame in (*tied, of_heads))


def _rival_keywords(sizes: Sizes, draws: Draws) -> pl.DataFrame:
    """Each named rival bids on every noun, broad, and so on every query."""
    nouns = NOUNS[sizes.language]
    if sizes.named_rivals == 0:
        return empty_frame(RIVAL_KEYWORDS)
    number = range(sizes.named_rivals * len(nouns))
    return pl.DataFrame(
        {
            "rival": [rival_name(place // len(nouns)) for place in number],
            "keyword": list(nouns) * sizes.named_rivals,
            "match_type": ["broad"] * len(number),
            "bid": draws.uniform("rival bid", number, 0.4, 2.0).round(2),
            "quality": draws.uniform("rival quality", number, 3, 8).round(2),
            "presence": draws.uniform("presence", number, 0.3, 1).round(3),
        }
    )


def _rival_tables(sizes: Sizes, draws: Draws) -> pl.DataFrame:
    """Quantiles of log-logistic ad ranks, the ends cut off."""
    if "table" not in sizes.families:
        return empty_frame(RIVAL_TABLES)
    inner = QUANTILES.clip(0.01, 0.99)
    tables = []
    for number in range(N_RIVAL_TABLES):
        scale = draws.one("table scale", number, 0.6, 1.6) * typical_rank(sizes)
        shape = draws.one("table shape", number, 1.8, 3.5)
        ranks = (scale * (inner / (1 - inner)) ** (1 / shape)).round(5)
        name = f"market {number + 1}"
        tables.append(
            pl.DataFrame({"probability": QUANTILES.round(2), "ad_rank": ranks, "name": name})
        )
    return pl.concat(tables).select(RIVAL_TABLES.schema.keys())
