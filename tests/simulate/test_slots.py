"""Cascades and promoted slots in whole scenarios: published slot tables, rules of the files."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import adsim
from adsim.errors import MarketError, SimulationError
from adsim.scenario import Scenario, check_scenario, new_scenario, write_scenario
from adsim.simulate import simulate
from tests.simulate.lives import shop as living_shop
from tests.simulate.test_fidelities import FIELDS, limit
from tests.simulate.worlds import CASCADE, PROMOTED, with_auction, world

BASE = """
[scenario]
name = "classes"
start = 2025-06-01
[auction]
slots = 5
clicks = "cascade"
continuation = {continuation}
quality_exponent = 0.5
reserve_score = {reserve}
promoted_slots = 1
promoted_reserve = {promoted}
charge_step = 0.0
[[products]]
name = "unit"
price = 10.0
[[campaigns]]
name = "own"
"""
CLASSES = {  # validation.md section 12: e, gamma, base bid, reserve
    "F0": {"e": 0.25, "gamma": 0.35, "base": 0.6, "reserve": 0.185},
    "F2": {"e": 0.45, "gamma": 0.55, "base": 2.0, "reserve": 0.53},
}
CVR = {
    "F0": [0.092881, 0.092474, 0.092059, 0.091637, 0.091206],
    "F2": [0.228290, 0.209338, 0.193669, 0.177789, 0.161944],
}
CPC = {"F0": [0.78, 0.72, 0.66, 0.60, 0.54], "F2": [2.6, 2.4, 2.2, 2.0, 1.8]}
CTR = {
    "F0": [0.25, 0.085468, 0.029222, 0.009992, 0.003417],
    "F2": [0.551020, 0.216366, 0.107791, 0.054118, 0.027384],
}


def eight_advertisers(folder, kind: str, place: int) -> Scenario:
    """The own ad is the one in `place` of eight with bids base x (1.4 - .1 i)."""
    facts = CLASSES[kind]
    bids = [facts["base"] * (1.4 - 0.1 * i) for i in range(8)]
    others = [i for i in range(8) if i != place]
    text = BASE.format(
        continuation=facts["gamma"], reserve=facts["reserve"], promoted=facts["reserve"] + 0.25
    )
    text += "".join(f'[[rivals]]\nname = "r{i}"\n' for i in others)
    folder.mkdir(exist_ok=True)
    (folder / "scenario.toml").write_text(text)
    e, above = facts["e"], CVR[kind][: max(1, place)]
    (folder / "queries.csv").write_text(
        "query,daily_searches,rivals,ctr,cvr,rival_cvr\n"
        f"lioneer,1000,0,{e},{CVR[kind][place]},{sum(above) / len(above):.6f}\n"
    )
    (folder / "keywords.csv").write_text(
        "campaign,ad_group,keyword,match_type,bid,quality,relevance,product\n"
        f"own,all,lioneer,exact,{bids[place]:.6f},{e},1,unit\n"
    )
    rows = [f"r{i},lioneer,exact,{bids[i]:.6f},{e}\n" for i in others]
    (folder / "rivals.csv").write_text("rival,keyword,match_type,bid,quality\n" + "".join(rows))
    return adsim.load_scenario(folder)


@pytest.mark.parametrize("kind", CLASSES)
def test_published_slot_table(tmp_path, kind):
    """Prices are exact. The rivals above have the mean of their CVR, which is exact for one."""
    for place in range(5):
        report = adsim.simulate(eight_advertisers(tmp_path / "w", kind, place), fidelity="expected")
        row = report.report().row(0, named=True)
        assert row["avg_position"] == pytest.approx(place + 1)
        assert row["cpc"] == pytest.approx(CPC[kind][place], abs=1e-6)
        assert row["ctr"] == pytest.approx(CTR[kind][place], rel=1e-4 if place < 2 else 5e-3)


@pytest.mark.parametrize("fidelity", ["counts", "events"])
def test_published_slot_prices_are_drawn(tmp_path, fidelity):
    scenario = eight_advertisers(tmp_path / "w", "F2", 2)
    row = adsim.simulate(scenario, fidelity=fidelity, replications=2).report().row(0, named=True)
    assert row["cpc"] == pytest.approx(2.2)


def test_a_bid_that_meets_the_promoted_reserve_brings_more_and_dearer_clicks():
    alike = world({"queries": 1, "flat": True, "crowds": 0, "devices": 0})
    scenario = with_auction(alike, promoted_slots=4, promoted_reserve=6.0)
    keyword = scenario.tables.keywords.row(0, named=True)
    meets = 6.0 / keyword["quality"]
    below, above = adsim.landscape(
        scenario, keyword["keyword"], [meets - 0.01, meets + 0.01]
    ).iter_rows(named=True)
    ctr = scenario.tables.queries["ctr"][0] * keyword["relevance"] * keyword["creative"]
    factor = 1.5 / (1 + 0.5 * ctr)
    assert above["ctr"] == pytest.approx(below["ctr"] * factor, rel=0.02)
    assert below["cpc"] < above["cpc"] == pytest.approx(meets + 0.01, abs=0.02)


def test_a_cascade_in_which_everybody_reads_on_is_like_even_slots():
    settings = {"queries": 3, "set": ("auction.examination=[1.0, 1.0, 1.0, 1.0]",)}
    even = world(settings)
    patient = with_auction(even, clicks="cascade", continuation=1.0)
    queries = patient.tables.queries.with_columns(rival_cvr=pl.lit(0.0))
    patient = patient.model_copy(update={"tables": replace(patient.tables, queries=queries)})
    for fidelity in ("expected", "counts", "events"):
        run = {"fidelity": fidelity, "replications": 1}
        found = [adsim.simulate(one, **run).tallies()[0] for one in (even, patient)]
        assert (found[0] == found[1]).all()


def test_a_scenario_with_readers_is_written_and_read_back(tmp_path):
    made = world({"auction": {**CASCADE, **PROMOTED}, "readers": (0.5, 0.4), "queries": 3})
    write_scenario(made, tmp_path / "made")
    read = adsim.load_scenario(tmp_path / "made")
    assert read == made
    assert read.digest() == made.digest() != world({"queries": 3}).digest()


MISTAKES = {
    'clicks = "cascade"': [
        'auction.examination must only be given with clicks = "slots", but clicks is "cascade"',
        'auction.continuation must be given with clicks = "cascade", but is missing',
    ],
    "continuation = 0.5": ['auction.continuation must only be given with clicks = "cascade"'],
    "promotion = 1.2\npromoted_reserve = 1.0": [
        "auction.promotion must come with promoted_slots, but there are none",
        "auction.promoted_reserve must come with promoted_slots, but there are none",
    ],
    "promoted_slots = 5": ["auction.promoted_slots must be at most 4 (auction.slots), but is 5"],
    "promoted_slots = 1\npromoted_reserve = 1.5": [
        "promoted_reserve must be at least auction.reserve_score (2), but is 1.5"
    ],
    "promoted_slots = 1\npromotion = 0.9": ["auction.promotion must be >= 1"],
    'clicks = "banner"\npromoted_slots = 9': ["clicks must be 'slots' or 'cascade'", "at most 4"],
}


@pytest.mark.parametrize("keys", MISTAKES)
def test_keys_without_a_meaning_are_all_named(tmp_path, keys):
    new_scenario(tmp_path / "shop")
    file = tmp_path / "shop" / "scenario.toml"
    file.write_text(file.read_text().replace("[auction]\n", f"[auction]\n{keys}\n"))
    messages = [str(problem) for problem in check_scenario(tmp_path / "shop")]
    assert len(messages) == len(MISTAKES[keys])
    for part in MISTAKES[keys]:
        assert any(part in message for message in messages), messages


def test_examination_is_needed_without_a_cascade_and_readers_are_not(tmp_path):
    new_scenario(tmp_path / "shop")
    file, queries = tmp_path / "shop" / "scenario.toml", tmp_path / "shop" / "queries.csv"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(line for line in lines if not line.startswith("examination")))
    rows = queries.read_text().splitlines()
    ends = ["rival_cvr", "0.2", *[""] * (len(rows) - 2)]
    queries.write_text("".join(f"{row},{end}\n" for row, end in zip(rows, ends, strict=True)))
    first, second = map(str, check_scenario(tmp_path / "shop"))
    assert 'auction.examination must be given with clicks = "slots", but is missing' in first
    assert 'queries.csv row 1: rival_cvr must only be given with auction.clicks = "cas' in second


def test_promotion_may_not_lift_a_chance_above_one():
    made = with_auction(world({"queries": 2}), promoted_slots=1)
    keywords = made.tables.keywords.with_columns(relevance=pl.lit(12.0))
    bold = made.model_copy(update={"tables": replace(made.tables, keywords=keywords)})
    with pytest.raises(
        MarketError, match=r"queries.csv: the chance of a click in a promoted slot must"
    ):
        adsim.simulate(bold)


def test_one_auction_with_a_promoted_slot():
    table = adsim.run_auction(
        [3.0, 2.0, 1.0], [1.0, 1.0, 1.0], slots=2, increment=0.0, promoted_slots=1,
        promoted_reserve=2.5, reserve_score=0.5,
    )  # fmt: skip
    assert table["charge"].to_list() == [2.5, 1.0, None]
    assert table["promoted"].to_list() == [True, False, False]
    weaker = adsim.run_auction([2.4, 2.0], [1.0, 1.0], promoted_slots=1, promoted_reserve=2.5)
    assert weaker["promoted"].to_list() == [False, False]
    assert weaker["charge"].to_list() == [2.01, 0.01]


def test_one_auction_names_all_mistakes():
    with pytest.raises(SimulationError) as caught:
        adsim.run_auction([1], [1], slots=1, promoted_slots=2, promoted_reserve=1, reserve_score=2)
    assert [problem.where for problem in caught.value.problems] == [
        "promoted_slots",
        "promoted_reserve",
    ]
    with pytest.raises(SimulationError, match="promoted_reserve: must come with promoted_slots"):
        adsim.run_auction([1], [1], promoted_reserve=1)


def test_persons_who_live_meet_the_same_slots_in_every_fidelity():
    made = with_auction(living_shop(named_rivals=2, searches=600.0), **CASCADE, **PROMOTED)
    runs = [simulate(made, fidelity=one, replications=80, seed=3) for one in ("counts", "events")]
    counts, events = (run.tallies()[0][:, 0, :].astype(float) for run in runs)
    error = np.sqrt((counts.var(axis=0, ddof=1) + events.var(axis=0, ddof=1)) / 80)
    for field in FIELDS:  # false alarm below 1e-3 in all
        gap = abs(counts[:, field].mean() - events[:, field].mean())
        assert gap <= limit(len(FIELDS), 158) * error[field]
    assert runs[0].opened.book.offers["promoted"].max() > 0, "nothing is promoted"
