"""Files in, readiness out: import, import again, undo, the shipped sample, the command line."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner
from sqlalchemy import Engine

from classifiers.reference import Reference, load_reference
from monitor.cli.readiness import readiness_group
from monitor.clock import ManualClock
from monitor.db.engine import migrate, open_engine, reading
from monitor.db.readiness import all_imports
from monitor.readiness import run
from monitor.readiness.roadmap import views
from monitor.readiness.run import (
    AlreadyImported,
    Imported,
    Readiness,
    Refused,
    SampleReport,
    import_file,
    import_sample,
    readiness_at,
    undo,
)
from monitor.readiness.state import WEIGHTS, components
from monitor.readiness.templates import KINDS, template
from monitor.values import ReadinessComponent, ReadinessState
from tests.conftest import NOW, ROOT

REFERENCE = load_reference(ROOT / "labels")
DAY = date(2026, 11, 15)
EVENT = "alue;tapahtuma;päivä\nKainuu;arviointimenettely avattu;6.5.2026\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tapahtumat.csv"
    path.write_text(EVENT, encoding="utf-8")
    return path


def _import(engine: Engine, file: Path) -> Imported | AlreadyImported | Refused:
    return import_file(
        engine, "event", file, "virkailija", ManualClock(NOW), REFERENCE, "oma", "sisäinen"
    )


def _events(engine: Engine) -> int:
    with reading(engine) as session:
        return len(readiness_at(session, DAY).events)


def test_the_same_file_twice_changes_nothing_until_it_is_undone(sqlite: Engine, file: Path) -> None:
    first = _import(sqlite, file)
    assert isinstance(first, Imported)
    assert _import(sqlite, file) == AlreadyImported(first.id)
    assert _events(sqlite) == 1
    assert undo(sqlite, first.id, "virkailija", ManualClock(NOW)) is not None
    assert _events(sqlite) == 0
    again = _import(sqlite, file)
    assert isinstance(again, Imported)
    assert again.id != first.id
    assert _events(sqlite) == 1


def test_a_file_with_a_mistake_is_not_taken_in_part(sqlite: Engine, file: Path) -> None:
    file.write_text(EVENT + "Kainuu;arviointimenettely päättynyt;31.6.2026\n", encoding="utf-8")
    result = _import(sqlite, file)
    assert isinstance(result, Refused)
    assert "tapahtumat.csv:3: column 'päivä': '31.6.2026'" in str(result.mistakes[0])
    assert _events(sqlite) == 0


def test_a_file_of_unknown_origin_is_refused(sqlite: Engine, file: Path) -> None:
    result = import_file(sqlite, "event", file, "virkailija", ManualClock(NOW), REFERENCE)
    assert isinstance(result, Refused)
    assert [m.problem for m in result.mistakes] == [
        "the source is not known", "the licence is not known",
    ]  # fmt: skip


def test_a_file_that_is_not_there_is_a_sentence(sqlite: Engine, tmp_path: Path) -> None:
    for path in (tmp_path / "puuttuu.csv", tmp_path):
        result = _import(sqlite, path)
        assert isinstance(result, Refused)
        assert "cannot be read" in str(result.mistakes[0])


# --- the sample ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('sample') / 'store.db'}")
    migrate(engine)
    import_sample(engine, ManualClock(NOW), REFERENCE)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def known(sample: Engine) -> Readiness:
    with reading(sample) as session:
        return readiness_at(session, DAY)


def _states(known: Readiness, region: str, group: str) -> dict[str, ReadinessComponent]:
    found = components(region, group, DAY, known.observations, known.tasks)
    return {c.component: c for c in found}


def test_the_sample_is_loaded_once(sample: Engine) -> None:
    files = run.sample_files()
    assert import_sample(sample, ManualClock(NOW), REFERENCE) == SampleReport(0, len(files), 0)
    with reading(sample) as session:
        imports = all_imports(session)
    assert len(imports) == len(files)
    assert {i.kind for i in imports} == set(KINDS)
    assert all("invented" in i.source for i in imports)


def test_the_sample_has_twelve_reports_and_sixty_tasks_a_region(known: Readiness) -> None:
    assert len([f for f in run.sample_files() if f.name.startswith("roadmap")]) == 12
    newest = [t for t in known.tasks if t.as_of == date(2026, 11, 10)]
    counts = Counter(t.region for t in newest)
    assert set(counts.values()) == {60}
    assert {t.critical for t in newest} == {True, False}


def test_the_sample_shows_every_gap_and_regions_differ(
    known: Readiness, reference: Reference
) -> None:
    groups = [g.id for g in reference.groups]
    cells = [c for r in reference.units for g in groups for c in _states(known, r, g).values()]
    states = {c.state for c in cells}
    assert {
        ReadinessState.OBSERVED,
        ReadinessState.MISSING,
        ReadinessState.NOT_APPLICABLE,
    } <= states
    assert _states(known, "18", "ict_muutos")["roadmap"].state is ReadinessState.MISSING
    age = _states(known, "20", "ict_muutos")["roadmap"].age_days
    assert age is not None
    assert age > 150
    shares = {r: _mean_done(known, r, groups) for r in reference.units}
    assert shares["02"] - shares["20"] > 0.3


def _mean_done(known: Readiness, region: str, groups: list[str]) -> float:
    done = [
        c.done for g in groups for c in _states(known, region, g).values() if c.done is not None
    ]
    return sum(done) / len(done)


def test_the_sample_moves_forward_and_the_target_is_farther_than_the_schedule(
    sample: Engine, known: Readiness
) -> None:
    with reading(sample) as session:
        earlier = readiness_at(session, date(2026, 3, 31))
    assert {t.as_of for t in earlier.tasks} == {date(2026, 3, 10)}
    before, now = views(earlier.tasks, earlier.as_of), views(known.tasks, known.as_of)
    target = date(2027, 1, 1)
    then = views(earlier.tasks, earlier.as_of, target)["08", "all"].target.share_finished
    today = views(known.tasks, known.as_of, target)["08", "all"].target.share_finished
    assert then is not None
    assert today is not None
    assert today > then
    assert set(before) <= set(now)
    assert any(v.target.total > v.schedule.total for v in now.values())


# --- the command line ----------------------------------------------------------------------------


def _run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(readiness_group, arguments)
    assert result.exit_code == code, result.output
    return result.output


def test_check_reports_every_mistake_and_imports_nothing(file: Path) -> None:
    assert _run("check", "event", str(file)) == "1 rows, no mistakes\n"
    file.write_text(EVENT.replace("Kainuu", "Kainu"), encoding="utf-8")
    told = _run("check", "event", str(file), code=1)
    assert "did you mean 'kainuu'?" in told
    assert "1 mistakes; it would not be imported" in told


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_template_prints_the_columns_in_the_language(language: str) -> None:
    assert _run("template", "grants", "--lang", language) == template("grants", language)


@pytest.fixture
def own_log() -> Iterator[None]:
    """The composition root sends the log to the runner's stream, which closes with the test."""
    yield
    structlog.reset_defaults()


@pytest.mark.slow  # the composition root imports the classifiers
@pytest.mark.usefixtures("own_log")
def test_import_list_show_undo(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILANNEKUVA_DATABASE_URL", f"sqlite:///{tmp_path / 'cli.db'}")
    assert "no imports yet" in _run("list")
    given = ["--source", "oma", "--licence", "sisäinen", "--who", "virkailija"]
    assert "import 1: 1 rows of event" in _run("import", "event", str(file), *given)
    assert "nothing changed" in _run("import", "event", str(file), *given)
    assert "2026-05-06  assessment opened" in _run("show", "Kajanaland", "--on", "2026-11-15")
    assert "unknown region" in _run("show", "Atlantis", code=1)
    assert "is undone" in _run("undo", "1")
    assert "undone" in _run("list")
    assert "there is no import 7" in _run("undo", "7", code=1)


def test_every_component_of_the_score_has_a_kind_of_file() -> None:
    assert set(WEIGHTS) | {"event"} == set(KINDS)
