"""National, regional or neither: the rule, its chances, and its false alarms under no event."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.risk.inputs import PastWeek, StorySignal, WeekInputs
from monitor.risk.national import at_least, national, readings
from monitor.values import Coverage
from tests.risk_examples import CONSTANTS, GROUPS, TOPICS, WEEK, story, week_inputs

MANY = tuple(f"{i:02}" for i in range(1, 13))
ICT = "ict_muutos"


def country(stories: tuple[StorySignal, ...], exposure: float = 1.0) -> WeekInputs:
    """Twelve regions with one story per group in each of the ten weeks before."""
    before = tuple(
        PastWeek(
            f"2026-W{36 + w}",
            tuple((u, 1.0) for u in MANY),
            tuple((u, g, 1.0) for u in MANY for g in GROUPS),
            tuple((u, TOPICS[g][0], 1.0) for u in MANY for g in GROUPS),
        )
        for w in range(10)
    )
    made = week_inputs(stories, before=before)
    heard = tuple(Coverage(u, WEEK, exposure, 4, 3, 3, ("fi", "sv")) for u in MANY)
    fields = {f: getattr(made, f) for f in made.__dataclass_fields__}
    return WeekInputs(**fields | {"units": MANY, "coverage": heard, "readiness": ()})


def several(per_region: int, regions: tuple[str, ...]) -> tuple[StorySignal, ...]:
    pairs = enumerate(product(regions, range(per_region)))
    return tuple(story(i, region) for i, (region, _) in pairs)


def picture(stories: tuple[StorySignal, ...], exposure: float = 1.0):  # type: ignore[no-untyped-def]
    return {p.group: p for p in national(country(stories, exposure), CONSTANTS)}


def test_a_rise_in_most_regions_is_national_though_none_stands_out_alone() -> None:
    found = picture(several(3, MANY[:8]))[ICT]
    assert found.kind == "national"
    assert set(found.regions) == set(MANY[:8])
    assert found.elevated == 8
    assert found.p_value <= found.level == CONSTANTS.national.national_level / 5
    assert not any(r.stands_out for r in found.readings)


def test_a_surge_in_two_regions_is_regional_and_names_them() -> None:
    found = picture(several(14, MANY[:2]))
    assert found[ICT].kind == "regional"
    assert set(found[ICT].regions) == set(MANY[:2])
    assert {p.kind for g, p in found.items() if g != ICT} == {"neither"}


def test_an_ordinary_week_is_neither() -> None:
    everywhere = tuple(
        story(i, region, group) for i, (region, group) in enumerate(product(MANY, GROUPS))
    )
    assert {p.kind for p in picture(everywhere).values()} == {"neither"}


def test_a_country_that_was_not_heard_is_not_called_quiet() -> None:
    found = picture(several(14, MANY), exposure=0.1)
    assert {p.kind for p in found.values()} == {"unheard"}
    assert found[ICT].tested == 0


def test_fewer_regions_than_a_national_risk_needs_can_still_stand_out() -> None:
    found = {p.group: p for p in national(week_inputs(several(14, ("06",))), CONSTANTS)}
    assert (found[ICT].kind, found[ICT].regions, found[ICT].tested) == ("regional", ("06",), 3)


def test_the_poisson_binomial_is_that_of_all_outcomes() -> None:
    chances = [0.1, 0.3, 0.05, 0.5]
    for k in range(6):
        by_hand = sum(
            float(np.prod([c if hit else 1 - c for c, hit in zip(chances, hits, strict=True)]))
            for hits in product([False, True], repeat=4)
            if sum(hits) >= k
        )
        assert at_least(k, chances) == pytest.approx(by_hand)


@given(st.lists(st.floats(0, 1), max_size=8), st.integers(0, 8))
def test_more_elevated_regions_are_never_likelier(chances: list[float], k: int) -> None:
    assert 0 <= at_least(k + 1, chances) <= at_least(k, chances) + 1e-12 <= 1 + 1e-12


def test_no_region_is_elevated_more_often_than_its_own_chance_says() -> None:
    """Under no event, over regions with very different amounts of news."""
    rng = np.random.default_rng(6)
    rates = np.repeat([[0.1, 0.5, 2.0, 8.0]], 12, axis=0)
    hits, said, tries = np.zeros(4), np.zeros(4), 0
    for _ in range(150):
        counts = rng.poisson(rates, (13, 12, 4)).astype(float)
        p, expected, chance = readings(
            counts[:-1], np.ones((12, 12)), counts[-1], np.ones(12), 0.1, CONSTANTS.alerts
        )
        hits += ((p <= 0.1) & (counts[-1] > expected)).sum(axis=0)
        said += chance.sum(axis=0)
        tries += 12
    assert (hits / tries <= said / tries + 0.03).all()
    assert (said / tries)[0] < 0.1  # where hardly anything is written, hardly any week can be
