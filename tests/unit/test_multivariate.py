"""How the parts go together: correlations with a known answer, and what is not told."""

from dataclasses import replace

import numpy as np
import pytest

from monitor.risk.inputs import Readiness, WeekInputs
from monitor.risk.multivariate import LEAST, Multivariate, Pair, multivariate
from monitor.risk.score import scores
from monitor.values import ReadinessComponent
from tests.risk_examples import CONSTANTS, GROUPS, component, coverage, week_inputs

REGIONS = tuple(f"{i:02}" for i in range(1, 21))


def country(made: "list[list[ReadinessComponent]]") -> WeekInputs:
    """One list of components per region, the same in every group, in twenty regions."""
    inputs = week_inputs(draws=100, before=())
    return replace(
        inputs,
        units=REGIONS,
        coverage=tuple(coverage(r) for r in REGIONS),
        readiness=tuple(
            Readiness(r, g, tuple(parts))
            for r, parts in zip(REGIONS, made, strict=True)
            for g in GROUPS
        ),
    )


def judged(inputs: WeekInputs) -> Multivariate:
    return multivariate(inputs, scores(inputs, CONSTANTS))


def pair(found: Multivariate, first: str, second: str, of: str = "cells") -> Pair:
    return next(p for p in found.pairs if (p.first, p.second, p.of) == (first, second, of))


def test_what_rises_together_is_one_and_what_falls_is_minus_one() -> None:
    done = np.linspace(0.1, 0.9, len(REGIONS))
    found = judged(
        country(
            [
                [component("grants", d**3), component("roadmap", d), component("survey", 1 - d)]
                for d in done
            ]
        )
    )
    assert pair(found, "grants", "roadmap").correlation == pytest.approx(1)
    assert pair(found, "roadmap", "survey").correlation == pytest.approx(-1)
    assert found.common == pytest.approx(1)
    assert pair(found, "grants", "roadmap").n == len(REGIONS) * len(GROUPS)
    assert pair(found, "grants", "roadmap").regions == len(REGIONS)


def test_unrelated_components_have_an_interval_that_holds_zero_and_counts_regions_not_cells() -> (
    None
):
    rng = np.random.default_rng(3)
    values = rng.random((len(REGIONS), 2))
    found = judged(country([[component("grants", a), component("roadmap", b)] for a, b in values]))
    grants = pair(found, "grants", "roadmap")
    assert grants.interval is not None
    assert grants.interval.low < 0 < grants.interval.high
    # 100 cells would give an interval about 0.4 wide; the same in every group they are worth 20
    assert grants.interval.high - grants.interval.low > 0.6
    assert found.alpha == pytest.approx(2 * grants.correlation / (1 + grants.correlation))


def test_too_few_cells_have_no_correlation() -> None:
    one, both = component("roadmap", 0.5), [component("roadmap", 0.4), component("survey", 0.2)]
    found = judged(country([both] + [[one]] * (len(REGIONS) - 1)))
    few = pair(found, "roadmap", "survey")
    assert few.n < LEAST
    assert (few.correlation, few.interval) == (None, None)
    assert (found.common, found.alpha) == (None, None)


def test_readiness_and_media_are_compared_by_cell_and_by_total() -> None:
    done = np.linspace(0.1, 0.9, len(REGIONS))
    found = judged(country([[component("roadmap", d)] for d in done]))
    assert pair(found, "readiness", "media").n == len(REGIONS) * len(GROUPS)
    assert pair(found, "readiness", "media", "totals").n == len(REGIONS)
    assert pair(found, "readiness", "media").correlation is None  # without news nothing varies
    assert judged(country([[component("roadmap", d)] for d in done])) == found
