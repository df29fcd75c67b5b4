"""The weeks before a week, from its frozen inputs as arrays: what was counted, and how well it was heard. Pure."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from monitor.risk.inputs import WeekInputs

Array = NDArray[np.float64]
By = Literal["groups", "topics"]


def past_counts(inputs: WeekInputs, by: By) -> tuple[Array, Array]:
    """Counts (weeks, regions, groups or topics) and exposure (weeks, regions), 0 where nothing is known."""
    counts, exposure = _arrays(inputs, by)
    return counts, np.nan_to_num(exposure)


def heard_counts(inputs: WeekInputs, by: By, least: float) -> tuple[Array, Array]:
    """As `past_counts`, none below 0; NaN, both of them, where a region was heard less than `least`."""
    counts, exposure = _arrays(inputs, by)
    heard: Array = np.where(exposure >= least, exposure, np.nan)
    return np.where(np.isnan(heard)[:, :, None], np.nan, np.maximum(0.0, counts)), heard


def _arrays(inputs: WeekInputs, by: By) -> tuple[Array, Array]:
    labels = inputs.topics if by == "topics" else inputs.groups
    unit = {u: i for i, u in enumerate(inputs.units)}
    label = {name: i for i, name in enumerate(labels)}
    counts = np.zeros((len(inputs.past), len(unit), len(label)))
    exposure = np.full((len(inputs.past), len(unit)), np.nan)
    for w, week in enumerate(inputs.past):
        for region, share in week.exposure:
            if region in unit:
                exposure[w, unit[region]] = share
        for region, name, value in week.topics if by == "topics" else week.groups:
            if region in unit and name in label:
                counts[w, unit[region], label[name]] = value
    return counts, exposure
