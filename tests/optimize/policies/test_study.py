"""A study: the same trials whoever runs them and however often they were killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import adsim
from adsim.errors import OptimizeError
from adsim.optimize.policies.parameters import Parameter
from adsim.optimize.policies.study import open_study

PARAMETERS = (Parameter("scale.core", 0.5, 2.0), Parameter("hours.shape", 0.0, 1.0, False))
QUESTION = {"goal": "profit", "budget": None, "seed": 7, "sampler": "tpe"}
FIRST = [{}, {"hours.shape": 0.0}]
SIZES = {"queries": 6, "crowds": 1, "devices": 2, "campaigns": 2}
STUDY = """
import sys
from adsim.optimize.policies.parameters import Parameter
from adsim.optimize.policies.study import open_study

parameters = (Parameter("scale.core", 0.5, 2.0), Parameter("hours.shape", 0.0, 1.0, False))
question = {{"goal": "profit", "seed": 7, "sampler": "tpe"}}
with open_study(sys.argv[1], question, parameters, [{{}}]) as study:
    while len(study.told()) < 60:
        for number, values in study.claim(60):
            study.tell(number, -((values["scale.core"] - 1.3) ** 2), 8)
    print(study.told())
"""
SCRIPT = """
import sys, adsim
shop = adsim.synthetic_scenario(3, budget_share=0.5, shock_cv=0.3, **{sizes})
best = adsim.optimize(shop, replications=16, trials=36, study=sys.argv[1], threads=1)
print(best.plan.campaigns, best.plan.keywords.rows(), best.trials.rows(), best.race.rows())
"""


def score(values):
    return -((values["scale.core"] - 1.3) ** 2) - (values["hours.shape"] - 0.4) ** 2


def run(study, up_to, stop_at=None):
    """Claim and tell batches; stop in the middle of one where wanted."""
    while len(study.told()) < up_to:
        for number, values in study.claim(up_to):
            if number == stop_at:
                return
            study.tell(number, score(values), 8)


def open_at(path, **changes):
    where = None if path is None else str(path)
    return open_study(where, {**QUESTION, **changes}, PARAMETERS, FIRST)


@pytest.mark.parametrize("sampler", ["tpe", "cmaes", "nsga2"])
def test_a_study_in_a_file_goes_as_one_in_memory(tmp_path, sampler):
    told = []
    for where in (None, tmp_path / "a.study"):
        with open_at(where, sampler=sampler) as study:
            run(study, 30)
            told.append(study.told())
    assert told[0] == told[1]
    assert [trial.number for trial in told[0]] == list(range(30))
    assert told[0][0].values == {"scale.core": 1.0, "hours.shape": 1.0}
    assert told[0][1].values == {"scale.core": 1.0, "hours.shape": 0.0}


@pytest.mark.parametrize("sampler", ["tpe", "cmaes", "nsga2"])
def test_a_study_cut_off_anywhere_ends_as_an_unbroken_one(tmp_path, sampler):
    with open_at(None, sampler=sampler) as study:
        run(study, 40)
        whole = study.told()
    with open_at(tmp_path / "whole", sampler=sampler) as study:
        run(study, 40)
    log = (tmp_path / "whole").read_bytes()
    rng = random.Random(5)
    for cut in rng.sample(range(1, len(log)), 6):
        path = tmp_path / f"cut{cut}"
        path.write_bytes(log[:cut] if b"\n" in log[:cut] else b"")
        with open_at(path, sampler=sampler) as study:
            run(study, 40)
            assert study.told() == whole, cut


def test_trials_that_were_asked_and_not_told_are_taken_up_as_they_were(tmp_path):
    with open_at(tmp_path / "a.study") as study:
        run(study, 24, stop_at=19)
        asked = study.claim(24)
    assert [number for number, _ in asked] == [19, 20, 21, 22, 23]
    with open_at(tmp_path / "a.study") as study:
        assert study.claim(24) == asked
        assert len(study.told()) == 19


def test_other_seeds_try_other_policies(tmp_path):
    found = []
    for seed in (7, 8):
        with open_at(None, seed=seed) as study:
            run(study, 24)
            found.append(study.told()[-1].values)
    assert found[0] != found[1]


def test_the_sampler_closes_in_on_the_best():
    with open_at(None) as study:
        run(study, 96)
        best = max(study.told(), key=lambda trial: trial.score)
    assert best.score > -0.003


def test_another_question_on_the_same_file_says_what_differs(tmp_path):
    with open_at(tmp_path / "a.study") as study:
        run(study, 4)
    with (
        pytest.raises(OptimizeError) as raised,
        open_at(tmp_path / "a.study", goal="clicks", seed=8),
    ):
        pass
    assert [problem.rule for problem in raised.value.problems] == [
        "a study goes on with the question it began with (goal)",
        "a study goes on with the question it began with (seed)",
    ]
    assert "there goal is 'profit', here 'clicks'" in str(raised.value)
    assert str(tmp_path / "a.study") in str(raised.value)


def test_a_file_that_nobody_keeps_begins_anew_for_another_question(tmp_path, caplog):
    caplog.set_level("INFO", "adsim")
    with open_at(tmp_path / "a.study") as study:
        run(study, 4)
    asked = {**QUESTION, "goal": "clicks"}
    with open_study(str(tmp_path / "a.study"), asked, PARAMETERS, FIRST, keep=False) as study:
        assert study.told() == []
        run(study, 4)
    assert [record.getMessage() for record in caplog.records] == [
        f"{tmp_path / 'a.study'}: its trials are of another question "
        "(there goal is 'profit', here 'clicks'): begun anew"
    ]
    with open_study(str(tmp_path / "a.study"), asked, PARAMETERS, FIRST, keep=False) as study:
        assert len(study.told()) == 4


@pytest.mark.parametrize(
    "text",
    [
        b"keyword,bid\ncup,2\n",
        b"a\nno newline",
        b"no newline",
        b"a line\n",
        b'{"a": 1}\n',
        b"[1]\n",
    ],
)
def test_a_file_that_is_no_study_is_left_as_it_is(tmp_path, text):
    path = tmp_path / "keywords.csv"
    path.write_bytes(text)
    with pytest.raises(OptimizeError, match="must be the journal file of a study"), open_at(path):
        pass
    assert path.read_bytes() == text


def test_a_place_where_no_file_can_be_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path, tmp_path / "file" / "a.study"):
        with pytest.raises(OptimizeError, match="cannot be opened"), open_at(path):
            pass


def test_a_file_in_use_is_told(tmp_path):
    path = tmp_path / "a.study"
    with open_at(path), pytest.raises(OptimizeError, match="is in use"), open_at(path):
        pass
    with open_at(tmp_path / "a.study") as study:
        assert study.told() == []


def start(script, path):
    source = str(Path(adsim.__file__).parents[1])
    return subprocess.Popen(
        [sys.executable, "-c", script.format(sizes=SIZES), str(path)],
        env={**os.environ, "PYTHONPATH": source},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def finish(script, path):
    out, complaint = (process := start(script, path)).communicate(timeout=300)
    assert process.returncode == 0, complaint
    return out


def kill_and_finish(script, path, sizes):
    """Kill searches once their files have grown so far, then let one end; its answer."""
    for size in sizes:
        process = start(script, path)
        while process.poll() is None and (not path.exists() or path.stat().st_size < size):
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    return finish(script, path)


def test_a_killed_study_ends_as_an_unbroken_one(tmp_path):
    whole = finish(STUDY, tmp_path / "whole")
    half = (tmp_path / "whole").stat().st_size // 2
    assert kill_and_finish(STUDY, tmp_path / "killed", [half]) == whole


@pytest.mark.slow
def test_a_search_killed_twenty_times_ends_with_the_same_plan(tmp_path):
    whole = finish(SCRIPT, tmp_path / "whole")
    end = (tmp_path / "whole").stat().st_size
    rng = random.Random(2)
    for i in range(5):
        sizes = sorted(rng.randrange(100, end) for _ in range(4))
        assert kill_and_finish(SCRIPT, tmp_path / f"killed{i}", sizes) == whole
