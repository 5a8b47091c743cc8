"""Workbooks of Excel, WPS and others into texts, a CSV text a sheet."""

from __future__ import annotations

import io

import polars as pl

from adsim.errors import Problem

OLD, NEW = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"
"""How files of .xls, and of .xlsx, .xlsb and .ods, begin."""


def is_workbook(data: bytes) -> bool:
    """Whether a file's bytes begin like those of a workbook."""
    return data.startswith((OLD, NEW))


def read_sheets(where: str, data: bytes) -> dict[str, pl.DataFrame] | Problem:
    """The cells of each sheet that holds any, as texts, null where empty, from the first row on.

    Dates stand there as 2025-06-01, numbers without their formats (12 % is 0.12), and a cell of
    several lines in one.
    """
    try:
        import fastexcel
    except ModuleNotFoundError:
        rule = "a workbook needs the package fastexcel to be read"
        cure = 'install it (the extra "excel"), or save the sheet as CSV (in Excel: "CSV UTF-8")'
        return Problem(where, rule, "it is not installed", cure)
    try:
        sheets = pl.read_excel(
            io.BytesIO(data),
            sheet_id=0,
            has_header=False,
            infer_schema_length=0,
            raise_if_empty=False,
            drop_empty_rows=False,
            drop_empty_cols=False,
        )
    except fastexcel.FastExcelError:
        found = "cannot be opened (protected by a password, damaged, or something else)"
        cure = "open it, and save it again without a password, or as CSV"
        return Problem(where, "must be a workbook that can be read", found, cure)
    return {name: _plain(frame) for name, frame in sheets.items() if not frame.is_empty()}


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(
        pl.all().str.replace(" 00:00:00$", "").str.replace_all(r"\s*[\r\n]+\s*", " ")
    )
