"""How far a label of a story would move a score."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.review.effect import ALERT_POINTS, NONE, effects, resting, worth
from monitor.risk.inputs import StorySignal, WeekInputs
from monitor.risk.score import scores
from monitor.values import Alert
from tests.risk_examples import CONSTANTS, WEEK, component, story, week_inputs

SHARES = st.floats(0.05, 0.95)


def _combined(inputs: WeekInputs, region: str, group: str) -> float:
    found = [s for s in scores(inputs, CONSTANTS) if (s.region, s.group) == (region, group)]
    assert isinstance(found[0].combined, float)
    return found[0].combined


def _counting(one: StorySignal, raises: float) -> StorySignal:
    sure = {"relevant": 1.0, "regions": (("06", 1.0),), "groups": (("ict_muutos", 1.0),)}
    return replace(one, **sure, raises=raises, progress=1 - raises)  # type: ignore[arg-type]


def test_the_effect_is_the_expected_change_of_the_score_itself() -> None:
    one = story(1, raises=0.6, progress=0.1, likely=0.7)
    inputs = week_inputs((one, story(2, likely=0.5)))
    effect = effects(inputs, [one], CONSTANTS)[1]

    def if_(other: StorySignal | None) -> float:
        kept = tuple(s for s in inputs.stories if s.story != 1)
        told = kept if other is None else (other, *kept)
        return _combined(replace(inputs, stories=told), "06", "ict_muutos")

    now, risk, progress, nothing = (
        if_(one),
        if_(_counting(one, 1)),
        if_(_counting(one, 0)),
        if_(None),
    )
    chance = 0.7**3
    expected = (
        chance * 0.6 * abs(risk - now)
        + chance * 0.1 * abs(progress - now)
        + (1 - chance * 0.7) * abs(nothing - now)
    )
    assert (effect.region, effect.group) == ("06", "ict_muutos")
    assert effect.points == pytest.approx(expected)
    assert (effect.now, effect.if_risk, effect.if_not) == pytest.approx((now, risk, nothing))


def test_a_story_that_came_after_the_scores_has_the_effect_it_would_have_among_them() -> None:
    one = story(1, raises=0.6, likely=0.7)
    without, within = week_inputs((story(2),)), week_inputs((one, story(2)))
    assert effects(without, [one], CONSTANTS) == effects(within, [one], CONSTANTS)


@given(raises=SHARES, likely=SHARES, publishers=st.integers(1, 6))
def test_effects_are_bounded_and_what_is_certain_has_none(
    raises: float, likely: float, publishers: int
) -> None:
    unsure = story(1, raises=raises, likely=likely, publishers=publishers)
    sure = story(2, raises=1.0, likely=1.0, publishers=publishers)
    found = effects(week_inputs((unsure, sure)), [unsure, sure], CONSTANTS)
    assert 0 <= found[1].points <= 100
    assert found[2].points == pytest.approx(0, abs=1e-9)
    assert found[1].if_not <= found[1].now + 1e-9 <= found[1].if_risk + 2e-9


def test_without_readiness_data_the_media_half_counts_and_says_so() -> None:
    one = story(1, raises=0.6, likely=0.7)
    inputs = week_inputs((one,), components=(component(done=None),))
    effect = effects(inputs, [one], CONSTANTS)[1]
    assert effect.of_media
    assert effect.points > 0


def test_a_region_that_was_not_heard_has_no_score_to_move() -> None:
    one = story(1, raises=0.6, likely=0.7)
    assert effects(week_inputs((one,), exposure=0.0), [one], CONSTANTS) == {1: NONE}


def test_an_alert_that_rests_on_a_story_lifts_it_by_its_chance_of_falling() -> None:
    one, other = story(1, likely=0.9), story(2, likely=0.2)
    alert = Alert(
        WEEK, "06", "ict", observed=2.0, expected=0.2, threshold=1.5, method="", p_value=0.001
    )
    assert resting([one, other], [alert], CONSTANTS) == {1: "ict"}
    effect = effects(week_inputs((one, other)), [one], CONSTANTS, [alert])[1]
    assert worth(effect, 0.9) == pytest.approx(effect.points + ALERT_POINTS * 0.1)
    assert worth(replace(effect, alert=""), 0.9) == effect.points


def test_regions_outside_the_reform_and_the_country_move_nothing() -> None:
    abroad = replace(story(1, likely=0.5), regions=(("NAT", 0.9), ("91", 0.9)))
    assert effects(week_inputs((abroad,)), [abroad], CONSTANTS) == {1: NONE}
