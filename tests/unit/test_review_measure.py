"""Precision and recall from a random slice."""

import numpy as np
import pytest

from monitor.review.measure import Labelled, precision_recall
from monitor.review.order import chance_of

SIZES = {(True, True): 100, (False, True): 60, (False, False): 2000}
# P(relevant) of an article of the cell
TRUTH = {(True, True): 0.85, (False, True): 0.6, (False, False): 0.02}


def _week(
    rng: np.random.Generator, flagged: float, others: float
) -> tuple[list[Labelled], float, float]:
    """A simulated week: what people said of its slice, and its true precision and recall."""
    labelled = []
    found = missed = 0
    for cell, size in SIZES.items():
        relevant = rng.random(size) < TRUTH[cell]
        found += int(relevant.sum()) if cell[1] else 0
        missed += 0 if cell[1] else int(relevant.sum())
        rate = flagged if cell[0] else others
        for lot, yes in zip(rng.random(size), relevant, strict=True):
            chance = chance_of(float(lot), 0.0, rate)
            if chance:
                labelled.append(Labelled(*cell, chance, bool(yes)))
    return labelled, found / 160, found / (found + missed)


@pytest.mark.parametrize(("flagged", "others"), [(0.3, 0.05), (0.1, 0.01)])
def test_the_interval_holds_the_truth_as_often_as_it_says(flagged: float, others: float) -> None:
    rng = np.random.default_rng(7)
    held = {"precision": 0, "recall": 0}
    asked = {"precision": 0, "recall": 0}
    for week in range(200):
        labelled, precision, recall = _week(rng, flagged, others)
        found = precision_recall(SIZES, labelled, "relevance", seed=week)
        for name, share, truth in zip(held, found, (precision, recall), strict=True):
            if share is not None:
                asked[name] += 1
                held[name] += share.low <= truth <= share.high
    assert all(n > 150 for n in asked.values())
    rates = {name: held[name] / asked[name] for name in held}
    # 95 % intervals; of few and of rare articles they may be too wide, never much too narrow
    assert all(rate >= 0.92 for rate in rates.values()), rates


def test_where_everything_was_decided_nothing_is_left_to_chance() -> None:
    labelled = [Labelled(True, True, 1.0, n < 8) for n in range(10)]
    labelled += [Labelled(False, False, 1.0, n < 2) for n in range(20)]
    precision, recall = precision_recall(
        {(True, True): 10, (False, False): 20}, labelled, "relevance", seed=1
    )
    assert precision is not None
    assert recall is not None
    assert (precision.low, precision.value, precision.high) == pytest.approx((0.8, 0.8, 0.8))
    assert (recall.low, recall.value, recall.high) == pytest.approx((0.8, 0.8, 0.8))


def test_what_was_drawn_more_often_does_not_weigh_more() -> None:
    """Relevant articles are drawn ten times as often here; weights by their chance undo that."""
    labelled = [Labelled(True, True, 0.5, True)] * 50 + [Labelled(True, True, 0.05, False)] * 5
    precision, _ = precision_recall({(True, True): 200}, labelled, "relevance", seed=1)
    assert precision is not None
    assert precision.value == pytest.approx(0.5)
    assert precision.low < 0.4
    assert precision.high > 0.6


def test_nothing_is_said_of_what_nobody_decided() -> None:
    assert precision_recall(SIZES, [], "relevance", seed=1) == (None, None)
    only_positive = [Labelled(True, True, 0.1, True)] * 10
    precision, recall = precision_recall(SIZES, only_positive, "relevance", seed=1)
    assert precision is not None
    assert recall is None


def test_flags_are_measured_as_signs_of_relevance() -> None:
    labelled = [Labelled(True, True, 1.0, True)] * 3 + [Labelled(False, True, 1.0, True)]
    precision, recall = precision_recall(
        {(True, True): 3, (False, True): 1}, labelled, "flags", seed=1
    )
    assert precision is not None
    assert recall is not None
    assert (precision.value, recall.value) == (1.0, 0.75)
