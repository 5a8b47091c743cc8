"""Pages show the numbers of the tables they are made of, and nothing can break them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

import adsim
from adsim.errors import OutputError, PageError
from adsim.report import render_page
from adsim.report.answers import HEADLINES
from adsim.scenario import todays_plan
from tests.report.conftest import NASTY
from tests.report.reading import read_page, shown_number

NAMES = ["run", "pair", "best", "searched", "fit"]
LANGS = ["en", "zh"]


@pytest.fixture(scope="module")
def smallest():
    return adsim.load_scenario(Path(__file__).parents[2] / "scenarios" / "smallest")


@pytest.fixture(scope="module")
def comparisons(results):
    """The comparison that a page of two plans shows, by the name of its result."""
    a, b = results.pair
    pair = adsim.compare(a.scenario, a.plan, b.plan, replications=a.replications, seed=a.seed)
    return {"pair": pair, "best": results.best.comparison}


@pytest.mark.parametrize("name", ["pair", "best"])
def test_comparison_shows_the_table_of_the_command(page, comparisons, name):
    table, shown = comparisons[name], page(name).tables["comparison"]
    assert len(shown.rows) == table.height
    for place, column in enumerate(("a", "b", "difference"), 1):
        assert shown.column(place) == table[column].to_list()
    if name == "best":
        assert shown.column(5) == table["expected"].to_list()
        assert shown.column(6) == table["noise_cost"].to_list()


@pytest.mark.parametrize("name", ["pair", "best"])
@pytest.mark.parametrize("lang", LANGS)
def test_headline_figures_are_those_of_the_comparison(page, comparisons, name, lang):
    rows = {row["metric"]: row for row in comparisons[name].iter_rows(named=True)}
    figures = page(name, lang).figures
    assert [value for _, value in figures] == [rows[metric]["b"] for metric in HEADLINES]


def test_headline_figures_of_a_run_are_those_of_its_report(page, results):
    row = results.run.report().row(0, named=True)
    assert [value for _, value in page("run").figures] == [row[metric] for metric in HEADLINES]


def test_tables_of_a_run_are_its_reports(page, results):
    shown = page("run").tables
    campaigns = results.run.report(by=["campaign"]).filter(pl.col("campaign").is_not_null())
    assert shown["campaigns"].texts(0) == campaigns["campaign"].to_list()
    assert shown["campaigns"].column(4) == campaigns["spend"].to_list()
    keywords = results.run.report(by=["keyword"]).filter(pl.col("keyword").is_not_null())
    keywords = keywords.sort("spend", descending=True, maintain_order=True)
    assert shown["keywords"].texts(0) == keywords["keyword"].to_list()
    assert shown["keywords"].column(9) == keywords["profit"].to_list()


def test_changes_are_those_of_the_search(page, results):
    shown, changes = page("best").tables["changes"], results.best.changes
    assert shown.texts(0) == changes["keyword"].to_list()
    for place, name in ((2, "bid_today"), (3, "bid_new"), (4, "profit_today"), (5, "profit_new")):
        assert shown.column(place) == changes[name].to_list()
    change = (changes["profit_new"] - changes["profit_today"]).to_list()
    assert shown.column(6) == change
    assert shown.column(10) == changes["clicks_new"].to_list()


def test_changes_of_two_runs_are_their_reports(page, results):
    shown = page("pair").tables["changes"]
    a, b = (run.report(by=["keyword"]) for run in results.pair)
    spent = dict(zip(shown.texts(0), shown.column(8), strict=True))
    own = b.filter(pl.col("keyword").is_not_null())
    known = dict(own.select("keyword", "spend").iter_rows())
    assert spent == {keyword: known.get(keyword, 0.0) for keyword in spent}
    assert sum(shown.column(7)) == pytest.approx(a["spend"].sum())


def test_settings_that_differ_are_listed_and_no_others(page, other_plan):
    rows = [[text for text, _ in row] for row in page("pair").tables["settings"].rows]
    name = other_plan.campaigns[0].name
    assert [row[:2] for row in rows] == [[name, "Daily budget"], [name, "Hour coefficients"]]
    assert rows[0][3] == "9,999.50"
    assert rows[1][3] == "0–8 h × 0, 8–24 h × 1"
    assert "settings" not in page("best").tables


def test_recovery_of_a_fit_is_shown(page, results):
    shown, recovery = page("fit").tables["recovery-table"], results.fit.recovery
    for place, name in ((2, "reported"), (3, "simulated"), (4, "error")):
        assert shown.column(place) == recovery[name].to_list()


@pytest.mark.parametrize("lang", LANGS)
def test_assumptions_and_unknowns_of_a_fit_are_told_in_the_language_of_the_page(
    page, results, lang
):
    fit = results.fit
    for line in [*fit.explain(lang), *fit.unidentified(lang)]:
        assert line in page("fit", lang).text


def test_held_out_keywords_are_shown_with_their_intervals(page, results):
    shown, totals = page("fit").tables["held-out"], results.fit.backtest.totals
    assert totals.height > 0
    for place, name in ((2, "reported"), (3, "simulated"), (4, "low")):
        assert shown.column(place) == totals[name].to_list()
    assert shown.texts(5) == ["yes" if covered else "no" for covered in totals["covered"]]
    clicks = totals.row(0, named=True)
    drawn = page("fit").data["held-out"][0]
    assert drawn["low"] == clicks["low"] / clicks["reported"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("lang", LANGS)
def test_every_number_is_shown_as_it_is(page, name, lang):
    """The text of a cell is its number, rounded; half a unit of its last digit apart at most."""
    for table in page(name, lang).tables.values():
        for row in table.rows:
            for text, value in row:
                if value is None or not re.fullmatch(r"[+−]?[\d,.]+( %| pp)?", text):
                    continue
                decimals = len(text.split(" ")[0].partition(".")[2])
                unit = 0.01 if text.endswith(("%", "pp")) else 1.0
                assert abs(shown_number(text) - value) <= 0.5001 * unit * 10**-decimals, text


def test_hours_add_up_to_the_spend_of_a_day(page, results):
    read, days = page("pair"), 2
    spent = {}
    for key, rows in read.data.items():
        if re.fullmatch(r"hours-\d+", key):
            for row in rows:
                if row["hour"] == 24:
                    spent.setdefault(row["plan"], []).append(row["spent"])
    for run, parts in zip(results.pair, spent.values(), strict=True):
        table = run.report(by=["campaign"]).filter(pl.col("campaign").is_not_null())
        campaigns = table["spend"].to_list()
        assert sorted(parts) == pytest.approx(sorted(spend / days for spend in campaigns))


def test_lost_shares_add_up_and_are_those_of_the_report(page, results):
    for name, run in (("run", results.run), ("pair", results.pair[1])):
        rows = page(name).data["lost"]
        row = run.report().row(0, named=True)
        last = [part for part in rows if part["campaign"] == "all campaigns"][-3:]
        names = ("impression_share", "lost_to_rank", "lost_to_budget")
        assert [part["share"] for part in last] == [row[metric] for metric in names]
        assert sum(part["share"] for part in last) == pytest.approx(1)


def test_intervals_are_those_of_the_comparison(page, results):
    rows = {row["metric"]: row for row in results.best.comparison.iter_rows(named=True)}
    spend = page("best").data["gains-money"][0]
    names = ("difference", "difference_low", "difference_high")
    assert list(spend.values()) == ["Spend", *(rows["spend"][name] for name in names)]
    clicks = page("best").data["gains-rates"][1]
    assert clicks["difference"] == rows["clicks"]["difference"] / rows["clicks"]["a"]


def test_gap_shows_today_the_plan_and_the_bound(page, results):
    best = results.best
    today, new, bound = (row["value"] for row in page("best").data["gap"])
    assert (new, bound) == (best.value, best.bound)
    assert today == pytest.approx(best.changes["profit_today"].sum())


def test_simple_plans_stand_beside_the_one_found(page, results):
    shown, baselines = page("best").tables["baselines"], results.best.baselines
    assert shown.column(1) == baselines["value"].to_list()
    assert shown.column(2) == baselines["spend"].to_list()


def test_the_plan_stands_beside_them_where_it_changes_settings(page, results):
    best = results.searched
    shown = page("searched").tables["baselines"]
    changes_settings = best.plan.campaigns != todays_plan(best.scenario).campaigns
    assert changes_settings  # or this test tells nothing
    assert shown.column(1) == [*best.baselines["value"].to_list(), best.value]
    assert "bound is for bids with the new plan's premiums" in page("searched").text
    assert "bids with today's premiums" in page("best").text


def test_race_is_shown_with_its_winner_first(page, results):
    shown, race = page("searched").tables["race"], results.searched.race
    won = race.row(by_predicate=pl.col("state") == "won", named=True)
    assert shown.texts(0)[0].endswith("(winner)")
    assert shown.column(2)[0] == won["fresh"]
    assert sorted(shown.column(2)) == sorted(race["fresh"].to_list())
    lost = race.filter(pl.col("state") == "lost")
    differences = [value for value in shown.column(3) if value is not None]
    assert sorted(differences) == sorted(lost["difference"].to_list())
    assert "race" not in page("best").tables


def test_best_score_by_trial_never_falls_and_ends_at_the_best(page, results):
    drawn, trials = page("searched").data["trials"], results.searched.trials
    best = [row["best"] for row in drawn if row["best"] is not None]
    assert [row["score"] for row in drawn] == trials["score"].to_list()
    assert best == sorted(best)
    assert best[-1] == trials.filter(pl.col("state") == "played")["score"].max()


def test_trials_that_do_not_hold_what_was_asked_for_are_told(page, results):
    assert "would not have held" not in page("searched").text
    state = pl.Series(["missed", "played", "stopped", "missed", "played", "missed"])
    trials = results.searched.trials.with_columns(state=state)
    told = read_page(render_page(replace(results.searched, trials=trials))).text
    assert "6 trials, of which 1 were stopped early" in told
    assert "3 trials would not have held what was asked for" in told


def test_every_setting_that_was_tried_has_its_row(page, results):
    shown, trials = page("searched").tables["tried"], results.searched.trials
    names = [name for name in trials.columns if "." in name]
    assert len(shown.rows) == len(names) > 3
    assert shown.column(1) == [trials[name].min() for name in names]
    assert shown.column(2) == [trials[name].max() for name in names]
    best = trials.filter(pl.col("state") == "played").sort("score").tail(1)
    assert shown.column(3) == [best[name][0] for name in names]


def test_every_market_has_its_row(page, results):
    shown, markets = page("searched").tables["markets"], results.searched.markets
    assert markets.height == 2
    for place, name in ((1, "a"), (2, "b"), (3, "difference"), (4, "difference_low")):
        assert shown.column(place) == markets[name].to_list()
    assert "better in 2 of the 2 markets" in page("searched").text
    assert "markets" not in page("best").tables


def test_first_lines_count_what_is_to_be_done(page, results):
    changes = results.best.changes
    raised = changes.filter((pl.col("bid_new") > pl.col("bid_today")) & (pl.col("bid_today") > 0))
    assert f"Bids to change: raise {raised.height}, lower" in page("best").text
    assert "plan beside this page" not in page("best").text
    assert "The folder plan beside this page" in render_page(results.best, command="adsim optimize")


def tones(html):
    """Label and tone of each headline figure."""
    figure = r'class="label">([^<]*)<.*?class="(gain|loss|even)"'
    return dict(re.findall(figure, html, flags=re.DOTALL))


def test_less_spend_for_what_is_to_be_reached_is_a_gain(smallest):
    best = adsim.optimize(smallest, reach=("orders", 8), replications=8, trials=0)
    html = render_page(best)
    read = read_page(html)
    assert (best.goal, tones(html)["Spend, CNY"]) == ("spend", "gain")
    assert "least spend, Orders ≥ 8.00" in read.text
    row = best.comparison.row(by_predicate=pl.col("metric") == "orders", named=True)
    assert "Asked for Orders ≥ 8.00: {b:.2f} with the new plan".format(**row) in read.text
    assert "No plan can do with less than the bound" in read.text
    assert read.tables["changes"].column(4) == best.changes["orders_today"].to_list()


def test_a_target_that_today_breaks_comes_before_the_gain(smallest):
    best = adsim.optimize(smallest, target_roi=3, replications=8, trials=0)
    html = render_page(best)
    first = re.search(r'class="answer">([^<]*)<', html)[1]
    row = best.comparison.row(by_predicate=pl.col("metric") == "roi", named=True)
    told = "Asked for ROI ≥ 3.00: {b:.2f} with the new plan (expected: {expected:.2f}), {a:.2f}"
    assert first.startswith(told.format(**row))


def test_a_target_out_of_reach_is_the_first_thing_told(smallest):
    best = adsim.optimize(smallest, goal="orders", target_cpa=12, replications=8, trials=0)
    html = render_page(best)
    read = read_page(html)
    assert not best.is_met
    assert "Out of reach: CPA ≤ 12.00" in read.text
    assert (read.figures[0][1], tones(html)["CPA, CNY"]) == (
        best.comparison.row(by_predicate=pl.col("metric") == "cpa", named=True)["b"],
        "gain",
    )
    assert len(read.figures) == len(HEADLINES)


def test_landscapes_are_those_of_the_library_with_both_bids_marked(page, results):
    best = results.best
    first = best.changes.filter(pl.col("bid_today") != pl.col("bid_new")).row(0, named=True)
    rows = page("best").data["landscape-1-profit"]
    marks = {row["mark"]: row["bid"] for row in rows if row["mark"]}
    assert marks == {
        mark: first[f"bid_{end}"]
        for mark, end in (("a", "today"), ("b", "new"))
        if first[f"bid_{end}"]
    }
    bids = [row["bid"] for row in rows]
    table = adsim.landscape(best.scenario, first["keyword"], bids=bids, plan=best.plan)
    table = table.filter(pl.col("match_type") == first["match_type"])
    assert [row["profit"] for row in rows] == table["profit"].to_list()


@pytest.mark.parametrize("name", NAMES)
def test_every_chart_has_its_place_and_its_data(page, name):
    read = page(name)
    assert list(read.charts) == read.places
    assert read.charts
    for spec in read.charts.values():
        parts = [spec, *spec.get("layer", [])]
        names = {part["data"]["name"] for part in parts if "data" in part}
        assert names and all(read.data[data] for data in names)
        assert spec["description"]
        assert spec["width"] == "container"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("lang", LANGS)
def test_names_cannot_break_out(html, page, name, lang):
    text = html(name, lang)
    assert text.count("</script>") == 3
    assert "<b onclick" not in text
    if name != "fit":
        assert NASTY in page(name, lang).text


@pytest.mark.parametrize("name", NAMES)
def test_same_result_same_text(html, results, name):
    assert render_page(getattr(results, name), "zh") == html(name, "zh")


def test_page_is_complete_and_knows_no_address(html):
    for name in NAMES:
        own = html(name).split('<script type="application/json"')
        markup = own[0] + own[1].split("</script>")[0]
        assert not re.search(r"(src|href)=\"(?!#)", markup)
        assert "url(" not in markup and "@import" not in markup
        assert "default-src 'none'" in markup


@pytest.mark.parametrize("goal", ["revenue", "orders", "clicks", "roi"])
def test_every_goal_has_a_page(smallest, goal):
    best = adsim.optimize(smallest, goal=goal, budget=40.0, replications=4, trials=0)
    read = read_page(render_page(best, "zh"))
    rows = {row["metric"]: row for row in best.comparison.iter_rows(named=True)}
    assert read.tables["comparison"].column(2) == best.comparison["b"].to_list()
    assert [row["value"] for row in read.data["gap"]][1:] == [best.value, best.bound]
    assert rows[goal]["difference"]  # or there would be no landscape
    assert any(key.startswith("landscape-1-") for key in read.charts)


def test_today_against_today_says_that_nothing_differs(results):
    read = read_page(render_page([results.run, results.run]))
    assert "Both plans do the same: profit" in read.text
    assert set(read.tables["comparison"].column(3)) == {0.0}
    assert "landscape-1-profit" not in read.charts


def test_one_replication_and_closed_form_have_no_intervals(shop, other_plan):
    runs = [adsim.simulate(shop, plan=plan, fidelity="expected") for plan in (None, other_plan)]
    for result in (runs[0], runs):
        read = read_page(render_page(result))
        assert "gains-money" not in read.charts
        assert "None" not in read.text and "nan" not in read.text.split()


def test_write_page_replaces_a_file_whole(results, html, tmp_path):
    path = tmp_path / "page.html"
    adsim.write_page(results.fit, path)
    adsim.write_page(results.fit, path, lang="zh")
    assert path.read_text(encoding="utf-8") == html("fit", "zh")
    assert [file.name for file in tmp_path.iterdir()] == ["page.html"]


def test_page_that_cannot_be_written_says_why(results, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="a page must be writable, but writing failed: Not a dir"):
        adsim.write_page(results.fit, tmp_path / "file" / "page.html")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_only_results_have_pages(results):
    with pytest.raises(PageError, match=r"result: must be a run, two runs, .* but is DataFrame"):
        render_page(results.best.comparison)
    with pytest.raises(PageError, match="lang: must be one of en, zh, but is 'de'"):
        render_page(results.run, "de")


def test_runs_that_cannot_be_compared_are_all_told(results, shop):
    other = adsim.simulate(shop, replications=4, seed=8, days=1)
    with pytest.raises(PageError) as caught:
        render_page([results.run, other])
    told = [problem.where for problem in caught.value.problems]
    assert told == ["seed", "replications", "last_day"]
