"""The menu: an entry stands where its route exists and only for whom the route is open."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from monitor.people.values import Role, User

FIRST = (
    ("overview", "/"), ("queue", "/queue"), ("regions", "/regions"), ("alerts", "/alerts"),
    ("feeds", "/feeds"), ("readiness", "/readiness"), ("models", "/models"),
    ("summary", "/summary"), ("method", "/method"),
)  # fmt: skip
SECOND = (
    ("topics", "/topics"), ("support", "/support"), ("articles", "/articles"), ("labels", "/labels"), ("jobs", "/jobs"),
    ("users", "/users"), ("audit", "/audit"), ("settings", "/settings"),
)  # fmt: skip

Entry = tuple[str, str, int]
"""Name, address, and the number that stands beside it (0: none)."""


@dataclass(frozen=True)
class Shown:
    """The menu as one user sees it."""

    first: tuple[Entry, ...]
    second: tuple[Entry, ...]


@dataclass(frozen=True)
class Menu:
    """Which role each address needs, as the routes say."""

    needs: dict[str, Role | None]

    def of(self, user: User | None, waiting: int) -> Shown:
        """What `user` may open; nothing for a stranger."""
        return Shown(*(tuple(self._open(entries, user, waiting)) for entries in (FIRST, SECOND)))

    def _open(
        self, entries: tuple[tuple[str, str], ...], user: User | None, waiting: int
    ) -> Iterable[Entry]:
        for name, path in entries:
            if user is None or path not in self.needs:
                continue
            least = self.needs[path]
            if least is None or user.may(least):
                yield name, path, waiting if name == "queue" else 0


def menu_of(web: Any) -> Menu:
    """The menu of an application, which made it as it started."""
    menu: Menu = web.state.menu
    return menu
