"""The texts of settings tried beside bids and of what ads cause, in English and Chinese."""

from __future__ import annotations

from adsim.report.texts import Text

STRATEGY_TEXTS = {
    # settings
    "varied": Text("Settings tried", "所试的设置"),
    "varied_note": Text(
        "The best plan found at each setting, against today's plan at today's settings and against "
        "the best plan at today's settings, on luck that no search has seen; 95 % intervals. The "
        "first row is today's settings.",
        "每种设置下找到的最优方案，分别与现状（当前设置、当前方案）以及当前设置下的最优方案比较，"
        "所用随机情形均未用于搜索；95% 置信区间。第一行为当前设置。",
    ),
    "state": Text("how found", "如何得到"),
    "state_chosen": Text("chosen", "选中"),
    "state_searched": Text("with trials", "含策略搜索"),
    "state_climbed": Text("closed form", "解析求解"),
    "state_unmet": Text("does not hold what is asked", "不满足要求"),
    "best_here": Text("best plan", "最优方案"),
    "over_today": Text("over today's plan", "比现状"),
    "over_best_today": Text("over the best plan at today's settings", "比当前设置下的最优方案"),
    "answer_step": Text(
        "First set {setting} to {value}: no plan can, and the plan is for that.",
        "请先将 {setting} 设为 {value}：方案无法更改它，并以此为前提。",
    ),
    "set_cap": Text("Frequency cap", "频次上限"),
    "set_cap_days": Text("{cap} in {days} d", "每 {days} 天 {cap} 次"),
    # what ads cause
    "causes_title": Text("{shop}: what the ads cause", "{shop}：广告的增量"),
    "causes_account": Text("The account", "账户"),
    "causes_note": Text(
        "The same searchers with the same luck were met with the ads and without. Caused is the "
        "difference in all orders, those without a click included; attributed is what a report "
        "gives the ads. Lines on bars are 95 % intervals of the mean.",
        "同样的搜索者、同样的随机情形，分别在有广告和没有广告时各模拟一次。增量为全部订单（包括没有点击的"
        "订单）之差；归因为报表计入广告的部分。条上的线为均值的 95% 置信区间。",
    ),
    "attributed": Text("attributed", "归因"),
    "caused": Text("caused", "增量"),
    "causes_by_campaign": Text("Campaign by campaign", "逐个计划"),
    "causes_by_keyword": Text("Keyword by keyword", "逐个关键词"),
    "causes_by_audience": Text("Audience by audience", "逐个人群"),
    "causes_chart": Text("{metric}, attributed and caused", "{metric}：归因与增量"),
    "causes_largest": Text(
        "The chart shows the {count} with the largest attributed profit or loss.",
        "图中为归因盈亏最大的 {count} 个。",
    ),
    "causes_holdout_title": Text("What a holdout tells", "对照组的估计"),
    "truth": Text("truth", "真值"),
    "estimate": Text("estimate", "估计"),
    "answer_caused": Text(
        "The report gives the ads {attributed} orders; they caused {caused} of them ({share}).",
        "报表将 {attributed} 单计入广告；其中由广告带来的增量为 {caused} 单（{share}）。",
    ),
    "answer_caused_profit": Text(
        "Profit is {attributed} by the report and {caused} in truth, 95 % sure between {low} and "
        "{high}, over {window}.",
        "{window}的利润按报表为 {attributed}，实际增量为 {caused}，95% 置信区间 {low} 至 {high}。",
    ),
}
