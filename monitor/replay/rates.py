"""The true rates of a simulated country in the score's own terms, against which intervals are checked. Pure."""

import numpy as np
from numpy.typing import NDArray

from monitor.replay.simulator import History
from monitor.replay.world import mean_spread

Array = NDArray[np.float64]


def group_rates(history: History) -> tuple[Array, Array]:
    """What the score means by rates: (regions, groups) usual, and (weeks, regions, groups) of each week.

    Net weighted stories of a fully heard week: risk less progress, times the mean weight of a story told
    by all who tell it. A story counts in a group if any of its topics belongs there.
    """
    world, real = history.world, history.truth
    share = world.risk_share - world.progress_share
    belongs = _belongs(history)
    weight = mean_story_weight(history)
    usual = share * real.usual @ belongs * weight[:, None]
    weekly = (share * real.rate + real.extra) @ belongs * weight[None, :, None]
    return usual, weekly


def _belongs(history: History) -> Array:
    """(topics, groups) that a story first about a topic counts in a group."""
    places, second = history.places, history.world.second_topic
    member = np.array(
        [[t in of for of in places.topics_of_group.values()] for t in places.topics], dtype=float
    )
    by_second: Array = second * member.mean(axis=0)[None, :]
    return member + (1 - member) * by_second


def mean_story_weight(history: History) -> Array:
    """(regions,) what a story told by all who tell it weighs on average: 1 + spread ln n."""
    homes = (~np.isnan(history.truth.hearing[0])).sum(axis=1)
    n = 1 + np.random.default_rng(0).poisson(history.world.carriers, size=20_000)
    means = []
    for home in homes:
        plain = mean_spread(np.minimum(n, home), history.constants.stories.spread).mean()
        wired = mean_spread(
            np.minimum(np.maximum(n, home // 2), home), history.constants.stories.spread
        ).mean()
        means.append((1 - history.world.wire_share) * plain + history.world.wire_share * wired)
    return np.array(means)
