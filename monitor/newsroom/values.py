"""What the sample newsroom consists of: outlets, articles, and what is true of each article.

Values only. Titles depend on the instant they are read at, because outlets edit headlines; addresses
depend on the data and the port alone, so that the same article has the same address in every run.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from monitor.values import SAMPLE_NOTE, FeedSpec, Mistake

FeedFormat = Literal["rss2", "atom", "rss1"]
Layout = Literal["grid", "classic", "block", "none"]
Direction = Literal["risk", "neutral", "progress"]

FEED_PATHS: dict[FeedFormat, str] = {
    "rss2": "/feed.xml",
    "atom": "/atom.xml",
    "rss1": "/rss.rdf",
}


@dataclass(frozen=True, slots=True)
class Outlet:
    """One invented publisher, served under a host name of its own."""

    id: str
    title: str
    lang: Literal["fi", "sv"]
    group: str  # publisher group: copies within it count once
    home: tuple[str, ...]  # regions it reports on; () is national
    kind: str  # as in feeds.yaml
    format: FeedFormat
    page: Layout  # "none": the feed is all there is
    behaviour: str  # name in monitor.newsroom.behaviour

    @property
    def host(self) -> str:
        return f"{self.id}.localhost"

    @property
    def feed_path(self) -> str:
        return FEED_PATHS[self.format]

    def base(self, port: int) -> str:
        """Address of the front page, without a slash at its end."""
        return f"http://{self.host}:{port}"


@dataclass(frozen=True, slots=True)
class Truth:
    """What a careful annotator would say of an article."""

    relevant: bool
    regions: tuple[str, ...]  # where it happens
    mentioned: tuple[str, ...]  # named, but it is not about them
    national: bool
    topics: tuple[str, ...]  # main one first; () where not relevant
    direction: Direction | None  # None where not relevant


@dataclass(frozen=True, slots=True)
class HeadlineEdit:
    """The outlet changed the headline."""

    at: datetime
    title: str


@dataclass(frozen=True, slots=True)
class SampleArticle:
    """One invented article at one outlet."""

    id: str  # a001-2: second article of event a001; a001-2c1: its first copy
    event: str
    outlet: str
    path: str  # below the outlet's host; "" where the outlet has no pages
    published: datetime  # aware UTC
    lang: Literal["fi", "sv"]
    title: str  # as first published
    lead: str
    paragraphs: tuple[str, ...]
    author: str  # "" where the outlet names none
    paywall: bool
    truth: Truth
    edit: HeadlineEdit | None = None
    copy_of: str | None = None  # id of the article it repeats

    def title_at(self, instant: datetime) -> str:
        """The headline a reader sees at `instant`."""
        return self.edit.title if self.edit and self.edit.at <= instant else self.title

    def changed_at(self, instant: datetime) -> datetime:
        """When what a reader sees at `instant` last changed."""
        return self.edit.at if self.edit and self.edit.at <= instant else self.published

    def address(self, port: int) -> str:
        """Where its page is; the outlet's front page where it has none."""
        return f"http://{self.outlet}.localhost:{port}{self.path}"


@dataclass(frozen=True, slots=True)
class Newsroom:
    """All outlets and articles, past and to come, and the files that could not be used."""

    outlets: tuple[Outlet, ...]
    articles: tuple[SampleArticle, ...]  # by time of publication
    mistakes: tuple[Mistake, ...] = ()

    def feeds(self, port: int) -> tuple[FeedSpec, ...]:
        """The outlets' feeds, as a feeds.yaml would list them."""
        return tuple(
            FeedSpec(
                o.id,
                o.base(port) + o.feed_path,
                o.title,
                o.lang,
                o.home,
                o.group,
                o.kind,
                SAMPLE_NOTE,
            )
            for o in self.outlets
        )
