"""The network edge for commands that only look: robots.txt is honoured, and nothing is kept."""

from monitor.app import limits, user_agent
from monitor.fetch.client import Fetcher
from monitor.fetch.permission import Site
from monitor.settings import Settings


class _Book:
    """What sites permit, for as long as the command runs."""

    def __init__(self) -> None:
        self._sites: dict[str, Site] = {}

    def find(self, origin: str) -> Site | None:
        return self._sites.get(origin)

    def keep(self, site: Site) -> None:
        self._sites[site.origin] = site


def looking(settings: Settings) -> Fetcher:
    """A network edge without a store; a context manager."""
    return Fetcher(
        limits(settings),
        user_agent(settings.contact),
        allow_private=settings.allow_private_addresses,
        book=_Book(),
    )
