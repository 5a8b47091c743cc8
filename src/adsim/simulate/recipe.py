"""All that numbers depend on: versions of what computes them, and the plan."""

from __future__ import annotations

import sys
from dataclasses import replace
from hashlib import blake2b
from typing import Any

import numpy as np
from pydantic import BaseModel

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


def model_recipe(result: str, name: str, declared: BaseModel) -> dict[str, Any]:
    """How a recipe of a tool that simulates a `declared` model of its own begins."""
    content = declared.model_dump_json(by_alias=True).encode()
    digest = blake2b(content, digest_size=16).hexdigest()
    return {"result": result, **versions(), "scenario": name, "scenario_digest": digest}


def plan_digest(scenario: Scenario, plan: Plan) -> str:
    """SHA-256 of the scenario as it is under the plan."""
    account = scenario.account.model_copy(update={"daily_budget": plan.account_budget})
    tables = replace(scenario.tables, keywords=plan.keywords)
    changes = {"campaigns": plan.campaigns, "account": account, "tables": tables}
    return scenario.model_copy(update=changes).digest()
