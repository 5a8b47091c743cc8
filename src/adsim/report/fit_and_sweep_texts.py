"""The texts of pages about fits and sweeps, in English and Chinese."""

from __future__ import annotations

from adsim.report.texts import Text

FIT_AND_SWEEP_TEXTS = {
    # fit
    "fit_answer": Text(
        "The scenario gives the report's totals back within {error}.",
        "该场景还原报表总量，误差不超过 {error}。",
    ),
    "fit_tested": Text(
        "Of what was held out, {covered} of {count} totals lie in their 80 % intervals.",
        "留出部分的 {count} 个合计中，有 {covered} 个落在其 80% 预测区间内。",
    ),
    "fit_bids": Text(
        "What other bids bring rests on assumptions about rivals: see what the report cannot tell.",
        "其他出价的效果取决于对竞争者的假设：见“报表无法说明什么”。",
    ),
    "fit_unknown": Text(
        "The report holds too little to compare totals.", "报表内容太少，无法比较总量。"
    ),
    "recovery": Text("Simulated against reported", "模拟与报表对照"),
    "recovery_note": Text(
        "What the fitted scenario gives back under the report's own bids, at fidelity expected.",
        "在报表原有出价下，拟合场景（expected 精度）还原的结果。",
    ),
    "errors": Text("Error by metric and campaign", "各指标、各计划的误差"),
    "errors_note": Text(
        "Simulated / reported - 1. A dot at zero means that the total is given back.",
        "模拟 / 报表 - 1；圆点在零处说明总量被还原。",
    ),
    "reported": Text("reported", "报表"),
    "simulated": Text("simulated", "模拟"),
    "error": Text("error", "误差"),
    "held_out": Text("What it says of keywords it has not seen", "对未见过的关键词的预测"),
    "held_out_note": Text(
        "A part of the keywords was held out and told by a fit to the others. The line is the "
        "80 % interval of the prediction, in parts of what was reported (1 = right); it should "
        "hold 1 for 8 of 10 campaigns and metrics.",
        "留出一部分关键词，由其余关键词拟合的市场来预测。横线为预测的 80% 区间，以报表实际值为 1；"
        "十次中应有八次包含 1。",
    ),
    "held_out_chart": Text("Predicted / reported", "预测 / 报表"),
    "held_out_table": Text("Held-out totals by campaign", "留出部分的合计，按计划"),
    "interval_80": Text("80 % interval", "80% 区间"),
    "covered": Text("covered", "是否包含"),
    "yes": Text("yes", "是"),
    "no": Text("no", "否"),
    "coverage": Text(
        "Single keywords within their 80 % interval", "单个关键词落在其 80% 区间内的比例"
    ),
    "assumptions": Text("What was assumed", "做了哪些假设"),
    "assumptions_note": Text(
        "How the report was read, repaired and completed.",
        "报表是怎样读取、修正和补全的。",
    ),
    "unknowns": Text("What the report cannot tell", "报表无法说明什么"),
    "unknowns_note": Text(
        "What matters most for a plan first, each with what would tell. Until it does, treat a "
        "plan from this market as a test to run, in steps.",
        "对出价方案影响最大的在前，并注明什么可以说明。在此之前，请把用这个市场得到的方案"
        "当作分步测试来用。",
    ),
    "report": Text("Report", "报表"),
    # sweeps
    "sweep_title": Text("Sweep: {names}", "批量模拟：{names}"),
    "scenario": Text("Scenario", "场景"),
    "scenarios": Text("Scenarios", "场景"),
    "settings": Text("Settings varied", "变动的设置"),
    "seeds_count": Text("Seeds", "随机种子数"),
    "tasks_done": Text("Tasks done", "完成的任务"),
    "tasks_failed": Text("Tasks failed", "失败的任务"),
    "sweep_first": Text(
        "{name} mattered most: by itself it explains {share} of the variance of {metric}.",
        "影响最大的是 {name}：单独解释了{metric}方差的 {share}。",
    ),
    "sweep_first_and_luck": Text(
        "{name} mattered most: by itself it explains {share} of the variance of {metric}; luck "
        "explains {luck}.",
        "影响最大的是 {name}：单独解释了{metric}方差的 {share}；随机性占 {luck}。",
    ),
    "sweep_best": Text(
        "The plan “{plan}” earns most in {share} of {count} settings and seeds.",
        "在 {count} 组设置与种子中，方案“{plan}”有 {share} 利润最高。",
    ),
    "sweep_unknown": Text(
        "What mattered most needs a full grid in which something varies; the cells are below.",
        "要判断什么影响最大，需要一个完整且有变动的网格；各组合结果见下。",
    ),
    "effects": Text("What mattered most", "什么影响最大"),
    "effects_chart": Text("Share of the variance of {metric}", "{metric}方差的占比"),
    "effects_note": Text(
        "The variance of profit over the whole grid, split exactly into what each setting brings "
        "by itself, what pairs bring together, what larger groups bring, and luck: the swing "
        "between seeds within a cell. These are Sobol’ indices of a full factorial design. "
        "A total counts all that would be left if every other setting were fixed. Intervals, 95 %, "
        "come from drawing the seeds anew.",
        "整个网格上利润的方差被精确分解为：各设置单独的影响、两两交互、更高阶交互，"
        "以及随机性（同一组合内不同种子之间的波动）。这就是全因子设计的 Sobol’ 指数。"
        "“总占比”指其余设置都固定后仍剩下的部分。95% 区间由对种子重抽样得到。",
    ),
    "effect": Text("Effect", "影响"),
    "share_of_variance": Text("Share", "占比"),
    "total_share": Text("Total", "总占比"),
    "effect_rest": Text("three and more together", "三个及以上的交互"),
    "effect_luck": Text("luck (seeds)", "随机性（种子）"),
    "ranks": Text("How steady the ranks are", "方案排名的稳定性"),
    "ranks_chart": Text("How often a plan has the best {metric}", "方案{metric}最高的比例"),
    "ranks_note": Text(
        "Every plan met the same {count} settings and seeds. “Order kept” is the share of its "
        "comparisons with the other plans that come out as they do on average.",
        "每个方案都经历同样的 {count} 组设置与种子。“次序一致”是它与其他方案的两两比较中，"
        "结果与平均情况相同的比例。",
    ),
    "best_share": Text("Best in", "最优占比"),
    "mean_rank": Text("Mean rank", "平均名次"),
    "order_kept": Text("Order kept", "次序一致"),
    "cells": Text("Every cell", "全部组合"),
    "cells_note": Text(
        "Means over seeds. The gain is profit over that of “{plan}” under the same settings and "
        "the same luck. Intervals hold the mean with 95 % certainty; with one seed there is none.",
        "各种子的均值。“增益”为相同设置、相同随机性下相对“{plan}”的利润差。"
        "区间为均值的 95% 置信区间；只有一个种子时没有区间。",
    ),
    "cells_cut": Text(
        "The {count} cells with the most profit of {all}; summary.csv holds all.",
        "共 {all} 个组合，此处为利润最高的 {count} 个；全部见 summary.csv。",
    ),
    "gain": Text("Gain", "增益"),
    "gain_interval": Text("Interval of the gain", "增益区间"),
}
