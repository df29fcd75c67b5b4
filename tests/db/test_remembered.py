"""What is kept in memory of a store never differs from what the store says."""

from sqlalchemy import Engine
from sqlmodel import select

from classifiers.reference import Reference
from monitor.clock import ManualClock
from monitor.db import scores
from monitor.db.engine import reading, transaction
from monitor.db.remembered import MOST, remembered
from monitor.db.tables import ScoreInputRow
from monitor.progress import Silent
from monitor.readiness.picture import picture
from monitor.readiness.run import import_sample, readiness_at, readiness_of, undo
from monitor.risk.prepared import prepare_pages
from monitor.risk.run import score_weeks
from monitor.risk.uncertainty import uncertainty_behind
from monitor.settings import load_settings
from monitor.values import ALL_GROUPS
from monitor.weeks import previous, week_of
from tests.conftest import NOW


def test_a_value_is_made_once_for_each_key_and_store(sqlite: Engine) -> None:
    made: list[int] = []

    def make() -> int:
        made.append(1)
        return len(made)

    with reading(sqlite) as session:
        assert [remembered(session, "a", make), remembered(session, "a", make)] == [1, 1]
        assert remembered(session, "b", make) == 2


def test_a_session_that_may_write_remembers_nothing(sqlite: Engine) -> None:
    with transaction(sqlite) as session:
        assert remembered(session, "a", lambda: "not yet committed") == "not yet committed"
    with reading(sqlite) as session:
        assert remembered(session, "a", lambda: "read") == "read"


def test_what_is_not_there_is_asked_for_again(sqlite: Engine) -> None:
    with reading(sqlite) as session:
        assert remembered(session, "a", lambda: None) is None
        assert remembered(session, "a", lambda: "come since") == "come since"


def test_the_least_recently_used_goes_first(sqlite: Engine) -> None:
    with reading(sqlite) as session:
        for n in range(MOST):
            remembered(session, n, lambda n=n: n)  # type: ignore[misc]  # mypy knows no such lambda
        remembered(session, 0, lambda: -1)
        remembered(session, MOST, lambda: MOST)
        assert remembered(session, 0, lambda: -1) == 0
        assert remembered(session, 1, lambda: -1) == -1


def test_readiness_follows_imports_and_undoings(engine: Engine, reference: Reference) -> None:
    clock, day = ManualClock(NOW), NOW.date()

    def seen() -> tuple[int, int, int]:
        with reading(engine) as session:
            found = readiness_of(session, day, "02")
            roadmap = picture(session, day, region="02")
        assert {o.region for o in found.observations} <= {"02"}
        return len(found.observations), len(found.tasks), len(roadmap.cells) if roadmap else 0

    assert seen() == (0, 0, 0)
    import_sample(engine, clock, reference)
    before = seen()
    assert min(before) > 0
    with reading(engine) as session:
        whole = readiness_at(session, day)
        assert readiness_of(session, day, "02").tasks == tuple(
            task for task in whole.tasks if task.region == "02"
        )
    for number in range(1, 40):
        undo(engine, number, "aino", clock)
    assert seen() == (0, 0, 0)


def test_pictures_say_what_would_be_computed(sqlite: Engine, reference: Reference) -> None:
    clock, week = ManualClock(NOW), previous(week_of(NOW))
    import_sample(sqlite, clock, reference)
    settings = load_settings({}, draws=100)
    rates = {
        t: {"precision": 0.9, "recall": 0.9} for t in ("relevance", "region", "topic", "direction")
    }
    score_weeks(sqlite, [week], reference, settings, {}, rates, clock, Silent())
    with reading(sqlite) as session:
        now = next(s for s in scores.current_scores(session, week) if s.group == ALL_GROUPS)
        computed = uncertainty_behind(session, now)
    assert prepare_pages(sqlite, Silent()) == 1
    assert prepare_pages(sqlite, Silent()) == 0
    sqlite.dispose()  # another pool, which remembers nothing
    with reading(sqlite) as session:
        assert uncertainty_behind(session, now) == computed
    with transaction(sqlite) as session:  # what is kept is enough
        for row in session.exec(select(ScoreInputRow)):
            session.delete(row)
    sqlite.dispose()
    with reading(sqlite) as session:
        assert uncertainty_behind(session, now) == computed
