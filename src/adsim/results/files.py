"""Result folders: written whole or not at all, the same bytes for the same recipe."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import IOBase
from pathlib import Path
from secrets import token_hex
from typing import IO, Any, Literal, cast

import polars as pl

from adsim.errors import OutputError, Problem

RECIPE = "recipe.json"
"""The file that makes a folder ours: only folders that hold one are ever replaced."""

MANIFEST = "manifest.jsonl"
"""The file that marks the folder of a sweep, which grows and is never replaced."""

FileFormat = Literal["json", "csv", "parquet"]


def write_result(
    folder: str | os.PathLike[str],
    table: pl.DataFrame,
    recipe: Mapping[str, Any],
    file_format: FileFormat = "csv",
    texts: Mapping[str, str] | None = None,
    name: str = "result",
) -> None:
    """Write `NAME.FORMAT` and `recipe.json` into `folder`, and more texts by name, in one step.

    Raises OutputError as `result_folder` does; whatever was there before is then still there.
    """
    with result_folder(folder, recipe) as path:
        with (path / f"{name}.{file_format}").open("wb") as file:
            write_table(table, file, file_format)
        write_texts(path, texts)


def write_tables(
    folder: str | os.PathLike[str],
    tables: Mapping[str, pl.DataFrame],
    recipe: Mapping[str, Any],
    texts: Mapping[str, str],
) -> None:
    """Write several tables as `NAME.csv`, `recipe.json`, and texts by name, in one step.

    Raises OutputError as `result_folder` does; whatever was there before is then still there.
    """
    with result_folder(folder, recipe) as path:
        for name, table in tables.items():
            table.write_csv(path / f"{name}.csv")
        write_texts(path, texts)


def write_texts(folder: Path, texts: Mapping[str, str] | None) -> None:
    """Write texts as UTF-8, by file name."""
    for name, text in (texts or {}).items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def write_table(table: pl.DataFrame, file: IO[bytes], file_format: FileFormat) -> None:
    """Write a table as UTF-8: `json` an array of row objects, `csv` with a header, or `parquet`.

    Numbers keep all their digits; null is `null` in JSON and empty in CSV. Raises OSError, of the
    system's own kind (a broken pipe is a BrokenPipeError).
    """
    try:
        if file_format == "json":
            table.write_json(cast(IOBase, file))
            file.write(b"\n")
        elif file_format == "csv":
            table.write_csv(file)
        else:
            table.write_parquet(file)
    except (OSError, pl.exceptions.ComputeError) as error:
        raise _system_error(error) from error


def _system_error(error: Exception) -> Exception:
    """The error with the system's number, which polars only tells in words."""
    found = re.search(r"\(os error (\d+)\)", str(error))
    return OSError(int(found[1]), os.strerror(int(found[1]))) if found else error


@contextmanager
def result_folder(folder: str | os.PathLike[str], recipe: Mapping[str, Any]) -> Iterator[Path]:
    """A temporary folder to fill, which becomes `folder`, with its recipe, when the block ends.

    Replaces only a folder that holds nothing, or a recipe, and of the same kind of result where
    recipes name it (`"result": "simulate"`, say). When the block fails or is interrupted, nothing
    of it is left. Raises OutputError where `folder` may not be replaced or written.
    """
    check_folder(folder, recipe.get("result"))
    target = Path(folder).resolve()
    new = target.with_name(f".{target.name}.{token_hex(4)}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        new.mkdir()
        yield new
        (new / RECIPE).write_text(recipe_text(recipe), encoding="utf-8", newline="\n")
        _replace(target, new)
    except OSError as error:
        raise OutputError(_cannot_write(folder, error)) from error
    finally:
        shutil.rmtree(new, ignore_errors=True)


def check_folder(folder: str | os.PathLike[str], result: str | None = None) -> None:
    """Raise OutputError where `result_folder` could not write; to be called before long work.

    `result` is what the recipe will name as its kind of result.
    """
    path = Path(folder)
    try:
        if path.is_dir():
            _check_replaceable(folder, path, result)
        elif path.exists() or path.is_symlink():
            raise OutputError(_not_a_folder(folder, path))
        _check_parent(folder, path.resolve().parent)
    except OSError as error:
        raise OutputError(_cannot_write(folder, error)) from error


def _check_replaceable(folder: str | os.PathLike[str], path: Path, result: str | None) -> None:
    rule = f"an output folder must be new, be empty or hold a {RECIPE}"
    found, other = None, _result_in(path)
    if (path / MANIFEST).exists():
        found = "it holds a sweep"
    elif any(path.iterdir()) and not (path / RECIPE).is_file():
        found = "it holds something else"
    elif None not in (result, other) and result != other:
        rule, found = f"{rule} of adsim {result}", f"it holds one of adsim {other}"
    if found is not None:
        cure = "name another folder, or move this one away"
        raise OutputError(Problem(str(folder), rule, found, cure))


def _result_in(path: Path) -> str | None:
    """What kind of result a folder's recipe names, if any."""
    try:
        recipe = json.loads((path / RECIPE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return recipe.get("result") if isinstance(recipe, dict) else None


def _check_parent(folder: str | os.PathLike[str], parent: Path) -> None:
    while not parent.exists() and not parent.is_symlink():
        parent = parent.parent
    if not parent.is_dir():
        raise OutputError(_not_a_folder(folder, parent))
    tried = parent / f".adsim.{token_hex(4)}"  # rights alone do not tell, of /proc for one
    tried.mkdir()
    tried.rmdir()


def _not_a_folder(folder: str | os.PathLike[str], found: Path) -> Problem:
    return Problem(
        str(folder),
        "an output folder must be a folder",
        f"{found.name} is a file",
        "name another folder, or move the file away",
    )


def _cannot_write(folder: str | os.PathLike[str], error: OSError) -> Problem:
    return Problem(
        str(folder),
        "an output folder must be writable",
        f"writing failed: {error.strerror or error}",
        "name a folder on a disk with room where you may write",
    )


def _replace(target: Path, new: Path) -> None:
    """Put `new` where `target` is; the old folder goes only once the new one is in place."""
    if not target.exists():
        new.rename(target)
        return
    old = new.with_suffix(".old")
    try:
        target.rename(old)
        new.rename(target)
    except BaseException:
        if old.exists() and not target.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def recipe_text(recipe: Mapping[str, Any]) -> str:
    """A recipe as its file holds it: JSON with sorted keys, the same text for the same recipe."""
    return json.dumps(recipe, ensure_ascii=False, indent=2, sort_keys=True, allow_nan=False) + "\n"
