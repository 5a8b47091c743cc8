import pytest

from adsim.scenario import check_scenario, load_scenario

HEADER = b"query,daily_searches,rivals,ctr,cvr\n"
ROWS = HEADER + "杯子,10,0,0.1,0.1\ncup,10,0,0.1,0.1\n".encode()

BROKEN = {
    "empty": (b"", ["must hold something", "is empty"]),
    "blank": (b"\n \n", ["must hold something", "is empty"]),
    "header only": (HEADER, ["must have rows", "has a header only"]),
    "header and empty rows": (HEADER + b",,,,\n\n", ["must have rows"]),
    "gbk": (ROWS.decode().encode("gbk"), ["UTF-8", "line 2", "GBK", "save it again as UTF-8"]),
    "utf-16": (ROWS.decode().encode("utf-16"), ["is UTF-16 text", "save it again as UTF-8"]),
    "utf-16 big": (b"\xfe\xff" + ROWS.decode().encode("utf-16-be"), ["is UTF-16 text"]),
    "utf-16 without mark": (ROWS.decode().encode("utf-16-le"), ["UTF-16 without a mark"]),
    "workbook": (b"PK\x03\x04\x14\0\x06\0", ["is an Excel workbook", "CSV UTF-8"]),
    "binary": (bytes(range(256)), ["is binary"]),
    "noise": (b"\xff\x81\x82\n\xfe\xff\xff", ["neither UTF-8 nor GBK", "line 1"]),
    "cut in a character": (ROWS[: len(HEADER) + 2], ["cut off", "copy or export it again"]),
    "cut in a row": (HEADER + b"cup,10,0", ["row 1", "must have 5 cells", "has 3"]),
    "too many cells": (ROWS + b"mug,1,2,3,4,5\n", ["row 3", "must have 5 cells", "has 6"]),
    "open quote": (HEADER + b'"cup,10,0,0.1,0.1\n', ["well-formed CSV"]),
    "stray quote": (HEADER + b'"cu"p,10,0,0.1,0.1\n', ["well-formed CSV"]),
    "ragged with quotes": (HEADER + b'"a, b",10\n', ["row 1", "must have 5 cells", "has 2"]),
    "semicolons": (b"query;daily_searches\ncup;10\n", ["separated by commas", "';'"]),
    "tabs": (b"query\tdaily_searches\ncup\t10\n", ["separated by commas"]),
    "no header": (b"\ncup,10\n", ["must begin with a header", "first line is blank"]),
    "unnamed column": (HEADER.replace(b"rivals", b" ") + b"cup,1,2,3,4\n", ["column 3 has none"]),
    "column twice": (HEADER.replace(b"cvr", b"ctr") + b"cup,1,2,3,4\n", ["ctr is there twice"]),
}


@pytest.mark.parametrize(("data", "parts"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_table_is_named_with_its_cure(folder, data, parts):
    (folder / "queries.csv").write_bytes(data)
    messages = [str(problem) for problem in check_scenario(folder)]
    assert all(part in messages[0] for part in parts), messages
    assert messages[0].startswith(str(folder / "queries.csv"))


@pytest.mark.parametrize("name", ["queries.csv", "keywords.csv", "scenario.toml"])
def test_a_needed_file_must_be_there(folder, name):
    (folder / name).unlink()
    assert f"{folder / name}: must exist, but is not there" in str(check_scenario(folder)[0])


@pytest.mark.parametrize("name", ["queries.csv", "links.csv", "scenario.toml"])
def test_a_folder_is_no_file(folder, name):
    (folder / name).unlink()
    (folder / name).mkdir()
    assert any("must be a file, but is a folder" in str(p) for p in check_scenario(folder))


def test_a_loop_of_links_cannot_be_read(folder):
    (folder / "queries.csv").unlink()
    (folder / "queries.csv").symlink_to(folder / "queries.csv")
    assert "queries.csv: must be readable" in str(check_scenario(folder)[0])


def test_the_toml_file_is_read_as_carefully(folder):
    (folder / "scenario.toml").write_bytes('name = "杯子"'.encode("gbk"))
    (problem,) = check_scenario(folder)
    assert "reads as GBK/GB18030" in problem.found


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_line_ends_marks_quotes_and_blank_lines_do_not_matter(folder, end, mark, quote):
    lines = [
        "query,daily_searches,rivals, ctr ,cvr",
        "",
        f"{quote}cup{quote}, 10 ,0,0.1,0.1",
        ",,,,",
        f" {quote}blue cup{quote},5,0,0.2,0.1".lstrip(),
        "",
    ]
    (folder / "queries.csv").write_bytes((mark + end.join(lines)).encode())
    queries = load_scenario(folder).tables.queries
    assert queries["query"].to_list() == ["cup", "blue cup"]
    assert queries["daily_searches"].to_list() == [10.0, 5.0]


def test_rows_are_counted_as_they_stand_in_the_file(folder):
    (folder / "queries.csv").write_bytes(
        HEADER + b"cup,1,0,0.1,0.1\n\n,,,,\nblue cup,x,0,0.1,0.1\n"
    )
    (problem,) = check_scenario(folder)
    assert problem.where.endswith("queries.csv row 4")


def test_a_cell_may_hold_commas_quotes_and_line_ends(folder):
    (folder / "queries.csv").write_bytes(
        HEADER + b'"a, ""b""\nc",1,0,0.1,0.1\ncup,1,0,0.1,0.1\nblue cup,1,0,0.1,0.1\n'
    )
    assert load_scenario(folder).tables.queries["query"][0] == 'a, "b"\nc'


def test_many_ragged_rows_are_counted(folder):
    (folder / "queries.csv").write_bytes(HEADER + b"cup\n" * 50)
    messages = [str(problem) for problem in check_scenario(folder)]
    assert len(messages) == 21
    assert "30 more rows break this rule" in messages[-1]
