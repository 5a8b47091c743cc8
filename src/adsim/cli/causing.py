"""The command about what ads cause."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

import adsim
from adsim.cli import options
from adsim.cli.printing import command_of, page_of, print_lines, print_result, window_note

PartName = Literal["campaign", "keyword", "audience"]
Part = Annotated[
    PartName | None, options.one_of(PartName, "What each of them causes, taken away alone.")
]


def incrementality(
    context: typer.Context,
    scenario: options.ScenarioFolder,
    plan: options.PlanFolder = None,
    by: Part = None,
    replications: options.Replications = 64,
    seed: options.Seed = 7,
    overrides: options.Overrides = None,
    out: options.OutputFolder = None,
    lang: options.Language = "en",
    file_format: options.Printed = "table",
    threads: options.Threads = None,
    quiet: options.Quiet = False,
) -> None:
    """Show what ads cause beside what reports attribute to them.

    The same history is played with and without the ads; 95 % intervals are paired. Where
    scenario.holdout keeps people from the ads, also what they tell of it.
    """
    from adsim.results.files import check_folder
    from adsim.results.terminal import ProgressBar
    from adsim.scenario import find_plan, load_scenario

    if out is not None:
        check_folder(out, "incrementality")
    loaded = load_scenario(scenario, overrides or ())
    chosen = find_plan(plan, loaded) if plan is not None else None
    with ProgressBar(quiet) as progress:
        found = adsim.incrementality(
            loaded, chosen, by, replications, seed, threads=threads, progress=progress
        )
    if out is not None:
        found.write(out, command_of(context), page_of(found, lang, context))
    tables = [table for table in (found.account, found.parts, found.holdout) if table is not None]
    if file_format != "table":  # programs get one table: the parts, where asked for
        tables = [found.account if found.parts is None else found.parts]
    note = window_note(loaded, loaded.scenario.days, replications, lang)
    for table in tables:
        print_result(table, file_format, quiet, note if table is tables[-1] else None, lang)
    if not quiet:
        print_lines(found.explain(lang), file_format)
