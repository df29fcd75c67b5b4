"""The cookies: which session, which language, that the browser is known. Nothing else is kept in a browser by the server.

Over https the session's cookie has the prefix __Host-, which no page of another host or path can set.
"""

from urllib.parse import quote, unquote

from fastapi import Request, Response

from monitor.settings import Settings

SESSION = "session"
ERRAND = "errand"
LANGUAGE = "lang"
DEVICE = "device"
YEAR_SECONDS = 365 * 24 * 3600


def is_https(request: Request) -> bool:
    """Whether the reader's browser speaks TLS: to us, or to the proxy before us."""
    settings: Settings = request.app.state.application.settings
    return request.url.scheme == "https" or settings.public_address.startswith("https:")


def session_name(request: Request) -> str:
    """What the session's cookie is called."""
    return f"__Host-{SESSION}" if is_https(request) else SESSION


def session_secret(request: Request) -> str:
    """The secret the browser brought; "" without one."""
    return request.cookies.get(session_name(request), "")


def set_session(request: Request, response: Response, secret: str) -> None:
    """Give the browser the secret of its session: until it is closed, out of reach of scripts."""
    response.set_cookie(
        session_name(request), secret, httponly=True, samesite="lax", secure=is_https(request),
        path="/",
    )  # fmt: skip


def drop_session(request: Request, response: Response) -> None:
    """Take the session's cookie away."""
    response.delete_cookie(
        session_name(request), httponly=True, samesite="lax", secure=is_https(request), path="/"
    )


def device_name(request: Request) -> str:
    """What the cookie of a browser that has signed in before is called."""
    return f"__Host-{DEVICE}" if is_https(request) else DEVICE


def set_device(request: Request, response: Response, token: str) -> None:
    """Leave what shows, at the next sign-in, that this browser is not a stranger's."""
    response.set_cookie(
        device_name(request), token, max_age=YEAR_SECONDS, httponly=True, samesite="strict",
        secure=is_https(request), path="/",
    )  # fmt: skip


def set_language(request: Request, response: Response, language: str) -> None:
    """Remember the language of the pages for a year."""
    response.set_cookie(
        LANGUAGE, language, max_age=YEAR_SECONDS, httponly=True, samesite="lax",
        secure=is_https(request),
    )  # fmt: skip


def set_errand(request: Request, response: Response, secret: str, following: str) -> None:
    """Remember, for the way to the identity provider and back, what the answer is checked against."""
    response.set_cookie(
        ERRAND, f"{secret}.{quote(following)}", max_age=600, httponly=True,
        samesite="lax", secure=is_https(request), path="/login/oidc",
    )  # fmt: skip


def errand_of(request: Request) -> tuple[str, str]:
    """The secret of the errand, and where to go afterwards."""
    secret, _, following = request.cookies.get(ERRAND, "").partition(".")
    return secret, unquote(following) or "/"


def drop_errand(request: Request, response: Response) -> None:
    """The errand is done; its secret works no second time."""
    response.delete_cookie(
        ERRAND, httponly=True, samesite="lax", secure=is_https(request), path="/login/oidc"
    )
