"""The texts of pages about creatives, in English and Chinese."""

from __future__ import annotations

from adsim.report.texts import Text

CREATIVE_TEXTS = {
    "by_creative": Text("Creative by creative", "按创意"),
    "by_creative_note": Text(
        "Whole window. Shares are of the ad group's impressions. creatives.csv beside this page "
        "has the counts of one history: adsim creative-test says what could be known from them.",
        "整个周期。占比为占推广单元展现的比例。同目录下的 creatives.csv 是其中一次模拟的计数，"
        "可用 adsim creative-test 判断从中能得出什么结论。",
    ),
    "share_by_day": Text("{group}: shares of impressions", "{group}：展现占比"),
    "share_of_impressions": Text("Share of impressions", "展现占比"),
}
