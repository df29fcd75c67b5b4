"""Brings together what the pages of the review show. Decides nothing of what is shown."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, time
from typing import Any
from uuid import uuid4

from fastapi import Response

from monitor.clock import HELSINKI
from monitor.db import revisions
from monitor.db.engine import reading
from monitor.db.reviewers import OwnKeys, decided_since, own_keys, reviewers
from monitor.i18n import catalogues
from monitor.review import estimate, filters, hold
from monitor.review.card import card as card_of
from monitor.review.queue import queue as queue_of
from monitor.review.values import COPY_RULE, Card, Conflict, Given, Queue, QueueFilter, Share
from monitor.values import FlagReason
from monitor.web.access import user_of
from monitor.web.menu import menu_of
from monitor.web.pages import Missing, Visit, page
from monitor.web.review_form import fields, filter_named, filter_of, query_of
from monitor.web.review_keys import BAR, PAGES, in_force
from monitor.web.review_page import Version, card_page, given_words, region_name, topic_name

LISTED = 60  # cards of one list: more than a morning's
SCRIPT = "review.script."
RANDOM = "random"
WEEKS_ESTIMATED = 4  # one week alone says little
LANGUAGES = ("fi", "sv", "en")


def show_queue(
    visit: Visit, article_id: int | None, *, status: int = 200, query: str | None = None,
    **around: Any,
) -> Response:  # fmt: skip
    """The list and a card: that of `article_id`, or the first. `around` goes to `card_values`.

    `query` names the filter where the address does not, as for a form that was sent.
    """
    user = user_of(visit)
    wanted = wanted_of(visit) if query is None else filter_named(query)
    found = queue_of(visit.app, user, wanted, LISTED)
    shown = article_id or next((i.article_id for i in found.items), None)
    card = card_of(visit.app, user, shown) if shown else None
    if article_id and card is None:
        raise Missing("card", str(article_id))
    if card is not None:
        hold.look(visit.app, user, card.article_id)
    own, people, today = _known(visit)
    following = _after(found, card.article_id) if card else ""
    values = _frame(visit, wanted, found, own) | {
        "people": people, "today": today if not found.items else 0, "is_list": _is_list(visit),
    }  # fmt: skip
    values |= (
        {"card": None}
        if card is None
        else card_values(visit, card, following, query_of(wanted), **around)
    )
    return page(visit, "review.html", here="queue", status=status, **values)


def show_card(
    visit: Visit, article_id: int, *, status: int = 200, query: str | None = None, **around: Any
) -> Response:
    """A card alone, for the script to put in its place. Raises Missing where there is none."""
    user = user_of(visit)
    card = card_of(visit.app, user, article_id)
    if card is None:
        raise Missing("card", str(article_id))
    own, people, _ = _known(visit)
    carried = query_of(wanted_of(visit)) if query is None else query
    values = card_values(visit, card, "", carried, **around)
    values |= {"people": people, "keys": in_force(own.keys)}
    return page(visit, "review_card.html", status=status, **values)


def card_values(
    visit: Visit, card: Card, following: str, query: str, *, conflict: Conflict | None = None,
    mine: Given | None = None, problems: Sequence[str] = (),
) -> dict[str, Any]:  # fmt: skip
    """What the template of a card needs. `mine` is what was given and could not be kept."""
    t, reference = visit.t, visit.app.reference
    chosen = mine if mine and mine.relevant else None
    shown = card_page(card, reference, t, chosen=chosen, texts=_texts(visit, card))
    said = conflict.decision.given if conflict else None
    return {
        "card": card,
        "shown": shown,
        "me": user_of(visit).name,
        "key": uuid4().hex,
        "seen": conflict.seen if conflict else card.seen,
        "next": following,
        "query": query,
        "as_is": fields(card.proposed, "as_") + (fields(mine, "mine_") if mine else []),
        "conflict": conflict,
        "theirs": given_words(said, reference, t) if said else t("review.act.undo"),
        "ours": given_words(mine, reference, t) if mine else "",
        "mine": mine,
        "note": mine.note if mine else "",
        "problems": problems,
        "editing": bool(problems) and mine is not None,
        "copy_rule": COPY_RULE,
    }


def wanted_of(visit: Visit) -> QueueFilter:
    """The filter that the address names."""
    return filter_of(visit.request.query_params)


def _texts(visit: Visit, card: Card) -> list[Version]:
    if len(card.revisions) < 2:
        return []
    with reading(visit.app.engine) as session:
        found = revisions.history(session, card.article_id)
    return [Version(r.content_hash, r.title, r.text) for r in found]


def _known(visit: Visit) -> tuple[OwnKeys, dict[str, str], int]:
    """The person's keys, who reviews, and how many were decided today."""
    day = visit.app.clock().astimezone(HELSINKI).date()
    with reading(visit.app.engine) as session:
        own = own_keys(session, user_of(visit).id)
        today = decided_since(session, datetime.combine(day, time(), HELSINKI))
        return own, reviewers(session), today


def _after(found: Queue, article_id: int) -> str:
    ids = [item.article_id for item in found.items]
    rest = ids[ids.index(article_id) + 1 :] if article_id in ids else ids
    return str(rest[0]) if rest else ""


def _is_list(visit: Visit) -> bool:
    return visit.request.query_params.get("view") == "list"


# --- the frame around the card ------------------------------------------------------------------


def _frame(visit: Visit, wanted: QueueFilter, found: Queue, own: OwnKeys) -> dict[str, Any]:
    t, reference, query = visit.t, visit.app.reference, query_of(wanted)
    keys = in_force(own.keys)
    menu = menu_of(visit.request.app).of(user_of(visit), 0)
    reached = [
        (PAGES[name], path, t(f"nav.{name}")) for name, path, _ in menu.first if name in PAGES
    ]
    return {
        "queue": found,
        "query": query,
        "tabs": _tabs(wanted),
        "filtered": bool(query_of(replace(wanted, mine=False, discuss=False), reason=_flagged(wanted))),
        "carried_filters": [(n, "1") for n in ("mine", "discuss") if getattr(wanted, n)],
        "chosen": asdict(wanted),
        "selects": _selects(visit),
        "saved": [(s, _address(query_of(s.filter))) for s in filters.saved(visit.app, user_of(visit))],
        "estimates": _estimates(visit) if wanted.reason == RANDOM or not found.items else [],
        "done": _done(visit),
        "region_names": {code: region_name(code, reference, t) for code in reference.units},
        "letters": own.letters,
        "keys": keys,
        "bar": BAR,
        "pages": reached,
        "keys_json": json.dumps(keys if own.letters else {}),
        "pages_json": json.dumps({letter: path for letter, path, _ in reached}),
        "words_json": json.dumps(_words(visit), ensure_ascii=False),
    }  # fmt: skip


def _words(visit: Visit) -> Mapping[str, str]:
    """What the script says; its {n} is filled in there."""
    messages = catalogues()[visit.t.language]
    return {
        name.removeprefix(SCRIPT): str(message).replace("[n]", "{n}")
        for name, message in messages.items()
        if name.startswith(SCRIPT)
    }


def _address(query: str) -> str:
    return f"/queue?{query}" if query else "/queue"


def _flagged(wanted: QueueFilter) -> str:
    """The reason a person filters by; the random slice is a tab of its own."""
    return "" if wanted.reason == RANDOM else wanted.reason


def _tabs(wanted: QueueFilter) -> list[tuple[str, str, bool]]:
    base = replace(wanted, mine=False, discuss=False, reason=_flagged(wanted))
    on = "discuss" if wanted.discuss else "mine" if wanted.mine else "all"
    on = RANDOM if wanted.reason == RANDOM else on
    found = (
        ("all", query_of(base)),
        ("mine", query_of(base, mine=True)),
        ("discuss", query_of(base, discuss=True)),
        (RANDOM, query_of(base, reason=RANDOM)),
    )
    return [(name, _address(query), name == on) for name, query in found]


def _selects(visit: Visit) -> list[tuple[str, list[tuple[str, str]]]]:
    t, reference = visit.t, visit.app.reference
    reasons = [r.value for r in FlagReason] + [RANDOM]
    return [
        ("region", [(code, region_name(code, reference, t)) for code in reference.units]),
        ("topic", [(x.id, topic_name(x.id, reference, t)) for x in reference.topics]),
        ("language", [(x, t.word("language", x)) for x in LANGUAGES]),
        ("reason", [(r, t(f"review.reason.{r.replace(' ', '_')}")) for r in reasons]),
    ]


def _done(visit: Visit) -> int:
    given = visit.request.query_params.get("done", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0


def _estimates(visit: Visit) -> list[tuple[str, ...]]:
    """Week, decided of drawn, and the shares in words: the newest weeks' slices, the newest first."""
    t, weeks = visit.t, estimate.newest_weeks(visit.app, WEEKS_ESTIMATED)
    found = {(e.week, e.what): e for e in estimate.kept(visit.app, weeks)}
    rows = []
    for week in reversed(weeks):
        of_tags, of_queue = found.get((week, "relevance")), found.get((week, "flags"))
        if of_tags is None or of_queue is None:
            continue
        shares = (of_tags.precision, of_tags.recall, of_queue.precision, of_queue.recall)
        decided = f"{t.number(of_tags.decided)}/{t.number(of_tags.drawn)}"
        rows.append((t.week(week), decided, *(_share(s, visit) for s in shares)))
    return rows


def _share(share: Share | None, visit: Visit) -> str:
    t = visit.t
    if share is None:
        return t("review.estimate.unknown")
    value, low, high = (t.percent(x) for x in (share.value, share.low, share.high))
    return t("review.estimate.share", value=value, low=low, high=high)
