"""The worked example of sensitivity in docs/methodology.md, recomputed with the program's own functions."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from monitor.risk import combine
from monitor.risk.inputs import PastWeek, Readiness, WeekInputs
from monitor.risk.interval import simulate
from monitor.risk.knowing import region_findings
from monitor.risk.score import past_expectation
from monitor.risk.sensitivity import one_region, sensitivity
from monitor.values import ReadinessState
from tests.conftest import ROOT
from tests.risk_examples import CONSTANTS, GROUPS, component, coverage, story, week_inputs

GROUP, REGION = "palveluiden_jarjestaminen", "06"
UNITS = (REGION, *(f"x{i:02}" for i in range(22)))
TEXT = (ROOT / "docs" / "methodology.md").read_text(encoding="utf-8")

COMPONENTS = (
    component("roadmap", 7 / 9, weight=0.3, age=15),
    component("indicator", 0.55, weight=0.2, age=320),
    component("interview", 0.6, weight=0.15, age=40),
    component("organisers", None, weight=0.15),
    component("grants", 0.7, weight=0.1, age=80),
    replace(component("survey", None, weight=0.1), state=ReadinessState.NOT_YET_DUE),
)


def _inputs() -> WeekInputs:
    """The region of the worked example; its other groups have no news and are fully known."""
    told = (
        ("A", 0.95, 0.90, 0.80, 0.85, 0.05, 3),
        ("B", 0.90, 0.95, 0.90, 0.80, 0.10, 2),
        ("C", 0.90, 0.90, 0.50, 0.10, 0.70, 1),
    )
    stories = tuple(
        replace(
            story(i, REGION, GROUP, raises=up, progress=down, publishers=n),
            title=name, relevant=sure, regions=((REGION, here),), groups=((GROUP, of),),
        )
        for i, (name, sure, here, of, up, down, n) in enumerate(told)
    )  # fmt: skip
    known = tuple(component(c.component, 0.6, weight=c.weight) for c in COMPONENTS)
    weeks = tuple(
        PastWeek(
            f"2026-W{40 + i}",
            tuple((u, 1.0) for u in UNITS),
            tuple((u, GROUP, 0.5) for u in UNITS),
            (),
        )
        for i in range(6)
    )
    return replace(
        week_inputs(stories, before=weeks, draws=20_000),
        units=UNITS,
        error_rates=(),
        coverage=(coverage(REGION, 0.8, 4), *(coverage(u) for u in UNITS[1:])),
        readiness=tuple(
            Readiness(u, g, COMPONENTS if (u, g) == (REGION, GROUP) else known)
            for u in UNITS
            for g in GROUPS
        ),
    )


def _stated() -> dict[str, tuple[float, ...]]:
    """The rows `| name | ... | **value** | **value** |` of the example."""
    section = TEXT.split("### An example of sensitivity")[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|") and "**" in line]
    return {
        row.split("|")[1].strip(): tuple(map(float, re.findall(r"\*\*(-?[\d.]+)\*\*", row)))
        for row in rows
    }


def _computed() -> dict[str, tuple[float, ...]]:
    return dict([*_shares(), *_by_hand(), *_findings()])


def _shares() -> Iterator[tuple[str, tuple[float, ...]]]:
    found = next(s for s in sensitivity(_inputs(), CONSTANTS, REGION) if s.group == GROUP)
    for share in found.shares:
        yield share.source, (share.first, share.total)
    yield "only together", (found.together,)


def _by_hand() -> Iterator[tuple[str, tuple[float, ...]]]:
    own = CONSTANTS.readiness
    weights = {
        c.component: c.weight * (combine.freshness(c, own) if c.done is not None else 1)
        for c in combine.applicable(COMPONENTS)
    }
    part = weights["organisers"] / sum(weights.values())
    inputs = _inputs()
    one = one_region(inputs, past_expectation(inputs, CONSTANTS), REGION)
    drawn = simulate(one.inputs, one.past, CONSTANTS)
    g = GROUPS.index(GROUP)
    other = 1 - CONSTANTS.combined.media_weight[GROUP] * float(drawn.media[g].mean())
    of_gap = part / 12**0.5
    points = 100 * CONSTANTS.combined.readiness_weight[GROUP] * other * of_gap
    yield "weight of organisers", (part,)
    yield "standard deviation of R from it", (of_gap,)
    yield "standard deviation of C from it", (points,)
    yield "variance of C", (float(drawn.combined[g].var()),)
    yield "share of the variance", (points**2 / float(drawn.combined[g].var()),)


def _findings() -> Iterator[tuple[str, tuple[float, ...]]]:
    for found in region_findings(_inputs(), CONSTANTS, REGION)[:3]:
        name = f"story {found.label}" if found.kind == "story" else f"{found.kind} {found.ref}"
        yield name, (found.expected_width, found.lowest, found.highest)


def test_the_worked_example_of_sensitivity_is_what_the_program_computes() -> None:
    stated, computed = _stated(), _computed()
    assert stated.keys() == computed.keys()
    for name, values in computed.items():
        assert stated[name] == pytest.approx(values, abs=0.0051), name


def test_the_share_by_hand_is_the_estimated_one_within_its_error() -> None:
    found = next(s for s in sensitivity(_inputs(), CONSTANTS, REGION) if s.group == GROUP)
    organisers = next(s for s in found.shares if s.source == "missing:organisers")
    by_hand = dict(_by_hand())["share of the variance"][0]
    assert abs(organisers.first - by_hand) < 3 * organisers.first_error + 0.01
