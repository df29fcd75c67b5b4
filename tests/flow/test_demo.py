"""The demo as a user runs it: a process, real HTTP on loopback, killed and run again."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from monitor.db.engine import open_engine, reading
from monitor.db.tally import Tally, discrepancies, tally
from monitor.values import Stage
from tests.conftest import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start(folder: Path, port: int, *options: str) -> subprocess.Popen[str]:
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("TILANNEKUVA_")},
        "TILANNEKUVA_DATABASE_URL": f"sqlite:///{folder / 'demo.db'}",
        "TILANNEKUVA_OUTPUT_DIR": str(folder / "summaries"),
        "TILANNEKUVA_LOG_LEVEL": "WARNING",
    }
    command = [sys.executable, "-m", "monitor", "demo", "--newsroom-port", str(port), *options]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def counts(folder: Path) -> Tally:
    engine = open_engine(f"sqlite:///{folder / 'demo.db'}")
    try:
        with reading(engine) as session:
            return tally(session)
    finally:
        engine.dispose()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int, str]:
    """A demo played without interruption: its folder, its newsroom's port, what it printed."""
    folder, port = tmp_path_factory.mktemp("whole"), free_port()
    process = start(folder, port, "--check")
    out, err = process.communicate()
    assert process.returncode == 0, out + err
    return folder, port, out


def test_every_stage_produces_and_the_counts_add_up(whole: tuple[Path, int, str]) -> None:
    folder, _, out = whole
    done = counts(folder)
    assert discrepancies(done) == ()
    assert done.pending == 0
    assert done.articles >= 300
    assert done.stages[Stage.TAG]["relevant"] > 100
    assert done.flags > 0
    assert done.scores == 6 * 23 * 6
    assert f"{done.articles}" in out


def test_every_trouble_of_the_newsroom_is_an_outcome_and_stops_only_itself(
    whole: tuple[Path, int, str],
) -> None:
    engine = open_engine(f"sqlite:///{whole[0] / 'demo.db'}")
    with reading(engine) as session:
        from sqlmodel import select

        from monitor.db.tables import FeedRow, PollRow

        feeds = {f.id: f for f in session.exec(select(FeedRow)).all()}
        failed = {
            p.feed_id
            for p in session.exec(select(PollRow).where(PollRow.outcome == "failed")).all()
        }
    engine.dispose()
    assert feeds["vanhalehti"].status == "gone"
    assert feeds["kadonnut"].failures > 0
    assert feeds["keskimaa"].moved_to is not None
    assert feeds["keskimaa"].last_success is not None
    assert {"vanhalehti", "kadonnut", "rikkinainen", "paakaupunki"} <= failed
    assert feeds["paakaupunki"].last_success is not None  # too busy at first, heard afterwards
    assert len([f for f in feeds.values() if f.last_success]) >= len(feeds) - 3


def test_the_summary_is_written_in_every_language(whole: tuple[Path, int, str]) -> None:
    folder = whole[0] / "summaries" / "2026-W46" / "draft"
    summary = json.loads((folder / "draft-summary.json").read_text(encoding="utf-8"))
    assert len(summary["regions"]) == 23
    for language in ("fi", "sv", "en"):
        page = (folder / f"draft-summary-full.{language}.html").read_text(encoding="utf-8")
        assert f'<html lang="{language}"' in page


def test_a_second_demo_adds_nothing(whole: tuple[Path, int, str]) -> None:
    folder, port, _ = whole
    before = counts(folder)
    files = {p: p.read_bytes() for p in (folder / "summaries").rglob("*.*")}
    process = start(folder, port, "--check")
    out, err = process.communicate()
    assert process.returncode == 0, out + err
    assert counts(folder) == before
    assert {p: p.read_bytes() for p in (folder / "summaries").rglob("*.*")} == files


def test_killed_at_any_moment_it_loses_and_repeats_nothing(
    whole: tuple[Path, int, str], tmp_path: Path
) -> None:
    """kill -9 five times at random moments, then run to the end: the store equals an unbroken run's."""
    seed = random.randrange(2**32)  # other moments in every run
    moments = random.Random(seed)
    expected = counts(whole[0])
    port = whole[1]
    for _ in range(5):
        process = start(tmp_path, port, "--check")
        time.sleep(moments.uniform(1.0, 9.0))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    process = start(tmp_path, port, "--check")
    out, err = process.communicate()
    assert process.returncode == 0, out + err
    done = counts(tmp_path)
    assert discrepancies(done) == (), f"seed {seed}"
    assert done.articles == expected.articles, f"seed {seed}"
    assert done.entries == expected.entries
    assert done.stages[Stage.INGEST] == expected.stages[Stage.INGEST]
    assert done.stages[Stage.STORY] == expected.stages[Stage.STORY]
    assert done.claims == expected.claims
    assert done.scores == expected.scores


def test_another_port_on_the_same_store_is_refused_and_changes_nothing(
    whole: tuple[Path, int, str],
) -> None:
    folder, _, _ = whole
    before = counts(folder)
    process = start(folder, free_port(), "--check")
    _, err = process.communicate()
    assert process.returncode == 2
    assert "--newsroom-port" in err
    assert counts(folder) == before


def test_a_port_in_use_is_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = start(tmp_path, port, "--check")
        _, err = process.communicate()
    assert process.returncode == 2
    assert f"port {port} is in use" in err
    assert "Traceback" not in err
