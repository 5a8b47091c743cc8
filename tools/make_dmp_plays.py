"""Write the tables and plans of scenarios/dmp_plays.

    python -m tools.make_dmp_plays [FOLDER]

Levels go in; queries.csv, keywords.csv and the premiums of the plans come out, always the same
bytes. Sources and grades of every level: scenarios/dmp_plays/sources.csv.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from tools.drawing import SCENARIOS, split_words, three_digits, write_table

HERE = SCENARIOS / "dmp_plays"

# --- levels: turn these to tune the market ----------------------------------------------------

CTR, CVR = 0.08, 0.024  # of the whole market: P(click | examined), P(order | click)
ORGANIC = 0.0048  # P(order without a click | search) of the whole market
RIVAL_MEDIAN, RIVAL_SHAPE = 7.5, 0.85  # one rival's ad rank: median, sigma
QUALITY = 6.0


@dataclass(frozen=True)
class Kind:
    """Levels of one kind of query, and its bid. Queries of a kind differ only in searches."""

    texts: tuple[str, ...]
    searches: float  # a day, all queries of the kind together, by Zipf's law
    rivals: float
    bid: float


KINDS = {
    "heads": Kind(split_words("电动牙刷 声波牙刷 牙刷 电动牙刷成人"), 9000.0, 9.0, 2.2),
    "features": Kind(
        split_words(
            "声波电动牙刷 软毛电动牙刷 静音电动牙刷 便携电动牙刷 充电电动牙刷 防水电动牙刷"
        ),
        2400.0,
        6.0,
        1.8,
    ),
    "intent": Kind(
        split_words("电动牙刷送礼男友 敏感牙龈电动牙刷 电动牙刷替换头套装 出差便携声波牙刷"),
        600.0,
        3.0,
        1.4,
    ),
}
PLAYS = {  # premiums of each plan
    "retarget": {"visited": 0.25, "carted": 0.15},
    "intercept": {"rival buyers": 0.25},
    "lookalike": {"like buyers": 0.10},
}
ALL = "all_three"

# --- tables -----------------------------------------------------------------------------------


def query_rows() -> list[dict[str, object]]:
    return [
        {
            "query": text,
            "daily_searches": three_digits(searches),
            "rivals": kind.rivals,
            "rival_family": "lognormal",
            "rival_scale": RIVAL_MEDIAN,
            "rival_shape": RIVAL_SHAPE,
            "ctr": CTR,
            "cvr": CVR,
            "organic": ORGANIC,
        }
        for kind in KINDS.values()
        for text, searches in zip(kind.texts, by_zipf(kind), strict=True)
    ]


def by_zipf(kind: Kind) -> list[float]:
    weights = [1 / rank for rank in range(1, len(kind.texts) + 1)]
    return [kind.searches * weight / sum(weights) for weight in weights]


def keyword_rows() -> list[dict[str, object]]:
    return [
        {
            "campaign": "search",
            "ad_group": name,
            "keyword": text,
            "match_type": "exact",
            "bid": kind.bid,
            "quality": QUALITY,
            "relevance": 1.0,
            "product": "toothbrush",
        }
        for name, kind in KINDS.items()
        for text in kind.texts
    ]


def plan_premiums() -> dict[str, dict[str, float]]:
    """Premiums of each plan by its name."""
    together = {crowd: premium for play in PLAYS.values() for crowd, premium in play.items()}
    return {**PLAYS, ALL: together}


def plan_toml(premiums: dict[str, float]) -> str:
    inside = ", ".join(f'"{crowd}" = {premium}' for crowd, premium in premiums.items())
    return f'[[campaigns]]\nname = "search"\npremiums = {{ {inside} }}\n'


def main(folder: Path) -> None:
    write_table(folder / "queries.csv", query_rows())
    write_table(folder / "keywords.csv", keyword_rows())
    for name, premiums in plan_premiums().items():
        (folder / "plans" / name).mkdir(parents=True, exist_ok=True)
        (folder / "plans" / name / "plan.toml").write_text(plan_toml(premiums), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
