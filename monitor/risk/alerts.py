"""Alerts: cells of region and topic whose week stands above what their past leads one to expect.

Pure. Three methods give each cell a p-value, each from a past of its own:

- *predictive*: the weighted count of this week, and of the last two, three, ... together, against the
  predictive distribution (`monitor.risk.predict`); the windows' p-values are combined;
- *weekly*: eEARS (`monitor.risk.ears`) on the past weeks;
- *weekday*: eEARS on each day of the week so far against past days of the same weekday, where a public
  holiday is a Sunday; the days' p-values are combined.

**The rule.** The p-values of a cell become one by the Cauchy combination, T = sum w tan((1/2 - p) pi) and
p = 1/2 - arctan(T) / pi (Liu and Xie 2020, JASA 115), which holds its level in the tail whatever the
dependence, and the three depend on each other. Over all cells of the week the false discovery rate of
these is controlled (Benjamini and Hochberg 1995; they hold it under positive dependence too). So it is
controlled over cells and methods at once. eEARS reads counts divided by the dispersion, as roots, with a
standard deviation of at least that of a Poisson count: a past of zeros is no proof that one is unusual.

Cells of regions that were not heard, now or in enough past weeks, are not tested. A past count is scaled
to this week's exposure for eEARS; the predictive distribution takes exposure as observation time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.risk.constants import AlertConstants, Constants
from monitor.risk.ears import EearsParameters, eears
from monitor.risk.inputs import WeekInputs, tally
from monitor.risk.past import heard_counts
from monitor.risk.predict import Prediction, Window, predict, windows
from monitor.values import Alert

METHOD = "predictive + eEARS"
Array = NDArray[np.float64]

LARGEST_P = (
    0.9  # a p-value of 1 would outweigh any other in the combination (Liu and Xie 2020, sec. 5)
)
SMALLEST_P = 1e-15
STEPS = 1000  # of the search for an alert's threshold


@dataclass(frozen=True, slots=True)
class Evidence:
    """Every tested cell of a week. Arrays are (cells,) unless said otherwise; cells go by `keys`."""

    keys: tuple[tuple[str, str], ...]  # region, topic
    observed: Array  # weighted stories, never below zero
    expected: Array
    exposure: Array
    shape: Array  # of the predictive's Gamma posterior, in weighted stories
    rate: Array  # in fully heard weeks
    weeks: Array  # heard past weeks
    dispersion: float
    week_variance: float
    windows: tuple[Window, ...]  # the last 1, 2, ... weeks together
    predictive: Array  # p-values; those of the windows, combined
    weekly: Array  # NaN where the method has no baseline
    weekday: Array
    past: Array  # (weeks, cells), scaled to this week's exposure, NaN where not heard
    days: tuple[
        tuple[Array, Array], ...
    ]  # per day of the week: its past (days, cells), itself (cells,)

    def combined(self, own: AlertConstants) -> Array:
        """One p-value per cell; 1 where the week does not stand above what was expected."""
        p = combine(
            (self.predictive, self.weekly, self.weekday),
            (own.predictive_weight, own.weekly_weight, own.weekday_weight),
        )
        return np.where(self.observed > self.expected, p, 1.0)


def alerts(inputs: WeekInputs, constants: Constants) -> tuple[Alert, ...]:
    """The alerts of a week, the least likely first."""
    own = constants.alerts
    found = evidence(inputs, constants)
    cut, which = raised(found, own)
    made = [_alert(inputs.week, found, int(i), cut, own) for i in np.flatnonzero(which)]
    return tuple(sorted(made, key=lambda a: (a.p_value, a.region, a.topic)))


def raised(found: Evidence, own: AlertConstants) -> tuple[float, NDArray[np.bool_]]:
    """The largest p-value that is a discovery this week, and (cells,) which are alerts."""
    p_values = found.combined(own)
    cut = discovery_cut(p_values.tolist(), own.false_discovery_rate)
    return cut, (p_values <= cut) & (found.observed >= own.minimum_observed)


def discovery_cut(p_values: Sequence[float], rate: float) -> float:
    """The largest p-value that is a discovery; 0 where none is (Benjamini and Hochberg 1995).

    It is the largest p(i), in rising order, with p(i) <= i * rate / m.
    """
    m = len(p_values)
    passing = (p for i, p in enumerate(sorted(p_values), 1) if p <= i * rate / m)
    return max(passing, default=0.0)


def combine(p_values: Sequence[Array], weights: Sequence[float]) -> Array:
    """The Cauchy combination per cell; a NaN takes no part, the other weights grow to 1; 1 where all are NaN."""
    p = np.array(p_values, dtype=float)
    known = ~np.isnan(p)
    w = np.where(known, np.array(weights, dtype=float)[:, None], 0.0)
    total = w.sum(axis=0)
    w = w / np.where(total > 0, total, 1.0)
    bounded = np.clip(np.where(known, p, 0.5), SMALLEST_P, LARGEST_P)
    statistic = (w / np.tan(np.pi * bounded)).sum(axis=0)
    combined: Array = np.where(total > 0, np.arctan2(1.0, statistic) / np.pi, 1.0)
    return combined


def evidence(inputs: WeekInputs, constants: Constants) -> Evidence:
    """Every cell that can be tested, by topic and region in the inputs' order, with its p-values."""
    own, least = constants.alerts, constants.media.minimum_exposure
    counts, heard = heard_counts(inputs, "topics", least)
    exposure = np.array([c.exposure for c in inputs.coverage], dtype=float)
    tested = (exposure >= least) & (np.isfinite(heard).sum(axis=0) >= own.minimum_past_weeks)
    if not tested.any():
        return _nothing()
    now = _now(inputs, constants)
    model = predict(counts, heard, own)
    of_windows = tuple(w.at(tested) for w in windows(counts, heard, exposure, own))
    scale = exposure / np.where(np.isfinite(heard), heard, np.nan) if len(heard) else heard
    past = _flat(counts * scale[:, :, None], tested)
    days = _days(inputs, scale, tested)
    return _assembled(inputs, model, of_windows, now, exposure, heard, tested, past, days, own)


def _assembled(
    inputs: WeekInputs,
    model: Prediction,
    of_windows: tuple[Window, ...],
    now: Array,
    exposure: Array,
    heard: Array,
    tested: NDArray[np.bool_],
    past: Array,
    days: tuple[tuple[Array, Array], ...],
    own: AlertConstants,
) -> Evidence:
    units = [u for u, use in zip(inputs.units, tested, strict=True) if use]
    per_topic = len(inputs.topics)
    observed = now[tested].T.ravel()
    return Evidence(
        keys=tuple((unit, topic) for topic in inputs.topics for unit in units),
        observed=observed,
        expected=model.mean(exposure)[tested].T.ravel(),
        exposure=np.tile(exposure[tested], per_topic),
        shape=model.shape[tested].T.ravel(),
        rate=model.rate[tested].T.ravel(),
        weeks=np.tile(np.isfinite(heard).sum(axis=0)[tested].astype(float), per_topic),
        dispersion=model.dispersion,
        week_variance=model.week_variance,
        windows=of_windows,
        predictive=predictive(of_windows, observed),
        weekly=weekly(past, observed, model.dispersion, own),
        weekday=weekday(days, len(observed), model.dispersion, own),
        past=past,
        days=days,
    )


def predictive(of_windows: Sequence[Window], now: Array) -> Array:
    """(cells,) the windows' p-values as one, if this week has `now` weighted stories."""
    return combine([w.tail(now) for w in of_windows], [1 / len(of_windows)] * len(of_windows))


def weekly(past: Array, now: Array, dispersion: float, own: AlertConstants) -> Array:
    """(cells,) eEARS p-values of a week against the weeks before; NaN without a baseline."""
    return _eears(past, now, dispersion, own.eears_weeks, own)


def weekday(
    days: Sequence[tuple[Array, Array]], cells: int, dispersion: float, own: AlertConstants
) -> Array:
    """(cells,) eEARS p-values of a week's days against their like, combined; NaN without days."""
    of_days = [_eears(past, now, dispersion, own.eears_weekdays, own) for past, now in days]
    if not of_days:
        return np.full(cells, np.nan)
    combined = combine(of_days, [1 / len(of_days)] * len(of_days))
    without: Array = np.where(np.isnan(np.array(of_days)).all(axis=0), np.nan, combined)
    return without


def _eears(past: Array, now: Array, dispersion: float, units: int, own: AlertConstants) -> Array:
    parameters = EearsParameters(
        baseline=units,
        outlier_alpha=own.eears_outlier_alpha,
        decay=own.eears_decay,
        least_sd=1.0,
        least_units=own.minimum_past_weeks,
        root=True,
    )
    reading = eears(past / dispersion, now / dispersion, parameters)
    p: Array = np.where(np.isnan(reading.statistic), np.nan, reading.p_value)
    return p


def _fill(
    into: Array,
    cells: Sequence[tuple[str, str, float]],
    unit: dict[str, int],
    topic: dict[str, int],
) -> None:
    for region, label, value in cells:
        if region in unit and label in topic:
            into[unit[region], topic[label]] = max(0.0, value)


def _now(inputs: WeekInputs, constants: Constants) -> Array:
    counts = tally(inputs.stories, constants.stories.spread, by="topics")
    return np.array(
        [[max(0.0, counts.get((u, t), 0.0)) for t in inputs.topics] for u in inputs.units]
    )


def _days(
    inputs: WeekInputs, scale: Array, tested: NDArray[np.bool_]
) -> tuple[tuple[Array, Array], ...]:
    """Each day of the week with the past days of its weekday, scaled as the weeks they lie in."""
    unit = {u: i for i, u in enumerate(inputs.units)}
    topic = {t: i for i, t in enumerate(inputs.topics)}
    before = 7 * len(inputs.past)
    if len(inputs.days) <= before:
        return ()
    counts = np.zeros((len(inputs.days), len(unit), len(topic)))
    for d, day in enumerate(inputs.days):
        _fill(counts[d], day.topics, unit, topic)
    past = counts[:before] * np.repeat(scale, 7, axis=0)[:, :, None]
    of_past = np.array([day.weekday for day in inputs.days[:before]])
    return tuple(
        (_flat(past[of_past == day.weekday], tested), counts[before + i][tested].T.ravel())
        for i, day in enumerate(inputs.days[before:])
    )


def _flat(values: Array, tested: NDArray[np.bool_]) -> Array:
    """(time, regions, topics) -> (time, cells) of the tested regions, by topic and region."""
    return values[:, tested].transpose(0, 2, 1).reshape(len(values), -1)


def _nothing() -> Evidence:
    empty = np.zeros(0)
    return Evidence(
        (), empty, empty, empty, empty, empty, empty, 1.0, 0.0, (), empty, empty, empty,
        np.zeros((0, 0)), (),
    )  # fmt: skip


def _alert(week: str, found: Evidence, i: int, cut: float, own: AlertConstants) -> Alert:
    parameters: dict[str, float | str] = {
        "false_discovery_rate": own.false_discovery_rate,
        "cells_tested": float(len(found.keys)),
        "p_cut": cut,
        "minimum_observed": own.minimum_observed,
        "exposure": float(found.exposure[i]),
        "past_weeks": float(found.weeks[i]),
        "gamma_shape": float(found.shape[i]),
        "gamma_rate": float(found.rate[i]),
        "dispersion": found.dispersion,
        "week_variance": found.week_variance,
        "predictive_windows": float(len(found.windows)),
        "eears_weeks": float(own.eears_weeks),
        "eears_weekdays": float(own.eears_weekdays),
        "eears_outlier_alpha": own.eears_outlier_alpha,
        "eears_decay": own.eears_decay,
    }
    for n, window in enumerate(found.windows, 1):
        p = float(window.tail(found.observed)[i])
        if not np.isnan(p):
            parameters[f"p_window_{n}"] = p
    for name in ("predictive", "weekly", "weekday"):
        p = float(getattr(found, name)[i])
        if not np.isnan(p):
            parameters[f"p_{name}"] = p
            parameters[f"weight_{name}"] = float(getattr(own, f"{name}_weight"))
    return Alert(
        week=week,
        region=found.keys[i][0],
        topic=found.keys[i][1],
        observed=float(found.observed[i]),
        expected=float(found.expected[i]),
        threshold=_threshold(found, i, cut, own),
        method=METHOD,
        p_value=float(found.combined(own)[i]),
        parameters=parameters,
    )


def _threshold(found: Evidence, i: int, cut: float, own: AlertConstants) -> float:
    """The least count, spread over the week's days like the one seen, that would have been an alert too."""
    shares = np.arange(1, STEPS + 1) / STEPS
    observed = shares * found.observed[i]
    here = np.full(STEPS, i)
    p = combine(
        (
            predictive([w.at(here) for w in found.windows], observed),
            weekly(found.past[:, here], observed, found.dispersion, own),
            _of_days(found, i, shares, own),
        ),
        (own.predictive_weight, own.weekly_weight, own.weekday_weight),
    )
    least = max(own.minimum_observed, found.expected[i])
    enough = (p <= cut) & (observed >= least)
    return float(observed[np.argmax(enough)] if enough.any() else found.observed[i])


def _of_days(found: Evidence, i: int, shares: Array, own: AlertConstants) -> Array:
    here = np.full(len(shares), i)
    days = [(past[:, here], shares * now[i]) for past, now in found.days]
    return weekday(days, len(shares), found.dispersion, own)
