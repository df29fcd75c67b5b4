"""The measures, counted by hand; and methods side by side on a small simulated country."""

from math import isnan

import numpy as np
import pytest

from monitor.progress import Silent
from monitor.replay import measure
from monitor.replay.measure import Seen
from monitor.replay.methods import (
    BASELINES,
    ORACLE,
    OURS,
    Opinion,
    baselines,
    judged,
    threshold,
)
from monitor.replay.report import CaseResult, MethodRow, Report, as_text, from_json
from monitor.replay.run import Case, Setting, replay
from monitor.replay.world import WARM_UP, Event, EventKind, World
from monitor.risk.alerts import alerts
from tests.unit.test_replay_simulator import CONSTANTS, PLACES, RATES, history

WEEKS = 12
EVENTS = (
    Event(0, 0, WARM_UP + 2, WARM_UP + 4, WARM_UP + 5, (1.0, 2.0, 3.0, 1.5)),
    Event(1, 0, WARM_UP + 8, WARM_UP + 8, WARM_UP + 9, (6.0, 3.0)),
)


def opinion(values: dict[tuple[int, int, int], float], limit: float = 5.0) -> Opinion:
    """Two regions, one topic: `values` at (week, region, topic), nothing elsewhere."""
    statistic = np.zeros((WEEKS, 2, 1))
    for at, value in values.items():
        statistic[at] = value
    return Opinion("by hand", statistic, statistic >= limit)


def seen(values: dict[tuple[int, int, int], float]) -> Seen:
    return measure.seen([(opinion(values), EVENTS)])


# The first event is found a week before its peak, the second is not; two alarms are false.
BY_HAND = {(3, 0, 0): 6.0, (4, 0, 0): 9.0, (8, 1, 0): 4.0, (0, 1, 0): 7.0, (6, 0, 0): 5.0}


def test_precision_sensitivity_and_false_alarms_by_hand() -> None:
    tally = measure.native(seen(BY_HAND))
    assert tally.precision().value == pytest.approx(2 / 4)
    assert tally.precision().n == 4
    assert tally.sensitivity().value == pytest.approx(1 / 2)
    months = 2 * WEEKS * 7 / (365.25 / 12)
    assert tally.false_alarms().value == pytest.approx(2 / months)


def test_lead_is_to_the_peak_and_delay_from_the_onset() -> None:
    lead, delay = measure.lead_and_delay(seen(BY_HAND))
    assert (lead.value, lead.n) == (7.0, 1)  # alarm in the second week, peak in the third
    assert delay.value == 14.0  # from the onset's Monday to the end of the second week


def test_an_alarm_after_the_peak_has_negative_lead() -> None:
    lead, _ = measure.lead_and_delay(seen({(9, 1, 0): 8.0}))
    assert lead.value == -7.0


def test_equal_false_alarms_mixes_the_two_limits_around_the_target() -> None:
    own = seen(BY_HAND)
    months = own.clusters * own.months
    one = measure.at_false_alarms(own, 1.01 / months)  # the limit lies just above 5
    assert one.false.sum() == pytest.approx(1.01)
    assert one.true.sum() == pytest.approx(2)  # 9 and 6
    less = measure.at_false_alarms(own, 0.5 / months)  # half of the time above 7, half at 7
    assert less.false.sum() == pytest.approx(0.5)
    assert less.true.sum() == 1  # 9 alone: 6 lies below 7


def test_equal_sensitivity_needs_a_limit_that_finds_so_many() -> None:
    both = measure.at_sensitivity(seen(BY_HAND), 1.0)
    assert both is not None
    assert both.found.sum() == 2
    assert both.false.sum() == 2  # at 4
    blind = opinion({(4, 0, 0): 9.0})
    unheard = Opinion("", np.where(blind.statistic > 0, blind.statistic, np.nan), blind.raised)
    assert measure.at_sensitivity(measure.seen([(unheard, EVENTS)]), 0.8) is None


def test_no_alarms_have_no_precision_and_no_lead() -> None:
    own = seen({})
    assert isnan(measure.native(own).precision().value)
    assert isnan(measure.lead_and_delay(own)[0].value)
    assert measure.native(own).sensitivity().value == 0


def test_intervals_hold_the_value_and_narrow_with_more_regions() -> None:
    rng = np.random.default_rng(4)
    few, many = (
        measure.ratio(rng.binomial(5, 0.4, n).astype(float), np.full(n, 5.0)) for n in (10, 400)
    )
    for figure in (few, many):
        assert figure.low <= figure.value <= figure.high
    assert many.high - many.low < (few.high - few.low) / 3


def test_a_figure_repeats_to_the_last_digit() -> None:
    above, below = np.arange(20.0), np.full(20, 20.0)
    assert measure.ratio(above, below) == measure.ratio(above, below)


def test_the_plain_threshold_is_the_mean_and_two_deviations() -> None:
    past = np.tile([[1.0], [3.0]], (6, 1))
    limit = 2.0 + 2 * np.std([1.0, 3.0] * 6, ddof=1)
    reading = threshold(past, np.array([limit + 0.01]))
    assert reading.limit == pytest.approx(limit)
    assert reading.exceeds.all()
    assert not threshold(past, np.array([limit - 0.01])).exceeds.any()


def test_every_baseline_finds_what_nobody_can_miss_and_sleeps_when_nothing_happens() -> None:
    calm = np.tile(np.array([2.0, 3.0]), 13)[:24, None, None] * np.ones((24, 2, 3))
    wild = calm.copy()
    wild[20, 1, 2] = 60.0
    for quiet, loud in zip(baselines(calm, 12), baselines(wild, 12), strict=True):
        assert not quiet.raised.any(), quiet.name
        assert loud.raised[8, 1, 2], loud.name


@pytest.fixture(scope="module")
def small() -> Report:
    setting = Setting(PLACES, RATES, CONSTANTS, World(), weeks=16, seed=7)
    cases = [Case(EventKind(4.0, "region"))]
    return replay(setting, 1, Silent(), cases=cases, scores=False)


def row(case: CaseResult, method: str) -> MethodRow:
    return next(r for r in case.rows if r.method == method)


def test_every_method_is_measured_side_by_side(small: Report) -> None:
    (case,) = small.cases
    assert {r.method for r in case.rows} == {OURS, *BASELINES, ORACLE}
    assert case.events > 10
    text = as_text(small)
    for r in case.rows:
        assert f"| {r.method} |" in text


def test_the_oracle_is_ahead_of_ours_and_ours_of_chance(small: Report) -> None:
    (case,) = small.cases
    ours, best = row(case, OURS), row(case, ORACLE)
    assert best.equal_sensitivity.value >= ours.equal_sensitivity.value
    # Alarms thrown at random would be true as often as cell-weeks lie in events: a few in a hundred.
    assert ours.precision.value > 0.3
    assert ours.precision_at is not None
    assert best.precision_at is not None
    assert best.precision_at.value >= ours.precision_at.value > 0.1


def test_at_our_own_false_alarms_ours_is_not_ahead_of_itself(small: Report) -> None:
    ours = row(small.cases[0], OURS)
    assert ours.behind.value == 0
    assert ours.equal_sensitivity.value >= ours.sensitivity.value - 0.05


def test_without_events_alerts_are_as_rare_as_promised(small: Report) -> None:
    """The false discovery rate holds for weeks without any event; 16 weeks tell only that roughly."""
    assert small.quiet is not None
    assert small.quiet.with_alert.value <= small.quiet.promised + 0.3
    assert small.quiet.false_alarms.value < 0.2


def test_what_is_judged_as_ours_is_what_the_service_raises() -> None:
    made = history(EventKind(4.0, "region"), weeks=10)
    raised = judged(made).raised
    assert raised.any()
    for week in np.flatnonzero(raised.any(axis=(1, 2)))[:2].tolist():
        told = alerts(made.inputs(WARM_UP + week, readiness=False), CONSTANTS)
        cells = [(PLACES.units[r], PLACES.topics[k]) for r, k in np.argwhere(raised[week])]
        assert sorted(cells) == sorted((a.region, a.topic) for a in told)


def test_the_report_is_json_with_nothing_that_json_lacks(small: Report) -> None:
    assert "NaN" not in small.to_json()
    read = from_json(small.to_json())
    assert (read.seed, as_text(read)) == (7, as_text(small))
