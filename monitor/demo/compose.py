"""Sets the demo's stage: which newsroom, which clock, which store, and how it is shown afterwards.

The newsroom is served on loopback by a thread of this process and reads the same clock as the
application, so it shows what would have been on line then.
"""

import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from monitor.app import App, make_app
from monitor.clock import HELSINKI, ManualClock, running_from
from monitor.db.engine import transaction
from monitor.db.people import add_user, find_account
from monitor.demo.play import Played, Programme, play
from monitor.newsroom.captured import CapturedNewsroom
from monitor.newsroom.load import DEMO_END, DEMO_START, load_newsroom
from monitor.newsroom.server import NewsroomServer
from monitor.people.signin import new_link
from monitor.people.values import User
from monitor.progress import Shown
from monitor.service import listen, serve_on
from monitor.settings import Settings, load_settings
from monitor.weeks import previous, week_of, weeks_between
from monitor.worker import Worker

CAPTURED_WEEKS = 6
DEMO_NAME = "demo"
WHILE_SHOWN = ("search", "rescore", "prepare")
"""What people's decisions set off; nothing more is polled."""


@dataclass(frozen=True)
class Production:
    """A demo ready to be played and shown."""

    app: App
    clock: ManualClock
    programme: Programme
    intro: str

    def play(self) -> Played:
        """Run every round."""
        return play(self.app, self.clock, self.programme)

    def show(self, *, open_page: bool, announce: Callable[[str], object]) -> None:
        """Serve the web page until stopped. The clock goes on from the demo's end.

        One person is let in, as an administrator, by a link that works once; on loopback only.
        """
        app = replace(self.app, clock=running_from(self.clock()))
        settings = app.settings
        listener = listen(settings.web_host, settings.web_port)
        address = f"http://{settings.web_host}:{listener.getsockname()[1]}/"
        announce(f"the newsroom and the web page stay up until Ctrl-C; they are at {address}")
        if is_loopback(settings.web_host):
            address += f"login/link/{new_link(app, demo_user(app).id, DEMO_NAME)}"
            announce(f"sign in with this link, once, within a quarter of an hour: {address}")
        else:
            announce("not on loopback: `tilannekuva users add` makes who may sign in")
        if open_page:
            webbrowser.open(address)
        worker = Worker(app, WHILE_SHOWN)
        worker.start()
        try:
            serve_on(app, listener)
        finally:
            worker.stop()
        announce("stopped; `make demo` again continues from here")


def is_loopback(host: str) -> bool:
    """Whether nobody but this machine reaches `host`."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def demo_user(app: App) -> User:
    """The demo's one account, made where there is none. It has no password."""
    with transaction(app.engine) as session:
        found = find_account(session, DEMO_NAME)
        made = found.user if found else None
        made = made or add_user(
            session,
            DEMO_NAME,
            "Demo",
            "admin",
            app.settings.language,
            who=DEMO_NAME,
            at=app.clock(),
        )
    assert made is not None
    return made


@contextmanager
def stage(
    folder: Path | None, now: datetime | None, newsroom_port: int, web_port: int | None
) -> Iterator[Production]:
    """A production of the sample newsroom, or of the captured one in `folder`.

    Raises PortInUse, StoreError, InputFileError.
    """
    settings = demo_settings("demo" if folder is None else "captured", web_port)
    build = _sample if folder is None else _captured
    with build(settings, folder, now, newsroom_port) as production:
        yield production
        production.app.engine.dispose()


def demo_settings(name: str, web_port: int | None) -> Settings:
    """Settings of a demo: a store of its own, and loopback allowed, because its newsroom is there."""
    given = load_settings()
    own: dict[str, object] = {"allow_private_addresses": True}
    if "database_url" not in given.model_fields_set:
        own["database_url"] = f"sqlite:///var/{name}.db"
    if "output_dir" not in given.model_fields_set:
        own["output_dir"] = Path("var") / f"summaries-{name}"
    if "log_level" not in given.model_fields_set:
        own["log_level"] = "WARNING"  # the account tells what was done; the log would bury it
    if web_port is not None:
        own["web_port"] = web_port
    return given.model_copy(update=own)


@contextmanager
def _sample(
    settings: Settings, _folder: Path | None, now: datetime | None, port: int
) -> Iterator[Production]:
    newsroom = load_newsroom()
    end = now or DEMO_END
    clock = ManualClock(min(DEMO_START, end))
    with NewsroomServer(newsroom, clock, port) as server:
        app = make_app(settings, clock=clock, progress=Shown())
        programme = Programme(
            feeds=server.feeds(),
            first=DEMO_START,
            last=end,
            step=timedelta(days=1),
            weeks=weeks_between(week_of(DEMO_START), previous(week_of(end))),
            sample_readiness=True,
        )
        yield Production(app, clock, programme, _intro(len(newsroom.articles), server, end))


def _intro(articles: int, server: NewsroomServer, end: datetime) -> str:
    stands = end.astimezone(HELSINKI).strftime("%d.%m.%Y %H:%M")
    return (
        f"sample newsroom: {len(server.feeds())} invented outlets, {articles} invented articles, "
        f"at {server.address}; the demo's clock runs to {stands} in Helsinki"
    )


@contextmanager
def _captured(
    settings: Settings, folder: Path | None, now: datetime | None, port: int
) -> Iterator[Production]:
    assert folder is not None
    newsroom = CapturedNewsroom(folder)
    end = now or newsroom.newest + timedelta(hours=12)
    clock = ManualClock(end)
    with newsroom.serve(port) as server:
        app = make_app(settings, clock=clock, progress=Shown(), hosts=server.hosts)
        this = week_of(end)
        programme = Programme(
            feeds=newsroom.feeds(),
            first=end,
            last=end,
            step=timedelta(days=1),
            weeks=tuple(previous(this, n) for n in reversed(range(CAPTURED_WEEKS))),
            sample_readiness=False,
        )
        intro = f"captured newsroom: {folder}, {len(newsroom.feeds())} feeds, at {server.address}"
        yield Production(app, clock, programme, intro)
