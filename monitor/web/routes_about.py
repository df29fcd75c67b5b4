"""Pages about the service itself: accessibility statement, feedback, settings in force."""

from dataclasses import replace
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from monitor.api.limits import Buckets
from monitor.db.engine import reading, transaction
from monitor.db.feedback import handle, newest_feedback
from monitor.feedback import MOST_MESSAGE, Message, give, message_of
from monitor.web import settings_page
from monitor.web.access import AdminOf, form_of, user_of
from monitor.web.pages import Missing, Visit, VisitOf, page

router = APIRouter()

STATED = date(2026, 11, 22)  # the day of the accessibility statement
SHOWN = 200  # messages on the page
BURST, PER_MINUTE = 5, 1  # messages of one reader
SHELVES = 4096  # readers are told apart by so many numbers, which bounds what is remembered
TOO_MANY = 429


@router.get("/accessibility")
def accessibility(visit: VisitOf) -> HTMLResponse:
    """The accessibility statement that the law asks for."""
    contact = visit.app.settings.contact
    return page(visit, "accessibility.html", here="", stated=STATED, contact=contact)


@router.get("/feedback")
def feedback(visit: VisitOf) -> HTMLResponse:
    """The form; for admins also what came."""
    about = str(visit.request.query_params.get("page", ""))[:500]
    thanks = visit.request.query_params.get("done") == "1"
    return _feedback(visit, Message(page=about), thanks=thanks)


def _feedback(visit: Visit, said: Message, why: str = "", thanks: bool = False) -> HTMLResponse:
    messages = None
    if visit.user is not None and visit.user.may("admin"):
        with reading(visit.app.engine) as session:
            messages = newest_feedback(session, SHOWN)
    status = {"": 200, "empty": 422}.get(why, TOO_MANY)
    return page(
        visit, "feedback.html", here="", status=status, said=said, why=why, thanks=thanks,
        most=MOST_MESSAGE, messages=messages,
    )  # fmt: skip


async def _with_form(visit: VisitOf) -> Visit:
    return replace(visit, form=await form_of(visit.request))


@router.post("/feedback")
def give_feedback(visit: Annotated[Visit, Depends(_with_form)]) -> Response:
    """Keep a message; from anybody, but only so many."""
    said = message_of(*(str(visit.form.get(k, "")) for k in ("name", "page", "message")))
    if _buckets(visit.request).wait(_shelf(visit.request), _seconds(visit)):
        return _feedback(visit, said, "often")
    done = give(visit.app, said, visit.t.language)
    if done != "kept":
        return _feedback(visit, said, done)
    return RedirectResponse("/feedback?done=1", status_code=303)


@router.post("/feedback/{number:int}/handled")
def handled(visit: AdminOf, number: int) -> Response:
    """Note that a message was dealt with."""
    with transaction(visit.app.engine) as session:
        if not handle(session, number, user_of(visit).name, visit.app.clock()):
            raise Missing("page")
    return RedirectResponse("/feedback#messages", status_code=303)


@router.get("/settings")
def settings(visit: AdminOf) -> HTMLResponse:
    """The settings in force, what each means and where it comes from; never a secret."""
    found = settings_page.lines(visit.app.settings, visit.t)
    return page(visit, "settings.html", here="settings", found=found)


def _buckets(request: Request) -> Buckets:
    state = request.app.state
    if not hasattr(state, "feedback_buckets"):
        state.feedback_buckets = Buckets(PER_MINUTE, BURST)
    buckets: Buckets = state.feedback_buckets
    return buckets


def _shelf(request: Request) -> int:
    return hash(request.client.host if request.client else "") % SHELVES


def _seconds(visit: Visit) -> float:
    return visit.app.clock().timestamp()
