"""Signing in and out, and a person's own page."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from monitor.db.engine import reading, transaction
from monitor.db.people import account, set_language
from monitor.db.sessions import sessions_of
from monitor.i18n import LANGUAGES
from monitor.people.oidc import Errand, come_back, way_in
from monitor.people.passwords import LONGEST
from monitor.people.signin import (
    Browser,
    Opened,
    Wait,
    change_password,
    sign_in,
    sign_in_by_link,
    sign_out,
    sign_out_everywhere,
)
from monitor.people.tokens import form_token, new_secret
from monitor.web.access import ViewerOf, form_of, user_of
from monitor.web.cookies import (
    device_name,
    drop_errand,
    drop_session,
    errand_of,
    session_secret,
    set_device,
    set_errand,
    set_session,
)
from monitor.web.cookies import set_language as remember
from monitor.web.pages import Missing, Visit, VisitOf, page
from monitor.web.refusals import login_values
from monitor.web.resume import read_kept, safe_path

router = APIRouter()

Posted = Annotated[FormData, Depends(form_of)]


def browser_of(request: Request) -> Browser:
    """Who asks, as far as signing in needs it."""
    address = request.client.host if request.client else ""
    device = request.cookies.get(device_name(request), "")[:200]
    return Browser(address, request.headers.get("user-agent", ""), session_secret(request), device)


@router.get("/login")
def login(visit: VisitOf) -> Response:
    """The form; one who is signed in goes on at once."""
    following = safe_path(visit.request.query_params.get("next", "/"))
    if visit.user is not None:
        return RedirectResponse(following, 303)
    return page(visit, "login.html", **login_values(following=following))


@router.post("/login")
def try_login(visit: VisitOf, form: Posted) -> Response:
    """A name and a password; then on to where the person was going, or what they had typed."""
    name, password = _text(form, "name"), _text(form, "password")
    kept, following = _text(form, "kept"), safe_path(_text(form, "next"))
    if len(password) > LONGEST:
        password = ""  # nobody has such a password
    came = sign_in(visit.app, name, password, browser_of(visit.request))
    if isinstance(came, Opened):
        return _welcome(visit, came, following, kept)
    t = visit.t
    said = t("login.wait", at=t.moment(came.until)) if isinstance(came, Wait) else t("login.wrong")
    values = login_values(kept=kept, following=following, problem=said, name=name[:200])
    answer = page(visit, "login.html", status=429 if isinstance(came, Wait) else 401, **values)
    if isinstance(came, Wait):
        seconds = (came.until - visit.app.clock()).total_seconds()
        answer.headers["Retry-After"] = str(max(1, int(seconds)))
    return answer


def _welcome(visit: Visit, came: Opened, following: str, kept: str) -> Response:
    posted = read_kept(kept) if kept else None
    answer: Response
    if posted is None:
        answer = RedirectResponse(following, 303)
    else:
        fresh = form_token(came.secret)
        answer = page(visit, "resume.html", posted=posted, fresh=fresh, following=following)
    _enter(visit.request, answer, came)
    remember(visit.request, answer, came.user.language)
    return answer


@router.get("/login/link/{secret}")
def link(visit: VisitOf, secret: str) -> Response:
    """A one-time link asks before it is used up: mail scanners open links too."""
    return page(visit, "link.html", secret=secret, failed=False)


@router.post("/login/link/{secret}")
def follow_link(visit: VisitOf, secret: str) -> Response:
    """Use a one-time link."""
    came = sign_in_by_link(visit.app, secret, browser_of(visit.request))
    if came is None:
        return page(visit, "link.html", status=410, secret="", failed=True)
    return _welcome(visit, came, "/", "")


@router.get("/login/oidc")
def leave_for_provider(visit: VisitOf) -> Response:
    """To the organisation's identity provider."""
    if not visit.app.settings.oidc_issuer:
        raise Missing("page")
    errand = Errand(new_secret())
    to = way_in(visit.app, errand, _back(visit))
    if not to.startswith("http"):
        return _login_problem(visit, to)
    answer = RedirectResponse(to, 303)
    following = safe_path(visit.request.query_params.get("next", "/"))
    set_errand(visit.request, answer, errand.secret, following)
    return answer


@router.get("/login/oidc/back")
def back_from_provider(visit: VisitOf) -> Response:
    """What the provider says of who came back."""
    if not visit.app.settings.oidc_issuer:
        raise Missing("page")
    secret, following = errand_of(visit.request)
    browser, given = browser_of(visit.request), dict(visit.request.query_params)
    came = come_back(visit.app, Errand(secret), given, _back(visit), browser)
    if not isinstance(came, Opened):
        return _login_problem(visit, came)
    answer = _welcome(visit, came, safe_path(following), "")
    drop_errand(visit.request, answer)
    return answer


def _back(visit: Visit) -> str:
    base = visit.app.settings.public_address or str(visit.request.base_url)
    return f"{base.rstrip('/')}/login/oidc/back"


def _login_problem(visit: Visit, what: str) -> Response:
    values = login_values(problem=visit.t(f"login.oidc.{what}"))
    return page(visit, "login.html", status=502 if what == "provider" else 403, **values)


@router.post("/logout")
def logout(visit: ViewerOf) -> Response:
    """End this session."""
    assert visit.session is not None
    sign_out(visit.app, visit.session)
    answer = RedirectResponse("/login", 303)
    drop_session(visit.request, answer)
    # a next person at this browser does not page back into what it kept; drafts stay their writer's
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


@router.get("/me")
def me(visit: ViewerOf) -> Response:
    """Who am I here: language, password, where I am signed in."""
    return _me(visit)


def _me(visit: Visit, problem: str = "", status: int = 200) -> Response:
    with reading(visit.app.engine) as session:
        found = account(session, user_of(visit).id)
        signed = sessions_of(session, user_of(visit).id)
    assert found is not None
    return page(
        visit, "me.html", here="me", status=status, account=found, sessions=signed, problem=problem,
        least=visit.app.settings.password_least, done=visit.request.query_params.get("done", ""),
    )  # fmt: skip


@router.post("/me/language")
def my_language(visit: ViewerOf) -> Response:
    """The language of the pages from now on."""
    user, language = user_of(visit), _text(visit.form, "language")
    if language not in LANGUAGES:
        return _me(visit, visit.t("me.language_unknown"), 422)
    with transaction(visit.app.engine) as session:
        set_language(session, user.id, language, user.name, visit.app.clock())
    answer = RedirectResponse("/me?done=language", 303)
    remember(visit.request, answer, language)
    return answer


@router.post("/me/password")
def my_password(visit: ViewerOf) -> Response:
    """Another password; every other browser is signed out."""
    assert visit.session is not None
    old, new = _text(visit.form, "old"), _text(visit.form, "new")
    t = visit.t
    if new != _text(visit.form, "again"):
        return _me(visit, t("me.password.differ"), 422)
    came = change_password(visit.app, visit.session, old, new, browser_of(visit.request))
    if isinstance(came, Wait):
        return _me(visit, t("login.wait", at=t.moment(came.until)), 429)
    if isinstance(came, str):
        least = visit.app.settings.password_least
        said = (
            t(f"me.password.{came}", least=least) if came == "short" else t(f"me.password.{came}")
        )
        return _me(visit, said, 422)
    answer = RedirectResponse("/me?done=password", 303)
    _enter(visit.request, answer, came)
    return answer


def _enter(request: Request, answer: Response, came: Opened) -> None:
    set_session(request, answer, came.secret)
    if came.device:
        set_device(request, answer, came.device)


@router.post("/me/leave")
def leave_everywhere(visit: ViewerOf) -> Response:
    """Sign out in every browser, this one too."""
    user = user_of(visit)
    sign_out_everywhere(visit.app, user, user.name)
    answer = RedirectResponse("/login", 303)
    drop_session(visit.request, answer)
    return answer


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""
