"""The use-case: a selection of one kind of record, page by page or whole, with its denominators.

The API and `tilannekuva export` both read here, so they cannot differ. Records go by their keys
`week:region:...`, and a cursor is the key of the last record: a page is what comes after it, whatever
was computed anew meanwhile. Opens no transaction of its own; the shapes are in `records`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import Session

from classifiers.reference import Names, Reference
from monitor.api import build, records, weekly
from monitor.api.records import Kind
from monitor.api.weekly import ALL, Pick, Row, Week, load_week
from monitor.db import exports
from monitor.db.editions import editions
from monitor.db.exports import SummaryVersion
from monitor.db.readiness_fetches import attributions
from monitor.db.scores import weeks_scored
from monitor.readiness.attribution import attribution_line
from monitor.summary.report import readiness_lines
from monitor.summary.values import SCHEMA_VERSION as SHAPE
from monitor.summary.whole import SINCE, WholeSummary, whole
from monitor.weeks import week_bounds

LATEST = "latest"
SCHEMA_HREF = "/api/v1/schemas/weekly-summary-{version}.json"
WEEKS_PER_PAGE = 26  # a page looks no further, however few records it has found
# Whose names, codes and membership of regions every record uses; README names them too.
CODES_LINE = (
    "Statistics Finland, classification of wellbeing services counties, by way of rOpenGov/geofi"
)


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked for. Empty means all."""

    week: str = ""  # one week, or "latest"
    first: str = ""
    last: str = ""
    pick: Pick = ALL
    after: str = ""  # key of the last record of the page before
    limit: int | None = None
    drafts: bool = False  # summaries that are not published too
    language: str = "fi"  # of the attribution lines


@dataclass(frozen=True, slots=True)
class Found:
    """One page."""

    page: records.Page
    cursor: str  # "" on the last page


_ROWS: dict[Kind, Callable[[Session, Week, Pick], Iterable[Row]]] = {
    "signals": weekly.signals,
    "stories": weekly.stories,
    "scores": weekly.scores,
    "readiness": weekly.readiness,
    "coverage": weekly.coverage,
    "alerts": weekly.alerts,
}
# What rests on readiness data has their sources to name.
_WITH_READINESS = ("scores", "readiness", "summaries")


def read(session: Session, kind: Kind, asked: Selection, reference: Reference) -> Found:
    """The records of `kind` that `asked` selects, at most `asked.limit` of them."""
    if kind == "summaries":
        listed = _cut(_summaries(session, asked), asked.limit)
    else:
        listed = _cut_weekly(session, kind, asked, reference)
    items = build.built(session, kind, listed.rows)
    page = records.PAGES[kind].model_validate(
        {
            "kind": kind,
            "count": len(items),
            "next": None,
            "weeks": [_note(session, week) for week in listed.weeks],
            "attribution": attribution(session, asked.language, kind in _WITH_READINESS),
            "items": items,
        }
    )
    return Found(page, listed.cursor)


@dataclass(frozen=True, slots=True)
class _Listed:
    """The rows of a page, the weeks that were looked at, and where the next page begins."""

    rows: Sequence[Row]
    weeks: Sequence[Week] = ()
    cursor: str = ""


def _cut(rows: Sequence[Row], limit: int | None) -> _Listed:
    """The first `limit` of `rows`."""
    if limit is None or len(rows) <= limit:
        return _Listed(rows)
    return _Listed(rows[:limit], cursor=rows[limit - 1].key)


def _cut_weekly(session: Session, kind: Kind, asked: Selection, reference: Reference) -> _Listed:
    """Week after week until there are enough rows, or enough weeks; weeks without rows count too."""
    known = exports.weeks_covered(session) if kind == "coverage" else weeks_scored(session)
    names = _weeks(known, asked)
    rows: list[Row] = []
    weeks: list[Week] = []
    for name in names:
        if asked.limit is not None and len(weeks) == WEEKS_PER_PAGE:
            return _Listed(rows, weeks, name)
        week = load_week(session, name, reference)
        weeks.append(week)
        found = sorted(_ROWS[kind](session, week, asked.pick), key=lambda row: row.key)
        rows += (row for row in found if row.key > asked.after)
        if asked.limit is not None and len(rows) > asked.limit:
            return replace(_cut(rows, asked.limit), weeks=_until(weeks, rows[asked.limit - 1]))
    return _Listed(rows, weeks)


def _until(weeks: Sequence[Week], last: Row) -> list[Week]:
    return [week for week in weeks if week.week <= last.key[: len(week.week)]]


def _weeks(known: Sequence[str], asked: Selection) -> list[str]:
    """The weeks asked for, the oldest first; those that earlier pages have told are left out."""
    if asked.week:
        wanted = known[-1] if asked.week == LATEST and known else asked.week
        known = [week for week in known if week == wanted]
    return [
        week
        for week in known
        if week >= asked.first
        and (not asked.last or week <= asked.last)
        and week >= asked.after[: len(week)]
    ]


def _summaries(session: Session, asked: Selection) -> list[Row]:
    found = exports.summary_versions(session, _states(asked.drafts))
    weeks = set(_weeks(sorted({version.week for version in found}), asked))
    rows = (weekly.summary_row(version) for version in found if version.week in weeks)
    return [row for row in rows if row.key > asked.after]


def _states(drafts: bool) -> tuple[str, ...]:
    return ("published", "frozen", "draft") if drafts else ("published",)


def summary(
    session: Session, week: str, version: int | None, drafts: bool, language: str
) -> records.Summary | None:
    """One version of the week's summary, the newest where none is named; None where there is none."""
    found = exports.summary_versions(session, _states(drafts), week)
    named = [v for v in found if version in (None, v.version)]
    if not named:
        return None
    made = _whole(session, named[-1])
    return records.Summary(
        line=build.summary_line(named[-1]),
        attribution=[CODES_LINE, *readiness_lines(made, language)]
        if made
        else attribution(session, language, True),
        comments=[
            records.SummaryComment(section=c.section, language=c.language, text=c.text, at=c.at)
            for c in made.edition.comments
        ]
        if made
        else [],
        schema_href=SCHEMA_HREF.format(version=SHAPE)
        if made and made.schema_version == SHAPE
        else None,
        summary=made.model_dump(mode="json") if made else named[-1].inputs,
    )


def _whole(session: Session, version: SummaryVersion) -> WholeSummary | None:
    """The summary with what is said of its version; None for one of an older shape."""
    if int(version.inputs.get("schema_version", 1)) < SINCE:
        return None
    edition = next(e for e in editions(session, version.week) if e.version == version.version)
    made = whole(edition)
    return made if isinstance(made, WholeSummary) else None


def codes(reference: Reference) -> records.Codes:
    """What the codes mean, in three languages."""
    return records.Codes(
        regions=[_named(code, reference.region[code].name) for code in reference.units],
        groups=[_named(group.id, group.name) for group in reference.groups],
        topics=[_named(topic.id, topic.name) for topic in reference.topics],
        attribution=[CODES_LINE],
    )


def _named(code: str, name: Names) -> records.Named:
    return records.Named(id=code, fi=name.fi, sv=name.sv, en=name.en)


def attribution(session: Session, language: str, readiness: bool) -> list[str]:
    """The lines that sources' licences ask for; with `readiness`, of the readiness data in force too."""
    of = attributions(session) if readiness else ()
    return [CODES_LINE, *(attribution_line(one, language) for one in of)]


def _note(session: Session, week: Week) -> dict[str, Any]:
    return weekly.note(week, exports.articles_published(session, *week_bounds(week.week)))
