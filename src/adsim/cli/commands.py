"""The commands: call the rooms with what was typed, print what they give back.

Results go to stdout, everything else to stderr. Rooms are imported by the commands that use them,
so that `adsim --help` is quick.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import adsim
from adsim.cli import causing, creatives, game, media, options, reaching, starting
from adsim.cli.parsing import Commands
from adsim.cli.printing import (
    BEFORE_AND_AFTER,
    HELD_OUT,
    command_of,
    page_of,
    print_creatives,
    print_lines,
    print_result,
    print_sweep,
    say_next,
    tables_of,
    window_note,
    write_sweep_page,
)
from adsim.errors import AdsimError, tell

if TYPE_CHECKING:
    from adsim.errors import Problem
    from adsim.results.files import FileFormat
    from adsim.scenario import Plan, Scenario

PARTLY_DONE = 3
app = Commands(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"adsim {adsim.__version__}")
        raise typer.Exit


@app.callback()
def adsim_command(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Say which.")
    ] = False,
) -> None:
    """Try a keyword-ads bid plan before paying for it."""


app.command()(starting.new)


@app.command()
def check(scenario: options.ScenarioFolder, plan: options.PlanFolder = None) -> None:
    """Find every mistake of a scenario or a plan at once."""
    from adsim.scenario import check_scenario

    if game.is_game(scenario):
        problems: Sequence[Problem] = game.problems_of(scenario)
    elif media.is_category(scenario):
        problems = media.problems_of(scenario)
    else:
        problems = check_scenario(scenario, plan, ()) or _market_problems(scenario, plan)
    if problems:
        print(tell(problems), file=sys.stderr)
        raise typer.Exit(AdsimError.exit_code)
    print(f"{scenario}: no mistakes")


@app.command()
def simulate(
    context: typer.Context,
    scenario: options.ScenarioFolder,
    plan: options.PlanFolder = None,
    fidelity: options.Fidelity = "counts",
    replications: options.Replications = 64,
    seed: options.Seed = 7,
    days: options.Days = None,
    by: options.Groups = None,
    overrides: options.Overrides = None,
    out: options.OutputFolder = None,
    lang: options.Language = "en",
    file_format: options.Written = "table",
    threads: options.Threads = None,
    quiet: options.Quiet = False,
) -> None:
    """Run the account under a plan and report what comes of it."""
    groups = options.parse_groups(by)
    if file_format == "parquet" and out is None:
        raise typer.BadParameter(options.PARQUET_NEEDS_OUT, param_hint="--format")
    from adsim.results.files import check_folder, write_result
    from adsim.results.terminal import ProgressBar

    if out is not None:
        check_folder(out, "simulate")
    loaded, chosen = _load(scenario, plan, overrides or ())
    with ProgressBar(quiet) as progress:
        run = adsim.simulate(
            loaded,
            plan=chosen,
            fidelity=fidelity,
            replications=replications,
            seed=seed,
            days=days,
            threads=threads,
            progress=progress,
            by=groups,
        )
    table = run.report(by=groups)
    if out is not None:
        recipe = {**run.recipe(), "result": "simulate", "command": command_of(context)}
        kind: FileFormat = "csv" if file_format == "table" else file_format
        texts = page_of(run, lang, context) | tables_of(run)
        write_result(out, table, recipe, kind, texts)
        say_next("simulate", out, lang, quiet)
    if file_format != "parquet":
        note = window_note(run.scenario, run.last_day - run.first_day, run.replications, lang)
        print_result(table, file_format, quiet, note, lang)
        print_creatives(run, file_format, quiet, lang)


@app.command()
def landscape(
    scenario: options.ScenarioFolder,
    plan: options.PlanFolder = None,
    keyword: options.Keyword = None,
    bids: options.Bids = None,
    scales: options.Scales = None,
    overrides: options.Overrides = None,
    file_format: options.Printed = "table",
    quiet: options.Quiet = False,
) -> None:
    """Show what bids bring on a mean day, budgets aside."""
    if (keyword is None and bids is not None) or (keyword is not None and scales is not None):
        raise typer.BadParameter(
            "must be --keyword with --bids, or --scales alone; give --scales 0.5:2:16, say.",
            param_hint="--keyword / --bids / --scales",
        )
    bid_list = options.parse_spread(bids, "--bids")
    scale_list = options.parse_spread(scales, "--scales")
    loaded, chosen = _load(scenario, plan, overrides or ())
    table = adsim.landscape(loaded, keyword=keyword, bids=bid_list, scales=scale_list, plan=chosen)
    note = f"window: a mean day, budgets aside; money in {loaded.scenario.currency}"
    print_result(table, file_format, quiet, note)


@app.command()
def crowds(
    scenario: options.ScenarioFolder,
    by: options.CrowdTable = "crowds",
    overrides: options.Overrides = None,
    file_format: options.Printed = "table",
    quiet: options.Quiet = False,
) -> None:
    """Show who is in the crowds: sizes, overlaps, traits."""
    loaded, _ = _load(scenario, None, overrides or ())
    found = adsim.crowds(loaded)
    table = {
        "crowds": lambda: found.sizes,
        "overlap": lambda: found.overlap,
        "traits": lambda: found.index,
        "lookalikes": lambda: found.lookalikes,
    }[by]()
    kind = {"crowds": "crowds", "lookalikes": "lookalikes"}.get(by, "crowds of persons")
    note = f"the scenario has no {kind}" if table.is_empty() else None
    print_result(table, file_format, quiet, note)


@app.command()
def compare(
    context: typer.Context,
    scenario: options.ScenarioFolder,
    plan_a: Annotated[Path, typer.Argument(metavar="PLAN_A", help="A plan's folder, or today.")],
    plan_b: Annotated[Path, typer.Argument(metavar="PLAN_B", help="Another's, or today.")],
    replications: options.Replications = 64,
    seed: options.Seed = 7,
    days: options.Days = None,
    overrides: options.Overrides = None,
    out: options.OutputFolder = None,
    lang: options.Language = "en",
    file_format: options.Printed = "table",
    threads: options.Threads = None,
    quiet: options.Quiet = False,
) -> None:
    """Compare two plans under the same luck.

    The difference is b - a, with its 95 % interval.

    The word today stands for the scenario's own bids and settings, unless a folder has that name.
    """
    from adsim.results.files import check_folder, write_result
    from adsim.results.terminal import ProgressBar
    from adsim.scenario import find_plan

    if out is not None:
        check_folder(out, "compare")
    window = () if days is None else (f"scenario.days={days}",)
    loaded, _ = _load(scenario, None, (*(overrides or ()), *window))
    first, second = find_plan(plan_a, loaded), find_plan(plan_b, loaded)
    with ProgressBar(quiet) as progress:
        table = adsim.compare(
            loaded,
            first,
            second,
            replications=replications,
            seed=seed,
            threads=threads,
            progress=progress,
        )
    if out is not None:
        from adsim.report.pairs import pair_recipe

        by = ("campaign", "hour")  # what the page shows: one run for all its tables of campaigns
        runs = [
            adsim.simulate(loaded, plan, "counts", replications, seed, threads=threads, by=by)
            for plan in (first, second)
        ]
        recipe = {**pair_recipe(*runs), "result": "compare", "command": command_of(context)}
        kind: FileFormat = "csv" if file_format == "table" else file_format
        write_result(out, table, recipe, kind, page_of(runs, lang, context), "comparison")
    note = window_note(loaded, loaded.scenario.days, replications, lang)
    print_result(table, file_format, quiet, f"a: {plan_a}, b: {plan_b}; {note}", lang)


@app.command()
def optimize(
    context: typer.Context,
    scenario: options.ScenarioFolder,
    goal: options.Goal = None,
    budget: options.Budget = None,
    target_roi: options.TargetRoi = None,
    target_cpa: options.TargetCpa = None,
    reach: options.Reach = None,
    limits: options.Limits = None,
    start: options.From = None,
    days: options.Days = None,
    trials: options.Trials = 64,
    study: options.Study = None,
    sampler: options.Sampler = "tpe",
    seed: options.Seed = 7,
    markets: options.Markets = None,
    risk: options.Risk = None,
    worst_of: options.WorstOf = None,
    front: options.Front = None,
    vary: options.Vary = None,
    out: options.OutputFolder = None,
    lang: options.Language = "en",
    file_format: options.Printed = "table",
    threads: options.Threads = None,
    quiet: options.Quiet = False,
) -> None:
    """Search for a better plan, and prove that it is better.

    With --out the same command carries on a search that was killed.
    """
    from adsim.optimize.aims.limits import load_limits
    from adsim.results.files import check_folder
    from adsim.results.terminal import ProgressBar
    from adsim.scenario import load_markets, todays_plan

    if out is not None:
        check_folder(out, "optimize")
    amount = options.parse_reach(reach)
    loaded, _ = _load(scenario, None)
    asked = () if limits is None else load_limits(limits, todays_plan(loaded))
    may_be = load_markets(scenario, loaded, markets) if markets is not None else ()
    with ProgressBar(quiet) as progress:
        best = adsim.optimize(
            loaded,
            goal=goal,
            budget=budget,
            target_roi=target_roi,
            target_cpa=target_cpa,
            reach=amount,
            limits=asked,
            start=start,
            days=days,
            seed=seed,
            threads=threads,
            progress=progress,
            markets=may_be,
            risk=risk,
            worst_of=worst_of or (),
            front=None if front is None else front.split(","),
            vary=vary or (),
            trials=trials,
            study=f"{out}.study" if study is None and out is not None else study,
            keep_study=study is not None,
            sampler=sampler,
            trial_progress=progress,
        )
    if out is not None:
        best.write(out, page_of(best, lang, context))
        say_next("optimize", out, lang, quiet)
    print_result(best.comparison, file_format, quiet, BEFORE_AND_AFTER[lang], lang)
    if vary and file_format == "table":
        print_result(best.settings, file_format, quiet, lang=lang)
    print_lines(best.explain(lang), file_format)


@app.command()
def fit(
    context: typer.Context,
    report: Annotated[Path, typer.Argument(metavar="REPORT", help="A platform's report.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the scenario.")],
    platform: Annotated[
        str | None, typer.Option(metavar="P", help="doubleclick or plain; absent: by its columns.")
    ] = None,
    days: options.ReportDays = None,
    brand: options.Brand = None,
    margin: options.Margin = None,
    slots: options.Slots = None,
    rival_sigma: options.RivalSigma = None,
    assumed_share: options.AssumedShare = None,
    currency: options.Currency = None,
    holdout: options.Holdout = 0.2,
    markets: options.FittedMarkets = 0,
    seed: options.Seed = 7,
    lang: options.Language = "en",
    file_format: options.Printed = "table",
    quiet: options.Quiet = False,
) -> None:
    """Turn a report into a scenario, and say what was assumed.

    REPORT is a CSV or .xlsx file, as platforms export it: a DoubleClick sheet, or a plain table.

    A plain table has keyword, impressions, clicks, cost, conversions, revenue; avg_position (1 =
    top) or impression_share (as 0.45 or 45%), better both, as only shares tell how impressions
    change with the bid; and, better than guesses, match_type (exact, phrase, broad) and bid. It
    may have lost_to_budget, account, campaign, ad_group, and day (the last days are then held out,
    too). Usual names of all of them are known.
    """
    from adsim.results.files import check_folder

    check_folder(out, "fit")
    found = adsim.fit(
        report,
        platform=platform,
        days=days,
        brand=() if brand is None else brand.split(","),
        margin=margin,
        slots=slots,
        rival_sigma=rival_sigma,
        assumed_share=assumed_share,
        currency=currency,
        holdout=holdout,
        markets=markets,
        seed=seed,
    )
    found.write(out, page_of(found, lang, context), lang)
    print_lines(found.explain(lang), file_format)
    shown = found.overall if file_format == "table" else found.recovery
    print_result(shown, file_format, quiet, lang=lang)
    if file_format == "table" and not found.backtest.totals.is_empty():
        print(HELD_OUT[lang])
        print_result(found.backtest.summary, file_format, quiet, lang=lang)
    print_lines(["", *found.unidentified(lang)], file_format)
    say_next("fit", out, lang, quiet)


@app.command()
def sweep(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="SWEEP.toml", help="What to run.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the results.")],
    workers: options.Workers = None,
    cluster: options.Cluster = None,
    lang: options.Language = "en",
    file_format: options.Printed = "table",
    quiet: options.Quiet = False,
) -> None:
    """Run a grid of scenarios, plans, settings and seeds.

    The same command goes on with one that was interrupted.

    SWEEP.toml holds lists: scenarios = ["shop"], plans = ["today", "plans/bold"], seeds = [1, 2, 3]
    or { first = 1, count = 20 }, and under [set] keys such as auction.reserve_score = [2, 3];
    moreover fidelity, replications, days, by. [[tasks]] lists single cells: scenario, plan, set,
    seeds. Paths are relative to the file.
    """
    from adsim.results.terminal import ProgressBar

    try:
        with ProgressBar(quiet) as progress:
            done = adsim.sweep(file, out, workers=workers, cluster=cluster, progress=progress)
    except KeyboardInterrupt:
        print("finished tasks stay; the same command goes on from there", file=sys.stderr)
        raise
    if done.tables:
        answer = write_sweep_page(done, lang, context)
        print_sweep(done, answer, lang, file_format, quiet)
    print_lines(done.story(), file_format)
    if not done.failed.is_empty():
        raise typer.Exit(PARTLY_DONE)


app.command()(reaching.reach)
app.command()(media.media)
app.command()(game.game)
app.command()(causing.incrementality)
app.command()(creatives.creative_test)
app.command()(creatives.creative_plan)


@app.command()
def schema(of: options.SchemaOf = "scenario") -> None:
    """Print the JSON Schema of what a scenario file may hold."""
    from adsim.scenario import scenario_schema

    described = {"scenario": scenario_schema, "media": media.schema, "game": game.schema}[of]()
    print(json.dumps(described, ensure_ascii=False, indent=2))


def _market_problems(scenario: Path, plan: Path | None) -> tuple[Problem, ...]:
    """What only shows when queries, keywords and rivals are brought together."""
    from adsim.errors import MarketError
    from adsim.market.compile import compile_market
    from adsim.scenario import todays_plan

    loaded, chosen = _load(scenario, plan)
    try:
        compile_market(loaded, [chosen or todays_plan(loaded)])
    except MarketError as error:
        return error.problems
    return ()


def _load(
    scenario: Path, plan: Path | None, overrides: Sequence[str] = ()
) -> tuple[Scenario, Plan | None]:
    from adsim.scenario import find_plan, load_scenario

    loaded = load_scenario(scenario, overrides)
    return loaded, find_plan(plan, loaded) if plan is not None else None
