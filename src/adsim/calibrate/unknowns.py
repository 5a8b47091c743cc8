"""What a report cannot tell, and what would: sentences in English and Chinese."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args

import polars as pl

from adsim.calibrate.fitting import Fitted
from adsim.calibrate.options import Options
from adsim.calibrate.repairing import Repaired
from adsim.errors import Problem, ReportError

Lang = Literal["en", "zh"]
LANGUAGES: tuple[Lang, ...] = get_args(Lang)

FEW_ORDERS = 10  # of a row whose order rate is little more than that of its group

SENTENCES: dict[str, tuple[str, str]] = {
    "shares": (
        "How many searches were missed is unknown in {rows:,} of {all:,} rows, so the {slots} ad "
        "slots of a page and the impressions that other bids bring are guesses: the column "
        "impression_share tells.",
        "{all:,} 行中有 {rows:,} 行不知道错过了多少次搜索，因此每页 {slots} 个广告位以及其他"
        "出价会带来多少展现都只是猜测：impression_share（展现份额）一列可以说明。",
    ),
    "one_bid": (
        "Each keyword was seen at one bid: what other bids bring follows from the spread of rivals "
        "that was {how} (sigma {sigma:g}). Reports before and after the bids of a random half of "
        "the keywords were changed by 20 to 30 % tell.",
        "每个关键词只在一个出价下被观察：其他出价的效果取决于{how}的竞争者离散程度"
        "（sigma {sigma:g}）。随机选一半关键词把出价改变 20 % 至 30 %，改变前后的两份"
        "报表可以说明。",
    ),
    "assumed": ("assumed", "假定"),
    "given": ("given", "给定"),
    "shocks": (
        "Totals do not show how demand swings from day to day: it is taken as steady, so single "
        "periods vary more than they seem to, and budgets end earlier. A report by day tells; its "
        "variation is demand.shock_cv of scenario.toml.",
        "总数看不出需求每天的波动：这里按平稳处理，因此实际各时期的差异更大，预算也会更早用完。"
        "按天的报表可以说明；其变异系数即 scenario.toml 中的 demand.shock_cv。",
    ),
    "days": (
        "How many days the report covers is unknown: nothing is known a day; --days tells.",
        "报表覆盖多少天未知，因此无法得到每天的数值：--days 可以说明。",
    ),
    "quality": (
        "Quality is not in the report: it is taken as 1, so bids stand for ad ranks, and what "
        "better ads would bring in rank and price cannot be told. The platform's quality scores "
        "tell.",
        "报表中没有质量分：按 1 处理，即以出价代表排序分，更好的广告在排名和价格上的"
        "好处无从得知。平台的质量分可以说明。",
    ),
    "position": (
        "A position is a mean: always 2, or half 1 and half 3, looks the same. Shares of top "
        "positions tell.",
        "平均排名只是均值：一直第 2 名，与一半第 1 名、一半第 3 名，看起来一样。"
        "首位展现占比可以说明。",
    ),
    "orders": (
        "{rows:,} of {all:,} rows with clicks have fewer than {few} orders: their order rate is "
        "mostly that of their group. A longer report tells.",
        "有点击的 {all:,} 行中有 {rows:,} 行的订单少于 {few} 个：其转化率主要来自"
        "所在的组。更长时间的报表可以说明。",
    ),
    "later_bids": (
        "The bids of {rows:,} rows are below their cost per click, so they were set later: under "
        "which bids the clicks came is unknown there. Bids averaged over the report's time tell.",
        "{rows:,} 行的出价低于平均点击花费，说明是之后才设置的：这些点击来自什么出价"
        "未知。报表期间的平均出价可以说明。",
    ),
    "margin": (
        "What an order leaves after the cost of goods is not in the report: profit is revenue less "
        "ad cost. --margin tells.",
        "报表中没有商品成本：利润按成交额减广告花费计算。--margin 可以说明。",
    ),
    "overlap": (
        "Which keywords compete for the same searches is unknown: none are taken to. A report of "
        "search terms tells.",
        "哪些关键词争夺相同的搜索未知：按互不争夺处理。搜索词报表可以说明。",
    ),
    "budgets": (
        "Whether budgets ended is not in the report: all losses are taken as lost to rank. The "
        "column lost_to_budget tells.",
        "报表中看不出预算是否用完：所有损失都按排名损失处理。"
        "lost_to_budget（预算损失份额）一列可以说明。",
    ),
}
"""By key: the English and the Chinese sentence; both have the same places."""


@dataclass(frozen=True)
class Unknown:
    """One thing that a report cannot tell, and what would.

    Attributes:
        key: Of `SENTENCES`.
        values: Of the places in the sentence; a value may be an Unknown itself.
    """

    key: str
    values: dict[str, Any]

    def tell(self, lang: Lang = "en") -> str:
        """The sentence in a language; raises ReportError where it is neither en nor zh."""
        if lang not in LANGUAGES:
            rule = f"must be {' or '.join(LANGUAGES)}"
            raise ReportError(Problem("lang", rule, f"is {lang!r}", "choose one of them"))
        told = {
            name: value.tell(lang) if isinstance(value, Unknown) else value
            for name, value in self.values.items()
        }
        return SENTENCES[self.key][LANGUAGES.index(lang)].format(**told)


def list_unknowns(repaired: Repaired, fitted: Fitted, options: Options) -> Iterator[Unknown]:
    """What this report leaves open, what matters most for a plan first."""
    rows = repaired.rows
    untold = rows.filter(pl.col("impression_share") <= 0).height
    if untold:
        yield _unknown("shares", rows=untold, all=rows.height, slots=fitted.slots)
    how = _unknown("assumed" if options.rival_sigma is None else "given")
    yield _unknown("one_bid", how=how, sigma=options.sigma)
    if options.start is None:
        yield _unknown("shocks")
    if options.days is None:
        yield _unknown("days")
    if options.margin is None:
        yield _unknown("margin")
    clicked = rows.filter(pl.col("clicks") > 0)
    few = clicked.filter(pl.col("conversions") < FEW_ORDERS).height
    if few:
        yield _unknown("orders", rows=few, all=clicked.height, few=FEW_ORDERS)
    if repaired.raised_bids:
        yield _unknown("later_bids", rows=repaired.raised_bids)
    if not (rows["lost_to_budget"] > 0).any():
        yield _unknown("budgets")
    yield from map(_unknown, ("quality", "position", "overlap"))


def _unknown(key: str, **values: Any) -> Unknown:
    return Unknown(key, values)
