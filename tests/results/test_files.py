from __future__ import annotations

import datetime
import json
import os
from errno import EACCES
from pathlib import Path

import polars as pl
import pytest

from adsim.errors import OutputError
from adsim.results.files import check_folder, result_folder, write_result, write_table

TABLE = pl.DataFrame(
    {
        "keyword": ["空气净化器", 'a "b", c', None],
        "day": [datetime.date(2025, 6, 1)] * 3,
        "spend": [0.1 + 0.2, None, 1e22],
    }
)
RECIPE = {"seed": 7, "digests": {"市场": "ab"}, "command": ["adsim", "simulate"]}
FORMATS = ["csv", "json", "parquet"]


def everything_below(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("file_format", FORMATS)
def test_the_same_recipe_gives_the_same_bytes(tmp_path, file_format):
    for folder in ("one", "two"):
        write_result(tmp_path / folder, TABLE, RECIPE, file_format)
        assert names(tmp_path / folder) == ["recipe.json", f"result.{file_format}"]
    for name in names(tmp_path / "one"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_every_format_keeps_every_digit_and_null(tmp_path):
    for file_format in FORMATS:
        write_result(tmp_path / file_format, TABLE, RECIPE, file_format)
    assert pl.read_parquet(tmp_path / "parquet/result.parquet").equals(TABLE)
    assert pl.read_csv(tmp_path / "csv/result.csv", try_parse_dates=True).equals(TABLE)
    rows = json.loads((tmp_path / "json/result.json").read_text(encoding="utf-8"))
    assert rows[0] == {"keyword": "空气净化器", "day": "2025-06-01", "spend": 0.1 + 0.2}
    assert [row["spend"] for row in rows] == TABLE["spend"].to_list()
    assert rows[2]["keyword"] is None


def test_the_recipe_is_json_with_sorted_keys(tmp_path):
    write_result(tmp_path / "out", TABLE, RECIPE)
    text = (tmp_path / "out/recipe.json").read_text(encoding="utf-8")
    assert json.loads(text) == RECIPE
    assert list(json.loads(text)) == sorted(RECIPE)


def test_a_folder_with_a_recipe_is_replaced_whole(tmp_path):
    write_result(tmp_path / "out", TABLE, RECIPE, "csv")
    write_result(tmp_path / "out", TABLE, RECIPE, "json")
    assert names(tmp_path / "out") == ["recipe.json", "result.json"]
    assert names(tmp_path) == ["out"]


def test_empty_and_missing_folders_are_filled(tmp_path):
    (tmp_path / "empty").mkdir()
    write_result(tmp_path / "empty", TABLE, RECIPE)
    write_result(tmp_path / "a/b/new", TABLE, RECIPE)
    assert (tmp_path / "empty/result.csv").exists()
    assert (tmp_path / "a/b/new/result.csv").exists()


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(
        OutputError, match=r"hold a recipe\.json, but it holds something else; name"
    ):
        write_result(tmp_path, TABLE, RECIPE)
    assert names(tmp_path) == ["thesis.txt"]


@pytest.mark.parametrize("place", ["file", "file/below", "link"])
def test_a_file_is_no_output_folder(tmp_path, place):
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputError, match=r"must be a folder, but (file|link) is a file; name"):
        check_folder(tmp_path / place)


def test_an_unwritable_folder_is_found_before_the_work(tmp_path, monkeypatch):
    def forbid(*_):
        raise PermissionError(EACCES, os.strerror(EACCES))

    monkeypatch.setattr("pathlib.Path.mkdir", forbid)  # root may write where the mode forbids it
    with pytest.raises(
        OutputError, match="must be writable, but writing failed: Permission denied"
    ):
        check_folder(tmp_path / "out")


def test_a_failing_disk_is_an_output_error_and_keeps_what_was_there(tmp_path):
    write_result(tmp_path / "out", TABLE, {"seed": 1})
    with (
        pytest.raises(OutputError, match="No space left on device"),
        result_folder(tmp_path / "out", RECIPE),
        Path("/dev/full").open("wb") as full,
    ):
        write_table(TABLE, full, "parquet")
    assert json.loads((tmp_path / "out/recipe.json").read_text()) == {"seed": 1}
    assert names(tmp_path) == ["out"]


def test_a_name_that_no_disk_takes_is_an_output_error(tmp_path):
    with pytest.raises(OutputError, match="File name too long"):
        check_folder(tmp_path / ("x" * 300))


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_an_interrupted_write_leaves_nothing(tmp_path, error):
    def write() -> None:
        with result_folder(tmp_path / "out", RECIPE) as folder:
            (folder / "half.csv").write_text("half")
            raise error

    with pytest.raises(error):
        write()
    assert names(tmp_path) == []


def test_an_interruption_while_replacing_puts_the_old_back(tmp_path, monkeypatch):
    write_result(tmp_path / "out", TABLE, {"seed": 1})
    rename, calls = Path.rename, []

    def interrupted(self, target):
        calls.append(target)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_result(tmp_path / "out", TABLE, RECIPE)
    assert json.loads((tmp_path / "out/recipe.json").read_text()) == {"seed": 1}
    assert names(tmp_path) == ["out"]


@pytest.mark.parametrize("file_format", FORMATS)
def test_an_empty_table_is_valid(tmp_path, file_format):
    write_result(tmp_path / "out", TABLE.clear(), RECIPE, file_format)
    if file_format == "json":
        assert json.loads((tmp_path / "out/result.json").read_text()) == []


def test_a_result_replaces_its_like_only(tmp_path):
    write_result(tmp_path / "out", TABLE, {"result": "optimize", "seed": 7})
    before = everything_below(tmp_path)
    with pytest.raises(OutputError, match="of adsim simulate, but it holds one of adsim optimize"):
        write_result(tmp_path / "out", TABLE, {"result": "simulate"})
    with pytest.raises(OutputError, match="it holds one of adsim optimize; name another folder"):
        check_folder(tmp_path / "out", "simulate")
    assert everything_below(tmp_path) == before
    write_result(tmp_path / "out", TABLE, {"result": "optimize", "seed": 8})
    for text in ("{}", "[]", "no recipe"):
        (tmp_path / "out" / "recipe.json").write_text(text)
        check_folder(tmp_path / "out", "simulate")
