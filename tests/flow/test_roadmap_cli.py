"""`tilannekuva readiness roadmap` over the shipped sample: the matrix, a month, a region's months, CSV."""

import csv
import io
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from classifiers.reference import Reference
from monitor.cli.readiness import readiness_group
from monitor.clock import ManualClock
from monitor.db.engine import migrate, open_engine
from monitor.readiness.run import import_sample
from tests.conftest import NOW


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, reference: Reference) -> str:
    path: Path = tmp_path_factory.mktemp("roadmap") / "store.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    import_sample(engine, ManualClock(NOW), reference)
    engine.dispose()
    return f"sqlite:///{path}"


def roadmap(store: str, *arguments: str, **settings: str) -> Result:
    given = {"TILANNEKUVA_DATABASE_URL": store, "TILANNEKUVA_LOG_LEVEL": "ERROR", **settings}
    return CliRunner(env=given).invoke(
        readiness_group, ["roadmap", "--month", "2026-10", *arguments]
    )


def table(result: Result) -> list[dict[str, str]]:
    assert result.exit_code == 0, result.output
    return list(csv.DictReader(io.StringIO(result.output)))


def test_the_matrix_names_every_region_and_its_bands(store: str) -> None:
    result = roadmap(store)
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0].startswith("2026-10, critical tasks due by the day of the report")
    kainuu = next(line for line in lines if line.startswith("Kainuu"))
    assert kainuu.count("*") == 6, "its last report is of June"
    assert "no report within a year: Keski-Pohjanmaa" in lines
    assert "  A  nearly done: over 90 % finished" in lines
    assert max(map(len, lines)) <= 100


def test_csv_and_matrix_agree_and_total_is_the_sum(store: str, reference: Reference) -> None:
    rows = [row for row in table(roadmap(store, "--csv")) if row["region"] == "07"]
    assert [row["group"] for row in rows] == [*(g.id for g in reference.groups), "all"]
    for column in ("critical_tasks", "started", "finished"):
        *groups, total = (int(row[column]) for row in rows)
        assert sum(groups) == total
    shown = next(x for x in roadmap(store).output.splitlines() if x.startswith("Kanta-Häme"))
    assert f"{float(rows[-1]['share_finished']) * 100:.0f}/" in shown


def test_the_two_views_differ_in_the_tasks_they_count(store: str) -> None:
    schedule = table(roadmap(store, "--csv", "--region", "Lappland"))
    target = table(roadmap(store, "--csv", "--region", "21", "--view", "target"))
    assert {row["region"] for row in schedule + target} == {"21"}
    assert int(schedule[-1]["critical_tasks"]) < int(target[-1]["critical_tasks"])


def test_target_day_and_bands_are_settings(store: str) -> None:
    words = ("--csv", "--region", "21", "--view", "target")
    near = table(roadmap(store, *words, TILANNEKUVA_ROADMAP_TARGET="2026-06-30"))
    far = table(roadmap(store, *words))
    assert int(near[-1]["critical_tasks"]) < int(far[-1]["critical_tasks"])
    two = table(roadmap(store, "--csv", TILANNEKUVA_ROADMAP_BANDS="99"))
    assert {row["band"] for row in two if row["band"]} == {"1", "2"}


def test_the_months_of_a_region_with_gaps(store: str) -> None:
    result = roadmap(store, "--history", "Kajanaland")
    lines = [line for line in result.output.splitlines() if line.startswith("202")]
    assert lines[0].startswith("2025-12")
    assert len(lines) == 11
    silent = [line.split()[0] for line in lines if line.split()[1:] == ["-"] * 6]
    assert silent == ["2026-07", "2026-08", "2026-09", "2026-10"]
    rows = table(roadmap(store, "--history", "20", "--csv"))
    assert {row["month"] for row in rows}.isdisjoint(silent)


def test_what_was_not_known_yet_is_not_shown(store: str) -> None:
    result = roadmap(store, "--as-of", "2026-11-01")
    assert result.exit_code == 1, "the sample was imported on 16 November"
    assert "no roadmap report in 2026-10 or before had been imported by 2026-11-01" in result.output
    assert roadmap(store, "--as-of", "2026-11-16").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--month", "2026-1"], "is no month; write it as 2026-10"),
        (["--month", "2024-01"], "no roadmap report in 2024-01 or before"),
        (["--region", "Atlantis"], "'Atlantis' is no region"),
        (["--region", "Keski-Pohjanmaa"], "from Keski-Pohjanmaa is in force"),
    ],
)
def test_a_wrong_question_is_answered_with_a_sentence(
    store: str, arguments: list[str], why: str
) -> None:
    result = roadmap(store, *arguments)
    assert result.exit_code != 0
    assert why in result.output
