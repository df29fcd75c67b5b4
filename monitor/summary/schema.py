"""The published JSON Schema of a weekly summary (draft 2020-12). Pure.

`python -m monitor.summary.schema` prints it; the file in docs/schema holds the same, which a test checks.
"""

import json
import sys
from typing import Any

from monitor.summary.values import WeeklySummary
from monitor.summary.whole import WholeSummary

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """The schema of the summary as it is written."""
    made = WholeSummary.model_json_schema(mode="serialization")
    return {"$schema": DIALECT, "$id": file_name(), **made}


def file_name() -> str:
    """Name of the schema's file: one per schema version."""
    version = WeeklySummary.model_fields["schema_version"].default
    return f"weekly-summary-{version}.json"


def schema_text() -> str:
    """The file's content."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text())
