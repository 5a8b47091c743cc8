"""The climb in closed form that settles premiums, devices and the level of bids."""

from __future__ import annotations

import math

import numpy as np
import pytest

from adsim.optimize.policies.climbing import climb
from adsim.optimize.policies.parameters import Parameter

PARAMETERS = (
    Parameter("scale.core", 0.25, 2.0),
    Parameter("scale.test", 0.25, 2.0),
    Parameter("premium.x", 0.0, 10.0, True, 0.3, 1.0),
    Parameter("premium.y", 0.0, 10.0, True, 0.0, 1.0),
    Parameter("hours.00-05", 0.5, 2.0),
)


def far(values):
    """Highest at a level of 0.5, premiums of 1.2 and 0."""
    level = [values.get("scale.core", 1.0), values.get("scale.test", 1.0)]
    off = [math.log(one / 0.5) for one in level]
    off += [math.log((1 + values.get("premium.x", 0.3)) / 2.2), values.get("premium.y", 0.0)]
    return -sum(one**2 for one in off)


def score(some):
    return np.array([far(values) for values in some])


def test_a_climb_ends_near_the_top():
    found = climb(PARAMETERS, [], {}, score)
    assert found["premium.x"] == pytest.approx(1.2, abs=0.2)
    assert found["scale.core"] == pytest.approx(0.5, rel=0.1)
    assert found["scale.test"] == pytest.approx(0.5, rel=0.1)
    assert found.get("premium.y", 0.0) == 0.0
    assert "hours.00-05" not in found


def test_parameters_of_the_level_move_together():
    def ridge(some):
        """Better only where both move by the same."""
        pairs = [(one.get("scale.core", 1.0), one.get("scale.test", 1.0)) for one in some]
        return np.array([-a if math.isclose(a, b) else -10.0 for a, b in pairs])

    found = climb(PARAMETERS, ["scale.core", "scale.test"], {}, ridge)
    assert found["scale.core"] == found["scale.test"] == 0.25


def test_a_climb_never_goes_down_or_where_something_is_not_held():
    def held(some):
        inside = [values.get("premium.x", 0.3) <= 0.8 for values in some]
        return np.where(inside, score(some), -np.inf)

    found = climb(PARAMETERS, [], {}, held)
    assert 0.3 <= found["premium.x"] <= 0.8
    assert climb(PARAMETERS[-1:], [], {"hours.00-05": 0.7}, score) == {"hours.00-05": 0.7}
