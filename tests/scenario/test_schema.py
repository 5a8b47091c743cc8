import json

from adsim.scenario import scenario_schema


def _objects(node):
    if isinstance(node, dict):
        if "properties" in node:
            yield node
        node = list(node.values())
    if isinstance(node, list):
        for inner in node:
            yield from _objects(inner)


def test_every_key_is_described():
    for schema in _objects(scenario_schema()):
        assert schema["additionalProperties"] is False
        for key, value in schema["properties"].items():
            assert value.get("description"), key


def test_the_schema_is_json_and_names_the_contract():
    schema = scenario_schema()
    assert json.loads(json.dumps(schema)) == schema
    assert list(schema["properties"]) == [
        "scenario",
        "auction",
        "demand",
        "account",
        "products",
        "campaigns",
        "crowds",
        "population",
        "journey",
        "devices",
        "rivals",
    ]
    assert schema["required"] == ["scenario", "auction", "products", "campaigns"]
    definitions = schema["$defs"]
    assert set(definitions["DatedFactor"]["properties"]) == {"date", "from", "to", "factor"}
    assert definitions["Auction"]["properties"]["slots"]["maximum"] == 20
