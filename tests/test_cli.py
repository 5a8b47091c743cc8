"""The command line: what is typed, printed, written, and the exit code; the rooms are stand-ins."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

import adsim
from adsim import cli
from adsim.errors import HOW_ROWS_COUNT, OutputError, Problem, ScenarioError
from adsim.results.compare import comparison_table
from adsim.results.registry import FIELDS, GROUPS
from adsim.results.tables import report_table

SOURCE = Path(adsim.__file__).parents[1]
# Buffered, as users have it: what stays in a buffer can fail once more as the interpreter leaves.
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONUNBUFFERED": ""}
COMMANDS = [
    "new",
    "check",
    "simulate",
    "landscape",
    "crowds",
    "compare",
    "optimize",
    "fit",
    "sweep",
    "reach",
    "media",
    "game",
    "incrementality",
    "creative-test",
    "creative-plan",
    "schema",
]
SLOPPY = Problem("shoes/keywords.csv row 4", "bid must be > 0", "is -1", "give a bid in yuan")
RNG = np.random.default_rng(2)
TALLIES = RNG.integers(1, 99, (4, 2, len(FIELDS)))
PAGE = "<!DOCTYPE html>"
SHOP = SimpleNamespace(
    scenario=SimpleNamespace(currency="CNY", days=7), journey=None, has_creatives=False
)
WINDOW = {"scenario": SHOP, "first_day": 0, "last_day": 7, "replications": 64}
TOLD = "window: 7 days, means of 64 replications; money in CNY\n"


class Rooms:
    """Stand-ins that note how they were called."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple, dict]] = []
        self.raises: BaseException | None = None

    def note(self, name: str, result: object = None):
        def room(*args: object, **options: object) -> object:
            self.calls.append((name, args, options))
            if self.raises is not None and name not in {"load_scenario", "find_plan"}:
                raise self.raises
            return result(*args, **options) if callable(result) else result

        return room

    def options(self, name: str) -> dict:
        return next(options for called, _, options in self.calls if called == name)


def report(by: tuple[str, ...] = ()) -> pl.DataFrame:
    if not by:
        return report_table(TALLIES.sum(axis=1, keepdims=True), pl.DataFrame(), "counts")
    return report_table(TALLIES, pl.DataFrame({by[0]: ["核心词", None]}), "counts")


@pytest.fixture
def rooms(monkeypatch):
    rooms = Rooms()
    comparison = comparison_table(TALLIES, TALLIES + 1)
    recipe = {"seed": 7, "versions": {"adsim": "0"}}
    run = SimpleNamespace(report=report, recipe=lambda: recipe, **WINDOW)
    best = SimpleNamespace(comparison=comparison, explain=lambda lang: [f"{lang}: bid 2 to 1.40"])
    best.write = rooms.note("best.write")
    found = SimpleNamespace(
        recovery=comparison,
        overall=comparison.head(2),
        explain=lambda lang: ["rival shape is fixed at 0.6"],
        backtest=SimpleNamespace(totals=comparison, summary=comparison.head(1)),
    )
    found.write = rooms.note("found.write")
    found.unidentified = lambda lang: ["no shares"]
    stand_ins = {
        "simulate": run,
        "landscape": pl.DataFrame({"bid": [0.5, 1.0], "clicks": [3.0, 7.5]}),
        "compare": comparison,
        "optimize": best,
        "fit": found,
    }
    for name, result in stand_ins.items():
        monkeypatch.setitem(vars(adsim), name, rooms.note(name, result))
    for name, result in (("load_scenario", SHOP), ("new_scenario", None)):
        monkeypatch.setattr(f"adsim.scenario.{name}", rooms.note(name, result))
    monkeypatch.setattr("adsim.scenario.find_plan", rooms.note("find_plan", lambda path, _: path))
    monkeypatch.setattr("adsim.report.render_page", rooms.note("render_page", PAGE))
    monkeypatch.setattr("adsim.scenario.check_scenario", rooms.note("check_scenario", []))
    monkeypatch.setattr("adsim.cli.commands._market_problems", lambda *_: [])
    return rooms


def run_process(*arguments: str, code: str = "from adsim.cli import main; main()", **options):
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


# ------------------------------------------------------------------ help and start


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_on_stdout(command, capsys):
    assert cli.run([command, "--help"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"Usage: adsim {command}")
    assert err == ""


def test_help_lists_the_commands_of_the_contract(capsys):
    assert cli.run(["--help"]) == 0
    out = capsys.readouterr().out
    assert [line.split()[0] for line in out.split("Commands:")[1].splitlines()[1:]] == COMMANDS


def test_no_arguments_is_a_call_for_help(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["adsim"])
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == 0
    assert "Usage: adsim" in capsys.readouterr().out


def test_version(capsys):
    assert cli.run(["--version"]) == 0
    assert capsys.readouterr().out == f"adsim {adsim.__version__}\n"


def test_python_m_adsim_helps_without_loading_anything_heavy():
    heavy = {"numba", "numpy", "optuna", "polars", "pydantic", "scipy", "rich"}
    code = (
        "import atexit, runpy, sys;"
        "atexit.register(lambda: print(*sorted({m.split('.')[0] for m in sys.modules})));"
        "runpy.run_module('adsim', run_name='__main__')"
    )
    done = run_process("--help", code=code)
    assert done.returncode == 0
    assert "Usage: adsim" in done.stdout
    assert heavy.isdisjoint(done.stdout.splitlines()[-1].split())


# ------------------------------------------------------------------ exit codes


@pytest.mark.parametrize("flags", [[], ["--format", "json"], ["--format", "csv"]])
def test_done_is_0(rooms, flags):
    assert cli.run(["simulate", "shop", *flags]) == 0


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("simulate shop", "window: 7 days, means of 64 replications; money in CNY"),
        ("compare shop a b", "a: a, b: b; window: 7 days, means of 64 replications; money in CNY"),
        ("landscape shop", "window: a mean day, budgets aside; money in CNY"),
    ],
)
def test_a_table_is_told_its_window_and_its_money(rooms, capsys, typed, said):
    assert cli.run(typed.split()) == 0
    assert capsys.readouterr().err.splitlines()[-1:] == [said]
    assert cli.run([*typed.split(), "--quiet"]) == 0
    assert cli.run([*typed.split(), "--format", "csv"]) == 0
    assert capsys.readouterr().err == ""


def test_our_fault_is_1_in_one_line(rooms, capsys, monkeypatch):
    monkeypatch.delenv("ADSIM_DEBUG", raising=False)
    rooms.raises = ZeroDivisionError("two\nlines")
    assert cli.run(["simulate", "shop"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert err.startswith("internal error: ZeroDivisionError: two lines; ")
    assert "please report it" in err


def test_our_fault_shows_its_traceback_when_asked(rooms, capsys, monkeypatch):
    monkeypatch.setenv("ADSIM_DEBUG", "1")
    rooms.raises = ZeroDivisionError("boom")
    assert cli.run(["simulate", "shop"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_input_is_2_and_tells_every_problem(rooms, capsys):
    rooms.raises = ScenarioError(SLOPPY, SLOPPY)
    assert cli.run(["simulate", "shop"]) == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", f"{SLOPPY}\n{SLOPPY}\n{HOW_ROWS_COUNT}\n")


def test_partly_done_is_3(rooms):
    class PartlyDone(ScenarioError):
        exit_code = 3

    rooms.raises = PartlyDone(SLOPPY)
    assert cli.run(["simulate", "shop"]) == 3


def test_interrupted_is_130(rooms, capsys, tmp_path):
    rooms.raises = KeyboardInterrupt()
    assert cli.run(["simulate", "shop", "--out", str(tmp_path / "out")]) == 130
    assert capsys.readouterr().err == "interrupted; nothing is left half done\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("simulate", "Missing argument 'SCENARIO'"),
        ("simlate shop", "Did you mean 'simulate'?"),
        ("simulate shop --replicatons 3", "--replications"),
        ("simulate shop --fidelity count", "must be expected, counts or events, but is count; did"),
        ("simulate shop --replications 0", "must be a whole number >= 1, but is 0; give 64, say."),
        ("simulate shop --replications nan", "must be a whole number >= 1, but is nan; give"),
        ("simulate shop --replications 2.5", "must be a whole number >= 1, but is 2.5; give"),
        ("simulate shop --seed -1", "must be a whole number >= 0 and <= 4294967295, but is -1;"),
        ("simulate shop --seed 4294967296", "<= 4294967295, but is 4294967296;"),
        ("simulate shop --days 0", "must be a whole number >= 1, but is 0; give 7"),
        ("simulate shop --threads inf", "must be a whole number >= 1, but is inf;"),
        ("simulate shop --by day,kyword", "holds 'kyword'; did you mean keyword?"),
        ("simulate shop --by ,", "but holds ''; leave it out."),
        ("simulate shop --format parquet", "but is parquet; add --out DIR."),
        ("simulate shop --format excel", "must be table, json, csv or parquet, but is excel"),
        ("optimize shop --budget nan", "must be a number >= 0, but is nan; give an amount"),
        ("optimize shop --budget inf", "must be a number >= 0, but is inf; give an amount"),
        ("optimize shop --budget -5", "must be a number >= 0, but is -5; give an amount"),
        ("optimize shop --goal sales", "must be profit, revenue, orders"),
        ("landscape shop --keyword cup --bids 1:2", "must be FROM:TO:COUNT with 0 <= FROM < TO"),
        ("landscape shop --keyword cup --bids nan:2:3", "but is nan:2:3; give 0.5:5:40, say."),
        ("landscape shop --scales 2:1:3", "but is 2:1:3;"),
        ("landscape shop --scales -1:1:3", "but is -1:1:3;"),
        ("landscape shop --scales 1:inf:3", "but is 1:inf:3;"),
        ("landscape shop --scales 1:2:1", "but is 1:2:1;"),
        ("landscape shop --bids 1:2:3", "must be --keyword with --bids, or --scales alone; give"),
        ("landscape shop --keyword cup --scales 1:2:3", "must be --keyword with --bids"),
        ("compare shop a", "Missing argument 'PLAN_B'"),
        ("fit report.csv", "Missing option '--out'"),
    ],
)
def test_what_is_typed_wrong_is_2_with_rule_value_and_cure(rooms, capsys, typed, said):
    assert cli.run(typed.split()) == 2
    out, err = capsys.readouterr()
    assert said in err
    assert out == ""
    assert rooms.calls == []


# ------------------------------------------------------------------ what reaches the rooms


def test_simulate_hands_over_what_was_typed(rooms):
    typed = "simulate shop --plan next --fidelity events --replications 3 --seed 9 --days 2"
    typed += " --by day,campaign,day --set auction.slots=5 --set demand.shock_cv=0 --threads 2"
    assert cli.run(typed.split()) == 0
    assert rooms.calls[0][1] == (Path("shop"), ["auction.slots=5", "demand.shock_cv=0"])
    options = rooms.options("simulate")
    assert callable(options.pop("progress"))
    assert options == {
        "plan": Path("next"),
        "fidelity": "events",
        "replications": 3,
        "seed": 9,
        "days": 2,
        "threads": 2,
        "by": ("day", "campaign"),
    }


def test_defaults_are_those_of_the_contract(rooms):
    assert cli.run(["simulate", "shop"]) == 0
    options = rooms.options("simulate")
    assert (options["fidelity"], options["replications"], options["seed"]) == ("counts", 64, 7)
    assert options["plan"] is options["days"] is options["threads"] is None
    assert options["by"] == ()


@pytest.mark.parametrize("group", GROUPS)
def test_every_group_of_the_contract_is_known(rooms, group):
    assert cli.run(["simulate", "shop", "--by", group]) == 0
    assert rooms.options("simulate")["by"] == (group,)


def test_landscape_spreads_bids_evenly_with_both_ends(rooms):
    assert cli.run(["landscape", "shop", "--keyword", "空气净化器", "--bids", "0.1:0.7:4"]) == 0
    assert cli.run(["landscape", "shop", "--scales", "0:2:3"]) == 0
    (_, _, first), (_, _, second) = (call for call in rooms.calls if call[0] == "landscape")
    assert first["keyword"] == "空气净化器"
    assert first["bids"] == pytest.approx([0.1, 0.3, 0.5, 0.7])
    assert first["bids"][-1] == 0.7
    assert second == {"keyword": None, "bids": None, "scales": [0, 1, 2], "plan": None}


def test_compare_hands_over_both_plans_in_order(rooms):
    assert cli.run(["compare", "shop", "a", "b", "--replications", "5", "--seed", "1"]) == 0
    _, args, options = rooms.calls[-1]
    assert args[1:] == (Path("a"), Path("b"))
    assert (options["replications"], options["seed"]) == (5, 1)


def test_optimize_writes_the_plan_and_says_why(rooms, capsys, tmp_path):
    out = tmp_path / "out"
    assert (
        cli.run(["optimize", "shop", "--goal", "roi", "--budget", "50.5", "--out", str(out)]) == 0
    )
    options = rooms.options("optimize")
    assert (options["goal"], options["budget"]) == ("roi", 50.5)
    assert rooms.calls[-1] == ("best.write", (out, {"report.html": PAGE}), {})
    assert capsys.readouterr().out.splitlines()[-1] == "en: bid 2 to 1.40"


def test_fit_prints_every_assumption(rooms, capsys, tmp_path):
    out = str(tmp_path / "out")
    typed = ["--days", "7", "--brand", "acme,acme shop", "--margin", "0.4", "--slots", "4"]
    assert cli.run(["fit", "report.csv", *typed, "--out", out]) == 0
    assert rooms.options("fit") == {
        "platform": None,
        "days": 7,
        "brand": ["acme", "acme shop"],
        "margin": 0.4,
        "slots": 4,
        "rival_sigma": None,
        "assumed_share": None,
        "currency": None,
        "holdout": 0.2,
        "markets": 0,
        "seed": 7,
    }
    assert capsys.readouterr().out.startswith("rival shape is fixed at 0.6\n")
    assert cli.run(["fit", "report.csv", "--out", out, "--format", "json"]) == 0
    printed, said = capsys.readouterr()
    assert json.loads(printed)[0]["metric"] == "impressions"
    shown, made = said.rsplit("\n", 2)[:2]
    assert shown == "rival shape is fixed at 0.6\n\nno shares"
    assert made.startswith(f"wrote {tmp_path / 'out'}; next: adsim check")


def test_check_tells_every_problem_and_is_2(rooms, capsys, monkeypatch):
    assert cli.run(["check", "shop"]) == 0
    assert capsys.readouterr().out == "shop: no mistakes\n"
    monkeypatch.setattr("adsim.scenario.check_scenario", lambda *_: [SLOPPY, SLOPPY])
    assert cli.run(["check", "shop", "--plan", "next"]) == 2
    assert capsys.readouterr().err == f"{SLOPPY}\n{SLOPPY}\n{HOW_ROWS_COUNT}\n"


def test_all_that_is_wrong_with_options_is_told_at_once(capsys):
    assert cli.run(["creative-plan", "--lift", "20", "--power", "x", "--goal", "cvt"]) == 2
    told = capsys.readouterr().err.splitlines()
    parts = ("'--lift': must be a number", "'--power': must", "did you mean cvr", "option '--ctr'")
    assert len(told) == len(parts)
    for part in parts:
        assert any(part in line for line in told), told
    assert told[-1].endswith(" See adsim creative-plan --help.")


def test_words_and_numbers_of_other_tools_are_understood(rooms, capsys):
    assert cli.run(["optimize", "shop", "--target-roas", "400%"]) == 0
    assert rooms.options("optimize")["target_roi"] == 4
    assert cli.run(["optimize", "shop", "--goal", "roas"]) == 2
    assert "did you mean roi?" in capsys.readouterr().err


def test_a_share_may_be_a_percentage(capsys):
    assert cli.run(["creative-plan", "--ctr", "3%", "--lift", "20%", "--format", "csv"]) == 0
    percent = capsys.readouterr()
    assert cli.run(["creative-plan", "--ctr", "0.03", "--lift", "0.2", "--format", "csv"]) == 0
    assert capsys.readouterr() == percent


def test_new_says_what_to_do_next(rooms, capsys):
    assert cli.run(["new", "shop", "--like", "kuaiche_daily"]) == 0
    assert rooms.calls == [("new_scenario", (Path("shop"), "kuaiche_daily", "en"), {})]
    assert "adsim check shop, adsim simulate shop" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "tool"), [("tac", "game"), ("category_brand", "media")])
def test_new_names_the_command_that_plays_what_was_copied(tmp_path, capsys, name, tool):
    assert cli.run(["new", str(tmp_path / "own"), "--like", name]) == 0
    assert capsys.readouterr().err.endswith(f"next: adsim {tool} {tmp_path / 'own'}\n")


# ------------------------------------------------------------------ what is printed


def test_json_on_stdout_is_pure(rooms, capsys):
    assert cli.run(["simulate", "shop", "--by", "campaign", "--format", "json"]) == 0
    out, err = capsys.readouterr()
    rows = json.loads(out)
    assert [row["campaign"] for row in rows] == ["核心词", None]
    assert (
        pl.DataFrame(rows)
        .select(pl.exclude("campaign"))
        .equals(report(("campaign",)).select(pl.exclude("campaign")))
    )
    assert err == ""


def test_csv_on_stdout_is_pure(rooms, capsys):
    assert cli.run(["simulate", "shop", "--format", "csv"]) == 0
    out, err = capsys.readouterr()
    header, row = out.splitlines()
    assert header.split(",") == report().columns
    assert float(row.split(",")[0]) == report()["searches"][0]
    assert err == ""


@pytest.mark.parametrize("command", ["landscape shop", "compare shop a b", "optimize shop"])
@pytest.mark.parametrize("file_format", ["table", "json", "csv"])
def test_every_table_prints_in_every_format(rooms, capsys, command, file_format):
    assert cli.run([*command.split(), "--format", file_format]) == 0
    out = capsys.readouterr().out
    assert len(json.loads(out) if file_format == "json" else out.splitlines()) > 1


def test_hidden_columns_are_told_on_stderr_unless_quiet(rooms, capsys):
    assert cli.run(["simulate", "shop", "--by", "campaign"]) == 0
    out, err = capsys.readouterr()
    assert "核心词" in out and "impressions" in out
    assert err.startswith("not shown: searches, eligible") and err.endswith(f"everything\n{TOLD}")
    assert cli.run(["simulate", "shop", "--by", "campaign", "--quiet"]) == 0
    assert capsys.readouterr().err == ""


def test_notices_and_warnings_go_to_stderr(rooms, capsys, monkeypatch):
    def simulate(*_, **__):
        logging.getLogger("adsim.simulate").info("compiling the counts kernel, once")
        warnings.simplefilter("always")
        warnings.warn("rivals bid without budgets", stacklevel=1)
        warnings.warn("rivals bid without budgets", stacklevel=1)
        return SimpleNamespace(report=report, **WINDOW)

    monkeypatch.setitem(vars(adsim), "simulate", simulate)
    assert cli.run(["simulate", "shop"]) == 0
    told = "compiling the counts kernel, once\nwarning: rivals bid without budgets\n"
    assert capsys.readouterr().err == told + TOLD
    assert cli.run(["simulate", "shop", "--quiet"]) == 0
    assert capsys.readouterr().err == "warning: rivals bid without budgets\n"


def test_schema_is_json(capsys):
    assert cli.run(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["type"] == "object"


# ------------------------------------------------------------------ what is written


@pytest.mark.parametrize("file_format", ["table", "json", "csv", "parquet"])
def test_out_holds_the_result_and_its_recipe(rooms, capsys, tmp_path, file_format):
    typed = ["simulate", str(tmp_path / "shop"), "--set", "auction.slots=5", "--threads", "2"]
    out = tmp_path / "results" / "run"
    assert cli.run([*typed, "--format", file_format, "--out", str(out)]) == 0
    suffix = "csv" if file_format == "table" else file_format
    names = ["recipe.json", "report.html", f"result.{suffix}"]
    assert sorted(path.name for path in out.iterdir()) == names
    assert (out / "report.html").read_text() == PAGE
    assert (capsys.readouterr().out == "") == (file_format == "parquet")
    recipe = json.loads((out / "recipe.json").read_text())
    command = "adsim simulate shop --fidelity counts --replications 64 --seed 7"
    command += f" --set auction.slots=5 --lang en --format {file_format}"
    known = {"seed": 7, "versions": {"adsim": "0"}}
    assert recipe == {**known, "result": "simulate", "command": command.split()}


def test_a_folder_of_something_else_is_refused_before_the_work(rooms, capsys, tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    for command in (["simulate", "shop"], ["optimize", "shop"], ["fit", "report.csv"]):
        assert cli.run([*command, "--out", str(tmp_path)]) == 2
        assert "it holds something else; name another folder" in capsys.readouterr().err
    assert rooms.calls == []
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_failing_write_leaves_nothing(rooms, capsys, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("adsim.results.files.write_table", full)
    assert cli.run(["simulate", "shop", "--out", str(tmp_path / "out")]) == 2
    assert "No space left on device" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------ real processes

STAND_IN = """
import sys, time, types
import polars as pl
import adsim, adsim.scenario
from adsim.cli import main
adsim.scenario.load_scenario = lambda *_: None
def simulate(*_, **__):
    print("ready", file=sys.stderr, flush=True)
    sys.stdin.readline()
    table = pl.DataFrame({"query": ["词" * 20] * 100_000})
    money = types.SimpleNamespace(currency="CNY")
    shop = types.SimpleNamespace(scenario=money, has_creatives=False)
    window = dict(scenario=shop, first_day=0, last_day=1, replications=1)
    return types.SimpleNamespace(report=lambda by: table, **window)
adsim.simulate = simulate
main()
"""


def start(*arguments: str) -> subprocess.Popen[str]:
    """A run that has begun and waits for a line, or the end, of its stdin."""
    process = subprocess.Popen(
        [sys.executable, "-c", STAND_IN, "simulate", "shop", *arguments],
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "ready\n"
    return process


def test_ctrl_c_ends_at_once_without_traceback_or_leftovers(tmp_path):
    with start("--out", str(tmp_path / "out")) as process:
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err == "interrupted; nothing is left half done\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("file_format", ["json", "csv", "table"])
def test_a_reader_that_has_seen_enough_is_no_error(file_format):
    with start("--format", file_format) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdout.close()
        process.stdin.close()
        err = process.stderr.read() if process.stderr else ""
    assert process.returncode == 0
    assert err == ""


@pytest.mark.parametrize("file_format", ["json", "csv", "table"])
def test_a_console_without_chinese_is_no_error(file_format):
    done = subprocess.run(
        [sys.executable, "-c", STAND_IN, "simulate", "shop", "--format", file_format],
        env={**ENVIRONMENT, "PYTHONIOENCODING": "latin-1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    assert ("词" * 20 if file_format != "table" else "?" * 20).encode() in done.stdout


RESULT = ["-c", STAND_IN, "simulate", "shop", "--format"]


@pytest.mark.parametrize(
    "typed",
    [
        ["-m", "adsim", "--version"],
        ["-m", "adsim", "simulate", "--help"],
        ["-m", "adsim", "schema"],
        [*RESULT, "json"],
        [*RESULT, "csv"],
        [*RESULT, "table"],
    ],
)
def test_a_full_disk_behind_stdout_is_told(typed):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, *typed],
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == OutputError.exit_code
    told = done.stderr.removeprefix("ready\n")
    assert told == "writing failed: No space left on device; make room, or write somewhere else.\n"
