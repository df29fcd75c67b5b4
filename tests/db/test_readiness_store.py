"""Readiness and coverage in the store, on each of the two databases."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from monitor.coverage.run import compute_coverage, hearings
from monitor.db.coverage import coverage_of_weeks
from monitor.db.engine import reading, transaction
from monitor.db.readiness import (
    Import,
    Provenance,
    add_import,
    all_imports,
    events_until,
    find_content,
    find_import,
    grants_until,
    links_known,
    lock_imports,
    observations_until,
    tasks_until,
    undo_import,
)
from monitor.db.readiness_standing import standing
from monitor.db.tables import AuditRow, CoverageRow, EntryRow, FeedRow, PollRow
from monitor.readiness.compare import key_of
from monitor.readiness.convert import Event, Reading
from monitor.readiness.grants import Grant
from monitor.readiness.importers import Batch
from monitor.readiness.organisers import Link
from monitor.readiness.roadmap import RoadmapTask
from monitor.weeks import week_bounds
from tests.conftest import NOW

DAY = date(2026, 11, 15)
TASK = RoadmapTask(
    region="17", group="ict_muutos", task_whole="Datasäkerhet", task="Åtkomst", subtask="roller",
    critical=True, phase=3, due=date(2026, 6, 30), started=date(2026, 5, 1), finished=None,
    as_of=date(2026, 10, 10),
)  # fmt: skip
RATED = Reading(
    component="interview", region="17", group="ict_muutos", indicator="förändringsdirektör",
    period_start=date(2026, 10, 5), period_end=date(2026, 10, 5), value=2.0, unit="rating_1_5",
    done=0.25, note="Systemen är åtskilda.",
)  # fmt: skip
OPENED = Event("20", "assessment_opened", date(2026, 5, 6), "keksitty")


def _import(engine: Engine, digest: str, at: datetime = NOW, **data: Any) -> Import:
    batch = Batch(kind="roadmap", rows=1, **data)
    with transaction(engine) as session:
        lock_imports(session)
        of = Provenance("t.csv", digest, "keksitty", "EUPL-1.2", at, "virkailija")
        return add_import(session, batch, of)


def test_what_was_imported_comes_back_whole(engine: Engine) -> None:
    done = _import(engine, "a", tasks=(TASK,), readings=(RATED,), events=(OPENED,))
    with reading(engine) as session:
        assert find_import(session, "roadmap", "a") == done
        assert find_import(session, "survey", "a") is None
        assert tasks_until(session, DAY) == (TASK,)
        assert events_until(session, DAY) == (OPENED,)
        (seen,) = observations_until(session, DAY)
    assert (seen.value, seen.done, seen.note) == (2.0, 0.25, "Systemen är åtskilda.")
    assert (seen.source, seen.licence, seen.imported_by) == ("keksitty", "EUPL-1.2", "virkailija")
    assert (seen.file_hash, seen.imported_at) == ("a", NOW)
    assert seen.id > 0


def test_days_to_come_are_not_known_yet(engine: Engine) -> None:
    _import(engine, "a", tasks=(TASK,), readings=(RATED,), events=(OPENED,))
    before = date(2026, 5, 5)
    with reading(engine) as session:
        assert tasks_until(session, before) == ()
        assert observations_until(session, before) == ()
        assert events_until(session, before) == ()


def test_the_last_report_of_each_region_and_group_stands(engine: Engine) -> None:
    november = replace(TASK, as_of=date(2026, 11, 10), finished=date(2026, 11, 1))
    other = replace(TASK, group="yhdyspinnat")
    _import(engine, "oct", tasks=(TASK, other))
    _import(engine, "nov", tasks=(november,))
    with reading(engine) as session:
        assert set(tasks_until(session, DAY)) == {november, other}
        assert set(tasks_until(session, date(2026, 10, 31))) == {TASK, other}


def test_a_report_imported_again_replaces_the_group_whole(engine: Engine) -> None:
    dropped = replace(TASK, subtask="utgår")
    corrected = replace(TASK, started=None)
    _import(engine, "first", NOW, tasks=(TASK, dropped))
    _import(engine, "second", NOW + timedelta(hours=1), tasks=(corrected,))
    with reading(engine) as session:
        assert tasks_until(session, DAY) == (corrected,)


def test_an_undone_import_is_passed_over_and_its_rows_stay(engine: Engine) -> None:
    done = _import(engine, "a", tasks=(TASK,), readings=(RATED,), events=(OPENED,))
    later = NOW + timedelta(days=1)
    with transaction(engine) as session:
        undone = undo_import(session, done.id, "esihenkilö", later)
        assert undone == replace(done, undone_at=later)
    with transaction(engine) as session:
        again = undo_import(session, done.id, "joku muu", later + timedelta(days=1))
        assert again == undone
        assert undo_import(session, 999, "joku", later) is None
    with reading(engine) as session:
        assert find_import(session, "roadmap", "a") is None
        assert all_imports(session) == (undone,)
        assert tasks_until(session, DAY) == ()
        assert observations_until(session, DAY) == ()
        assert events_until(session, DAY) == ()
        actions = [(row.action, row.who) for row in session.exec(select(AuditRow))]
        # what was known while it was in force can still be asked
        assert tasks_until(session, DAY, known_at=NOW) == (TASK,)
        assert tasks_until(session, DAY, known_at=NOW - timedelta(seconds=1)) == ()
        assert tasks_until(session, DAY, known_at=later) == ()
    assert actions == [("readiness import", "virkailija"), ("readiness undo", "esihenkilö")]


def test_an_import_that_breaks_leaves_nothing(engine: Engine) -> None:
    unfit = replace(RATED, region=None)  # type: ignore[arg-type]  # the store refuses it, late
    with pytest.raises(IntegrityError):
        _import(engine, "a", tasks=(TASK,), readings=(unfit,))
    with reading(engine) as session:
        assert all_imports(session) == ()
        assert tasks_until(session, DAY) == ()
        assert session.exec(select(AuditRow)).all() == []


# --- coverage ------------------------------------------------------------------------------------

WEEK = "2026-W46"
START, END = week_bounds(WEEK)


def _feed(
    id_: str, home: list[str], group: str, lang: str = "fi", status: str = "active"
) -> FeedRow:
    return FeedRow(
        id=id_, url=f"http://{id_}.localhost/", title=id_, lang=lang, home=home,
        publisher_group=group, kind="daily", status=status,
    )  # fmt: skip


def _poll(feed: str, at: datetime, oldest: datetime | None, outcome: str = "ok") -> PollRow:
    reason = "timeout" if outcome == "failed" else ""
    return PollRow(feed_id=feed, at=at, outcome=outcome, oldest_item=oldest, reason=reason)


def _item(feed: str, published: datetime | None, first_seen: datetime = START) -> EntryRow:
    return EntryRow(
        feed_id=feed, key=str(published), link="", own_page=False, title="t", summary="",
        published=published, first_seen=first_seen, last_seen=first_seen, entry_hash="h",
    )  # fmt: skip


def _newsroom(engine: Engine) -> None:
    with transaction(engine) as session:
        session.add_all(
            [
                _feed("aito", ["17"], "a"),
                _feed("blad", ["17", "01"], "b", "sv"),
                _feed("kuollut", ["17"], "c"),
                _feed("koko-maa", [], "d"),
                _feed("poistettu", ["17"], "e", status="removed"),
            ]
        )
    with transaction(engine) as session:
        session.add_all(
            [
                _poll("aito", END, START - timedelta(days=9)),
                _poll("blad", START + timedelta(hours=84), START),
                _poll(
                    "blad", END + timedelta(days=30), END
                ),  # reaches no further back than the end
                _poll("kuollut", START + timedelta(hours=1), None, "failed"),
                _poll("koko-maa", END, START),
                _item("aito", START + timedelta(days=1)),
                _item("aito", END),
                _item("blad", None, first_seen=END),
            ]
        )


def test_polls_become_the_coverage_of_regions(engine: Engine) -> None:
    _newsroom(engine)
    found = compute_coverage(engine, [WEEK], ["17", "01", "18", "HUS"], END + timedelta(days=60))
    coast = found["17", WEEK]
    assert coast.exposure == pytest.approx((1 + 0.5 + 0) / 3)
    assert (coast.sources, coast.alive, coast.groups) == (3, 2, 2)
    assert coast.languages == ("fi", "sv")
    assert coast.silent == (("kuollut", "failing: timeout"),)
    assert found["HUS", WEEK].exposure == found["01", WEEK].exposure == pytest.approx(0.5)
    assert (found["18", WEEK].exposure, found["18", WEEK].sources) == (0, 0)
    with reading(engine) as session:
        assert coverage_of_weeks(session, [WEEK]) == found


def test_verdicts_tell_heard_from_quiet_and_silent(engine: Engine) -> None:
    _newsroom(engine)
    verdicts = {h.source.id: h.verdict.value for h in hearings(engine, WEEK, END)}
    assert verdicts == {
        "aito": "heard", "blad": "quiet", "kuollut": "failing", "koko-maa": "quiet",
    }  # fmt: skip


def test_what_came_later_is_not_known_yet(engine: Engine) -> None:
    _newsroom(engine)
    early = compute_coverage(engine, [WEEK], ["17"], START)["17", WEEK]
    assert early.exposure == 0
    assert dict(early.silent)["aito"] == "not polled"
    late = compute_coverage(engine, [WEEK], ["17"], END)["17", WEEK]
    assert late.exposure == pytest.approx(0.5)
    with reading(engine) as session:
        kept = session.exec(select(CoverageRow)).all()
        assert coverage_of_weeks(session, [WEEK, "2026-W45"]) == {("17", WEEK): late}
    assert len(kept) == 1


def test_a_store_without_feeds_hears_nothing(engine: Engine) -> None:
    now = datetime(2026, 11, 16, tzinfo=UTC)
    assert compute_coverage(engine, [WEEK], ["17"], now)["17", WEEK].exposure == 0


GRANT = Grant(
    region="17", group="all", programme="IKT-understöd", as_of=date(2026, 9, 30),
    start=date(2026, 1, 1), deadline=date(2027, 12, 31), granted=1e6, paid=5e5, used=2.5e5,
    milestones_due=None, milestones_done=None,
)  # fmt: skip
LINK = Link("Mustasaari", "Korsholm", "municipality", "", "17", date(2020, 1, 1), None)


def test_grants_and_links_come_back_and_the_last_import_counts(engine: Engine) -> None:
    later = NOW + timedelta(days=1)
    corrected, ended = replace(GRANT, used=3e5), replace(LINK, last=date(2022, 12, 31))
    _import(engine, "a", grants=(GRANT,), links=(LINK,))
    second = _import(engine, "b", later, grants=(corrected,), links=(ended,))
    with reading(engine) as session:
        assert grants_until(session, DAY) == (corrected,)
        assert grants_until(session, date(2026, 9, 29)) == ()
        assert links_known(session) == (ended,)
        assert (grants_until(session, DAY, NOW), links_known(session, NOW)) == ((GRANT,), (LINK,))
    with transaction(engine) as session:
        undo_import(session, second.id, "v", later)
    with reading(engine) as session:
        assert (grants_until(session, DAY), links_known(session)) == ((GRANT,), (LINK,))


def test_an_import_is_found_by_what_it_says(engine: Engine) -> None:
    with transaction(engine) as session:
        of = Provenance("t.csv", "bytes", "keksitty", "EUPL-1.2", NOW, "virkailija", "content")
        done = add_import(session, Batch(kind="event", rows=1, events=(OPENED,)), of)
    with reading(engine) as session:
        assert find_content(session, "event", "content") == done
        assert find_content(session, "survey", "content") is None
    assert done.file == "t.csv"


def test_what_stands_is_what_the_last_import_says(engine: Engine) -> None:
    dropped = replace(TASK, subtask="utgår")
    rated = replace(RATED, value=4.0, done=0.75)
    _import(engine, "a", tasks=(TASK, dropped), readings=(RATED,))
    _import(engine, "b", NOW + timedelta(hours=1), tasks=(TASK, dropped), readings=(rated,))
    batch = Batch(kind="roadmap", rows=2, tasks=(TASK,), readings=(RATED,))
    with reading(engine) as session:
        found, gone = standing(session, batch)
    assert found == {key_of(d): d for d in (TASK, dropped, rated)}
    assert gone == (dropped,)
