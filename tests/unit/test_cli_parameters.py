"""Wrong arguments of the command line are a sentence and exit code 2, never a traceback."""

import socket
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from classifiers.reference import Reference
from monitor.app import make_app
from monitor.cli.main import cli
from monitor.cli.parameters import KnownAt, region_code
from monitor.clock import ManualClock
from monitor.db.engine import reading
from monitor.db.feeds import feed_states
from monitor.errors import InputFileError, PortInUse, SettingsError
from monitor.pipeline import read_feeds
from monitor.service import listen
from monitor.settings import load_settings
from monitor.values import FeedStatus
from tests.conftest import NOW

FEED = """feeds:
  - {id: lehti, url: "http://lehti.example/rss", title: Lehti, lang: fi, home: ["10"], group: lehti, kind: daily}
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["demo", "--newsroom-port", "99999"],
        ["demo", "--now", "tomorrow"],
        ["demo", "--now", "9999-12-31T06:00"],
        ["demo", "--now", "2026-11-16T06:00Z"],
        ["score", "show", "--week", "2026-W46", "--as-of", "2026-11-16T06:00+00:00"],
        ["demo", "--newsroom", "/no/such/folder"],
        ["newsroom", "--port", "-1"],
        ["run", "--port", "many"],
        ["extract"],
        ["extract", "/no/such/page.html", "--url", "http://lehti.example/1"],
        ["score", "show", "--week", "2026-46"],
        ["score", "run", "--week", "9999-W52"],
        ["summary", "write", "--week", "0001-W01"],
        ["readiness", "undo", "99999999999999999999"],
        ["readiness", "export", "--known", "9999-12-31"],
        ["readiness", "roadmap", "--as-of", "9999-12-31"],
        ["articles", "show", "99999999999999999999"],
        ["articles", "merge", "1", "2", "--why", " ", "--by", "Maija"],
        ["articles", "remove", "1", "--why", "pyydettiin", "--by", ""],
        ["train", "--task", "weather"],
    ],
)
def test_wrong_arguments(arguments: list[str]) -> None:
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 2, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert result.output.strip()


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-11-16", "2026-11-16T21:59:59.999999+00:00"),  # whatever was imported that day counts
        ("2026-06-16", "2026-06-16T20:59:59.999999+00:00"),
        ("2026-11-16T12:00", "2026-11-16T10:00:00+00:00"),
        ("2026-11-16 12:00", "2026-11-16T10:00:00+00:00"),
    ],
)
def test_what_was_known_on_a_day_is_what_was_known_at_its_end_in_helsinki(
    said: str, meant: str
) -> None:
    found = KnownAt().convert(said, None, None)
    assert found == datetime.fromisoformat(meant)
    assert f"{found:%Y-%m-%d}" == said[:10]


@pytest.mark.parametrize(
    "name", ["07", "7", "Kanta-Häme", "egentliga tavastland", "Kanta-Hämeen hyvinvointialue"]
)
def test_a_region_is_found_by_code_and_every_name(reference: Reference, name: str) -> None:
    assert region_code(name, reference) == "07"


def test_a_host_that_is_not_ours_is_no_port_in_use() -> None:
    with pytest.raises(SettingsError, match="no address of this machine"):
        listen("no-such-host.invalid", 0)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PortInUse):
            listen("127.0.0.1", taken.getsockname()[1])


def test_a_lost_feeds_file_removes_no_feed(tmp_path: Path) -> None:
    file = tmp_path / "feeds.yaml"
    file.write_text(FEED, encoding="utf-8")
    settings = load_settings({}, database_url=f"sqlite:///{tmp_path / 'store.db'}", feeds_file=file)
    app = make_app(settings, clock=ManualClock(NOW))
    assert read_feeds(app) == ()
    for spoilt in ("", ": : :", "feeds: []\nnews: 1\n"):
        file.write_text(spoilt, encoding="utf-8")
        with pytest.raises(InputFileError, match=r"feeds\.yaml"):
            read_feeds(app)
    file.unlink()
    with pytest.raises(InputFileError, match=r"feeds\.yaml"):
        read_feeds(app)
    with reading(app.engine) as session:
        assert [state.status for state in feed_states(session)] == [FeedStatus.ACTIVE]
