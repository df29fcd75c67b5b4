"""Milliseconds of every page while twenty users walk them all, on a store as large as a year makes it.

    python -m bench.big_store
    python -m bench.web_load [--database URL] [--users N] [--think S] [--seconds S] [--workers N]

The server is a process of its own, as `tilannekuva run` makes it but for the worker and the clock, which
stands where the store's year ends. The users share the machine with it: what they measure they also slow. Beside
every page stands `/healthz` of the same server under the same load, which asks the store for nothing.
Users think between two pages, an exponential time; without thinking the pages per second are what the
machine bears. One more person decides cards of the queue meanwhile, and takes each decision back; where
the search index is filled, half of /articles' addresses are searches, told apart as `/articles?q=`.
"""

import asyncio
import math
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from bench.measures.web_addresses import SEARCH, Addresses
from bench.measures.web_decide import DECIDE, UNDO, cards, decide
from bench.measures.web_walk import Connection, Measured, percentile, walk
from monitor.app import App, make_app
from monitor.clock import ManualClock
from monitor.db.engine import transaction
from monitor.db.keys import add_key
from monitor.db.people import add_user, find_account
from monitor.db.sessions import open_session
from monitor.people.tokens import form_token
from monitor.settings import Settings, load_settings
from monitor.web.app import make_web
from monitor.weeks import week_bounds

BAR = 150  # milliseconds, of every page's 95th percentile
BARS = {DECIDE: 100, UNDO: 100, SEARCH: 200}  # of these
LAST_WEEK = "2026-W46"
REFERENCE = "/healthz"
COOKIE = "session"  # of a signed-in browser over http


@click.command()
@click.option("--database", default="sqlite:///var/big-1000000.db", show_default=True)
@click.option("--users", default=20, show_default=True)
@click.option(
    "--think", default=5.0, show_default=True, help="Seconds between two pages of a user."
)
@click.option("--seconds", default=120.0, show_default=True, help="How long they walk.")
@click.option(
    "--saturate", default=20.0, show_default=True, help="Seconds without thinking; 0: not at all."
)
@click.option("--only", multiple=True, help="Routes to measure, such as /feeds; all otherwise.")
@click.option(
    "--rounds", default=5, show_default=True, help="Of a single user, before the others come."
)
@click.option("--decisions", default=60, show_default=True, help="Decided while the others walk.")
@click.option("--serve", type=int, hidden=True, help="Serve on this socket.")
def main(
    database: str, users: int, think: float, seconds: float, saturate: float, only: tuple[str, ...],
    rounds: int, decisions: int, serve: int | None,
) -> None:  # fmt: skip
    """Print p50, p95 and slowest of every page; exit code 1 where one misses the bar."""
    app = application(database)
    if serve is not None:
        _serve(app, serve)
        return
    addresses = Addresses(make_web(app), app.engine, app.reference, seed=1)
    if only:
        addresses.pages = [page for page in addresses.pages if page in {*only, REFERENCE}]
    heads = [_signed_in(app, n) for n in range(users + 1)]
    waiting = cards(app.engine, decisions)
    app.engine.dispose()
    with served(database) as (port, pid):
        _one_by_one(port, pid, addresses, heads[0], rounds)
        walks = [addresses.walk] * users
        busy = _busy(pid)
        pace = seconds / max(1, len(waiting)) / 2

        async def together() -> Measured:
            found, sent = Measured(), Measured()
            found, _ = await asyncio.gather(
                walk(port, walks, heads[:users], think, seconds),
                decide(port, heads[users], waiting, pace, sent),
            )
            found.taken.update(sent.taken)
            found.wrong.update(sent.wrong)
            return found

        thinking = asyncio.run(together())
        busy = _busy(pid) - busy
        _tell(thinking, f"{users} users, {think:g} s between two pages", busy)
        if saturate:
            flat = asyncio.run(walk(port, walks, heads[:users], 0, saturate))
            every = [ms for some in flat.taken.values() for ms in some]
            click.echo(
                f"without thinking: {flat.requests / flat.seconds:.1f} pages a second, all pages p50 "
                f"{percentile(every, 0.5):.0f} ms, p95 {percentile(every, 0.95):.0f} ms, n = {len(every)}"
            )
    for page in addresses.unknown:
        click.echo(f"not measured, no value for its parameter: {page}")
    missed = {page: _p95(some) for page, some in thinking.taken.items() if _p95(some) >= _bar(page)}
    for page, p95 in sorted(missed.items(), key=lambda p: -p[1]):
        click.echo(f"MISSED: {page} p95 {p95:.0f} ms, bar {_bar(page)} ms")
    if not missed:
        click.echo(
            f"every bar met: pages {BAR} ms, decisions {BARS[DECIDE]}, search {BARS[SEARCH]}"
        )
    raise SystemExit(1 if missed else 0)


def application(database: str) -> App:
    """The application over the store, at the end of its year."""
    limits = {"api_requests_per_minute": 100_000, "api_burst": 100_000}
    settings: Settings = load_settings(
        {}, database_url=database, extract_processes=0, log_level="WARNING", **limits
    )
    return make_app(settings, clock=ManualClock(week_bounds(LAST_WEEK)[1]))


def _serve(app: App, listener: int) -> None:
    from monitor.service import serve_on

    serve_on(app, socket.socket(fileno=listener))


@contextmanager
def served(database: str) -> Iterator[tuple[int, int]]:
    """Port and process of a server over the store."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(256)
        listener.set_inheritable(True)
        port = listener.getsockname()[1]
        command = [sys.executable, "-m", "bench.web_load", "--database", database]
        server = subprocess.Popen([*command, "--serve", str(listener.fileno())], close_fds=False)
    try:
        _wait(port)
        yield port, server.pid
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)


def _wait(port: int) -> None:
    for _ in range(200):
        try:
            asyncio.run(Connection(port, {}).get(REFERENCE))
        except (OSError, asyncio.IncompleteReadError):
            time.sleep(0.1)
        else:
            return
    raise click.ClickException("the server did not answer within 20 s")


def _signed_in(app: App, number: int) -> dict[str, str]:
    """Headers of one user: a session of the web page, a key of the API."""
    name, now = f"bench-{number}", app.clock()
    with transaction(app.engine) as session:
        _, key = add_key(session, name, "export", "bench", now)
        known = find_account(session, name)
        user = (
            known.user
            if known
            else add_user(session, name, name, "admin", "fi", who="bench", at=now)
        )
        assert user is not None
        secret = open_session(session, user.id, now, "link", "bench")
    return {
        "Authorization": f"Bearer {key}",
        "Cookie": f"{COOKIE}={secret}",
        "X-Token": form_token(secret),
        "X-Part": "card",  # a decision is answered as to the page's script
    }


def _one_by_one(
    port: int, pid: int, addresses: Addresses, headers: Mapping[str, str], rounds: int
) -> None:
    """Every page by a single user, with what it takes of the processor: that is the same on a busy machine.
    The first round also warms what a running server has warm."""

    async def ask() -> tuple[Measured, dict[str, list[float]]]:
        found, busy, connection = Measured(), defaultdict(list), Connection(port, headers)
        for step in (step for _ in range(rounds) for step in addresses.walk()):
            start, before = time.perf_counter(), _busy(pid)
            status, body = await connection.get(step.address)
            found.add(step, status, len(body), (time.perf_counter() - start) * 1000)
            busy[step.page].append((_busy(pid) - before) * 1000)
        connection.close()
        return found, busy

    found, busy = asyncio.run(ask())
    click.echo(
        f"{f'one user alone, {rounds} rounds':<40} {'median':>8} {'processor':>9} {'most':>7} {'first':>8} {'KiB':>6}"
    )
    # a page that a walk met once has its first answer alone
    warm = {page: took[1:] for page, took in busy.items() if len(took) > 1}
    for page, took in sorted(warm.items(), key=lambda p: -statistics.median(p[1])):
        click.echo(
            f"{page:<40} {statistics.median(found.taken[page][1:]):8.1f} {statistics.median(took):9.1f} "
            f"{max(took):7.1f} {busy[page][0]:8.1f} {found.sizes[page] / 1024:6.0f}"
        )
    every = [ms for took in warm.values() for ms in took]
    click.echo(
        f"milliseconds; mean of all pages {statistics.mean(every):.1f} ms of the processor, n = {len(every)}"
    )
    _complain(found)


def _tell(found: Measured, what: str, busy: float) -> None:
    alike = _p95(found.taken.get(REFERENCE) or [math.nan])
    click.echo(f"{what:<40} {'n':>6} {'p50':>7} {'p95':>7} {'max':>7}  p95 as times {REFERENCE}")
    for page, taken in sorted(found.taken.items(), key=lambda p: -_p95(p[1])):
        p95 = _p95(taken)
        mark = "" if p95 < _bar(page) else f"   OVER {_bar(page)} ms"
        click.echo(
            f"{page:<40} {len(taken):>6} {percentile(taken, 0.5):7.1f} {p95:7.1f} {max(taken):7.1f}  "
            f"{p95 / alike:5.1f}{mark}"
        )
    rate, each = found.requests / found.seconds, busy / max(1, found.requests) * 1000
    click.echo(
        f"{found.requests} requests, {rate:.1f} a second; the server's processor {each:.1f} ms each, "
        f"{busy / found.seconds:.0%} of one core"
    )
    _complain(found)


def _bar(page: str) -> int:
    return BARS.get(page, BAR)


def _complain(found: Measured) -> None:
    for page, wrong in found.wrong.items():
        click.echo(f"{page}: {len(wrong)} answers other than 200, such as {wrong[0]}")


def _p95(taken: Sequence[float]) -> float:
    return percentile(taken, 0.95)


def _busy(pid: int) -> float:
    """Processor seconds of all threads of a process, to the microsecond."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


if __name__ == "__main__":
    main()
