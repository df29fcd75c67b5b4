"""Label errors planted among sound labels are found, and what is sound is left alone."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.reference import Reference
from classifiers.train import train
from classifiers.values import Example, Text
from monitor.training.suspects import Judged, Suspect, confident_errors, in_turn, suspects
from tests.conftest import ROOT
from tests.unit.tiny import tiny_examples

Ints = npt.NDArray[np.int64]
WAYS = ("risk", "neutral", "progress")


def _example(i: int) -> Example:
    language = "sv" if i % 2 else "fi"
    return Example(
        Text(f"t{i}", "Rubrik" if i % 2 else "Otsikko", "", language),
        True, (), (), False, ("ict",), "risk", story=f"s{i}",
    )  # fmt: skip


def _judged(task: str, labels: tuple[str, ...], truth: Ints, probabilities: Ints) -> Judged:
    examples = tuple(_example(i) for i in range(len(truth)))
    return Judged(task, labels, examples, truth.astype(bool), probabilities.astype(float))


def test_the_formula_by_hand() -> None:
    # Thresholds: class 0 (0.9 + 0.8 + 0.1) / 3 = 0.6, class 1 (0.7 + 0.7) / 2 = 0.7.
    given_ = np.array([0, 0, 0, 1, 1])
    p = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.3, 0.7], [0.3, 0.7]])
    assert confident_errors(given_, p) == [(2, 1)]


def test_below_the_threshold_of_the_other_class_nothing_is_suspect() -> None:
    # The third text is likelier of class 1, but less so than the texts of class 1 usually are.
    given_ = np.array([0, 0, 0, 1, 1])
    p = np.array([[0.9, 0.1], [0.8, 0.2], [0.45, 0.55], [0.1, 0.9], [0.2, 0.8]])
    assert confident_errors(given_, p) == []


def test_a_class_given_to_none_is_never_suggested() -> None:
    given_ = np.array([0, 0, 1])
    p = np.array([[0.1, 0.1, 0.8], [0.8, 0.1, 0.1], [0.1, 0.8, 0.1]])
    assert confident_errors(given_, p) == []
    assert confident_errors(np.empty(0, int), np.empty((0, 3))) == []


@settings(max_examples=40)
@given(st.integers(0, 2**31), st.integers(2, 4))
def test_planted_errors_are_found_and_little_else(seed: int, classes: int) -> None:
    rng = np.random.default_rng(seed)
    true = rng.integers(0, classes, 60 * classes)
    p = rng.dirichlet(np.ones(classes), len(true)) * 0.2 + 0.8 * np.eye(classes)[true]
    planted = set(rng.choice(len(true), 5, replace=False).tolist())
    given_ = np.array([(t + 1) % classes if i in planted else t for i, t in enumerate(true)])
    found = dict(confident_errors(given_, p))
    assert planted >= set(found)  # a sound label is never suspected of a sure model
    assert all(found[i] == true[i] for i in found)
    # The thresholds are means, so about half of the planted ones lie over them; the mistakes among the
    # given labels pull the means down, so rarely fewer.
    assert set(dict(confident_errors(given_, np.eye(classes)[true]))) == planted


def test_labels_side_by_side_are_asked_one_by_one() -> None:
    truth = np.array([[1, 0], [1, 0], [0, 1], [0, 1], [0, 0], [0, 0]])
    p = np.array([[0.9, 0.1], [0.02, 0.05], [0.1, 0.9], [0.1, 0.9], [0.1, 0.1], [0.05, 0.95]])
    found = suspects(_judged("topic", ("ict", "rescue"), truth, p))
    said = {(s.example.text.id, s.given, s.suggested) for s in found}
    assert said == {("t1", "ict", "not ict"), ("t5", "not rescue", "rescue")}
    assert [round(s.margin, 2) for s in found] == [-0.96, -0.9]


def test_of_directions_one_is_suggested() -> None:
    truth = np.eye(3, dtype=int)[[0, 0, 1, 1, 2, 2]]
    p = np.array(
        [
            *([0.9, 0.05, 0.05], [0.1, 0.1, 0.8]),
            *([0.1, 0.8, 0.1], [0.1, 0.8, 0.1]),
            *([0.2, 0.1, 0.7], [0.2, 0.1, 0.7]),
        ]
    )
    (only,) = suspects(_judged("direction", WAYS, truth, p))
    assert (only.given, only.suggested, only.p_given) == ("risk", "progress", 0.1)


def test_tasks_take_turns_and_each_begins_with_its_surest() -> None:
    def made(task: str, *margins: float) -> list[Suspect]:
        return [Suspect(_example(0), task, "a", "b", 0.0, -m) for m in margins]

    found = in_turn([made("topic", -1.0, -0.9, -0.8), made("direction", -0.4)])
    assert [(s.task, s.margin) for s in found] == [
        ("topic", -1.0), ("direction", -0.4), ("topic", -0.9), ("topic", -0.8),
    ]  # fmt: skip


@pytest.mark.slow
def test_a_wrong_label_in_either_language_is_found_by_real_cross_validation(
    reference: Reference,
) -> None:
    examples = [
        replace(e, text=replace(e.text, id=f"{e.text.id}-{n}"), story=f"{e.story}-{n}")
        for e in tiny_examples()
        for n in range(2)
    ]
    wrong = {
        next(e.text.id for e in examples if not e.relevant and e.text.language == language)
        for language in ("fi", "sv")
    }
    planted = [
        replace(e, relevant=True, topics=("ict",), direction="neutral") if e.text.id in wrong else e
        for e in examples
    ]
    unseen = train("relevance", planted, reference, ROOT / "labels", seed=1).unseen
    found = suspects(
        Judged("relevance", unseen.labels, tuple(planted), unseen.truth, unseen.probabilities)
    )
    assert {s.example.text.id for s in found[:2]} == wrong
    assert all(s.given == "relevant" and s.suggested == "not relevant" for s in found[:2])
