"""What sites said about robots and text mining, kept between fetches."""

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from monitor.db.engine import reading, transaction
from monitor.db.tables import SiteRow
from monitor.fetch.permission import Site, TdmRule


class StoredSites:
    """The `SiteBook` of the network edge, each call in a session of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, origin: str) -> Site | None:
        """What is known of `origin`, also when it has expired."""
        with reading(self._engine) as session:
            row = session.get(SiteRow, origin)
            return _site(row) if row is not None else None

    def keep(self, site: Site) -> None:
        """Remember `site` in the place of what was known of its origin."""
        with transaction(self._engine) as session:
            _merge(session, site)


def _merge(session: Session, site: Site) -> None:
    session.merge(
        SiteRow(
            origin=site.origin,
            asked=site.asked,
            expires=site.expires,
            status=site.status,
            robots=site.robots,
            tdm=[[rule.location, rule.reserved] for rule in site.tdm],
            unreadable_since=site.unreadable_since,
            delay=site.delay,
        )
    )


def _site(row: SiteRow) -> Site:
    return Site(
        origin=row.origin,
        asked=row.asked,
        expires=row.expires,
        status=row.status,
        robots=row.robots,
        tdm=tuple(TdmRule(location, reserved) for location, reserved in row.tdm),
        unreadable_since=row.unreadable_since,
        delay=row.delay,
    )


def delays(session: Session) -> dict[str, float]:
    """Origin -> seconds between two requests that its robots.txt asks for, of those that ask."""
    query = select(SiteRow.origin, SiteRow.delay).where(col(SiteRow.delay) > 0)
    return dict(session.exec(query).all())
