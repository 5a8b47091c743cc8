"""All that numbers depend on: versions of what computes them, and the plan."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np

from adsim.scenario import Plan, Scenario


def versions() -> dict[str, str]:
    """Versions of all that numbers depend on."""
    import numba

    import adsim

    return {
        "adsim": adsim.__version__,
        "numba": numba.__version__,
        "numpy": np.__version__,
        "python": ".".join(map(str, sys.version_info[:3])),
    }


def plan_digest(scenario: Scenario, plan: Plan) -> str:
    """SHA-256 of the scenario as it is under the plan."""
    account = scenario.account.model_copy(update={"daily_budget": plan.account_budget})
    tables = replace(scenario.tables, keywords=plan.keywords)
    changes = {"campaigns": plan.campaigns, "account": account, "tables": tables}
    return scenario.model_copy(update=changes).digest()
