import polars as pl
import pytest

from adsim.scenario import check_scenario, load_scenario
from adsim.scenario.columns import READERS, TABLES

CELLS = [
    # file, old text, new text, parts of the message
    ("keywords.csv", "2.00", "-1", ["row 1: bid must be > 0, but is -1", "leave the row out"]),
    ("keywords.csv", "2.00", "0", ["row 1: bid must be > 0, but is 0"]),
    ("keywords.csv", "2.00", "nan", ["row 1: bid must be finite, but is nan"]),
    ("keywords.csv", "2.00", "inf", ["row 1: bid must be finite, but is inf"]),
    ("keywords.csv", "2.00", "-inf", ["row 1: bid must be finite, but is -inf"]),
    ("keywords.csv", "2.00", "1e9", ["row 1: bid must be < 1e9, but is 1e9"]),
    ("keywords.csv", "2.00", "2 yuan", ["row 1: bid must be a number, but is 2 yuan"]),
    ("keywords.csv", "2.00", '"2,00"', ["row 1: bid must be a number, but is 2,00"]),
    ("keywords.csv", "2.00", "", ["row 1: bid must be given, but is empty"]),
    ("keywords.csv", "exact,2.00,5", "exact,2.00,0", ["row 1: quality must be > 0"]),
    ("keywords.csv", "1.1,cup", "-0.1,cup", ["row 2: relevance must be >= 0, but is -0.1"]),
    ("keywords.csv", "cup,exact", ",exact", ["row 1: keyword must be given"]),
    ("keywords.csv", "broad", "Broad", ["row 2: match_type must be exact, phrase or broad"]),
    ("keywords.csv", "relevance", "relevence", ["column relevence", "did you mean relevance?"]),
    ("keywords.csv", "relevance", "notes", ["column notes must be a known column", "campaign,"]),
    ("keywords.csv", "relevance", "notes", ["column relevance must be there, but is missing"]),
    ("queries.csv", "cup,1000", "cup,-1", ["row 1: daily_searches must be >= 0"]),
    ("queries.csv", "1000,6", "1000,-6", ["row 1: rivals must be >= 0, but is -6"]),
    ("queries.csv", "8,0.6", "0,0.6", ["row 1: rival_scale must be > 0"]),
    ("queries.csv", "8,0.6", "8,-0.6", ["row 1: rival_shape must be > 0"]),
    ("queries.csv", "0.08,0.03", "1.08,0.03", ["row 1: ctr must be <= 1, but is 1.08"]),
    ("queries.csv", "0.08,0.03", "0.08,5%", ["row 1: cvr must be a number", "from 0 to 1"]),
    ("rivals.csv", "0.8", "1.2", ["row 1: presence must be <= 1, but is 1.2"]),
    ("rivals.csv", "1.5", "0", ["row 1: bid must be > 0, but is 0"]),
    ("rival_tables.csv", "thin,0.5,3", "thin,0.5,-3", ["row 3: ad_rank must be >= 0"]),
    ("rival_tables.csv", "thin,0.5", "thin,1.5", ["row 3: probability must be <= 1"]),
    ("negatives.csv", "broad", "", ["row 1: match_type must be given"]),
]


@pytest.mark.parametrize(("name", "old", "new", "parts"), CELLS)
def test_a_bad_cell_is_named_with_row_value_and_cure(folder, edit, name, old, new, parts):
    edit(name, old, new)
    messages = [str(problem) for problem in check_scenario(folder)]
    assert any(all(part in message for part in parts) for message in messages), messages
    assert any(str(folder / name) in message for message in messages)


@pytest.mark.parametrize(
    ("name", "row", "shown"),
    [
        ("keywords.csv", "core,cups,ＣＵＰ,exact,1,5,1,cup\n", "core, cups, ＣＵＰ, exact"),
        ("queries.csv", "Blue  CUP,5,0,,,,0.1,0.1\n", "Blue  CUP"),
        ("links.csv", "cup,core,cups,Cup,exact\n", "cup, core, cups, Cup, exact"),
        ("rivals.csv", "Potter,cup,broad,2,5,1\n", "Potter, cup, broad"),
        ("rival_tables.csv", "thin,0.50,4\n", "thin, 0.5"),
        ("negatives.csv", "tail,cups,RED,broad\n", "tail, cups, RED, broad"),
    ],
)
def test_a_row_that_is_there_twice_names_both(folder, name, row, shown):
    lines = (folder / name).read_text(encoding="utf-8") + row
    (folder / name).write_text(lines, encoding="utf-8")
    messages = [str(problem) for problem in check_scenario(folder)]
    last = lines.count("\n") - 1
    assert any(
        f"row {last}: " in m and "must be unique, but row" in m and f"({shown})" in m
        for m in messages
    ), messages


def test_every_bad_cell_is_found_at_once_and_long_lists_are_cut(folder):
    rows = "".join(f"core,cups,k{n},exact,-1,0,x,cup\n" for n in range(30))
    header = "campaign,ad_group,keyword,match_type,bid,quality,relevance,product\n"
    (folder / "keywords.csv").write_text(header + rows, encoding="utf-8")
    (folder / "links.csv").unlink()
    (folder / "negatives.csv").unlink()
    problems = check_scenario(folder)
    for rule in ("bid must be > 0", "quality must be > 0", "relevance must be a number"):
        found = [problem for problem in problems if problem.rule == rule]
        assert len(found) == 21
        assert found[-1].found == "10 more rows break this rule"


def test_absent_tables_and_columns_are_neutral(folder):
    for spec in TABLES:
        if not spec.required:
            (folder / spec.file).unlink()
    (folder / "queries.csv").write_text("query,daily_searches,rivals,ctr,cvr\ncup,1,0,0,1\n")
    tables = load_scenario(folder).tables
    for spec in TABLES:
        frame = getattr(tables, spec.name)
        assert frame.schema == pl.Schema(spec.schema)
        filled = frame.drop(READERS, strict=False)  # an empty cell there is a query's usual value
        assert filled.null_count().sum_horizontal().sum() == 0
    assert tables.links.is_empty()
    assert tables.queries.row(0) == (
        "cup",
        1.0,
        0.0,
        "lognormal",
        1.0,
        1.0,
        0.0,
        1.0,
        "cup",
        0.0,
        "",
        None,
        None,
        None,
    )
    assert tables.keywords.select("creative", "status").row(0) == (1.0, "active")


def test_rows_keep_their_order_and_rival_tables_are_sorted(folder):
    tables = load_scenario(folder).tables
    assert tables.queries["query"].to_list() == ["cup", "blue cup"]
    assert tables.rival_tables["ad_rank"].to_list() == [1.0, 3.0, 9.0]


def test_an_empty_cell_of_an_optional_column_is_neutral(folder):
    (folder / "keywords.csv").write_text(
        "status,campaign,ad_group,keyword,match_type,bid,quality,relevance,product,creative\n"
        ",core,cups,cup,exact,2,5,1,cup,\npaused,tail,cups,blue cup,broad,1,5,1,cup,1.5\n"
    )
    keywords = load_scenario(folder).tables.keywords
    assert keywords["status"].to_list() == ["active", "paused"]
    assert keywords["creative"].to_list() == [1.0, 1.5]


def test_a_query_group_may_be_shared(folder):
    (folder / "queries.csv").write_text(
        "query,daily_searches,rivals,ctr,cvr,query_group\n"
        "cup,1,0,0.1,0.1,cups\nblue cup,1,0,0.1,0.1,\n"
    )
    assert load_scenario(folder).tables.queries["query_group"].to_list() == ["cups", "blue cup"]
