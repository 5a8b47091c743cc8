"""The risk that a search was asked to mind: of today's plan and of the one found."""

from __future__ import annotations

from typing import Any

from adsim.optimize import Optimum
from adsim.report.answers import amount, in_sentence
from adsim.report.formats import decimals, number
from adsim.report.page import Cell, Head, Prose, Section, Table
from adsim.report.tables import tone
from adsim.report.words import Words
from adsim.results.registry import COLUMNS, Unit


def risk_text(words: Words, row: dict[str, Any]) -> str:
    """`Profit in the worst 10 % of luck`."""
    percent = 100 * (row["level"] or 0.0)
    return words(f"risk_{row['risk']}", metric=words.metric(row["metric"]), percent=percent)


def ranked_by(words: Words, best: Optimum) -> str:
    """What plans were ranked by: the goal, or its risk."""
    for row in best.risk.iter_rows(named=True):
        if row["risk"] != "loss":
            return risk_text(words, row)
    return words.metric(best.goal)


def risk_goal(words: Words, best: Optimum) -> str:
    """What was asked for, inside a sentence."""
    row = best.risk.row(0, named=True)
    if row["risk"] == "loss":
        return words("colon", name=words("risk_loss"), text=_asked(words, row))
    percent = 100 * (row["level"] or 0.0)
    metric = in_sentence(words, row["metric"])
    return words(f"risk_{row['risk']}", metric=metric, percent=percent)


def _asked(words: Words, row: dict[str, Any]) -> str:
    """`at most 5 % asked for`."""
    return words("risk_asked", share=f"{100 * row['level']:g}")


def risk_answer(words: Words, best: Optimum) -> str:
    """What the last test says of it, in a sentence."""
    row = best.risk.row(0, named=True)
    if row["risk"] == "loss":
        told = {plan: number(row[plan], "share") for plan in ("a", "b")}
    else:
        told = {plan: amount(words, best.scenario, row["metric"], row[plan]) for plan in ("a", "b")}
    return words("answer_risk", what=risk_text(words, row), **told)


def risk_section(words: Words, best: Optimum) -> Section:
    """One row: today, the plan found, the difference and its interval."""
    row = best.risk.row(0, named=True)
    unit: Unit = "share" if row["risk"] == "loss" else COLUMNS[row["metric"]].unit
    places = decimals(unit, [row["a"], row["b"]])
    names = ("", "today", "new", "difference", "interval")
    heads = [Head(words(name) if name else "", is_number=bool(name)) for name in names]
    low, high = (number(row[f"difference_{end}"], unit, places, True) for end in ("low", "high"))
    sign = -1 if row["risk"] == "loss" else 1
    cells = [
        Cell(risk_text(words, row)),
        *(Cell(number(row[name], unit, places), row[name]) for name in ("a", "b")),
        Cell(
            number(row["difference"], unit, places, True),
            row["difference"],
            tone(sign * row["difference"]),
        ),
        Cell(words("between", low=low, high=high), row["difference_low"]),
    ]
    note = _asked(words, row) if row["risk"] == "loss" else ""
    table = Table("risk", words("risk"), heads, [cells], note)
    return Section("risk", words("risk"), [Prose([words(f"risk_note_{row['risk']}")]), table])
