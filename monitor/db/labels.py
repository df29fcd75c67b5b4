"""Decisions as the labels' pages list them, verdicts on suspected labels, versions of the codebook.

Returns plain values, never rows. The pages look at the newest WINDOW decisions; no query grows with the archive.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from monitor.db.audit import write_audit
from monitor.db.batches import batches
from monitor.db.decisions import given_of
from monitor.db.tables import ArticleRow, CodebookVersionRow, DecisionRow, LabelVerdictRow
from monitor.review.values import Given

WINDOW = 5000
VERDICTS = ("right", "wrong", "open")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A decision that stands, and the article it is of."""

    decision_id: int
    article_id: int
    number: int
    who: str
    at: datetime
    content_hash: str
    given: Given
    language: str


@dataclass(frozen=True, slots=True)
class Version:
    """What a label means by one person's writing."""

    label: str  # "topic:finance"
    number: int
    value: Mapping[str, Any]  # language -> definition, include, exclude
    note: str
    who: str
    at: datetime


def newest_decisions(session: Session) -> list[Labelled]:
    """The newest WINDOW decisions that were not undone, the newest first; those of copies left out."""
    query = (
        select(
            DecisionRow.id, DecisionRow.article_id, DecisionRow.number, DecisionRow.who,
            DecisionRow.at, DecisionRow.content_hash, DecisionRow.given, ArticleRow.language,
        )  # type: ignore[call-overload]  # SQLModel declares four columns at most
        .join(ArticleRow, col(ArticleRow.id) == DecisionRow.article_id)
        .where(DecisionRow.action == "decide", col(DecisionRow.part_of).is_(None))
        .where(col(DecisionRow.undone_by).is_(None))
        .order_by(col(DecisionRow.id).desc())
        .limit(WINDOW)
    )  # fmt: skip
    rows = session.connection().execute(query)
    return [
        Labelled(r[0], r[1], r[2], r[3], r[4], r[5], given_of(r[6]), r[7]) for r in rows if r[6]
    ]


def notes_of(session: Session, begin: str) -> dict[tuple[int, str, datetime], str]:
    """(article, who, when) -> note of the standing decisions whose note begins so. Looks at all of them."""
    query = select(DecisionRow.article_id, DecisionRow.who, DecisionRow.at, DecisionRow.given)
    query = query.where(DecisionRow.action == "decide", col(DecisionRow.undone_by).is_(None))
    return {
        (article, who, at): given["note"]
        for article, who, at, given in session.exec(query)
        if given and given.get("note", "").startswith(begin)
    }


def titles(session: Session, article_ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """Article -> headline and the text."""
    found: dict[int, tuple[str, str]] = {}
    for ids in batches(sorted(set(article_ids))):
        query = select(ArticleRow.id, ArticleRow.title, ArticleRow.text)
        rows = session.exec(query.where(col(ArticleRow.id).in_(ids)))
        found |= {id_ or 0: (title, text) for id_, title, text in rows}
    return found


# --- verdicts ------------------------------------------------------------------------------------


def verdicts(session: Session, text_ids: Collection[str]) -> dict[tuple[str, str, str], str]:
    """(text, task, label given) -> the newest verdict; those that are open are left out."""
    found: dict[tuple[str, str, str], str] = {}
    for ids in batches(sorted(set(text_ids))):
        query = select(LabelVerdictRow).where(col(LabelVerdictRow.text_id).in_(ids))
        for row in session.exec(query.order_by(col(LabelVerdictRow.id))):
            found[row.text_id, row.task, row.label] = row.verdict
    return {key: verdict for key, verdict in found.items() if verdict != "open"}


def add_verdict(
    session: Session, at: datetime, who: str, key: tuple[str, str, str], verdict: str
) -> None:
    """Say that a suspected label is right or wrong, or open again; with an audit row."""
    text_id, task, label = key
    before = verdicts(session, [text_id]).get(key, "open")
    session.add(
        LabelVerdictRow(text_id=text_id, task=task, label=label, verdict=verdict, who=who, at=at)
    )
    subject = f"label {text_id} {task} {label}"
    write_audit(session, at, who, "label verdict", subject, {"verdict": before}, {"verdict": verdict})  # fmt: skip


# --- the codebook --------------------------------------------------------------------------------


def codebook(session: Session) -> dict[str, list[Version]]:
    """Label -> its versions, the oldest first; labels nobody has written of are left out."""
    found: dict[str, list[Version]] = {}
    query = select(CodebookVersionRow).order_by(col(CodebookVersionRow.number))
    for r in session.exec(query):
        found.setdefault(r.label, []).append(
            Version(r.label, r.number, r.value, r.note, r.who, r.at)
        )
    return found


def add_version(
    session: Session, at: datetime, who: str, label: str, number: int, value: Mapping[str, Any],
    note: str, before: Mapping[str, Any],
) -> None:  # fmt: skip
    """Version `number` of a label, with an audit row. Raises IntegrityError where another wrote it first."""
    session.add(
        CodebookVersionRow(label=label, number=number, value=dict(value), note=note, who=who, at=at)
    )
    session.flush()
    write_audit(session, at, who, "codebook edit", f"codebook {label}", before, value)
