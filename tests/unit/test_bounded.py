"""Calls in processes of their own: one over its limit ends alone, and no process is left over."""

import gc
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from monitor.bounded import MOST_AHEAD, BoundedExecutor, BrokeOff, TooSlow
from tests.conftest import ROOT

pytestmark = pytest.mark.slow


def spin() -> None:
    while True:
        pass


def spin_in_c() -> None:
    sum(range(10**13))  # never comes back to the interpreter loop


def hoard() -> int:
    return len(bytearray(8 << 30))


class NeedsTwo(Exception):
    """Can be pickled, but not read back."""

    def __init__(self, one: int, other: int) -> None:
        super().__init__(f"{one} {other}")


def raise_needs_two() -> None:
    raise NeedsTwo(1, 2)


def children() -> set[int]:
    """The processes that this one has started and not yet waited for."""
    return {
        int(pid)
        for task in Path("/proc/self/task").iterdir()
        for pid in (task / "children").read_text().split()
    }


def gone(pids: set[int]) -> bool:
    end = time.monotonic() + 30
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def test_results_and_errors_come_back() -> None:
    before = children()
    with BoundedExecutor(2, 10) as pool:
        assert list(pool.map(abs, [-1, 2, -3, -4])) == [1, 2, 3, 4]
        with pytest.raises(ValueError, match="x"):
            pool.submit(int, "x").result()
        assert len(children() - before) == 2
    assert children() == before
    with pytest.raises(RuntimeError, match="shut down"):
        pool.submit(abs, 1)


def test_an_error_that_cannot_be_read_back_costs_its_call_alone() -> None:
    with BoundedExecutor(1, 10) as pool:
        with pytest.raises(BrokeOff):
            pool.submit(raise_needs_two).result(60)
        assert pool.submit(abs, -1).result(60) == 1


def test_a_call_over_its_time_ends_alone() -> None:
    with BoundedExecutor(2, 1) as pool:
        slow = [pool.submit(spin), pool.submit(spin_in_c)]
        quick = [pool.submit(abs, -n) for n in range(20)]
        assert [q.result() for q in quick] == list(range(20))
        for call in slow:
            with pytest.raises(TooSlow, match="more than 1 seconds"):
                call.result()


def test_calls_handed_over_ahead_of_one_that_ends_its_process_are_computed() -> None:
    long = "x" * (2 * MOST_AHEAD)
    with BoundedExecutor(2, 10) as pool:
        calls = [pool.submit(os._exit if n % 7 == 3 else abs, n) for n in range(40)]
        calls += [pool.submit(len, long[n:]) for n in range(20)]
        for n, call in enumerate(calls[:40]):
            if n % 7 == 3:
                with pytest.raises(BrokeOff):
                    call.result()
            else:
                assert call.result() == n
        assert [call.result() for call in calls[40:]] == [len(long) - n for n in range(20)]


def test_a_call_over_its_memory_or_with_a_fault_ends_alone() -> None:
    with BoundedExecutor(1, 10) as pool:
        with pytest.raises(MemoryError):
            pool.submit(hoard).result()
        with pytest.raises(BrokeOff):
            pool.submit(os._exit, 3).result()
        with pytest.raises(BrokeOff):
            pool.submit(os.abort).result()
        assert pool.submit(abs, -5).result() == 5


def test_shutting_down_does_not_wait_for_a_call_under_way() -> None:
    pool = BoundedExecutor(1, 300)
    before = children()
    call = pool.submit(spin)
    while not children() - before:
        time.sleep(0.01)
    pool.shutdown()
    with pytest.raises(BrokeOff):
        call.result()
    assert children() == before


def test_a_forgotten_executor_leaves_no_process() -> None:
    before = children()
    pool = BoundedExecutor(1, 10)
    assert pool.submit(abs, -1).result() == 1
    left = children() - before
    assert len(left) == 1
    del pool
    gc.collect()
    assert gone(left)


def test_killing_the_program_ends_its_processes() -> None:
    script = (
        "import time; from monitor.bounded import BoundedExecutor; from tests.unit.test_bounded import children\n"
        "pool = BoundedExecutor(2, 10); [pool.submit(time.sleep, 0).result() for _ in range(2)]\n"
        "print(*children(), flush=True); time.sleep(600)"
    )
    program = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    with program:
        pids = {int(pid) for pid in program.stdout.readline().split()}
        program.send_signal(signal.SIGKILL)
    assert pids
    assert gone(pids)
