"""The JSON Schema of scenario.toml, for editors that check while one types."""

from __future__ import annotations

from typing import Any

from adsim.scenario.models import Declaration


def scenario_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of scenario.toml: every key, its unit, bounds and default.

    TOML dates appear as strings of format "date".
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "adsim scenario.toml",
        **Declaration.model_json_schema(by_alias=True),
    }
