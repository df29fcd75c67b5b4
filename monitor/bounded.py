"""Runs functions in processes of its own, each call under a limit of time and memory.

A call that goes over its limit loses its process and nothing else: the process is replaced and the other
calls go on. For functions without state whose arguments and results can be pickled, called on hostile
input. Knows neither store nor network.

The kernel ends a process that is over its limit, also where it is busy in C code and also when this
program was killed meanwhile. Processor time is what counts: a busy machine makes nothing too slow.
"""

import os
import pickle
import resource
import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, ParamSpec, TypeVar

from monitor import heap, logs

P = ParamSpec("P")
T = TypeVar("T")

MOST_MEMORY = 2 << 30  # bytes of address space of one process
# Bytes of a call that is handed over while the one before it is computed: a process that waits for this
# program's attention between two short calls is idle for a fifth of the time. A pipe holds 64 KiB, so that
# handing over never waits for the process.
MOST_AHEAD = 48_000
WALL_FACTOR = (
    10  # a process that neither computes nor ends is stopped after this many times its limit
)
_START = (
    "import sys, pickle; sys.path[:] = pickle.load(sys.stdin.buffer); "
    "from monitor.bounded import serve; serve()"
)
_OVER_TIME = (-signal.SIGPROF, -signal.SIGALRM)


class TooSlow(Exception):
    """The call took more time than it may."""


class BrokeOff(Exception):
    """The process of the call ended by itself: no memory, or a fault in a library."""


@dataclass(slots=True)
class _Task:
    future: "Future[Any]"
    call: bytes  # pickled


@dataclass(slots=True)
class _Shared:
    """What the threads share; it does not know the executor, which can so be collected."""

    seconds: float
    processes: int
    tasks: "SimpleQueue[_Task | None]" = field(default_factory=SimpleQueue)
    threads: list[threading.Thread] = field(default_factory=list)
    children: "set[subprocess.Popen[bytes]]" = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
    closed: bool = False


class BoundedExecutor(Executor):
    """`processes` processes, started when first needed; a call may compute for `seconds`.

    They end with `shutdown`, when the executor is collected, and with the program.
    """

    def __init__(self, processes: int, seconds: float) -> None:
        self._processes = processes
        self._shared = _Shared(seconds, processes)
        self._end = weakref.finalize(self, _close, self._shared)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """The future raises TooSlow or BrokeOff, or what the call itself raised."""
        shared = self._shared
        task = _Task(Future(), pickle.dumps((fn, args, kwargs), pickle.HIGHEST_PROTOCOL))
        with shared.lock:
            if shared.closed:
                raise RuntimeError("the executor has been shut down")
            if len(shared.threads) < self._processes:
                thread = threading.Thread(target=_work, args=(shared,), name="bounded", daemon=True)
                shared.threads.append(thread)
                thread.start()
            shared.tasks.put(task)
        return task.future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes at once; calls under way raise BrokeOff. Safe to call twice."""
        self._end()


def _close(shared: _Shared) -> None:
    with shared.lock:
        shared.closed = True
        for child in shared.children:
            child.kill()
        for _ in shared.threads:
            shared.tasks.put(None)
    for thread in shared.threads:
        if thread is not threading.current_thread():
            thread.join()


# --- a thread for each process -------------------------------------------------------------------


def _work(shared: _Shared) -> None:
    """Hand calls to a process until told to stop."""
    child: subprocess.Popen[bytes] | None = None
    task, handed_over = _take(shared), False
    while task is not None:
        ahead: _Task | None = None
        try:
            child = child or _start(shared)
            if not handed_over:
                _hand_over(child, task)
            ahead = _take_ahead(shared)
            handed_over = ahead is not None and len(ahead.call) <= MOST_AHEAD
            if ahead is not None and handed_over:
                _hand_over(child, ahead)
            done, value = _answer(child)
        except Exception:  # an answer that cannot be read back may raise anything of its own
            task.future.set_exception(_end(shared, child))
            # the call ahead was not begun, and is handed to the next process
            child, handed_over = None, False
        else:
            task.future.set_result(value) if done else task.future.set_exception(value)
        task = ahead  # and not the old one, which would be kept while waiting
        task = task or _take(shared)
    if child is not None:
        _end(shared, child)


def _take(shared: _Shared) -> _Task | None:
    """The next call that was not cancelled; waits for it. None: stop."""
    while (task := shared.tasks.get()) is not None:
        if task.future.set_running_or_notify_cancel():
            return task
    return None


def _take_ahead(shared: _Shared) -> _Task | None:
    """A call to be computed after the one under way, where the other processes find enough to do."""
    if shared.closed or shared.tasks.qsize() <= shared.processes:
        return None
    try:
        task = shared.tasks.get_nowait()
    except Empty:
        return None
    if task is None:
        shared.tasks.put(None)
        return None
    return task if task.future.set_running_or_notify_cancel() else None


def _hand_over(child: "subprocess.Popen[bytes]", task: _Task) -> None:
    assert child.stdin is not None
    child.stdin.write(task.call)
    child.stdin.flush()


def _answer(child: "subprocess.Popen[bytes]") -> tuple[bool, Any]:
    assert child.stdout is not None
    answer: tuple[bool, Any] = pickle.load(child.stdout)
    return answer


def _start(shared: _Shared) -> "subprocess.Popen[bytes]":
    # A plain process with two pipes: nothing of this one is copied into it but its search path, and its
    # input ends when this program does. A session of its own keeps Ctrl-C away from it.
    child = subprocess.Popen(
        [sys.executable, "-c", _START],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    with shared.lock:
        shared.children.add(child)
        if shared.closed:
            child.kill()
    assert child.stdin is not None
    pickle.dump(sys.path, child.stdin)
    pickle.dump(shared.seconds, child.stdin)
    return child


def _end(shared: _Shared, child: "subprocess.Popen[bytes] | None") -> Exception:
    """Wait for a process that is at its end, or kill it; says why it ended."""
    if child is None:
        return BrokeOff("no process could be started")
    with shared.lock:
        shared.children.discard(child)
    assert child.stdin is not None
    assert child.stdout is not None
    with suppress(OSError):
        child.stdin.close()  # the end of its input is the end of a process that waits for work
    child.stdout.close()
    try:
        code = child.wait(5)
    except subprocess.TimeoutExpired:
        child.kill()
        code = child.wait()
    if code in _OVER_TIME:
        return TooSlow(f"it took more than {shared.seconds:g} seconds")
    return BrokeOff(f"its process ended with {code}")


# --- in the process ------------------------------------------------------------------------------


def serve() -> None:
    """Answer calls from standard input until it ends. What the calls print goes to standard error."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    calls = sys.stdin.buffer
    seconds = pickle.load(calls)
    logs.configure("WARNING")
    for number in (signal.SIGPROF, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)  # whose action is to end the process
    with suppress(ValueError, OSError):  # a lower limit is in force already
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    with suppress(EOFError, BrokenPipeError):  # the program has ended
        settled = False
        while True:
            fn, args, kwargs = pickle.load(calls)
            if not settled:  # the first call has brought its modules with it
                heap.settle()
                settled = True
            answers.write(_bounded(fn, args, kwargs, seconds))
            answers.flush()


def _bounded(fn: Callable[..., Any], args: Any, kwargs: Any, seconds: float) -> bytes:
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, WALL_FACTOR * seconds)
    try:
        return pickle.dumps((True, fn(*args, **kwargs)), pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        return pickle.dumps((False, error), pickle.HIGHEST_PROTOCOL)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
