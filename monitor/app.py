"""The one composition root: settings in, a ready application out.

Nothing else in the program opens the store, loads models, or makes a fetcher for itself.
"""

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from importlib.metadata import version

import structlog
from sqlalchemy import Engine

from classifiers.persist import VersionError
from classifiers.reference import Reference, load_reference
from classifiers.tagger import Tagger, model_set_id
from monitor import heap, logs
from monitor.bounded import BoundedExecutor
from monitor.clock import Clock, system_clock
from monitor.db.engine import migrate, open_engine
from monitor.db.sites import StoredSites
from monitor.embedding import open_embedder
from monitor.errors import ModelError
from monitor.feeds.readers import Readers, readers_of
from monitor.fetch.client import Fetcher, Limits
from monitor.fetch.hosts import Paces
from monitor.progress import Progress, Silent
from monitor.settings import Settings
from monitor.training.registry import active_versions

VERSION = version("tilannekuva")
_log = structlog.get_logger()


@dataclass(frozen=True)
class App:
    """Everything a use-case needs, made once."""

    settings: Settings
    clock: Clock
    engine: Engine
    reference: Reference
    progress: Progress = field(default_factory=Silent)
    hosts: Mapping[str, tuple[str, int]] = field(default_factory=dict)  # captured sites on loopback
    readers: Executor | None = None  # where pages are read; None: in this process
    parsers: Readers = field(default_factory=lambda: Readers(1))  # where feeds are parsed
    paces: Paces = field(default_factory=Paces)  # of hosts whose robots.txt asks for patience
    loaded: dict[str, Tagger] = field(default_factory=dict)  # model set id -> tagger, one at most

    def fetcher(self) -> Fetcher:
        """A new network edge; a context manager."""
        settings = self.settings
        return Fetcher(
            limits(settings),
            user_agent(settings.contact),
            allow_private=settings.allow_private_addresses,
            hosts=self.hosts,
            book=StoredSites(self.engine),
            clock=self.clock,
            paces=self.paces,
        )

    def interface_fetcher(self) -> Fetcher:
        """A network edge for open data interfaces; a context manager. Nobody is asked for permission:
        robots.txt speaks to crawlers of pages, while these are offered to programs under a licence.
        """
        settings = self.settings
        return Fetcher(
            limits(settings),
            user_agent(settings.contact),
            allow_private=settings.allow_private_addresses,
            clock=self.clock,
        )

    def close(self) -> None:
        """Let go of the store and end the processes that read feeds and pages."""
        self.engine.dispose()
        self.parsers.close()
        if self.readers is not None:
            self.readers.shutdown()

    @property
    def tagger(self) -> Tagger:
        """The active trained versions; loaded anew when others are activated meanwhile.

        Raises ModelError where a version is missing or damaged, SettingsError where the embedder is.
        """
        settings = self.settings
        versions = active_versions(self.engine, settings.models_dir)
        wanted = model_set_id(versions)
        if wanted not in self.loaded:
            self.loaded.clear()
            self.loaded[wanted] = _load_tagger(settings, versions)
        return self.loaded[wanted]


def _load_tagger(settings: Settings, versions: Mapping[str, str]) -> Tagger:
    embedder = open_embedder(settings)
    try:
        tagger = Tagger.load(settings.models_dir, versions, settings.labels_dir, embedder)
    except VersionError as error:
        raise ModelError(str(error)) from error
    for note in tagger.notes:
        _log.warning("embedding_unused", note=note)
    heap.settle()
    return tagger


def make_app(
    settings: Settings,
    *,
    clock: Clock = system_clock,
    progress: Progress | None = None,
    hosts: Mapping[str, tuple[str, int]] | None = None,
) -> App:
    """Open the store, bring its schema up to date, read the label definitions.

    Raises StoreError where the database cannot be used.
    """
    logs.configure(settings.log_level)
    engine = open_engine(settings.database_url)
    migrate(engine)
    reference = load_reference(settings.labels_dir)
    processes = settings.extract_processes
    readers = BoundedExecutor(processes, settings.extract_seconds) if processes else None
    heap.settle()
    return App(
        settings, clock, engine, reference, progress or Silent(), hosts or {}, readers,
        readers_of(settings),
    )  # fmt: skip


def limits(settings: Settings) -> Limits:
    """What the network edge may take of time, bytes and connections."""
    return Limits(
        concurrency=settings.fetch_concurrency,
        per_host=settings.fetch_per_host,
        spacing_seconds=settings.fetch_spacing_seconds,
        timeout_seconds=settings.fetch_timeout_seconds,
        max_bytes=settings.fetch_max_bytes,
    )


def user_agent(contact: str) -> str:
    """The User-Agent of every request: who asks, and how to reach the operator."""
    return f"tilannekuva/{VERSION}" + (f" (+{contact})" if contact else "")
