"""The preset category_brand: every key has a source, and its page says what comes out."""

from __future__ import annotations

import tomllib

import polars as pl
import pytest

import adsim
from adsim.scenario import new_scenario, shipped_media
from tests.kernels.worlds import needs_jit
from tests.scenarios.pages import assert_same_answer

FOLDER = shipped_media()["category_brand"]


@pytest.fixture(scope="module")
def run():
    return adsim.media(FOLDER, replications=8)


def test_every_key_has_a_source_and_a_grade():
    declared = {
        f"{section}.{key}"
        for section, value in tomllib.loads((FOLDER / "media.toml").read_text("utf-8")).items()
        for entry in (value if isinstance(value, list) else [value])
        for key in entry
    }
    sources = pl.read_csv(FOLDER / "sources.csv")
    assert sorted(sources["key"]) == sorted(declared)
    assert set(sources["grade"]) <= set("SOPCBWDU")
    assert sources["source"].null_count() == 0


@needs_jit
def test_the_page_holds_the_answer(run):
    page = (FOLDER / "README.md").read_text("utf-8")
    told = page.partition("<!-- answer: begin -->")[2].partition("<!-- answer: end -->")[0]
    assert_same_answer(told.strip(), "\n".join(f"- {line}" for line in run.sentences()[1:]))


@needs_jit
def test_search_reports_more_than_it_causes_and_its_next_yuan_is_worth_little(run):
    rows = {row["medium"]: row for row in run.media.to_dicts()}
    search, video = rows["search"], rows["video"]
    assert search["roas_reported"] > 2 * search["roas_high"]
    assert search["marginal_roas_high"] < 0.5 * search["roas"]
    assert video["sales_caused"] > search["sales_caused"] + rows["feed"]["sales_caused"]


def test_a_copy_can_be_made(tmp_path):
    new_scenario(tmp_path / "mine", like="category_brand")
    assert adsim.load_media(tmp_path / "mine").names == ["video", "feed", "search"]
