"""Write the tables of scenarios/kuaiche_daily.

    python -m tools.make_kuaiche_daily [FOLDER]

Words and levels go in; queries.csv, keywords.csv, negatives.csv and rival_tables.csv come out, the
same bytes each time. The products must be those of scenario.toml, which holds prices and budgets.
Sources and grades of every level: scenarios/kuaiche_daily/sources.csv.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product as pairs
from pathlib import Path

from tools.drawing import (
    SCENARIOS,
    between,
    log_between,
    split_words,
    spread,
    three_digits,
    uniform,
    write_table,
)

HERE = SCENARIOS / "kuaiche_daily"

# --- levels: turn these to tune the shop ------------------------------------------------------

OWN_BRAND = "澄屿"
OTHER_BRAND = "岚派"

ZIPF_EXPONENT = 0.9
TOP_SEARCHES = 7000.0  # a day, of the most searched query
TAIL_SEARCHES = (1.7, 45.0)  # three-part queries, log-uniform
RARE_SEARCHES = (0.05, 1.6)  # four-part queries, under 50 a month, log-uniform
N_TAIL, N_RARE = 16, 50  # queries a product

CTR_SIGMA, CVR_SIGMA, RIVAL_SIGMA = 0.42, 0.35, 0.30  # spread of a level over queries (log)
RIVAL_SHAPE = 0.85  # sigma of one rival's ad rank within a query
THIN_SHAPE = 2.31  # beta of the log-logistic for thinly contested queries
RIVAL_QUALITY = 6.0


@dataclass(frozen=True)
class Kind:
    """Levels of one kind of query; cvr and rank are multiples of the product's own level."""

    volume: float
    ctr: float
    cvr: float
    rivals: tuple[float, float]
    rank: float


KINDS = {
    "head": Kind(1.0, 0.045, 1.0, (8, 15), 1.3),
    "brand": Kind(0.006, 0.110, 2.2, (1, 3), 0.50),
    "middle": Kind(0.060, 0.055, 1.35, (4, 8), 1.35),
    "event": Kind(0.050, 0.055, 1.2, (6, 10), 1.30),
    "other_brand": Kind(0.080, 0.020, 0.5, (3, 6), 0.90),
    "service": Kind(0.030, 0.015, 0.1, (1, 2), 0.40),
    "tail": Kind(0.0, 0.060, 2.5, (1.5, 3), 1.10),
    "rare": Kind(0.0, 0.060, 2.5, (1, 2), 1.00),
}


@dataclass(frozen=True)
class Words:
    """How people ask for one product, how much, and what rivals pay for it."""

    noun: str
    synonyms: tuple[str, ...]
    scenes: tuple[str, ...]
    features: tuple[str, ...]
    volume: float
    head_cvr: float
    head_price: float  # yuan a click on the head word
    bids: str  # which of today's bid cards the shop uses


PRODUCTS = {
    "air_purifier": Words(
        "空气净化器",
        split_words("净化器 空气净化机"),
        split_words("家用 卧室 办公室 母婴 宠物家庭 新房"),
        split_words("除甲醛 除烟味 静音 除过敏原 大面积 负离子 除细菌 除宠物毛"),
        volume=1.0,
        head_cvr=0.0100,
        head_price=4.5,
        bids="high",
    ),
    "robot_vacuum": Words(
        "扫地机器人",
        split_words("扫地机 智能扫地机器人"),
        split_words("家用 大户型 小户型 宠物家庭 办公室 租房"),
        split_words("扫拖一体 自动集尘 超薄 自清洁 激光导航 静音 大吸力 热风烘干"),
        volume=1.2,
        head_cvr=0.0080,
        head_price=5.0,
        bids="high",
    ),
    "vacuum": Words(
        "吸尘器",
        split_words("手持吸尘器 无线吸尘器"),
        split_words("家用 宿舍 地毯 床上 宠物家庭 大户型"),
        split_words("大吸力 静音 除螨 轻便 长续航 吸拖一体 防缠绕 可水洗"),
        volume=0.9,
        head_cvr=0.0105,
        head_price=4.0,
        bids="high",
    ),
    "rice_cooker": Words(
        "电饭煲",
        split_words("电饭锅 智能电饭煲"),
        split_words("家用 宿舍 一人用 三口之家 大家庭 老人"),
        split_words("低糖 球釜 ih加热 不粘 预约 柴火饭 不锈钢内胆 多功能"),
        volume=1.0,
        head_cvr=0.0140,
        head_price=2.6,
        bids="middle",
    ),
    "blender": Words(
        "破壁机",
        split_words("破壁料理机 豆浆破壁机"),
        split_words("家用 宝宝辅食 早餐 一人食 三口之家 老人"),
        split_words("静音 免洗 全自动 加热 隔音罩 免过滤 大容量 可预约"),
        volume=0.7,
        head_cvr=0.0130,
        head_price=2.6,
        bids="middle",
    ),
    "air_fryer": Words(
        "空气炸锅",
        split_words("空气电炸锅 空气炸锅烤箱"),
        split_words("家用 一人用 宿舍 三口之家 大家庭 小厨房"),
        split_words("可视 大容量 不用翻面 蒸烤一体 双热源 易清洗 触屏 无油"),
        volume=0.9,
        head_cvr=0.0165,
        head_price=2.1,
        bids="middle",
    ),
    "humidifier": Words(
        "加湿器",
        split_words("空气加湿器 香薰加湿器"),
        split_words("家用 卧室 办公室 母婴 婴儿房 宿舍"),
        split_words("静音 大容量 上加水 无雾 大雾量 恒湿 除菌 桌面"),
        volume=0.7,
        head_cvr=0.0170,
        head_price=2.0,
        bids="middle",
    ),
    "kettle": Words(
        "电热水壶",
        split_words("烧水壶 热水壶"),
        split_words("家用 宿舍 办公室 旅行 母婴 老人"),
        split_words("保温 恒温 304不锈钢 大容量 静音 防烫 便携 调奶"),
        volume=0.7,
        head_cvr=0.0210,
        head_price=1.2,
        bids="low",
    ),
}
ASKS = split_words("推荐 哪款好 性价比高 排行榜 新款 评测 多少钱 小型")
SHOP_WORDS = (OWN_BRAND, OWN_BRAND + "旗舰店", OWN_BRAND + "家电")
SERVICE_WORDS = split_words("二手 维修 租赁 配件 怎么清洗")
NEGATIVE_WORDS = split_words("二手 维修 租赁 以租代买 回收")
TEST_PRODUCT = "air_fryer"
TABLE_PRODUCT = "kettle"

# --- today's plan: flat bids a tier, as people set them ---------------------------------------

BID_CARDS = {  # yuan: head, brand, phrase, broad, event
    "high": {"head": 8.0, "brand": 2.0, "phrase": 3.2, "broad": 2.0, "event": 5.0},
    "middle": {"head": 4.5, "brand": 2.0, "phrase": 2.0, "broad": 1.3, "event": 3.0},
    "low": {"head": 2.3, "brand": 1.0, "phrase": 1.1, "broad": 0.9, "event": 1.5},
}
TEST_BID = 1.8
BID_STEP = 0.1
FORGOTTEN, OVEREAGER = (0.15, 0.5), (0.10, 1.7)  # share of keywords, factor on the card's bid
RELEVANCE = {"exact": 1.0, "phrase": 0.85, "broad": 0.55}
QUALITY = {"brand": 9.0, "head": 8.0, "phrase": 6.2, "broad": 5.2, "event": 6.0, "test": 5.0}
QUALITY_SIGMA = 0.12
EVENT_CREATIVE = 1.15  # a promotion badge on the picture
TEST_CREATIVES = {"a": 0.784, "b": 0.932, "c": 1.073, "d": 1.275}  # four normal scores x .236

# One rival's ad rank, in medians: quantiles of the market price of iPinYou 1458 (train).
ROUND_BIDS = (
    (0.0, 0.10), (0.05, 0.17), (0.10, 0.26), (0.25, 0.38), (0.50, 1.0), (0.75, 1.51),
    (0.90, 2.60), (0.95, 3.72), (0.99, 5.06), (1.0, 5.66),
)  # fmt: skip


# --- queries ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Query:
    text: str
    kind: str
    product: str


def middle_texts(words: Words) -> list[str]:
    """Two-part queries: a scene before the noun, a feature before or after it."""
    return phrase_texts(words) + [feature + words.noun for feature in words.features[1::2]]


def phrase_texts(words: Words) -> list[str]:
    """The two-part queries that the shop takes as they stand; the others it leaves to broad."""
    scenes = [scene + words.noun for scene in words.scenes]
    return scenes + [words.noun + feature for feature in words.features[::2]]


def tail_parts(words: Words) -> list[tuple[str, str]]:
    """The scenes and features that are asked for together, chosen by their names."""
    both = list(pairs(words.scenes, words.features))
    return sorted(both, key=lambda part: uniform("tail", words.noun, *part))[:N_TAIL]


def tail_texts(words: Words) -> list[str]:
    orders = ("{n}{s}{f}", "{s}{n}{f}", "{n}{s}{f}")
    return [
        orders[i % 3].format(s=scene, n=words.noun, f=feature)
        for i, (scene, feature) in enumerate(tail_parts(words))
    ]


def rare_texts(words: Words) -> list[str]:
    """Four-part queries and questions; most of what is ever typed looks like this."""
    n = words.noun
    texts = [f"{s}{n}{f}{a}" for s, f, a in _triples(words.scenes, words.features, ASKS)]
    texts += [f"{s}{f}{n}{g}" for s, f, g in _triples(words.scenes, words.features, words.features)]
    texts += [f"{n}{f}{a}" for f, a in pairs(words.features, ASKS)]
    texts += [f"{s}{n}{a}" for s, a in pairs(words.scenes, ASKS)]
    return sorted(texts, key=lambda text: uniform("rare", text))[:N_RARE]


def _triples(*lists: Iterable[str]) -> Iterator[tuple[str, ...]]:
    return (part for part in pairs(*lists) if len(set(part)) == len(part))


def brand_texts(words: Words) -> list[str]:
    n = words.noun
    return [OWN_BRAND + n, OWN_BRAND + words.synonyms[0], OWN_BRAND + n + words.features[0]]


def event_texts(words: Words) -> list[str]:
    n = words.noun
    return ["618" + n, n + "618", n + "优惠", n + "国补", n + "以旧换新"]


def service_texts(words: Words) -> list[str]:
    """They hold a phrase that the shop bids on, so only negatives keep them out."""
    return [s + words.noun + word for s, word in zip(words.scenes, SERVICE_WORDS, strict=False)]


def list_queries() -> list[Query]:
    texts = {word: Query(word, "brand", "") for word in SHOP_WORDS}
    for name, words in PRODUCTS.items():
        by_kind = {
            "head": [words.noun, *words.synonyms],
            "brand": brand_texts(words),
            "middle": middle_texts(words),
            "event": event_texts(words),
            "other_brand": [OTHER_BRAND + words.noun, OTHER_BRAND + words.noun + "怎么样"],
            "service": service_texts(words),
            "tail": tail_texts(words),
            "rare": rare_texts(words),
        }
        for kind, found in by_kind.items():
            for text in found:
                texts.setdefault(text, Query(text, kind, name))
    return list(texts.values())


def popularity(query: Query) -> float:
    """Decides the rank among the listed queries; the volume itself follows Zipf's law."""
    words = PRODUCTS.get(query.product)
    volume = KINDS[query.kind].volume * (words.volume if words else 1.0)
    if words and query.text in words.synonyms:
        volume *= 0.45 / (1 + words.synonyms.index(query.text))
    return volume * spread(0.3, "popularity", query.text)


def daily_searches(queries: list[Query]) -> dict[str, float]:
    """Zipf for the listed queries, log-uniform samples of the tail behind them."""
    listed = sorted((q for q in queries if KINDS[q.kind].volume), key=popularity, reverse=True)
    found = {q.text: TOP_SEARCHES / (i + 1) ** ZIPF_EXPONENT for i, q in enumerate(listed)}
    bounds = {"tail": TAIL_SEARCHES, "rare": RARE_SEARCHES}
    for query in queries:
        if query.kind in bounds:
            found[query.text] = log_between(bounds[query.kind], "searches", query.text)
    return found


def rival_columns(query: Query) -> dict[str, object]:
    kind, words = KINDS[query.kind], PRODUCTS.get(query.product)
    n_rivals = between(kind.rivals, "rivals", query.text)
    price = words.head_price if words else BID_CARDS["middle"]["brand"]
    # the head price is paid near the top; the median of about ten rivals lies near .6 of it
    scale = 0.6 * price * RIVAL_QUALITY * kind.rank * spread(RIVAL_SIGMA, "rank", query.text)
    family, shape = "lognormal", RIVAL_SHAPE
    if kind.rivals[1] <= 3:
        family, shape = "loglogistic", THIN_SHAPE
    columns = {"rivals": round(n_rivals, 1), "rival_family": family}
    if query.kind == "head" and query.product == TABLE_PRODUCT:
        return columns | {"rival_family": "table:round_bids", "rival_scale": "", "rival_shape": ""}
    return columns | {"rival_scale": round(scale, 2), "rival_shape": shape}


def query_rows(queries: list[Query]) -> list[dict[str, object]]:
    searches = daily_searches(queries)
    rows = []
    for query in sorted(queries, key=lambda q: -searches[q.text]):
        kind, words = KINDS[query.kind], PRODUCTS.get(query.product)
        head_cvr = words.head_cvr if words else 0.012
        # the tail of a product rises and falls with its head word
        group = words.noun if words and query.kind in ("tail", "rare") else query.text
        rows.append(
            {"query": query.text, "daily_searches": three_digits(searches[query.text])}
            | rival_columns(query)
            | {
                "ctr": three_digits(kind.ctr * spread(CTR_SIGMA, "ctr", query.text)),
                "cvr": three_digits(head_cvr * kind.cvr * spread(CVR_SIGMA, "cvr", query.text)),
                "query_group": group,
            }
        )
    return rows


# --- the account ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """One keyword before its numbers: where it stands and which bid card it follows."""

    campaign: str
    ad_group: str
    keyword: str
    match_type: str
    tier: str
    product: str


def core_entries(name: str, words: Words) -> Iterator[Entry]:
    for text in (words.noun, *words.synonyms):
        yield Entry("core", name, text, "exact", "head", name)
    for text in brand_texts(words):
        yield Entry("core", "brand", text, "exact", "brand", name)


def long_tail_entries(name: str, words: Words) -> Iterator[Entry]:
    for text in phrase_texts(words):
        yield Entry("long_tail", name + "_phrase", text, "phrase", "phrase", name)
    for text in broad_texts(words):
        yield Entry("long_tail", name + "_broad", text, "broad", "broad", name)


def broad_texts(words: Words) -> list[str]:
    """Broad keywords are written with spaces between their words."""
    features = [f"{feature} {words.noun}" for feature in words.features[1::2]]
    asks = [f"{words.noun} {ask}" for ask in ASKS[:6]]
    return features + asks + [f"{s} {words.noun} {f}" for s, f in tail_parts(words)[:15]]


def event_entries(name: str, words: Words) -> Iterator[Entry]:
    for text in event_texts(words)[2:]:
        yield Entry("event", name, text, "phrase", "event", name)
    yield Entry("event", name, "618 " + words.noun, "broad", "event", name)


def test_entries(name: str, words: Words) -> Iterator[Entry]:
    """The creatives under test share out the keywords in turn: each query sees one creative."""
    texts = [(t, "exact") for t in phrase_texts(words)]
    texts += [(t, "broad") for t in broad_texts(words)]
    for i, (text, match_type) in enumerate(texts):
        creative = list(TEST_CREATIVES)[i % len(TEST_CREATIVES)]
        yield Entry("test", "creative_" + creative, text, match_type, "test", name)


def list_entries(first_product: str) -> Iterator[Entry]:
    for word in SHOP_WORDS:
        yield Entry("core", "brand", word, "exact", "brand", first_product)
    for name, words in PRODUCTS.items():
        yield from core_entries(name, words)
    for name, words in PRODUCTS.items():
        yield from (test_entries if name == TEST_PRODUCT else long_tail_entries)(name, words)
    for name, words in PRODUCTS.items():
        yield from event_entries(name, words)


def todays_bid(entry: Entry) -> float:
    """The card's bid, which some keywords never got and others got twice."""
    card = BID_CARDS[PRODUCTS[entry.product].bids]
    bid = TEST_BID if entry.tier == "test" else card[entry.tier]
    mood = uniform("mood", entry.campaign, entry.keyword)
    if entry.tier in ("phrase", "broad", "event"):
        if mood < FORGOTTEN[0]:
            bid *= FORGOTTEN[1]
        elif mood > 1 - OVEREAGER[0]:
            bid *= OVEREAGER[1]
    return round(max(bid, BID_STEP) / BID_STEP) * BID_STEP


def keyword_row(entry: Entry) -> dict[str, object]:
    quality = QUALITY[entry.tier] * spread(QUALITY_SIGMA, "quality", entry.campaign, entry.keyword)
    creative = EVENT_CREATIVE if entry.campaign == "event" else 1.0
    if entry.campaign == "test":
        creative = TEST_CREATIVES[entry.ad_group[-1]]
    return {
        "campaign": entry.campaign,
        "ad_group": entry.ad_group,
        "keyword": entry.keyword,
        "match_type": entry.match_type,
        "bid": f"{todays_bid(entry):.1f}",
        "quality": f"{min(max(quality, 1.0), 10.0):.1f}",
        "relevance": RELEVANCE[entry.match_type],
        "product": entry.product,
        "creative": creative,
        "status": "active",
    }


def negative_rows(entries: list[Entry]) -> list[dict[str, object]]:
    groups = dict.fromkeys(
        (e.campaign, e.ad_group) for e in entries if e.campaign in ("long_tail", "event")
    )
    return [
        {"campaign": campaign, "ad_group": ad_group, "keyword": word, "match_type": "phrase"}
        for campaign, ad_group in groups
        for word in NEGATIVE_WORDS
    ]


def table_rows() -> list[dict[str, object]]:
    median = 0.6 * PRODUCTS[TABLE_PRODUCT].head_price * RIVAL_QUALITY
    return [
        {"name": "round_bids", "probability": p, "ad_rank": round(x * median, 3)}
        for p, x in ROUND_BIDS
    ]


# --- files ------------------------------------------------------------------------------------


def main(folder: Path) -> None:
    declared = tomllib.loads((HERE / "scenario.toml").read_text(encoding="utf-8"))["products"]
    names = [product["name"] for product in declared]
    if names != list(PRODUCTS):
        raise SystemExit(f"scenario.toml sells {names}, but this script knows {list(PRODUCTS)}")
    write_table(folder / "queries.csv", query_rows(list_queries()))
    entries = list(list_entries(names[0]))
    write_table(folder / "keywords.csv", [keyword_row(entry) for entry in entries])
    write_table(folder / "negatives.csv", negative_rows(entries))
    write_table(folder / "rival_tables.csv", table_rows())


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
