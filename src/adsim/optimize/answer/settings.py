"""What an answer says of the settings that were tried beside bids."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from adsim.optimize.aims.settings import is_of_plan
from adsim.optimize.answer.sentences import Message, Word, amount, say
from adsim.optimize.varying import Varied


def explain_settings(varied: Varied, is_taken: bool, money: str) -> Iterator[Message]:
    """Which settings are the best, what they bring beside better bids, and what is to be done."""
    count = varied.table.height
    if not is_taken or not varied.setting.changed:
        yield say("settings_stay", count=count)
        return
    row = varied.table.row(by_predicate=pl.col("state") == "chosen", named=True)
    names = {"gain": "gain", "low": "gain_low", "high": "gain_high"}
    told = {
        name: amount(row["metric"], row[column], money, signed=True)
        for name, column in names.items()
    }
    yield say("settings", count=count, metric=Word(row["metric"]), **told)
    for key, value in varied.setting.changed.items():
        kind = "setting_of_plan" if is_of_plan(key) else "setting_to_do"
        today = str(varied.table[key][0])
        yield say("indented", line=say(kind, setting=key, today=today, value=value))
