"""Which pages this web application has: no link leads to one that is not there."""

from starlette.routing import BaseRoute

from monitor.web.pages import Visit


def has_page(visit: Visit, path: str) -> bool:
    """Whether there is a page at exactly `path`."""
    routes: list[BaseRoute] = visit.request.app.routes
    return any(getattr(route, "path", "") == path for route in routes)
