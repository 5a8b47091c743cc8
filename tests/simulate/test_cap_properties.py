"""What holds under any caps: nobody sees more, nobody is lost, a lower cap shows no more."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adsim.simulate import Run, simulate
from tests.simulate.test_capped_lives import capped as capped_lives
from tests.simulate.test_caps import capped

CAPS = st.integers(1, 3)
DAYS = st.integers(1, 2)  # of a period; runs have two days
SIZES = st.fixed_dictionaries(
    {
        "persons": st.integers(20, 400),
        "searches": st.sampled_from([100.0, 1000.0, 6000.0]),
        "campaigns": st.integers(1, 2),
        "budget_share": st.sampled_from([None, 0.5]),
    }
)


def run_capped(lives: bool, fidelity: str, sizes: dict, **keys) -> Run:
    sizes = {"days": 2, "keywords_per_query": 2, **sizes}
    persons = sizes.pop("persons")
    if lives:
        scenario = capped_lives({**sizes, "journey": {"persons": persons}}, **keys)
    else:
        scenario = capped({**sizes, "population": {"size": persons}}, **keys)
    return simulate(scenario, fidelity=fidelity, replications=1)


@pytest.mark.parametrize("lives", [True, False], ids=["lives", "stays"])
@pytest.mark.parametrize("fidelity", ["expected", "counts", "events"])
@given(sizes=SIZES, cap=CAPS, days=DAYS)
@settings(max_examples=6, deadline=None, derandomize=True)
def test_no_campaign_shows_more_than_its_cap_allows(lives, fidelity, sizes, cap, days):
    """Impressions of a campaign in a period are at most those of all persons together.

    Where persons who live are means, one impression may be shared among them.
    """
    run = run_capped(lives, fidelity, sizes, frequency_cap=cap, cap_days=days)
    rest = (2 // days) * (fidelity == "counts" and lives)
    most = sizes["persons"] * cap * (2 // days) + rest
    shown = run.report("campaign")["impressions"].to_list()
    assert max(shown) <= most * (1.0 + 1e-9)
    kept = run.memory.seen
    if fidelity != "events":
        assert kept.sum() == pytest.approx(sizes["persons"], rel=1e-9) and kept.min() >= 0.0


@pytest.mark.parametrize("lives", [True, False], ids=["lives", "stays"])
@given(sizes=SIZES, cap=CAPS, days=DAYS)
@settings(max_examples=5, deadline=None, derandomize=True)
def test_a_lower_cap_shows_no_more(lives, sizes, cap, days):
    """Of one campaign, in `expected`, where no money is short; beside others it may free places."""
    sizes = {**sizes, "campaigns": 1, "budget_share": None}
    shown = [
        run_capped(lives, "expected", sizes, frequency_cap=most, cap_days=days)
        .report()["impressions"]
        .item()
        for most in (cap, cap + 1)
    ]
    assert shown[0] <= shown[1] * (1.0 + 1e-9)


def test_a_cap_that_everybody_reaches_is_filled_and_not_passed():
    """60 persons with 30 searches a day, for three days: all see what the cap allows."""
    sizes = {"persons": 60, "searches": 450.0, "campaigns": 1, "days": 3}
    for cap in (1, 2):
        for fidelity in ("events", "counts"):
            run = run_capped(False, fidelity, sizes, frequency_cap=cap)
            assert run.report()["impressions"].item() == 3 * 60 * cap, fidelity
