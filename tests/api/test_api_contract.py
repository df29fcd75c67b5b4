"""Version 1 only grows: what `tests/data/api_v1.json` pins of the OpenAPI document must stay.

Having added something, pin it too: `python -m tests.api.test_api_contract`.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from classifiers.reference import Reference
from monitor.api.app import document, make_api
from monitor.app import App
from monitor.cli.export import KINDS
from monitor.clock import ManualClock
from monitor.db.engine import open_engine
from monitor.settings import load_settings
from tests.conftest import NOW, ROOT

PINNED = ROOT / "tests" / "data" / "api_v1.json"


def openapi(reference: Reference) -> dict[str, Any]:
    engine = open_engine("sqlite://")
    made = document(make_api(App(load_settings({}), ManualClock(NOW), engine, reference)))
    engine.dispose()
    return made


def outline(of: dict[str, Any]) -> dict[str, str]:
    """What programs rely on: "GET /scores", its parameters, and every field with its type."""
    found: dict[str, str] = {}
    for path, methods in of["paths"].items():
        for method, operation in methods.items():
            name = f"{method.upper()} {path}"
            body = operation["responses"]["200"]["content"]["application/json"]["schema"]
            found[name] = kind(body)
            for parameter in operation.get("parameters", ()):
                found[f"{name} ?{parameter['name']}"] = kind(parameter["schema"])
    for name, schema in of["components"]["schemas"].items():
        for field, said in schema.get("properties", {}).items():
            sure = "" if field in schema.get("required", ()) else " (not always)"
            found[f"{name}.{field}"] = kind(said) + sure
    return dict(sorted(found.items()))


def kind(schema: dict[str, Any]) -> str:
    """A schema's type in a word. Codes come and go with the reform, so they are no part of it."""
    if "anyOf" in schema:
        return " | ".join(sorted(map(kind, schema["anyOf"])))
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[1]
    if schema.get("type") == "array":
        return f"[{kind(schema['items'])}]"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"{{{kind(schema['additionalProperties'])}}}"
    form = f" {schema['format']}" if "format" in schema else ""
    return str(schema.get("type", "any")) + form


@pytest.fixture(scope="module")
def now(reference: Reference) -> dict[str, Any]:
    return openapi(reference)


def test_nothing_that_programs_rely_on_is_gone_or_changed(now: dict[str, Any]) -> None:
    pinned, found = json.loads(PINNED.read_text(encoding="utf-8")), outline(now)
    broken = {
        name: (was, found.get(name)) for name, was in pinned.items() if found.get(name) != was
    }
    assert broken == {}, "this breaks programs: it belongs to /api/v2"


def test_what_was_added_is_pinned_too(now: dict[str, Any]) -> None:
    pinned = json.loads(PINNED.read_text(encoding="utf-8"))
    assert set(outline(now)) - set(pinned) == set(), "run `python -m tests.api.test_api_contract`"


def test_taking_a_field_away_would_be_noticed(now: dict[str, Any]) -> None:
    changed = json.loads(json.dumps(now))
    del changed["components"]["schemas"]["Signal"]["properties"]["exposure"]
    assert set(outline(now)) - set(outline(changed)) == {"Signal.exposure"}


def test_the_document_describes_everything_it_offers(now: dict[str, Any]) -> None:
    assert now["openapi"].startswith("3.1")
    assert now["servers"] == [{"url": "/api/v1"}]
    for path, methods in now["paths"].items():
        operation = methods["get"]
        assert operation["summary"], path
        for parameter in operation.get("parameters", ()):
            assert parameter.get("description") or parameter["schema"].get("examples"), path
        for status in ("406", "422", "500"):
            assert "application/problem+json" in operation["responses"][status]["content"]
        assert path == "/" or operation["security"] == [{"key": []}]


def test_no_schema_is_named_and_not_there(now: dict[str, Any]) -> None:
    text = json.dumps(now)
    named = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert named == set(now["components"]["schemas"])


def test_every_record_field_that_needs_it_has_a_unit_or_meaning(now: dict[str, Any]) -> None:
    for name in ("Signal", "Score", "Readiness", "Measure"):
        fields = now["components"]["schemas"][name]["properties"]
        told = [field for field, said in fields.items() if said.get("description")]
        assert len(told) >= len(fields) / 2, name


def test_the_command_exports_every_kind() -> None:
    from monitor.api.filters import FILTERS

    assert set(KINDS) == set(FILTERS)


def _pin() -> None:
    from classifiers.reference import load_reference

    made = outline(openapi(load_reference(ROOT / "labels")))
    text = json.dumps(made, indent=1, ensure_ascii=False) + "\n"
    draft = Path(f"{PINNED}.new")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, PINNED)


if __name__ == "__main__":
    _pin()
