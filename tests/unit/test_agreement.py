"""Agreement: worked examples of the literature, and what holds of every figure."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.decisions import Decision
from monitor.training.agreement import Agreement, Alpha, agreement, alpha, masi

AT = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)
BASE = Decision(
    "k", "", "v1:" + "0" * 64, "fi", True, ("19",), (), False, ("rescue",), "risk", "Anna", AT
)


def _units(*observers: str) -> list[list[str]]:
    """Columns of answers, "." where an observer gave none."""
    return [[v for v in column if v != "."] for column in zip(*observers, strict=True)]


# Krippendorff (2011), Computing Krippendorff's Alpha-Reliability: examples A, B and C.
@pytest.mark.parametrize(
    ("observers", "expected"),
    [
        (("0100000010", "1110010000"), 0.095),
        (("aabbdcccedda", "babbbccceddd"), 0.692),
        (("123321412...", "1233224125.3", ".3332342251.", "12332441251."), 0.743),
    ],
)
def test_alpha_is_that_of_the_literature(observers: tuple[str, ...], expected: float) -> None:
    assert alpha(_units(*observers))[0] == pytest.approx(expected, abs=0.0005)


def test_alpha_is_unknown_where_everybody_gives_one_answer() -> None:
    assert alpha([["1", "1"]] * 3) == alpha([]) == (None, None, None)


def test_kappa_is_that_of_a_worked_table() -> None:
    # 50 texts: both yes 20, only the first 5, only the second 10, neither 15: kappa 0.40.
    answers = [(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10
    answers += [(False, False)] * 15
    decisions = []
    for n, pair in enumerate(answers):
        for who, yes in zip(("Anna", "Bo"), pair, strict=True):
            decisions.append(_said(n, who, relevant=yes))
    kappa = next(k for k in agreement(decisions, seed=1).kappas if k.task == "relevance")
    assert (kappa.a, kappa.b, kappa.texts) == ("Anna", "Bo", 50)
    assert kappa.value == pytest.approx(0.4)


def test_distance_of_sets() -> None:
    a, b, c = frozenset("ab"), frozenset("abcd"), frozenset("bx")
    assert masi(a, a) == masi(frozenset(), frozenset()) == 0
    assert masi(a, b) == masi(b, a) == pytest.approx(2 / 3)  # Jaccard 1/2, one holds the other
    assert masi(a, c) == pytest.approx(1 - 1 / 9)  # Jaccard 1/3, an overlap
    assert masi(a, frozenset()) == masi(a, frozenset("z")) == 1


_answers = st.lists(st.lists(st.sampled_from("abc"), max_size=4), max_size=12)


@given(units=_answers)
def test_alpha_is_one_at_most_and_knows_nothing_of_names_and_order(units: list[list[str]]) -> None:
    value, low, high = alpha(units)
    renamed = [[{"a": "x", "b": "y", "c": "z"}[v] for v in reversed(unit)] for unit in units]
    assert alpha(renamed[::-1])[0] == (None if value is None else pytest.approx(value))
    if value is not None:
        assert value <= 1 + 1e-9
        assert (value == pytest.approx(1)) == all(len(set(unit)) < 2 for unit in units)
    if low is not None and high is not None:
        assert low <= high <= 1 + 1e-9


@given(units=_answers)
def test_texts_with_one_answer_change_nothing(units: list[list[str]]) -> None:
    assert alpha([*units, ["a"], []])[0] == alpha(units)[0]


def _said(n: int, who: str, **changed: object) -> Decision:
    known: dict[str, object] = {"key": f"k{n}", "text_sha256": f"v1:{n:064x}", "who": who}
    if changed.get("relevant") is False:
        known |= {"topics": (), "direction": None}
    return replace(BASE, **{**known, **changed})  # type: ignore[arg-type]


def _of(found: Agreement, task: str, label: str = "") -> Alpha:
    return next(a for a in found.alphas if (a.task, a.label) == (task, label))


def test_topics_are_asked_of_those_who_hold_the_text_relevant() -> None:
    pairs = [_said(n, who) for n in range(4) for who in ("Anna", "Bo")]
    pairs += [_said(9, "Anna", topics=("finance",)), _said(9, "Bo", relevant=False)]
    found = agreement(pairs, seed=1)
    assert (found.texts, found.shared, found.people) == (5, 5, {"Anna": 5, "Bo": 5})
    assert _of(found, "relevance").texts == 5
    assert _of(found, "topic").texts == _of(found, "direction").texts == 4
    assert _of(found, "topic").value is None  # one answer throughout
    assert [a.label for a in found.alphas if a.task == "topic"] == ["", "rescue"]


def test_sets_that_overlap_agree_in_part() -> None:
    two = ("finance", "personnel")
    decisions = [
        *(_said(n, who, topics=("rescue",)) for n in range(5) for who in ("Anna", "Bo")),
        *(_said(n, who, topics=two) for n in range(5, 9) for who in ("Anna", "Bo")),
        _said(9, "Anna", topics=two),
        _said(9, "Bo", topics=("finance",)),
    ]
    found = agreement(decisions, seed=1)
    whole, label = _of(found, "topic"), _of(found, "topic", "personnel")
    main = _of(found, "main topic")
    assert main.value == pytest.approx(1)
    assert 0.8 < (whole.value or 0) < 1
    assert (label.texts, label.said) == (10, 5)
    assert whole.low is not None
    assert whole.low <= (whole.value or 0) <= (whole.high or 0)


def test_texts_of_one_story_leave_the_interval_open() -> None:
    ways = ("risk", "neutral", "progress")
    one = [_said(n, who, story="s", direction=ways[n]) for n in range(3) for who in ("Anna", "Bo")]
    direction = _of(agreement(one, seed=1), "direction")
    assert (direction.value, direction.low, direction.high) == (1.0, None, None)
    parted = [replace(d, story=None) for d in one]
    assert _of(agreement(parted, seed=1), "direction").low == 1.0


def test_another_text_and_an_older_word_are_not_compared() -> None:
    first, second = _said(1, "Anna"), _said(2, "Bo")
    assert agreement([first, second], seed=1).shared == 0
    older = replace(_said(1, "Bo", direction="neutral"), when=AT - timedelta(1))
    same = _said(1, "Bo")
    found = agreement([first, same, older], seed=1)
    assert (found.texts, found.shared) == (1, 1)
    kappa = next(k for k in found.kappas if k.task == "direction")
    assert kappa.value is None  # both gave one answer throughout


def test_nothing_decided_is_no_error() -> None:
    found = agreement([], seed=1)
    assert (found.texts, found.shared, found.kappas) == (0, 0, ())
    assert all(a.value is None for a in found.alphas)
