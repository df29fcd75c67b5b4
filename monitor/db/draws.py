"""The random slice in the store: which articles of a week there were, which were drawn, what people said.

Returns plain values, never rows. How an article is drawn is decided in `monitor.review.order`, what
follows from the slice in `monitor.review.measure`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from monitor.db.batches import batches
from monitor.db.tables import ArticleRow, ClaimRow, ReviewDrawRow, ReviewEstimateRow
from monitor.db.undone import standing
from monitor.review.measure import Cell, Labelled
from monitor.review.order import chance_of, place_of
from monitor.review.values import Estimate, Share
from monitor.settings import Settings


@dataclass(frozen=True, slots=True)
class Passed:
    """An article that went through flagging."""

    article_id: int
    week: str  # of its publication
    flagged: bool
    predicted: bool  # found relevant by the models


@dataclass(frozen=True, slots=True)
class Rates:
    """How large the slice is, and what decides the lots."""

    flagged: float
    others: float
    key: str

    def of(self, flagged: bool) -> float:
        return self.flagged if flagged else self.others


def rates_of(settings: Settings) -> Rates:
    """The slice's rates and the key of its lots."""
    return Rates(
        settings.review_slice_flagged, settings.review_slice_others, f"slice {settings.seed}"
    )


@dataclass(frozen=True, slots=True)
class Drawn:
    """An article of the slice that waits for a person."""

    article_id: int
    week: str
    place: float  # in the slice's order


@dataclass(frozen=True, slots=True)
class Sample:
    """A week's articles and what is known of its slice."""

    sizes: Mapping[Cell, int]
    drawn: int
    labelled: tuple[Labelled, ...]
    models: tuple[str, ...]


def draw(session: Session, passed: Sequence[Passed], rates: Rates, models: str) -> None:
    """Count the articles among their weeks, and draw the slice. Asked again, the same are drawn.

    What the models said at first stays; an article that is flagged only later counts as flagged, and has
    its lot weighed anew with the rate of the flagged.
    """
    addresses = _addresses(session, [p.article_id for p in passed])
    known = _known(session, [p.article_id for p in passed])
    for p in passed:
        row = known.get(p.article_id)
        place = place_of(rates.key, addresses[p.article_id], row.week if row else p.week)
        if row is None:
            chance = chance_of(place, 0.0, rates.of(p.flagged))
            session.add(
                ReviewDrawRow(
                    article_id=p.article_id, week=p.week, flagged=p.flagged, predicted=p.predicted,
                    chance=chance, models=models,
                )
            )  # fmt: skip
        elif p.flagged and not row.flagged:
            row.flagged, row.chance = True, chance_of(place, row.chance, rates.flagged)
            session.add(row)
    session.flush()


def waiting(session: Session, since: str, rates: Rates) -> list[Drawn]:
    """The slice's articles of weeks from `since` on that nobody has decided."""
    decided = select(ClaimRow.id).where(
        col(ClaimRow.article_id) == col(ReviewDrawRow.article_id),
        ClaimRow.task == "relevance", ClaimRow.author == "person", standing(),
    )  # fmt: skip
    query = (
        select(ReviewDrawRow.article_id, ReviewDrawRow.week, ArticleRow.address)
        .join(ArticleRow, col(ArticleRow.id) == ReviewDrawRow.article_id)
        .where(ReviewDrawRow.week >= since, col(ReviewDrawRow.chance) > 0)
        .where(col(ArticleRow.removed).is_(None), ~decided.exists())
    )
    return [
        Drawn(id_, week, place_of(rates.key, address, week))
        for id_, week, address in session.exec(query)
    ]


def sample(session: Session, week: str) -> Sample:
    """The week's cells and what people said of the slice, as far as they have."""
    of_week = ReviewDrawRow.week == week
    query = select(ReviewDrawRow.flagged, ReviewDrawRow.predicted, func.count())
    query = query.where(of_week).group_by(col(ReviewDrawRow.flagged), col(ReviewDrawRow.predicted))
    sizes = {(bool(f), bool(p)): n for f, p, n in session.exec(query)}
    drawn = list(session.exec(select(ReviewDrawRow).where(of_week, col(ReviewDrawRow.chance) > 0)))
    said = _relevant(session, [row.article_id for row in drawn])
    labelled = tuple(
        Labelled(row.flagged, row.predicted, row.chance, said[row.article_id])
        for row in drawn
        if row.article_id in said
    )
    models = session.exec(select(ReviewDrawRow.models).where(of_week).distinct())
    return Sample(sizes, len(drawn), labelled, tuple(sorted(models)))


def weeks_drawn(session: Session, limit: int) -> list[str]:
    """The newest weeks that have a slice, the oldest first."""
    query = select(ReviewDrawRow.week).distinct().order_by(col(ReviewDrawRow.week).desc())
    return sorted(session.exec(query.limit(limit)))


def keep_estimates(session: Session, estimates: Iterable[Estimate], at: datetime) -> None:
    """Keep what was estimated, in place of what was."""
    for e in estimates:
        session.merge(ReviewEstimateRow(week=e.week, what=e.what, value=asdict(e), computed_at=at))


def kept_estimates(session: Session, weeks: Collection[str]) -> list[Estimate]:
    """The estimates kept of these weeks, by week."""
    query = select(ReviewEstimateRow.value).where(col(ReviewEstimateRow.week).in_(sorted(weeks)))
    query = query.order_by(col(ReviewEstimateRow.week), col(ReviewEstimateRow.what))
    return [_estimate(value) for value in session.exec(query)]


def _estimate(value: Mapping[str, Any]) -> Estimate:
    shares = {name: _share(value[name]) for name in ("precision", "recall")}
    return Estimate(**{**value, **shares, "models": tuple(value["models"])})


def _share(value: object) -> Share | None:
    return Share(**value) if isinstance(value, dict) else None


def _relevant(session: Session, articles: Sequence[int]) -> dict[int, bool]:
    """Article -> the last word of a person on whether it is relevant."""
    found: dict[int, bool] = {}
    for some in batches(sorted(articles)):
        query = (
            select(ClaimRow.article_id, ClaimRow.decided)
            .where(col(ClaimRow.article_id).in_(some), ClaimRow.task == "relevance")
            .where(ClaimRow.author == "person", standing())
            .order_by(col(ClaimRow.at), col(ClaimRow.id))
        )
        found |= dict(session.exec(query).all())
    return found


def _addresses(session: Session, articles: Sequence[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for some in batches(sorted(articles)):
        query = select(ArticleRow.id, ArticleRow.address).where(col(ArticleRow.id).in_(some))
        found |= {id_: address for id_, address in session.exec(query) if id_ is not None}
    return found


def _known(session: Session, articles: Sequence[int]) -> dict[int, ReviewDrawRow]:
    found: dict[int, ReviewDrawRow] = {}
    for some in batches(sorted(articles)):
        query = select(ReviewDrawRow).where(col(ReviewDrawRow.article_id).in_(some))
        found |= {row.article_id: row for row in session.exec(query)}
    return found
