"""The review: the queue, its cards, decisions and what is done around them. Routes parse, call, render."""

from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, RedirectResponse

from monitor.db.engine import transaction
from monitor.db.reviewers import OwnKeys, keep_keys, own_keys, reviewers
from monitor.review import decide as deciding
from monitor.review import filters, hold
from monitor.review.queue import queue as queue_of
from monitor.review.values import Conflict, Decided, Given, Gone, Invalid, NotYours
from monitor.review.why import why
from monitor.review.wording import said
from monitor.web.access import ReviewerOf, user_of
from monitor.web.pages import Missing, Visit, page
from monitor.web.review_form import carried, filter_named, filter_of, given_of, text, whole
from monitor.web.review_keys import STANDARD, in_force, problems
from monitor.web.review_show import LISTED, show_card, show_queue

router = APIRouter()

LONGEST_QUESTION = 2000  # characters: an address
FIELDS = {
    "regions": "regions",
    "mentioned": "regions",
    "topics": "topics",
    "direction": "direction",
}


# --- looking -------------------------------------------------------------------------------------


@router.get("/queue")
def whole_queue(visit: ReviewerOf) -> Response:
    """The list, with its first card open."""
    return show_queue(visit, None)


@router.get("/queue/session")
def session(visit: ReviewerOf) -> Response:
    """Who is signed in, and the token of their forms: asked by a page that was open before they signed in."""
    return JSONResponse({"user": user_of(visit).id, "token": visit.token})


@router.get("/queue/news")
def news(visit: ReviewerOf) -> Response:
    """The first articles of the queue as it is now, and how many wait."""
    found = queue_of(visit.app, user_of(visit), filter_of(visit.request.query_params), LISTED)
    articles = [item.article_id for item in found.items]
    return JSONResponse({"articles": articles, "waiting": found.waiting})


@router.get("/queue/why")
def why_not(visit: ReviewerOf) -> Response:
    """Why an article is or is not in the person's list."""
    asked = visit.request.query_params.get("article", "").strip()[:LONGEST_QUESTION]
    wanted = filter_of({k: v for k, v in visit.request.query_params.items() if k != "article"})
    answer = why(visit.app, user_of(visit), asked, wanted) if asked else None
    reasons = [(r, said(r, visit.t, visit.app.reference)) for r in answer.reasons] if answer else []
    values: dict[str, Any] = {"asked": asked, "answer": answer, "reasons": reasons}
    return page(visit, "review_why.html", here="queue", **values)


@router.get("/queue/{article_id:int}")
def one_card(visit: ReviewerOf, article_id: int) -> Response:
    """The list, with this card open."""
    return show_queue(visit, article_id)


@router.get("/queue/{article_id:int}/card")
def card_alone(visit: ReviewerOf, article_id: int) -> Response:
    """The card without the list, for the script."""
    return show_card(visit, article_id)


@router.post("/queue/{article_id:int}/look")
def look(visit: ReviewerOf, article_id: int) -> Response:
    """Say that the card is open in front of somebody; answers who else has it open."""
    others = hold.look(visit.app, user_of(visit), article_id)
    now = visit.app.clock()
    said = [visit.t("review.looking", who=o.shown, since=visit.t.ago(o.since, now)) for o in others]
    return JSONResponse({"looking": said})


# --- deciding ------------------------------------------------------------------------------------


@router.post("/queue/{article_id:int}/decide")
def decide(visit: ReviewerOf, article_id: int) -> Response:
    """Decide the card and go on to the next."""
    form = visit.form
    given = given_of(form) or Given(True)
    came = deciding.decide(
        visit.app, user_of(visit), article_id, text(form, "hash"), whole(form, "seen"), given,
        text(form, "key"),
    )  # fmt: skip
    match came:
        case Decided():
            if _scripted(visit):
                return JSONResponse({"decision": came.decision.id})
            return _onward(visit, done=str(came.decision.id))
        case Conflict():
            return _again(visit, article_id, 409, conflict=came, mine=given)
        case Gone():
            return _again(visit, article_id, 410, mine=given, problems=[visit.t("review.gone")])
        case Invalid():
            return _again(visit, article_id, 422, mine=given, problems=_wrong(visit, came))


@router.post("/queue/decisions/{decision_id:int}/undo")
def undo(visit: ReviewerOf, decision_id: int) -> Response:
    """Take a decision back and show its card."""
    came = deciding.undo(visit.app, user_of(visit), decision_id, text(visit.form, "key"))
    match came:
        case Decided():
            article = came.decision.article_id
            if _scripted(visit):
                return JSONResponse({"article": article})
            return _to(f"/queue/{article}", carried(visit.form))
        case Conflict():
            wrong = [visit.t("review.not_newest")]
            return _again(visit, came.decision.article_id, 422, problems=wrong)
        case NotYours():
            article = whole(visit.form, "article")
            wrong = [visit.t("review.not_yours", who=came.who)]
            return _again(visit, article, 422, problems=wrong)
        case Gone():
            raise Missing("decision", str(decision_id))


@router.post("/queue/{article_id:int}/skip")
def skip(visit: ReviewerOf, article_id: int) -> Response:
    """Put the card off until tomorrow and go on to the next."""
    hold.skip(visit.app, user_of(visit), article_id)
    return JSONResponse({}) if _scripted(visit) else _onward(visit)


@router.post("/queue/unskip")
def unskip(visit: ReviewerOf) -> Response:
    """Take back all that was put off."""
    hold.unskip(visit.app, user_of(visit))
    return _to("/queue", carried(visit.form))


# --- working together ----------------------------------------------------------------------------


@router.post("/queue/{article_id:int}/assign")
def assign(visit: ReviewerOf, article_id: int) -> Response:
    """Take the card, or let it go."""
    me = user_of(visit)
    hold.assign(visit.app, me, article_id, me.name if text(visit.form, "to") else None)
    return _stay(visit, article_id)


@router.post("/queue/{article_id:int}/hand-over")
def hand_over(visit: ReviewerOf, article_id: int) -> Response:
    """Give the card to another, with a note."""
    to = text(visit.form, "to")
    with transaction(visit.app.engine) as session:
        known = to in reviewers(session)
    if not known:
        return _again(visit, article_id, 422, problems=[visit.t("review.hand_to_nobody")])
    hold.hand_over(visit.app, user_of(visit), article_id, to, text(visit.form, "text"))
    return _stay(visit, article_id)


@router.post("/queue/{article_id:int}/discuss")
def discuss(visit: ReviewerOf, article_id: int) -> Response:
    """Put the card among those to discuss, or take it out."""
    into = text(visit.form, "yes") == "1"
    change = hold.discuss if into else hold.discussed
    change(visit.app, user_of(visit), article_id, text(visit.form, "text"))
    return _stay(visit, article_id)


# --- filters and keys ----------------------------------------------------------------------------


@router.post("/queue/filters")
def keep_filter(visit: ReviewerOf) -> Response:
    """Keep the filter under a name."""
    query = carried(visit.form)
    filters.keep(visit.app, user_of(visit), text(visit.form, "name"), filter_named(query))
    return _to("/queue", query)


@router.post("/queue/filters/{filter_id:int}/delete")
def drop_filter(visit: ReviewerOf, filter_id: int) -> Response:
    """Forget a kept filter."""
    filters.drop(visit.app, user_of(visit), filter_id)
    return _to("/queue", carried(visit.form))


@router.get("/me/keys")
def my_keys(visit: ReviewerOf) -> Response:
    """The person's keys, to change."""
    with transaction(visit.app.engine) as session:
        own = own_keys(session, user_of(visit).id)
    kept = visit.request.query_params.get("kept") == "1"
    return _keys(visit, in_force(own.keys), own.letters, kept=kept)


@router.post("/me/keys")
def change_keys(visit: ReviewerOf) -> Response:
    """Keep other keys; two actions on one key are refused."""
    letters = text(visit.form, "letters") == "1"
    chosen = {action: text(visit.form, action).strip().lower() for action in STANDARD}
    if text(visit.form, "standard"):
        chosen, letters = dict(STANDARD), True
    wrong = problems(chosen)
    if wrong:
        return _keys(visit, chosen, letters, wrong, status=422)
    me, own = user_of(visit), OwnKeys(None if chosen == STANDARD else chosen, letters)
    with transaction(visit.app.engine) as session:
        keep_keys(session, me.id, me.name, own, visit.app.clock())
    return _to("/me/keys", "kept=1")


def _keys(
    visit: Visit, keys: dict[str, str], letters: bool, wrong: dict[str, str] | None = None,
    *, kept: bool = False, status: int = 200,
) -> Response:  # fmt: skip
    values: dict[str, Any] = {"keys": keys, "letters": letters, "problems": wrong or {}}
    return page(visit, "review_keys.html", here="queue", status=status, kept=kept, **values)


# --- answers -------------------------------------------------------------------------------------


def _scripted(visit: Visit) -> bool:
    return visit.request.headers.get("x-part") == "card"


def _again(visit: Visit, article_id: int, status: int, **around: Any) -> Response:
    """The card once more, with what stood in the way; nothing that was given is lost."""
    query = carried(visit.form)
    show = show_card if _scripted(visit) else show_queue
    return show(visit, article_id, status=status, query=query, **around)


def _onward(visit: Visit, **more: str) -> Response:
    following = whole(visit.form, "next")
    query = "&".join(filter(None, [carried(visit.form), *(f"{k}={v}" for k, v in more.items())]))
    return _to(f"/queue/{following}" if following > 0 else "/queue", query)


def _stay(visit: Visit, article_id: int) -> Response:
    if _scripted(visit):
        return JSONResponse({})
    return _to(f"/queue/{article_id}", carried(visit.form))


def _to(path: str, query: str = "") -> Response:
    return RedirectResponse(f"{path}?{query}" if query else path, 303)


def _wrong(visit: Visit, wrong: Invalid) -> list[str]:
    t = visit.t
    return [
        t(
            "review.invalid.needed" if what == "needed" else "review.invalid.other",
            field=t(f"review.kind.{FIELDS[name]}" if name in FIELDS else "review.note").lower(),
        )
        for name, what in wrong.problems.items()
    ]
