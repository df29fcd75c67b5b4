"""Decisions on the review queue over HTTP while others read pages, each taken back at once.

So the store is left with the same cards, and two more rows for each in its history.
"""

import asyncio
import json
import random
import time
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from sqlalchemy import Engine
from sqlmodel import col, func, select

from bench.measures.web_walk import Connection, Measured
from monitor.db.engine import reading
from monitor.db.tables import ArticleRow, DecisionRow, ReviewItemRow

DECIDE, UNDO = "POST /queue/{article}/decide", "POST /queue/decisions/{id}/undo"
Card = tuple[int, str, int]  # article, its text's hash, decisions made of it


def cards(engine: Engine, most: int) -> list[Card]:
    """Cards that wait, the first ones."""
    seen = select(func.count()).where(DecisionRow.article_id == ReviewItemRow.article_id)
    query = (
        select(ReviewItemRow.article_id, ArticleRow.content_hash, seen.scalar_subquery())
        .join(ArticleRow, col(ArticleRow.id) == col(ReviewItemRow.article_id))
        .where(ReviewItemRow.lane == 1)
        .order_by(col(ReviewItemRow.article_id).desc())
        .limit(most)
    )
    with reading(engine) as session:
        return [(int(row[0]), row[1], int(row[2])) for row in session.exec(query)]


async def decide(
    port: int, headers: Mapping[str, str], cards: Sequence[Card], think: float, into: Measured
) -> None:
    """One person decides the cards one after the other and takes each decision back."""
    connection, rng = Connection(port, headers), random.Random(port)
    for article, digest, seen in cards:
        await asyncio.sleep(rng.expovariate(1 / think) if think else 0)
        form = {
            "act": "irrelevant",
            "hash": digest,
            "seen": seen,
            "key": f"{port}-{article}-{seen}",
        }
        body = await _send(connection, DECIDE, f"/queue/{article}/decide", form, into)
        try:
            made = json.loads(body)["decision"]
        except (ValueError, KeyError):
            continue
        await _send(
            connection, UNDO, f"/queue/decisions/{made}/undo", {"key": f"u{port}-{made}"}, into
        )
    connection.close()


async def _send(
    connection: Connection, page: str, address: str, form: Mapping[str, object], into: Measured
) -> bytes:
    begun = time.perf_counter()
    status, body = await connection.post(address, urlencode(form).encode())
    into.taken[page].append((time.perf_counter() - begun) * 1000)
    if status != 200:
        into.wrong[page].append(f"{status} {address}")
    return body
