"""Every sentence about a test or a plan of one, in English and Chinese, with places for values."""

from __future__ import annotations

from collections.abc import Callable

from adsim.errors import CreativeError, Problem
from adsim.results.heads import LANGUAGES, Lang

Say = Callable[..., str]

TEXTS = {
    "and": (" and ", "、"),
    "of_test": ("{name}: {line}", "{name}：{line}"),
    "ctr": ("click rate", "点击率"),
    "carts": ("carts a click", "加购率"),
    "cvr": ("orders a click", "转化率"),
    "orders": ("orders an impression", "每次展现的订单数"),
    "revenue": ("revenue an impression", "每次展现的成交额"),
    "roi": ("ROI", "投产比"),
    "count_clicks": ("clicks", "点击"),
    "count_carts": ("carts", "加购"),
    "count_orders": ("orders", "订单"),
    "single": (
        "There is only one creative, {leader}: nothing to compare it with.",
        "只有一个创意 {leader}，没有可比较的对象。",
    ),
    "nothing": (
        "Go on: there are no {counts} yet, so that nothing tells the creatives apart.",
        "继续测试：还没有任何{counts}，分不出创意的好坏。",
    ),
    "tie": (
        "Go on: {leaders} are equal so far, and stopping now and taking one of them would cost "
        "{loss} of the {measure} on average, more than {limit}.",
        "继续测试：{leaders} 目前不分上下；现在停下并任选其一，平均会损失{measure}的 {loss}，"
        "超过 {limit}。",
    ),
    "go_on": (
        "Go on: {leader} leads and is the best with probability {best}, but stopping now and "
        "taking it would cost {loss} of the {measure} on average, more than {limit}.",
        "继续测试：{leader} 领先，是最好的概率为 {best}；但现在停下并选它，平均会损失{measure}的 "
        "{loss}，超过 {limit}。",
    ),
    "no_difference": (
        "Stop, there is no difference that matters: whichever is taken costs {loss} of the "
        "{measure} on average, no more than {limit}.",
        "可以停止，没有值得在意的差别：无论选哪个，平均损失{measure}的 {loss}，不超过 {limit}。",
    ),
    "take": (
        "Stop and take {leader}: it is the best with probability {best}, and taking it costs "
        "{loss} of the {measure} on average, no more than {limit}.",
        "可以停止，选 {leader}：它是最好的概率为 {best}，选它平均损失{measure}的 {loss}，"
        "不超过 {limit}。",
    ),
    "as_good": (" {names} would do as well.", "选 {names} 也一样。"),
    "untested": (
        "That {leader} is better than all others cannot be tested: counts are missing.",
        "无法检验 {leader} 是否优于其他所有创意：数据不足。",
    ),
    "proven": (
        "That {leader} is better than all others is proven at a familywise error of {alpha} "
        "(p = {p}, for one look at the planned end).",
        "{leader} 优于其他所有创意：已证实（总错误率 {alpha}，p = {p}，只在计划的终点看一次）。",
    ),
    "not_proven": (
        "That {leader} is better than all others is not proven at a familywise error of {alpha} "
        "(p = {p}, for one look at the planned end).",
        "{leader} 优于其他所有创意：未证实（总错误率 {alpha}，p = {p}，只在计划的终点看一次）。",
    ),
    "not_proven_but": (
        "That {leader} is better than all others is not proven at a familywise error of {alpha} "
        "(p = {p}, for one look at the planned end), but being wrong would cost little.",
        "{leader} 优于其他所有创意：未证实（总错误率 {alpha}，p = {p}，只在计划的终点看一次），"
        "但选错的代价很小。",
    ),
    "aim": (
        "a lift of {lift} over all others (power {power}, familywise error {alpha})",
        "“比其他所有创意高 {lift}”（功效 {power}，总错误率 {alpha}）",
    ),
    "unknown_need": (
        "How many impressions {aim} needs cannot be told from these counts.",
        "从这些数据无法得知，要发现{aim}需要多少展现。",
    ),
    "need": (
        "To find {aim} each creative needs {needed} impressions: {missing} more for the one shown "
        "least.",
        "要发现{aim}，每个创意需要 {needed} 次展现：展现最少的还差 {missing} 次。",
    ),
    "need_met": (
        "To find {aim} each creative needs {needed} impressions: all have them.",
        "要发现{aim}，每个创意需要 {needed} 次展现：都已达到。",
    ),
    "uneven": (
        "Warning: impressions were not equal (up to {imbalance} from their mean, {p}): some "
        "creatives were shown at other hours, places or to other people than others, and rates "
        "may differ for that reason alone; show all equally often at the same time.",
        "警告：展现不均（与平均值最多相差 {imbalance}，{p}）：有的创意在别的时段、位置或人群中"
        "展现，仅此就会使比率不同；请让所有创意在同一时间得到同样多的展现。",
    ),
    "intervals": (
        "Intervals are 95 %: of rates Jeffreys' (each creative alone), of lifts with that prior.",
        "区间均为 95 %：比率用 Jeffreys 区间（各创意单独计算），提升用上述先验。",
    ),
    "revenues": (
        "Revenue is a compound Poisson-Gamma: orders at random, values of orders that vary by "
        "{order_cv:g} of their mean (--order-cv); costs are as they were.",
        "成交额按复合泊松-伽马计算：订单随机到来，客单价的变异系数为 {order_cv:g}（--order-cv）；"
        "花费照实际计。",
    ),
    "encoding": (
        "The file is not UTF-8: it was read as {encoding}.",
        "文件不是 UTF-8 编码：按 {encoding} 读取。",
    ),
    "sheet": ("Of the workbook's sheets {sheet} was read.", "工作簿中读取的是工作表 {sheet}。"),
    "above": (
        "Lines above the header that were left out: {count}.",
        "略去表头以上的行数：{count}。",
    ),
    "totals": ("Rows that add up others, left out: {count}.", "略去合计行：{count} 行。"),
    "ignored": ("Nothing was made of the columns {names}.", "以下各列未被使用：{names}。"),
    "flat": (
        "Every creative was taken alone (flat prior, Jeffreys): with many creatives the luckiest "
        "one looks better than it is.",
        "各创意单独计算（平坦先验，Jeffreys）：创意很多时，运气最好的那个看起来会比实际更好。",
    ),
    "prior": (
        "Rates are drawn towards those of the test's other creatives: beforehand they differ by "
        "{spread:.3g} (standard deviation of the logarithm, in some tests less, in others more), "
        "{how}.",
        "比率向同一测试的其他创意靠拢：事先认为它们相差 {spread:.3g}（对数的标准差，各测试"
        "有大有小），{how}。",
    ),
    "published": (
        "measured on click rates of 4,873 randomized headline tests (Upworthy)",
        "取自 4,873 个随机标题测试的点击率（Upworthy）",
    ),
    "borrowed": (
        "measured on click rates of 4,873 randomized headline tests (Upworthy) and taken for this "
        "goal, too",
        "取自 4,873 个随机标题测试的点击率（Upworthy），对本目标也采用此值",
    ),
    "table": (
        "estimated from this table by maximum likelihood",
        "由本表用最大似然估计",
    ),
    "given": ("as given", "按给定值"),
    "plan": (
        "{creatives} creatives with {each} impressions each ({impressions} in all, about {clicks} "
        "clicks{spend}{days}) find one whose {measure} is {lift} above {rate} and above all "
        "others' with chance {power}.",
        "{creatives} 个创意各 {each} 次展现（合计 {impressions} 次，约 {clicks} 次点击"
        "{spend}{days}），能以 {power} 的概率找出{measure}比 {rate} 及其他所有创意高 {lift} 的"
        "那一个。",
    ),
    "plan_spend": (", {spend} of money", "，花费 {spend}"),
    "plan_days": (", {days} days", "，{days} 天"),
    "plan_test": (
        "The test at the end: the leader against each other creative, two proportions, two-sided "
        "at {alpha}; the chance of naming one that is not better than all others is no more than "
        "that, however many creatives there are (Gutmann and Maymin 1987).",
        "终点的检验：领先者与每个其他创意各作两比例双侧检验，水平 {alpha}；无论有多少创意，"
        "选出并非最好者的概率都不超过它（Gutmann and Maymin 1987）。",
    ),
    "plan_rule": (
        "Show all creatives equally often at the same times, and look once, at the end.",
        "让所有创意在同一时间得到同样多的展现，并且只在终点看一次结果。",
    ),
}


def speaker(lang: Lang) -> Say:
    """What says a text in a language; raises CreativeError where it is neither en nor zh."""
    if lang not in LANGUAGES:
        rule = f"must be {' or '.join(LANGUAGES)}"
        raise CreativeError(Problem("lang", rule, f"is {lang!r}", "choose one of them"))
    place = LANGUAGES.index(lang)

    def say(key: str, **values: object) -> str:
        return TEXTS[key][place].format(**values)

    return say
