"""Drift: the index is 0 of equal weeks, large of other ones, and small weeks are noise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.training.drift import (
    BEFORE,
    ENOUGH,
    LARGE,
    LEVEL,
    LOOK,
    Week,
    noise,
    population_stability,
    shifts,
)

COUNTS = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 5000), min_size=2)
USUAL = {"0": 700, "1": 200, "9": 100}


def weeks(last: dict[str, int], language: str = "fi") -> list[Week]:
    usual = [Week(f"2026-W{n:02}", {language: USUAL}) for n in range(1, BEFORE + 3)]
    return [*usual, Week("2026-W40", {language: last})]


@given(now=COUNTS, before=COUNTS)
def test_the_index_is_never_negative_and_the_same_both_ways(
    now: dict[str, int], before: dict[str, int]
) -> None:
    index = population_stability(now, before)
    assert index >= 0
    assert index == pytest.approx(population_stability(before, now))


@given(counts=COUNTS)
def test_a_week_like_the_others_has_no_shift(counts: dict[str, int]) -> None:
    assert population_stability(counts, counts) == pytest.approx(0)


def test_the_index_of_a_known_case() -> None:
    # (0.5 - 0.25) ln 2 + (0.5 - 0.75) ln(2/3), as half an article more in a bin of millions is nothing
    now, before = {"a": 5_000_000, "b": 5_000_000}, {"a": 2_500_000, "b": 7_500_000}
    assert population_stability(now, before) == pytest.approx(0.274653, abs=1e-5)


def test_the_first_weeks_have_no_index_and_later_ones_are_compared_with_them() -> None:
    found = shifts(weeks(USUAL))
    assert [s.index is None for s in found] == [True] * BEFORE + [False] * 3
    assert {s.verdict for s in found[BEFORE:]} == {"steady"}


def test_a_moved_week_is_told_and_a_small_one_is_noise() -> None:
    moved = {"0": 350, "1": 300, "9": 350}
    last = shifts(weeks(moved))[-1]
    assert last.index is not None
    assert last.index >= LARGE
    assert last.verdict == "large"
    slight = shifts(weeks({"0": 33, "1": 7, "9": 11}))[-1]
    assert slight.index is not None
    assert slight.index >= LOOK
    assert slight.verdict == "noise"


def test_of_too_few_articles_nothing_is_said() -> None:
    last = shifts(weeks({"0": ENOUGH - 1}))[-1]
    assert (last.n, last.index, last.verdict) == (ENOUGH - 1, None, None)
    assert shifts(weeks(USUAL), "sv")[-1].index is None


def test_the_noise_is_what_samples_of_one_distribution_stay_under() -> None:
    rng, shares = np.random.default_rng(1), np.array([0.5, 0.2, 0.1, 0.1, 0.1])

    def drawn(n: int) -> dict[str, int]:
        return {str(i): int(k) for i, k in enumerate(rng.multinomial(n, shares))}

    pairs = [(drawn(400), drawn(3000)) for _ in range(2000)]
    under = np.mean([population_stability(a, b) <= noise(a, b) for a, b in pairs])
    assert abs(under - LEVEL) < 0.02
