"""Weekly summaries to read: every version, its files, and feeds of them and of alerts."""

from itertools import groupby
from zlib import compress, decompress

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from monitor.db import editions, scores
from monitor.db.engine import reading
from monitor.db.remembered import remembered
from monitor.db.summaries import holds_sample
from monitor.summary import atom
from monitor.summary.forms import DATA, media_type, page_name
from monitor.summary.forms import page as render_page
from monitor.summary.report import LEVELS
from monitor.summary.wording_life import lack_lines
from monitor.web.access import ViewerOf
from monitor.web.feed_keys import FeedOf
from monitor.web.pages import Missing, Visit, answer, page
from monitor.weeks import is_week

router = APIRouter()


FORMS_SHOWN = ("pdf", "docx")  # beside the page itself
ENTRIES = 100  # in a feed


@router.get("/summary")
def summaries(visit: ViewerOf) -> HTMLResponse:
    """Every version of every week with its state, its files, and what drafts lack."""
    with reading(visit.app.engine) as session:
        versions = editions.standings(session)
        files, lacks = editions.file_names(session), editions.notices(session)
    weeks = {week: list(found) for week, found in groupby(versions, key=lambda s: s.week)}
    lines = {
        week: lack_lines(notice.reasons, visit.t, visit.app.reference)
        for week, notice in lacks.items()
        if not any(s.published_at for s in weeks.get(week, ()))
    }
    return page(
        visit, "summaries.html", here="summary", weeks=weeks, files=files, lacks=lines,
        notices=lacks, levels=LEVELS, forms=FORMS_SHOWN, data=DATA, page_name=page_name,
    )  # fmt: skip


@router.get("/summary/atom.xml")
def summaries_feed(visit: FeedOf) -> Response:
    """The published summaries as an Atom feed, in the visitor's language."""
    with reading(visit.app.engine) as session:
        found = [
            (edition, first)
            for standing, first in editions.published_editions(session, ENTRIES)
            if (edition := editions.published(session, standing.week)) is not None
        ]
    entries = atom.summary_entries(found, visit.t, visit.app.reference)
    return _feed(visit, "summaries", "/summary", entries)


@router.get("/alerts/atom.xml")
def alerts_feed(visit: FeedOf) -> Response:
    """The newest weeks' alerts as an Atom feed, in the visitor's language."""
    with reading(visit.app.engine) as session:
        found, sample = scores.newest_alerts(session, ENTRIES), holds_sample(session)
    entries = atom.alert_entries(found, visit.t, visit.app.reference, sample)
    return _feed(visit, "alerts", "/", entries)


def _feed(visit: FeedOf, name: str, of: str, entries: list[atom.Entry]) -> Response:
    base = visit.app.settings.public_address or str(visit.request.base_url)
    t = visit.t
    made = atom.feed(
        name, t(f"life.feed.{name}"), t.language, entries,
        base=base.rstrip("/"), here=f"{visit.request.url.path}?lang={t.language}",
        page=f"{of}?lang={t.language}", empty=visit.app.clock(), author=t("life.feed.author"),
    )  # fmt: skip
    return Response(made, media_type=atom.MEDIA_TYPE, headers={"Content-Language": t.language})


@router.get("/summary/{week}")
def summary(visit: ViewerOf, week: str) -> HTMLResponse:
    """A version of a week's summary: the newest published one, else the draft, or `?version=`."""
    level = visit.parameter("level", LEVELS, "full")
    with reading(visit.app.engine) as session:
        version, mark = _version(session, week, visit.request.query_params.get("version", ""))
        name = page_name(level, visit.t.language, "html")
        made = editions.file(session, week, version, name)
        if made is None:
            key = ("summary page", week, version, mark, level, visit.t.language)
            made = decompress(
                remembered(session, key, lambda: _packed(visit, week, version, level))
            )
    return answer(visit, made.decode())


def _packed(visit: Visit, week: str, version: int, level: str) -> bytes:
    known = next(k for k in LEVELS if k == level)
    with reading(visit.app.engine) as session:
        found = next(e for e in editions.editions(session, week) if e.version == version)
    return compress(render_page(found, known, visit.t.language, visit.app.reference, "html"), 1)


@router.get("/summary/{week}/v{version}/{name}")
def summary_file(visit: ViewerOf, week: str, version: int, name: str) -> Response:
    """A file of a published version, as it left the house."""
    with reading(visit.app.engine) as session:
        found = editions.file(session, week, version, name)
    if found is None:
        raise Missing("summary", week)
    saved = (
        f'attachment; filename="{week}-v{version}-{name}"'  # the name is one of ours: it was found
    )
    return Response(found, media_type=media_type(name), headers={"Content-Disposition": saved})


def _version(session: Session, week: str, asked: str) -> tuple[int, str]:
    """The version that is asked for, else the newest published one, else the newest; with its mark."""
    found = editions.marks(session, week) if is_week(week) else {}
    published = [version for version, (state, _) in found.items() if state == "published"]
    newest = max(published or found, default=None)
    wanted = next((v for v in found if str(v) == asked), None) if asked else newest
    if wanted is None:
        raise Missing("summary", week)
    return wanted, found[wanted][1]
