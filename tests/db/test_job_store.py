"""Jobs in the store: asked for once, taken up by one, given back when a runner is gone."""

import threading
from datetime import timedelta

from sqlalchemy import Engine
from sqlmodel import select

from monitor.db import jobs
from monitor.db.engine import reading, transaction
from monitor.db.jobs import Job
from monitor.db.tables import AuditRow
from tests.conftest import NOW

LATER = NOW + timedelta(minutes=2)


def asked(engine: Engine, kind: str = "train", **parameters: object) -> int:
    with transaction(engine) as session:
        return jobs.enqueue(session, NOW, "anna", kind, parameters)


def state(engine: Engine, job_id: int) -> Job:
    with reading(engine) as session:
        found = jobs.find_job(session, job_id)
    assert found is not None
    return found


def claim(engine: Engine, runner: str) -> Job | None:
    return jobs.claim_job(engine, runner, NOW, NOW)


def test_the_same_work_is_not_asked_for_twice_while_it_waits(engine: Engine) -> None:
    first = asked(engine, task="topic")
    assert asked(engine, task="topic") == first
    assert asked(engine, task="region") != first
    with reading(engine) as session:
        rows = session.exec(select(AuditRow)).all()
    assert [(row.who, row.action, row.subject) for row in rows[:1]] == [
        ("anna", "job ask", f"job {first}")
    ]
    assert len(rows) == 2


def test_the_oldest_is_taken_up_first_and_one_of_a_kind_at_a_time(engine: Engine) -> None:
    first, second = asked(engine, n=1), asked(engine, n=2)
    other = asked(engine, "score")
    taken = [claim(engine, runner) for runner in ("a", "b", "c")]
    assert [job and job.id for job in taken] == [first, other, None]
    jobs.finish_job(engine, first, "a", NOW, "done", result={"said": []})
    third = claim(engine, "c")
    assert third is not None
    assert third.id == second


def test_two_runners_that_ask_at_once_get_a_job_once(engine: Engine) -> None:
    for round_ in range(5):
        made = {asked(engine, "train", n=round_), asked(engine, "train", n=-round_ - 1)}
        ready, got = threading.Barrier(6), []

        def ask(name: str, ready: threading.Barrier = ready, got: list[Job | None] = got) -> None:
            ready.wait()
            got.append(claim(engine, name))

        threads = [threading.Thread(target=ask, args=(f"{round_}-{n}",)) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        taken = [job for job in got if job is not None]
        assert len(got) == 6
        assert len(taken) == 1  # both jobs are of one kind
        assert jobs.finish_job(engine, taken[0].id, taken[0].runner, NOW, "done")
        rest = claim(engine, "rest")
        assert rest is not None
        assert {taken[0].id, rest.id} == made
        jobs.finish_job(engine, rest.id, "rest", NOW, "done")


def test_a_job_that_waits_stops_at_once_and_one_under_way_after_its_step(engine: Engine) -> None:
    waiting, running = asked(engine, "score"), asked(engine)
    with transaction(engine) as session:
        jobs.ask_stop(session, NOW, "anna", waiting)
    assert state(engine, waiting).state == "stopped"
    claim(engine, "a")
    with transaction(engine) as session:
        jobs.ask_stop(session, NOW, "anna", running)
    assert jobs.beat_job(engine, running, "a", NOW, kept={"relevance": "v2-1"}) == "stopping"
    assert jobs.finish_job(engine, running, "a", NOW, "stopped")
    with transaction(engine) as session:
        jobs.ask_resume(session, NOW, "anna", running)
    again = claim(engine, "b")
    assert again is not None
    assert (again.id, dict(again.kept)) == (running, {"relevance": "v2-1"})


def test_what_has_ended_stays_as_it_is_when_asked_to_stop(engine: Engine) -> None:
    job = asked(engine)
    claim(engine, "a")
    jobs.finish_job(engine, job, "a", NOW, "done", result={"page": "/models"})
    with transaction(engine) as session:
        jobs.ask_stop(session, NOW, "anna", job)
        jobs.ask_resume(session, NOW, "anna", job)
        assert jobs.ask_stop(session, NOW, "anna", job + 1) is None
        assert jobs.ask_resume(session, NOW, "anna", job + 1) is None
    ended = state(engine, job)
    assert (ended.state, ended.result) == ("done", {"page": "/models"})


def test_a_silent_runner_loses_its_job_and_writes_nothing_more(engine: Engine) -> None:
    job = asked(engine)
    claim(engine, "a")
    assert jobs.release_dead(engine, NOW, NOW + jobs.STALE) == 0
    assert jobs.release_dead(engine, NOW, LATER) == 1
    assert state(engine, job).state == "waiting"
    assert jobs.beat_job(engine, job, "a", LATER, progress={"what": "train"}) is None
    assert not jobs.finish_job(engine, job, "a", LATER, "done")
    assert state(engine, job).progress == {}


def test_a_job_that_kills_its_runners_fails_in_the_end(engine: Engine) -> None:
    job = asked(engine)
    for attempt in range(1, jobs.MOST_ATTEMPTS + 1):
        taken = claim(engine, f"r{attempt}")
        assert taken is not None
        assert taken.attempts == attempt
        assert jobs.release_dead(engine, NOW, NOW, f"r{attempt}") == 1
    assert (state(engine, job).state, state(engine, job).error) == ("failed", jobs.DIED)
    with transaction(engine) as session:
        jobs.ask_resume(session, NOW, "anna", job)
    assert state(engine, job).state == "waiting"


def test_giving_a_job_back_in_order_is_no_failed_attempt(engine: Engine) -> None:
    job = asked(engine)
    for _ in range(jobs.MOST_ATTEMPTS + 1):
        claim(engine, "a")
        jobs.give_back(engine, job, "a", NOW)
    assert state(engine, job).state == "waiting"
    assert state(engine, job).attempts == 0


def test_a_dead_runner_of_a_job_that_was_to_stop_leaves_it_stopped(engine: Engine) -> None:
    job = asked(engine)
    claim(engine, "a")
    with transaction(engine) as session:
        jobs.ask_stop(session, NOW, "anna", job)
    jobs.release_dead(engine, NOW, LATER)
    assert state(engine, job).state == "stopped"


def test_lists_show_the_newest_first(engine: Engine) -> None:
    made = [asked(engine, n=n) for n in range(3)]
    claim(engine, "a")
    with reading(engine) as session:
        assert [job.id for job in jobs.newest_jobs(session, 2)] == made[:0:-1]
        assert [job.id for job in jobs.newest_jobs(session, 9, ["running"])] == made[:1]
        assert jobs.jobs_by_state(session) == {"waiting": 2, "running": 1}
        pending = jobs.pending_job(session, "train")
        assert pending is not None
        assert pending.id == made[0]
        assert jobs.latest_job(session, "train") is None
