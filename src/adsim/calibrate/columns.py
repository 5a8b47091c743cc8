"""The reports that can be read: their columns, the names they go by, and their match types.

This is data; `reading.py` applies it. A report is recognized by its columns: it has all the needed
ones of a format.
"""

from __future__ import annotations

from dataclasses import dataclass

from adsim.scenario.reported import (
    CLICK_NAMES,
    IMPRESSION_NAMES,
    ORDER_NAMES,
    REVENUE_NAMES,
    SPEND_NAMES,
    ReportColumn,
)

KEY = ("campaign", "ad_group", "keyword", "match_type")
"""What makes a keyword."""


@dataclass(frozen=True)
class ReportFormat:
    """One kind of report.

    Attributes:
        name: As in `--platform`.
        columns: All columns that are used.
        currency: Currency of its money where nobody says otherwise.
    """

    name: str
    columns: tuple[ReportColumn, ...]
    currency: str


CHINESE_MATCH_TYPES = {
    "exact": ("精确", "精准", "完全"),
    "phrase": ("短语", "词组"),
    "broad": ("切词", "广泛"),
}
MATCH_TYPES = {
    name: ours
    for ours, chinese in CHINESE_MATCH_TYPES.items()
    for name in (ours, f"{ours} match", *chinese, *(f"{word}匹配" for word in chinese))
}

LOSSES = (
    ReportColumn(
        "impression_share",
        "impressions / searches that the keyword was eligible for, as 0.45 or 45%",
        ("Search impr. share", "Impr. share", "展现份额"),
        default=0.0,
        high=1.0,
        may_be_empty=True,
    ),
    ReportColumn(
        "lost_to_budget",
        "the share of eligible searches lost to the budget, as 0.1 or 10%",
        ("Search lost IS (budget)",),
        default=0.0,
        high=1.0,
        may_be_empty=True,
    ),
)

PLAIN = ReportFormat(
    "plain",
    (
        ReportColumn(
            "keyword",
            "the text of the keyword",
            ("Search keyword", "Keyword text", "关键词", "关键词名称", "竞价词"),
            number=False,
        ),
        ReportColumn(
            "match_type",
            "exact, phrase or broad",
            ("Match", "匹配方式", "匹配类型", "匹配模式"),
            default="exact",
            number=False,
            words=MATCH_TYPES,
        ),
        ReportColumn(
            "bid",
            "the bid for a click, in money",
            ("Max. CPC", "Keyword bid", "出价", "关键词出价"),
            default=0.0,
            may_be_empty=True,
        ),
        ReportColumn("impressions", "the impressions", IMPRESSION_NAMES),
        ReportColumn("clicks", "the clicks", CLICK_NAMES),
        ReportColumn("cost", "the money spent", SPEND_NAMES),
        ReportColumn(
            "avg_position",
            "the mean position, 1 = top",
            ("Average position", "Avg. pos.", "平均排名", "平均展现排名"),
            default=0.0,
            may_be_empty=True,
        ),
        ReportColumn("conversions", "the orders, 0 if none", ORDER_NAMES),
        ReportColumn("revenue", "the revenue, 0 if none", REVENUE_NAMES),
        *LOSSES,
        ReportColumn(
            "day",
            "the day of the row, as 2025-06-01, in every row or in none",
            ("Date", "日期"),
            default="",
            number=False,
            may_be_empty=True,
        ),
        ReportColumn(
            "currency",
            "the currency of all money, as CNY",
            ("Currency code", "币种", "货币代码"),
            default="",
            number=False,
            may_be_empty=True,
        ),
        ReportColumn("account", "the account", ("账户名称",), default="", number=False),
        ReportColumn(
            "campaign",
            "the campaign",
            (
                "Campaign name",
                "推广计划",
                "推广计划名称",
                "计划",
                "计划名称",
                "广告系列",
                "广告活动",
            ),
            default="all keywords",
            number=False,
        ),
        ReportColumn(
            "ad_group",
            "the ad group",
            ("Ad group name", "推广单元", "推广单元名称", "单元", "单元名称", "广告组"),
            default="all keywords",
            number=False,
        ),
    ),
    "CNY",
)

# Overture's and Yahoo's standard match is exact, their advanced match broad; N/A says nothing.
ENGINE_MATCH_TYPES = {
    "exact": "exact",
    "standard": "exact",
    "broad": "broad",
    "advanced": "broad",
    "n/a": "broad",
}

DOUBLECLICK = ReportFormat(
    "doubleclick",
    (
        ReportColumn("account", "the engine account", ("Publisher Name",), number=False),
        ReportColumn("keyword", "the text of the keyword", number=False),
        ReportColumn(
            "match_type", "the engine's match type", number=False, words=ENGINE_MATCH_TYPES
        ),
        ReportColumn("campaign", "the campaign", number=False),
        ReportColumn("ad_group", "the keyword group", ("Keyword Group",), number=False),
        ReportColumn("bid", "the bid for a click, in money", ("Search Engine Bid",)),
        ReportColumn("clicks", "the clicks"),
        ReportColumn("impressions", "the impressions"),
        ReportColumn("avg_position", "the mean position, 1 = top", ("Avg. Pos.",)),
        ReportColumn("revenue", "the revenue, 0 if none", ("Amount",)),
        ReportColumn("cost", "the money spent", ("Total Cost",)),
        ReportColumn("conversions", "the bookings, 0 if none", ("Total Volume of Bookings",)),
        *LOSSES,
    ),
    "USD",
)

FORMATS = (DOUBLECLICK, PLAIN)
"""In the order in which they are tried."""
