"""Alerts: cells of region and topic whose week stands above what their past predicts.

Pure. The first form of two planned: this week's weighted count against the predictive distribution of
the same Gamma-Poisson model as media pressure, with the false discovery rate controlled over all cells
of the week. Cells of regions that were not heard, now or in enough past weeks, are not tested.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

from scipy.special import betainc

from monitor.risk.constants import AlertConstants, Constants
from monitor.risk.inputs import WeekInputs, tally
from monitor.values import Alert

METHOD = "gamma-poisson predictive, Benjamini-Hochberg"


@dataclass(frozen=True, slots=True)
class Cell:
    """One test: what was counted and the Gamma posterior of the rate before this week."""

    region: str
    topic: str
    observed: float  # weighted stories
    exposure: float
    shape: float
    rate: float
    weeks: int  # heard past weeks

    @property
    def expected(self) -> float:
        return self.exposure * self.shape / self.rate

    def tail(self, count: int) -> float:
        """P(X >= count) of the predictive negative binomial.

        X ~ NB(shape, p = rate / (rate + exposure)), and P(X >= k) = I_(1-p)(k, shape), the regularised
        incomplete beta function (Johnson, Kemp, Kotz: Univariate Discrete Distributions, ch. 5).
        """
        if count <= 0:
            return 1.0
        return float(betainc(count, self.shape, self.exposure / (self.rate + self.exposure)))


def alerts(inputs: WeekInputs, constants: Constants) -> tuple[Alert, ...]:
    """The alerts of a week, the least likely first. A weighted count is rounded down for its test."""
    own = constants.alerts
    tested = cells(inputs, constants)
    p_values = [cell.tail(floor(cell.observed)) for cell in tested]
    cut = discovery_cut(p_values, own.false_discovery_rate)
    raised = [
        _alert(inputs.week, cell, p, cut, len(tested), own)
        for cell, p in zip(tested, p_values, strict=True)
        if p <= cut and cell.observed >= own.minimum_observed and cell.observed > cell.expected
    ]
    return tuple(sorted(raised, key=lambda a: (a.p_value, a.region, a.topic)))


def discovery_cut(p_values: Sequence[float], rate: float) -> float:
    """The largest p-value that is a discovery; 0 where none is (Benjamini and Hochberg 1995).

    It is the largest p(i), in rising order, with p(i) <= i * rate / m.
    """
    m = len(p_values)
    passing = (p for i, p in enumerate(sorted(p_values), 1) if p <= i * rate / m)
    return max(passing, default=0.0)


def cells(inputs: WeekInputs, constants: Constants) -> list[Cell]:
    """Every cell that can be tested, by region and topic."""
    own, least = constants.alerts, constants.media.minimum_exposure
    now = tally(inputs.stories, constants.stories.spread, by="topics")
    exposure = {c.region: c.exposure for c in inputs.coverage}
    heard = {
        unit: {p.week: e for p in inputs.past if (e := dict(p.exposure).get(unit, 0.0)) >= least}
        for unit in inputs.units
    }
    totals = _past_counts(inputs, heard)
    found = []
    for topic in inputs.topics:
        national = _national_rate(topic, totals, heard, own)
        for unit in inputs.units:
            if exposure[unit] < least or len(heard[unit]) < own.minimum_past_weeks:
                continue
            found.append(
                Cell(
                    region=unit,
                    topic=topic,
                    observed=max(0.0, now.get((unit, topic), 0.0)),
                    exposure=exposure[unit],
                    shape=own.region_weeks * national + totals.get((unit, topic), 0.0),
                    rate=own.region_weeks + sum(heard[unit].values()),
                    weeks=len(heard[unit]),
                )
            )
    return found


def _past_counts(
    inputs: WeekInputs, heard: dict[str, dict[str, float]]
) -> dict[tuple[str, str], float]:
    totals: dict[tuple[str, str], float] = {}
    for past in inputs.past:
        for region, topic, value in past.topics:
            if past.week in heard.get(region, {}):
                key = region, topic
                totals[key] = totals.get(key, 0.0) + max(0.0, value)
    return totals


def _national_rate(
    topic: str,
    totals: dict[tuple[str, str], float],
    heard: dict[str, dict[str, float]],
    own: AlertConstants,
) -> float:
    counts = sum(totals.get((unit, topic), 0.0) for unit in heard)
    weeks = sum(sum(past.values()) for past in heard.values())
    return (own.prior_rate * own.prior_weeks + counts) / (own.prior_weeks + weeks)


def _alert(week: str, cell: Cell, p: float, cut: float, tests: int, own: AlertConstants) -> Alert:
    threshold = next(k for k in range(1, floor(cell.observed) + 1) if cell.tail(k) <= cut)
    return Alert(
        week=week,
        region=cell.region,
        topic=cell.topic,
        observed=cell.observed,
        expected=cell.expected,
        threshold=float(threshold),
        method=METHOD,
        p_value=p,
        parameters={
            "false_discovery_rate": own.false_discovery_rate,
            "cells_tested": float(tests),
            "p_cut": cut,
            "minimum_observed": own.minimum_observed,
            "exposure": cell.exposure,
            "past_weeks": float(cell.weeks),
            "gamma_shape": cell.shape,
            "gamma_rate": cell.rate,
        },
    )
