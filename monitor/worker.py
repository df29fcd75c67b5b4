"""The scheduler: ticks the use-cases. What is due is always a query on the store.

A tick that finds nothing due does nothing, so a missed or repeated tick harms nobody. Stopping waits
for the item under way: every use-case commits item by item, so ending a loop early loses nothing. Work that
people ask for is done beside the ticks, by `monitor.jobs.run`.
"""

import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from monitor import pipeline
from monitor.app import App
from monitor.clock import HELSINKI, system_clock
from monitor.jobs.run import Crew
from monitor.logs import get_logger
from monitor.search.fill import index_due

_log = get_logger(__name__)
T = TypeVar("T")


class UntilStopped:
    """A Progress that shows nothing and ends every loop once `stop` is set."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    def over(self, items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
        for item in items:
            yield item
            if self._stop.is_set():
                return


@dataclass(frozen=True, slots=True)
class Job:
    """One recurring piece of work."""

    name: str
    work: Callable[[App], object]
    trigger: IntervalTrigger | CronTrigger
    scores: bool = False  # it computes scores: never beside another that does


def jobs() -> tuple[Job, ...]:
    """All jobs, in the order the data flows."""
    return (
        Job("poll", pipeline.poll, IntervalTrigger(seconds=60)),
        # Each takes up what the one before has left, so an article waits seconds between them, not minutes.
        Job("ingest", pipeline.ingest, IntervalTrigger(seconds=15)),
        Job("tag", pipeline.tag, IntervalTrigger(seconds=15)),
        # What was read or decided is found within a tick.
        Job("search", index_due, IntervalTrigger(seconds=15)),
        Job("score", pipeline.score_recent, IntervalTrigger(minutes=60), scores=True),
        # A decision shows in the scores within a tick.
        Job("rescore", pipeline.rescore, IntervalTrigger(seconds=15), scores=True),
        # What scoring has left for the pages to read.
        Job("prepare", pipeline.prepare, IntervalTrigger(seconds=60)),
        # Every hour: it is due from Monday morning on, and the machine may have been off then.
        Job("summarise", pipeline.summarise_due, CronTrigger(minute=5, timezone=HELSINKI)),
    )


class Worker:
    """Runs the jobs in background threads until stopped: all of them, or those named in `only`."""

    def __init__(self, app: App, only: Collection[str] | None = None) -> None:
        self._jobs = tuple(job for job in jobs() if only is None or job.name in only)
        self._stop = threading.Event()
        self._app = replace(app, progress=UntilStopped(self._stop))
        self._crew = Crew(app)
        self._scoring = threading.Lock()
        # Two threads: a long fetch does not hold up tagging. Each job runs once at a time.
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(2)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=HELSINKI,
        )

    def start(self) -> None:
        """Begin; the first tick of every job comes within seconds, in the order of the flow."""
        first = system_clock()  # the scheduler's own time; the application's may be a played one
        for number, job in enumerate(self._jobs):
            self._scheduler.add_job(
                self._tick,
                job.trigger,
                args=[job],
                id=job.name,
                next_run_time=first + timedelta(seconds=2 * number),
            )
        self._scheduler.start()
        self._crew.start()
        _log.info("worker_started", jobs=[job.name for job in self._jobs])

    def stop(self) -> None:
        """Let the items under way finish and stop. Safe to call twice."""
        if self._stop.is_set():
            return
        self._stop.set()
        self._crew.stop()
        self._scheduler.shutdown(wait=True)
        _log.info("worker_stopped")

    def _tick(self, job: Job) -> None:
        if self._stop.is_set():
            return
        with self._scoring if job.scores else nullcontext():
            self._run(job)

    def _run(self, job: Job) -> None:
        try:
            report = job.work(self._app)
        except Exception:
            # A failing job must not end the service; the next tick finds the same work due again.
            _log.exception("job_failed", job=job.name)
        else:
            _log.info("job_done", job=job.name, report=str(report))
