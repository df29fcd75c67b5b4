"""What every page shares: the visitor's language, addresses, the templates, the answer's headers.

Decides nothing about what a page says.
"""

import base64
import hashlib
import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import FormData

from monitor.db.engine import reading
from monitor.db.review import waiting_count
from monitor.db.summaries import holds_sample
from monitor.i18n import LANGUAGES, Translator
from monitor.people.sessions import signed_in
from monitor.people.tokens import form_token
from monitor.people.values import SignedIn, User
from monitor.web.cookies import LANGUAGE, YEAR_SECONDS, session_secret
from monitor.web.menu import menu_of

if TYPE_CHECKING:
    from monitor.app import App

HERE = Path(__file__).parent


class Missing(Exception):
    """What the address names is not there; shown as a 404 page with `missing.<what>`."""

    def __init__(self, what: str, name: str = "") -> None:
        super().__init__(f"{what} {name}")
        self.what = what
        self.name = name


@dataclass(frozen=True)
class Visit:
    """One request: the application, the address asked for, the language it is answered in."""

    app: "App"
    request: Request
    t: Translator
    session: SignedIn | None = None
    token: str = ""  # that the forms of this session carry
    waiting: int = 0  # cards in the review queue
    form: FormData = field(default_factory=FormData)  # what was posted

    @property
    def user(self) -> User | None:
        """Who is signed in."""
        return None if self.session is None else self.session.user

    def parameter(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        """A choice from the address; what is not among `allowed` counts as the default."""
        given = self.request.query_params.get(name, default)
        return given if given in allowed else default

    def address(self, **changes: str | None) -> str:
        """This page's address with some parameters changed or, where None, taken out."""
        given = {k: v for k, v in self.request.query_params.items() if k != "lang"}
        return url(self.request.url.path, **{**given, **changes})


def url(path: str, **query: str | None) -> str:
    """`path` with the parameters that are not None."""
    kept = {name: value for name, value in query.items() if value is not None}
    return f"{path}?{urlencode(kept)}" if kept else path


def visit_of(request: Request) -> Visit:
    """Who asks, by the session's cookie. The language comes from ?lang=, else from the cookie, else
    from the user, else from the settings."""
    app: App = request.app.state.application
    secret = session_secret(request)
    session = secret and signed_in(app.engine, app.settings, app.clock(), secret)
    own = session.user.language if session else None
    asked = (request.query_params.get("lang"), request.cookies.get(LANGUAGE), own)
    language = next((x for x in asked if x in LANGUAGES), app.settings.language)
    if not session:
        return Visit(app, request, Translator(language))
    return Visit(app, request, Translator(language), session, form_token(secret))


VisitOf = Annotated[Visit, Depends(visit_of)]


def page(
    visit: Visit, template: str, *, status: int = 200, here: str = "", **values: Any
) -> HTMLResponse:
    """`template` rendered for `visit`. `here` names the entry of the menu the page belongs to."""
    with reading(visit.app.engine) as session:
        sample = holds_sample(session)
        waiting = waiting_count(session) if visit.user and visit.user.may("reviewer") else 0
    visit = replace(visit, waiting=waiting)
    html = (
        templates()
        .get_template(template)
        .render(
            t=visit.t,
            visit=visit,
            url=url,
            now=visit.app.clock(),
            sample=sample,
            menu=menu_of(visit.request.app).of(visit.user, waiting),
            here=here,
            languages=LANGUAGES,
            **values,
        )
    )
    return answer(visit, html, status, scripts=True)


def answer(visit: Visit, html: str, status: int = 200, *, scripts: bool = False) -> HTMLResponse:
    """`html` with its headers; remembers the language where the address asked for one."""
    response = HTMLResponse(
        html, status_code=status, headers={"Content-Language": visit.t.language}
    )
    response.headers["Content-Security-Policy"] = content_policy(html, scripts)
    if visit.request.query_params.get("lang") == visit.t.language:
        response.set_cookie(
            LANGUAGE, visit.t.language, max_age=YEAR_SECONDS, httponly=True, samesite="lax"
        )
    return response


_STYLE = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL)


def content_policy(html: str, scripts: bool) -> str:
    """The strictest policy `html` works under: only our own styles, and our own `scripts` or none.

    A weekly summary is one file that carries its style inside; that style is allowed by its hash.
    """
    hashes = [
        base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        for style in _STYLE.findall(html)
    ]
    styles = " ".join(["'self'", *(f"'sha256-{h}'" for h in hashes)])
    own = "script-src 'self'; connect-src 'self'; " if scripts else ""
    return (
        f"default-src 'none'; {own}style-src {styles}; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


@lru_cache(maxsize=1)
def templates() -> Environment:
    """The templates: everything is escaped, and a name that is not given is an error."""
    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
