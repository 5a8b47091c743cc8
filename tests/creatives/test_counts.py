"""Tables of creatives: names of columns, and every mistake told at once with its place and cure."""

from __future__ import annotations

import polars as pl
import pytest

from adsim.creatives.counts import read_counts

GOOD = "creative,impressions,clicks\na,1000,30\nb,1000,40\n"


def read(tmp_path, text: str, needs: tuple[str, ...] = ()):
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8")
    return read_counts(path, needs)


def told(tmp_path, text: str, needs: tuple[str, ...] = ()) -> list[str]:
    table, problems = read(tmp_path, text, needs)
    assert table is None and problems
    return [str(problem).removeprefix(f"{tmp_path}/") for problem in problems]


@pytest.mark.parametrize(
    "header",
    [
        "creative,impressions,clicks,orders,spend,revenue",
        "创意,展现数,点击数,总订单行,总费用,总订单金额",
        "创意名称,曝光量,点击量,成交笔数,花费,成交金额",
        "Ad name,Impr.,CLICKS,Conversions,Cost,Conv. value",
    ],
)
def test_usual_names_of_columns_are_understood(tmp_path, header):
    table, problems = read(tmp_path, f'{header}\n"白底, 1","10,000",301,12,450.5,2400\n')
    assert not problems and not table.ignored
    assert table.rows.row(0, named=True) == {
        "test": "",
        "creative": "白底, 1",
        "impressions": 10_000,
        "clicks": 301,
        "orders": 12,
        "spend": 450.5,
        "revenue": 2400.0,
    }


def test_a_frame_is_read_as_its_file_would_be(tmp_path):
    table, _ = read(tmp_path, GOOD)
    frame = pl.DataFrame({"creative": ["a", "b"], "impressions": [1e3, 1e3], "clicks": [30, 40]})
    again, problems = read_counts(frame, ())
    assert not problems and again.rows.equals(table.rows) and again.digest == table.digest
    assert again.where == "table"


def test_other_columns_are_ignored_and_named(tmp_path):
    table, _ = read(tmp_path, "day,creative,impressions,clicks\n1,a,5,1\n")
    assert table.ignored == ("day",) and table.rows.columns == [
        "test",
        "creative",
        "impressions",
        "clicks",
    ]


def test_every_mistake_is_told_at_once(tmp_path):
    lines = told(
        tmp_path,
        "主图,展现数,点击数,订单数,花费,成交金额\n"
        "a,-5,3,0,1,0\n"
        "b,10.5,3,0,1,0\n"
        "c,100,300,4,1,9\n"
        "d,100,30,31,1,9\n"
        "d,100,ten,0,1,0\n"
        "e,,3,0,inf,0\n"
        "f,100,30,0,1,9\n"
        ",100,30,1,1,9\n"
        "g,1e12,30,1,1,9\n",
    )
    for said in (
        "t.csv row 8: 主图 must be given, but is empty; give the name of the creative.",
        "t.csv row 6: 展现数 must be given, but is empty; give the number of impressions.",
        "t.csv row 1: 展现数 must be >= 0, but is -5; give the number of impressions.",
        "t.csv row 2: 展现数 must be a whole number, but is 10.5; give the number of impressions.",
        "t.csv row 9: 展现数 must be < 1e+12, but is 1e12; give the number of impressions.",
        "t.csv row 5: 点击数 must be a number, but is ten; give the number of clicks.",
        "t.csv row 6: 花费 must be finite, but is inf; give the money spent.",
        "t.csv row 3: 点击数 must be <= 展现数, but 300 is more than 100; a click needs an "
        "impression: correct one of the two.",
        "t.csv row 4: 订单数 must be <= 点击数, but 31 is more than 30; count every click once, "
        "and orders of a later day on the day of the click.",
        "t.csv row 7: 成交金额 must be 0 without 订单数, but is 9; give the orders that brought "
        "it.",
        "t.csv row 5: a creative must be unique in its test, but d is in row 4 already; add the "
        "rows of one creative up, or name another test.",
    ):
        assert said in lines, said
    assert len(lines) == 11


def test_missing_columns_are_those_of_the_goal_as_well(tmp_path):
    lines = told(tmp_path, "creative,clicks\na,3\n", ("clicks", "orders", "spend"))
    assert [line.split(", but")[0] for line in lines] == [
        f"t.csv: a table of creatives must have the column {name}"
        for name in ("impressions", "orders", "spend")
    ]
    assert (
        "(it may be named Impr. or 展现数 or 展现量 or 展现次数 or 曝光量 or 展示量 or 展示次数)"
        in lines[0]
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "must hold something, but is empty"),
        ("creative,impressions,clicks\n", "must have rows, but has a header only"),
        ("creative,impressions,Impr.,clicks\na,1,1,1\n", "is in impressions and Impr."),
        ("creative;impressions;clicks\na;1;1\n", "cells must be separated by commas"),
    ],
)
def test_files_that_are_no_table_are_told(tmp_path, text, said):
    assert said in told(tmp_path, text)[0]


def test_what_is_no_table_at_all_is_told(tmp_path):
    for table, said in (
        (tmp_path / "none.csv", "must exist"),
        (pl.DataFrame({"creative": []}), "must have rows"),
        ({"creative": ["a"]}, "must be a path or a polars frame, but is of type dict"),
        (
            pl.DataFrame({"creative": ["a"], "impressions": [[1]], "clicks": [1]}),
            "must have the column impressions",
        ),
    ):
        found, problems = read_counts(table, ())
        assert found is None and said in str(problems[0])


def test_one_creative_may_be_in_several_tests(tmp_path):
    table, problems = read(tmp_path, "组别,创意,展现数,点击数\n一,a,5,1\n二,a,5,1\n")
    assert not problems and table.rows["test"].to_list() == ["一", "二"]
