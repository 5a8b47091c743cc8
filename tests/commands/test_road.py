"""The road of a user through the shipped scenarios, by the real command."""

from __future__ import annotations

import io
import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from adsim import cli
from adsim.results.registry import VALUE_COLUMNS
from tests.commands.shops import everything_below, run_process

SCENARIOS = Path(__file__).parents[2] / "scenarios"
SMALLEST, DAILY = SCENARIOS / "smallest", SCENARIOS / "kuaiche_daily"
COLUMNS = [column.name for column in VALUE_COLUMNS]
KEYWORD = ["campaign", "ad_group", "keyword", "match_type"]

Rows = Callable[..., pl.DataFrame]


@pytest.fixture
def done(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs a command that must succeed; gives what it prints."""

    def run(*arguments: object) -> str:
        capsys.readouterr()
        code = cli.run([str(argument) for argument in arguments])
        printed, said = capsys.readouterr()
        assert code == 0, said
        assert "Traceback" not in said
        return printed

    return run


@pytest.fixture
def rows(done: Callable[..., str]) -> Rows:
    """Runs a command that must print rows as JSON."""

    def run(*arguments: object) -> pl.DataFrame:
        return pl.DataFrame(
            json.loads(done(*arguments, "--format", "json")), infer_schema_length=None
        )

    return run


# ------------------------------------------------------------------ check and simulate


@pytest.mark.parametrize("scenario", [SMALLEST, DAILY])
def test_shipped_scenarios_have_no_mistakes(done, scenario):
    assert done("check", scenario) == f"{scenario}: no mistakes\n"


@pytest.mark.parametrize("fidelity", ["expected", "counts", "events"])
@pytest.mark.parametrize("scenario", [SMALLEST, DAILY])
def test_every_fidelity_reports_every_column(rows, scenario, fidelity):
    table = rows("simulate", scenario, "--fidelity", fidelity, "--replications", 4)
    quantiles = [] if fidelity == "expected" else ["low", "high"]
    names = [*COLUMNS, *(f"{name}_{end}" for name in COLUMNS for end in quantiles)]
    assert table.height == 1 and set(table.columns) == set(names)
    row = table.row(0, named=True)
    assert row["searches"] >= row["eligible"] >= row["impressions"] >= row["clicks"] > 0
    shares = row["impression_share"] + row["lost_to_rank"] + row["lost_to_budget"]
    assert shares == pytest.approx(1)
    assert row["roi"] == pytest.approx(row["revenue"] / row["spend"])
    assert row["cpc"] == pytest.approx(row["spend"] / row["clicks"])


def test_the_smallest_scenario_gives_what_its_closed_form_says(rows):
    row = rows("simulate", SMALLEST, "--fidelity", "expected").row(0, named=True)
    assert row["impression_share"] == pytest.approx(0.83295778, abs=1e-8)
    assert row["clicks"] == pytest.approx(10_000 * 0.08 * 0.43598204, rel=1e-7)
    assert row["cpc"] == pytest.approx(1.58953840, rel=4e-3)  # the charge step moves it this far
    assert row["revenue"] == pytest.approx(row["clicks"] * 0.03 * 50)
    assert row["profit"] == pytest.approx(row["revenue"] * (1 - 20 / 50) - row["spend"])


GROUPINGS = [
    ("campaign", ["campaign"]),
    ("campaign,device", ["campaign", "device"]),
    ("keyword", KEYWORD),
    ("query", ["query"]),
    ("audience,hour", ["audience", "hour"]),
    ("ad_group,day", ["campaign", "ad_group", "day"]),
    ("keyword,query,audience,device", [*KEYWORD, "query", "audience", "device"]),
]


@pytest.mark.parametrize(("by", "labels"), GROUPINGS)
def test_groups_add_up_to_the_whole(rows, by, labels):
    run = ["simulate", DAILY, "--replications", 2]
    whole = rows(*run).row(0, named=True)
    table = rows(*run, "--by", by)
    assert table.columns[: len(labels)] == labels
    assert not table.select(labels).is_duplicated().any()
    for name in ("searches", "eligible", "impressions", "clicks", "carts", "orders", "spend"):
        assert table[name].sum() == pytest.approx(whole[name]), name


def test_days_go_on_from_the_start(rows):
    run = ["simulate", DAILY, "--replications", 2, "--by", "day"]
    three, two = rows(*run, "--days", 3), rows(*run, "--days", 2)
    assert three["day"].to_list() == ["2025-06-05", "2025-06-06", "2025-06-07"]
    assert three.head(2).equals(two)


def test_set_changes_the_world(rows):
    run = ["simulate", SMALLEST, "--fidelity", "expected"]
    assert rows(*run, "--set", "auction.reserve_score=2").equals(rows(*run))
    cheap, dear = rows(*run)["cpc"][0], rows(*run, "--set", "auction.reserve_score=9")["cpc"][0]
    assert dear > cheap
    half = rows(*run, "--set", "campaigns.core.daily_budget=100", "--set", "products.cup.price=9")
    assert half["spend"][0] == pytest.approx(100)
    assert half["revenue"][0] == pytest.approx(9 * half["orders"][0])


def test_tables_are_for_people(done):
    upright = done("simulate", SMALLEST, "--replications", 2).splitlines()
    without_carts = [name for name in COLUMNS if name != "carts"]  # no product has a cart_rate
    assert [line.split()[0] for line in upright[2:]] == without_carts
    table = done("simulate", DAILY, "--replications", 2, "--by", "campaign").splitlines()
    assert {line.split()[0] for line in table[-4:]} == {"core", "long_tail", "test", "event"}


# ------------------------------------------------------------------ a real process, and its files


def test_a_process_prints_pure_json_and_repeats_itself_to_the_byte(tmp_path, shop, done):
    run = ["simulate", shop, "--replications", 3, "--days", 2, "--by", "campaign,day"]
    run += ["--format", "json", "--out"]
    first = run_process([*run, tmp_path / "first", "--threads", "1"], tmp_path)
    assert first.returncode == 0, first.stderr
    table = json.loads(first.stdout)
    assert {"campaign", "day", "searches"} <= set(table[0])
    kept = everything_below(tmp_path / "first")
    assert done(*run, tmp_path / "second", "--threads", 2) == first.stdout
    assert done(*run, tmp_path / "first", "--quiet") == first.stdout
    assert everything_below(tmp_path / "first") == kept
    contents = [content for _, content in kept]
    assert [content for _, content in everything_below(tmp_path / "second")] == contents
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first", "second", "shop"]


def test_a_recipe_tells_how_to_repeat_it_and_nothing_of_this_machine(tmp_path, done):
    done("simulate", SMALLEST, "--seed", 11, "--replications", 3, "--out", tmp_path / "out")
    text = (tmp_path / "out" / "recipe.json").read_text(encoding="utf-8")
    recipe = json.loads(text)
    assert recipe["seed"] == 11 and recipe["replications"] == 3
    assert recipe["command"][:3] == ["adsim", "simulate", "smallest"]
    assert "/" not in text and "\\" not in text
    assert not any(word in name for name in recipe for word in ("time", "date", "host", "user"))


@pytest.mark.parametrize("file_format", ["json", "csv", "parquet"])
def test_files_hold_what_is_printed(tmp_path, done, file_format):
    run = ["simulate", DAILY, "--fidelity", "expected", "--by", "keyword"]
    out = tmp_path / "out"
    printed = done(*run, "--format", file_format, "--out", out)
    path = out / f"result.{file_format}"
    names = ["recipe.json", "report.html", path.name]
    assert sorted(path.name for path in out.iterdir()) == names
    assert printed == ("" if file_format == "parquet" else path.read_text(encoding="utf-8"))
    read = {"json": pl.read_json, "csv": pl.read_csv, "parquet": pl.read_parquet}[file_format]
    told = pl.read_csv(io.StringIO(done(*run, "--format", "csv")))
    assert read(path).select(told.columns).equals(told)


# ------------------------------------------------------------------ the other commands


def test_landscapes_rise_with_the_bid(rows):
    table = rows("landscape", SMALLEST, "--keyword", "cup", "--bids", "0.5:3:6")
    assert table["bid"].to_list() == [0.5, 1, 1.5, 2, 2.5, 3]
    assert table["clicks"].is_sorted() and table["cpc"].is_sorted()
    simulated = rows("simulate", SMALLEST, "--fidelity", "expected")
    assert table.filter(bid=2)["clicks"][0] == pytest.approx(simulated["clicks"][0])
    scales = rows("landscape", DAILY, "--scales", "0.5:2:4")
    assert scales["scale"].to_list() == [0.5, 1, 1.5, 2]
    assert scales["spend"].is_sorted()


def test_two_plans_are_compared_and_today_is_the_scenarios_own_folder(tmp_path, rows):
    for name, bid in (("low", 1.0), ("high", 2.5)):
        (tmp_path / name).mkdir()
        text = f"campaign,ad_group,keyword,match_type,bid\ncore,cups,cup,exact,{bid}\n"
        (tmp_path / name / "keywords.csv").write_text(text, encoding="utf-8")
    low, high = tmp_path / "low", tmp_path / "high"
    run = ["compare", SMALLEST, "--replications", 8]
    table = {row["metric"]: row for row in rows(*run, low, high).to_dicts()}
    assert table["clicks"]["difference_low"] > 0
    simulated = rows("simulate", SMALLEST, "--plan", high, "--replications", 8)
    assert table["clicks"]["b"] == simulated["clicks"][0]
    assert set(rows(*run, SMALLEST, SMALLEST)["difference"].drop_nulls()) == {0}
    longer = rows(*run, low, high, "--days", 3, "--set", "auction.reserve_score=3")
    world = ["--plan", high, "--replications", 8, "--set", "auction.reserve_score=3"]
    simulated = rows("simulate", SMALLEST, *world, "--days", 3)
    assert longer.filter(metric="clicks")["b"][0] == simulated["clicks"][0]
    lands = rows("landscape", SMALLEST, "--plan", high, "--scales", "1:2:2")
    assert lands["spend"][0] == pytest.approx(
        rows("simulate", SMALLEST, "--plan", high, "--fidelity", "expected")["spend"][0]
    )


def test_a_new_scenario_is_ready_to_use(tmp_path, done, rows):
    done("new", tmp_path / "shop")
    assert done("check", tmp_path / "shop") == f"{tmp_path / 'shop'}: no mistakes\n"
    table = rows("simulate", tmp_path / "shop", "--by", "campaign", "--replications", 2)
    clicks = {row["campaign"]: row["clicks"] for row in table.to_dicts()}
    assert clicks["core"] > 0 and clicks["tail"] > 0
    done("new", tmp_path / "copy", "--like", "smallest")
    run = ["--fidelity", "expected"]
    assert rows("simulate", tmp_path / "copy", *run).equals(rows("simulate", SMALLEST, *run))


def test_named_rivals_with_budgets_are_warned_of_but_in_events(tmp_path, done, capsys):
    done("new", tmp_path / "shop")
    for fidelity, warned in (("expected", True), ("counts", True), ("events", False)):
        run = ["simulate", str(tmp_path / "shop"), "--fidelity", fidelity, "--replications", "2"]
        assert cli.run([*run, "--set", "rivals.Potter.daily_budget=300"]) == 0
        said = capsys.readouterr().err
        told = f"warning: fidelity {fidelity} lets named rivals bid without their budgets (Potter)"
        assert (told in said) == warned


def test_a_fitted_report_is_a_scenario(tmp_path, report, done, rows):
    done("fit", report, "--days", 1, "--out", tmp_path / "fitted")
    assert done("check", tmp_path / "fitted").endswith("no mistakes\n")
    row = rows("simulate", tmp_path / "fitted", "--fidelity", "expected").row(0, named=True)
    assert row["clicks"] == pytest.approx(390, rel=0.02)
    assert row["spend"] == pytest.approx(492.5, rel=0.02)


# ------------------------------------------------------------------ the schema


def broken_rules(value: object, schema: dict, root: dict, place: str = "") -> list[str]:
    """Where a value breaks a JSON Schema, for the few words of it that ours uses."""
    if "$ref" in schema:
        return broken_rules(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root, place)
    if "anyOf" in schema:
        tried = [broken_rules(value, one, root, place) for one in schema["anyOf"]]
        return [] if [] in tried else [place]
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float)}
    kind = kinds.get(schema.get("type", ""), object)
    if schema.get("type") == "null":
        return [] if value is None else [place]
    if not isinstance(value, kind) or value not in schema.get("enum", [value]):
        return [place]
    return [*_broken_bounds(value, schema, place), *_broken_parts(value, schema, root, place)]


def _broken_bounds(value: object, schema: dict, place: str) -> list[str]:
    size = len(value) if isinstance(value, str | list) else 0
    rules = {
        "minimum": lambda limit: value >= limit,
        "maximum": lambda limit: value <= limit,
        "exclusiveMinimum": lambda limit: value > limit,
        "exclusiveMaximum": lambda limit: value < limit,
        "minItems": lambda limit: size >= limit,
        "maxItems": lambda limit: size <= limit,
        "minLength": lambda limit: size >= limit,
        "const": lambda one: value == one,
    }
    return [place for word, holds in rules.items() if word in schema and not holds(schema[word])]


def _broken_parts(value: object, schema: dict, root: dict, place: str) -> list[str]:
    if isinstance(value, list):
        inner = schema.get("items", {})
        pairs = [(part, inner, f"{place}.{number}") for number, part in enumerate(value)]
        return [rule for pair in pairs for rule in broken_rules(pair[0], pair[1], root, pair[2])]
    if not isinstance(value, dict):
        return []
    known, other = schema.get("properties", {}), schema.get("additionalProperties", True)
    broken = [f"{place}.{key}" for key in schema.get("required", []) if key not in value]
    for key, part in value.items():
        inner = known.get(key, other)
        if inner is False:
            broken.append(f"{place}.{key}")
        elif inner is not True:
            broken += broken_rules(part, inner, root, f"{place}.{key}")
    return broken


@pytest.fixture
def declared() -> dict:
    """The keys of the shipped shop as JSON has them: dates are text there."""
    keys = tomllib.loads((DAILY / "scenario.toml").read_text(encoding="utf-8"))
    return json.loads(json.dumps(keys, default=str))


def test_the_schema_takes_a_scenario_and_refuses_its_mistakes(done, declared):
    schema = json.loads(done("schema"))
    assert broken_rules(declared, schema, schema) == []
    declared["auction"]["slots"] = "5"
    declared["demand"]["hour"].pop()
    declared["campaigns"][0]["buget"] = 3
    del declared["products"][0]["price"]
    assert sorted(broken_rules(declared, schema, schema)) == [
        ".auction.slots",
        ".campaigns.0.buget",
        ".demand.hour",
        ".products.0.price",
    ]
