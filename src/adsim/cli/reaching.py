"""The command about reach and frequency."""

from __future__ import annotations

from typing import Annotated

import typer

import adsim
from adsim.cli import options
from adsim.cli.printing import command_of, print_result, window_note

ReachGroups = Annotated[
    str | None,
    typer.Option(metavar="GROUPS", help="A row for each: campaign, audience, crowd, day, say."),
]
Overlap = Annotated[
    bool, typer.Option("--overlap", help="Persons reached by both of two groups of --by.")
]


def reach(
    context: typer.Context,
    scenario: options.ScenarioFolder,
    plan: options.PlanFolder = None,
    by: ReachGroups = None,
    overlap: Overlap = False,
    scales: options.Scales = None,
    fidelity: options.Fidelity = "counts",
    replications: options.Replications = 64,
    seed: options.Seed = 7,
    days: options.Days = None,
    overrides: options.Overrides = None,
    out: options.OutputFolder = None,
    file_format: options.Written = "table",
    threads: options.Threads = None,
    quiet: options.Quiet = False,
) -> None:
    """Show how many persons see an ad, how often, at what price.

    The scenario needs persons: a [population] or a [journey]. With --scales, a row for each factor
    on all bids: spend against persons reached, each counted once, at fidelity expected; under
    frequency caps or beside a [journey], where reach has no closed form, at fidelity events.
    """
    from adsim.results.files import check_folder, write_result
    from adsim.results.registry import GROUPS
    from adsim.results.terminal import ProgressBar
    from adsim.scenario import find_plan, load_scenario
    from adsim.simulate.reach_curves import CURVE_REPLICATIONS, curve_fidelity

    if overlap and scales is not None:
        raise typer.BadParameter(
            "must be one of the two; leave one out.", param_hint="--overlap / --scales"
        )
    if file_format == "parquet" and out is None:
        raise typer.BadParameter(options.PARQUET_NEEDS_OUT, param_hint="--format")
    steps = options.parse_spread(scales, "--scales")
    groups = tuple(name.strip() for name in by.split(",")) if by is not None else ()
    if out is not None:
        check_folder(out, "reach")
    loaded = load_scenario(scenario, overrides or ())
    chosen = find_plan(plan, loaded) if plan is not None else None
    with ProgressBar(quiet) as progress:
        run = adsim.simulate(
            loaded,
            chosen,
            fidelity if steps is None else curve_fidelity(loaded, chosen),
            replications if steps is None else CURVE_REPLICATIONS,
            seed,
            days,
            threads=threads,
            progress=progress,
            by=[*(name for name in groups if name in GROUPS), "audience"],
        )
    if steps is not None:
        table = adsim.reach_curve(loaded, steps, chosen, groups, days)
    else:
        table = run.overlap(groups) if overlap else run.reach(groups)
    if out is not None:
        kind = "csv" if file_format == "table" else file_format
        recipe = {**run.recipe(), "result": "reach", "command": command_of(context)}
        write_result(out, table, recipe, kind, name="reach")
    if file_format != "parquet":
        note = window_note(loaded, run.last_day - run.first_day, run.replications)
        print_result(table, file_format, quiet, note)
