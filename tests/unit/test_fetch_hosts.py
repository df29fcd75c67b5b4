"""Turns: requests to one host begin apart, those to others do not wait for them."""

import asyncio
from time import monotonic

from monitor.fetch.hosts import MOST_HOSTS, Paces, Turns


async def begun(turns: Turns, hosts: list[str]) -> dict[str, list[float]]:
    loop = asyncio.get_running_loop()
    found: dict[str, list[float]] = {host: [] for host in hosts}

    async def ask(host: str) -> None:
        async with turns.at(host):
            found[host].append(loop.time())

    await asyncio.gather(*(ask(host) for host in hosts))
    return found


def apart(times: list[float], start: float, spacing: float) -> bool:
    """Whether none began before its turn, counted from `start`: a busy machine makes it later, never sooner."""
    return all(at - start > n * spacing - 0.005 for n, at in enumerate(times))


def test_turns_at_one_host_begin_apart_and_others_do_not_wait() -> None:
    turns, start = Turns(concurrency=8, per_host=2, spacing=0.05), monotonic()
    found = asyncio.run(begun(turns, ["a.example"] * 4 + ["b.example"]))
    times = sorted(found["a.example"])
    assert apart(times, start, 0.05)
    assert found["b.example"][0] < times[1]


def test_names_of_this_machine_are_not_spaced() -> None:
    turns = Turns(concurrency=8, per_host=2, spacing=60)
    found = asyncio.run(begun(turns, ["x.localhost"] * 5 + ["127.0.0.1"] * 5))
    assert len(found["x.localhost"]) == len(found["127.0.0.1"]) == 5


def test_a_host_that_asks_for_patience_is_spaced_so_in_the_next_batch_too() -> None:
    paces, start = Paces(), monotonic()
    turns = Turns(concurrency=8, per_host=2, paces=paces)
    turns.slow("a.example", 0.08)
    first = asyncio.run(begun(turns, ["a.example", "b.example", "b.example"]))
    again = asyncio.run(begun(Turns(8, 2, paces=paces), ["a.example"] * 2))
    times = [*first["a.example"], *sorted(again["a.example"])]
    assert apart(times, start, 0.08)


def test_hosts_that_may_be_asked_now_are_forgotten_and_the_others_wait_on() -> None:
    paces = Paces()
    paces.reserve("slow.example", 1_000_000.0, 0.0)
    for n in range(2 * MOST_HOSTS):
        paces.reserve(f"h{n}.example", 0.5, float(n))
    assert len(paces) <= MOST_HOSTS
    assert paces.reserve("slow.example", 1.0, 20_000.0)[0] == 1_000_000.0


def test_a_turn_says_the_delay_it_was_kept_by() -> None:
    turns = Turns(concurrency=8, per_host=2)

    async def kept() -> list[float]:
        found = []
        for _ in range(2):
            async with turns.at("a.example") as delay:
                found.append(delay)
                turns.slow("a.example", 0.01)
        return found

    assert asyncio.run(kept()) == [0.0, 0.01]
