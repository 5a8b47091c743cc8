"""Files into texts and cells, with every way a file can be broken said in plain words."""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adsim.errors import Problem

SHOWN_AT_MOST = 20  # problems printed of one rule in one file; the rest is counted
AS_UTF8 = 'save it again as UTF-8 text (in Excel: "CSV UTF-8")'
UTF_8, UTF_16, GBK = "UTF-8", "UTF-16", "GBK/GB18030"
LEAST_COMMON = 0.8  # of the characters beyond ASCII of a text that is taken for GBK
SIGNATURES = {
    b"PK\x03\x04": "an Excel workbook or zip file",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    codecs.BOM_UTF32_LE: "UTF-32 text",
    codecs.BOM_UTF16_LE: "UTF-16 text",
    codecs.BOM_UTF16_BE: "UTF-16 text",
}


@dataclass(frozen=True)
class Cells:
    """A table as it stands in its file.

    Attributes:
        frame: One String column for each column of the file, spaces stripped, null where empty.
        rows: Row of each line of `frame` in the file; 1 is the first line after the header.
        encoding: What the file was read as, UTF_8, UTF_16 or GBK.
        above: Lines above the header that were left out.
        title: Those lines.
        sheet: The sheet of a workbook that has others beside it, else None.
    """

    frame: pl.DataFrame
    rows: pl.Series
    encoding: str = UTF_8
    above: int = 0
    title: str = ""
    sheet: str | None = None


def cells_of(frame: pl.DataFrame) -> Cells:
    """Cells of a table in memory, as they would stand in a file; columns of lists are left out."""
    texts = frame.select(
        pl.col(name).cast(pl.String).str.strip_chars().replace("", None)
        for name, kind in frame.schema.items()
        if not kind.is_nested()
    )
    return Cells(texts, pl.int_range(1, frame.height + 1, eager=True))


def read_text(path: Path) -> str | Problem:
    """Text of a UTF-8 file, with or without a byte order mark, line ends made equal."""
    data = read_bytes(path)
    return data if isinstance(data, Problem) else decode_text(str(path), data)


def read_bytes(path: Path) -> bytes | Problem:
    """The bytes of a file, or why they cannot be had."""
    if path.is_dir():
        return Problem(str(path), "must be a file", "is a folder", "put a file in its place")
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return Problem(str(path), "must exist", "is not there", "create it or correct the name")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return Problem(
            str(path), "must be readable", f"cannot be read ({reason})", "allow reading it"
        )


def decode_text(where: str, data: bytes) -> str | Problem:
    """Decode the bytes of a UTF-8 file; what is not UTF-8 is named, never guessed."""
    if not data.strip():
        return Problem(where, "must hold something", "is empty", "fill it or delete it")
    for signature, kind in SIGNATURES.items():
        if data.startswith(signature):
            return Problem(where, "must be UTF-8 text", f"is {kind}", AS_UTF8)
    if b"\0" in data:
        return Problem(where, "must be UTF-8 text", "is binary or UTF-16 without a mark", AS_UTF8)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _undecodable(where, data, error)
    return with_equal_ends(text)


def with_equal_ends(text: str) -> str:
    """Text whose lines all end as on Unix."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def decode_gbk(data: bytes) -> str | None:
    """The text of a GBK or GB18030 file; None where it is UTF-8, or nothing of the kind.

    Nearly any two bytes are a character there. Chinese uses the common ones of GB 2312, accents of
    other languages and damaged UTF-8 do not.
    """
    try:
        data.decode()
    except UnicodeDecodeError:
        text = data.decode("gb18030", "replace")
        beyond = "".join(character for character in text if not character.isascii())
        common = len(beyond.encode("gb2312", "ignore")) / 2
        if common >= LEAST_COMMON * len(beyond) and not {"\0", "\ufffd"} & set(text):
            return with_equal_ends(text)
    return None


def _undecodable(where: str, data: bytes, error: UnicodeDecodeError) -> Problem:
    line = data.count(b"\n", 0, error.start) + 1
    if error.reason == "unexpected end of data":
        found = "ends in the middle of a character (the file is cut off)"
        return Problem(where, "must be complete UTF-8 text", found, "copy or export it again")
    if decode_gbk(data) is None:
        found = f"is neither UTF-8 nor GBK from line {line} on (binary or damaged)"
    else:
        found = f"is not UTF-8 from line {line} on (it reads as {GBK})"
    return Problem(where, "must be UTF-8 text", found, AS_UTF8)


def read_cells(path: Path) -> Cells | list[Problem]:
    """Cells of a UTF-8 CSV file with a header; lines without any content are left out."""
    text = read_text(path)
    return [text] if isinstance(text, Problem) else parse_cells(str(path), text)


def parse_cells(where: str, text: str) -> Cells | list[Problem]:
    """Cells of the text of a CSV file with a header."""
    widths = _record_widths(where, text)
    if isinstance(widths, Problem):
        return [widths]
    header = next(csv.reader([text.split("\n", 1)[0]]))
    return (
        _header_problems(where, header)
        or _ragged_problems(where, widths, len(header))
        or _parsed(where, text, header)
    )


def _record_widths(where: str, text: str) -> NDArray[np.int64] | Problem:
    """Number of cells of each record, the header included; 0 for a blank line."""
    if '"' in text:
        try:
            return np.array([len(record) for record in csv.reader(io.StringIO(text), strict=True)])
        except csv.Error as error:
            return _malformed(where, str(error))
    data = np.frombuffer((text.rstrip("\n") + "\n").encode(), dtype=np.uint8)
    ends = np.flatnonzero(data == ord("\n"))
    commas = np.searchsorted(np.flatnonzero(data == ord(",")), ends)
    lengths = np.diff(ends, prepend=-1) - 1
    return np.where(lengths == 0, 0, np.diff(commas, prepend=0) + 1)


def _malformed(where: str, reason: str) -> Problem:
    cure = 'put cells with a comma or a quote into "quotes" and write a quote inside as ""'
    return Problem(where, "must be well-formed CSV", f"is not ({reason})", cure)


def _header_problems(where: str, header: list[str]) -> list[Problem]:
    names = [name.strip() for name in header]
    separator = next((mark for mark in "\t;|" if mark in header[0]), None) if header else None
    if separator is not None and len(header) == 1:
        found = f"its header uses {separator!r}"
        return [Problem(where, "cells must be separated by commas", found, "save it as CSV")]
    if not any(names):
        found = "its first line is blank"
        return [Problem(where, "must begin with a header", found, "name the columns there")]
    problems = []
    for place, name in enumerate(names):
        if not name:
            found = f"column {place + 1} has none"
            problems.append(
                Problem(where, "every column must have a name", found, "name or delete it")
            )
        elif name in names[:place]:
            found = f"{name} is there twice"
            problems.append(
                Problem(where, "every column must have its own name", found, "delete one")
            )
    return problems


def _ragged_problems(where: str, widths: NDArray[np.int64], width: int) -> list[Problem]:
    ragged = np.flatnonzero((widths != width) & (widths != 0))
    cure = 'complete the row; a cell that holds a comma goes into "quotes"'
    rule = f"must have {width} cells like the header"
    shown = [
        Problem(f"{where} row {row}", rule, f"has {widths[row]}", cure)
        for row in ragged[:SHOWN_AT_MOST]
    ]
    return shown + more_problems(where, rule, len(ragged), cure)


def more_problems(where: str, rule: str, count: int, cure: str) -> list[Problem]:
    """The line that counts the problems of one rule beyond those that are shown."""
    if count <= SHOWN_AT_MOST:
        return []
    return [Problem(where, rule, f"{count - SHOWN_AT_MOST} more rows break this rule", cure)]


def _parsed(where: str, text: str, header: list[str]) -> Cells | list[Problem]:
    try:
        lines = pl.read_csv(text.encode(), has_header=False, infer_schema=False)
    except pl.exceptions.PolarsError as error:
        return [_malformed(where, str(error).split("\n", 1)[0])]
    lines.columns = [name.strip() for name in header]
    stripped = lines.with_columns(pl.all().str.strip_chars().replace("", None))
    frame = stripped.with_row_index("\0row").slice(1)
    frame = frame.filter(pl.any_horizontal(pl.exclude("\0row").is_not_null()))
    if frame.is_empty():
        cure = "add rows or delete the file"
        return [Problem(where, "must have rows", "has a header only", cure)]
    return Cells(frame.drop("\0row"), frame["\0row"])
