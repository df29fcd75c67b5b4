"""A poll that is killed at any moment loses nothing and repeats nothing."""

import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from aiohttp import web
from sqlmodel import select

from monitor.clock import ManualClock
from monitor.db.engine import migrate, open_engine, reading
from monitor.db.tables import EntryRow, OutcomeRow, PollRow
from monitor.feeds.poll import sync_feeds
from monitor.values import FeedSpec
from tests.conftest import NOW, ROOT
from tests.loopback import Loopback

FEEDS, ITEMS, KILLS = 120, 10, 5
POLL = """
import sys
from datetime import datetime
from monitor import logs
from monitor.clock import ManualClock
from monitor.db.engine import open_engine
from monitor.feeds.poll import poll_due
from monitor.fetch.client import Fetcher, Limits
from monitor.settings import load_settings
logs.configure("ERROR")
engine = open_engine(sys.argv[1])
sys.stdout.write("ready\\n")
sys.stdout.flush()
with Fetcher(Limits(), "test", allow_private=True) as fetcher:
    poll_due(engine, fetcher, ManualClock(datetime.fromisoformat(sys.argv[2])),
             load_settings({}, parse_processes=2), strict=True)
"""


def body(number: int) -> bytes:
    items = "".join(
        f"<item><guid>{n}</guid><title>Uutinen {number}/{n}</title></item>" for n in range(ITEMS)
    )
    return f'<rss version="2.0"><channel>{items}<item/></channel></rss>'.encode()


@pytest.mark.slow
def test_every_entry_has_one_outcome_after_kills(tmp_path: Path) -> None:
    seed = random.randrange(2**32)  # other moments in every run
    url, rng = f"sqlite:///{tmp_path / 'store.db'}", random.Random(seed)
    engine = open_engine(url)
    migrate(engine)
    with Loopback() as site:
        for number in range(FEEDS):
            site.pages[f"/{number}"] = lambda _, n=number: web.Response(body=body(n))  # type: ignore[misc]
        specs = [
            FeedSpec(f"f{n}", site.url(f"/{n}", f"h{n}.localhost"), "F", "fi", (), "g", "daily")
            for n in range(FEEDS)
        ]
        sync_feeds(engine, specs, ManualClock(NOW)())
        for kill in range(KILLS + 1):
            process = subprocess.Popen(
                [sys.executable, "-c", POLL, url, NOW.isoformat()],
                cwd=ROOT, stdout=subprocess.PIPE,
            )  # fmt: skip
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            if kill < KILLS:
                time.sleep(rng.uniform(0.0, 1.0))
                process.kill()
            assert process.wait() in (0, -9)
            process.stdout.close()
    with reading(engine) as session:
        polls = Counter(session.exec(select(PollRow.feed_id)))
        entries = Counter(session.exec(select(EntryRow.feed_id)))
        told = Counter(item.partition("|")[0] for item in session.exec(select(OutcomeRow.item)))
    engine.dispose()
    names = [spec.id for spec in specs]
    assert polls == dict.fromkeys(names, 1), f"seed {seed}"
    assert entries == dict.fromkeys(names, ITEMS), f"seed {seed}"
    assert told == dict.fromkeys(names, ITEMS + 1), f"seed {seed}"  # and the rejected item
