"""The worker: ends loops when stopped, and outlives a failing job."""

import threading

from monitor.worker import UntilStopped, jobs


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
    assert [job.name for job in jobs()] == ["poll", "ingest", "tag", "score", "summarise"]
