"""Turns: requests to one host begin apart, those to others do not wait for them."""

import asyncio
from itertools import pairwise

from monitor.fetch.hosts import Turns


async def begun(turns: Turns, hosts: list[str]) -> dict[str, list[float]]:
    loop = asyncio.get_running_loop()
    found: dict[str, list[float]] = {host: [] for host in hosts}

    async def ask(host: str) -> None:
        async with turns.at(host):
            found[host].append(loop.time())

    await asyncio.gather(*(ask(host) for host in hosts))
    return found


def test_turns_at_one_host_begin_apart_and_others_do_not_wait() -> None:
    turns = Turns(concurrency=8, per_host=2, spacing=0.05)
    found = asyncio.run(begun(turns, ["a.example"] * 4 + ["b.example"]))
    times = sorted(found["a.example"])
    assert all(later - earlier > 0.04 for earlier, later in pairwise(times))
    assert found["b.example"][0] < times[1]


def test_names_of_this_machine_are_not_spaced() -> None:
    turns = Turns(concurrency=8, per_host=2, spacing=60)
    found = asyncio.run(begun(turns, ["x.localhost"] * 5 + ["127.0.0.1"] * 5))
    assert len(found["x.localhost"]) == len(found["127.0.0.1"]) == 5
