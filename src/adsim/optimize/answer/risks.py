"""What an answer says of the risk that the plan takes."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from adsim.optimize.answer.sentences import Message, amount, say


def explain_risk(comparison: pl.DataFrame, replications: int, money: str) -> Iterator[Message]:
    """Profit in the worst tenth of luck, and how often money is lost, of both plans."""
    rows = {row["metric"]: row for row in comparison.iter_rows(named=True)}
    worst, lost = rows["profit_cvar"], rows["loss_probability"]
    yield say(
        "risk",
        **{plan: amount("profit", worst[plan], money) for plan in ("a", "b")},
        **{f"lost_{plan}": round(lost[plan] * replications) for plan in ("a", "b")},
        count=replications,
    )
