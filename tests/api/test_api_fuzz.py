"""Schemathesis asks the API what its own OpenAPI document permits, and what it does not."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode

from tests.api.conftest import Served

pytestmark = pytest.mark.slow
PATHS = (
    "/", "/codes", "/signals", "/stories", "/scores", "/readiness", "/coverage", "/alerts",
    "/summaries", "/summaries/{week}", "/export/scores", "/export/stories",
)  # fmt: skip


@pytest.fixture(scope="module")
def described(_served: Served) -> Any:
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", _served.app)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("path", PATHS)
def test_no_failure_is_found(described: Any, api: Served, path: str, mode: GenerationMode) -> None:
    if path == "/" and mode is GenerationMode.NEGATIVE:
        pytest.skip("the index takes nothing that could be wrong")
    operation = described[path]["GET"]
    asked = 0

    @seed(20261116)
    @settings(
        max_examples=15,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        nonlocal asked
        asked += 1
        case.call_and_validate(headers={"Authorization": f"Bearer {api.keys['export']}"})

    ask()
    assert asked > 0
