"""`score sensitivity`, `next` and `correlations` over a scored store."""

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

Tell = Callable[..., str]
COMMANDS = (["sensitivity", "17"], ["next"], ["next", "--region", "17"], ["correlations"])


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, reference) -> str:  # type: ignore[no-untyped-def]
    made = f"sqlite:///{tmp_path_factory.mktemp('next') / 'store.db'}"
    engine, settings = open_engine(made), load_settings({}, draws=200, database_url=made)
    migrate(engine)
    with transaction(engine) as session:
        _newsroom(session)
    clock = ManualClock(NOW)
    import_sample(engine, clock, reference)
    score_weeks(engine, [WEEK], reference, settings, {"topic": "v1-a"}, ERRORS, clock, Silent())
    engine.dispose()
    return made


@pytest.fixture
def invoke(url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("TILANNEKUVA_DATABASE_URL", url)
    return lambda *arguments: CliRunner().invoke(score_group, [*arguments, "--week", WEEK])


@pytest.fixture
def tell(invoke: Callable[..., Result]) -> Tell:
    def run(*arguments: str) -> str:
        result = invoke(*arguments)
        assert result.exit_code == 0, result.output
        return result.output

    return run


def test_a_regions_sources_are_printed_with_their_errors(tell: Tell) -> None:
    said = tell("sensitivity", "Pohjanmaa")
    for name in ("counts", "weights", "alone", "with others", "only together", "±"):
        assert name in said
    rows = json.loads(tell("sensitivity", "17", "--json"))
    assert [row["group"] for row in rows][-1] == "all"
    whole = rows[-1]
    assert whole["together"] == pytest.approx(1 - sum(s["first"] for s in whole["shares"]))
    assert "ICT change" in tell("sensitivity", "17", "--group", "ict_muutos")


def test_next_lists_the_best_first_with_at_most_some_of_a_region(tell: Tell) -> None:
    every = json.loads(tell("next", "--json", "--limit", "500", "--per-region", "2"))
    assert every
    assert [f["reduction"] for f in every] == sorted((f["reduction"] for f in every), reverse=True)
    regions = [f["region"] for f in every]
    assert max(regions.count(r) for r in regions) == 2
    own = json.loads(tell("next", "--region", "17", "--json"))
    assert {f["region"] for f in own} == {"17"}
    assert own[: len([f for f in every if f["region"] == "17"])] == [
        f for f in every if f["region"] == "17"
    ]
    assert len(tell("next", "--limit", "4").splitlines()) == 5


def test_correlations_are_printed_with_n_and_interval(tell: Tell) -> None:
    said = tell("correlations")
    assert "readiness and media, totals" in said
    assert " n " in said
    found = json.loads(tell("correlations", "--json"))
    assert {"interview", "roadmap"} <= set(found["components"])


def test_a_wrong_region_or_group_is_told_with_the_right_ones(invoke: Callable[..., Result]) -> None:
    for arguments in (["sensitivity", "Atlantis"], ["next", "--region", "Atlantis"]):
        result = invoke(*arguments)
        assert result.exit_code == 1
        assert "HUS" in result.output
    result = invoke("sensitivity", "17", "--group", "nothing")
    assert result.exit_code == 1
    assert "ict_muutos" in result.output


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_without_scores_a_sentence_says_what_to_do(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = f"sqlite:///{tmp_path / 'empty.db'}"
    made = open_engine(empty)
    migrate(made)
    made.dispose()
    monkeypatch.setenv("TILANNEKUVA_DATABASE_URL", empty)
    result = CliRunner().invoke(score_group, [*command, "--week", WEEK])
    assert result.exit_code == 1
    assert f"tilannekuva score run --week {WEEK}" in result.output


def test_a_region_without_a_score_is_told_that_it_has_none(tell: Tell) -> None:
    said = {code: tell("sensitivity", code) for code in ("17", "16")}
    assert "no combined score" not in said["17"]
    assert "no combined score" in said["16"]
