"""Every sentence of a fit, in English and in Chinese, with places for its values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from adsim.errors import Problem, ReportError
from adsim.results.heads import LANGUAGES, Lang
from adsim.results.registry import COLUMNS

BETWEEN = ("; ", "；")
"""What stands between the parts of a list, by language."""

ASSUMPTIONS: dict[str, tuple[str, str]] = {
    "row": ("1 row", "1 行"),
    "rows": ("{count:,} rows", "{count:,} 行"),
    "format": ("The report was read as {name}: {rows}.", "报表按 {name} 格式读取：{rows}。"),
    "encoding": (
        "The file is not UTF-8: it was read as {encoding}.",
        "文件不是 UTF-8 编码：按 {encoding} 读取。",
    ),
    "sheet": (
        "Of the workbook's sheets {sheet} was read.",
        "工作簿中读取的是工作表 {sheet}。",
    ),
    "above": (
        "Left out above the header: {rows}.",
        "略去表头以上的 {rows}。",
    ),
    "totals": (
        "Left out because they add up others: {rows}.",
        "略去合计行：{rows}。",
    ),
    "ignored": ("Nothing was made of the columns {names}.", "以下各列未被使用：{names}。"),
    "no_match_type": (
        "The report has no match types: all keywords are taken to be exact.",
        "报表没有匹配方式：所有关键词按精确匹配处理。",
    ),
    "no_bid": (
        "The report has no bids: they are guessed from the cost per click, so take a plan's bids "
        "as changes, not as amounts; better add a column bid.",
        "报表没有出价：由平均点击花费推测，因此方案中的出价只看升降，不看数额；最好补上出价一列。",
    ),
    "assumed_share": (
        "{rows} had neither a position nor an impression share: they are taken to be shown in "
        "{share:.0%} of their searches, as given (--assumed-share); try others, too.",
        "{rows}既没有排名也没有展现份额：按给定值（--assumed-share）视为在 {share:.0%} 的搜索中"
        "展现；请也试试别的值。",
    ),
    "by_day": (
        "The report has rows of {days} days from {start}: the fit takes their totals, with bids "
        "and positions as means. Demand of a keyword and day swings by {shock:.0%} beyond chance "
        "(shock_cv), changes of bids included.",
        "报表为 {start} 起 {days} 天的逐日数据：拟合使用其总数，出价与排名取平均。每个词每天的需求"
        "在随机之外还波动 {shock:.0%}（shock_cv），其中包含改价的影响。",
    ),
    "by_segment": (
        "The report has rows by {segments}: they are added up, with bids and positions as means "
        "weighted by impressions, so these are taken to be alike.",
        "报表按{segments}分行：已合并，出价与排名按展现量加权平均，即视它们为相同。",
    ),
    "segment": ("{title} ({values} of them)", "{title}（{values} 种）"),
    "one_day": (
        "How many days the report covers is not known: it is taken as one day, so a day of the "
        "scenario is the whole report; give --days.",
        "报表覆盖多少天未知：按一天处理，因此场景中的一天就是整份报表；请给出 --days。",
    ),
    "alike_days": (
        "The report covers {days} days, all alike.",
        "报表覆盖 {days} 天，视为每天相同。",
    ),
    "currency": (
        "Money is in {currency}; give --currency where it is not.",
        "金额单位为 {currency}；如果不是，请给出 --currency。",
    ),
    "left_out": (
        "Without impressions nothing is known of searches: {rows} left out, with {orders:g} orders "
        "and {revenue:,.2f} revenue.",
        "没有展现就无从了解搜索：略去 {rows}，其中有 {orders:g} 单、订单金额 {revenue:,.2f}。",
    ),
    "more_clicks": (
        "{rows} had more clicks than impressions: the impressions were raised to the clicks.",
        "{rows}的点击多于展现：展现已提高到点击数。",
    ),
    "more_orders": (
        "{rows} had more orders than clicks: the rate of such a row counts an order a click, the "
        "campaign keeps all its orders.",
        "{rows}的订单多于点击：这些行的转化率按每次点击一单计，计划仍保留全部订单。",
    ),
    "shared_positions": (
        "No row has a position: in {rows} it is taken to be what the impression share tells of it; "
        "give --slots, for it depends on the slots of a page.",
        "各行均没有排名：{rows}按展现份额推出排名；排名取决于每页广告位数，请给出 --slots。",
    ),
    "guessed_positions": (
        "{rows} had no position: they got the mean of their campaign.",
        "{rows}没有排名：取所在计划的平均值。",
    ),
    "doubleclick": (
        "Standard match was taken as exact, advanced match and N/A as broad; whatever the status "
        "says, all keywords are active, as they were when the report was made.",
        "标准匹配按精确匹配处理，高级匹配与 N/A 按广泛匹配处理；无论状态如何，"
        "所有关键词都按启用处理，因为报表产生时它们正在投放。",
    ),
    "raised_bids": (
        "{rows} had no bid, or one below the cost per click, so a later one: it was replaced by "
        "the cost per click times the median of bid / cost per click over the account's other rows "
        "({factors}).",
        "{rows}没有出价，或出价低于平均点击花费，说明是之后才设置的：改用平均点击花费乘以"
        "账户其他行“出价 / 平均点击花费”的中位数（{factors}）。",
    ),
    "factor": ("{account} {factor:.2f}", "{account} {factor:.2f}"),
    "all_keywords": ("all keywords", "全部关键词"),
    "guessed_cpcs": (
        "{rows} had no cost per click: they got their bid times their campaign's cost / (clicks x "
        "bid).",
        "{rows}没有平均点击花费：取其出价乘以所在计划的“花费 /（点击 × 出价）”。",
    ),
    "guessed_bids": (
        "{rows} had neither a bid nor a cost per click: they got the median bid of their campaign.",
        "{rows}既没有出价也没有平均点击花费：取所在计划出价的中位数。",
    ),
    "click_rates": ("Clicks an impression", "点击率"),
    "order_rates": ("Orders a click", "转化率"),
    "few_rows": (
        "{what}: the report has too few rows to tell how much rates vary (at least {rows}, {hits} "
        "of them with {units}), so they are drawn towards {beta}, which varies by its mean as in "
        "real accounts.",
        "{what}：报表行数太少，看不出各词之间差异有多大（至少需要 {rows} 行，其中 {hits} 行有"
        "{units}），因此向 {beta} 收缩；其差异与均值的关系取自真实账户。",
    ),
    "shrunk": (
        "{what} were shrunk by beta-binomial, estimated by maximum likelihood ({groups}); the mean "
        "is that of a keyword of typical impressions, and rates go with impressions to the power "
        "of the slope.",
        "{what}按贝塔-二项分布收缩，参数由最大似然估计（{groups}）；mean 是展现量居中的关键词的"
        "均值，比率随展现量的 slope 次方变化。",
    ),
    "group": ("{name} {beta}", "{name} {beta}"),
    "more_groups": ("{count} more", "另有 {count} 组"),
    "small_groups": (
        "{count} small groups: all rows, {beta}",
        "{count} 个小组：用全部行，{beta}",
    ),
    "no_groups": ("none", "无"),
    "brand": ("brand keywords", "品牌词"),
    "other": ("other keywords", "其他词"),
    "beta": (
        "alpha {alpha:.3g} beta {beta:.4g} mean {mean:.3%} slope {slope:+.2f}",
        "alpha {alpha:.3g} beta {beta:.4g} mean {mean:.3%} slope {slope:+.2f}",
    ),
    "scaled_rates": (
        "Click rates were learnt from rows with {least} impressions or more. Rates and costs per "
        "click were then multiplied by a factor for each campaign that gives it its clicks, orders "
        "and cost back; a campaign without a click, or an order, keeps at most half a one.",
        "点击率由展现不少于 {least} 次的行得出。随后每个计划的比率与平均点击花费各乘以一个系数，"
        "使其点击、订单与花费得以还原；没有点击或订单的计划最多保留半个。",
    ),
    "mean_value": (
        "An order brings its campaign's mean revenue.",
        "每单的订单金额取所在计划的平均值。",
    ),
    "same_value": (
        "Campaigns' revenues an order differ by no more than chance: all have the same.",
        "各计划的平均每单金额之差没有超出偶然：统一取同一数值。",
    ),
    "drawn_value": (
        "An order brings its campaign's mean revenue, drawn towards the mean of all: with "
        "{orders:,.0f} orders its own mean counts half, as one order varies by {spread:,.0f}.",
        "每单的订单金额取所在计划的平均值，并向总体平均收缩：有 {orders:,.0f} 单时自身均值占一半，"
        "因为单笔订单的波动为 {spread:,.0f}。",
    ),
    "no_margin": (
        "The cost of goods is not in the report: profit means revenue less ad cost; give --margin.",
        "报表中没有商品成本：利润指订单金额减广告花费；请给出 --margin。",
    ),
    "margin_left": (
        "{margin:.0%} of an order's price is left after the cost of goods.",
        "扣除商品成本后，每单剩余订单金额的 {margin:.0%}。",
    ),
    "slots": ("A page has {slots} ad slots ({how}).", "每页有 {slots} 个广告位（{how}）。"),
    "as_given": ("as given", "给定"),
    "best_fit": ("the number that fits best", "拟合最好的数目"),
    "examination": (
        "An ad at position k is seen with probability k^-{power:g} (click curves of organic "
        "results).",
        "第 k 位的广告被看到的概率为 k^-{power:g}（取自自然搜索结果的点击曲线）。",
    ),
    "shares_known": (
        "Impression shares are known in {rows}: with the position they tell how many rivals stand "
        "above. Losses that lost_to_budget does not name are taken as lost to rank.",
        "{rows}有展现份额：与排名一起可知有多少竞争者排在前面。lost_to_budget 未说明的损失"
        "按排名损失处理。",
    ),
    "shares_unknown": (
        "Impression shares are unknown in {rows}: how often the ad was shown follows from the "
        "position alone, and with it how many searches there were and how impressions change with "
        "the bid.",
        "{rows}没有展现份额：广告多常被展示只能由排名推出，搜索量以及展现随出价的变化也随之推出。",
    ),
    "clipped": (
        "{rows} had a position that {slots} slots hardly reach: shown in no more than {least:.0%} "
        "of searches, which is taken for what they are.",
        "{rows}的排名是 {slots} 个广告位几乎到不了的：在不超过 {least:.0%} 的搜索中展示，"
        "即按此取值。",
    ),
    "rivals": (
        "Rivals' ad ranks are log-normal with sigma {sigma:g}{source}: one bid a row cannot tell "
        "it, and with it what other bids would bring. Number and median follow from position and "
        "cost per click.",
        "竞争者的排序分为对数正态分布，sigma {sigma:g}{source}：每行只有一个出价，无法得知它，"
        "也就无法得知其他出价的效果。竞争者数目与中位数由排名和平均点击花费推出。",
    ),
    "market_prices": (
        " (spread of market prices, iPinYou)",
        "（取自 iPinYou 市场价格的离散程度）",
    ),
    "nothing": ("", ""),
    "narrowed": (
        "Costs per click close to the bid: {rows} would need more than {most:g} rivals and got "
        "that many, with a smaller sigma.",
        "平均点击花费接近出价：{rows}需要超过 {most:g} 个竞争者，按此数目处理并取较小的 sigma。",
    ),
    "missed": (
        "Costs per click that no rivals bring about under the row's bid: {rows} got the nearest "
        "that they do.",
        "有些平均点击花费在该行出价下没有任何竞争者能产生：{rows}取最接近的可行值。",
    ),
    "auction": (
        "Quality and relevance are 1, so ad rank is the bid; there is no reserve score; a click "
        "costs {increment:g} more than the next ad rank, in steps of {step:g}.",
        "质量分与相关性都取 1，因此排序分即出价；没有保留分；每次点击的扣费比下一名的排序分高 "
        "{increment:g}，按 {step:g} 取整。",
    ),
    "own_searches": (
        "Each row has searches of its own, on average the same every hour and day{shocks}; rows "
        "never compete for a search. There are no budgets: the totals are as they were.",
        "每行有自己的搜索，每小时、每天平均相同{shocks}；各行互不争夺搜索。没有预算：总数即原样。",
    ),
    "no_shocks": (
        ", without shocks: intervals show luck alone",
        "，没有需求冲击：区间只反映随机性",
    ),
    "recovered": (
        "Simulated under its own bids, the scenario gives the report back: {errors}.",
        "在原有出价下模拟，该场景还原报表：{errors}。",
    ),
    "metric_error": ("{metric} {error:+z.2%}", "{metric} {error:+z.2%}"),
    "largest_gap": (
        "The largest gap of a single campaign: {gaps}.",
        "单个计划的最大差额：{gaps}。",
    ),
    "metric_gap": ("{metric} {gap:,.2f}", "{metric} {gap:,.2f}"),
    "by_chance": (
        "in revenue at most {times:.1f} standard errors of so many orders",
        "订单金额的差额最多为相应订单数的 {times:.1f} 个标准误",
    ),
}
"""What a fit takes for granted or repairs."""

UNKNOWNS: dict[str, tuple[str, str]] = {
    "shares": (
        "How many searches were missed is unknown in {rows:,} of {all:,} rows, so the {slots} ad "
        "slots of a page and the impressions that other bids bring are guesses: the column "
        "impression_share tells.",
        "{all:,} 行中有 {rows:,} 行不知道错过了多少次搜索，因此每页 {slots} 个广告位以及其他"
        "出价会带来多少展现都只是猜测：impression_share（展现份额）一列可以说明。",
    ),
    "one_bid": (
        "Each keyword was seen at one bid: what other bids bring follows from the spread of rivals "
        "that was {how} (sigma {sigma:g}). Reports before and after the bids of a random half of "
        "the keywords were changed by 20 to 30 % tell.",
        "每个关键词只在一个出价下被观察：其他出价的效果取决于{how}的竞争者离散程度"
        "（sigma {sigma:g}）。随机选一半关键词把出价改变 20 % 至 30 %，改变前后的两份"
        "报表可以说明。",
    ),
    "assumed": ("assumed", "假定"),
    "given": ("given", "给定"),
    "shocks": (
        "Totals do not show how demand swings from day to day: it is taken as steady, so single "
        "periods vary more than they seem to, and budgets end earlier. A report by day tells; its "
        "variation is demand.shock_cv of scenario.toml.",
        "总数看不出需求每天的波动：这里按平稳处理，因此实际各时期的差异更大，预算也会更早用完。"
        "按天的报表可以说明；其变异系数即 scenario.toml 中的 demand.shock_cv。",
    ),
    "days": (
        "How many days the report covers is unknown: nothing is known a day; --days tells.",
        "报表覆盖多少天未知，因此无法得到每天的数值：--days 可以说明。",
    ),
    "quality": (
        "Quality is not in the report: it is taken as 1, so bids stand for ad ranks, and what "
        "better ads would bring in rank and price cannot be told. The platform's quality scores "
        "tell.",
        "报表中没有质量分：按 1 处理，即以出价代表排序分，更好的广告在排名和价格上的"
        "好处无从得知。平台的质量分可以说明。",
    ),
    "position": (
        "A position is a mean: always 2, or half 1 and half 3, looks the same. Shares of top "
        "positions tell.",
        "平均排名只是均值：一直第 2 名，与一半第 1 名、一半第 3 名，看起来一样。"
        "首位展现占比可以说明。",
    ),
    "orders": (
        "{rows:,} of {all:,} rows with clicks have fewer than {few} orders: their order rate is "
        "mostly that of their group. A longer report tells.",
        "有点击的 {all:,} 行中有 {rows:,} 行的订单少于 {few} 个：其转化率主要来自"
        "所在的组。更长时间的报表可以说明。",
    ),
    "later_bids": (
        "The bids of {rows:,} rows are missing, or below their cost per click and so set later: "
        "under which bids the clicks came is unknown there. Bids averaged over the report's time "
        "tell.",
        "{rows:,} 行没有出价，或出价低于平均点击花费（说明是之后才设置的）：这些点击来自什么出价"
        "未知。报表期间的平均出价可以说明。",
    ),
    "margin": (
        "What an order leaves after the cost of goods is not in the report: profit is revenue less "
        "ad cost. --margin tells.",
        "报表中没有商品成本：利润按成交额减广告花费计算。--margin 可以说明。",
    ),
    "overlap": (
        "Which keywords compete for the same searches is unknown: none are taken to. A report of "
        "search terms tells.",
        "哪些关键词争夺相同的搜索未知：按互不争夺处理。搜索词报表可以说明。",
    ),
    "budgets": (
        "Whether budgets ended is not in the report: all losses are taken as lost to rank. The "
        "column lost_to_budget tells.",
        "报表中看不出预算是否用完：所有损失都按排名损失处理。"
        "lost_to_budget（预算损失份额）一列可以说明。",
    ),
}
"""What a report cannot tell, and what would."""

SENTENCES = ASSUMPTIONS | UNKNOWNS
"""By key: the English and the Chinese sentence; both have the same places."""


@dataclass(frozen=True)
class Sentence:
    """A sentence of a fit and its values.

    Attributes:
        key: Of `SENTENCES`.
        values: Of the places in the sentence; a value may be a Sentence or Metric itself, or a
            list of them.
    """

    key: str
    values: dict[str, Any]

    def tell(self, lang: Lang = "en") -> str:
        """The sentence in a language; raises ReportError where it is neither en nor zh."""
        if lang not in LANGUAGES:
            rule = f"must be {' or '.join(LANGUAGES)}"
            raise ReportError(Problem("lang", rule, f"is {lang!r}", "choose one of them"))
        told = {name: _told(value, lang) for name, value in self.values.items()}
        return SENTENCES[self.key][LANGUAGES.index(lang)].format(**told)


@dataclass(frozen=True)
class Metric:
    """A column, called as each language calls it."""

    name: str

    def tell(self, lang: Lang = "en") -> str:
        """The word in a language."""
        return self.name if lang == "en" else COLUMNS[self.name].zh


def _told(value: Any, lang: Lang) -> Any:
    if isinstance(value, Sentence | Metric):
        return value.tell(lang)
    if isinstance(value, list):
        return BETWEEN[LANGUAGES.index(lang)].join(one.tell(lang) for one in value)
    return value


def say(key: str, **values: Any) -> Sentence:
    """The sentence of a key."""
    return Sentence(key, values)


def count_rows(count: int) -> Sentence:
    """So many rows."""
    return say("row") if count == 1 else say("rows", count=count)
