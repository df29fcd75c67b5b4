"""Rows as ingestion leaves them, for tests of the stages after it."""

from datetime import UTC, datetime

from monitor.db.tables import ArticleRow, FeedRow

AT = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)


def article_row(
    number: int, *, title: str = "Otsikko", group: str = "g", **changed: object
) -> ArticleRow:
    """An article as ingestion leaves it."""
    row = ArticleRow(
        address=f"https://a.example/{number}", feed_id="a", publisher_group=group, feed_home=["19"],
        title=title, text="Teksti.", language="fi", language_confidence=1.0, completeness="full",
        text_source="page", published=AT, published_source="feed", first_seen=AT,
        content_hash=f"v1:{number}", fingerprint=b"",
    )  # fmt: skip
    for name, value in changed.items():
        setattr(row, name, value)
    return row


def feed_row(id_: str = "a", kind: str = "daily") -> FeedRow:
    return FeedRow(
        id=id_, url=f"https://{id_}.example/rss", title=id_, lang="fi", home=["19"],
        publisher_group="g", kind=kind,
    )  # fmt: skip
