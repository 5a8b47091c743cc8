"""Write the tables and plans of scenarios/brand_and_generic.

    python -m tools.make_brand_and_generic [FOLDER]

Levels go in; queries.csv, keywords.csv, rivals.csv and the plans come out, always the same bytes.
Sources and grades of every level: scenarios/brand_and_generic/sources.csv.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from itertools import product as pairs
from pathlib import Path

from tools.drawing import SCENARIOS, three_digits, write_table

HERE = SCENARIOS / "brand_and_generic"

# --- levels: turn these to tune the market ----------------------------------------------------

RIVAL_SHAPE = 0.85  # sigma of one rival's ad rank within a query
DEFENDED_BID = 2.8
ATTACK = {"bid": 6.0, "quality": 3.0, "presence": 0.8}


@dataclass(frozen=True)
class Kind:
    """Levels of one kind of query, and today's bid. Queries of a kind differ only in searches."""

    texts: tuple[str, ...]
    searches: float  # a day, all queries of the kind together, by Zipf's law
    rivals: float
    rival_median: float  # of one rival's ad rank
    ctr: float
    cvr: float
    bid: float
    quality: float


CITIES = ("paris", "london", "rome", "madrid", "lisbon", "athens", "dublin", "vienna")
ORIGINS = ("new york", "boston")
BRAND_WORDS = ("", "airlines", "flights", "booking", "tickets", "fares")
INTENTS = ("direct flight {} to {} business class", "book {} {} round trip march")

KINDS = {
    "brand": Kind(
        tuple(f"skylark {word}".strip() for word in BRAND_WORDS),
        searches=2500.0,
        rivals=1.5,
        rival_median=5.0,
        ctr=0.175,
        cvr=0.0143,
        bid=1.5,
        quality=9.0,
    ),
    "heads": Kind(
        (*(f"flights to {city}" for city in CITIES), "cheap flights", "airline tickets"),
        searches=7000.0,
        rivals=9.0,
        rival_median=13.0,
        ctr=0.080,
        cvr=0.0025,
        bid=4.0,
        quality=6.0,
    ),
    "routes": Kind(
        tuple(f"{origin} to {city} flights" for origin, city in pairs(ORIGINS, CITIES)),
        searches=2400.0,
        rivals=6.0,
        rival_median=13.0,
        ctr=0.080,
        cvr=0.0032,
        bid=3.5,
        quality=6.0,
    ),
    "intent": Kind(
        tuple(form.format(*ends) for form in INTENTS for ends in pairs(ORIGINS, CITIES)),
        searches=600.0,
        rivals=3.0,
        rival_median=13.0,
        ctr=0.080,
        cvr=0.00625,
        bid=2.5,
        quality=6.0,
    ),
}

# --- tables -----------------------------------------------------------------------------------


def query_rows() -> list[dict[str, object]]:
    return [query_row(kind, place) for kind in KINDS for place in range(len(KINDS[kind].texts))]


def query_row(name: str, place: int) -> dict[str, object]:
    kind = KINDS[name]
    text = kind.texts[place]
    weights = [1 / rank for rank in range(1, len(kind.texts) + 1)]
    return {
        "query": text,
        "daily_searches": three_digits(kind.searches * weights[place] / sum(weights)),
        "rivals": kind.rivals,
        "rival_family": "lognormal",
        "rival_scale": kind.rival_median,
        "rival_shape": RIVAL_SHAPE,
        "ctr": kind.ctr,
        "cvr": kind.cvr,
        "query_group": "brand" if name == "brand" else text,
    }


def keyword_rows() -> list[dict[str, object]]:
    return [
        {
            "campaign": "brand" if name == "brand" else "generic",
            "ad_group": name,
            "keyword": text,
            "match_type": "exact",
            "bid": kind.bid,
            "quality": kind.quality,
            "relevance": 1.0,
            "product": "ticket",
        }
        for name, kind in KINDS.items()
        for text in kind.texts
    ]


def rival_rows() -> list[dict[str, object]]:
    texts = KINDS["brand"].texts
    names = {"rival": "meridian", "match_type": "exact"}
    return [names | {"keyword": text} | ATTACK for text in texts]


def plan_rows(rows: list[dict[str, object]], name: str) -> list[dict[str, object]]:
    """What a plan changes; an empty cell changes nothing."""
    keys = ("campaign", "ad_group", "keyword", "match_type")
    kept = {
        "brand": {"brand"},
        "brand_defended": {"brand"},
        "generic": {"heads", "routes", "intent"},
        "brand_and_intent": {"brand", "intent"},
        "defended": set(KINDS),
    }[name]
    raised = DEFENDED_BID if "defended" in name else ""
    return [
        {key: row[key] for key in keys}
        | {"bid": raised if row["campaign"] == "brand" else ""}
        | {"status": "active" if row["ad_group"] in kept else "paused"}
        for row in rows
    ]


PLANS = ("brand", "generic", "brand_and_intent", "defended", "brand_defended")


def main(folder: Path) -> None:
    rows = keyword_rows()
    write_table(folder / "queries.csv", query_rows())
    write_table(folder / "keywords.csv", rows)
    write_table(folder / "rivals.csv", rival_rows())
    for name in PLANS:
        write_table(folder / "plans" / name / "keywords.csv", plan_rows(rows, name))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
