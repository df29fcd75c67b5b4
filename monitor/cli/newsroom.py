"""`tilannekuva newsroom`: serve the sample newsroom, or a captured one, for a person to look at."""

import signal
import threading
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import click

from monitor.cli.parameters import PORT, Moment


@click.command("newsroom")
@click.option(
    "--port", type=PORT, default=8766, show_default=True, help="Port to listen on; 0 picks one."
)
@click.option(
    "--now",
    type=Moment(),
    default="2026-11-16T06:00",
    show_default=True,
    help="The moment it shows, in Helsinki time: what was published by then, with the headlines of then.",
)
@click.option(
    "--captured",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Serve a folder of captured feeds and pages instead.",
)
def newsroom_command(port: int, now: datetime, folder: Path | None) -> None:
    """Serve the sample newsroom on 127.0.0.1 until Ctrl-C.

    Its outlets and articles are invented. Each outlet has a host name of its own, such as
    http://kaiku-fi.localhost:8766/; the index of them all is on http://127.0.0.1:8766/.
    Its time stands still at --now. The captured newsroom shows everything at any time.
    """
    with ExitStack() as stack:
        lines = _captured(folder, port, stack) if folder else _sample(now, port, stack)
        for line in lines:
            click.echo(line)
        click.echo("serving until Ctrl-C")
        _wait()
    click.echo("stopped")


def _sample(now: datetime, port: int, stack: ExitStack) -> list[str]:
    from monitor.clock import ManualClock
    from monitor.newsroom.load import load_newsroom
    from monitor.newsroom.server import NewsroomServer

    newsroom = load_newsroom()
    for mistake in newsroom.mistakes:
        click.echo(str(mistake), err=True)
    server = stack.enter_context(NewsroomServer(newsroom, ManualClock(now), port, "--port"))
    feeds = [f"{feed.id:<15} {feed.url}" for feed in server.feeds()]
    return [f"index of outlets: {server.address}", *feeds]


def _captured(folder: Path, port: int, stack: ExitStack) -> list[str]:
    from monitor.newsroom.captured import CapturedNewsroom

    newsroom = CapturedNewsroom(folder)
    server = stack.enter_context(newsroom.serve(port, "--port"))
    pages = len(newsroom.addresses()) - len(newsroom.feeds())
    return [
        f"captured newsroom at {server.address}: {pages} pages, hosts {', '.join(server.hosts)}",
        *(f"{feed.id:<17} {feed.url}" for feed in newsroom.feeds()),
        f"ask with the page's own host, for instance: curl --connect-to ::127.0.0.1:{server.port} URL",
    ]


def _wait() -> None:
    """Until SIGINT or SIGTERM; both are an orderly end."""
    stopped = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: stopped.set())
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    stopped.wait()
    for number, handler in before.items():
        signal.signal(number, handler)
