"""The service as a process: polls a loopback newsroom on its own, and stops cleanly."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from sqlalchemy import inspect

from monitor.clock import system_clock
from monitor.db.engine import open_engine, reading, transaction
from monitor.db.people import add_user
from monitor.db.sessions import open_session
from monitor.db.tables import SummaryRow
from monitor.db.tally import tally
from monitor.newsroom.load import load_newsroom
from monitor.newsroom.server import NewsroomServer
from tests.conftest import ROOT
from tests.flow.test_demo import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
FEEDS = ("kymiviesti", "kustposten", "vanhalehti")


@pytest.fixture
def newsroom(tmp_path: Path) -> Iterator[Path]:
    """Three outlets on loopback, and the feeds.yaml that lists them."""
    with NewsroomServer(load_newsroom(), system_clock, 0) as server:
        entries = [
            {
                "id": spec.id,
                "url": spec.url,
                "title": spec.title,
                "lang": spec.lang,
                "home": list(spec.home),
                "group": spec.group,
                "kind": spec.kind,
            }
            for spec in server.feeds()
            if spec.id in FEEDS
        ]
        file = tmp_path / "feeds.yaml"
        file.write_text(yaml.safe_dump({"feeds": entries}, allow_unicode=True), encoding="utf-8")
        yield file


def start(feeds: Path, port: int) -> subprocess.Popen[str]:
    folder = feeds.parent
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("TILANNEKUVA_")},
        "TILANNEKUVA_DATABASE_URL": f"sqlite:///{folder / 'store.db'}",
        "TILANNEKUVA_OUTPUT_DIR": str(folder / "summaries"),
        "TILANNEKUVA_FEEDS_FILE": str(feeds),
        "TILANNEKUVA_ALLOW_PRIVATE_ADDRESSES": "true",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "monitor", "run", "--port", str(port)],
        cwd=ROOT,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def wait_until(done: Callable[[], bool], seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it did not come to pass in time"
        time.sleep(0.5)


def tagged(store: Path) -> int:
    if not store.exists():
        return 0
    engine = open_engine(f"sqlite:///{store}")
    try:
        with reading(engine) as session:
            # the process may not have come further than making the file
            ready = inspect(session.connection()).has_table(SummaryRow.__tablename__)
            return tally(session).articles_tagged if ready else 0
    finally:
        engine.dispose()


def _session(store: Path) -> str:
    """The secret of a session of a viewer, opened beside the running service."""
    engine = open_engine(f"sqlite:///{store}")
    try:
        with transaction(engine) as session:
            viewer = add_user(
                session, "lukija", "Lukija", "viewer", "fi", who="test", at=system_clock()
            )
            assert viewer is not None
            return open_session(session, viewer.id, system_clock(), "link", "test")
    finally:
        engine.dispose()


def test_it_polls_tags_serves_and_stops_cleanly_on_sigterm(newsroom: Path) -> None:
    port = free_port()
    process = start(newsroom, port)
    try:
        store = newsroom.parent / "store.db"
        wait_until(lambda: process.poll() is not None or tagged(store) > 10)
        address = f"http://127.0.0.1:{port}/feeds"
        asked = urllib.request.Request(address, headers={"Cookie": f"session={_session(store)}"})
        with urllib.request.urlopen(asked) as answer:
            page = answer.read().decode()
    finally:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, out + err
    assert out.rstrip().endswith("stopped")
    assert '"event": "worker_stopped"' in err
    assert "Traceback" not in err
    assert "Kymiviesti" in page


def test_a_broken_entry_of_feeds_yaml_is_named_and_the_rest_is_polled(newsroom: Path) -> None:
    text = newsroom.read_text(encoding="utf-8")
    newsroom.write_text(text.replace("lang: sv", "lang: klingon"), encoding="utf-8")
    process = start(newsroom, free_port())
    store = newsroom.parent / "store.db"
    try:
        wait_until(lambda: process.poll() is not None or tagged(store) > 0)
    finally:
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "kustposten" in out
    assert "klingon" in out
