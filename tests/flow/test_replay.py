"""`tilannekuva replay` from the command line, on the simulated country and on a store's history."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlmodel import select

from monitor.app import make_app
from monitor.cli.main import cli
from monitor.clock import ManualClock
from monitor.db.engine import transaction
from monitor.db.tables import CoverageRow, SourceDayRow
from monitor.progress import Silent
from monitor.replay.history import HistoryReport, replay_history
from monitor.replay.methods import BASELINES, ORACLE, OURS
from monitor.replay.run import Case, Setting, replay
from monitor.replay.world import EventKind, World
from monitor.settings import load_settings
from tests.conftest import NOW
from tests.flow.test_scoring import WEEK, WEEKS, _newsroom
from tests.unit.test_replay_simulator import CONSTANTS, PLACES, RATES


def run(*arguments: str) -> str:
    result = CliRunner().invoke(cli, ["replay", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_small_replay_writes_its_tables_and_its_figures(tmp_path: Path) -> None:
    text = run("--weeks", "8", "--runs", "1", "--alerts-only", "--out", str(tmp_path))
    assert "| ours |" in text
    assert (tmp_path / "replay.md").read_text(encoding="utf-8") == text
    made = json.loads((tmp_path / "replay.json").read_text(encoding="utf-8"))
    assert (made["seed"], made["weeks"], made["runs"]) == (1, 8, 1)
    assert made["world"]["stories"] == 12.0
    assert made["error_rates"].keys() == {"relevance", "region", "topic", "direction"}
    assert not made["intervals"]


def test_history_of_an_empty_store_says_that_there_is_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TILANNEKUVA_DATABASE_URL", f"sqlite:///{tmp_path / 'empty.db'}")
    assert "nothing was judged" in run("--history")
    assert json.loads(run("--history", "--json"))["alarms"] == []


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> HistoryReport:
    """Seven stored weeks, the last with a surge of nine stories in Ostrobothnia."""
    url = f"sqlite:///{tmp_path_factory.mktemp('store') / 'history.db'}"
    app = make_app(load_settings({}, database_url=url), clock=ManualClock(NOW))
    with transaction(app.engine) as session:
        _newsroom(session)
    found = replay_history(app, 52)
    app.engine.dispose()
    return found


def test_history_judges_every_finished_week_that_has_a_past(report: HistoryReport) -> None:
    assert report.judged == WEEKS[1:]
    assert [m.method for m in report.methods] == [OURS, *BASELINES]


def test_the_surge_is_raised_by_ours_and_by_others_side_by_side(report: HistoryReport) -> None:
    (surge,) = [a for a in report.alarms if a.week == WEEK and a.region == "17"]
    assert surge.topic == "health_access"
    assert surge.observed > 5
    assert OURS in surge.methods
    assert len(surge.methods) > 1
    ours = report.methods[0]
    assert ours.also_ours == ours.alarms == sum(OURS in a.methods for a in report.alarms)


def test_history_leaves_the_coverage_ledger_as_it_is(tmp_path: Path) -> None:
    app = make_app(
        load_settings({}, database_url=f"sqlite:///{tmp_path / 'kept.db'}"), clock=ManualClock(NOW)
    )
    with transaction(app.engine) as session:
        _newsroom(session)
    assert replay_history(app, 52).judged
    with transaction(app.engine) as session:
        assert session.exec(select(SourceDayRow)).all() == []
        assert session.exec(select(CoverageRow)).all() == []
    app.engine.dispose()


def test_history_says_that_it_has_no_truth(report: HistoryReport) -> None:
    assert json.loads(report.to_json())["truth"] is None
    assert report.as_text().startswith("History has no truth")
    assert "17   health_access" in report.as_text()


@pytest.mark.slow
def test_at_scale_the_promises_hold() -> None:
    """Two years of the country: no event, few alerts; the more an event adds, the more are found."""
    setting = Setting(PLACES, RATES, CONSTANTS, World(), weeks=104, seed=11)
    made = replay(setting, 2, Silent(), cases=[Case(EventKind(2.0, "region"))])
    assert made.quiet is not None
    assert made.silence is not None
    assert made.quiet.with_alert.low <= made.quiet.promised
    found = [s.ours.value for s in made.sizes if s.ours.n >= 20]
    assert found == sorted(found)
    (case,) = made.cases
    ours, *others, best = case.rows
    assert best.method == ORACLE
    assert best.precision_at is not None
    assert best.precision_at.value > 0.9
    for other in others:
        assert ours.equal_sensitivity.value > other.equal_sensitivity.value, other.method
    # Losing half of its feeds takes a score below its 80 % interval no more often than chance would,
    # a tenth of the time, and on average does not lower it.
    assert made.silence.lowered.low < 0.10
    assert made.silence.better_rank.value < 0.05
    assert made.silence.mean_change > -1.0
    held = {(h.world, h.number): h.held.value for h in made.intervals if h.exposure == "all"}
    assert 0.7 < held["model", "R, M, C"] < 0.9
