"""The page of a search: today's plan against the one that it recommends, and how far that goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from adsim.optimize import Optimum
from adsim.optimize.aims.goals import GOALS
from adsim.optimize.answer.caution import explain_caution
from adsim.optimize.answer.optimum import fresh_seed
from adsim.report import charts
from adsim.report.answers import amount, compared, in_sentence, rows_by_metric
from adsim.report.facts import run_facts
from adsim.report.formats import NOTHING, number, percent
from adsim.report.fronts import front_section
from adsim.report.keywords import action
from adsim.report.page import Block, Cell, Chart, Charts, Head, Page, Points, Prose, Section, Table
from adsim.report.pairs import Pair, pair_sections
from adsim.report.risks import risk_answer, risk_goal, risk_section
from adsim.report.searching import markets_section, search_section
from adsim.report.settings import changed_settings
from adsim.report.spending import Data
from adsim.report.tables import Field, numbers, with_unit
from adsim.report.varied import settings_section
from adsim.report.words import Words
from adsim.results.registry import COLUMNS
from adsim.scenario import todays_plan
from adsim.simulate import simulate

BIDS = ("bid_today", "bid_new")
MOVES = ("raised", "lowered", "started", "paused", "kept")
"""What may happen to a bid, as the first lines of a page count it."""


def optimized_page(words: Words, best: Optimum, command: str) -> Page:
    """What `optimize` found."""
    pair = _pair(words, best)
    why = Section("why", words("why"), [Points(best.explain(words.lang), words("html_lang"))])
    own, own_data = _own_sections(words, best)
    sections, data = pair_sections(pair, [why], own)
    return Page(
        words,
        words("optimize_title", shop=best.scenario.scenario.name),
        list(_answer(pair, best, bool(command))),
        _facts(pair, best),
        sections,
        best.recipe(),
        {**data, **own_data},
        command,
    )


def _own_sections(words: Words, best: Optimum) -> tuple[list[Section], Data]:
    """How good the plan is, and how it was found."""
    gap, data = _gap(words, best)
    sections = [risk_section(words, best), gap] if best.risk.height else [gap]
    if best.settings.height:
        sections.insert(0, settings_section(words, best))
    if best.markets.height:
        sections.append(markets_section(words, best))
    axes = best.question.axes()
    if axes is not None:
        front, more = front_section(words, best, axes)
        sections.append(front)
        data |= more
    if best.trials is not None and best.race is not None:
        search, more = search_section(words, best, best.trials, best.race)
        sections.append(search)
        data |= more
    return sections, data


def _pair(words: Words, best: Optimum) -> Pair:
    """Both plans once more, on the luck of their comparison."""
    today = todays_plan(best.declared)
    if best.budget is not None:
        today = replace(today, account_budget=float(best.budget))
    plans = [(best.declared, today)]
    if changes_something(best):
        plans.append((best.scenario, best.plan))
    runs = [
        simulate(
            scenario,
            plan=plan,
            replications=best.tested,
            seed=fresh_seed(best.seed),
            by=("campaign", "hour"),
        )
        for scenario, plan in plans
    ]
    return Pair(
        words,
        runs[0],
        runs[-1],
        (words("today"), words("new")),
        best.comparison,
        best.changes,
        best.goal,
        _summed(best),
        words("basis_expected"),
    )


def changes_something(best: Optimum) -> bool:
    """Whether the answer is another plan than today's."""
    return bool(best.comparison.select(pl.any_horizontal(pl.col("difference") != 0).any()).item())


def _summed(best: Optimum) -> str:
    """What the goal adds up per keyword, as in `Optimum.changes`."""
    is_reached = best.question.reach is not None and best.is_met
    goal = best.question.aim().goal if is_reached else GOALS[best.goal]
    return goal.value


def _answer(pair: Pair, best: Optimum, is_written: bool) -> Iterator[str]:
    """What it brings and how sure that is, then what to do; `is_written`: as a folder."""
    words = pair.words
    if not best.is_met:
        yield words("answer_unmet", asked=asked_for(words, best))
    if pair.a is pair.b:
        yield words("answer_keep")
        yield from _cautions(words, best)
        return
    told = compared(
        words, best.scenario, pair.days, best.comparison, best.goal, words("the_new_plan")
    )
    lines = [next(told), *_cautions(words, best), _to_do(pair, is_written), *told]
    if best.is_met and (best.question.aim().target or best.question.reach):
        today = best.baselines.row(by_predicate=pl.col("plan") == "today", named=True)
        lines.insert(len(lines) if today["holds"] else 0, _held(words, best))
    yield from lines
    for key, value in best.steps.items():
        yield words("answer_step", setting=key, value=value)
    if best.risk.height:
        yield risk_answer(words, best)
    if best.markets.height:
        change = pl.col("difference") if GOALS[best.goal].rises else -pl.col("difference")
        better = best.markets.filter(change > 0).height
        key = "answer_scenarios" if best.question.worst_of else "answer_markets"
        yield words(key, better=better, count=best.markets.height)


def _cautions(words: Words, best: Optimum) -> Iterator[str]:
    """What to keep in mind of a market that was fitted to a report."""
    several = best.markets.height > 0
    for line in explain_caution(best.declared, best.changes, best.goal, several):
        yield words("answer_caution", told=line.tell(words.lang))


def _to_do(pair: Pair, is_written: bool) -> str:
    """How many bids and settings change."""
    words = pair.words
    moves = Counter(action(*row) for row in pair.changes.select(BIDS).iter_rows())
    told = [words(f"do_{kind}", count=moves[kind]) for kind in MOVES if moves[kind]]
    lines = [words("answer_do", moves=words("comma").join(told))]
    changed = changed_settings(words, pair.a.plan, pair.b.plan, pair.names)
    if changed:
        lines.append(words("answer_settings", count=len(changed.rows)))
    if is_written:
        lines.append(words("answer_plan"))
    return words("space").join(lines)


def _held(words: Words, best: Optimum) -> str:
    """What was asked for beside what both plans come to."""
    aim = best.question.aim()
    metric = aim.target.metric if aim.target else aim.goal.name
    row = rows_by_metric(best.comparison)[metric]
    names = {"today": "a", "new": "b", "expected": "expected"}
    told = {k: amount(words, best.scenario, metric, row[name]) for k, name in names.items()}
    return words("answer_held", asked=asked_for(words, best), **told)


def asked_for(words: Words, best: Optimum) -> str:
    """The conditions that the plan must hold: `ROI ≥ 3`."""
    return words("comma").join(_conditions(words, best))


def _conditions(words: Words, best: Optimum) -> Iterator[str]:
    aim = best.question.aim()
    metric, value, rises = aim.goal.name, aim.reach, True
    if aim.target is not None:
        metric, value, rises = aim.target.metric, aim.target.value, aim.target.goal.rises
    if value is not None:
        sign = "≥" if rises else "≤"
        yield f"{words.metric(metric)} {sign} {amount(words, best.scenario, metric, value)}"
    if aim.risk is not None and aim.risk.kind == "loss":
        yield risk_goal(words, best)


def goal_text(words: Words, best: Optimum) -> str:
    """What was asked to be best, and under which conditions."""
    aim = best.question.aim()
    metric = in_sentence(words, aim.measured.name)
    if aim.risk is not None and aim.risk.kind != "loss":
        metric = risk_goal(words, best)
    text = words("goal_of" if aim.measured.rises else "goal_least", metric=metric)
    return words("comma").join([text, *_conditions(words, best)])


def _facts(pair: Pair, best: Optimum) -> list[tuple[str, str]]:
    words = pair.words
    seeds = words("seeds", seed=best.seed, fresh=pair.a.seed)
    facts = [*{**dict(run_facts(words, pair.a)), words("seed"): seeds}.items()]
    facts.insert(2, (words("goal"), goal_text(words, best)))
    if best.budget is not None:
        currency = words.currency(pair.currency)
        asked = words("a_day", amount=number(best.budget, "money"), currency=currency)
        facts.insert(3, (words("budget_asked"), asked))
    if best.markets.height:
        facts.append((words("markets"), f"{best.markets.height}"))
    return facts


def has_other_settings(best: Optimum) -> bool:
    """Whether the plan changes premiums, coefficients or budgets of campaigns."""
    return best.plan.campaigns != todays_plan(best.scenario).campaigns


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
    key = "gap_note" if GOALS[best.goal].rises else "gap_note_below"
    notes = [words(key, value=number(best.value, unit), gap=percent(best.gap))]
    notes.append(words("gap_other" if has_other_settings(best) else "gap_today"))
    blocks: list[Block] = [Prose(notes), Charts([Chart("gap", spec, height=height)])]
    blocks += [Prose([words("baselines_note")]), _baselines(words, best)]
    return Section("gap", words("gap"), blocks), {"gap": data}


def _baselines(words: Words, best: Optimum) -> Table:
    """What simple plans bring beside the one found."""
    currency = best.scenario.scenario.currency
    found = best.baselines
    if has_other_settings(best):
        found = pl.concat([found, _own_row(best)])
    names = [Cell(words(f"baseline_{name}")) for name in found["plan"]]
    metrics = {"value": best.goal, "spend": "spend", "revenue": "revenue", "roi": "roi"}
    shown = [name for name in metrics if name == "value" or metrics[name] != best.goal]
    fields = [
        Field(name, Head(with_unit(words, metrics[name], currency)), COLUMNS[metrics[name]].unit)
        for name in shown
    ]
    columns = [names, *(numbers(found, field) for field in fields)]
    heads = [Head(words("plan"), is_number=False), *(field.head for field in fields)]
    if not found["holds"].drop_nulls().all():
        told = {True: words("yes"), False: words("no"), None: NOTHING}
        heads.append(Head(words("holds"), is_number=False))
        columns.append([Cell(told[holds]) for holds in found["holds"]])
    return Table("baselines", words("baselines"), heads, list(zip(*columns, strict=True)))


def _own_row(best: Optimum) -> pl.DataFrame:
    """The plan itself as a row of the baselines."""
    rows = rows_by_metric(best.comparison)
    row = {name: rows[name]["expected"] for name in ("spend", "revenue", "roi")}
    return pl.DataFrame(
        [{"plan": "new", "value": best.value, **row, "holds": True}], best.baselines.schema
    )


def expected_today(best: Optimum) -> float | None:
    """The goal of today's bids at fidelity expected; None where it cannot be told."""
    value: float | None = best.baselines.row(by_predicate=pl.col("plan") == "today", named=True)[
        "value"
    ]
    return value
