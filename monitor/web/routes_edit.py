"""A week's summary on its way: commentary, preview, freezing, publishing, correcting, comparing, sending."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from monitor.db import comments, editions
from monitor.db.engine import reading, transaction
from monitor.db.jobs import enqueue
from monitor.errors import TilannekuvaError
from monitor.i18n import LANGUAGES, Translator
from monitor.summary import publish, send
from monitor.summary.commentary import MOST_TEXT, Conflict, write
from monitor.summary.edition import Edition
from monitor.summary.forms import page as render_page
from monitor.summary.recipients import read_recipients
from monitor.summary.report import LEVELS
from monitor.summary.run import Refused
from monitor.summary.wording_life import lack_lines, status
from monitor.web import edit_page as shown
from monitor.web.access import AnalystOf, user_of
from monitor.web.access import Refused as NotForThem
from monitor.web.pages import Missing, Visit, answer, page, url
from monitor.weeks import is_week

router = APIRouter()

MOST_REASON = 2000  # characters of why a version is corrected
CONFLICT = 409


async def _publisher(visit: AnalystOf) -> Visit:
    """The visit of somebody who may publish, by the settings. Raises access.Refused."""
    if not _may_publish(visit):
        raise NotForThem("role", visit.app.settings.publish_role)
    return visit


PublisherOf = Annotated[Visit, Depends(_publisher)]


# --- writing -------------------------------------------------------------------------------------


@router.get("/summary/{week}/edit")
def edit(visit: AnalystOf, week: str) -> HTMLResponse:
    """The newest version with its commentary, and what can be done with it."""
    return _edit(visit, week)


def _edit(
    visit: Visit, week: str, written: shown.Written | None = None, status_code: int = 200
) -> HTMLResponse:
    found = _versions(visit, week)
    with reading(visit.app.engine) as session:
        said, notice = comments.all_said(session, week), editions.notice(session, week)
    newest, t = found[-1], visit.t
    lacks = notice.reasons if notice and not newest.published else ()
    return page(
        visit, "summary_edit.html", here="summary", status=status_code, week=week, newest=newest,
        versions=found, said=status(newest, t), sections=shown.sections(said, written, newest, t),
        lacks=lack_lines(lacks, t, visit.app.reference), levels=LEVELS, most=MOST_TEXT,
        one_sided=shown.one_sided(newest, t), told=_told(visit, shown.DONE),
        written=written, may_publish=_may_publish(visit), refused=_told(visit, shown.REFUSED, "not"),
        changed=shown.change_lines(newest, t, visit.app.reference),
    )  # fmt: skip


@router.post("/summary/{week}/edit")
def save(visit: AnalystOf, week: str) -> Response:
    """Put a section's commentary in force; where another wrote meanwhile, both texts are shown."""
    form = {name: str(value) for name, value in visit.form.items()}
    section = form.get("section", "")
    texts = {k: form[k] for k in LANGUAGES if k in form}
    seen = {k: shown.number(form.get(f"seen.{k}", "")) for k in texts}
    done = write(visit.app.engine, week, section, texts, seen, user_of(visit).name, visit.app.clock)
    match done:
        case Conflict(standing):
            return _edit(visit, week, shown.Written(section, texts, standing), CONFLICT)
        case Refused():
            return _edit(visit, week, shown.Written(section, texts, {}, done.why), CONFLICT)
        case _:
            return _to(f"/summary/{week}/edit", "saved", f"c-{section}")


@router.get("/summary/{week}/preview/{level}/{language}")
def preview(visit: AnalystOf, week: str, level: str, language: str) -> HTMLResponse:
    """The newest version as it would be read, at one level in one language."""
    newest = _versions(visit, week)[-1]
    known = next((k for k in LEVELS if k == level), None)
    if known is None or language not in LANGUAGES:
        raise Missing("summary", week)
    made = render_page(newest, known, language, visit.app.reference, "html")
    return answer(replace(visit, t=Translator(language)), made.decode())


@router.get("/summary/{week}/compare")
def compare(visit: AnalystOf, week: str) -> HTMLResponse:
    """What differs between two versions: numbers, commentary."""
    found = {e.version: e for e in _versions(visit, week)}
    asked = visit.request.query_params
    newest = max(found)
    new = shown.number(asked.get("new", "")) or newest
    old = shown.number(asked.get("old", "")) or max(1, new - 1)
    if old not in found or new not in found:
        raise Missing("summary", week)
    return page(
        visit, "summary_compare.html", here="summary", week=week, old=found[old], new=found[new],
        versions=tuple(found.values()), t_said=shown.compared_comments(found[old], found[new], visit.t),
        numbers=shown.compared_numbers(found[old], found[new], visit.t, visit.app.reference),
    )  # fmt: skip


# --- steps ---------------------------------------------------------------------------------------


@router.post("/summary/{week}/freeze")
def freeze(visit: AnalystOf, week: str) -> Response:
    """Fix the draft's numbers and commentary."""
    who = user_of(visit).name
    return _stepped(publish.freeze(visit.app.engine, week, who, visit.app.clock), week, "frozen")


@router.post("/summary/{week}/thaw")
def thaw(visit: AnalystOf, week: str) -> Response:
    """Make the frozen version a draft again."""
    who = user_of(visit).name
    return _stepped(publish.thaw(visit.app.engine, week, who, visit.app.clock), week, "thawed")


@router.get("/summary/{week}/publish")
def confirm(visit: PublisherOf, week: str) -> HTMLResponse:
    """What would be published, before it is."""
    newest = _versions(visit, week)[-1]
    with reading(visit.app.engine) as session:
        notice = editions.notice(session, week)
    reasons = notice.reasons if notice else ()
    return page(
        visit, "summary_publish.html", here="summary", week=week, newest=newest,
        said=status(newest, visit.t), lacks=lack_lines(reasons, visit.t, visit.app.reference),
        one_sided=shown.one_sided(newest, visit.t), levels=LEVELS,
    )  # fmt: skip


@router.post("/summary/{week}/publish")
def publish_week(visit: PublisherOf, week: str) -> Response:
    """Ask for the job that makes the files for good."""
    newest = _versions(visit, week)[-1]
    if newest.state != "frozen":
        return _to(f"/summary/{week}/edit", newest.state, "", "not")
    return _asked(visit, "publish", week)


@router.get("/summary/{week}/correct")
def why_correct(visit: PublisherOf, week: str) -> HTMLResponse:
    """The form that asks why a published version is corrected."""
    return _correct(visit, week, {})


def _correct(
    visit: Visit, week: str, given: Mapping[str, str], status_code: int = 200
) -> HTMLResponse:
    newest = _versions(visit, week)[-1]
    return page(
        visit, "summary_correct.html", here="summary", status=status_code, week=week,
        newest=newest, given=given, most=MOST_REASON,
    )  # fmt: skip


@router.post("/summary/{week}/correct")
def correct(visit: PublisherOf, week: str) -> Response:
    """Begin a new version of a published week: a draft with the scores now in force."""
    given = {k: str(visit.form.get(k, "")).strip()[:MOST_REASON] for k in LANGUAGES}
    if not (given["fi"] and given["sv"]):
        return _correct(visit, week, given, 422)
    app, reason = visit.app, {k: text for k, text in given.items() if text}
    done = publish.correct(
        app.engine, week, reason, user_of(visit).name, app.reference, app.settings, app.clock
    )
    return _stepped(done, week, "corrected")


# --- sending -------------------------------------------------------------------------------------


@router.get("/summary/{week}/send")
def who_gets_it(visit: PublisherOf, week: str) -> HTMLResponse:
    """Who would get what, who has had it, and the messages to look at; nothing is sent."""
    planned = _plan(visit, week)
    values: dict[str, Any] = {"planned": None, "why": planned, "names": ()}
    if isinstance(planned, send.Plan):
        values = {"planned": planned, "why": "", "names": shown.message_names(planned)}
    sender = bool(visit.app.settings.smtp_host and visit.app.settings.smtp_sender)
    return page(visit, "summary_send.html", here="summary", week=week, sender=sender, **values)


@router.get("/summary/{week}/send/{name}")
def message(visit: PublisherOf, week: str, name: str) -> Response:
    """One message as a file that a mail program opens."""
    planned = _plan(visit, week)
    if not isinstance(planned, send.Plan) or not visit.app.settings.smtp_sender:
        raise Missing("summary", week)
    app = visit.app
    made = send.previews(app.engine, planned, app.reference, app.settings, app.clock)
    found = next((make for known, make in made if known == name), None)
    if found is None:
        raise Missing("summary", week)
    saved = {"Content-Disposition": f'attachment; filename="{week}-{name}"'}
    return Response(found(), media_type="message/rfc822", headers=saved)


@router.post("/summary/{week}/send")
def send_week(visit: PublisherOf, week: str) -> Response:
    """Ask for the job that sends it to everyone who has not had it."""
    if not isinstance(_plan(visit, week), send.Plan):
        return _to(f"/summary/{week}/send", "", "")
    return _asked(visit, "send", week)


def _plan(visit: Visit, week: str) -> send.Plan | str:
    """Who is due, or the id of why nobody can be."""
    _versions(visit, week)
    path = visit.app.settings.mail_list_file
    if path is None:
        return "no_list"
    try:
        found = send.plan(visit.app.engine, week, read_recipients(path))
    except TilannekuvaError:
        return "bad_list"
    return "not_published" if isinstance(found, Refused) else found


# --- pieces --------------------------------------------------------------------------------------


def _versions(visit: Visit, week: str) -> list[Edition]:
    if not is_week(week):
        raise Missing("summary", week)
    with reading(visit.app.engine) as session:
        found = editions.editions(session, week)
    if not found:
        raise Missing("summary", week)
    return found


def _may_publish(visit: Visit) -> bool:
    return user_of(visit).may("admin" if visit.app.settings.publish_role == "admin" else "analyst")


def _asked(visit: Visit, kind: str, week: str) -> RedirectResponse:
    who = user_of(visit).name
    with transaction(visit.app.engine) as session:
        job = enqueue(session, visit.app.clock(), who, kind, {"week": week, "who": who})
    return RedirectResponse(f"/jobs/{job}", status_code=303)


def _stepped(done: Edition | Refused, week: str, what: str) -> RedirectResponse:
    if isinstance(done, Refused):
        return _to(f"/summary/{week}/edit", done.why.replace(" ", "_"), "", "not")
    return _to(f"/summary/{week}/edit", what, "")


def _to(path: str, what: str, anchor: str, name: str = "done") -> RedirectResponse:
    address = url(path, **{name: what or None}) + (f"#{anchor}" if anchor else "")
    return RedirectResponse(address, status_code=303)


def _told(visit: Visit, known: tuple[str, ...], name: str = "done") -> str:
    """What was just done, or why not; from the address, so a reload says the same."""
    return visit.parameter(name, ("", *known), "")
