"""The texts of pages about categories under many media, in English and Chinese."""

from __future__ import annotations

from adsim.report.texts import Text

MEDIA_TEXTS = {
    "media_title": Text("{name}: what each medium causes", "{name}：各媒体带来了什么"),
    "periods": Text("Periods", "期数"),
    "periods_weeks": Text("{count} weeks", "{count} 周"),
    "periods_days": Text("{count} days", "{count} 天"),
    "persons": Text("Persons", "人数"),
    "measured": Text("Measured", "测量期"),
    "span": Text("{first} to {last}", "{first} 至 {last}"),
    "media_caused": Text("What each medium causes", "各媒体带来了什么"),
    "media_caused_note": Text(
        "Every history is played again without the medium in the measured periods, and with 1 % "
        "more of it, under the same luck; sales count to the end of the run, so that what comes "
        "later is counted. ROAS: revenue caused for each 1 more that is spent on all media.",
        "在同样的随机性下重演每段历史：测量期内去掉该媒体，或多投 1%；销售计至期末，"
        "因此之后发生的也算在内。真实回报：全部媒体每多花 1 带来的销售额。",
    ),
    "media_even_note": Text(
        "The line stands at {even}: there revenue pays for the goods and the ads.",
        "竖线在 {even} 处：销售额恰好抵上商品成本和广告花费。",
    ),
    "media_returns": Text("Revenue for each 1 spent", "每花 1 带来的销售额"),
    "all_of_it": Text("{medium}, all of it", "{medium}，全部"),
    "next_part": Text("{medium}, 1 % more", "{medium}，再多 1%"),
    "reported_part": Text("{medium}, as reported", "{medium}，平台报告"),
    "anyway": Text("What search would have got anyway", "搜索本来就会得到的销售"),
    "anyway_note": Text(
        "A search medium reports the sales of those who have clicked in the same period. Most of "
        "them were about to buy: what it causes is the difference that its absence makes.",
        "搜索媒体报告的是同期点击者的销售。其中许多人本来就要买：它真正带来的，"
        "是去掉它之后少卖的那部分。",
    ),
    "anyway_reported": Text("{medium}, reported", "{medium}，报告"),
    "anyway_caused": Text("{medium}, caused", "{medium}，带来"),
    "units_sold": Text("units", "件"),
    "states_over_time": Text("Shares by state over time", "各状态占比随时间变化"),
    "states_over_time_note": Text(
        "Of all persons, as the sales of a period begin. Left out: those out of the market, those "
        "who are inactive, those whose need is open, and what never changes.",
        "占全部人数的比例，取每期销售开始之前。未画出：不在市、不活跃、需求未满足的人，"
        "以及从不变化的维度。",
    ),
    "share_of_persons": Text("% of persons", "占总人数 %"),
    "media_moved": Text("Whom each medium has moved", "各媒体改变了谁"),
    "media_moved_note": Text(
        "Mean share of persons in the measured periods, with and without the medium; only states "
        "that it has changed.",
        "测量期内平均占比：有该媒体与没有该媒体；只列出被它改变的状态。",
    ),
    "media_moved_chart": Text("Largest changes of shares", "占比变化最大的状态"),
    "sales_over_time": Text("Units sold over time", "销量随时间变化"),
    "sales_over_time_note": Text(
        "Mean of all replications, media as declared.", "各次重复的均值，媒体按设定投放。"
    ),
    "dimension_market": Text("Market", "是否在市"),
    "dimension_satiation": Text("Need", "需求"),
    "dimension_activity": Text("Activity", "活跃"),
    "dimension_favorability": Text("Favorability", "好感"),
    "dimension_loyalty": Text("Loyalty", "忠诚"),
    "dimension_availability": Text("Availability", "可得性"),
    "state_out": Text("out of the market", "不在市"),
    "state_in": Text("in the market", "在市"),
    "state_satiated": Text("need met", "已满足"),
    "state_unsatiated": Text("need open", "未满足"),
    "state_inactive": Text("inactive", "不活跃"),
    "state_exploratory": Text("exploring", "浏览比较"),
    "state_purchase": Text("about to buy", "准备购买"),
    "state_unaware": Text("unaware", "不知道"),
    "state_negative": Text("negative", "反感"),
    "state_neutral": Text("neutral", "中立"),
    "state_somewhat_favorable": Text("somewhat favorable", "较有好感"),
    "state_favorable": Text("favorable", "有好感"),
    "state_switcher": Text("switcher", "摇摆"),
    "state_loyal": Text("loyal", "忠于本品牌"),
    "state_competitor_loyal": Text("loyal to a rival", "忠于竞品"),
    "state_low": Text("low", "低"),
    "state_average": Text("average", "中"),
    "state_high": Text("high", "高"),
}
