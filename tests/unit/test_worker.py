"""The worker: ends loops when stopped, and outlives a failing job."""

import threading

from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import Engine
from structlog.testing import capture_logs

from classifiers.reference import Reference
from monitor.app import App
from monitor.clock import ManualClock
from monitor.settings import load_settings
from monitor.worker import Job, UntilStopped, Worker, jobs


def test_a_loop_ends_after_the_item_under_way() -> None:
    stop = threading.Event()
    seen = []
    for item in UntilStopped(stop).over(range(10), "work"):
        seen.append(item)
        if item == 3:
            stop.set()
    assert seen == [0, 1, 2, 3]


def test_a_loop_runs_to_its_end_when_nobody_stops_it() -> None:
    assert list(UntilStopped(threading.Event()).over(range(3), "work")) == [0, 1, 2]


def test_the_jobs_stand_in_the_order_the_data_flows() -> None:
    assert [job.name for job in jobs()] == [
        "poll",
        "ingest",
        "tag",
        "search",
        "score",
        "rescore",
        "prepare",
        "summarise",
    ]


def test_a_failing_job_is_logged_and_ends_nothing(
    sqlite: Engine, reference: Reference, clock: ManualClock
) -> None:
    def fails(_app: App) -> None:
        raise ZeroDivisionError

    worker = Worker(App(load_settings({}), clock, sqlite, reference))
    every = IntervalTrigger(seconds=60)
    with capture_logs() as logged:
        worker._tick(Job("first", fails, every))
        worker._tick(Job("second", lambda _app: "done", every))
    assert [(line["event"], line["job"]) for line in logged] == [
        ("job_failed", "first"),
        ("job_done", "second"),
    ]
