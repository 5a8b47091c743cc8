"""The user's own table of persons."""

from __future__ import annotations

import datetime

import polars as pl
import pytest

from adsim.errors import ScenarioError
from adsim.scenario import check_scenario, load_scenario, write_scenario

TABLE = """age,city,member,spend,code
31,here,true,1.5,a1
22,away,false,,7
45,,TRUE,3.25,b2
"""
POPULATION = '[population]\ntable = "people.csv"\n'
CROWD = '[[crowds]]\nname = "old"\nwhere = "age >= 31"\n'
MOBILE = '[[devices]]\nname = "mobile"'


@pytest.fixture
def brought(folder, edit):
    """A folder whose scenario reads persons from a table, with its keys and cells."""

    def write(table: str = TABLE, keys: str = "") -> list[str]:
        edit("scenario.toml", MOBILE, POPULATION + keys + CROWD + MOBILE)
        (folder / "people.csv").write_text(table, encoding="utf-8")
        return [str(problem) for problem in check_scenario(folder)]

    return write


def test_columns_have_the_type_of_their_cells(folder, brought):
    assert brought() == []
    people = load_scenario(folder).tables.people
    assert people.to_dict(as_series=False) == {
        "age": [31, 22, 45],
        "city": ["here", "away", None],
        "member": [True, False, True],
        "spend": [1.5, None, 3.25],
        "code": ["a1", "7", "b2"],
    }
    assert people.dtypes[:4] == [pl.Int64, pl.Enum(["away", "here"]), pl.Boolean, pl.Float64]


def test_a_declared_type_goes_before_the_look_of_the_cells(folder, brought):
    assert brought(keys='types = { age = "text" }\n'.replace("age", "spend")) == []
    assert load_scenario(folder).tables.people["spend"].to_list() == ["1.5", None, "3.25"]


def test_wrong_cells_and_missing_ones_are_all_told(brought):
    table = TABLE + "x,here,maybe,oops,c\n40,here,true,inf,d\n41,here,true,2,e\n"
    problems = brought(table, 'required = ["city", "spend"]\n')
    told = "\n".join(problem.rsplit("/", 1)[-1] for problem in problems)
    assert "people.csv row 4: age must be a number, but is x; correct it, leave it empty" in told
    assert "people.csv row 4: member must be true or false, but is maybe" in told
    assert "people.csv row 4: spend must be a number, but is oops" in told
    assert "people.csv row 5: spend must be a number, but is inf" in told
    assert "people.csv row 3: city must be given (population.required), but is empty" in told
    assert "people.csv row 2: spend must be given" in told
    assert len(problems) == 6


@pytest.mark.parametrize(
    ("table", "keys", "said"),
    [
        ("age,age\n1,2\n", "", "every column must have its own name"),
        ("age,city\n1\n", "", "must have 2 cells like the header"),
        ("age,city\n", "", "must have rows"),
        ("age,city\n31,\n32,\n", "", "column city must have values, but is empty"),
        (TABLE, 'required = ["cty"]\n', "column cty of population.required must be there, but is "
         "not; did you mean city?"),
        (TABLE, 'types = { cty = "text" }\n', "column cty of population.types must be there"),
        (TABLE, 'types = { age = "date" }\n', "population.types.age must be 'number', 'text' or"),
        (TABLE.replace("age", "aeg"), "", "crowds.old.where must name columns of the population or "
         "crowds, but age is none; did you mean aeg?"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_used(brought, table, keys, said):
    assert any(said in problem for problem in brought(table, keys))


def test_a_missing_table_is_told(folder, edit):
    edit("scenario.toml", MOBILE, POPULATION + CROWD + MOBILE)
    (problem,) = check_scenario(folder)
    assert "people.csv: must exist, but is not there" in str(problem)


def test_what_tells_persons_apart_is_not_kept(folder, brought):
    rows = "".join(f"{i % 50},13800{i},user{i},{i / 7}\n" for i in range(1200))
    assert brought("age,phone,name,score\n" + rows) == []
    assert load_scenario(folder).tables.people.columns == ["age", "score"]
    asked = load_scenario(folder, 'population.required=["name"]')
    assert asked.tables.people.columns == ["age", "name", "score"]


def test_a_table_survives_its_folder(folder, brought, tmp_path):
    assert brought() == []
    scenario = load_scenario(folder)
    write_scenario(scenario, tmp_path / "copy")
    copy = load_scenario(tmp_path / "copy")
    assert copy == scenario
    assert copy.digest() == scenario.digest()


def test_the_digest_sees_every_cell(folder, brought):
    assert brought() == []
    seen = {load_scenario(folder).digest()}
    for old, new in (("31", "32"), ("here", "there"), ("1.5", ""), ("TRUE", "false"), ("a1", "a2")):
        (folder / "people.csv").write_text(TABLE.replace(old, new), encoding="utf-8")
        seen.add(load_scenario(folder).digest())
    assert len(seen) == 6


def test_parquet(folder, brought, edit, tmp_path):
    assert brought() == []
    edit("scenario.toml", "people.csv", "people.parquet")
    people = load_scenario(folder, 'population.table="people.csv"').tables.people
    people.write_parquet(folder / "people.parquet")
    scenario = load_scenario(folder)
    assert scenario.tables.people.equals(people)
    write_scenario(scenario, tmp_path / "copy")
    assert load_scenario(tmp_path / "copy") == scenario


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (pl.DataFrame({"age": [datetime.date(2025, 6, 1)]}), "column age must hold numbers, texts"),
        (
            pl.DataFrame({"age": [[1]]}),
            "column age must hold numbers, texts or flags, but holds Li",
        ),
        (pl.DataFrame(schema={"age": pl.Int64}), "must have rows, but has none"),
        (None, "must be a Parquet file, but is not"),
    ],
)
def test_parquet_that_cannot_be_used(folder, brought, edit, frame, said):
    assert brought() == []
    edit("scenario.toml", "people.csv", "people.parquet")
    if frame is None:
        (folder / "people.parquet").write_text(TABLE, encoding="utf-8")
    else:
        frame.write_parquet(folder / "people.parquet")
    assert any(said in str(problem) for problem in check_scenario(folder))


def test_how_a_table_was_read_stays(folder, brought):
    assert brought() == []
    scenario = load_scenario(folder)
    with pytest.raises(ScenarioError, match=r"population\.table must stay as the table was read"):
        scenario.with_overrides(["population.table=other.csv"])
    changed = scenario.with_overrides(["crowds.old.where=age > 40"])
    assert changed.tables.people.equals(scenario.tables.people)
