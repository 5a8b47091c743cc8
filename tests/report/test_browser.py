"""Pages in a real browser: charts are drawn, tables sort and filter, nothing is asked for."""

from __future__ import annotations

import shutil

import pytest

from tests.report.conftest import NASTY
from tests.report.reading import shown_number

pytestmark = pytest.mark.browser

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PAGES = [
    ("run", "zh"),
    ("pair", "en"),
    ("best", "en"),
    ("best", "zh"),
    ("searched", "zh"),
    ("fit", "zh"),
]
DRAWN = """[...document.querySelectorAll(".chart")].map(place => ({
  label: place.ariaLabel,
  marks: place.querySelectorAll("svg .role-mark :is(path[d]:not([d='']), line, text)").length,
  width: place.getBoundingClientRect().width,
}))"""


@pytest.fixture(scope="module")
def browser():
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(f"no browser here: none of {', '.join(BROWSERS)} is on the path")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def opened(browser, html, tmp_path):
    """Opens a page and waits until it is drawn; whatever goes wrong in it fails the test."""
    pages = []

    def open_page(name, lang="en", width=1280):
        path = tmp_path / f"{name}-{lang}.html"
        path.write_text(html(name, lang), encoding="utf-8")
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.set_default_timeout(20_000)
        page.asked, page.told = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda message: page.told.append(message.text))
        page.on("pageerror", lambda error: page.told.append(str(error)))
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-drawn]", state="attached")
        pages.append((page, path.as_uri()))
        return page

    yield open_page
    for page, address in pages:
        assert page.told == []
        assert page.asked == [address]
        page.close()


@pytest.mark.parametrize(("name", "lang"), PAGES)
def test_every_chart_is_drawn_and_nothing_runs_over_a_phone(opened, page, name, lang):
    told = [spec["description"] for spec in page(name, lang).charts.values()]
    shown = opened(name, lang, width=390)
    drawn = shown.evaluate(DRAWN)
    assert [chart["label"] for chart in drawn] == told
    assert all(chart["marks"] > 0 and chart["width"] > 200 for chart in drawn), drawn
    assert shown.evaluate("document.documentElement.scrollWidth") == 390


def rows_of(page, table):
    return page.locator(f"#table-{table} tbody tr:visible")


def test_long_tables_start_short_and_unfold(opened):
    page = opened("best")
    assert rows_of(page, "changes").count() == 20
    button = page.locator("#table-changes .fold")
    assert button.inner_text() == "Show all 30"
    button.press("Enter")
    assert rows_of(page, "changes").count() == 30
    button.press("Enter")
    assert rows_of(page, "changes").count() == 20


def test_a_heading_sorts_by_its_numbers_both_ways(opened, results):
    page = opened("best")
    head = page.locator("#table-changes thead tr").last.locator("th").nth(4)
    expected = sorted(results.best.changes["profit_today"].to_list(), reverse=True)
    for direction, order in (("descending", expected), ("ascending", expected[::-1])):
        head.locator("button").press("Enter")
        assert head.get_attribute("aria-sort") == direction
        shown = rows_of(page, "changes").locator("td:nth-child(5)").all_inner_texts()
        assert [shown_number(text) for text in shown] == pytest.approx(order[:20], abs=0.0051)


def test_a_filter_finds_what_is_folded(opened):
    page = opened("best", "zh")
    page.locator("#table-changes input").fill(NASTY.upper())
    assert rows_of(page, "changes").locator("th").all_inner_texts() == [NASTY]
    assert page.locator("#table-changes output").inner_text() == "1 / 1 行"


def test_dark_and_print_keep_their_contrast(opened):
    page = opened("pair")
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.emulate_media(color_scheme="dark", media="print")
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (dark, paper) == ("rgb(20, 24, 29)", "rgb(255, 255, 255)")
