"""Two versions side by side: the scores are the metrics' own, and noise is told from difference."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers import metrics
from classifiers.metrics import Bools
from classifiers.values import Example, Text
from monitor.training.compare import Difference, Sides, compare

LABELS = ("finance", "rescue", "ict")


def _examples(n: int) -> tuple[Example, ...]:
    return tuple(
        Example(
            Text(f"t{i}", f"Otsikko {i}", "", "fi" if i % 2 else "sv"),
            True, (), (), False, ("finance",), "risk", story=f"s{i // 2}",
        )
        for i in range(n)
    )  # fmt: skip


def _sides(truth: Bools, a: Bools, b: Bools, task: str = "topic") -> Sides:
    labels = LABELS[: truth.shape[1]] if task != "direction" else ("risk", "neutral", "progress")
    return Sides(task, labels, _examples(len(truth)), truth, a, b)


def _random(n: int, seed: int) -> tuple[Bools, Bools, Bools]:
    rng = np.random.default_rng(seed)
    truth = rng.random((n, 3)) < 0.4
    return truth, truth ^ (rng.random((n, 3)) < 0.2), truth ^ (rng.random((n, 3)) < 0.2)


def _by_part(found: list[Difference]) -> dict[str, Difference]:
    return {d.part: d for d in found}


def test_a_version_does_not_differ_from_itself() -> None:
    truth, a, _ = _random(60, 1)
    for d in compare(_sides(truth, a, a), seed=1):
        assert d.a == d.b
        assert (d.low, d.high, d.verdict) == (0.0, 0.0, "noise")


def test_what_is_right_far_more_often_is_better_and_the_other_way_worse() -> None:
    truth = _random(200, 2)[0]
    poor = truth ^ (np.arange(200) % 3 == 0)[:, None]
    better = _by_part(compare(_sides(truth, poor, truth), seed=1))
    worse = _by_part(compare(_sides(truth, truth, poor), seed=1))
    assert set(better) == {"all", "fi", "sv", *LABELS}
    assert {d.verdict for d in better.values()} == {"better"}
    assert {d.verdict for d in worse.values()} == {"worse"}
    assert better["all"].b == 1.0


def test_one_text_more_of_many_is_noise() -> None:
    truth, a, _ = _random(200, 3)
    b = a.copy()
    wrong = np.argwhere(a != truth)[0]
    b[tuple(wrong)] = truth[tuple(wrong)]
    whole = _by_part(compare(_sides(truth, a, b), seed=1))["all"]
    assert whole.b > whole.a
    assert whole.verdict == "noise"


@pytest.mark.parametrize(
    ("task", "score"), [("topic", metrics.micro_f1), ("direction", metrics.macro_f1)]
)
def test_the_scores_are_those_of_the_evaluation(task: str, score: object) -> None:
    assert callable(score)
    truth, a, b = _random(80, 4)
    sides = _sides(truth, a, b, task)
    found = _by_part(compare(sides, seed=1))
    assert found["all"].a == pytest.approx(score(truth, a))
    assert found["all"].b == pytest.approx(score(truth, b))
    finnish = np.array([e.text.language == "fi" for e in sides.examples])
    assert found["fi"].b == pytest.approx(score(truth[finnish], b[finnish]))
    assert found["fi"].n == 40


def test_a_label_nobody_knows_of_is_left_out_and_counts_are_of_texts_it_holds_of() -> None:
    truth, a, b = _random(50, 5)
    for table in (truth, a, b):
        table[:, 2] = False
    found = _by_part(compare(_sides(truth, a, b), seed=1))
    assert "ict" not in found
    assert found["finance"].n == truth[:, 0].sum()


def test_a_task_of_one_label_has_no_rows_of_labels() -> None:
    truth, a, b = _random(30, 6)
    sides = Sides("relevance", ("relevant",), _examples(30), truth[:, [0]], a[:, [0]], b[:, [0]])
    assert [d.kind for d in compare(sides, seed=1)] == ["all", "language", "language"]


@given(st.integers(5, 40), st.integers(0, 2**31))
def test_exchanging_the_sides_turns_the_difference_round(n: int, seed: int) -> None:
    truth, a, b = _random(n, seed)
    one, other = compare(_sides(truth, a, b), seed=7), compare(_sides(truth, b, a), seed=7)
    for d, e in zip(one, other, strict=True):
        assert (d.part, d.n, d.a, d.b) == (e.part, e.n, e.b, e.a)
        assert (d.low, d.high) == pytest.approx((-e.high, -e.low))
        assert d.low <= d.high
        assert (d.verdict == "better") == (e.verdict == "worse")


def test_no_texts_are_no_difference() -> None:
    none = np.zeros((0, 3), bool)
    (whole,) = compare(_sides(none, none, none), seed=1)
    assert (whole.n, whole.verdict) == (0, "noise")
