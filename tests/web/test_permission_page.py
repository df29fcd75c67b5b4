"""The feeds page says what permits reading a feed, or what stands against it, in three languages."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from classifiers.reference import Reference
from monitor.db.engine import transaction
from monitor.db.tables import EntryRow, FeedRow, PollRow
from monitor.values import Permission
from tests.web.conftest import client_of
from tests.web.test_pages import tree, words

AT = datetime(2026, 11, 15, 4, 0, tzinfo=UTC)
REASON = "not allowed: the robots.txt of kiinni.example refuses this address"


def _feed(session: Session, name: str, permission: Permission, agreement: str = "") -> None:
    session.add(
        FeedRow(
            id=name, url=f"https://{name}.example/rss", title=name, lang="fi", home=[],
            publisher_group=name, kind="daily", last_poll=AT, permission=agreement,
            failures=0.0 if permission.may else 1.0,
        )
    )  # fmt: skip
    session.flush()
    outcome, reason = ("ok", "") if permission.may else ("failed", REASON)
    session.add(
        PollRow(feed_id=name, at=AT, outcome=outcome, reason=reason, permission=permission.value)
    )


@pytest.mark.parametrize(
    ("language", "state", "agreement", "pages"),
    [
        ("fi", "ei saa lukea", "sopimuksen nojalla, agreement 2026-01", "2 sivua jätetty"),
        ("sv", "får inte läsas", "enligt avtal, agreement 2026-01", "2 sidor har lämnats"),
        ("en", "may not be read", "by agreement, agreement 2026-01", "2 pages not read"),
    ],
)
def test_each_feed_shows_its_permission(
    sqlite: Engine, reference: Reference, language: str, state: str, agreement: str, pages: str
) -> None:
    with transaction(sqlite) as session:
        _feed(session, "kiinni", Permission.ROBOTS)
        _feed(session, "sovittu", Permission.AGREEMENT, "agreement 2026-01")
        _feed(session, "avoin", Permission.ALLOWED)
        for n, permission in enumerate([Permission.TDM_META] * 2 + [Permission.ALLOWED]):
            session.add(
                EntryRow(
                    feed_id="avoin", key=f"{n}", link="", own_page=False, title="Jono", summary="",
                    first_seen=AT, last_seen=AT, entry_hash="x", permission=permission.value,
                )
            )  # fmt: skip
    with client_of(sqlite, reference) as client:
        rows = tree(client, f"/feeds?lang={language}").xpath("//table[@class='feeds']/tbody/tr")
    said = {row.xpath(".//th//span")[0].text: words(row) for row in rows}
    assert rows[0].get("class") == "feed-refused"
    assert state in said["kiinni"]
    assert "robots.txt" in said["kiinni"]
    assert agreement in said["sovittu"]
    assert pages in said["avoin"]
