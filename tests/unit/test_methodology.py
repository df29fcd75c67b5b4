"""The worked example of docs/methodology.md, recomputed with the program's own functions."""

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from monitor.risk import combine, media
from monitor.risk.combine import Gap
from monitor.risk.inputs import story_weight
from monitor.risk.media import Expectation
from monitor.risk.score import pressure_at
from monitor.values import ReadinessState
from tests.conftest import ROOT
from tests.risk_examples import CONSTANTS, component, story

TEXT = (ROOT / "docs" / "methodology.md").read_text(encoding="utf-8")
GROUP = "palveluiden_jarjestaminen"


def _stated() -> dict[str, float]:
    """The rows `| name | ... | **value** |` of the worked example."""
    section = TEXT.split("## Worked example")[1].split("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+?) \|.*\| \*\*(-?[\d.]+)\*\* \|$", section, re.MULTILINE)
    return {name: float(value) for name, value in rows}


def _recomputed() -> dict[str, float]:
    return dict([*_story_rows(), *_media_rows(), *_readiness_rows(), *_score_rows()])


def _weights() -> dict[str, float]:
    stories = {
        "A": (replace(story(group=GROUP), relevant=0.95, raises=0.85, progress=0.05, publishers=3), 0.9, 0.8),
        "B": (replace(story(group=GROUP), relevant=0.9, raises=0.8, progress=0.1, publishers=2), 0.95, 0.9),
        "C": (replace(story(group=GROUP), relevant=0.9, raises=0.1, progress=0.7, publishers=1), 0.9, 0.5),
    }  # fmt: skip
    factor = CONSTANTS.stories.spread
    return {name: story_weight(s, here, of, factor) for name, (s, here, of) in stories.items()}


def _story_rows() -> Iterator[tuple[str, float]]:
    for name, weight in _weights().items():
        yield f"weight of story {name}", weight
    yield "net weighted count", sum(_weights().values())


def _past() -> Expectation:
    own = CONSTANTS.media
    return Expectation(
        np.array([own.national_rate * own.national_weeks + 69.0]),
        own.national_weeks + 138.0,
        np.array([[3.0]]),
        np.array([[6.0]]),
    )


def _expected() -> tuple[float, float]:
    past = _past()
    expected = media.expected_mean(past, CONSTANTS.media)
    return float(media.national_mean(past)[0]), float(expected[0, 0])


def _pressure(count: float) -> float:
    return float(pressure_at(np.array([[count]]), 0.8, _past(), CONSTANTS)[0, 0])


def _media_rows() -> Iterator[tuple[str, float]]:
    national, expected = _expected()
    count = sum(_weights().values())
    yield "national rate", national
    yield "expected rate", expected
    yield "rate this week", float(media.week_median(expected, count, 0.8, CONSTANTS.media))
    yield "media pressure M", _pressure(count)


def _gap() -> Gap:
    later = replace(component("survey", None, weight=0.1), state=ReadinessState.NOT_YET_DUE)
    found = combine.gap(
        [
            component("roadmap", 7 / 9, weight=0.3, age=15),
            component("indicator", 0.55, weight=0.2, age=320),
            component("interview", 0.6, weight=0.15, age=40),
            component("organisers", None, weight=0.15),
            component("grants", 0.7, weight=0.1, age=80),
            later,
        ],
        CONSTANTS.readiness,
    )
    assert isinstance(found, Gap)
    return found


def _readiness_rows() -> Iterator[tuple[str, float]]:
    yield "readiness gap R", _gap().value


def _score_rows() -> Iterator[tuple[str, float]]:
    gap, pressure = _gap().value, _pressure(sum(_weights().values()))
    own = CONSTANTS.combined
    of_gap, of_media = combine.halves(gap, pressure, GROUP, own)
    risk = [w for w in _weights().values() if w > 0]
    nothing, raised = _pressure(0.0), _pressure(sum(risk))
    yield "combined C", combine.combined(gap, pressure, GROUP, own)
    yield "points from readiness", of_gap
    yield "points from media", of_media
    yield "points expected without a story", of_media * nothing / pressure
    yield "points of story A", of_media * (raised - nothing) / pressure * risk[0] / sum(risk)
    yield "points of story B", of_media * (raised - nothing) / pressure * risk[1] / sum(risk)
    yield "points of story C", of_media * (pressure - raised) / pressure
    others = {g: 20.0 for g in own.group_weight}
    total = {**others, GROUP: round(combine.combined(gap, pressure, GROUP, own), 2)}
    yield "region total", combine.total(total, own)


def test_the_worked_example_is_what_the_program_computes() -> None:
    stated, computed = _stated(), _recomputed()
    assert stated.keys() == computed.keys()
    for name, value in computed.items():
        decimals = 2 if name.startswith(("points", "combined", "region")) else 3
        assert stated[name] == pytest.approx(value, abs=0.5 * 10**-decimals + 1e-9), name


def test_the_methodology_names_its_version_and_states_every_constant() -> None:
    assert f"version {CONSTANTS.version}" in TEXT
    for section in CONSTANTS.model_dump().values():
        for name in section if isinstance(section, dict) else ():
            assert f"`{name}`" in TEXT, name
