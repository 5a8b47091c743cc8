"""Write the tables and plans of scenarios/longtail_harvest.

    python -m tools.make_longtail_harvest [FOLDER]

One shape makes the whole market: queries in order of their searches, and how often they are typed,
how many rivals they have and how well they convert all follow from the rank. The same bytes each
time. Sources and grades of every level: scenarios/longtail_harvest/sources.csv.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from itertools import product as pairs
from pathlib import Path

from tools.drawing import SCENARIOS, split_words, spread, three_digits, uniform, write_table

HERE = SCENARIOS / "longtail_harvest"

# --- levels: turn these to tune the market ----------------------------------------------------

TOP_SEARCHES = 20_000.0  # a day, of the most searched query
ZIPF_EXPONENT = 1.42
N_QUERIES = 21_300  # so many that 96.5 % of them are typed less than 50 times a month
N_SINGLE = 132  # queries with a row of their own; those behind are gathered in bundles
N_BUNDLES = 280

RIVALS = (12.0, 1.5)  # mean number at the head and at the end of the tail
RIVAL_SHAPE = 0.85  # sigma of one rival's ad rank within a query
RIVAL_MEDIAN = 6.8  # of one rival's ad rank, everywhere
CTR = 0.045
CVR = (0.024, 0.060)  # at the head and at the end of the tail: 2.5 times
CTR_SIGMA, CVR_SIGMA, RIVAL_SIGMA = 0.42, 0.35, 0.30  # spread over tail queries (log)

JUNK_SEARCHES = 400.0  # a day, each query that asks for no lamp to buy
JUNK_CTR, JUNK_CVR = 0.015, 0.0024

HEAD_BID, TAIL_BID, QUALITY = 2.2, 0.8, 6.0
BROAD_QUALITY, BROAD_RELEVANCE = 5.2, 0.55  # of a short broad keyword that fits no query well

# --- words ------------------------------------------------------------------------------------

NOUN = "台灯"
HEADS = split_words(
    "台灯 护眼台灯 儿童台灯 学习台灯 led台灯 书桌台灯 充电台灯 床头台灯 阅读台灯 学生台灯 宿舍台灯 "
    "卧室台灯"
)
SCENES = split_words("写作业 画画 办公 夜读 绘图 练琴 钢琴 美甲 手工 直播 网课 考研 客厅 酒店")
FEATURES = split_words(
    "无频闪 无蓝光 全光谱 国aa级 可调光 折叠 夹子 插电 无线 磁吸 触摸 声控 遥控 长臂 大面积 小型 "
    "北欧 复古 新中式 双光源"
)
JUNK_WORDS = split_words("维修 图片 简笔画 怎么画 灯泡更换 二手 价格走势 不亮了 拆解 英文")
JUNK = [NOUN + word for word in JUNK_WORDS]


@dataclass(frozen=True)
class Query:
    """One row of queries.csv: one query, or a bundle of alike ones, from one rank to another."""

    text: str
    keyword: str
    first: int
    last: int

    def searches(self, exponent: float = ZIPF_EXPONENT) -> float:
        return sum(TOP_SEARCHES / k**exponent for k in range(self.first, self.last + 1))

    @property
    def depth(self) -> float:
        """0 at the head, 1 at the end of the tail."""
        return math.log((self.first + self.last) / 2) / math.log(N_QUERIES)

    @property
    def is_head(self) -> bool:
        return self.last <= len(HEADS)


def list_queries() -> list[Query]:
    heads = [Query(text, text, k, k) for k, text in enumerate(HEADS, 1)]
    words = [*two_parts(), *three_parts()]
    edges = [*range(len(HEADS), N_SINGLE + 1), *bundle_edges()]
    tail = [
        Query("".join(parts), " ".join(parts), first + 1, last)
        for parts, first, last in zip(words, edges[:-1], edges[1:], strict=True)
    ]
    return heads + tail


def bundle_edges() -> Iterator[int]:
    """Last ranks of the bundles, evenly spaced in the logarithm where a rank is wide enough."""
    last = N_SINGLE
    for left in range(N_BUNDLES, 0, -1):
        last = max(last + 1, round(last * (N_QUERIES / last) ** (1 / left)))
        yield last


def two_parts() -> list[tuple[str, ...]]:
    """Scene or feature pairs with the noun: the first queries behind the heads."""
    found = [(scene, feature, NOUN) for scene, feature in pairs(SCENES, FEATURES)]
    return by_luck(found)[: N_SINGLE - len(HEADS)]


def three_parts() -> list[tuple[str, ...]]:
    """A scene and two features; each stands for all queries that hold these words."""
    found = [(s, NOUN, *both) for s, both in pairs(SCENES, combinations(FEATURES, 2))]
    return by_luck(found)[:N_BUNDLES]


def by_luck(words: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    return sorted(words, key=lambda parts: uniform("order", *parts))


# --- tables -----------------------------------------------------------------------------------


def query_rows(queries: list[Query]) -> list[dict[str, object]]:
    return [query_row(query) for query in queries] + [junk_row(text) for text in JUNK]


def query_row(query: Query) -> dict[str, object]:
    head, tail = CVR
    cvr = head + (tail - head) * query.depth
    many, few = RIVALS
    luck = partial(lucky, query)
    return {
        "query": query.text,
        "daily_searches": three_digits(query.searches()),
        "rivals": round(many + (few - many) * query.depth, 1),
        "rival_family": "lognormal",
        "rival_scale": round(RIVAL_MEDIAN * luck(RIVAL_SIGMA, "rank"), 2),
        "rival_shape": RIVAL_SHAPE,
        "ctr": three_digits(CTR * luck(CTR_SIGMA, "ctr")),
        "cvr": three_digits(cvr * luck(CVR_SIGMA, "cvr")),
        "query_group": query.text if query.is_head else next(s for s in SCENES if s in query.text),
    }


def lucky(query: Query, sigma: float, name: str) -> float:
    """Tail queries differ; heads stand at their level, so that no lucky word decides the answer."""
    return 1.0 if query.is_head else spread(sigma, name, query.text)


def junk_row(text: str) -> dict[str, object]:
    return {
        "query": text,
        "daily_searches": JUNK_SEARCHES,
        "rivals": RIVALS[1],
        "rival_family": "lognormal",
        "rival_scale": RIVAL_MEDIAN,
        "rival_shape": RIVAL_SHAPE,
        "ctr": JUNK_CTR,
        "cvr": JUNK_CVR,
        "query_group": text,
    }


def keyword_row(query: Query) -> dict[str, object]:
    return {
        "campaign": "head" if query.is_head else "tail",
        "ad_group": "head" if query.is_head else "tail",
        "keyword": query.keyword,
        "match_type": "exact" if query.is_head else "broad",
        "bid": HEAD_BID if query.is_head else TAIL_BID,
        "quality": QUALITY,
        "relevance": 1.0,
        "product": "lamp",
    }


def changed(
    rows: list[dict[str, object]], bid: object = "", status: str = "active"
) -> list[dict[str, object]]:
    """Rows of a plan: the key of each keyword and what changes; an empty cell changes nothing."""
    keys = ("campaign", "ad_group", "keyword", "match_type")
    return [{key: row[key] for key in keys} | {"bid": bid, "status": status} for row in rows]


def plan_tables(rows: list[dict[str, object]]) -> dict[str, list[dict[str, object]]]:
    """The plans by name. Today's has both campaigns."""
    heads = [row for row in rows if row["campaign"] == "head"]
    tail = [row for row in rows if row["campaign"] == "tail"]
    no_head, no_tail = changed(heads, status="paused"), changed(tail, status="paused")
    one_broad = heads[0] | {
        "campaign": "tail",
        "ad_group": "broad",
        "keyword": NOUN,
        "match_type": "broad",
        "bid": TAIL_BID,
        "quality": BROAD_QUALITY,
        "relevance": BROAD_RELEVANCE,
        "status": "active",
    }
    all_paused = [dict.fromkeys(one_broad, "") | row for row in no_head + no_tail]
    return {
        "head": no_tail,
        "tail": no_head,
        "head_low": changed(heads, bid=TAIL_BID) + no_tail,
        "tail_high": changed(tail, bid=HEAD_BID) + no_head,
        "one_broad_word": [one_broad, *all_paused],
    }


def main(folder: Path) -> None:
    queries = list_queries()
    rows = [keyword_row(query) for query in queries]
    write_table(folder / "queries.csv", query_rows(queries))
    write_table(folder / "keywords.csv", rows)
    for name, table in plan_tables(rows).items():
        write_table(folder / "plans" / name / "keywords.csv", table)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
