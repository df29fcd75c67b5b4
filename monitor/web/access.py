"""Who may open a page: the one place where roles and form tokens are checked.

A route says what it needs by the type of its first parameter: `visit: ReviewerOf`. The visit it gets has
`visit.user`, and on a POST the form in `visit.form`. Decides nothing else.
"""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile
from starlette.routing import BaseRoute

from monitor.people.tokens import same
from monitor.people.values import ROLES, Role, User
from monitor.text import storable
from monitor.web.foreign import UPLOAD
from monitor.web.pages import Visit, VisitOf

SAFE = ("GET", "HEAD", "OPTIONS")
MOST_FILES, MOST_FIELDS = 3, 5000  # of one form; the codebook's has some hundred fields
FILE = "file"  # the one field that is a file, at UPLOAD
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class NeedsSignIn(Exception):
    """Nobody is signed in, or the session has ended."""


class Refused(Exception):
    """Somebody is signed in, but this is not for them; `why` is role or token."""

    def __init__(self, why: str, least: str = "") -> None:
        super().__init__(f"{why} {least}")
        self.why = why
        self.least = least


class Least:
    """A dependency: the visit of somebody with at least this role, whose form is their own."""

    def __init__(self, role: Role) -> None:
        self.role = role

    async def __call__(self, request: Request, visit: VisitOf) -> Visit:
        """Raises NeedsSignIn, or Refused for another role or a form that is not of this session."""
        if visit.user is None:
            raise NeedsSignIn
        if not visit.user.may(self.role):
            raise Refused("role", self.role)
        if request.method in SAFE:
            return visit
        form = await form_of(request)
        given = form.get("token") or request.headers.get("x-token", "")
        if not isinstance(given, str) or not same(given, visit.token):
            raise Refused("token")
        return replace(visit, form=form)


ViewerOf = Annotated[Visit, Depends(Least("viewer"))]
ReviewerOf = Annotated[Visit, Depends(Least("reviewer"))]
AnalystOf = Annotated[Visit, Depends(Least("analyst"))]
AdminOf = Annotated[Visit, Depends(Least("admin"))]


async def form_of(request: Request) -> FormData:
    """The fields of a posted form, without characters that no store takes; a file only where one is meant.
    Empty for a body of another kind."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind not in FORMS:
        return FormData()
    given = await request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS)
    kept: list[tuple[str, str | UploadFile]] = []
    for name, value in given.multi_items():
        if isinstance(value, str):
            kept.append((storable(name), storable(value)))
        elif (request.url.path, name) == (UPLOAD, FILE):
            kept.append((name, value))
        else:
            await value.close()
    return FormData(kept)


def user_of(visit: Visit) -> User:
    """The user of a visit that passed one of the dependencies above."""
    assert visit.user is not None
    return visit.user


def least_role(route: BaseRoute) -> Role | None:
    """The least role that `route` needs; None where it is open to everybody."""
    found = [d.call.role for d in _dependants(route) if isinstance(d.call, Least)]
    return max(found, key=ROLES.index, default=None)


def _dependants(route: BaseRoute) -> list[Any]:
    waiting, found = [getattr(route, "dependant", None)], []
    while waiting:
        one = waiting.pop()
        if one is not None:
            found.append(one)
            waiting += one.dependencies
    return found
