"""Users and the audit log."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from monitor.clock import HELSINKI
from monitor.db import audit, people
from monitor.db.engine import reading, transaction
from monitor.people import manage
from monitor.people.signin import new_link
from monitor.people.values import ROLES, User
from monitor.web.access import AdminOf, AnalystOf, user_of
from monitor.web.pages import Missing, Visit, page, url
from monitor.web.tables import to_csv

router = APIRouter()

SHOWN = 50  # rows of the log on a page
EXPORTED = 10_000  # rows of the log in a file
UNFIT = 422
FIELDS = ("who", "action", "subject", "since", "until")


@router.get("/users")
def users(visit: AdminOf) -> Response:
    """Everybody who has an account."""
    return _users(visit)


def _users(
    visit: Visit, problem: str = "", link: tuple[User, str] | None = None, status: int = 200
) -> Response:
    with transaction(visit.app.engine) as session:
        found = people.accounts(session)
        note_read(session, visit, "users")
    said = visit.t(f"users.problem.{problem}") if problem else ""
    given = {k: _text(visit, k) if problem else "" for k in ("name", "shown")}
    return page(
        visit, "users.html", here="users", status=status, accounts=found, roles=ROLES, problem=said,
        link=link, given=given, done=visit.request.query_params.get("done", ""),
    )  # fmt: skip


@router.post("/users")
def add_user(visit: AdminOf) -> Response:
    """A new account, and the link that lets its owner in the first time."""
    name, shown, role, language = (_text(visit, k) for k in ("name", "shown", "role", "language"))
    came = manage.add(visit.app, name, shown, role, language, user_of(visit).name)
    if isinstance(came, str):
        return _users(visit, came, status=UNFIT)
    return _link_for(visit, came)


@router.post("/users/{user_id}/role")
def give_role(visit: AdminOf, user_id: int) -> Response:
    """Another role for a user."""
    came = manage.give_role(visit.app, user_id, _text(visit, "role"), user_of(visit).name)
    return _done(visit, came, "role")


@router.post("/users/{user_id}/disable")
def disable(visit: AdminOf, user_id: int) -> Response:
    """Let a user in no more."""
    return _done(visit, manage.disable(visit.app, user_id, True, user_of(visit).name), "disable")


@router.post("/users/{user_id}/enable")
def enable(visit: AdminOf, user_id: int) -> Response:
    """Let a user in again."""
    return _done(visit, manage.disable(visit.app, user_id, False, user_of(visit).name), "enable")


@router.post("/users/{user_id}/link")
def make_link(visit: AdminOf, user_id: int) -> Response:
    """A link that lets a user in once."""
    with reading(visit.app.engine) as session:
        found = people.account(session, user_id)
    if found is None or found.disabled_at is not None:
        return _users(visit, "unknown", status=UNFIT)
    return _link_for(visit, found.user)


def _link_for(visit: Visit, user: User) -> Response:
    secret = new_link(visit.app, user.id, user_of(visit).name)
    base = visit.app.settings.public_address or str(visit.request.base_url)
    return _users(visit, link=(user, f"{base.rstrip('/')}/login/link/{secret}"))


def _done(visit: Visit, came: User | manage.Problem, what: str) -> Response:
    if isinstance(came, User):
        return RedirectResponse(f"/users?done={what}", 303)
    if came == "unknown":
        raise Missing("user")
    return _users(visit, came, status=UNFIT)


@router.get("/audit")
def log(visit: AnalystOf) -> Response:
    """Who did what, the newest first."""
    given = _given(visit)
    before = visit.request.query_params.get("before", "")
    below = int(before) if before.isdecimal() and len(before) < 19 else None
    with transaction(visit.app.engine) as session:
        found = audit.entries(session, _wanted(given), below, SHOWN + 1)
        known = audit.actions(session)
        note_read(session, visit, "audit", given)
    older = found[SHOWN - 1].id if len(found) > SHOWN else None
    return page(
        visit, "audit.html", here="audit", entries=found[:SHOWN], actions=known,
        given={name: given.get(name, "") for name in FIELDS},
        older=older and url("/audit", **given, before=str(older)), written=_written,
        newest=url("/audit", **given) if below else None, csv=url("/audit.csv", **given),
        filtered=bool(given),
    )  # fmt: skip


@router.get("/audit.csv")
def log_file(visit: AnalystOf) -> Response:
    """The same as a file, at most EXPORTED rows."""
    given = _given(visit)
    with transaction(visit.app.engine) as session:
        found = audit.entries(session, _wanted(given), None, EXPORTED)
        note_read(session, visit, "audit file", {**given, "rows": len(found)})
    name = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    return Response(to_csv(_HEAD, map(_row, found)), media_type="text/csv", headers=name)


_HEAD = ("id", "at", "who", "action", "subject", "before", "after")


def _row(entry: audit.Entry) -> Sequence[object]:
    at = entry.at.isoformat()
    values = (_written(entry.before), _written(entry.after))
    return (entry.id, at, entry.who, entry.action, entry.subject, *values)


def note_read(
    session: Session, visit: Visit, subject: str, what: dict[str, Any] | None = None
) -> None:
    """Reading this matters, so it is noted."""
    who = user_of(visit).name
    audit.write_audit(session, visit.app.clock(), who, "read", subject, after=what or None)


def _given(visit: Visit) -> dict[str, str]:
    asked = visit.request.query_params
    return {name: asked[name].strip()[:200] for name in FIELDS if asked.get(name, "").strip()}


def _wanted(given: dict[str, str]) -> audit.Wanted:
    since, until = _day(given.get("since", "")), _day(given.get("until", ""))
    return audit.Wanted(
        given.get("who", ""), given.get("action", ""), given.get("subject", ""),
        _start(since) if since else None,
        _start(until + timedelta(days=1)) if until else None,
    )  # fmt: skip


def _day(text: str) -> date | None:
    try:
        return min(date.fromisoformat(text), date(9000, 1, 1))
    except ValueError:
        return None


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), HELSINKI).astimezone(UTC)


def _written(values: object) -> str:
    return "" if values is None else json.dumps(values, ensure_ascii=False, sort_keys=True)


def _text(visit: Visit, name: str) -> str:
    value = visit.form.get(name, "")
    return value if isinstance(value, str) else ""
