"""What stands above the columns of a table on the terminal, in English or Chinese."""

from __future__ import annotations

from typing import Literal, get_args

from adsim.results.registry import COLUMNS

Lang = Literal["en", "zh"]
LANGUAGES: tuple[Lang, ...] = get_args(Lang)

ENDS = {"_low": "低", "_high": "高"}
WORDS = {
    "metric": "指标",
    "value": "值",
    "low (10 %)": "低（10 %）",
    "high (90 %)": "高（90 %）",
    "profit_range": "利润范围",
    "difference": "差",
    "expected": "期望",
    "noise_cost": "波动代价",
    "reported": "报表",
    "simulated": "模拟",
    "error": "误差",
    "held_out": "留出部分",
    "keywords_covered": "关键词\n落入区间",
    "campaigns_covered": "计划\n落入区间",
    "attributed": "归因",
    "caused": "带来",
    "caused_share": "带来\n占比",
    "creative": "创意",
    "share": "占比",
    "p_best": "最好的\n概率",
    "loss_share": "选它的\n损失",
    "lift": "提升",
    "impressions_to_go": "还需\n展现数",
    "goal": "目标",
    "creatives": "创意数",
    "rate": "基准率",
    "power": "功效",
    "alpha": "错误率",
    "impressions_each": "每个创意\n展现数",
    "cart_rate": "加购率",
    "days": "天数",
    "persons": "人数",
    "reached": "触达人数",
    "reach": "触达率",
    "frequency": "频次",
}
"""Names that are no columns of the registry; one that is missing stands as it is."""


def head_of(name: str, lang: Lang) -> str:
    """The head of a column, in lines."""
    if lang == "en":
        return name.replace("_", "\n")
    end = next((end for end in ENDS if name.endswith(end)), "")
    base = name.removesuffix(end)
    chinese = word_of(base, lang)
    if chinese == base:
        return name.replace("_", "\n")
    return f"{chinese}\n{ENDS[end]}" if end else chinese


def word_of(name: str, lang: Lang) -> str:
    """A metric's or a column's name, in one line where it has one."""
    if lang == "en":
        return name
    column = COLUMNS.get(name)
    return WORDS.get(name) or (column.zh if column else name)
