"""Search among the articles, and one article as the system knows it. Routes parse, call, render."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from monitor.articles.record import record
from monitor.search.find import MOST_WAITING, find_articles
from monitor.search.query import compose
from monitor.search.values import Order, Wrong
from monitor.web import labels_say
from monitor.web.access import ViewerOf, user_of
from monitor.web.pages import Missing, page
from monitor.web.review_page import given_words, likely
from monitor.web.text import marks, passages, web_address

router = APIRouter()

LARGEST = 2**31 - 1
FIELDS = ("region", "topic", "language", "from", "to", "decided")
ORDERS: tuple[Order, ...] = ("newest", "best")


@router.get("/articles")
def articles(visit: ViewerOf) -> HTMLResponse:
    """What was searched for, the newest or the best first."""
    given = visit.request.query_params
    typed = given.get("q", "").strip()
    fields = {name: given.get(name, "").strip() for name in FIELDS}
    order: Order = "best" if given.get("order") == "best" else "newest"
    found = find_articles(
        visit.app, compose(typed, fields), order=order, after=given.get("after", "")
    )
    wrong = visit.t(f"search.wrong.{found.why}", **found.values) if isinstance(found, Wrong) else ""
    return page(
        visit,
        "articles.html",
        here="articles",
        typed=typed,
        fields=fields,
        order=order,
        orders=ORDERS,
        wrong=wrong,
        found=None if isinstance(found, Wrong) else found,
        most_waiting=MOST_WAITING,
        reference=visit.app.reference,
        say=labels_say,
        status=400 if wrong else 200,
    )


@router.get("/articles/{article_id:int}")
def article(visit: ViewerOf, article_id: int) -> HTMLResponse:
    """Everything that is known of one article."""
    known = record(visit.app, user_of(visit), article_id) if article_id <= LARGEST else None
    if known is None:
        raise Missing("article", str(article_id))
    card = known.card
    found = marks(card.claims, "text", "", card.content_hash, card.text)
    return page(
        visit,
        "article.html",
        here="articles",
        record=known,
        card=card,
        href=web_address(card.address),
        passages=passages(card.text, found) if card.text else [],
        reference=visit.app.reference,
        say=labels_say,
        likely=likely,
        given_words=given_words,
    )
