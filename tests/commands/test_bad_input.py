"""Bad input of every kind: exit code 2, each mistake named with its cure, nothing left behind."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from adsim import cli
from adsim.scenario.columns import TABLES, Column, TableSpec
from tests.commands.shops import FILES, PLAN, everything_below, run_process

# ------------------------------------------------------------------ single cells

NO_NUMBERS = {
    "x": "must be a number, but is x",
    "1e400": "must be finite, but is 1e400",
    "NaN": "must be finite, but is NaN",
    "inf": "must be finite, but is inf",
    "-inf": "must be finite, but is -inf",
    "-1": "but is -1",
    "1e12": "but is 1e12",
}
NUMBERS = [(spec, column) for spec in TABLES for column in spec.columns if column.number]


def spoil_cells(folder: Path, spec: TableSpec, column: Column, cells: Iterable[str]) -> int:
    """Repeat the last row with each text in a column, which is added where the file lacks it.

    Returns the number of the first of these rows.
    """
    lines = [line.split(",") for line in FILES[spec.file].splitlines()]
    if column.name not in lines[0]:
        lines = [[*lines[0], column.name], *([*line, str(column.default)] for line in lines[1:])]
    *kept, last = lines
    place = lines[0].index(column.name)
    lines = [*kept, *([*last[:place], cell, *last[place + 1 :]] for cell in cells)]
    (folder / spec.file).write_text("\n".join(",".join(line) for line in lines), encoding="utf-8")
    return len(kept)


@pytest.mark.parametrize(
    ("spec", "column"), NUMBERS, ids=[f"{spec.name}.{column.name}" for spec, column in NUMBERS]
)
def test_no_column_takes_what_is_no_number(shop, refused, spec, column):
    first = spoil_cells(shop, spec, column, NO_NUMBERS)
    lines = refused("check", shop)
    for row, said in enumerate(NO_NUMBERS.values(), first):
        place = f"{shop / spec.file} row {row}: {column.name} "
        assert any(line.startswith(place) and said in line for line in lines), (said, lines)
    spoil_cells(shop, spec, column, ["1,5"])
    lines = refused("simulate", shop, "--out", shop.parent / "out")
    assert f"{shop / spec.file} row {first}: must have" in lines[0]


CELLS = [
    ("keywords.csv", "tail,cups,蓝色,broad", "tial,cups,蓝色,broad", "did you mean tail?"),
    ("keywords.csv", "broad,0.50", "fuzzy,0.50", "row 2: match_type must be exact, phrase or"),
    ("keywords.csv", "1.0,杯子,1.1", "1.0,杯,1.1", "row 1: product must be declared"),
    ("keywords.csv", "core,cups,杯子,exact", "core,,杯子,exact", "row 1: ad_group must be given"),
    ("keywords.csv", "2.00,5", "0.05,5", "row 1: bid must be >= 0.1 (auction.bid_min)"),
    ("keywords.csv", "creative\n", "creativ\n", "column creativ must be a known column"),
    ("keywords.csv", "quality,", "", "must have 8 cells like the header"),
    ("keywords.csv", "蓝色,broad", "杯子,exact", "must be that of a row of keywords.csv"),
    ("queries.csv", "table:thin", "table:fat", "row 2: rival_family must be"),
    ("queries.csv", "lognormal", "normal", "row 1: rival_family must be"),
    ("queries.csv", "蓝色 杯子", "杯子", "row 2: query must be unique"),
    ("negatives.csv", "tail,cups", "tail,mugs", "row 1: campaign, ad_group must be that of a row"),
    ("negatives.csv", "broad", "BROAD", "row 1: match_type must be exact, phrase or broad"),
    ("links.csv", "\n蓝色 杯子", "\n绿色 杯子", "row 2: query must be that of a row of queries"),
    ("rivals.csv", "\n对手", "\n对头", "row 1: rival must be declared under [[rivals]]"),
    ("rival_tables.csv", "thin,1,9", "thin,0.9,9", "row 3: the highest probability of a table"),
    ("rival_tables.csv", "0.5,3", "0.5,10", "ad_rank must not fall as probability rises"),
]


@pytest.mark.parametrize(("name", "old", "new", "said"), CELLS)
def test_tables_must_name_what_there_is(shop, edit, refused, name, old, new, said):
    edit(f"shop/{name}", old, new)
    lines = refused("simulate", shop, "--out", shop.parent / "out")
    assert any(said in line for line in lines), lines
    assert all(line.startswith(f"{shop}") for line in lines)


KEYS = [
    ("slots = 2", "slots = 2.5", "auction.slots must be a whole number, but is 2.5"),
    ("slots = 2", 'slots = "2"', "auction.slots must be a whole number, but is '2'"),
    ("slots = 2", "slots = true", "auction.slots must be a whole number, but is true"),
    ("slots = 2", "slot = 2", "auction.slot must be a known key, but is not; did you mean slots?"),
    ("slots = 2", "slots = 3", "auction.examination must have exactly 3 values"),
    ("[1.0, 0.5]", "[0.5, 1.0]", "auction.examination must not rise"),
    ("[1.0, 0.5]", "[1.0, nan]", "auction.examination.1"),
    ("= 2.0\nincrement", "= nan\nincrement", "auction.reserve_score must be a finite number"),
    ("= 2.0\nincrement", "= inf\nincrement", "auction.reserve_score must be a finite number"),
    ("= 2.0\nincrement", "= -2\nincrement", "auction.reserve_score must be >= 0, but is -2"),
    ("bid_max = 100.0", "bid_max = 0.01", "auction.bid_max must be at least auction.bid_min"),
    ("shock_cv = 0.3", "hour = [0.5, 0.6]", "demand.hour must have at least 24 values"),
    ("shock_cv = 0.3", f"hour = [{'0.05,' * 24}]", "demand.hour must sum to 1, but sum to 1.2"),
    ("start = 2025-06-01", 'start = "tomorrow"', "scenario.start must be a date"),
    ("start = 2025-06-01", "", "scenario.start must be given, but is missing"),
    ("price = 50.0", "price = 0", "products.杯子.price must be > 0, but is 0"),
    ("daily_budget = 100.0", "daily_budget = -1.0", "campaigns.core.daily_budget must be >= 0"),
    ("daily_budget = 50.0", "daily_budget = nan", "rivals.对手.daily_budget must be a finite"),
    ('name = "tail"', 'name = "core"', "campaigns"),
    ('"访客" = 0.3', '"游客" = 0.3', "campaigns.core.premiums.游客 must be declared"),
    ("mobile = 1.2", "phone = 1.2", "campaigns.core.devices.phone must be declared"),
    ("share = 0.3", "share = 0.4", "devices"),
    ("share = 0.1", "share = 1.1", "crowds.访客.share must be <= 1, but is 1.1"),
    ("[demand]", "[demnad]", "demnad must be a known key, but is not; did you mean demand?"),
    ("[demand]", "[demand", "must be valid TOML"),
]


@pytest.mark.parametrize(("old", "new", "said"), KEYS)
def test_keys_must_keep_their_rules(shop, edit, refused, old, new, said):
    edit("shop/scenario.toml", old, new)
    lines = refused("simulate", shop, "--out", shop.parent / "out")
    assert any(line.startswith(f"{shop / 'scenario.toml'}: {said}") for line in lines), lines


def test_names_in_chinese_need_quotes_as_keys(shop, edit, refused):
    edit("shop/scenario.toml", '"访客" = 0.3', "访客 = 0.3")
    (line,) = refused("check", shop)
    assert line.endswith('; put a name that is not in plain letters A-Z into "quotes".')


PLANS = [
    ("keywords.csv", "杯子,exact", "杯,exact", "row 1: must match a row of the scenario's"),
    ("keywords.csv", "2.40", "-2.40", "row 1: bid must be > 0, but is -2.40"),
    ("keywords.csv", "2.40", "nan", "row 1: bid must be finite, but is nan"),
    ("keywords.csv", "2.40", "", "row 1: must have 5 cells"),
    ("keywords.csv", "bid\n", "bed\n", "column bed must be a known column"),
    ("keywords.csv", "2.40\n", "2.40\ncore,cups,杯子,exact,3\n", "row 2: campaign, ad_group, key"),
    ("plan.toml", '"core"', '"cor"', "campaigns.0.name must be that of a campaign"),
    ("plan.toml", "300.0", "inf", "campaigns.core.daily_budget must be a finite number"),
    ("plan.toml", "daily_budget", "budget", "campaigns.core.budget must be a known key"),
    ("plan.toml", "[[campaigns]]", "[auction]", "auction must be a known key"),
]


@pytest.mark.parametrize(("name", "old", "new", "said"), PLANS)
def test_plans_must_fit_their_scenario(shop, plan, edit, refused, name, old, new, said):
    if not new and said.endswith("5 cells"):
        old = ",2.40"
    edit(f"plan/{name}", old, new)
    lines = refused("simulate", shop, "--plan", plan, "--out", shop.parent / "out")
    assert any(line.startswith(str(plan / name)) and said in line for line in lines), lines
    assert refused("check", shop, "--plan", plan) == lines
    assert refused("compare", shop, shop, plan) == lines


REPORTS = [
    ("杯子,exact,2.00", "杯子,exact,abc", "row 1: bid must be a number, but is abc"),
    ("9000,360", "9000,nan", "row 1: clicks must be finite, but is nan"),
    ("9000,360", "9000,-360", "row 1: clicks must be >= 0, but is -360"),
    ("480.00", "inf", "row 1: cost must be finite, but is inf"),
    ("phrase", "fuzzy", "row 2: match_type must be exact, phrase or broad"),
    ("avg_position", "place", "a row must have an avg_position or an impression_share"),
    ("cost", "costs", "a plain report must have the column cost"),
    (",2,90", ",2", "row 2: must have 9 cells like the header, but has 8"),
]


@pytest.mark.parametrize(("old", "new", "said"), REPORTS)
def test_reports_must_hold_what_a_fit_needs(report, edit, refused, old, new, said):
    edit("report.csv", old, new)
    lines = refused("fit", report, "--out", report.parent / "out")
    assert any(line.startswith(str(report)) and said in line for line in lines), lines


# ------------------------------------------------------------------ whole files

NOISE = random.Random(1).randbytes(3000)
DAMAGES = {
    "empty": lambda text: b"",
    "blank": lambda text: b" \n\n",
    "random bytes": lambda text: NOISE,
    "a program": lambda text: b"\x7fELF\x02\x01\x01" + bytes(9) + NOISE,
    "gbk": lambda text: text.encode("gbk"),
    "utf-16": lambda text: text.encode("utf-16"),
    "utf-16 without a mark": lambda text: text.encode("utf-16-be"),
    "a workbook": lambda text: b"PK\x03\x04" + NOISE,
    "cut in a character": lambda text: text.encode()[: text.encode().rindex("子".encode()) + 2],
}
TABLE_DAMAGES = {
    "header only": lambda text: text.split("\n")[0].encode() + b"\n",
    "cut in a row": lambda text: text[: text.rindex(",")].encode(),
    "a row too long": lambda text: text.encode() + b"1,2,3,4,5,6,7,8,9,10,11\n",
    "an open quote": lambda text: text.encode() + b'"a,b\n',
    "tabs": lambda text: text.replace(",", "\t").encode(),
    "no header": lambda text: text.split("\n", 1)[1].encode(),
}
TARGETS = [*(f"shop/{name}" for name in FILES), *(f"plan/{name}" for name in PLAN), "report.csv"]


def told_of(target: str, folder: Path, refused) -> list[str]:
    """What the commands that read the target say of it."""
    if target == "report.csv":
        return refused("fit", folder / target, "--out", folder / "out")
    return refused("simulate", folder / "shop", "--plan", folder / "plan", "--out", folder / "out")


@pytest.mark.parametrize("target", TARGETS)
def test_damaged_files_are_named(shop, plan, report, refused, target):
    path = shop.parent / target
    text = path.read_text(encoding="utf-8")
    if "子" not in text:
        text += "# 杯子\n" if path.suffix == ".toml" else text.split("\n")[-2] + "子\n"
    damages = DAMAGES if path.suffix == ".toml" else DAMAGES | TABLE_DAMAGES
    if target == "report.csv":  # as platforms export it, which is read
        exported = {"gbk", "utf-16", "tabs"}
        damages = {name: damage for name, damage in damages.items() if name not in exported}
    for name, damage in damages.items():
        path.write_bytes(damage(text))
        lines = told_of(target, shop.parent, refused)
        assert lines[0].startswith(str(path)), (name, lines)
    if target != "report.csv":
        assert refused("check", shop, "--plan", plan)[: len(lines)] == lines


@pytest.mark.parametrize("target", TARGETS)
def test_a_folder_is_no_file(shop, plan, report, refused, target):
    path = shop.parent / target
    path.unlink()
    path.mkdir()
    assert f"{path}: must be a file, but is a folder; put a file in its place." in told_of(
        target, shop.parent, refused
    )


def test_missing_things_are_named(shop, plan, report, refused, tmp_path):
    nothing, out = tmp_path / "nothing", tmp_path / "out"
    for arguments in (
        ("check", nothing),
        ("simulate", nothing, "--out", out),
        ("landscape", nothing),
        ("compare", nothing, plan, plan),
        ("compare", shop, plan, nothing),
        ("optimize", nothing, "--out", out),
        ("simulate", shop, "--plan", nothing, "--out", out),
        ("fit", nothing, "--out", out),
        ("check", report),
        ("simulate", shop, "--plan", report),
    ):
        (line,) = refused(*arguments)
        assert "must be a" in line or "must exist" in line
        assert "but is " in line and "; " in line
    (shop / "queries.csv").unlink()
    assert refused("simulate", shop)[0].startswith(f"{shop / 'queries.csv'}: must exist")


def test_all_mistakes_come_at_once(shop, plan, edit, refused):
    edit("shop/scenario.toml", "shock_cv = 0.3", "shock_cv = -0.3")
    edit("shop/scenario.toml", "price = 50.0", "prize = 50.0")
    edit("shop/queries.csv", "0.08,0.03", "0.08,1.03")
    edit("shop/keywords.csv", "core,cups,杯子,exact,2.00", "core,cups,杯子,exact,two")
    edit("shop/rivals.csv", "1.5,5,0.8", "1.5,5,8")
    lines = refused("check", shop)
    mistakes = ["demand.shock_cv", "products.杯子.price", "products.杯子.prize", "cvr", "bid"]
    mistakes.append("presence")
    assert len(lines) == len(mistakes)
    assert all(any(f": {name} must be" in line for line in lines) for name in mistakes)
    edit("plan/keywords.csv", "2.40", "-2.40")
    edit("plan/plan.toml", "300.0", "[]")
    assert len(refused("check", shop, "--plan", plan)) == len(mistakes) + 1
    shutil.rmtree(shop)
    assert refused("check", shop, "--plan", plan)[-1].startswith(f"{plan / 'keywords.csv'} row 1")


# ------------------------------------------------------------------ what is typed

TYPED = [
    ("--set", "auction.reserve_score", "must be KEY=VALUE"),
    ("--set", "=3", "must be KEY=VALUE"),
    ("--set", "auction.reserve_score=nan", "must be a finite number"),
    ("--set", "auction.reserve_score=-1", "must be >= 0, but is -1"),
    ("--set", "auction.reserve=3", "auction.reserve must be a known key"),
    ("--set", "campaigns.cor.daily_budget=3", "did you mean core?"),
    ("--set", "campaigns.9.daily_budget=3", "campaigns.9 must be an entry"),
    ("--set", "keywords.bid=3", "keywords must be a known key"),
    ("--by", "kampagne", "must be a list of campaign"),
    ("--by", "campaign,", "but holds ''"),
    ("--days", "3661", "must be a whole number"),
    ("--days", "0", "must be a whole number"),
    ("--days", "1.5", "must be a whole number"),
    ("--replications", "nan", "must be a whole number"),
    ("--replications", "-3", "must be a whole number"),
    ("--replications", "1000001", "must be a whole number"),
    ("--seed", "4294967296", "must be a whole number"),
    ("--threads", "0", "must be a whole number"),
    ("--threads", "99999", "must be a whole number"),
    ("--fidelity", "exact", "must be expected, counts or events, but is exact"),
    ("--format", "xlsx", "must be table, json, csv or parquet, but is xlsx; give one of them."),
    ("--colour", "red", "No such option: --colour"),
]


@pytest.mark.parametrize(("option", "value", "said"), TYPED)
def test_options_are_told_with_their_rule(shop, refused, option, value, said):
    lines = refused("simulate", shop, option, value, "--out", shop.parent / "out")
    assert any(option in line and said in line for line in lines) or said in lines[0], lines


def test_landscapes_are_of_what_there_is(shop, refused):
    assert "did you mean 杯子?" in refused("landscape", shop, "--keyword", "水杯子")[0]
    for bids in ("0:1:3", "1:1e10:3"):
        assert (
            "must be a number from"
            in refused("landscape", shop, "--keyword", "杯子", "--bids", bids)[0]
        )
    assert "must be a number from" in refused("landscape", shop, "--scales", "1:1e6:3")[0]


# ------------------------------------------------------------------ where it is written


def writers(shop: Path, report: Path) -> list[list[object]]:
    return [["simulate", shop], ["optimize", shop], ["fit", report]]


def test_folders_of_others_are_left_alone(shop, report, refused, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    for command in writers(shop, report):
        (line,) = refused(*command, "--out", tmp_path / "thesis")
        assert "it holds something else; name another folder" in line
        (line,) = refused(*command, "--out", shop)
        assert "it holds something else; name another folder" in line
    (line,) = refused("new", tmp_path / "thesis")
    assert "must be new or empty, but is in use" in line


def test_a_file_is_no_folder_to_write_to(shop, report, refused, tmp_path):
    for command in writers(shop, report):
        for out in (report, report / "out", report / "a" / "b"):
            (line,) = refused(*command, "--out", out)
            assert line.endswith(
                "report.csv is a file; name another folder, or move the file away."
            )
    (line,) = refused("new", report / "shop")
    assert "a file is in its way" in line


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a place where none may write")
def test_a_place_that_takes_no_files_is_told(shop, report, refused):
    for command in writers(shop, report):
        (line,) = refused(*command, "--out", "/proc/adsim")  # and nothing of the work was done
        assert "/proc/adsim: an output folder must be writable, but writing failed" in line
    assert "/proc/adsim: must be writable" in refused("new", "/proc/adsim")[0]


def test_a_refused_run_leaves_the_last_result_as_it_was(shop, edit, refused, tmp_path, capsys):
    run = ["simulate", str(shop), "--fidelity", "expected", "--out", str(tmp_path / "out")]
    assert cli.run(run) == 0
    assert "warning: fidelity expected lets named rivals bid" in capsys.readouterr().err
    kept = everything_below(tmp_path / "out")
    edit("shop/queries.csv", "0.08", "0.8.")
    refused(*run)
    assert everything_below(tmp_path / "out") == kept


# ------------------------------------------------------------------ size, and real processes


def test_real_processes_refuse_as_well(shop, report, edit, tmp_path):
    edit("shop/keywords.csv", "2.00", "-2")
    edit("report.csv", "480.00", "much")
    before = everything_below(tmp_path)
    told = "shop/keywords.csv row 1: bid must be > 0, but is -2; give the bid for a click"
    for arguments, said in (
        (["simulate", "shop", "--out", "out"], told),
        (["fit", "report.csv", "--out", "out"], "report.csv row 1: cost must be a number, but is"),
        (["simulate", "shop", "--days", "x"], "Invalid value for '--days': must be a whole number"),
    ):
        done = run_process(arguments, tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(said) and done.stderr.count("\n") <= 2
        assert everything_below(tmp_path) == before


@pytest.mark.slow
def test_a_million_rows_load_and_one_bad_cell_among_them_is_found(shop, refused, capsys):
    rows = [f"杯子 {i},10,6,lognormal,8,0.6,0.08,0.03" for i in range(1_000_000)]
    queries = FILES["queries.csv"] + "\n".join(rows) + "\n"
    (shop / "queries.csv").write_text(queries, encoding="utf-8")
    assert cli.run(["check", str(shop)]) == 0
    spoilt = queries.replace("杯子 777777,10,6", "杯子 777777,ten,6")
    (shop / "queries.csv").write_text(spoilt, encoding="utf-8")
    (line,) = refused("simulate", shop, "--out", shop.parent / "out")
    assert " row 777780: daily_searches must be a number, but is ten; give" in line
    (shop / "queries.csv").write_text(spoilt.replace(",0.03\n", ",3\n"), encoding="utf-8")
    lines = refused("check", shop)
    assert len(lines) == 22 and "999981 more rows break this rule" in lines[-1]


def test_check_brings_queries_and_rivals_together(shop, refused):
    crowd = [f"r{i},杯子,broad,1.5,5,0.8" for i in range(201)]
    rows = ["rival,keyword,match_type,bid,quality,presence", *crowd]
    (shop / "rivals.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    with (shop / "scenario.toml").open("a", encoding="utf-8") as file:
        file.writelines(f'[[rivals]]\nname = "r{i}"\n' for i in range(201))
    said = "at most 200 named rivals, but '杯子' is by 201"
    assert any(said in line for line in refused("check", shop))
