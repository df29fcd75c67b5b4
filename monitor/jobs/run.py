"""Works off the jobs that wait, each in a process of its own, so that a page never waits for one.

A job's process beats while it lives and looks between its steps whether it is to stop. Where it is killed
its job goes back among those that wait, and the next one begins after the last step that was kept. Where
this program ends, a process gives its job back after the step it is in.
"""

import os
import pickle
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

from sqlalchemy.exc import OperationalError

from monitor.app import App, make_app
from monitor.clock import Clock, system_clock
from monitor.db.engine import reading
from monitor.db.jobs import (
    MOST_LINES,
    Job,
    State,
    beat_job,
    claim_job,
    find_job,
    finish_job,
    give_back,
    release_dead,
)
from monitor.errors import TilannekuvaError
from monitor.jobs.kinds import UnknownKind, work_of
from monitor.jobs.words import UNEXPECTED, UNKNOWN
from monitor.logs import get_logger
from monitor.settings import Settings

T = TypeVar("T")
BEAT_SECONDS = 2.0
LOOK_SECONDS = 1.0  # how often is looked for jobs that wait
MOST_AT_ONCE = 2  # jobs; each of another kind
GRACE_SECONDS = 10.0  # for a step to end when the program does
NICE = 10  # the web page comes first
_START = (
    "import sys, pickle; sys.path[:] = pickle.load(sys.stdin.buffer); "
    "from monitor.jobs.run import serve_one; serve_one()"
)
_log = get_logger(__name__)


class Stopped(Exception):
    """The job is to stop: raised between its steps."""


class JobProgress:
    """A `monitor.progress.Progress` that writes into the job's row and ends its loops when asked."""

    def __init__(self, app: App, job: Job, ending: threading.Event) -> None:
        self._app, self._job, self._ending = app, job, ending
        self._stop, self._over = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self._progress = dict(job.progress)
        self._kept, self._log = dict(job.kept), list(job.log)
        self._thread = threading.Thread(target=self._beat, name="beat", daemon=True)
        self._thread.start()

    @property
    def kept(self) -> Mapping[str, Any]:
        """What was kept of steps that are done, also by a runner before this one."""
        return self._kept

    @property
    def number(self) -> int:
        """The job's number."""
        return self._job.id

    def over(self, items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
        """Yield `items`; raises Stopped before the next one where the job is to stop."""
        done = 0
        for item in items:
            self.look()
            self._progress = {"what": what, "done": done, "total": total}
            yield item
            done += 1
        self._progress = {"what": what, "done": done, "total": total}

    def look(self) -> None:
        """Raise Stopped where the job is to stop."""
        if self._stop.is_set() or self._ending.is_set():
            raise Stopped

    def keep(self, step: str, value: Any, key: str, **values: str | int | float) -> None:
        """Keep what came of a step (JSON), so that a resumed job does not do it again; and say so in the
        log, in the same write."""
        self._kept[step] = value
        self._note(key, values)
        self._write(kept=dict(self._kept), log=self._log)

    def say(self, key: str, **values: str | int | float) -> None:
        """A line of the job's log: the message `key` of the locale files with its values."""
        self._note(key, values)
        self._write(log=self._log)

    def _note(self, key: str, values: Mapping[str, str | int | float]) -> None:
        line = {"at": self._app.clock().isoformat(), "say": key, "values": values}
        self._log = [*self._log, line][-MOST_LINES:]

    def close(self) -> None:
        """Stop beating; what was shown last is kept."""
        self._over.set()
        self._thread.join()
        self._write(progress=self._progress)

    def _beat(self) -> None:
        while not self._over.wait(BEAT_SECONDS):
            self._write(progress=self._progress)

    def _write(self, **values: Any) -> None:
        with self._lock:
            try:
                state = beat_job(
                    self._app.engine, self._job.id, self._job.runner, system_clock(), **values
                )
            except OperationalError:  # a long write of another; the next beat comes soon
                _log.warning("job_beat_missed", job=self._job.id)
                return
        if state in (None, "stopping"):
            self._stop.set()


Ended = Literal["done", "failed", "stopped", "given back"]


def do_job(app: App, job: Job, ending: threading.Event) -> Ended:
    """Do a job that was claimed, to its end or until it is stopped; `ending` gives it back."""
    progress = JobProgress(app, job, ending)
    try:
        result, error = _attempt(app, job, progress)
    except Stopped:
        progress.close()
        return _halt(app, job)
    except BaseException:  # Ctrl-C: another runner goes on
        progress.close()
        give_back(app.engine, job.id, job.runner, app.clock())
        raise
    progress.close()
    ended: Literal["done", "failed"] = "failed" if error else "done"
    finish_job(app.engine, job.id, job.runner, app.clock(), ended, result=result, error=error)
    _log.info("job_ended", job=job.id, kind=job.kind, state=ended)
    return ended


def _attempt(app: App, job: Job, progress: JobProgress) -> tuple[dict[str, Any] | None, str]:
    """What came of it, or what went wrong."""
    try:
        work = work_of(job.kind)
        return work(replace(app, progress=progress), job.parameters, progress), ""
    except UnknownKind:
        return None, UNKNOWN
    except TilannekuvaError as error:
        return None, error.message
    except Stopped:
        raise
    except Exception as error:
        _log.exception("job_failed", job=job.id, kind=job.kind)
        return None, UNEXPECTED + type(error).__name__


def _halt(app: App, job: Job) -> Ended:
    """It was stopped between two steps: by a person, or because the program ends."""
    with reading(app.engine) as session:
        now = find_job(session, job.id)
    asked: State | None = None if now is None else now.state
    if asked == "stopping":
        finish_job(app.engine, job.id, job.runner, app.clock(), "stopped")
        return "stopped"
    give_back(app.engine, job.id, job.runner, app.clock())
    return "given back"


# --- without the service -------------------------------------------------------------------------


def new_runner() -> str:
    """A name no other runner has."""
    return f"{os.getpid()}-{uuid.uuid4().hex[:12]}"


def run_waiting(
    app: App, announce: Callable[[Job, Ended | None], object], only: int | None = None
) -> int:
    """Do what waits, one job after the other, in this process; returns how many.

    `announce` is called when a job begins (None) and when it has ended.
    """
    done = 0
    release_dead(app.engine, app.clock(), system_clock())
    while job := claim_job(app.engine, new_runner(), app.clock(), system_clock(), only):
        announce(job, None)
        announce(job, do_job(app, job, threading.Event()))
        done += 1
    return done


# --- within the service --------------------------------------------------------------------------


@dataclass(frozen=True)
class Order:
    """What a job's process is told."""

    settings: Settings
    clock: Clock
    hosts: Mapping[str, tuple[str, int]]
    job: Job


class Crew:
    """Looks for jobs that wait and has each done by a process."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._stop = threading.Event()
        self._running: dict[str, subprocess.Popen[bytes]] = {}  # runner -> its process
        self._thread = threading.Thread(target=self._work, name="jobs", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Let the steps under way end, for some seconds; what is not done by then another run takes up.
        Safe to call twice."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        for child in self._running.values():
            _close(child)
        for runner, child in list(self._running.items()):
            try:
                child.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
            self._release(runner)

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                self.tick()
            except Exception:  # the next look finds the same jobs
                _log.exception("jobs_tick_failed")
            self._stop.wait(LOOK_SECONDS)

    def tick(self) -> None:
        """Take back what dead processes left, and begin what waits."""
        for runner, child in list(self._running.items()):
            if child.poll() is not None:
                self._release(runner)
        release_dead(self._app.engine, self._app.clock(), system_clock())
        while len(self._running) < MOST_AT_ONCE:
            job = claim_job(self._app.engine, new_runner(), self._app.clock(), system_clock())
            if job is None:
                return
            _log.info("job_begun", job=job.id, kind=job.kind, attempt=job.attempts)
            self._running[job.runner] = self._begin(job)

    def _begin(self, job: Job) -> "subprocess.Popen[bytes]":
        order = Order(self._app.settings, self._app.clock, dict(self._app.hosts), job)
        told = pickle.dumps(sys.path) + pickle.dumps(order)
        # A session of its own keeps Ctrl-C away from it; its input ends when this program does.
        child = subprocess.Popen(
            [sys.executable, "-c", _START],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert child.stdin is not None
        with suppress(BrokenPipeError):  # it has died already, which the next tick sees
            child.stdin.write(told)
            child.stdin.flush()
        return child

    def _release(self, runner: str) -> None:
        _close(self._running.pop(runner))
        release_dead(self._app.engine, self._app.clock(), system_clock(), runner)


def _close(child: "subprocess.Popen[bytes]") -> None:
    with suppress(OSError):
        if child.stdin is not None:
            child.stdin.close()


@contextmanager
def crew(app: App) -> Iterator[Crew]:
    """A crew that works while the block runs."""
    made = Crew(app)
    made.start()
    try:
        yield made
    finally:
        made.stop()


# --- in the process ------------------------------------------------------------------------------


def serve_one() -> None:
    """Do the job that standard input names. The end of that input is the end of the program."""
    order: Order = pickle.load(sys.stdin.buffer)
    with suppress(OSError):
        os.nice(NICE)
    ending = threading.Event()
    threading.Thread(target=_watch, args=(ending,), daemon=True).start()
    app = make_app(order.settings, clock=order.clock, hosts=order.hosts)
    try:
        do_job(app, order.job, ending)
    finally:
        app.engine.dispose()


def _watch(ending: threading.Event) -> None:
    while os.read(0, 4096):  # not through the buffer, whose lock would outlive this thread
        pass
    ending.set()
