"""The simulated country: what it yields is what the scorer takes, and its truth is the truth."""

import numpy as np
import pytest

from classifiers.reference import load_reference
from monitor.replay.errors import classifier_errors, doubt, three_way
from monitor.replay.methods import oracle, true_counts
from monitor.replay.places import places
from monitor.replay.rates import group_rates
from monitor.replay.simulator import History, simulate
from monitor.replay.world import WARM_UP, EventKind, Places, World, directions
from monitor.risk.constants import load_constants
from monitor.risk.inputs import day_counts, past_week
from monitor.weeks import first_day
from tests.conftest import ROOT

CONSTANTS = load_constants()
RATES = {
    "relevance": (0.9, 0.9),
    "region": (0.86, 0.95),
    "topic": (0.73, 0.71),
    "direction": (0.71, 0.71),
}
PLACES: Places = places(load_reference(ROOT / "labels"), ROOT / "feeds.yaml")


def history(
    kind: EventKind | None = None, weeks: int = 8, seed: int = 3, world: World | None = None
) -> History:
    world = world or World()
    errors = classifier_errors(RATES, directions(world))
    return simulate(world, PLACES, kind, weeks, RATES, errors, CONSTANTS, seed)


@pytest.mark.parametrize(("precision", "recall"), [(0.73, 0.71), (0.86, 0.97), (0.9, 0.9)])
def test_the_drawn_classifier_errs_as_measured_and_is_calibrated(
    precision: float, recall: float
) -> None:
    fitted, rng = doubt(precision, recall), np.random.default_rng(1)
    right = fitted.of_right(40_000, rng)
    wrong = fitted.of_wrong(round(40_000 * fitted.wrong_per_right), rng)
    true, false = (right >= 0.5).sum(), (wrong >= 0.5).sum()
    assert true / (true + false) == pytest.approx(precision, abs=0.02)
    assert true / len(right) == pytest.approx(recall, abs=0.02)
    for low in (0.2, 0.4, 0.6, 0.8):
        hits, misses = (p[(p >= low) & (p < low + 0.2)] for p in (right, wrong))
        said = np.concatenate([hits, misses]).mean()
        assert len(hits) / (len(hits) + len(misses)) == pytest.approx(said, abs=0.03)


def test_figures_no_beta_can_have_give_the_nearest_without_a_flood_of_wrong_candidates() -> None:
    fitted = doubt(0.9665, 0.8836)
    assert fitted.wrong_per_right < 5
    assert fitted.figures() == pytest.approx((0.9665, 0.8836), abs=0.06)


def test_directions_are_right_as_often_as_measured() -> None:
    parameters = three_way((0.5, 0.3, 0.2), 0.71)
    drawn = np.random.default_rng(2).dirichlet(parameters, size=20_000)
    assert drawn.max(axis=1).mean() == pytest.approx(0.71, abs=0.01)
    assert parameters / parameters.sum() == pytest.approx([0.5, 0.3, 0.2])


def test_the_same_seed_gives_the_same_inputs_and_another_does_not() -> None:
    one, same, other = (history(seed=s).inputs(WARM_UP).digest() for s in (3, 3, 4))
    assert one == same
    assert one != other


def test_the_counts_of_a_week_are_those_the_scorer_makes_of_its_stories() -> None:
    made = history()
    week = WARM_UP + 2
    stories, spread = made.signals(week), CONSTANTS.stories.spread
    exposure = dict(zip(PLACES.units, made.exposure[week].tolist(), strict=True))
    own, theirs = made.past[week], past_week(made.week(week), stories, exposure, spread)
    assert own.exposure == theirs.exposure
    for mine, said in ((own.groups, theirs.groups), (own.topics, theirs.topics)):
        assert [c[:2] for c in mine] == [c[:2] for c in said]
        assert [c[2] for c in mine] == pytest.approx([c[2] for c in said])
    monday = first_day(made.week(week))
    days = day_counts(monday, monday, stories, spread)
    mine_of_day = made.inputs(week).days[-7]
    assert mine_of_day.day == days[0].day
    assert [c[2] for c in mine_of_day.topics] == pytest.approx([c[2] for c in days[0].topics])


def test_events_add_what_they_say_where_they_say() -> None:
    kind = EventKind(3.0, "region")
    made = history(kind, weeks=40)
    real = made.truth
    assert real.events
    assert not real.extra[:WARM_UP].any()
    for event in real.events:
        full = 2.0 * real.usual[event.region].sum() * made.world.risk_share
        assert max(event.extra) == pytest.approx(full)
        assert event.extra[event.peak - event.onset] == pytest.approx(full)
        assert event.extra[-1] == pytest.approx(full / 2)
    total = sum(sum(e.extra) for e in real.events)
    assert real.extra.sum() == pytest.approx(total)


def test_regions_with_more_people_and_newsrooms_have_more_news() -> None:
    usual = history().truth.usual.sum(axis=1)
    size = {unit: float(n) for unit, n in zip(PLACES.units, usual, strict=True)}
    assert size["06"] > 1.3 * size["18"]
    people = np.array([PLACES.population[u] for u in PLACES.units])
    assert np.corrcoef(np.log(people), np.log(usual))[0, 1] > 0.7


def test_without_error_in_the_classifiers_the_score_sees_the_true_rates() -> None:
    """Long-run weighted counts over hearing are the rates that intervals are checked against."""
    perfect = dict.fromkeys(RATES, (0.99, 0.99))
    world = World(week_variance=0.0, wave_sd=0.0, summer=1.0, outage_chance=0.0, stories=40)
    errors = classifier_errors(perfect, directions(world))
    made = simulate(world, PLACES, None, 60, perfect, errors, CONSTANTS, 5)
    usual, weekly = group_rates(made)
    assert weekly.mean(axis=0) == pytest.approx(usual, rel=0.01)
    seen = np.zeros(usual.shape)
    for past in made.past:
        for region, group, value in past.groups:
            seen[PLACES.units.index(region), made.groups.index(group)] += value / made.weeks
    assert seen.sum(axis=0) == pytest.approx(usual.sum(axis=0), rel=0.08)


def test_a_cut_region_loses_hearing_and_stories_and_no_other_does() -> None:
    made, week = history(), WARM_UP + 1
    cut = PLACES.units.index("06")
    whole, less = made.inputs(week), made.inputs(week, cut=[cut])
    for r, (before, after) in enumerate(zip(whole.coverage, less.coverage, strict=True)):
        assert (after.exposure < before.exposure) == (r == cut)
    lost = {s.story for s in whole.stories} - {s.story for s in less.stories}
    assert lost
    assert {int(made.stories.region[i]) for i in lost} == {cut}


def test_outages_lower_hearing_and_silence_is_not_in_the_true_counts() -> None:
    loud, quiet = (history(world=World(outage_chance=c), weeks=30) for c in (0.0, 0.1))
    assert (loud.exposure == 1).all()
    assert quiet.exposure.mean() < 0.8
    assert true_counts(quiet).mean() < 0.9 * true_counts(loud).mean()


def test_the_oracle_tells_the_weeks_of_large_events_from_others() -> None:
    made = history(EventKind(3.0, "region"), weeks=52)
    statistic = oracle(made).statistic
    event = np.zeros(statistic.shape, dtype=bool)
    for e in made.truth.events:
        event[e.peak - WARM_UP, e.region, e.topic] = True
    calm = statistic[made.truth.extra[WARM_UP:] == 0]
    assert (statistic[event] > np.quantile(calm, 0.99)).mean() > 0.9


def test_readiness_has_gaps_and_ages() -> None:
    components = [c for cell in history().inputs(WARM_UP).readiness for c in cell.components]
    states = {c.state.value for c in components}
    assert {"observed", "missing", "not applicable"} <= states
    ages = {c.age_days for c in components if c.age_days is not None}
    assert len(ages) > 1
    assert min(ages) > 0
