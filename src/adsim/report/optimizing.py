"""The page of a search: today's plan against the one that it recommends, and how far that goes."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from adsim.optimize import Optimum
from adsim.optimize.goals import GOALS
from adsim.optimize.optimum import fresh_seed
from adsim.report import charts
from adsim.report.answers import compared, in_sentence
from adsim.report.facts import run_facts
from adsim.report.formats import number, percent
from adsim.report.page import Block, Cell, Chart, Charts, Head, Page, Points, Prose, Section, Table
from adsim.report.pairs import Pair, pair_sections
from adsim.report.spending import Data
from adsim.report.tables import Field, numbers, with_unit
from adsim.report.words import Words
from adsim.results.registry import COLUMNS
from adsim.scenario import todays_plan
from adsim.simulate import simulate


def optimized_page(words: Words, best: Optimum, command: str) -> Page:
    """What `optimize` found."""
    pair = _pair(words, best)
    gap, gap_data = _gap(words, best)
    sections, data = pair_sections(pair, _why(words, best), gap)
    return Page(
        words,
        words("optimize_title", shop=best.scenario.scenario.name),
        _answer(pair, best),
        _facts(pair, best),
        sections,
        best.recipe(),
        {**data, **gap_data},
        command,
    )


def _pair(words: Words, best: Optimum) -> Pair:
    """Both plans once more, on the luck of their comparison."""
    today = todays_plan(best.scenario)
    if best.budget is not None:
        today = replace(today, account_budget=float(best.budget))
    plans = [today, best.plan] if changes_something(best) else [today]
    runs = [
        simulate(
            best.scenario,
            plan=plan,
            replications=best.replications,
            seed=fresh_seed(best.seed),
            by=("campaign", "hour"),
        )
        for plan in plans
    ]
    return Pair(
        words,
        runs[0],
        runs[-1],
        (words("today"), words("new")),
        best.comparison,
        best.changes,
        best.goal,
        GOALS[best.goal].value,
        words("basis_expected"),
    )


def changes_something(best: Optimum) -> bool:
    """Whether the answer is another plan than today's."""
    return bool(best.comparison.select(pl.any_horizontal(pl.col("difference") != 0).any()).item())


def _answer(pair: Pair, best: Optimum) -> list[str]:
    words = pair.words
    if pair.a is pair.b:
        return [words("answer_keep")]
    name = words("the_new_plan")
    return list(compared(words, best.scenario, pair.days, best.comparison, best.goal, name))


def _facts(pair: Pair, best: Optimum) -> list[tuple[str, str]]:
    words = pair.words
    seeds = words("seeds", seed=best.seed, fresh=pair.a.seed)
    facts = [*{**dict(run_facts(words, pair.a)), words("seed"): seeds}.items()]
    facts.insert(2, (words("goal"), words("goal_of", metric=in_sentence(words, best.goal))))
    if best.budget is not None:
        currency = words.currency(pair.currency)
        asked = words("a_day", amount=number(best.budget, "money"), currency=currency)
        facts.insert(3, (words("budget_asked"), asked))
    if best.markets.height:
        facts.append((words("markets"), f"{best.markets.height}"))
    return facts


def _why(words: Words, best: Optimum) -> Section:
    return Section("why", words("why"), [Points(best.explain(words.lang), words("html_lang"))])


def _gap(words: Words, best: Optimum) -> tuple[Section, Data]:
    """Today, the plan and the bound on one scale, all at fidelity expected."""
    unit = COLUMNS[best.goal].unit
    values = {"today": expected_today(best), "new": best.value, "bound": best.bound}
    data = [
        {"label": words(name), "value": value, "text": number(value, unit)}
        for name, value in values.items()
    ]
    axis = with_unit(words, best.goal, best.scenario.scenario.currency)
    colors = ["var(--today)", "var(--new)", "var(--rank)"]
    text = words("gap_chart", metric=words.metric(best.goal))
    spec, height = charts.bars("gap", text, axis, [words(name) for name in values], colors)
    note = words("gap_note", value=number(best.value, unit), gap=percent(best.gap))
    blocks: list[Block] = [Prose([note]), Charts([Chart("gap", spec, height=height)])]
    blocks += [Prose([words("baselines_note")]), _baselines(words, best)]
    return Section("gap", words("gap"), blocks), {"gap": data}


def _baselines(words: Words, best: Optimum) -> Table:
    """What simple plans bring beside the one found."""
    currency = best.scenario.scenario.currency
    names = [Cell(words(f"baseline_{name}")) for name in best.baselines["plan"]]
    metrics = {"value": best.goal, "spend": "spend", "revenue": "revenue", "roi": "roi"}
    shown = [name for name in metrics if name == "value" or metrics[name] != best.goal]
    fields = [
        Field(name, Head(with_unit(words, metrics[name], currency)), COLUMNS[metrics[name]].unit)
        for name in shown
    ]
    columns = [names, *(numbers(best.baselines, field) for field in fields)]
    heads = [Head(words("plan"), is_number=False), *(field.head for field in fields)]
    return Table("baselines", words("baselines"), heads, list(zip(*columns, strict=True)))


def expected_today(best: Optimum) -> float | None:
    """The goal of today's bids at fidelity expected; None where it cannot be told."""
    value: float | None = best.baselines.row(by_predicate=pl.col("plan") == "today", named=True)[
        "value"
    ]
    return value
