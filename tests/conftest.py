"""What every test may use: the real data beside the checkout, and the search profiles."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

REPOSITORY = Path(__file__).resolve().parents[1]

# The first call of a compiled kernel takes seconds, so a deadline per example says nothing.
settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """Give the path of a file or folder of real data by its name, or skip where it is absent.

    The data lies in `shared/data` beside the checkout, or where ADSIM_SHARED_DATA points.
    """
    beside = REPOSITORY.parent / "shared" / "data"
    root = Path(os.environ.get("ADSIM_SHARED_DATA", beside))

    def path_of(name: str) -> Path:
        path = root / name
        if not path.exists():
            pytest.skip(f"no real data {name} here; ADSIM_SHARED_DATA may name its folder")
        return path

    return path_of
