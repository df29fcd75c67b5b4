"""What goes into a weekly summary, read from the store. Versions of summaries are in `editions`."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from monitor.db.claims import current_claims
from monitor.db.scores import from_json
from monitor.db.tables import ArticleRow, FeedRow, ScoreRow, SummaryRow
from monitor.summary.values import Source, StoryLine
from monitor.values import ALL_GROUPS, SAMPLE_NOTE, Claim, Score


def summarised_weeks(session: Session) -> frozenset[str]:
    """Weeks that have a summary."""
    return frozenset(session.exec(select(SummaryRow.week).distinct()).all())


def week_stories(
    session: Session, start: datetime, end: datetime
) -> tuple[tuple[StoryLine, ...], dict[str, int]]:
    """The relevant stories with an article published in [start, end), and counts of the week.

    Stories told by most publisher groups come first. Counts: articles, relevant, publisher_groups.
    """
    rows = session.exec(
        select(ArticleRow, FeedRow.title)
        .join(FeedRow, col(FeedRow.id) == ArticleRow.feed_id)
        .where(col(ArticleRow.published) >= start, col(ArticleRow.published) < end)
        .order_by(col(ArticleRow.published), col(ArticleRow.id))
    ).all()
    claims = current_claims(session, [a.id for a, _ in rows if a.id is not None])
    relevant = {a.id for a, _ in rows if a.id is not None and is_relevant(claims.get(a.id, ()))}
    stories = _stories(((a, outlet) for a, outlet in rows if a.id in relevant), claims)
    counts = {
        "articles": len(rows),
        "relevant": len(relevant),
        "publisher_groups": len({a.publisher_group for a, _ in rows}),
    }
    return tuple(sorted(stories, key=lambda s: (-s.publisher_groups, -s.relevance, s.id))), counts


def totals(session: Session, weeks: Iterable[str]) -> dict[str, list[Score]]:
    """Week -> the units' scores in force over all groups; weeks without any are left out."""
    query = (
        select(ScoreRow.value)
        .where(col(ScoreRow.week).in_(list(weeks)), ScoreRow.group == ALL_GROUPS)
        .where(col(ScoreRow.current))
        .order_by(col(ScoreRow.week), col(ScoreRow.region))
    )
    found: dict[str, list[Score]] = defaultdict(list)
    for value in session.exec(query):
        score = from_json(value)
        found[score.week].append(score)
    return dict(found)


def is_relevant(claims: Iterable[Claim]) -> bool:
    """Whether the claims in force say that the article is relevant."""
    return any(c.task == "relevance" and c.decided for c in claims)


def holds_sample(session: Session) -> bool:
    """Whether the store was filled from the invented sample newsroom."""
    marked = col(FeedRow.note) == SAMPLE_NOTE
    return bool(session.exec(select(func.count()).select_from(FeedRow).where(marked)).one())


def _stories(
    rows: Iterable[tuple[ArticleRow, str]], claims: Mapping[int, tuple[Claim, ...]]
) -> list[StoryLine]:
    by_story: dict[int, list[tuple[ArticleRow, str]]] = defaultdict(list)
    for article, outlet in rows:
        if article.story_id is not None:
            by_story[article.story_id].append((article, outlet))
    return [_story(story_id, members, claims) for story_id, members in by_story.items()]


def _story(
    story_id: int,
    members: list[tuple[ArticleRow, str]],
    claims: Mapping[int, tuple[Claim, ...]],
) -> StoryLine:
    said = [c for article, _ in members for c in claims[article.id or 0]]
    return StoryLine(
        id=story_id,
        regions=_decided(said, "region"),
        topics=_decided(said, "topic"),
        direction=next(iter(_decided(said, "direction")), "neutral"),
        relevance=max(c.probability for c in said if c.task == "relevance"),
        publisher_groups=len({article.publisher_group for article, _ in members}),
        sources=tuple(_source(article, outlet) for article, outlet in members),
    )


def _decided(claims: Iterable[Claim], task: str) -> tuple[str, ...]:
    """Labels decided by any article of the story, the surest first."""
    best: dict[str, float] = {}
    for claim in claims:
        if claim.task == task and claim.decided:
            best[claim.label] = max(best.get(claim.label, 0.0), claim.probability)
    return tuple(sorted(best, key=lambda label: (-best[label], label)))


def _source(article: ArticleRow, outlet: str) -> Source:
    return Source(
        outlet=outlet,
        group=article.publisher_group,
        title=article.title,
        url=article.address if article.address.startswith(("http://", "https://")) else "",
        language=article.language,
        published=article.published,
    )
