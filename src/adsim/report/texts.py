"""The texts of pages about plans, and of the frame of every page, in English and Chinese."""

from __future__ import annotations

from typing import NamedTuple


class Text(NamedTuple):
    """One text in both languages; names in braces are filled in."""

    en: str
    zh: str


PLAN_TEXTS = {
    # the frame
    "html_lang": Text("en", "zh-CN"),
    "contents": Text("Contents", "目录"),
    "recipe": Text("How to repeat this page", "如何重现本页"),
    "recipe_note": Text(
        "The same recipe gives the same numbers, to the last digit, on any number of threads.",
        "同样的配方给出同样的数字，逐位一致，与线程数无关。",
    ),
    "recipe_show": Text("Show the recipe", "展开配方"),
    "footer": Text(
        "Written by adsim {version}. This file is complete: it loads nothing from elsewhere.",
        "由 adsim {version} 生成。本文件自成一体，不加载任何外部内容。",
    ),
    "no_script": Text(
        "Charts need JavaScript; the tables below hold their figures.",
        "图表需要 JavaScript；数字都在下面的表格里。",
    ),
    "filter": Text("Filter", "筛选"),
    "filter_hint": Text("part of a name", "输入名称的一部分"),
    "show_all": Text("Show all {count}", "显示全部 {count} 行"),
    "show_less": Text("Show the first {count}", "只显示前 {count} 行"),
    "rows_shown": Text("{shown} of {count} rows", "{shown} / {count} 行"),
    "between": Text("{low} to {high}", "{low} 至 {high}"),
    "colon": Text("{name}: {text}", "{name}：{text}"),
    # facts
    "shop": Text("Shop", "店铺"),
    "window": Text("Window", "时段"),
    "one_day": Text("1 day, {first}", "{first}，1 天"),
    "days": Text("{count} days, {first} to {last}", "{first} 至 {last}，共 {count} 天"),
    "plans": Text("Plans", "方案"),
    "plan": Text("Plan", "方案"),
    "against": Text("{a} against {b}", "{a} 对比 {b}"),
    "goal": Text("Goal", "目标"),
    "goal_of": Text("most {metric}", "{metric}最大"),
    "goal_least": Text("least {metric}", "{metric}最少"),
    "comma": Text(", ", "，"),
    "space": Text(" ", ""),
    "budget_asked": Text("Budget asked for", "给定预算"),
    "a_day": Text("{amount} {currency} a day", "每天 {amount} {currency}"),
    "fidelity": Text("Fidelity", "模拟精度"),
    "replications": Text("Replications", "重复次数"),
    "seed": Text("Seed", "随机种子"),
    "seeds": Text("{seed}, compared on {fresh}", "{seed}（对比用 {fresh}）"),
    "keywords_count": Text("Keywords", "关键词数"),
    "currency": Text("Currency", "货币"),
    "fidelity_expected": Text(
        "expected: means in closed form, no luck in it, budgets as a fluid",
        "expected：闭式期望值，不含随机性，预算按连续流处理",
    ),
    "fidelity_counts": Text(
        "counts: exact random samples of searches, clicks and orders, hour by hour",
        "counts：逐小时对搜索、点击、订单做精确抽样",
    ),
    "fidelity_events": Text(
        "events: every single search in order of time",
        "events：按时间顺序逐次模拟每一次搜索",
    ),
    "means_expected": Text(
        "Each figure is a mean worked out in closed form; how far one day may lie from it is not "
        "known at this fidelity. Where a budget binds, means are too high, as a fluid does not "
        "know that demand swings: trust counts there.",
        "每个数字都是闭式期望值，这一精度不给出单日波动。预算不够用时期望值偏高，"
        "因为它不知道需求会波动，此时请看 counts。",
    ),
    "means_sampled": Text(
        "Each figure is the mean of {count} independent replications of this window. The range "
        "holds 8 of 10 of them: what one such window may look like.",
        "每个数字是该时段 {count} 次独立重复的均值；区间为 10%–90% 分位，即十次中有八次落在其中。",
    ),
    "means_compared": Text(
        "Both plans met the same searchers with the same luck, {count} times over. The interval "
        "holds the mean difference with 95 % certainty; a single day swings more.",
        "两个方案在同样的搜索和同样的随机性下重复 {count} 次。区间为均值之差的 95% 置信区间；"
        "单日波动会更大。",
    ),
    # names of plans
    "today": Text("today", "现状"),
    "new": Text("new", "新方案"),
    "bound": Text("bound", "上界"),
    "all_campaigns": Text("all campaigns", "全部计划"),
    "account": Text("account", "账户"),
    # titles
    "optimize_title": Text("A better plan for {shop}", "{shop}：更优出价方案"),
    "compare_title": Text("{a} against {b}: {shop}", "{shop}：{a} 对比 {b}"),
    "simulate_title": Text("{shop} under {plan}", "{shop}：{plan}"),
    "fit_title": Text("A market fitted to {shop}", "{shop}：由报表拟合的市场"),
    "headline": Text("The figures", "关键数字"),
    "gains_money": Text("Difference in {currency}", "差额（{currency}）"),
    "gains_rates": Text("Difference in % of {a}", "相对{a}的变化（%）"),
    "gains_note": Text(
        "A dot is the mean difference, its line the 95 % interval. A line that touches zero may "
        "be no difference at all.",
        "圆点为平均差异，横线为 95% 置信区间；横线碰到零线，说明可能没有差异。",
    ),
    "all_metrics": Text("All metrics", "全部指标"),
    "changes": Text("Keyword by keyword", "逐词变化"),
    "changes_note": Text(
        "What each keyword brings under both plans over the window, largest change of {value} "
        "first. {basis} Click a heading to sort.",
        "各关键词在两个方案下整个时段的结果，按{value}变化大小排列。{basis}点击表头可排序。",
    ),
    "basis_expected": Text(
        "Means in closed form, so their sums differ a little from the figures above.",
        "此处为闭式期望值，合计与上面的数字略有差别。",
    ),
    "basis_sampled": Text("Means of the same replications.", "为同一组重复模拟的均值。"),
    "why": Text("Why", "为什么"),
    "campaign_changes": Text("What changes in campaigns", "计划设置的变化"),
    "setting": Text("Setting", "设置"),
    "landscapes": Text("The bids that matter most", "影响最大的关键词"),
    "landscapes_note": Text(
        "What each bid of the keyword would bring on a mean day, all other bids as under “{plan}”. "
        "Budgets are left aside.",
        "该词在不同出价下一个平均日的结果，其余出价按“{plan}”；不考虑预算。",
    ),
    "landscape_moved": Text("bid {a} → {b}", "出价 {a} → {b}"),
    "landscape_at": Text("bid {a}", "出价 {a}"),
    "landscape_chart": Text(
        "{metrics} of {keyword} against its bid, marked at {marks}",
        "{keyword}：{metrics}随出价的变化，标出{marks}",
    ),
    "bid_of": Text("bid, {plan}", "出价：{plan}"),
    "in_unit": Text("{label}, {unit}", "{label}（{unit}）"),
    "where": Text("Campaign · ad group · match", "计划 · 单元 · 匹配"),
    "the_new_plan": Text("The new plan", "新方案"),
    "bid": Text("Bid", "出价"),
    "action": Text("Change", "变化"),
    "raised": Text("raised", "提价"),
    "lowered": Text("lowered", "降价"),
    "paused": Text("paused", "暂停"),
    "off": Text("off", "停"),
    "started": Text("started", "启用"),
    "kept": Text("kept", "不变"),
    "left_paused": Text("stays paused", "仍暂停"),
    "difference": Text("difference", "差异"),
    "interval": Text("95 % interval", "95% 置信区间"),
    "metric": Text("Metric", "指标"),
    "expected_of": Text("{plan}, expected", "{plan}（期望）"),
    "noise_cost": Text("noise costs", "波动损耗"),
    "noise_note": Text(
        "Expected: in closed form, without luck. Noise costs: what random demand and budgets take "
        "from that.",
        "期望：不含随机性的闭式结果。波动损耗：随机需求与预算限制从中拿走的部分。",
    ),
    "range": Text("8 of 10 within", "80% 区间"),
    "hours": Text("Spend over the day against the budget", "一天中的花费与预算"),
    "hours_note": Text(
        "Money spent since midnight on a mean day; the dashed line is the daily budget. A curve "
        "that lies flat on it has run out of money.",
        "平均日零点起的累计花费；虚线为日预算，曲线贴着虚线走平即预算已用完。",
    ),
    "hours_chart": Text(
        "Spend of {campaign} since midnight, by hour", "{campaign}：零点起累计花费，按小时"
    ),
    "hours_more": Text(
        "The {shown} campaigns that spend most, of {count}.",
        "花费最多的 {shown} 个计划，共 {count} 个。",
    ),
    "budget": Text("Daily budget", "日预算"),
    "budget_of": Text("budget {amount}", "预算 {amount}"),
    "unlimited": Text("no limit", "不限"),
    "clock": Text("hour of the day", "时"),
    "spent": Text("spent, {currency}", "已花费（{currency}）"),
    "lost": Text("Where impressions are lost", "展现损失在哪里"),
    "lost_note": Text(
        "Of all searches that own keywords match: shown, lost to rank (bid or quality too low), "
        "lost to budget (no money left or held back) or, where there are caps, to those.",
        "在关键词可参与的全部搜索中：已展现、因排名损失（出价或质量不够）、因预算损失（钱用完或被限速），"
        "设有频控时还有因频控损失。",
    ),
    "shown": Text("shown", "已展现"),
    "lost_to_rank": Text("lost to rank", "排名损失"),
    "lost_to_budget": Text("lost to budget", "预算损失"),
    "lost_to_cap": Text("lost to frequency caps", "频控损失"),
    "share_of_searches": Text("% of eligible searches", "占可参与搜索的 %"),
    "gap": Text("How far from the best", "离最优还有多远"),
    "gap_note": Text(
        "No plan can pass the bound. The new plan is expected to reach {value}; at most {gap} is "
        "left.",
        "任何方案都不可能超过上界。新方案期望达到 {value}，最多还差 {gap}。",
    ),
    "gap_note_below": Text(
        "No plan can do with less than the bound. The new plan is expected to need {value}; at "
        "most {gap} is left.",
        "任何方案都不可能低于下界。新方案期望需要 {value}，最多还能再省 {gap}。",
    ),
    "gap_today": Text(
        "The bound is for bids with today's premiums, coefficients and budgets.",
        "该界限针对现有溢价、系数和预算下的各种出价。",
    ),
    "gap_other": Text(
        "That bound is for bids with the new plan's premiums, coefficients and budgets; that of "
        "the table below is for bids with today's.",
        "该界限针对采用新方案的溢价、系数和预算时的各种出价；下表中的界限则针对现有设置。",
    ),
    "baselines": Text("Beside simple plans", "与简单方案比较"),
    "baselines_note": Text(
        "Simple plans under the same budgets, premiums and coefficients as today, each with its "
        "best single number, all in closed form.",
        "在现有预算、溢价和系数下的简单方案，各取其最好的参数，均为闭式期望值。",
    ),
    "baseline_today": Text("today's bids", "现有出价"),
    "baseline_one_bid": Text("one bid for all keywords", "全部关键词同一出价"),
    "baseline_two_bids": Text("two bids, each for a part of the time", "两个出价，各占一部分时间"),
    "baseline_value_bids": Text("bids by the worth of a click", "按点击价值出价"),
    "baseline_roi_bids": Text("the same return of every keyword", "每个关键词同样的投产比"),
    "baseline_exact": Text("the best bids found", "搜索得到的最好出价"),
    "baseline_bound": Text("bound of all bids", "所有出价的界限"),
    "baseline_new": Text("the new plan, other settings too", "新方案（含其他设置）"),
    "holds": Text("Holds what was asked", "满足要求"),
    "search": Text("What the search tried", "搜索了什么"),
    "search_note": Text(
        "Around the exact bids, the search tried premiums, coefficients, budgets of campaigns and "
        "moves of bids by group: {count} trials, of which {stopped} were stopped early as "
        "hopeless.",
        "在最优出价周围，还试了各计划的溢价、系数、预算以及按组调整出价：共 {count} 次试验，其中 "
        "{stopped} 次因无望提前停止。",
    ),
    "search_missed": Text(
        "{count} trials would not have held what was asked for; they were not played.",
        "{count} 次试验不满足所提的要求，未予运行。",
    ),
    "search_chart": Text("{metric} by trial", "各次试验的{metric}"),
    "search_dots": Text("dot: one trial; line: the best so far", "圆点：一次试验；折线：目前最好"),
    "trial": Text("trial", "试验"),
    "tried": Text("Settings that were tried", "试过的设置"),
    "tried_note": Text(
        "A group's bids are times those of exact bids; × 1.00 and exponent 1.00 change nothing. A "
        "crowd with a premium of 0 % is not used.",
        "按组的出价为最优出价的倍数；× 1.00 和指数 1.00 表示不变。溢价为 0 % 的人群不使用。",
    ),
    "least_tried": Text("least", "最低"),
    "most_tried": Text("most", "最高"),
    "in_best_trial": Text("in the best trial", "最好的试验中"),
    "race": Text("The final race", "最后的比较"),
    "race_note": Text(
        "The best trial of many owes part of its score to luck. So the best few met today's plan "
        "and exact bids alone on luck that the search had not seen; differences and 95 % intervals "
        "are to the winner over the replications that both ran.",
        "众多试验中最好的一次，得分里总有运气。因此最好的几个方案与现状、仅优化出价的方案在搜索"
        "未见过的随机性下再比一次；差异与 95% 置信区间相对胜出方案，按双方都运行过的重复计算。",
    ),
    "in_search": Text("in the search", "搜索中"),
    "fresh_luck": Text("on fresh luck", "全新随机"),
    "to_winner": Text("Against the winner", "相对胜出方案"),
    "winner": Text("{name} (winner)", "{name}（胜出）"),
    "raced_exact": Text("exact bids, today's settings", "最优出价，现有设置"),
    "raced_careful": Text("exact bids that save money", "更节省花费的最优出价"),
    "raced_silent": Text("no ads at all", "完全不投放"),
    "raced_today": Text("today's plan", "现状"),
    "raced_policy": Text("the best trial", "最好的试验"),
    "raced_next": Text("the second best trial", "第二好的试验"),
    "raced_solved": Text("the best trial's settings, exact bids", "最好试验的设置，重新求最优出价"),
    "risk": Text("Risk", "风险"),
    "risk_cvar": Text(
        "{metric} in the worst {percent:g} % of luck",
        "运气最差的 {percent:g}% 情形下的平均{metric}",
    ),
    "risk_loss": Text("Probability of a loss", "亏损概率"),
    "risk_worst": Text("{metric} in the worst scenario", "最差情景下的{metric}"),
    "risk_note_cvar": Text(
        "The plan was chosen for this, not for the mean: trials, race and last test are ranked by "
        "the mean of the worst part of their replications (CVaR). It gives some of the mean for "
        "better bad days.",
        "方案按此选择，而不是按均值：试验、决赛与最后检验都按最差部分重复的均值（CVaR）排序，"
        "即以部分平均收益换取更好的坏情形。",
    ),
    "risk_note_loss": Text(
        "A loss is a profit below 0 over the whole window. Plans that lose more often than asked "
        "for were left out; among the others the mean counts.",
        "亏损指整个周期的利润低于 0。亏损次数超过要求的方案已排除，其余按均值比较。",
    ),
    "risk_note_worst": Text(
        "The plan was chosen for the scenario in which it does worst. Comparisons of all metrics "
        "are means over the scenarios.",
        "方案按其表现最差的情景选择；各项指标的对比为所有情景的均值。",
    ),
    "front": Text("Two goals at once", "两个目标之间的取舍"),
    "front_note": Text(
        "Plans of which none is better in both: whoever wants more of one has to give up some of "
        "the other. Values are of luck that no search has seen, with 95 % intervals; all plans met "
        "the same luck, so that they differ more surely than the intervals show. The plans are in "
        "the folder front.",
        "这些方案中没有一个在两方面都更好：要多得其一，须让出另一部分。数值来自搜索未见过的随机，"
        "附 95% 置信区间；各方案经历相同的随机，因此彼此的差别比区间所示更确定。"
        "方案在 front 文件夹中。",
    ),
    "front_chart": Text("{first} against {second}", "{first} 与 {second}"),
    "front_front": Text("plan {plan}", "方案 {plan}"),
    "front_today": Text("today's plan ({plan})", "现状（{plan}）"),
    "front_recommended": Text("recommended ({plan})", "推荐方案（{plan}）"),
    "risk_asked": Text("at most {share} % asked for", "要求不超过 {share}%"),
    "answer_risk": Text(
        "{what}: {a} today, {b} with the plan found.", "{what}：现状 {a}，找到的方案 {b}。"
    ),
    "scenario": Text("Scenario", "情景"),
    "by_scenario": Text("Scenario by scenario", "逐个情景"),
    "scenarios_note": Text(
        "The plan found against today's in each scenario that it must stand; intervals, 95 %, are "
        "of luck within it.",
        "找到的方案在每个须应对的情景中与现状的对比；95% 置信区间反映该情景内的随机性。",
    ),
    "answer_scenarios": Text(
        "It is better in {better} of the {count} scenarios.",
        "在 {count} 个情景中，有 {better} 个情景里它更好。",
    ),
    "market": Text("Market", "市场"),
    "by_market": Text("Market by market", "逐个市场"),
    "markets_note": Text(
        "The report may come from any of these markets: the plan found against today's in each. "
        "Intervals, 95 %, are of luck within a market; how far the markets lie apart is what the "
        "report leaves open.",
        "报表可能来自其中任何一个市场：此处为找到的方案在各市场中与现状的对比。"
        "95% 置信区间只反映市场内的随机性；各市场之间的差距就是报表无法确定的部分。",
    ),
    "markets": Text("Markets", "市场数"),
    "gap_chart": Text("{metric}: today, new plan and bound", "{metric}：现状、新方案与上界"),
    "by_campaign": Text("Campaign by campaign", "按计划"),
    "by_hour": Text("Hour by hour", "按小时"),
    "by_day": Text("Day by day", "按天"),
    "journey_note": Text(
        "Of all persons, at the beginning of each day; the last is the morning after the last day.",
        "占全部人数的比例，取每天开始之时；最后一点为最后一天之后的早晨。",
    ),
    "journey_rest": Text(
        "The others, {share} on average, are {state}.",
        "其余平均 {share} 处于 {state} 状态。",
    ),
    "range_note": Text(
        "The line is the mean, the band holds 8 of 10 replications.",
        "线为均值，色带为十次中的八次。",
    ),
    "range_chart": Text("{metric} by {group}, with its range", "{metric}：按{group}，含区间"),
    "by_keyword": Text("Keyword by keyword", "按关键词"),
    "by_keyword_note": Text(
        "Largest spend first. Click a heading to sort.", "按花费排列，点击表头可排序。"
    ),
    # answers
    "answer_raises": Text(
        "{plan} raises {metric} by {difference} over {window}: {a} → {b}, 95 % sure between {low} "
        "and {high}.",
        "{plan}使{window}{metric}提高 {difference}：{a} → {b}，95% 置信区间 {low} 至 {high}。",
    ),
    "answer_lowers": Text(
        "{plan} lowers {metric} by {difference} over {window}: {a} → {b}, 95 % sure between {low} "
        "and {high}.",
        "{plan}使{window}{metric}降低 {difference}：{a} → {b}，95% 置信区间 {low} 至 {high}。",
    ),
    "answer_unsure": Text(
        "No sure difference in {metric} over {window}: {a} → {b}, the 95 % interval of the "
        "difference is {low} to {high}.",
        "{window}{metric}没有确定的差异：{a} → {b}，差异的 95% 置信区间为 {low} 至 {high}。",
    ),
    "answer_nothing": Text(
        "There is no {metric} to compare over {window}.", "{window}没有{metric}可供比较。"
    ),
    "answer_unmet": Text(
        "Out of reach: {asked}. This is the nearest plan.",
        "无法达到：{asked}。以下是最接近的方案。",
    ),
    "answer_held": Text(
        "Asked for {asked}: {new} with the new plan (expected: {expected}), {today} today.",
        "要求{asked}：新方案 {new}（期望 {expected}），现状 {today}。",
    ),
    "answer_do": Text("Bids to change: {moves}.", "出价：{moves}。"),
    "do_raised": Text("raise {count}", "提高 {count} 个"),
    "do_lowered": Text("lower {count}", "降低 {count} 个"),
    "do_started": Text("start {count}", "启用 {count} 个"),
    "do_paused": Text("pause {count}", "暂停 {count} 个"),
    "do_kept": Text("keep {count}", "不变 {count} 个"),
    "answer_settings": Text(
        "Settings of campaigns to change: {count}, listed below.",
        "另修改计划设置 {count} 项，列在下面。",
    ),
    "answer_plan": Text(
        "The folder plan beside this page holds them all.", "全部改动在本页旁的 plan 文件夹中。"
    ),
    "answer_markets": Text(
        "It is better in {better} of the {count} markets that the report may come from.",
        "在报表可能对应的 {count} 个市场中，有 {better} 个市场里它更好。",
    ),
    "answer_caution": Text("Caution: {told}.", "注意：{told}。"),
    "answer_keep": Text(
        "Keep today's plan: no plan was found that is surely better.",
        "保持现状：没有找到确定更好的方案。",
    ),
    "answer_same": Text(
        "Both plans do the same: {metric} {b} over {window}.",
        "两个方案没有差别：{window}{metric} {b}。",
    ),
    "answer_spend": Text(
        "Spend {a} → {b}, ROI {roi_a} → {roi_b}.", "花费 {a} → {b}，投产比 {roi_a} → {roi_b}。"
    ),
    "answer_run": Text(
        "The account spends {spend} over {window} and sells {revenue} in {orders} orders: profit "
        "{profit}, ROI {roi}.",
        "{window}账户花费 {spend}，带来 {orders} 单、订单金额 {revenue}："
        "利润 {profit}，投产比 {roi}。",
    ),
    "answer_run_range": Text(
        "In 8 of 10 such windows profit lies between {low} and {high}.",
        "十次中有八次，利润在 {low} 至 {high} 之间。",
    ),
    "window_day": Text("the day", "当天"),
    "window_days": Text("{count} days", " {count} 天"),
    # settings of campaigns
    "set_budget": Text("Daily budget", "日预算"),
    "set_delivery": Text("Delivery", "投放方式"),
    "accelerated": Text("accelerated", "加速投放"),
    "standard": Text("standard", "匀速投放"),
    "set_premium": Text("Premium of {name}", "人群溢价：{name}"),
    "set_device": Text("Coefficient of {name}", "设备系数：{name}"),
    "set_hours": Text("Hour coefficients", "分时系数"),
    "weekdays": Text("Mon Tue Wed Thu Fri Sat Sun", "周一 周二 周三 周四 周五 周六 周日"),
    "hour_span": Text("{first}–{last} h × {factor}", "{first}–{last} 时 × {factor}"),
    # match types
    "exact": Text("exact", "精确匹配"),
    "phrase": Text("phrase", "短语匹配"),
    "broad": Text("broad", "广泛匹配"),
}
