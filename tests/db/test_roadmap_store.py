"""Roadmap reports counted in the store: the same counts as the pure rule, on both databases."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete

from monitor.db import roadmap
from monitor.db.engine import reading, transaction
from monitor.db.readiness import tasks_until
from monitor.db.tables import ImportRow, RoadmapTaskRow
from monitor.readiness.history import cells
from monitor.readiness.picture import picture
from monitor.readiness.roadmap import Shares, views

AT = datetime(2026, 10, 12, 8, 0, tzinfo=UTC)
OCTOBER, NOVEMBER = date(2026, 10, 10), date(2026, 11, 10)
TODAY = date(2026, 11, 20)
GROUPS = ("ict_muutos", "yhdyspinnat")


def take(engine: Engine, rows: Iterable[dict[str, object]], at: datetime = AT) -> int:
    with transaction(engine) as session:
        taken = ImportRow(
            kind="roadmap", source="keksitty", licence="CC0", file_hash=f"{at}", rows=1,
            imported_at=at, imported_by="test",
        )  # fmt: skip
        session.add(taken)
        session.flush()
        assert taken.id is not None
        for n, row in enumerate(rows):
            given = {"region": "10", "group": GROUPS[0], "as_of": OCTOBER, "critical": True}
            given |= {"due": date(2026, 6, 30), "started": None, "finished": None, **row}
            session.add(
                RoadmapTaskRow(
                    import_id=taken.id, task_whole="k", task="t", subtask=f"{n}", phase=1, **given
                )
            )
        return taken.id


def undo(engine: Engine, import_id: int, at: datetime) -> None:
    with transaction(engine) as session:
        row = session.get(ImportRow, import_id)
        assert row is not None
        row.undone_at = at
        session.add(row)


days = st.dates(date(2026, 5, 1), date(2027, 3, 1))
rows = st.fixed_dictionaries(
    {
        "region": st.sampled_from(["10", "11"]),
        "group": st.sampled_from(GROUPS),
        "as_of": st.sampled_from([OCTOBER, NOVEMBER]),
        "critical": st.booleans(),
        "due": days,
        "started": st.none() | days,
        "finished": st.none() | days,
    }
)


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(st.lists(rows, max_size=30), st.none() | days)
def test_the_store_counts_as_the_rule_does(
    engine: Engine, rows: list[dict[str, object]], target: date | None
) -> None:
    with transaction(engine) as session:
        session.exec(delete(RoadmapTaskRow))
        session.exec(delete(ImportRow))
    take(engine, rows)
    with reading(engine) as session:
        counted = cells(roadmap.reports(session, TODAY, target=target), TODAY)
        ruled = views(tasks_until(session, TODAY), TODAY, target)
    assert {key: cell.views for key, cell in counted.items()} == ruled


def test_the_last_import_of_a_days_report_stands_for_the_whole_group(engine: Engine) -> None:
    take(engine, [{"finished": date(2026, 6, 1)}, {}, {}])
    take(engine, [{"finished": date(2026, 6, 1)}], AT + timedelta(days=1))
    with reading(engine) as session:
        (report,) = roadmap.reports(session, TODAY)
        assert report.views.schedule == Shares(1, 1, 1)
        assert len(roadmap.critical_tasks(session, [report])) == 1


def test_what_was_undone_or_not_yet_imported_is_passed_over(engine: Engine) -> None:
    first = take(engine, [{}])
    second = take(engine, [{"as_of": NOVEMBER}], AT + timedelta(days=30))
    undo(engine, second, AT + timedelta(days=40))
    with reading(engine) as session:
        assert roadmap.months_reported(session) == ("2026-10",)
        assert [r.import_id for r in roadmap.reports(session, TODAY)] == [first]
        then = AT + timedelta(days=35)
        known = picture(session, TODAY, known_at=then)
        assert known is not None
        assert known.month == "2026-11"
        assert picture(session, TODAY, known_at=AT - timedelta(days=1)) is None


def test_a_picture_of_one_region_a_month_and_a_target_day(engine: Engine) -> None:
    take(engine, [{}, {"due": date(2027, 1, 1)}, {"region": "11", "due": date(2028, 1, 1)}])
    take(engine, [{"as_of": date(2025, 10, 1), "region": "12"}], AT + timedelta(days=1))
    with reading(engine) as session:
        found = picture(session, TODAY, region="10")
        assert found is not None
        assert {region for region, _ in found.cells} == {"10"}
        assert found.target == date(2028, 1, 1), "of all tasks reported, in every region"
        assert found.cells["10", GROUPS[0]].views.target.total == 2
        near = picture(session, TODAY, target=date(2026, 12, 31))
        assert near is not None
        assert near.cells["10", GROUPS[0]].views.target.total == 1
        assert ("12", GROUPS[0]) not in near.cells, "its report is more than a year old"
        assert picture(session, TODAY, month="2025-09") is None
        assert picture(session, TODAY, month="2026-12") is None, "it has not begun"
