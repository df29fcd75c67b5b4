"""Files in, readiness out: import, import again, undo, the shipped sample, the command line."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner
from openpyxl import Workbook
from sqlalchemy import Engine

from classifiers.reference import Reference, load_reference
from monitor.cli.readiness import readiness_group
from monitor.cli.readiness_export import to_csv
from monitor.clock import ManualClock
from monitor.db.engine import migrate, open_engine, reading
from monitor.db.readiness import all_imports
from monitor.readiness import run
from monitor.readiness.roadmap import views
from monitor.readiness.run import (
    AlreadyImported,
    Checked,
    Imported,
    Readiness,
    Refused,
    SampleReport,
    check_file,
    import_file,
    import_sample,
    readiness_at,
    undo,
)
from monitor.readiness.state import components, nominal_weights
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


def test_a_file_that_says_the_same_changes_nothing_however_it_was_saved(
    sqlite: Engine, file: Path
) -> None:
    first = _import(sqlite, file)
    assert isinstance(first, Imported)
    file.write_bytes(b"\xef\xbb\xbf" + EVENT.replace(";", "\t").replace("\n", "\r\n").encode())
    assert _import(sqlite, file) == AlreadyImported(first.id)
    book = Workbook()
    for line in EVENT.splitlines():
        book.active.append(line.split(";"))  # type: ignore[union-attr]
    book.save(file.with_suffix(".xlsx"))
    assert _import(sqlite, file.with_suffix(".xlsx")) == AlreadyImported(first.id)
    checked = check_file(sqlite, None, file, REFERENCE, "oma", "sisäinen")
    assert checked == AlreadyImported(first.id)
    other = import_file(sqlite, None, file, "v", ManualClock(NOW), REFERENCE, "muu", "sisäinen")
    assert isinstance(other, Imported)  # another origin is another import


def test_check_says_what_would_be_new_changed_same_and_gone(sqlite: Engine, tmp_path: Path) -> None:
    head = "raporttipäivä;alue;ryhmä;tehtäväkokonaisuus;tehtävä;osatehtävä;kriittinen;vaihe;määräaika;aloitettu\n"
    row = "10.11.2026;Lappi;ICT-muutos;A;B;{};kyllä;1;30.6.2026;{}\n"
    path = tmp_path / "roadmap.csv"
    path.write_text(head + row.format("a", "") + row.format("b", "") + row.format("c", ""), "utf-8")
    given = ("virkailija", ManualClock(NOW), REFERENCE, "oma", "sisäinen")
    assert isinstance(import_file(sqlite, "roadmap", path, *given), Imported)
    path.write_text(
        head + row.format("a", "") + row.format("b", "1.5.2026") + row.format("d", ""), "utf-8"
    )
    found = check_file(sqlite, None, path, REFERENCE, "oma", "sisäinen")
    assert isinstance(found, Checked)
    changes = found.changes
    assert (changes.same, [d.key[4] for d in changes.new]) == (1, ["d"])
    assert [str(c)[-35:] for c in changes.changed] == [
        "2026-11-10: started nothing -> 2026-05-01"[-35:]
    ]
    assert [d.key[4] for d in changes.gone] == ["c"]
    with reading(sqlite) as session:
        assert len(readiness_at(session, DAY).tasks) == 3


def test_readiness_as_of_is_what_was_known_then(sqlite: Engine, tmp_path: Path) -> None:
    """A later correction, and a later undo, change nothing of what was known before."""
    head = "alue;ryhmä;päivä;rooli;arvio\n"
    clock = ManualClock(NOW)
    ids = []
    for rating in (1, 5):
        path = tmp_path / f"{rating}.csv"
        path.write_text(f"{head}Lappi;kaikki;1.10.2026;muutosjohtaja;{rating}\n", "utf-8")
        done = import_file(sqlite, None, path, "v", clock, REFERENCE, "oma", "sisäinen")
        assert isinstance(done, Imported)
        ids.append(done.id)
        clock.set(clock() + timedelta(days=1))
    undo(sqlite, ids[1], "v", clock)  # on the second day after NOW

    def done_at(known_at: datetime | None) -> float | None:
        with reading(sqlite) as session:
            known = readiness_at(session, DAY, known_at)
        return _states(known, "21", "ict_muutos")["interview"].done

    assert done_at(NOW - timedelta(seconds=1)) is None
    assert done_at(NOW) == 0
    assert done_at(NOW + timedelta(days=1)) == 1
    assert done_at(NOW + timedelta(days=2)) == 0
    assert done_at(None) == 0


def test_ratings_of_organisers_find_their_region_and_end_with_it(
    sqlite: Engine, tmp_path: Path
) -> None:
    links, ratings = tmp_path / "organiser-links.csv", tmp_path / "arviot.csv"
    links.write_text(
        "anordnare;annat_namn;slag;område;från;till\n"
        "Heinävesi;;kommun;12;1.1.2020;31.12.2020\nHeinävesi;;kommun;14;1.1.2021;31.12.2022\n",
        "utf-8",
    )
    ratings.write_text(
        "järjestäjä;ryhmä;alkaa;päättyy;arvio\nHeinävesi;kaikki;1.7.2022;31.12.2022;4\n", "utf-8"
    )
    given = ("virkailija", ManualClock(NOW), REFERENCE, "oma", "sisäinen")
    refused = import_file(sqlite, None, ratings, *given)
    assert isinstance(refused, Refused)
    assert "import the links first" in str(refused.mistakes[0])
    assert isinstance(import_file(sqlite, None, links, *given), Imported)
    assert isinstance(import_file(sqlite, None, ratings, *given), Imported)
    with reading(sqlite) as session:
        then, now = (readiness_at(session, day) for day in (date(2022, 12, 31), DAY))
    assert [o.region for o in then.observations] == ["14"]
    assert now.observations == ()
    assert len(now.links) == 2


def test_a_file_with_a_mistake_is_not_taken_in_part(sqlite: Engine, file: Path) -> None:
    file.write_text(EVENT + "Kainuu;arviointimenettely päättynyt;31.6.2026\n", encoding="utf-8")
    result = _import(sqlite, file)
    assert isinstance(result, Refused)
    assert "tapahtumat.csv:3: column C 'päivä': '31.6.2026'" in str(result.mistakes[0])
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
    # of what is shown only the municipalities' regions are facts
    assert {i.kind for i in imports if "invented" not in i.source} == {"organiser-links"}
    assert {i.file for i in imports} == {f.name for f in files}


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
        ReadinessState.NOT_YET_DUE,
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


@pytest.fixture
def own_log() -> Iterator[None]:
    """The composition root sends the log to the runner's stream, which closes with the test."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_log: None) -> None:
    monkeypatch.setenv("TILANNEKUVA_DATABASE_URL", f"sqlite:///{tmp_path / 'cli.db'}")


GIVEN = ("--source", "oma", "--licence", "sisäinen")


@pytest.mark.slow  # the composition root imports the classifiers
@pytest.mark.usefixtures("own_store")
def test_check_asks_what_import_asks_and_imports_nothing(file: Path) -> None:
    told = "1 rows of event, no mistakes; 1 new, 0 changed, 0 same\n"
    assert _run("check", "event", str(file), *GIVEN).endswith(told)
    assert _run("check", str(file), *GIVEN).endswith(told)  # the headings tell the kind
    assert "the licence is not known" in _run("check", str(file), "--source", "oma", code=1)
    file.write_text(EVENT.replace("Kainuu", "Kainu"), encoding="utf-8")
    told = _run("check", "event", str(file), *GIVEN, code=1)
    assert "did you mean 'kainuu'?" in told
    assert "1 mistake; it would not be imported" in told
    assert "no imports yet" in _run("list")
    assert "is no kind" in _run("check", "juhla", str(file), code=2)


def test_what_is_exported_computes_nothing(sample: Engine) -> None:
    with reading(sample) as session:
        (first, *_) = readiness_at(session, DAY).observations
    text = to_csv([replace(first, note='=HYPERLINK("http://x.example")', value=-1.5)])
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["note"].startswith("'=HYPERLINK")
    assert (row["value"], row["source"]) == ("-1.5", first.source)


@pytest.mark.slow  # the composition root imports the classifiers
@pytest.mark.usefixtures("own_store")
def test_export_prints_what_is_in_force(tmp_path: Path) -> None:
    path = tmp_path / "haastattelu.csv"
    path.write_text("alue;ryhmä;päivä;rooli;arvio\nLappi;kaikki;1.10.2026;johtaja;4\n", "utf-8")
    _run("import", str(path), *GIVEN)
    (row,) = csv.DictReader(io.StringIO(_run("export", "--region", "Lappland")))
    assert (row["region"], row["value"], row["licence"]) == ("21", "4.0", "sisäinen")
    assert _run("export", "--region", "Kainuu").count("\n") == 1
    assert "is no region" in _run("export", "--region", "Atlantis", code=1)


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_template_is_written_once_and_never_over_a_file(tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"haastattelut.{suffix}"
    assert "wrote" in _run("template", "interview", "--out", str(out))
    before = out.read_bytes()
    assert "choose another name" in _run("template", "event", "--out", str(out), code=1)
    assert out.read_bytes() == before
    assert ".xlsx or .csv" in _run("template", "event", "--out", str(tmp_path / "x.pdf"), code=2)


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_template_prints_the_columns_in_the_language(language: str) -> None:
    assert _run("template", "grants", "--lang", language) == template("grants", language)


@pytest.mark.slow  # the composition root imports the classifiers
@pytest.mark.usefixtures("own_store")
def test_import_list_show_undo(file: Path) -> None:
    assert "no imports yet" in _run("list")
    given = ["--source", "oma", "--licence", "sisäinen", "--who", "virkailija"]
    assert "import 1: 1 rows of event" in _run("import", "event", str(file), *given)
    assert "nothing changed" in _run("import", "event", str(file), *given)
    shown = ("show", "Kajanaland", "--on", "2026-11-15")
    assert "6 May 2026  Assessment procedure opened" in _run(*shown)
    assert "6.5.2026  Utvärderingsförfarande inleddes" in _run(*shown, "--lang", "sv")
    assert "is no region" in _run("show", "Atlantis", code=1)
    assert "is undone" in _run("undo", "1")
    assert "undone" in _run("list")
    assert "there is no import 7" in _run("undo", "7", code=1)


def test_every_component_of_the_score_has_a_kind_of_file() -> None:
    assert set(nominal_weights()) | {"event", "organiser-links"} == set(KINDS)
