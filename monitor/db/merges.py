"""Stories that were found to be one: the merges in the store, and taking them back.

Append-only: a merge and its undoing are rows, and the newest row of a story counts. An article's
`story_id` always names the story it now belongs to, so that reads of articles need nothing of this; an id
kept elsewhere, in an old score, is read through `resolve`. Whether two stories are one is decided in
`monitor.articles.stories`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from monitor.db.batches import batches
from monitor.db.tables import ArticleRow, AuditRow, StoryMergeRow, StoryRow

PROGRAM = "stories"  # who, where no person decided


@dataclass(frozen=True, slots=True)
class Merge:
    """A story that was merged into another, or taken out of it again."""

    story_id: int
    into_id: int
    undone: bool
    reason: str
    who: str
    at: datetime
    article_ids: tuple[int, ...]  # of the story when it was merged


def resolve(session: Session, story_id: int) -> int:
    """The story that `story_id` now stands for: itself, or what it was merged into."""
    return resolve_all(session, [story_id])[story_id]


def resolve_all(session: Session, story_ids: Iterable[int]) -> dict[int, int]:
    """By story id, the story it now stands for."""
    found = {number: number for number in story_ids}
    while step := _standing(session, set(found.values())):
        found = {number: step.get(root, root) for number, root in found.items()}
    return found


def history(session: Session, story_id: int) -> list[Merge]:
    """Every merge of a story or into it, and every undoing, oldest first."""
    query = select(StoryMergeRow).where(
        (col(StoryMergeRow.story_id) == story_id) | (col(StoryMergeRow.into_id) == story_id)
    )
    return [_merge(row) for row in session.exec(query.order_by(col(StoryMergeRow.id)))]


def kept_apart(session: Session, one: int, other: int) -> bool:
    """Whether a person took apart what these two standing stories hold: the program never joins them again."""
    members = {one: _members(session, one), other: _members(session, other)}
    newest = _newest(session, members[one] | members[other])
    undone = [row for row in newest if row.undone]
    targets = resolve_all(session, [row.into_id for row in undone])
    for row in undone:
        here = one if row.story_id in members[one] else other
        if targets[row.into_id] == (other if here == one else one):
            return True
    return False


def merge(
    session: Session, story_id: int, into_id: int, reason: str, who: str, now: datetime
) -> Merge | None:
    """Make two stories one: the articles of `story_id` go over to `into_id`. None where they are one already.

    Of merged ids, the stories that they stand for. Raises LookupError where there is no such story.
    """
    story, into = _both(session, story_id, into_id)
    if story.id == into.id or story.id is None or into.id is None:
        return None
    moved = _articles(session, story.id)
    _move(session, moved, story.id, into.id)
    into.first_published = min(into.first_published, story.first_published)
    into.last_published = max(into.last_published, story.last_published)
    return _keep(
        session, Merge(story.id, into.id, False, reason, who, now, moved), "stories merged"
    )


def undo(session: Session, story_id: int, reason: str, who: str, now: datetime) -> Merge | None:
    """Take a merged story out again, with the articles it brought. None where it is in no other.

    Articles that came after the merge stay where they are. Raises LookupError where there is no such story.
    """
    if session.get(StoryRow, story_id) is None:
        raise LookupError(story_id)
    newest = _newest(session, {story_id})
    if not newest or newest[0].undone:
        return None
    last = _merge(newest[0])
    story, root = _locked(session, story_id, resolve(session, story_id))
    _move(session, last.article_ids, root.id or 0, story_id)
    for row in (story, root):
        _narrow(session, row)
    undone = Merge(story_id, last.into_id, True, reason, who, now, last.article_ids)
    return _keep(session, undone, "merge of stories undone")


def larger(session: Session, one: int, other: int) -> tuple[int, int]:
    """The two stories, the one with more articles first; of equals the older.

    Moving the smaller keeps the cost of all merges together within n log n articles.
    """
    query = (
        select(ArticleRow.story_id, func.count())
        .where(col(ArticleRow.story_id).in_([one, other]))
        .group_by(col(ArticleRow.story_id))
    )
    counted = {story: n for story, n in session.exec(query)}
    first, second = sorted((one, other), key=lambda s: (-counted.get(s, 0), s))
    return first, second


def _standing(session: Session, story_ids: set[int]) -> dict[int, int]:
    """Story -> what it is merged into, for those that are."""
    return {row.story_id: row.into_id for row in _newest(session, story_ids) if not row.undone}


def _newest(session: Session, story_ids: set[int]) -> list[StoryMergeRow]:
    found: dict[int, StoryMergeRow] = {}
    for some in batches(sorted(story_ids)):
        query = select(StoryMergeRow).where(col(StoryMergeRow.story_id).in_(some))
        found |= {r.story_id: r for r in session.exec(query.order_by(col(StoryMergeRow.id)))}
    return list(found.values())


def _members(session: Session, story_id: int) -> set[int]:
    """The story and all that stand merged into it, at first or second hand."""
    found, fresh = {story_id}, {story_id}
    while fresh:
        into = col(StoryMergeRow.into_id).in_(sorted(fresh))
        tried = set(session.exec(select(StoryMergeRow.story_id).where(into)))
        standing = _standing(session, tried)
        fresh = {s for s, target in standing.items() if target in fresh} - found
        found |= fresh
    return found


def _both(session: Session, story_id: int, into_id: int) -> tuple[StoryRow, StoryRow]:
    """The rows of what both stand for, locked."""
    for number in (story_id, into_id):
        if session.get(StoryRow, number) is None:
            raise LookupError(number)
    while True:
        roots = resolve_all(session, [story_id, into_id])
        rows = _locked(session, roots[story_id], roots[into_id])
        if resolve_all(session, [story_id, into_id]) == roots:
            return rows


def _locked(session: Session, one: int, other: int) -> tuple[StoryRow, StoryRow]:
    # in one order everywhere, so that two workers never wait for each other
    rows = {n: session.get_one(StoryRow, n, with_for_update=True) for n in sorted({one, other})}
    return rows[one], rows[other]


def _articles(session: Session, story_id: int) -> tuple[int, ...]:
    query = select(ArticleRow.id).where(ArticleRow.story_id == story_id)
    return tuple(n for n in session.exec(query.order_by(col(ArticleRow.id))) if n is not None)


def _move(session: Session, article_ids: Iterable[int], source: int, target: int) -> None:
    for some in batches(sorted(article_ids)):
        here = col(ArticleRow.id).in_(some), col(ArticleRow.story_id) == source
        session.exec(update(ArticleRow).where(*here).values(story_id=target))


def _narrow(session: Session, row: StoryRow) -> None:
    """The row's times are those of its articles; of one without articles they stay."""
    query = select(func.min(ArticleRow.published), func.max(ArticleRow.published))
    first, last = session.exec(query.where(ArticleRow.story_id == row.id)).one()
    row.first_published = first or row.first_published
    row.last_published = last or row.last_published


def _keep(session: Session, made: Merge, action: str) -> Merge:
    session.add(
        StoryMergeRow(
            story_id=made.story_id, into_id=made.into_id, undone=made.undone, reason=made.reason,
            who=made.who, at=made.at, article_ids=list(made.article_ids),
        )
    )  # fmt: skip
    if made.who != PROGRAM:
        after = {"into": made.into_id, "why": made.reason}
        session.add(
            AuditRow(at=made.at, who=made.who, action=action, subject=f"story {made.story_id}", after=after)
        )  # fmt: skip
    session.flush()
    return made


def _merge(row: StoryMergeRow) -> Merge:
    return Merge(
        row.story_id, row.into_id, row.undone, row.reason, row.who, row.at, tuple(row.article_ids)
    )
