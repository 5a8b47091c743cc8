"""The reports that can be read: their columns, the names they go by, and their match types.

This is data; `reading.py` applies it. A report is recognized by its columns: it has all the needed
ones of a format. Names are compared without case, spaces and punctuation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class ReportColumn:
    """One column of a report.

    Attributes:
        name: Its name inside adsim.
        meaning: What it holds; ends the sentence "give ...".
        aliases: Other names that a header may have for it.
        default: Value of an absent column; None where the column is needed.
        number: Whether its cells are numbers.
        high: Highest value of a number; the lowest is 0.
        may_be_empty: Whether a cell of a present column may be empty, which means the default.
    """

    name: str
    meaning: str
    aliases: tuple[str, ...] = ()
    default: str | float | None = None
    number: bool = True
    high: float = 1e9
    may_be_empty: bool = False

    @property
    def dtype(self) -> type[pl.DataType]:
        return pl.Float64 if self.number else pl.String


@dataclass(frozen=True)
class ReportFormat:
    """One kind of report.

    Attributes:
        name: As in `--platform`.
        columns: All columns that are used.
        match_types: The report's words for match types, and ours.
        currency: Currency of its money where nobody says otherwise.
    """

    name: str
    columns: tuple[ReportColumn, ...]
    match_types: Mapping[str, str]
    currency: str


MATCH_TYPES = {name: name for name in ("exact", "phrase", "broad")} | {
    "exact match": "exact",
    "phrase match": "phrase",
    "broad match": "broad",
    "精确匹配": "exact",
    "短语匹配": "phrase",
    "切词匹配": "broad",
}

LOSSES = (
    ReportColumn(
        "impression_share",
        "impressions / searches that the keyword was eligible for, as 0.45 or 45%",
        ("Search impr. share", "Impr. share"),
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
            "keyword", "the text of the keyword", ("Search keyword", "关键词"), number=False
        ),
        ReportColumn(
            "match_type", "exact, phrase or broad", ("匹配方式", "匹配类型"), number=False
        ),
        ReportColumn("bid", "the bid for a click, in money", ("Max. CPC", "出价")),
        ReportColumn("impressions", "the impressions", ("Impr.", "展现数", "展现量")),
        ReportColumn("clicks", "the clicks", ("点击数",)),
        ReportColumn("cost", "the money spent", ("Spend", "总费用", "花费")),
        ReportColumn(
            "avg_position",
            "the mean position, 1 = top",
            ("Average position", "Avg. pos.", "平均排名"),
            may_be_empty=True,
        ),
        ReportColumn("conversions", "the orders, 0 if none", ("Orders", "总订单行")),
        ReportColumn("revenue", "the revenue, 0 if none", ("Conv. value", "总订单金额")),
        *LOSSES,
        ReportColumn("account", "the account", ("账户名称",), default="", number=False),
        ReportColumn(
            "campaign", "the campaign", ("推广计划",), default="all keywords", number=False
        ),
        ReportColumn(
            "ad_group", "the ad group", ("推广单元",), default="all keywords", number=False
        ),
    ),
    MATCH_TYPES,
    "CNY",
)

DOUBLECLICK = ReportFormat(
    "doubleclick",
    (
        ReportColumn("account", "the engine account", ("Publisher Name",), number=False),
        ReportColumn("keyword", "the text of the keyword", number=False),
        ReportColumn("match_type", "the engine's match type", number=False),
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
    # Overture's and Yahoo's standard match is exact, their advanced match broad; N/A says nothing.
    {"exact": "exact", "standard": "exact", "broad": "broad", "advanced": "broad", "n/a": "broad"},
    "USD",
)

FORMATS = (DOUBLECLICK, PLAIN)
"""In the order in which they are tried."""
