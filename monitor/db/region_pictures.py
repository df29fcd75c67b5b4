"""What region pages say of frozen inputs, computed once and kept beside them.

Values go in and come out as bytes and JSON; what they mean is known to `monitor.risk.prepared` and
`monitor.db.evidence`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, delete, select

from monitor.db.tables import RegionPictureRow, ScoreInputRow, ScoreRow
from monitor.values import ALL_GROUPS


@dataclass(frozen=True, slots=True)
class RegionPicture:
    """Of one region in one week's inputs."""

    methodology: str  # it was computed with
    uncertain: bytes
    bases: list[dict[str, Any]]


def region_picture(session: Session, input_hash: str, region: str) -> RegionPicture | None:
    """What is kept; None where nothing is."""
    row = session.get(RegionPictureRow, (input_hash, region))
    return None if row is None else RegionPicture(row.methodology, row.uncertain, row.bases)


def keep_pictures(session: Session, input_hash: str, pictures: Mapping[str, RegionPicture]) -> None:
    """Keep the pictures of a week's regions, in place of earlier ones."""
    forget_pictures(session, {input_hash})
    session.add_all(
        RegionPictureRow(
            input_hash=input_hash,
            region=region,
            methodology=picture.methodology,
            uncertain=picture.uncertain,
            bases=picture.bases,
        )
        for region, picture in pictures.items()
    )


def forget_pictures(session: Session, hashes: Collection[str]) -> None:
    """Delete the pictures of inputs that are not kept any more."""
    session.exec(delete(RegionPictureRow).where(col(RegionPictureRow.input_hash).in_(hashes)))


def unprepared(session: Session, methodology: str, limit: int) -> list[str]:
    """Hashes of the inputs of scores in force that have no picture by this methodology, the newest week first."""
    kept = select(RegionPictureRow.input_hash).where(RegionPictureRow.methodology == methodology)
    query = (
        select(ScoreRow.week, ScoreRow.input_hash)
        .join(ScoreInputRow, col(ScoreInputRow.hash) == col(ScoreRow.input_hash))
        .where(col(ScoreRow.current), ScoreRow.group == ALL_GROUPS)
        .where(ScoreRow.methodology == methodology, col(ScoreRow.input_hash).not_in(kept))
        .distinct()
        .order_by(col(ScoreRow.week).desc())
    )
    return [digest for _, digest in session.exec(query.limit(limit))]
