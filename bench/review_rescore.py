"""How long from a decision to the scores that hold it, and how often the weekly estimate's interval holds the truth.

    python -m bench.review_rescore [--cards 200] [--rounds 5] [--weeks 200] [--seed 7]

The first: a store (SQLite, a temporary folder) with flagged stories of this week, its scores computed; a person
decides a story, and the work of the worker's tick is done at once. The seconds are by the clock; a tick comes
every 15 s, so up to 15 s of waiting come on top. The second: simulated weeks of known truth, the random slice
drawn from each and decided in full, and the estimate's 95 % intervals held against the truth.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from bench.review_contention import GIVEN, ROOT, fill
from classifiers.reference import load_reference
from monitor import pipeline
from monitor.app import App
from monitor.clock import system_clock
from monitor.db.engine import migrate, open_engine, reading, transaction
from monitor.db.tables import ArticleRow
from monitor.people.values import User
from monitor.review.decide import decide
from monitor.review.measure import Labelled, precision_recall
from monitor.review.order import chance_of
from monitor.review.queue import queue
from monitor.review.refresh import refresh
from monitor.review.values import Decided, QueueFilter
from monitor.settings import load_settings
from monitor.weeks import week_of

SIZES = {(True, True): 100, (False, True): 60, (False, False): 2000}  # flagged, held relevant
TRUTH = {(True, True): 0.85, (False, True): 0.6, (False, False): 0.02}  # P(relevant) in the cell
RATES = ((0.1, 0.01), (0.3, 0.05))  # of the flagged and of the others: as set, and more


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--cards", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--weeks", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found: dict[str, object] = {"rescore": rescored(Path(folder), given.cards, given.rounds)}
    rng = np.random.default_rng(given.seed)
    found["coverage"] = [held(rng, rates, given.weeks) for rates in RATES]
    sys.stdout.write(json.dumps(found, indent=2) + "\n")


def rescored(folder: Path, cards: int, rounds: int) -> dict[str, object]:
    """Seconds of a decision and of the tick that computes the scores anew."""
    engine = open_engine(f"sqlite:///{folder / 'store.db'}")
    migrate(engine)
    app = App(load_settings({}), system_clock, engine, load_reference(ROOT / "labels"))
    with transaction(engine) as session:
        fill(session, cards, app.clock())
    pipeline.score(app, [week_of(app.clock())])
    refresh(app)
    user, deciding, scoring = User(1, "a", "A", "reviewer", "fi"), [], []
    for _ in range(rounds):
        article = queue(app, user, QueueFilter(), 1).items[0].article_id
        with reading(engine) as session:
            text = session.get_one(ArticleRow, article).content_hash
        begun = time.perf_counter()
        made = decide(app, user, article, text, 0, GIVEN)
        deciding.append(time.perf_counter() - begun)
        assert isinstance(made, Decided), made
        begun = time.perf_counter()
        weeks = pipeline.rescore(app)
        scoring.append(time.perf_counter() - begun)
        assert weeks, "no week was computed anew"
    engine.dispose()
    return {
        "cards": cards,
        "n": rounds,
        "decide_s": _spread(deciding),
        "rescore_s": _spread(scoring),
    }


def held(rng: np.random.Generator, rates: tuple[float, float], weeks: int) -> dict[str, object]:
    """How often the intervals hold the truth at these rates of drawing."""
    said: dict[str, list[bool]] = {"precision": [], "recall": []}
    wide: dict[str, list[float]] = {"precision": [], "recall": []}
    for week in range(weeks):
        labelled, truth = _week(rng, rates)
        found = precision_recall(SIZES, labelled, "relevance", seed=week)
        for name, share, true in zip(said, found, truth, strict=True):
            if share is not None:
                said[name].append(share.low <= true <= share.high)
                wide[name].append(share.high - share.low)
    return {"rates": rates} | {
        name: {"weeks": len(so), "held": round(float(np.mean(so)), 3),
               "median_width": round(float(np.median(wide[name])), 2)}
        for name, so in said.items()
    }  # fmt: skip


def _week(
    rng: np.random.Generator, rates: tuple[float, float]
) -> tuple[list[Labelled], tuple[float, float]]:
    labelled, found, missed = [], 0, 0
    for cell, size in SIZES.items():
        relevant = rng.random(size) < TRUTH[cell]
        found += int(relevant.sum()) if cell[1] else 0
        missed += 0 if cell[1] else int(relevant.sum())
        for lot, yes in zip(rng.random(size), relevant, strict=True):
            chance = chance_of(float(lot), 0.0, rates[0] if cell[0] else rates[1])
            if chance:
                labelled.append(Labelled(*cell, chance, bool(yes)))
    held_relevant = sum(n for cell, n in SIZES.items() if cell[1])
    return labelled, (found / held_relevant, found / (found + missed))


def _spread(values: list[float]) -> dict[str, float]:
    return {"median": round(float(np.median(values)), 3), "slowest": round(max(values), 3)}


if __name__ == "__main__":
    main()
