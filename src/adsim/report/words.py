"""Every word that a page shows, in English and Chinese; names of columns stand in the registry."""

from __future__ import annotations

from dataclasses import dataclass

from adsim.report.creative_texts import CREATIVE_TEXTS
from adsim.report.fit_and_sweep_texts import FIT_AND_SWEEP_TEXTS
from adsim.report.game_texts import GAME_TEXTS
from adsim.report.media_texts import MEDIA_TEXTS
from adsim.report.strategy_texts import STRATEGY_TEXTS
from adsim.report.texts import PLAN_TEXTS
from adsim.results.heads import Lang
from adsim.results.registry import COLUMNS

TEXTS = (
    PLAN_TEXTS | CREATIVE_TEXTS | FIT_AND_SWEEP_TEXTS | MEDIA_TEXTS | GAME_TEXTS | STRATEGY_TEXTS
)


@dataclass(frozen=True)
class Words:
    """The texts of one language."""

    lang: Lang

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key, filled in; KeyError for an unknown key or a missing value."""
        text: str = getattr(TEXTS[key], self.lang)
        return text.format(**values)

    def metric(self, name: str) -> str:
        """The registry's label of a column."""
        column = COLUMNS[name]
        return column.zh if self.lang == "zh" else column.en

    def currency(self, code: str) -> str:
        """A currency as people write it."""
        return "元" if (self.lang, code) == ("zh", "CNY") else code
