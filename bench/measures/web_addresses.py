"""Every page that the application has, as addresses of things that are in the store.

Read off the application's own routes: a page that is added is measured without being listed here, as long
as its parameters are of a kind that is known here.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI
from sqlalchemy import Engine, text
from starlette.routing import BaseRoute, Mount

from bench.measures.web_walk import Step
from classifiers.reference import Reference
from monitor.db.engine import reading

# Not pages: files, downloads of the whole store, what begins and ends a session.
LEFT_OUT = ("/static", "/login", "/logout", "/favicon.ico", "/link", "/oidc", "/api/v1/export")
SEARCH = "/articles?q="  # what searches are counted under
SAMPLE = 200  # values kept of each parameter
# What a visitor asks of a page beside its bare address, each as often as that.
QUERIES: Mapping[str, Sequence[str]] = {
    "/": ("", "?week={week}", "?show=change", "?week={week}&show=media"),
    "/regions": ("", "?week={week}"),
    "/regions/{code}": ("", "?week={week}", "?week={week}&group=personnel"),
    "/feeds": ("", "?state=failing"),
    "/readiness": ("", "?view=target"),
    "/articles": ("", "?q={word}", "?q={word}"),
    "/topics/{topic}": ("", "?week={week}"),
    "/alerts": ("", "?week={week}"),
    **{
        f"/api/v1/{kind}": ("?week=latest", "?week={week}")
        for kind in (
            "signals",
            "stories",
            "scores",
            "readiness",
            "coverage",
            "alerts",
        )
    },
}
WORDS: tuple[str, ...] = (
    "sairaanhoitaja", "päivystys", "vuodeosasto", "pelastuslaitos", "jonot", "hälsostation",
    "vårdköerna", "leikkausjono Kuopio", "ambulans", "hyvinvointialueen talous", "personalbrist",
)  # fmt: skip

_IDS: Mapping[str, str] = {
    "/articles": "SELECT id FROM articles WHERE id > :at ORDER BY id LIMIT 40",
    "/jobs": "SELECT id FROM jobs ORDER BY id DESC LIMIT 20",
    "/queue": "SELECT article_id FROM review_items WHERE article_id > :at AND lane = 1 ORDER BY article_id LIMIT 40",
}


class Addresses:
    """Draws walks through all pages."""

    def __init__(self, web: FastAPI, engine: Engine, reference: Reference, seed: int) -> None:
        self._rng = random.Random(seed)
        self._known = _known(engine, reference)
        found = sorted(set(_paths(web.routes)))
        self.pages = [path for path in found if self._values(path) is not None]
        self.unknown = [path for path in found if self._values(path) is None]

    def walk(self) -> list[Step]:
        """Every page once, in a random order, with what it asks drawn anew."""
        pages = self._rng.sample(self.pages, len(self.pages))
        return [self.step(page) for page in pages]

    def step(self, page: str) -> Step:
        """One request of a page; a search is a page of its own."""
        address = self.address(page)
        return Step(SEARCH if address.startswith(SEARCH) else page, address)

    def address(self, page: str) -> str:
        """One address of a page."""
        values = self._values(page) or {}
        path = page
        for name, value in values.items():
            path = path.replace("{" + name + "}", quote(str(value)))
        query = self._rng.choice(QUERIES.get(page, ("",)))
        return path + query.format(
            week=self._rng.choice(self._known["week"]), word=quote(self._rng.choice(WORDS))
        )

    def _values(self, page: str) -> dict[str, Any] | None:
        """A value for every parameter of the path; None where one is of a kind not known here."""
        found = {}
        for part in page.split("/"):
            if "{" not in part:
                continue
            name = part[part.index("{") + 1 : part.index("}")]
            values = self._known.get(name) or self._known.get(_head(page))
            if not values:
                return None
            found[name] = self._rng.choice(values)
        return found


def _head(page: str) -> str:
    return "/" + page.split("/")[1]


def _paths(routes: Sequence[BaseRoute], before: str = "") -> Iterator[str]:
    for route in routes:
        router = getattr(route, "original_router", None)  # of routes that were included
        path = before + str(getattr(route, "path_format", ""))
        if router is not None:
            yield from _paths(router.routes, before)
        elif isinstance(route, Mount):
            yield from _paths(route.routes or (), before + route.path)
        elif _is_page(route, path):
            yield path


def _is_page(route: BaseRoute, path: str) -> bool:
    if path.startswith(LEFT_OUT) or path.endswith((".csv", ".xlsx", ".docx", ".pdf")):
        return False
    return "GET" in (getattr(route, "methods", None) or ())


def _known(engine: Engine, reference: Reference) -> dict[str, list[Any]]:
    """Parameter name, or the head of a path -> values that are in the store."""
    known: dict[str, list[Any]] = {
        "code": list(reference.units),
        "region": list(reference.units),
        "topic": [topic.id for topic in reference.topics],
        "task": ["topic"],
        "picture": ["calibration"],
        "level": ["full"],
        "language": ["fi", "sv"],
    }
    with reading(engine) as session:
        connection = session.connection()
        weeks = connection.execute(text("SELECT DISTINCT week FROM summaries ORDER BY week"))
        known["week"] = [week for (week,) in weeks]
        most = connection.scalar(text("SELECT max(id) FROM articles")) or 0
        for head, query in _IDS.items():
            starts = [int(most * n / 5) for n in range(5)]
            rows = [
                connection.execute(text(query), {"at": s} if ":at" in query else {}) for s in starts
            ]
            known[head] = [row[0] for found in rows for row in found][:SAMPLE]
    return known
