"""Every sentence of an answer, in English and in Chinese, with places for its values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from adsim.results.heads import LANGUAGES, Lang
from adsim.results.registry import COLUMNS

MONEY_ZH = {"CNY": "元", "USD": "美元", "EUR": "欧元", "JPY": "日元", "HKD": "港元"}

SENTENCES: dict[str, tuple[str, str]] = {
    "money": ("{value:,.2f} {money}", "{value:,.2f} {money}"),
    "money_signed": ("{value:+,.2f} {money}", "{value:+,.2f} {money}"),
    "number": ("{value:,.2f}", "{value:,.2f}"),
    "number_signed": ("{value:+,.2f}", "{value:+,.2f}"),
    "the_day": ("the day", "当天"),
    "days": ("{days} days", "{days} 天"),
    "campaign": ("campaign {name}", "计划“{name}”"),
    "the_account": ("the account", "账户"),
    "the_budget": ("the budget", "预算"),
    "todays_spend": ("today's spend", "当前花费"),
    "caution": ("caution: {line}", "注意：{line}"),
    "fitted": (
        "the market was fitted to a report: gain and bound hold if the fit is right, and the 95 % "
        "interval speaks of luck only",
        "市场由报表拟合而来：收益和上限以拟合正确为前提，95 % 置信区间只反映随机波动",
    ),
    "free_goods": (
        "goods cost nothing in this market, so that all revenue counts as profit and bids come out "
        "too high; fit again with --margin 40%, say, or give unit_cost in scenario.toml",
        "这个市场里商品没有成本，订单金额全部算作利润，出价会偏高；请加 --margin 40%（按你的"
        "毛利率）重新拟合，或在 scenario.toml 中填写 unit_cost",
    ),
    "far_bids": (
        "{far} of {count} bids go below half or above twice the only one that the report has of "
        "their keyword, where how rivals are spread {how}; {cure}",
        "{count} 个出价中有 {far} 个低于报表中该关键词唯一出价的一半或高于其两倍，那里竞争者的"
        "离散程度{how}；{cure}",
    ),
    "spread_assumed": ("is assumed, not seen", "只是假定，并未观察到"),
    "spread_given": ("was given to the fit, not seen", "是拟合时给定的，并未观察到"),
    "steps": (
        "go there in steps: --limits FILE with the column change_max and 30% in it first",
        "请分步调整：先用 --limits 文件，其中 change_max 列填 30%",
    ),
    "steps_or_markets": (
        "go there in steps (--limits FILE with the column change_max and 30% in it first), or ask "
        "for a plan that many fitted markets bear out (adsim fit --markets 8, then adsim optimize "
        "--markets 8)",
        "请分步调整（先用 --limits 文件，其中 change_max 列填 30%），或求一个在多个拟合市场中都成立"
        "的方案（adsim fit --markets 8，再 adsim optimize --markets 8）",
    ),
    "same_budget": (
        "compared with today's bids under the same {budget} a day",
        "与当前出价在同样的日预算 {budget} 下比较",
    ),
    "unmet": (
        "no plan found has the {metric} of {asked}: the nearest has {nearest} {value} (revenue "
        "{revenue}, spend {spend}), and no plan does better than {bound}",
        "没有找到{metric}达到 {asked} 的方案：最接近的{nearest}为 {value}"
        "（订单金额 {revenue}，花费 {spend}），任何方案都不会好于 {bound}",
    ),
    "today_breaks": (
        "today's bids do not hold what was asked for, so they are no answer",
        "当前出价不满足所提的要求，因此不能作为答案",
    ),
    "held": (
        "{metric}: asked for {asked}, expected {expected}, with noise {counted}",
        "{metric}：要求 {asked}，期望 {expected}，计入随机波动为 {counted}",
    ),
    "looser_target": (
        "the target of {metric} binds: one percent looser would bring {gain}",
        "{metric}目标起约束：放宽 1 % 可带来 {gain}",
    ),
    "slack_target": (
        "the target of {metric} does not bind: the best plan holds it anyway",
        "{metric}目标不起约束：最好的方案本来就满足",
    ),
    "one_percent_more": (
        "one percent more {metric} would cost {cost} more",
        "{metric}再多 1 % 需要多花 {cost}",
    ),
    "limit_binds": (
        "{where} ({rules}) keeps better bids from its keywords ({count}): without it about {gain} "
        "a window, most for {keyword} ({bid:g}, would be {better:g})",
        "{where}（{rules}）使 {count} 个关键词不能用更好的出价：去掉后每期约 {gain}，"
        "影响最大的是 {keyword}（{bid:g}，否则为 {better:g}）",
    ),
    "baselines": (
        "{metric} under the same budgets and limits: {rows}",
        "同样的预算与限制下的{metric}：{rows}",
    ),
    "today": ("today {value}", "当前 {value}"),
    "one_bid": ("one bid for all {value}", "统一出价 {value}"),
    "two_bids": ("two bids in turn {value}", "两种统一出价轮换 {value}"),
    "value_bids": ("bids by value {value}", "按价值出价 {value}"),
    "roi_bids": ("bids by ROI {value}", "按 ROI 出价 {value}"),
    "found": ("exact bids {value}", "仅优化出价 {value}"),
    "none_holds": ("none", "无"),
    "list": ("{first}, {rest}", "{first}，{rest}"),
    "bound_below": (
        "expected {value}; no plan can do with less than {bound}: at most {percent} % is left",
        "期望值 {value}；任何方案都不会低于 {bound}：最多还有 {percent} % 的空间",
    ),
    "changes": (
        "bids: {raised}, {lowered}, {paused} paused, {kept} kept",
        "出价：{raised}，{lowered}，暂停 {paused} 个，不变 {kept} 个",
    ),
    "raised": ("{count} raised{by}", "提高 {count} 个{by}"),
    "lowered": ("{count} lowered{by}", "降低 {count} 个{by}"),
    "median": (" (median {percent:+.0f} %)", "（中位数 {percent:+.0f} %）"),
    "nothing": ("", ""),
    "stay_paused": (
        "keywords that are paused today and stay paused: {count}",
        "当前已暂停的 {count} 个关键词保持暂停",
    ),
    "change": (
        "  {keyword} ({match_type}, {campaign}): {today:g} to {new}; {metric} {value} for spend "
        "{spend}",
        "  {keyword}（{match_type}，{campaign}）：{today:g} 改为 {new}；{metric} {value}，"
        "花费 {spend}",
    ),
    "bid": ("{bid:g}", "{bid:g}"),
    "no_bid": ("no bid", "不出价"),
    "exact": ("exact", "精确匹配"),
    "phrase": ("phrase", "短语匹配"),
    "broad": ("broad", "广泛匹配"),
    "more_changes": (
        "  and {count} more in changes.csv (expected, over {window})",
        "  另有 {count} 个见 changes.csv（{window}的期望值）",
    ),
    "gain": (
        "{metric}: {a} today, {b} with the plan over {window}; difference {difference}, "
        "95 % sure between {low} and {high}",
        "{metric}：当前 {a}，采用方案 {b}（{window}）；相差 {difference}，"
        "95 % 置信区间 {low} 至 {high}",
    ),
    "tested": (
        "tested on {count} of at most {most} replications, of luck that no search has seen: the "
        "difference is known to within {percent:.1f} % of itself",
        "在搜索从未见过的随机性上检验了 {count} 次重复（最多 {most} 次）：相差值的误差在其 "
        "{percent:.1f} % 以内",
    ),
    "risk": (
        "profit in the worst tenth of luck: {a} today, {b} with the plan; money is lost in "
        "{lost_a} of {count} replications today, in {lost_b} with the plan",
        "运气最差的十分之一情形下的平均利润：当前 {a}，采用方案 {b}；{count} 次重复中亏损次数："
        "当前 {lost_a}，采用方案 {lost_b}",
    ),
    "causes_all": (
        "queries.csv has no column organic: nobody orders without a click, so that all that the "
        "ads bring counts as caused.",
        "queries.csv 没有 organic 列：没有点击就没有订单，因此广告带来的一切都算作增量。",
    ),
    "causes_alone": (
        "Each part is taken away alone: others then take over some of its searches and of the "
        "account's money, so that the parts need not add up to the account.",
        "每个部分都是单独去掉的：其余部分会接手它的部分搜索和账户资金，因此各部分之和不必等于账户合计。",
    ),
    "causes_holdout": (
        "estimate: what those held out tell in one such period, with the interval that it then "
        "has, too short where they bring fewer than some ten orders; truth: what the ads caused.",
        "估计：由对照人群在一个周期内得出，附其置信区间（对照人群订单不足十单左右时区间偏窄）；"
        "真值：广告实际带来的增量。",
    ),
    "causes": (
        "profit that the ads cause, organic orders that they take counted out: {a} today, {b} with "
        "the plan; difference {difference}, 95 % sure between {low} and {high}",
        "广告带来的增量利润（扣除被广告点击取代的自然订单）：当前 {a}，采用方案 {b}；差额 "
        "{difference}，95 % 置信区间 {low} 至 {high}",
    ),
    "settings": (
        "the best of {count} settings brings {gain} of {metric} over the best plan at today's "
        "settings, 95 % sure between {low} and {high}:",
        "{count} 种设置中最好的一种，与当前设置下的最优方案相比{metric}增加 {gain}，"
        "95 % 置信区间 {low} 至 {high}：",
    ),
    "setting_of_plan": (
        "{setting}: {today} to {value}, as the plan has it",
        "{setting}：由 {today} 改为 {value}，已包含在方案中",
    ),
    "setting_to_do": (
        "{setting}: set it from {today} to {value} first, no plan can; the plan holds for that",
        "{setting}：请先由 {today} 改为 {value}，方案本身无法更改；方案以此为前提",
    ),
    "settings_stay": (
        "today's settings stay: none of the {count} tried is surely better",
        "当前设置保持不变：所试的 {count} 种设置中没有确定更好的",
    ),
    "front": (
        "front of {first} and {second}: {count} plans, from {a} with {b} to {c} with {d} (fresh "
        "luck; front.csv, and the plans in the folder front)",
        "{first}与{second}的前沿：{count} 个方案，从 {a} 对应 {b}，到 {c} 对应 {d}（全新随机；见 "
        "front.csv，方案在 front 文件夹）",
    ),
    "cvar_of": (
        "{metric} in the worst {percent:g} % of luck",
        "运气最差的 {percent:g} % 情形下的平均{metric}",
    ),
    "worst_of": ("{metric} in the worst scenario", "最差情景下的{metric}"),
    "asked_cvar": (
        "what counts is the mean {metric} of the worst {percent:g} % of luck (CVaR); bounds and "
        "expected values are of the mean, which it cannot pass",
        "以运气最差的 {percent:g} % 情形下的平均{metric}（CVaR）为目标；上限与期望值针对均值，"
        "CVaR 不会超过均值",
    ),
    "asked_loss": (
        "money may be lost (a profit below 0 over the window) in at most {percent:g} % of luck",
        "亏损（整个周期利润低于 0）的概率不得超过 {percent:g} %",
    ),
    "asked_worst": (
        "what counts is {metric} in the worst of {count} scenarios; the bound is of that one, and "
        "the comparison of the mean of all",
        "以 {count} 个情景中最差情景的{metric}为目标；上限针对最差情景，对比表为所有情景的均值",
    ),
    "measure": (
        "{measure}: {a} today, {b} with the plan found; difference {difference}, 95 % sure between "
        "{low} and {high}",
        "{measure}：当前 {a}，采用找到的方案 {b}；相差 {difference}，95 % 置信区间 {low} 至 {high}",
    ),
    "silent": (
        "the safest is no ads at all: every plan found that brings more runs a larger risk than "
        "was asked for",
        "最稳妥的是完全不投放：找到的收益更高的方案风险都超过要求",
    ),
    "losses": (
        "money is lost in {b:.1f} % of {count} replications with the plan found, in {a:.1f} % "
        "today; at most {level:g} % was asked for",
        "{count} 次重复中亏损的比例：采用找到的方案 {b:.1f} %，当前 {a:.1f} %；要求不超过 "
        "{level:g} %",
    ),
    "losses_unmet": (
        "no plan found surely keeps losses that rare",
        "没有找到确定能使亏损如此少的方案",
    ),
    "gain_unknown": (
        "{metric}: cannot be compared, because one of the plans spends nothing",
        "{metric}：无法比较，因为其中一个方案没有花费",
    ),
    "keep": (
        "keep today's bids: the search found none that are expected to bring more",
        "保持当前出价：没有找到期望更好的出价",
    ),
    "keep_unsure": (
        "keep today's bids: no plan is surely better; the best one found:",
        "保持当前出价：没有方案确定更好；找到的最好方案：",
    ),
    "indented": ("  {line}", "  {line}"),
    "binds": (
        "{payer} spends its {budget} a day: one more {money} would bring {price:.3g} {metric}",
        "{payer}的日预算 {budget} 已用满：每增加 1 {money}可带来 {price:.3g} {metric}",
    ),
    "no_binding": (
        "no budget binds: more money would not be spent",
        "没有预算起约束：增加预算也不会多花",
    ),
    "no_limit": (
        "nothing limits the spending, and {metric} alone is worth any: give a budget",
        "花费没有任何限制，而只看{metric}时花多少都值得：请给出预算",
    ),
    "floor": (
        "the plan has to spend at least {least} ({share:.0%} of {what}): that is part of the goal, "
        "since the highest return of all is one click's",
        "方案至少要花费 {least}（{what}的 {share:.0%}）：这是该目标定义的一部分，否则只买一次点击的"
        "回报最高",
    ),
    "floor_all": (
        "the plan has to spend at least {least}, the most that bids can spend: less than "
        "{share:.0%} of {what}",
        "方案至少要花费 {least}，即出价所能花费的最大值，少于{what}的 {share:.0%}",
    ),
    "today_spends_less": (
        "today's bids spend less than that, so they are no answer, whatever their {metric}",
        "当前出价的花费低于此数，因此无论{metric}多少都不能作为答案",
    ),
    "bound": (
        "expected {value}; no plan can pass {bound}: at most {percent} % is left",
        "期望值 {value}；任何方案都不会超过 {bound}：最多还有 {percent} % 的空间",
    ),
    "overlap": (
        "own keywords meet on some queries ({count}), so that part of this may be out of reach of "
        "any plan",
        "自有关键词在 {count} 个搜索词上相遇，因此其中一部分空间可能任何方案都达不到",
    ),
    "markets": (
        "in {better} of {count} markets that the scenario may be the plan found is better; the "
        "difference in {metric} is {worst} in the worst, {middle} in the middle and {best} in the "
        "best of them",
        "在情景可能对应的 {count} 个市场中，找到的方案在 {better} 个市场里更好；{metric}的差额"
        "最差 {worst}，居中 {middle}，最好 {best}",
    ),
    "noise": (
        "noise and demand shocks cost {cost} of the expected {expected}{part}",
        "随机波动与需求冲击使期望值 {expected} 减少 {cost}{part}",
    ),
    "premium_of": ("premium of {crowd}", "人群“{crowd}”的溢价"),
    "device_of": ("coefficient of {device}", "设备“{device}”的系数"),
    "hours_of": ("coefficient from {first} to {last} h", "{first} 至 {last} 时的系数"),
    "budget_of": ("daily budget", "日预算"),
    "coefficient": ("  {what}: {moves}", "  {what}：{moves}"),
    "moves": ("{campaign} {old} to {new}", "{campaign} {old} 改为 {new}"),
    "joined": ("{first}, {second}", "{first}，{second}"),
    "premium": ("{value:.0%}", "{value:.0%}"),
    "factor": ("{value:g}", "{value:g}"),
    "unlimited": ("unlimited", "不限"),
    "scale_of": ("bids of {group}", "{group}的出价"),
    "value_of": (
        "how steeply bids of {group} follow what a click is worth",
        "{group}的出价随点击价值变化的陡峭程度",
    ),
    "mix_of": (
        "part of the {group} that bid, those of most worth first",
        "参与出价的{group}比例（价值高者优先）",
    ),
    "budget_part_of": (
        "most that {campaign} may spend of the account's budget",
        "计划“{campaign}”最多可用的账户预算比例",
    ),
    "hours_shape_of": ("how far today's hour coefficients swing", "现有分时系数的起伏程度"),
    "keywords_of": ("{match_type} keywords", "{match_type}关键词"),
    "purpose_core": ("core campaigns", "核心计划"),
    "purpose_long_tail": ("long-tail campaigns", "长尾计划"),
    "purpose_test": ("test campaigns", "测试计划"),
    "purpose_event": ("event campaigns", "活动计划"),
    "purpose_brand": ("brand campaigns", "品牌计划"),
    "low_quality": ("keywords of the lowest third in quality", "质量最低的三分之一关键词"),
    "high_quality": ("keywords of the highest third in quality", "质量最高的三分之一关键词"),
    "times": ("x {value:.2f}", "× {value:.2f}"),
    "exponent": ("exponent {value:.2f}", "指数 {value:.2f}"),
    "move": ("{what} {value}", "{what} {value}"),
    "policy_moves": (
        "on top of exact bids the search moved them by group: {moves}",
        "在最优出价之上，搜索又按组调整：{moves}",
    ),
    "searched": (
        "search over policies: {count} trials, {stopped} of them stopped early as hopeless",
        "策略搜索：共 {count} 次试验，其中 {stopped} 次因无望提前停止",
    ),
    "missed": (
        "{count} trials do not hold what was asked for and were left out",
        "{count} 次试验不满足所提的要求，未予采用",
    ),
    "kept": (
        "premiums and coefficients stay in {campaigns}, so that impression shares hold",
        "{campaigns} 的溢价和系数保持不变，以保证展现份额",
    ),
    "named": ("{name}", "{name}"),
    "not_searched": (
        "no policies were tried: they start from a plan that holds what was asked for, and none "
        "was found",
        "未进行策略搜索：搜索须从满足要求的方案出发，而没有找到这样的方案",
    ),
    "race": (
        "it adds {difference} of {metric} to what exact bids alone bring, 95 % sure between "
        "{low} and {high} ({count} replications of fresh luck)",
        "与仅优化出价相比，{metric}增加 {difference}，95 % 置信区间 {low} 至 {high}"
        "（{count} 次全新随机重复）",
    ),
    "bound_holds": (
        "that bound is for bids with the plan's premiums, coefficients and budgets",
        "该上限针对采用方案的溢价、系数和预算时的各种出价",
    ),
    "curse": (
        "the best trial brought {search} of {metric} more than exact bids on the luck of the "
        "search, and {difference} on fresh luck, 95 % sure between {low} and {high} ({count} "
        "replications)",
        "最好的试验在搜索所用的随机下比仅优化出价的{metric}多 {search}，在全新随机下多 "
        "{difference}，95 % 置信区间 {low} 至 {high}（{count} 次重复）",
    ),
    "part": (" ({percent:.1f} %)", "（{percent:.1f} %）"),
}
"""By key: the English and the Chinese sentence; both have the same places."""


@dataclass(frozen=True)
class Message:
    """A sentence and its values; a value may be a message itself, or a `Word`."""

    key: str
    values: dict[str, Any]

    def tell(self, lang: Lang = "en") -> str:
        """The sentence in a language."""
        told = {
            name: value.tell(lang) if isinstance(value, Message | Word) else value
            for name, value in self.values.items()
        }
        return SENTENCES[self.key][LANGUAGES.index(lang)].format(**told)


@dataclass(frozen=True)
class Word:
    """A metric or a currency, called as each language calls it."""

    name: str

    def tell(self, lang: Lang = "en") -> str:
        """The word in a language; a name that has no Chinese form stays."""
        if lang == "en":
            return self.name
        return COLUMNS[self.name].zh if self.name in COLUMNS else MONEY_ZH.get(self.name, self.name)


def say(key: str, **values: Any) -> Message:
    """The message of a key."""
    return Message(key, values)


def amount(metric: str, value: float, currency: str, signed: bool = False) -> Message:
    """A value of a metric: money with its currency, anything else as a number."""
    unit = "money" if COLUMNS[metric].unit == "money" else "number"
    money = {"money": Word(currency)} if unit == "money" else {}
    return say(f"{unit}_signed" if signed else unit, value=value, **money)


def window_of(days: int) -> Message:
    """The days of a plan."""
    return say("the_day") if days == 1 else say("days", days=days)
