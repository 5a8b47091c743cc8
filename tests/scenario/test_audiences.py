"""Crowds of persons and effects: every mistake found, named and met with a cure."""

from __future__ import annotations

import polars as pl
import pytest

from adsim.errors import ScenarioError
from adsim.scenario import check_scenario, load_scenario, write_scenario
from adsim.scenario.conditions import FUNCTIONS, broken_condition, names_in

POPULATION = """
[population]
size = 1000
[population.columns.tier]
values = [1, 2, 3]
[population.columns.relation]
values = ["new", "carted"]
given = "tier"
cases.3.weights = [1, 2]
[population.columns.spend]
family = "lognormal"
scale = 3.0
shape = 0.5
[[population.effects]]
where = "relation = 'carted'"
cvr = 3.0
[[crowds]]
name = "carted"
where = "relation = 'carted'"
[[crowds]]
name = "rich"
where = "tier = 3 AND NOT carted"
[[crowds]]
name = "like carted"
lookalike = "carted"
size = 0.05
"""
MADE = ["carted", "rich", "like carted"]
MOBILE = '[[devices]]\nname = "mobile"'


@pytest.fixture
def populated(folder, edit):
    """A folder whose scenario has persons, and a way to change their text."""

    def change(old: str = "", new: str = "") -> list[str]:
        assert not old or POPULATION.count(old) == 1
        changed = POPULATION.replace(old, new) if old else POPULATION
        edit("scenario.toml", MOBILE, changed + MOBILE)
        return [str(problem) for problem in check_scenario(folder)]

    return change


def test_a_population_loads(folder, populated):
    assert populated() == []
    scenario = load_scenario(folder)
    assert scenario.population.size == 1000
    assert [crowd.name for crowd in scenario.crowds] == [
        "visitors",
        "carted",
        "rich",
        "like carted",
    ]


RICH = "tier = 3 AND NOT carted"
MISTAKES = [
    # a condition
    (
        "tier = 3 AND",
        "teir = 3 AND",
        "crowds.rich.where must name columns of the population or "
        "crowds, but teir is none; did you mean tier?",
    ),
    (RICH, "tier >", "crowds.rich.where must be a condition in SQL, but is not"),
    (RICH, "tier + 1", "must be true or false for a person, but gives numbers"),
    (RICH, "tier = 'x'", "crowds.rich.where must compare like with like"),
    (RICH, "tier > AVG(tier)", "look at one person at a time, but holds AVG"),
    (RICH, "rich", "rich is none"),
    (RICH, "visitors", "visitors is a share of searches; give visitors a where"),
    (
        RICH,
        "relation = 'cart'",
        "must compare relation with a value of it, but 'cart' is none; did you mean carted?",
    ),
    (
        "cvr = 3.0",
        'cvr = 3.0\n[[population.effects]]\nwhere = "rich"\nctr = 2.0',
        "population.effects.1.where must name columns",
    ),
    (
        '[[population.effects]]\nwhere = "relation',
        '[[population.effects]]\nwhere = "relaton',
        "population.effects.0.where must name columns",
    ),
    # a crowd
    (
        'name = "rich"\nwhere',
        'name = "rich"\nshare = 0.1\nwhere',
        "crowds.rich must have one of share, where and lookalike, but has share and where",
    ),
    (
        'where = "tier = 3 AND NOT carted"',
        "",
        "crowds.rich must have one of share, where and lookalike, but has none",
    ),
    (
        'where = "tier = 3 AND NOT carted"',
        'where = "tier = 3"\ncvr = 2.0',
        "must have no ctr, cvr, organic, order_value, which belong to traits, not to membership, "
        "but has cvr; write [[population.effects]]",
    ),
    ("size = 0.05", "", "crowds.like carted must have a size if it is a lookalike"),
    ("size = 0.05", "size = 0.6", "crowds.like carted.size must be <= 0.5, but is 0.6"),
    ('where = "tier = 3 AND NOT carted"', 'where = "tier = 3"\nsize = 0.1', "and only then"),
    (
        'where = "tier = 3 AND NOT carted"',
        'where = "tier = 3"\ntraits = ["tier"]',
        "must have traits only if it is a lookalike",
    ),
    (
        'lookalike = "carted"',
        'lookalike = "cartet"',
        "crowds.like carted.lookalike must name another "
        "crowd of persons, but cartet is none; did you mean carted?",
    ),
    (
        "size = 0.05",
        'size = 0.05\ntraits = ["teir"]',
        "crowds.like carted.traits must name columns",
    ),
    ('name = "rich"', 'name = "tier"', "crowds.tier.name must not bear the name of a column"),
    ('name = "rich"', 'name = "none"', "crowds.none.name must not be a word of the tables"),
    (
        'where = "relation = \'carted\'"\n[[crowds]]\nname = "rich"',
        'where = "rich"\n[[crowds]]\nname = "rich"',
        "crowds must not be made from each other in a circle",
    ),
    # a column
    (
        "values = [1, 2, 3]",
        "",
        "population.columns.tier must have either values or a family, but has neither",
    ),
    ("values = [1, 2, 3]", "values = [1, 1]", "must have distinct values"),
    ("values = [1, 2, 3]", 'values = [1, "a"]', "must have values of one kind"),
    (
        "values = [1, 2, 3]",
        "values = [1, 2, 2025-01-01]",
        "must be a text, a number below 1e+09, true or false",
    ),
    (
        "values = [1, 2, 3]",
        "values = [1, 2, 3]\nweights = [1]",
        "must have a weight for each value, but has 1 for 3 values",
    ),
    ("values = [1, 2, 3]", "values = [1, 2, 3]\nweights = [0, 0, 0]", "must have a weight > 0"),
    (
        "values = [1, 2, 3]",
        "values = [1, 2, 3]\nweigths = [1]",
        "population.columns.tier.weigths must be a known key, but is not; did you mean weights?",
    ),
    ("cases.3.weights = [1, 2]", "cases.3.weights = [1]", "a weight for each value in the case 3"),
    (
        "cases.3.weights = [1, 2]",
        "cases.4.weights = [1, 2]",
        "columns.relation.cases must be values of tier, but 4 is not",
    ),
    ("cases.3.weights = [1, 2]", "cases.3.wieghts = [1, 2]", "did you mean weights?"),
    ("cases.3.weights = [1, 2]", "", "must have given and cases together, but has one of them"),
    ('given = "tier"', 'given = "spend"', "columns.relation.given must be a column with values"),
    (
        "values = [1, 2, 3]",
        'values = [3]\ngiven = "relation"\ncases.new.weights = [1]',
        "columns must not depend on each other in a circle",
    ),
    ("shape = 0.5", "", "must have scale and shape, but has no shape; give shape"),
    ("shape = 0.5", "shape = 50.0", "population.columns.spend.shape must be <= 5"),
    ("values = [1, 2, 3]", "values = [1, 2, 3e9]", "must be a text, a number below 1e+09"),
    ("shape = 0.5", "shape = 0.5\nlow = 1.0", "but has a low; leave low out"),
    (
        'family = "lognormal"\nscale = 3.0\nshape = 0.5',
        'family = "uniform"\nlow = 2.0\nhigh = 1.0',
        "low must be below high, but low is 2 and high is 1",
    ),
    # the population
    ("size = 1000", "size = 0", "population.size must be >= 1"),
    (
        "size = 1000",
        'preset = "shopers"',
        "population.preset must be a shipped preset, but is 'shopers'; did you mean shoppers?",
    ),
    (
        "size = 1000",
        "sise = 1000",
        "population.sise must be a known key, but is not; did you mean size?",
    ),
    (
        "size = 1000",
        'table = "people.csv"',
        "must be drawn from columns or read from a table, not both, but has columns beside table",
    ),
    ("size = 1000", 'required = ["tier"]', "but has required without table"),
    ("cvr = 3.0", "cvr = -3.0", "population.effects.0.cvr must be >= 0"),
]


@pytest.mark.parametrize(("old", "new", "said"), MISTAKES)
def test_a_mistake_is_found(populated, old, new, said):
    problems = populated(old, new)
    assert any(said in problem for problem in problems), problems
    assert all("scenario.toml: " in problem for problem in problems)


def test_crowds_of_persons_need_persons(folder, edit):
    edit("scenario.toml", "share = 0.1", 'where = "age > 3"')
    (problem,) = check_scenario(folder)
    assert "crowds.visitors must have a [population] to be made of" in str(problem)


def test_a_population_needs_columns(folder, edit):
    edit("scenario.toml", MOBILE, f"[population]\n{MOBILE}")
    (problem,) = check_scenario(folder)
    assert "population must have columns, a preset or a table, but has none" in str(problem)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("crowds = 3", "crowds must be a list"),
        ('crowds = ["x"]', "crowds.0 must be a table"),
        ("population = 3", "population must be a table"),
        ("population = []", "population must be a table"),
        ("[population]\ncolumns = 3", "population.columns must be a table"),
        ('[population]\npreset = "shoppers"\ncolumns = 3', "population.columns must be a table"),
        ('[population]\npreset = "shoppers"\ncolumns.age = 3', "population.columns.age must be a"),
        ("[population]\npreset = 3", "population.preset must be a text"),
        ("[population]\ncolumns.age.values = 3", "population.columns.age.values must be a list"),
        ("[population]\neffects = 3", "population.effects must be a list"),
        ("[population]\neffects = [3]", "population.effects.0 must be a table"),
        ("[population]\ntable = 3", "population.table must be a text"),
        ('[population]\ntable = "."', "must be a file, but is a folder"),
        ('[population]\ntable = "no/people.csv"', "must exist, but is not there"),
    ],
)
def test_keys_of_the_wrong_kind_are_told(folder, lines, said):
    path = folder / "scenario.toml"
    shop = path.read_text("utf-8").replace('[[crowds]]\nname = "visitors"\nshare = 0.1\n', "")
    path.write_text(f"{lines}\n{shop}", "utf-8")
    assert any(said in str(problem) for problem in check_scenario(folder)), check_scenario(folder)


def test_two_crowds_of_a_name_are_told(populated):
    problems = populated('name = "rich"', 'name = "carted"')
    assert any("crowds must each have a name of its own" in problem for problem in problems)


def test_all_mistakes_come_at_once(folder, populated, edit):
    edit("scenario.toml", "price = 50.0", "price = -1.0")
    edit("keywords.csv", "core,cups,cup,exact,2.00", "core,cups,cup,exact,-2.00")
    problems = populated(RICH, "teir = 3")
    assert len(problems) == 3


def test_a_mistake_of_the_command_line_is_laid_there(folder, populated):
    assert populated() == []
    with pytest.raises(ScenarioError, match=r"--set crowds\.rich\.where=teir = 3: crowds\.rich"):
        load_scenario(folder, "crowds.rich.where=teir = 3")


def test_keys_can_be_overridden(folder, populated):
    assert populated() == []
    changes = [
        "population.size=10",
        "population.columns.tier.values=[3]",
        "crowds.rich.where=tier = 3",
    ]
    changed = load_scenario(folder, changes)
    assert changed.population.size == 10
    assert load_scenario(folder).with_overrides(changes) == changed


def test_a_scenario_with_persons_survives_its_folder(folder, populated, tmp_path):
    assert populated() == []
    scenario = load_scenario(folder, ['population.preset="shoppers"'])
    write_scenario(scenario, tmp_path / "copy")
    copy = load_scenario(tmp_path / "copy")
    assert copy == scenario
    assert copy.digest() == scenario.digest() != load_scenario(folder).digest()


KNOWN = pl.DataFrame(
    schema={
        "tier": pl.Int64,
        "days since": pl.Float64,
        "kind": pl.Enum(["it's", "b"]),
        "on": pl.Boolean,
    }
)


@pytest.mark.parametrize(
    "text",
    [
        'tier BETWEEN 1 AND 2 OR NOT "on"',
        "\"days since\" IS NULL AND kind IN ('it''s', 'b')",
        "kind NOT IN ('b') AND kind >= 'it''s'",
        'COALESCE("days since", 99) <= 30',
        'CASE WHEN tier = 1 THEN "on" ELSE FALSE END',
        "TRUE",
        '(tier = 1 OR tier = 2) AND ("on")',
    ],
)
def test_conditions_that_hold_water(text):
    assert broken_condition(text, KNOWN) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kind = 'a'", "'a' is none"),
        ("kind NOT IN ('b', 'c')", "'c' is none"),
        ("kind <> 'it'", "'it' is none"),
        ("SUM(tier) OVER () > 3", "holds SUM"),
        ("tier > CURRENT_DATE", "holds CURRENT_DATE"),
        ("tier IN (SELECT 1)", "holds SELECT"),
        ("read_csv('x') = 1", "is not"),
        ("__import__('os').system('true')", "is not"),
        ("tier = 1; DROP TABLE x", "is not"),
        ("", "is not"),
        ("NULL", "gives nothing"),
        ("kind", "gives texts"),
        ("COLUMNS('.*') = 1", "holds COLUMNS"),
        ('"^.*$" = 1', "is none"),
        ("*", "is not"),
    ],
)
def test_conditions_that_do_not(text, said):
    broken = broken_condition(text, KNOWN)
    assert broken is not None and said in broken[1], broken


def test_functions_that_are_offered_are_known_to_polars():
    for name in FUNCTIONS:
        text = "'a', 'b'" if name in ("starts_with", "ends_with") else "tier, 1"
        text = {"cast": "tier AS INT", "if": '"on", 1, 2'}.get(name, text)
        one = name in ("abs", "ceil", "floor", "length", "lower", "upper")
        assert names_in(f"{name}({'tier' if one else text}) = tier"), name
