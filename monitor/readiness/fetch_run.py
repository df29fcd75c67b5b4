"""The use-case: fetch readiness data from open interfaces, and store each answer as an import.

Asks in waves, so that requests to one host keep their distance: Sotkanet's rows, what it says of the
indicator and its list of regions beside the metadata of PxWeb tables; then tables that moved; then the
queries. Each source is taken whole or not at all, in a transaction of its own: one that fails stops only
itself. What an answer means is decided in `sotkanet` and `pxweb`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine

from monitor.clock import HELSINKI, Clock
from monitor.db import readiness as store
from monitor.db import readiness_fetches as fetches
from monitor.db.engine import transaction
from monitor.db.readiness import Provenance
from monitor.fetch.results import TEMPORARY, FailReason, Fetched, FetchFailed, Request, Result
from monitor.logs import get_logger
from monitor.readiness import pxweb, sotkanet
from monitor.readiness.fetch_values import PxwebSource, SotkanetSource, Source, Taken
from monitor.readiness.importers import Batch, Known
from monitor.readiness.run import MAX_BYTES, AlreadyImported, Imported, Refused
from monitor.values import Mistake

_log = get_logger(__name__)

KIND = "indicator"
"""Fetched imports hold what a file of indicators holds."""


class Edge(Protocol):
    """What is needed of the network edge."""

    def fetch_all(self, requests: Iterable[Request]) -> Iterable[Result]: ...


@dataclass(frozen=True, slots=True)
class NotFetched:
    """Nothing usable came back; nothing changed."""

    detail: str  # a sentence for people
    remedy: str
    temporary: bool
    again_after_seconds: float | None = None  # where the server said it


@dataclass(frozen=True, slots=True)
class WouldImport:
    """What a dry run found; nothing changed."""

    taken: Taken


@dataclass(frozen=True, slots=True)
class Answer:
    """A document as it came."""

    body: bytes
    address: str  # of the last hop; "" for a saved one
    fetched_at: datetime | None


Outcome = Imported | AlreadyImported | Refused | NotFetched | WouldImport


@dataclass(frozen=True, slots=True)
class Report:
    """What came of one source."""

    source: Source
    outcome: Outcome
    taken: Taken | None = None  # None where nothing could be read
    body: bytes = b""  # the answer, to be kept by whoever wants to


@dataclass(frozen=True, slots=True)
class _Job:
    """What a run needs besides its sources."""

    engine: Engine
    known: Known
    clock: Clock
    who: str
    dry_run: bool

    @property
    def this_year(self) -> int:
        return self.clock().astimezone(HELSINKI).year


def fetch_sources(
    engine: Engine, edge: Edge, sources: Sequence[Source], who: str, clock: Clock,
    known: Known, *, dry_run: bool = False,
) -> tuple[Report, ...]:  # fmt: skip
    """Fetch `sources` and store what is new; one report each, in their order. A dry run stores nothing.

    `known` is what `readiness.run.names_known` gives. Raises KeyError for a source whose target is none
    of its indicators.
    """
    job = _Job(engine, known, clock, who, dry_run)
    of_sotkanet = [s for s in sources if isinstance(s, SotkanetSource)]
    of_pxweb = [s for s in sources if isinstance(s, PxwebSource)]
    urls = [url for s in of_sotkanet for url in _sotkanet_urls(s, job.this_year)]
    answers = _ask(edge, [Request(u) for u in (*urls, *(_table_urls(s)[0] for s in of_pxweb))])
    reports = {s.id: _sotkanet(job, s, answers) for s in of_sotkanet}
    reports |= _pxweb(job, edge, of_pxweb, answers)
    return tuple(reports[s.id] for s in sources)


def take_saved(
    engine: Engine, path: Path, source: Source, who: str, clock: Clock, known: Known,
    *, dry_run: bool = False,
) -> Report:  # fmt: skip
    """Import an answer that was saved as a file: Sotkanet's JSON or CSV, or PxWeb's JSON-stat 2.0."""
    job = _Job(engine, known, clock, who, dry_run)
    data = _saved(path)
    if isinstance(data, Mistake):
        return Report(source, Refused((data,)))
    return _take(job, source, path.name, Answer(data, "", None))


def _saved(path: Path) -> bytes | Mistake:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        problem = f"the file cannot be read ({error.strerror or type(error).__name__})"
        remedy = "check its name and its rights"
        return Mistake(path.name, 1, "", problem, "a readable file", remedy)
    if len(data) <= MAX_BYTES:
        return data
    expected = f"at most {MAX_BYTES // 1_000_000} MB"
    return Mistake(path.name, 1, "", "the file is too large", expected, "save fewer years")


# --- asking --------------------------------------------------------------------------------------

_Key = tuple[str, bytes | None]


def _ask(edge: Edge, requests: Iterable[Request]) -> dict[_Key, Result]:
    """One result per different request."""
    different = {(r.url, r.query): r for r in requests}
    return {(r.request.url, r.request.query): r for r in edge.fetch_all(different.values())}


def _failure(result: Result) -> NotFetched:
    if not isinstance(result, FetchFailed):
        return NotFetched("the server says that nothing changed", "try again", temporary=True)
    temporary = result.weight == TEMPORARY
    remedy = (
        "run the command again later"
        if temporary
        else _REMEDIES.get(
            result.reason,
            "run the command again when that is put right",
        )
    )
    return NotFetched(result.detail, remedy, temporary, result.retry_after_seconds)


_REMEDIES: Mapping[FailReason, str] = {
    FailReason.NOT_FOUND: "check the address or the indicator's number; tables move",
    FailReason.HTTP_CLIENT_ERROR: "check the address, the years and what is selected",
    FailReason.TOO_LARGE: "ask for fewer years, or raise TILANNEKUVA_FETCH_MAX_BYTES",
    FailReason.BLOCKED_ADDRESS: "set TILANNEKUVA_ALLOW_PRIVATE_ADDRESSES for a mirror of your own",
}


# --- Sotkanet ------------------------------------------------------------------------------------


def _sotkanet_urls(source: SotkanetSource, this_year: int) -> tuple[str, str, str]:
    data = sotkanet.data_url(source, this_year)
    return (data, sotkanet.about_url(source), sotkanet.regions_url(source))


def _sotkanet(job: _Job, source: SotkanetSource, answers: Mapping[_Key, Result]) -> Report:
    rows, about, regions = (answers[url, None] for url in _sotkanet_urls(source, job.this_year))
    if not isinstance(rows, Fetched):
        return Report(source, _failure(rows))
    # what is said about the rows is a help; without it they are still rows
    told = sotkanet.read_about(about.body) if isinstance(about, Fetched) else None
    strangers = sotkanet.unknown_counties(regions.body) if isinstance(regions, Fetched) else {}
    answer = Answer(rows.body, rows.url, job.clock())
    return _take(job, source, source.id, answer, told, strangers)


# --- PxWeb ---------------------------------------------------------------------------------------


def _table_urls(source: PxwebSource) -> tuple[str, ...]:
    return pxweb.table_urls(source.table)


def _pxweb(
    job: _Job, edge: Edge, sources: Sequence[PxwebSource], answers: Mapping[_Key, Result]
) -> dict[str, Report]:
    tables = _tables(edge, sources, answers)
    reports: dict[str, Report] = {}
    queries: dict[str, tuple[PxwebSource, Request, str]] = {}
    for source in sources:
        asked = _query(job, source, tables[source.id])
        if isinstance(asked, Report):
            reports[source.id] = asked
        else:
            queries[source.id] = (source, *asked)
    found = _ask(edge, [request for _, request, _ in queries.values()])
    for source, request, title in queries.values():
        result = found[request.url, request.query]
        reports[source.id] = (
            _take(job, source, source.id, _answer(job, result), title=title)
            if isinstance(result, Fetched)
            else Report(source, _failure(result))
        )
    return reports


def _tables(
    edge: Edge, sources: Sequence[PxwebSource], answers: Mapping[_Key, Result]
) -> dict[str, Result]:
    """The metadata of each source's table; a table that is not there is asked for under its other id."""
    first = {s.id: answers[_table_urls(s)[0], None] for s in sources}
    moved = {
        s.id: _table_urls(s)[1]
        for s in sources
        if len(_table_urls(s)) > 1 and _is_missing(first[s.id])
    }
    second = _ask(edge, [Request(url) for url in moved.values()])
    there = {id_: second[url, None] for id_, url in moved.items()}
    return first | {id_: result for id_, result in there.items() if isinstance(result, Fetched)}


def _is_missing(result: Result) -> bool:
    # PxWeb answers 404, and 400 where the folder is not there either
    return isinstance(result, FetchFailed) and result.status in (400, 404)


def _query(job: _Job, source: PxwebSource, result: Result) -> tuple[Request, str] | Report:
    if not isinstance(result, Fetched):
        return Report(source, _failure(result))
    table = pxweb.read_table(source.id, result.body)
    if isinstance(table, Mistake):
        return Report(source, Refused((table,)))
    picked = pxweb.pick(source.id, table.variables, source, job.known, job.this_year)
    if isinstance(picked, tuple):
        return Report(source, Refused(picked))
    return Request(result.url, query=pxweb.query_of(picked)), table.title


def _answer(job: _Job, result: Fetched) -> Answer:
    return Answer(result.body, result.url, job.clock())


# --- taking --------------------------------------------------------------------------------------


def _take(
    job: _Job, source: Source, where: str, answer: Answer,
    about: sotkanet.About | None = None, strangers: Mapping[int, str] | None = None,
    title: str = "",
) -> Report:  # fmt: skip
    licence = pxweb.licence_of(source) if isinstance(source, PxwebSource) else source.licence
    taken: Taken | tuple[Mistake, ...]
    if isinstance(source, SotkanetSource):
        taken = sotkanet.read_answer(where, answer.body, source, job.known, about, strangers)
    else:
        taken = pxweb.read_answer(where, answer.body, source, job.known, job.this_year, title)
    if not isinstance(taken, Taken):
        return Report(source, Refused(taken), body=answer.body)
    if not licence:
        expected, remedy = "terms of use", "give --licence"
        mistake = Mistake(where, 1, "", "the licence is not known", expected, remedy)
        return Report(source, Refused((mistake,)), taken, answer.body)
    if job.dry_run:
        return Report(source, WouldImport(taken), taken, answer.body)
    outcome, notes = _store(job, source, where, licence, taken, answer)
    return Report(source, outcome, replace(taken, notes=(*taken.notes, *notes)), answer.body)


def _store(
    job: _Job, source: Source, where: str, licence: str, taken: Taken, answer: Answer
) -> tuple[Imported | AlreadyImported, tuple[str, ...]]:
    digest = sha256(answer.body).hexdigest()
    batch = Batch(kind=KIND, rows=len(taken.readings), readings=taken.readings)
    with transaction(job.engine) as session:
        store.lock_imports(session)
        earlier = fetches.newest_answer(session, source.recipe)
        if earlier is not None and earlier.readings == frozenset(taken.readings):
            return AlreadyImported(earlier.id), ()
        of = Provenance(where, digest, taken.label, licence, job.clock(), job.who)
        done = store.add_import(session, batch, of)
        fetches.add_fetch(session, done.id, source.recipe, answer.address, answer.fetched_at)
    _log.info("readiness_fetched", id=done.id, source=source.id, rows=done.rows)
    gone = _gone(earlier, taken) if earlier else ()
    return Imported(done.id, done.kind, done.rows), gone


def _gone(earlier: fetches.Earlier, taken: Taken) -> tuple[str, ...]:
    """Values that were there last time and are not any more: they stay in force until undone."""
    missing = {r.key for r in earlier.readings} - {r.key for r in taken.readings}
    if not missing:
        return ()
    told = f"{len(missing)} values of import {earlier.id} are no longer in the answer"
    return (f"look here: {told}; undo that import if they are to go",)
