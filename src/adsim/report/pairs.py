"""The page of two plans: compared by a marketer, or today's against the one that a search found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from adsim.errors import PageError, Problem
from adsim.report import charts
from adsim.report.answers import compared, compared_figures, in_sentence, rows_by_metric
from adsim.report.facts import plan_names, run_facts
from adsim.report.formats import decimals, number
from adsim.report.keywords import changed_keywords, changes_table, landscapes, most_changed
from adsim.report.page import Block, Cell, Chart, Charts, Head, Page, Prose, Section, Table
from adsim.report.settings import changed_settings
from adsim.report.spending import Data, Named, hours_section, lost_section
from adsim.report.tables import tone, with_unit
from adsim.report.words import Words
from adsim.results.compare import comparison_table
from adsim.results.registry import COLUMNS
from adsim.simulate.recipe import plan_digest
from adsim.simulate.run import Run

MONEY = ("spend", "revenue", "profit")
RATES = ("impressions", "clicks", "orders", "cpc", "cvr", "roi")
INTERVAL = ("difference", "difference_low", "difference_high")


@dataclass(frozen=True)
class Pair:
    """Two plans under the same luck, and what is shown of them.

    Attributes:
        words: Texts of the page.
        a, b: The runs.
        names: What the page calls the plans.
        table: The comparison, as `adsim.compare` gives it.
        changes: A row a keyword, columns as in `Optimum.changes`.
        goal, value: The metric that the answer is about, and what it adds up per keyword.
        basis: Where the numbers of `changes` come from, in a sentence.
    """

    words: Words
    a: Run
    b: Run
    names: tuple[str, str]
    table: pl.DataFrame
    changes: pl.DataFrame
    goal: str
    value: str
    basis: str

    @property
    def currency(self) -> str:
        return self.a.scenario.scenario.currency

    @property
    def days(self) -> int:
        return self.a.last_day - self.a.first_day


def compared_page(words: Words, a: Run, b: Run, command: str) -> Page:
    """Two runs of one scenario under the same luck."""
    _check_pair(a, b)
    table = comparison_table(a.tallies()[0], b.tallies()[0])
    changes = changed_keywords(a, b, "profit")
    names = plan_names(words, a, b)
    pair = Pair(words, a, b, names, table, changes, "profit", "profit", words("basis_sampled"))
    sections, data = pair_sections(pair)
    scenario = a.scenario
    shop = scenario.scenario.name
    facts = [*run_facts(words, a)]
    facts.insert(2, (words("plans"), words("against", a=names[1], b=names[0])))
    return Page(
        words,
        words("compare_title", a=names[1], b=names[0], shop=shop),
        list(compared(words, scenario, pair.days, table, "profit", names[1])),
        facts,
        sections,
        pair_recipe(a, b),
        data,
        command,
    )


def pair_recipe(a: Run, b: Run) -> dict[str, Any]:
    """All that the comparison of two runs depends on; no clock time, no path."""
    recipe = {key: value for key, value in a.recipe().items() if not key.startswith("plan")}
    for name, run in (("plan_a", a), ("plan_b", b)):
        recipe |= {name: run.plan.name, f"{name}_digest": plan_digest(run.scenario, run.plan)}
    return recipe


def _check_pair(a: Run, b: Run) -> None:
    """Raise PageError with all that keeps two runs from being compared."""
    rule, cure = "must be the same in both runs", "simulate both in the same way"
    problems = [
        Problem(name, rule, f"is {found} in one and {other} in the other", cure)
        for name, found, other in (
            ("scenario", a.scenario.digest()[:12], b.scenario.digest()[:12]),
            ("fidelity", a.fidelity, b.fidelity),
            ("seed", a.seed, b.seed),
            ("replications", a.replications, b.replications),
            ("first_day", a.first_day, b.first_day),
            ("last_day", a.last_day, b.last_day),
        )
        if found != other
    ]
    if problems:
        raise PageError(*problems)


def pair_sections(
    pair: Pair, why: Sequence[Section] = (), found: Sequence[Section] = ()
) -> tuple[list[Section], Data]:
    """The sections that every page of two plans has.

    `why` comes after the headlines, `found` after what is to be done.
    """
    words, data = pair.words, Data()
    headline, gains = _headline(pair)
    data |= gains
    runs = [Named(pair.names[0], pair.a), Named(pair.names[1], pair.b)]
    for named in runs:
        named.run.tallies(("campaign", "hour"))  # at once, not anew for each table
    to_do = [_changes(pair), _landscapes(pair)]
    money = [hours_section(words, runs), lost_section(words, runs), _all_metrics(pair)]
    sections = [headline, *why]
    for more, made in ((found, to_do), ([], money)):
        for section, drawn in filter(None, made):
            sections.append(section)
            data |= drawn
        sections += more
    return sections, data


def _headline(pair: Pair) -> tuple[Section, Data]:
    """The figures, and how sure their differences are."""
    words = pair.words
    key = "means_expected" if pair.a.fidelity == "expected" else "means_compared"
    figures = compared_figures(words, pair.currency, pair.table, pair.names[0], pair.goal)
    blocks: list[Block] = [figures, Prose([words(key, count=f"{pair.a.replications:,}")])]
    drawn, data = _gains(pair)
    if drawn:
        blocks += [Charts(drawn, columns=2), Prose([words("gains_note")])]
    return Section("headline", words("headline"), blocks), data


def _changes(pair: Pair) -> tuple[Section, Data]:
    words = pair.words
    settings = changed_settings(words, pair.a.plan, pair.b.plan, pair.names)
    table = changes_table(words, pair.changes, pair.value, pair.names, pair.currency)
    note = words("changes_note", value=in_sentence(words, pair.value), basis=pair.basis)
    blocks: list[Block] = [settings] if settings else []
    return Section("keywords", words("changes"), [*blocks, Prose([note]), table]), {}


def _landscapes(pair: Pair) -> tuple[Section, Data] | None:
    marked = most_changed(pair.changes)
    value = pair.value.removeprefix("caused_")  # a landscape has what is attributed
    return landscapes(pair.words, pair.b.scenario, pair.b.plan, value, marked, pair.names)


def _gains(pair: Pair) -> tuple[list[Chart], Data]:
    """Differences with their intervals as pictures, where they share a unit."""
    words, rows = pair.words, rows_by_metric(pair.table)
    money = words("gains_money", currency=words.currency(pair.currency))
    rates = words("gains_rates", a=pair.names[0])
    drawn, data = [], Data()
    for key, title, form, found in (
        ("gains-money", money, "+,~f", _differences(words, rows, MONEY, relative=False)),
        ("gains-rates", rates, "+~%", _differences(words, rows, RATES, relative=True)),
    ):
        if found:
            data[key] = found
            spec, height = charts.intervals(key, title, len(found), form)
            drawn.append(Chart(key, spec, title, height=height))
    return drawn, data


def _all_metrics(pair: Pair) -> tuple[Section, Data]:
    words = pair.words
    table = comparison_rows(pair)
    return Section("metrics", words("all_metrics"), [table]), {}


def _differences(
    words: Words, rows: dict[str, dict[str, Any]], metrics: Sequence[str], relative: bool
) -> list[dict[str, Any]]:
    """Differences with intervals, in parts of plan a's value where `relative`."""
    found = []
    for metric in metrics:
        row = rows[metric]
        values = [row[name] for name in INTERVAL if row[name] is not None]
        if len(values) < len(INTERVAL) or (relative and not row["a"]):
            continue
        scale = row["a"] if relative else 1.0
        parts = dict(zip(("difference", "low", "high"), (v / scale for v in values), strict=True))
        found.append({"label": words.metric(metric), **parts})
    return found


def comparison_rows(pair: Pair) -> Table:
    """All rows of a comparison, each with the digits of its unit."""
    words, table, names = pair.words, pair.table, pair.names
    heads = [words("metric"), *names, words("difference"), words("interval")]
    extra = [name for name in ("expected", "noise_cost") if name in table.columns]
    heads += [words("expected_of", plan=names[1]), words("noise_cost")][: len(extra)]
    rows = [_comparison_row(pair, row, extra) for row in table.iter_rows(named=True)]
    note = words("noise_note") if extra else ""
    shown = [Head(heads[0], is_number=False), *(Head(head) for head in heads[1:])]
    return Table("comparison", words("all_metrics"), shown, rows, note)


def _comparison_row(pair: Pair, row: dict[str, Any], extra: Sequence[str]) -> list[Cell]:
    words = pair.words
    metric, unit = row["metric"], COLUMNS[row["metric"]].unit
    places = decimals(unit, [row["a"], row["b"]])
    change, low, high = (row[name] for name in INTERVAL)
    ends = [number(end, unit, places, True) for end in (low, high)]
    told = tone(change, metric) if metric in ("profit", pair.goal) else ""
    between = words("between", low=ends[0], high=ends[1]) if low is not None else "–"
    return [
        Cell(with_unit(words, metric, pair.currency)),
        *(Cell(number(row[name], unit, places), row[name]) for name in ("a", "b")),
        Cell(number(change, unit, places, True), change, told),
        Cell(between, low),
        *(Cell(number(row[name], unit, places, name != "expected"), row[name]) for name in extra),
    ]
