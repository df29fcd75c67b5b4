"""`score alerts`, `national`, `support`, `forgotten` and `matrix` over a scored store."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from monitor.cli.score import score_group
from monitor.clock import ManualClock
from monitor.db.engine import migrate, open_engine, transaction
from monitor.progress import Silent
from monitor.readiness.run import import_sample
from monitor.risk.run import score_weeks
from monitor.settings import load_settings
from tests.conftest import NOW
from tests.flow.test_scoring import ERRORS, WEEK, _newsroom

COMMANDS = ("alerts", "national", "support", "forgotten", "matrix")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, reference) -> str:  # type: ignore[no-untyped-def]
    """A store with two weeks scored."""
    made = f"sqlite:///{tmp_path_factory.mktemp('country') / 'store.db'}"
    engine, settings = open_engine(made), load_settings({}, draws=100, database_url=made)
    migrate(engine)
    with transaction(engine) as session:
        _newsroom(session)
    clock = ManualClock(NOW)
    import_sample(engine, clock, reference)
    score_weeks(
        engine, ["2026-W45", WEEK], reference, settings, {"topic": "v1-a"}, ERRORS, clock, Silent()
    )
    engine.dispose()
    return made


@pytest.fixture
def tell(url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("TILANNEKUVA_DATABASE_URL", url)

    def run(*arguments: str) -> Result:
        result = CliRunner().invoke(score_group, list(arguments))
        assert result.exit_code == 0, result.output
        return result

    return run


def test_the_surge_is_an_alert_with_every_parameter(tell) -> None:  # type: ignore[no-untyped-def]
    said = tell("alerts", "--week", WEEK).output
    assert "Pohjanmaa" in said
    assert "health_access" in said
    for name in ("p_predictive", "p_weekday", "p_cut", "false_discovery_rate", "dispersion"):
        assert f"{name}=" in said
    whole = json.loads(tell("alerts", "--week", WEEK, "--json").output)
    assert [(a["region"], a["topic"]) for a in whole["alerts"]] == [("17", "health_access")]
    assert 0 < whole["tested"] <= whole["regions"] * 14


def test_a_week_without_alerts_says_how_much_was_tested(tell) -> None:  # type: ignore[no-untyped-def]
    said = tell("alerts", "--week", "2026-W45").output
    assert "no alerts" in said or "nothing could be tested" in said


def test_one_regions_surge_is_regional(tell) -> None:  # type: ignore[no-untyped-def]
    found = {g["group"]: g for g in json.loads(tell("national", "--week", WEEK, "--json").output)}
    of_services = found["palveluiden_jarjestaminen"]
    assert of_services["kind"] == "regional"
    assert "17" in of_services["regions"]
    assert "national" not in {g["kind"] for g in found.values()}
    assert "by chance" in tell("national", "--week", WEEK).output


def test_support_lists_the_largest_first_with_its_remedy(tell) -> None:  # type: ignore[no-untyped-def]
    lines = json.loads(tell("support", "--week", WEEK, "--json").output)
    assert lines
    assert lines[0]["reduction"] == max(line["reduction"] for line in lines)
    assert {line["remedy"] for line in lines} <= {"regional", "national"}
    assert len(tell("support", "--week", WEEK, "--limit", "3").output.splitlines()) == 4


def test_forgotten_regions_are_told_from_those_nobody_can_judge(tell) -> None:  # type: ignore[no-untyped-def]
    whole = json.loads(tell("forgotten", "--week", WEEK, "--json").output)
    assert whole["weeks"] == ["2026-W45", WEEK]
    assert whole["missing_weeks"] == ["2026-W43", "2026-W44"]
    assert not {f["region"] for f in whole["forgotten"]} & set(whole["unknown"])
    assert "not scored: 2026-W43, 2026-W44" in tell("forgotten", "--week", WEEK).output


def test_the_matrix_gives_both_shares_with_n(tell) -> None:  # type: ignore[no-untyped-def]
    cells = json.loads(tell("matrix", "--week", WEEK, "--json").output)["cells"]
    assert len(cells) == 23 * 14
    surge = next(c for c in cells if (c["region"], c["topic"]) == ("17", "health_access"))
    assert surge["of_region"]["part"] == surge["of_topic"]["part"] > 3
    for of in ("region", "topic"):
        assert "n " in tell("matrix", "--week", WEEK, "--of", of).output


@pytest.mark.parametrize("command", COMMANDS)
def test_without_scores_a_sentence_says_what_to_do(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = f"sqlite:///{tmp_path / 'empty.db'}"
    made = open_engine(empty)
    migrate(made)
    made.dispose()
    monkeypatch.setenv("TILANNEKUVA_DATABASE_URL", empty)
    result = CliRunner().invoke(score_group, [command, "--week", WEEK])
    assert result.exit_code == 1
    assert "no week is scored yet" in result.output
    assert f"tilannekuva score run --week {WEEK}" in result.output
