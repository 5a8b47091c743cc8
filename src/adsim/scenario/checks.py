"""Rules that join one table with another, or with scenario.toml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from adsim.errors import Problem
from adsim.scenario.auctions import Auction
from adsim.scenario.columns import FAMILIES, READERS, TABLE_PREFIX
from adsim.scenario.declaring import WhereOf, entry_name
from adsim.scenario.tables import Sheet
from adsim.scenario.text import name_cure, normalized

KEYWORD_KEY = ("campaign", "ad_group", "keyword", "match_type")
STEP_TOLERANCE = 1e-9  # of a bid in steps: decimals such as 0.1 are not exact in binary

Sheets = Mapping[str, Sheet | None]


def declared_names(raw: Mapping[str, Any], section: str) -> list[str]:
    """Names in a section of raw keys, whatever else may be wrong with them."""
    entries = raw.get(section, ())
    if not isinstance(entries, list | tuple):
        return []
    names = [entry.get("name") for entry in entries if isinstance(entry, Mapping)]
    return [name.strip() for name in names if isinstance(name, str)]


def check_tables(raw: Mapping[str, Any], auction: Auction | None, sheets: Sheets) -> list[Problem]:
    """All problems between tables; a table that could not be read is left out.

    Args:
        raw: Keys of scenario.toml, valid or not: only the names are taken.
        auction: The valid [auction], for the bids that it accepts.
        sheets: The tables by their attribute of `Tables`; None where absent or unreadable.
    """
    problems: list[Problem] = []
    keywords, queries = sheets["keywords"], sheets["queries"]
    if keywords is not None:
        problems += check_names(raw, keywords) + check_bids(auction, keywords)
    if queries is not None:
        problems += check_families(queries, sheets["rival_tables"])
        problems += check_organic(raw, queries) + check_readers(raw, queries)
    problems += _check_rows_of(raw, sheets)
    if (rivals := sheets["rival_keywords"]) is not None:
        problems += _unknown_names(rivals, "rival", raw, "rivals")
    if (quantiles := sheets["rival_tables"]) is not None:
        problems += check_quantiles(quantiles)
    return problems


def check_organic(raw: Mapping[str, Any], queries: Sheet) -> list[Problem]:
    """Organic orders of a product that is not declared, or of none where there are several."""
    known = declared_names(raw, "products")
    product = queries.frame["organic_product"]
    named = queries.frame.with_columns(organic_product=product.replace("", None))
    unnamed = (queries.frame["organic"] > 0) & product.fill_null("").eq("")
    if len(known) < 2:
        unnamed = unnamed & False
    return [
        *_unknown_names(replace(queries, frame=named), "organic_product", raw, "products"),
        *queries.problems(
            unnamed,
            "organic_product must be given where organic > 0 and there are several products",
            lambda _: "is empty",
            f"write one of {', '.join(known)}",
        ),
    ]


def check_readers(raw: Mapping[str, Any], queries: Sheet) -> list[Problem]:
    """Columns of searchers who read on, where the chance to be seen is the slot's."""
    auction = raw.get("auction")
    if isinstance(auction, Mapping) and auction.get("clicks") == "cascade":
        return []
    cure = 'leave the column out, or write clicks = "cascade"'
    return [
        problem
        for name in READERS
        for problem in queries.problems(
            queries.frame[name].is_not_null(),
            f'{name} must only be given with auction.clicks = "cascade"',
            lambda _: "clicks follow from the slots",
            cure,
        )
    ]


def check_names(raw: Mapping[str, Any], keywords: Sheet) -> list[Problem]:
    """Keywords whose campaign or product is not declared."""
    return [
        *_unknown_names(keywords, "campaign", raw, "campaigns"),
        *_unknown_names(keywords, "product", raw, "products"),
    ]


def _unknown_names(
    sheet: Sheet, column: str, raw: Mapping[str, Any], section: str
) -> list[Problem]:
    known = declared_names(raw, section)
    rule = f"{column} must be declared under [[{section}]] of scenario.toml"
    return _unknown(sheet, sheet.frame[column], known, rule, "declare it there")


def _unknown(
    sheet: Sheet, values: pl.Series, known: Sequence[str], rule: str, declare: str
) -> list[Problem]:
    bad = values.is_not_null() & ~values.is_in(list(known))
    return sheet.problems(
        bad,
        rule,
        lambda line: f"{values[line]} is not",
        lambda line: name_cure(values[line], known, declare),
    )


def _check_rows_of(raw: Mapping[str, Any], sheets: Sheets) -> list[Problem]:
    """Negatives, creatives and links that refer to no keyword or query."""
    problems: list[Problem] = []
    negatives, links, creatives = sheets["negatives"], sheets["links"], sheets["creatives"]
    for sheet in (negatives, creatives):
        if sheet is not None:
            problems += _unknown_names(sheet, "campaign", raw, "campaigns")
    for sheet, other, key in (
        (negatives, sheets["keywords"], KEYWORD_KEY[:2]),
        (creatives, sheets["keywords"], KEYWORD_KEY[:2]),
        (links, sheets["keywords"], KEYWORD_KEY),
        (links, sheets["queries"], ("query",)),
    ):
        if sheet is not None and other is not None:
            problems += _rows_without(sheet, other, key)
    return problems


def _rows_without(sheet: Sheet, other: Sheet, key: Sequence[str]) -> list[Problem]:
    """Rows of `sheet` whose key is not the key of any row of `other`."""
    file = other.where.replace("\\", "/").rsplit("/", 1)[-1]
    rule = f"{', '.join(key)} must be that of a row of {file}"
    known = joined_key(other, key).drop_nulls().unique(maintain_order=True)
    return _unknown(sheet, joined_key(sheet, key), known.to_list(), rule, "add it")


def joined_key(sheet: Sheet, key: Sequence[str]) -> pl.Series:
    """Each row's key as one text that compares as its texts do; null where a part is missing."""
    return sheet.frame.select(pl.concat_str([normalized(name) for name in key], separator=", "))[
        key[0]
    ]


def check_bids(auction: Auction | None, keywords: Sheet) -> list[Problem]:
    """Bids that the platform does not accept."""
    if auction is None:
        return []
    bid = keywords.frame["bid"]

    def refused(bad: pl.Series, rule: str, cure: str) -> list[Problem]:
        bad = bad & (bid > 0)  # bids that are none have been reported as such
        return keywords.problems(bad, f"bid must be {rule}", lambda line: f"is {bid[line]:g}", cure)

    problems = []
    if (least := auction.bid_min) is not None:
        problems += refused(bid < least, f">= {least:g} (auction.bid_min)", "raise it")
    if (most := auction.bid_max) is not None:
        problems += refused(bid > most, f"<= {most:g} (auction.bid_max)", "lower it")
    if (step := auction.bid_step) is not None:
        steps = bid / step
        off = (steps - steps.round()).abs() > STEP_TOLERANCE * (1 + steps.abs())
        problems += refused(off, f"a multiple of {step:g} (auction.bid_step)", "round it")
    return problems


def check_families(queries: Sheet, quantiles: Sheet | None) -> list[Problem]:
    """Queries whose rivals have no usable distribution of ad ranks."""
    family = queries.frame["rival_family"]
    tables = [] if quantiles is None else quantiles.frame["name"].drop_nulls().unique().to_list()
    known = [*FAMILIES, *(TABLE_PREFIX + name for name in sorted(tables))]
    rule = f"rival_family must be {', '.join(FAMILIES)} or table:NAME of rival_tables.csv"
    problems = _unknown(queries, family, known, rule, "write one of these")
    contested = queries.frame["rivals"] > 0
    problems += queries.problems(
        contested & family.is_null(),
        "rival_family must be given where rivals > 0",
        lambda _: "is empty",
        f"write {', '.join(FAMILIES)} or table:NAME",
    )
    parametric = contested & family.is_in(FAMILIES)
    for column in ("rival_scale", "rival_shape"):
        problems += queries.problems(
            parametric & queries.frame[column].is_null(),
            f"{column} must be given where rivals > 0",
            lambda _: "is missing",
            "give a number > 0",
        )
    return problems


def check_quantiles(quantiles: Sheet) -> list[Problem]:
    """Rival tables that are no quantile function: from 0 to 1, ad rank not falling."""
    lines = quantiles.frame.with_row_index("line").drop_nulls().sort("name", "probability")
    ordered = lines.with_columns(
        from_first=pl.int_range(pl.len()).over("name"),
        to_last=pl.int_range(pl.len(), 0, -1).over("name") - 1,
        drop=pl.col("ad_rank").diff().over("name"),
    )
    frame = quantiles.frame
    line = pl.int_range(frame.height, dtype=pl.UInt32, eager=True)

    def problems(bad: pl.Expr, rule: str, column: str, cure: str) -> list[Problem]:
        return quantiles.problems(
            line.is_in(ordered.filter(bad)["line"].to_list()),
            rule,
            lambda line: f"is {frame[column][line]:g} in {frame['name'][line]}",
            cure,
        )

    probability = pl.col("probability")
    return [
        *problems(
            (pl.col("from_first") == 0) & (probability != 0),
            "the least probability of a table must be 0",
            "probability",
            "add the row of probability 0",
        ),
        *problems(
            (pl.col("to_last") == 0) & (probability != 1),
            "the highest probability of a table must be 1",
            "probability",
            "add the row of probability 1",
        ),
        *problems(
            pl.col("drop") < 0,
            "ad_rank must not fall as probability rises",
            "ad_rank",
            "correct the order",
        ),
    ]


def check_campaigns(raw: Mapping[str, Any], where: WhereOf) -> list[Problem]:
    """Premiums and device coefficients for what is not declared; caps of persons who are not."""
    return [
        *_coefficients_of(raw, where, "premiums", "crowds"),
        *_coefficients_of(raw, where, "devices", "devices"),
        *_capped_nobody(raw, where),
    ]


def _capped_nobody(raw: Mapping[str, Any], where: WhereOf) -> Iterable[Problem]:
    campaigns = raw.get("campaigns", ())
    if "population" in raw or "journey" in raw or not isinstance(campaigns, list | tuple):
        return
    for place, campaign in enumerate(campaigns):
        for key in ("frequency_cap", "fatigue"):
            if isinstance(campaign, Mapping) and campaign.get(key):
                path = ("campaigns", entry_name(campaigns, place), key)
                rule = f"{'.'.join(map(str, path))} must come with a [population] or [journey]"
                cure = 'add a population with preset = "shoppers", say, or leave it out'
                yield Problem(where(path), rule, "there is none", cure)


def check_rotations(
    raw: Mapping[str, Any], where: WhereOf, creatives: pl.DataFrame | None
) -> Iterable[Problem]:
    """Rotations of ad groups without creatives, or of a creative that theirs has not.

    `creatives` are those of the scenario, None where they could not be read.
    """
    campaigns = raw.get("campaigns", ())
    if creatives is None or not isinstance(campaigns, list | tuple):
        return
    for place, campaign in enumerate(campaigns):
        rotations = campaign.get("rotations", {}) if isinstance(campaign, Mapping) else {}
        name = entry_name(campaigns, place)
        own = creatives.filter(pl.col("campaign") == str(name))
        for group, rotation in rotations.items() if isinstance(rotations, Mapping) else ():
            path = ("campaigns", name, "rotations", group)
            key = ".".join(map(str, path))
            known = own.filter(pl.col("ad_group") == group)["creative"].to_list()
            if not known:
                groups = own["ad_group"].unique(maintain_order=True).to_list()
                rule = f"{key} must be an ad group of the campaign in creatives.csv"
                yield Problem(where(path), rule, "is not", name_cure(group, groups, "add it there"))
                continue
            creative = rotation.get("creative") if isinstance(rotation, Mapping) else None
            if isinstance(creative, str) and creative not in known:
                rule = f"{key}.creative must be one of the ad group in creatives.csv"
                cure = name_cure(creative, known, "add it there")
                yield Problem(where((*path, "creative")), rule, f"is {creative}", cure)


def _coefficients_of(
    raw: Mapping[str, Any], where: WhereOf, key: str, section: str
) -> Iterable[Problem]:
    known = declared_names(raw, section)
    campaigns = raw.get("campaigns", ())
    for place, campaign in enumerate(campaigns if isinstance(campaigns, list | tuple) else ()):
        named = campaign.get(key, {}) if isinstance(campaign, Mapping) else {}
        for name in named if isinstance(named, Mapping) else ():
            if name not in known:
                path = ("campaigns", entry_name(campaigns, place), key, name)
                rule = f"{'.'.join(map(str, path))} must be declared under [[{section}]]"
                yield Problem(where(path), rule, "is not", name_cure(name, known, "declare it"))
