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
}
