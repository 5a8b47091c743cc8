"""Every column of every result: its name, unit, dtype, formula and labels, in one place.

A run leaves integer tallies (`FIELDS`); all that a table shows is computed from them by the
`plus`, `minus` and `per` of a `Column`. Adding a column to the results means adding one line here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FIELDS = (
    "searches",
    "eligible",
    "impressions",
    "clicks",
    "carts",
    "orders",
    "spend",
    "revenue",
    "goods_cost",
    "position_sum",
    "lost_to_rank",
    "lost_to_budget",
    "organic_orders",
    "organic_revenue",
    "organic_goods_cost",
    "lost_to_cap",
)
"""The last axis of a run's tallies, in this order."""

MONEY_FIELDS = frozenset(
    {"spend", "revenue", "goods_cost", "organic_revenue", "organic_goods_cost"}
)
"""Fields that are tallied in micros (millionths of the currency unit)."""

Unit = Literal["label", "count", "money", "share", "ratio", "position"]


@dataclass(frozen=True)
class Column:
    """One column: `(sum of plus - sum of minus) / per`, where `plus`, `minus`, `per` are fields.

    A column without `per` is a total (mean over replications of the run's totals), one with `per`
    a rate (ratio of sums over replications; null where the denominator is 0), one without `plus`
    a label that names the group, or a figure that comes from no tally. `share` is a part of 1,
    `ratio` a multiple, `position` counts from 1, `money` is in currency units.
    """

    name: str
    unit: Unit
    formula: str
    zh: str
    en: str
    plus: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()
    per: str | None = None
    dtype: str = "Float64"

    @property
    def divisor(self) -> int:
        """What turns micros into currency units: 1 where numerator and denominator agree."""
        in_micros = bool(MONEY_FIELDS.intersection(self.plus))
        return 1_000_000 if in_micros and self.per not in MONEY_FIELDS else 1


def _label(name: str, meaning: str, zh: str, en: str, dtype: str = "String") -> Column:
    return Column(name, "label", meaning, zh, en, dtype=dtype)


GROUP_COLUMNS = (
    _label("campaign", "campaign of the own keyword", "推广计划", "Campaign"),
    _label("ad_group", "ad group of the own keyword", "推广单元", "Ad group"),
    _label("keyword", "own keyword that a search counts for", "关键词", "Keyword"),
    _label("match_type", "exact, phrase or broad", "匹配方式", "Match type"),
    _label("query", "what the searcher typed", "搜索词", "Query"),
    _label("audience", "crowds that the searcher is in, joined by +", "人群", "Audience"),
    _label("device", "device of the search", "设备", "Device"),
    _label("day", "date of the search, ISO 8601", "日期", "Day"),
    _label("hour", "hour of the search, 0 to 23", "小时", "Hour", dtype="Int64"),
)

_GOODS_AND_SPEND = ("goods_cost", "spend")

VALUE_COLUMNS = (
    Column("searches", "count", "all searches", "搜索量", "Searches", ("searches",)),
    Column(
        "eligible",
        "count",
        "searches for which an active own keyword matches, with every coefficient above 0",
        "可参竞搜索量",
        "Eligible",
        ("eligible",),
    ),
    Column(
        "impressions", "count", "times an ad was shown", "展现数", "Impressions", ("impressions",)
    ),
    Column("clicks", "count", "clicks on shown ads", "点击数", "Clicks", ("clicks",)),
    Column("carts", "count", "clicks that put goods in the cart", "加购数", "Carts", ("carts",)),
    Column("orders", "count", "clicks that became orders", "订单行", "Orders", ("orders",)),
    Column("spend", "money", "sum of the charges of all clicks", "花费", "Spend", ("spend",)),
    Column(
        "revenue", "money", "sum of the prices of all orders", "订单金额", "Revenue", ("revenue",)
    ),
    Column(
        "profit",
        "money",
        "revenue - orders x unit cost - spend",
        "利润",
        "Profit",
        ("revenue",),
        _GOODS_AND_SPEND,
    ),
    Column("ctr", "share", "clicks / impressions", "点击率", "CTR", ("clicks",), per="impressions"),
    Column("cpc", "money", "spend / clicks", "平均点击成本", "CPC", ("spend",), per="clicks"),
    Column("cvr", "share", "orders / clicks", "转化率", "CVR", ("orders",), per="clicks"),
    Column("cpa", "money", "spend / orders", "订单成本", "CPA", ("spend",), per="orders"),
    Column("roi", "ratio", "revenue / spend", "投产比", "ROI", ("revenue",), per="spend"),
    Column(
        "profit_roi",
        "ratio",
        "profit / spend",
        "利润投产比",
        "Profit ROI",
        ("revenue",),
        _GOODS_AND_SPEND,
        "spend",
    ),
    Column(
        "avg_position",
        "position",
        "mean position over impressions, 1 = top",
        "平均排名",
        "Average position",
        ("position_sum",),
        per="impressions",
    ),
    Column(
        "impression_share",
        "share",
        "impressions / eligible",
        "展现份额",
        "Impression share",
        ("impressions",),
        per="eligible",
    ),
    Column(
        "lost_to_rank",
        "share",
        "eligible searches lost below the reserve, the floor or the last slot / eligible",
        "排名损失份额",
        "Lost to rank",
        ("lost_to_rank",),
        per="eligible",
    ),
    Column(
        "lost_to_budget",
        "share",
        "eligible searches lost because money was out or held back / eligible",
        "预算损失份额",
        "Lost to budget",
        ("lost_to_budget",),
        per="eligible",
    ),
)

RISK_COLUMNS = (
    Column(
        "profit_cvar",
        "money",
        "mean profit of the worst tenth of replications (CVaR)",
        "最差 10% 的平均利润",
        "Profit in the worst tenth",
    ),
    Column(
        "loss_probability",
        "share",
        "replications with a profit below 0 / all",
        "亏损概率",
        "Probability of a loss",
    ),
)
"""What comparisons add; computed in `results.risk` from the tallies of whole replications."""

ORGANIC_COLUMNS = (
    Column(
        "organic_orders",
        "count",
        "orders of searches without a click on the own ad",
        "自然订单",
        "Organic orders",
        ("organic_orders",),
    ),
    Column(
        "organic_revenue",
        "money",
        "sum of the prices of those orders",
        "自然订单金额",
        "Organic revenue",
        ("organic_revenue",),
    ),
)
"""What reports of a scenario with organic orders have beside the others; profit and returns are
those of orders after a click."""

ALL_ORDERS = ("orders", "organic_orders")
ALL_REVENUE = ("revenue", "organic_revenue")
ALL_COSTS = ("goods_cost", "organic_goods_cost", "spend")
CAUSED = (
    Column("caused_orders", "count", "all orders", "增量订单", "Orders caused", ALL_ORDERS),
    Column(
        "caused_revenue",
        "money",
        "sum of their prices",
        "增量订单金额",
        "Revenue caused",
        ALL_REVENUE,
    ),
    Column(
        "caused_profit",
        "money",
        "caused_revenue - their goods - spend",
        "增量利润",
        "Profit caused",
        ALL_REVENUE,
        ALL_COSTS,
    ),
    Column(
        "caused_roi", "ratio", "caused_revenue / spend", "增量投产比", "ROI caused", ALL_REVENUE,
        per="spend",
    ),
)  # fmt: skip
"""What ads cause, of the difference of two histories: with them and without. All orders count."""

CAUSED_COLUMNS = (
    Column("caused_share", "share", "caused / attributed", "增量占比", "Caused"),
    Column("covered", "share", "intervals that hold the truth / all", "覆盖率", "Covered"),
)
"""What tables of caused orders add; computed in `results.caused`."""

CAP_COLUMNS = (
    Column(
        "lost_to_cap",
        "share",
        "eligible searches lost because the person had seen enough / eligible",
        "频控损失份额",
        "Lost to cap",
        ("lost_to_cap",),
        per="eligible",
    ),
)
"""What reports of plans with frequency caps have beside the others."""

CREATIVE_COLUMNS = (
    Column("cart_rate", "share", "carts / clicks", "加购率", "Cart rate"),
    Column("order_rate", "share", "orders / impressions", "每展现订单", "Orders an impression"),
    Column("revenue_rate", "money", "revenue / impressions", "每展现金额", "Revenue an impression"),
    Column("p_best", "share", "probability of being the best", "最优概率", "P(best)"),
    Column(
        "loss_share",
        "share",
        "expected loss of stopping now and choosing it / expected best",
        "停测损失",
        "Loss if taken",
    ),
    Column("lift", "share", "value / that of the control or the best other - 1", "提升", "Lift"),
    Column(
        "impressions_to_go",
        "count",
        "impressions still needed for the lift asked for",
        "还需展现",
        "Impressions to go",
    ),
    _label("creative", "name of the creative", "创意", "Creative"),
    Column("won", "share", "replications in which it has won its test / all", "胜出", "Won"),
    Column("impressions_each", "count", "impressions of each creative", "每组展现", "Each"),
    Column("days", "count", "days of a test", "天数", "Days"),
)
"""What tests of creatives add; computed in `creatives`, not from tallies."""

MEDIA_COLUMNS = (
    _label("medium", "name of the medium", "媒体", "Medium"),
    _label("dimension", "dimension of a person's state", "维度", "Dimension"),
    Column("reached", "count", "persons reached, summed over periods", "触达人次", "Reached"),
    Column("moved", "count", "persons moved, summed over periods", "转变人次", "Moved"),
    Column("sales_caused", "count", "units sold - without the medium", "带来销量", "Sales caused"),
    Column("revenue_caused", "money", "revenue - without it", "带来销售额", "Revenue caused"),
    Column("spend_caused", "money", "spend of all media - without it", "多花", "Spend caused"),
    Column("roas", "ratio", "revenue_caused / spend_caused", "真实回报", "ROAS"),
    Column("marginal_roas", "ratio", "the same of 1 % more", "边际回报", "Marginal ROAS"),
    Column("sales_reported", "count", "units bought by those who clicked", "报告销量", "Reported"),
    Column("roas_reported", "ratio", "their value / spend", "报告回报", "ROAS reported"),
    Column("share", "share", "persons / all", "占比", "Share"),
    Column("share_without", "share", "share without the medium", "无该媒体时占比", "Without it"),
    Column("share_moved", "share", "share - share_without", "改变", "Moved by it"),
    Column("in_market", "share", "persons in the market / all", "在市占比", "In the market"),
    Column("buyers", "count", "persons who buy ours", "购买人数", "Buyers"),
    Column("units", "count", "units of ours sold", "销量", "Units"),
    Column("rival_buyers", "count", "persons who buy a rival's", "买竞品人数", "Rival buyers"),
)
"""What categories under media add; computed in `media`, not from tallies."""

GAME_COLUMNS = (
    _label("advertiser", "name of the advertiser", "广告主", "Advertiser"),
    _label("class", "class of queries", "查询类", "Class"),
    _label("state", "state of users", "状态", "State"),
    _label("game", "number of the game", "局", "Game", dtype="Int64"),
    _label("maker", "maker specialty", "专长品牌", "Maker"),
    _label("component", "component specialty", "专长品类", "Component"),
    Column("slot", "count", "slot of the page, 1 = top", "广告位", "Slot", dtype="Int64"),
    Column("capacity", "count", "sales at the full CVR", "产能", "Capacity", dtype="Int64"),
    Column("promoted", "count", "promoted slots", "推广位数", "Promoted", dtype="Int64"),
    Column("squashing", "ratio", "chi of effect^chi x bid", "质量指数", "Squashing"),
)
"""What ad auctions games add; computed in `game`, not from tallies."""

CROWD_COLUMNS = (
    _label("crowd", "name of the crowd", "人群", "Crowd"),
    _label("seed", "crowd whose likes are looked for", "种子人群", "Seed"),
    _label("trait", "column of the population", "标签", "Trait"),
    _label("value", "value of the trait; deciles by their least value", "标签值", "Value"),
    Column("size", "share", "part of the population that is asked for", "扩展比例", "Size"),
    Column("persons", "count", "persons in the crowd or group", "人数", "Persons", dtype="Int64"),
    Column("persons_share", "share", "persons / population", "人数占比", "Share of persons"),
    Column("searches_share", "share", "its searches / all", "搜索占比", "Share of searches"),
    Column("ctr_factor", "ratio", "its CTR / that of all", "点击率倍数", "CTR factor"),
    Column("cvr_factor", "ratio", "its CVR / that of all", "转化率倍数", "CVR factor"),
    Column("cvr_factor_told", "ratio", "1 + 2.1 (100 size)^-0.41", "参考倍数", "CVR factor told"),
    Column("crowd_share", "share", "persons with the value / crowd", "人群内占比", "In crowd"),
    Column("population_share", "share", "those / population", "总体占比", "In population"),
    Column("index", "ratio", "100 x crowd_share / population_share", "TGI", "Index"),
)

TIMES = 10
"""Persons with so many impressions or more are counted together."""

REACH_COLUMNS = (
    Column("scale", "ratio", "factor on all bids", "出价倍数", "Scale of bids"),
    Column("reached", "count", "persons with an impression or more", "触达人数", "Reached"),
    Column("reach", "share", "reached / persons", "触达率", "Reach"),
    Column("frequency", "ratio", "impressions / reached", "平均频次", "Mean frequency"),
    Column("reached_to_date", "count", "those from the first day on", "累计触达", "Reached so far"),
    *(
        Column(f"times_{k}", "count", f"persons with {k} impressions", f"{k} 次", f"{k} times")
        for k in range(1, TIMES)
    ),
    Column(
        f"times_{TIMES}",
        "count",
        f"persons with {TIMES} impressions or more",
        f"{TIMES} 次及以上",
        f"{TIMES} times or more",
    ),
    Column("cost_per_person", "money", "spend / reached", "人均成本", "Cost a person"),
    Column(
        "marginal_cost_per_person",
        "money",
        "spend more than at the scale before / persons more",
        "新增人均成本",
        "Cost of one more",
    ),
)
"""What tables of reach add; computed in `simulate.reaching` from impressions."""

FIT_COLUMNS = (
    Column("campaigns_covered", "share", "those inside their interval / all", "计划", "Campaigns"),
    Column("keywords_covered", "share", "those inside their interval / all", "关键词", "Keywords"),
)
"""What a fit says of the rows that it held out."""

_TABLES = (
    GROUP_COLUMNS,
    VALUE_COLUMNS,
    ORGANIC_COLUMNS,
    CAUSED,
    CAUSED_COLUMNS,
    CAP_COLUMNS,
    RISK_COLUMNS,
    CREATIVE_COLUMNS,
    MEDIA_COLUMNS,
    GAME_COLUMNS,
    FIT_COLUMNS,
    CROWD_COLUMNS,
    REACH_COLUMNS,
)
COLUMNS = {column.name: column for table in _TABLES for column in table}
"""Every column by name, in the order of the tables."""

GROUPS = {
    "campaign": ("campaign",),
    "ad_group": ("campaign", "ad_group"),
    "keyword": ("campaign", "ad_group", "keyword", "match_type"),
    "query": ("query",),
    "audience": ("audience",),
    "device": ("device",),
    "day": ("day",),
    "hour": ("hour",),
}
"""What a table can be grouped by, and the columns that each grouping brings."""


def group_columns(by: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """Columns of a grouping, each once, in the order of the registry."""
    asked = {column for group in by for column in GROUPS[group]}
    return tuple(column.name for column in GROUP_COLUMNS if column.name in asked)
