"""Seconds to score 52 weeks of 23 regions x 5 groups with 2,000 draws on one core.

Against the time numpy's own `standard_gamma` takes for the Gamma variates behind those intervals alone
(two per region, group, draw and week): what a straightforward formulation begins with. The weeks are
invented and seeded; nothing is read or written. Inputs are made before the clock starts; what is timed
is `monitor.risk.score.scores`: points, contributions, draws, intervals and rank ranges. The inputs' hash,
by which a run tells that a week has nothing new, is timed apart.
"""

import time
from collections.abc import Callable
from dataclasses import replace

import click
import numpy as np
from threadpoolctl import threadpool_limits

from classifiers.reference import Reference, load_reference
from monitor import heap
from monitor.readiness.state import nominal_weights
from monitor.risk.constants import Constants, load_constants
from monitor.risk.inputs import (
    ErrorRate,
    PastWeek,
    Readiness,
    StorySignal,
    WeekInputs,
    past_week,
)
from monitor.risk.score import scores
from monitor.settings import ROOT
from monitor.values import Coverage, ReadinessComponent, ReadinessState
from monitor.weeks import previous

LAST, SEED = "2026-W46", 5
TASKS = ("relevance", "region", "topic", "direction")


@click.command()
@click.option("--weeks", default=52, show_default=True)
@click.option("--draws", default=2000, show_default=True)
@click.option("--stories", default=80, show_default=True, help="Mean number of stories a week.")
@click.option("--rounds", default=3, show_default=True, help="The median is printed, and the best.")
def main(weeks: int, draws: int, stories: int, rounds: int) -> None:
    """Print seconds, their ratio, and n."""
    constants, reference = load_constants(), load_reference(ROOT / "labels")
    inputs = invented(reference, constants, weeks, draws, stories)
    cells = weeks * len(reference.units) * len(reference.groups)
    with threadpool_limits(1):
        heap.settle()  # as in the program itself
        digests = [one.digest() for one in inputs]
        pairs = list(zip(inputs, digests, strict=True))
        ours = timed(lambda: [scores(one, constants, d) for one, d in pairs], rounds)
        hashing = timed(lambda: [one.digest() for one in inputs], rounds)
        shapes = np.random.default_rng(SEED).gamma(1.5, size=len(reference.units))
        theirs = timed(lambda: plain_gammas(shapes, cells * draws * 2), rounds)
    told = sum(len(one.stories) for one in inputs)
    click.echo(
        f"n: {weeks} weeks x {len(reference.units)} regions x {len(reference.groups)} groups,"
    )
    click.echo(f"   {draws} draws, {told} stories; {rounds} rounds, one thread, processor time")
    for name, seconds in (
        ("scores()", ours),
        ("hash of the inputs", hashing),
        ("numpy standard_gamma alone", theirs),
    ):
        click.echo(f"{name:<28} median {np.median(seconds):6.2f} s   best {min(seconds):6.2f} s")
    ratio = np.median(ours) / np.median(theirs)
    click.echo(f"ratio {ratio:.2f}: under 1 is faster than drawing the Gamma variates alone")
    click.echo(f"bar: under 2 s: {'met' if np.median(ours) < 2 else 'MISSED'}")


def timed(work: Callable[[], object], rounds: int) -> list[float]:
    """Processor seconds of each round: a busy machine does not count."""
    found = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return found


def plain_gammas(shapes: np.ndarray, n: int) -> None:
    """Draw `n` Gamma variates of the given shapes, in parts that fit into memory."""
    rng, part = np.random.default_rng(SEED), 100_000
    for _ in range(n // (part * len(shapes)) + 1):
        rng.standard_gamma(shapes, size=(part, len(shapes)))


def invented(
    reference: Reference, constants: Constants, weeks: int, draws: int, stories: int
) -> list[WeekInputs]:
    """The inputs of `weeks` weeks up to LAST, each with its twelve weeks before."""
    rng, history = np.random.default_rng(SEED), constants.media.history_weeks
    names = [previous(LAST, n) for n in reversed(range(weeks + history))]
    told = {w: _stories(w, i, reference, rng, stories) for i, w in enumerate(names)}
    exposure = {u: float(rng.uniform(0.5, 1)) for u in reference.units}
    past = {w: past_week(w, told[w], exposure, constants.stories.spread) for w in names}
    return [
        _inputs(
            w, told[w], [past[p] for p in names[i : i + history]], exposure, reference, draws, rng
        )
        for i, w in enumerate(names[history:])
    ]


def _stories(
    week: str, nth: int, reference: Reference, rng: np.random.Generator, mean: int
) -> tuple[StorySignal, ...]:
    return tuple(
        _story(nth * 10_000 + i, week, reference, rng) for i in range(int(rng.poisson(mean)))
    )


def _story(id_: int, week: str, reference: Reference, rng: np.random.Generator) -> StorySignal:
    regions = rng.choice(reference.units, size=int(rng.integers(1, 4)), replace=False)
    topics = [t.id for t in reference.topics]
    likely = {str(t): float(rng.beta(0.3, 1)) for t in rng.choice(topics, size=5, replace=False)}
    groups = {
        g: max((likely.get(t, 0.0) for t in ts), default=0.0)
        for g, ts in reference.topics_of_group.items()
    }
    raises = float(rng.beta(1, 1))
    return StorySignal(
        id_, week, f"Händelse {id_}", int(rng.integers(1, 5)), float(rng.beta(4, 1)),
        tuple(sorted((str(r), float(rng.beta(2, 1))) for r in regions)),
        tuple(sorted(likely.items())),
        tuple(sorted((g, p) for g, p in groups.items() if p)), raises, (1 - raises) / 2,
    )  # fmt: skip


def _inputs(
    week: str,
    stories: tuple[StorySignal, ...],
    past: list[PastWeek],
    exposure: dict[str, float],
    reference: Reference,
    draws: int,
    rng: np.random.Generator,
) -> WeekInputs:
    groups = tuple(g.id for g in reference.groups)
    return WeekInputs(
        week=week,
        methodology=load_constants().name,
        seed=1,
        draws=draws,
        models=tuple((t, "v1") for t in TASKS),
        error_rates=tuple(ErrorRate(t, 0.85, 0.8) for t in TASKS),
        units=reference.units,
        groups=groups,
        topics=tuple(t.id for t in reference.topics),
        stories=stories,
        past=tuple(past),
        coverage=tuple(
            Coverage(u, week, exposure[u], 4, 3, 3, ("fi", "sv")) for u in reference.units
        ),
        readiness=tuple(Readiness(u, g, _components(rng)) for u in reference.units for g in groups),
    )


def _components(rng: np.random.Generator) -> tuple[ReadinessComponent, ...]:
    made = [
        ReadinessComponent(
            name, ReadinessState.OBSERVED, float(rng.random()), int(rng.integers(0, 300)), weight,
            "invented",
        )
        for name, weight in nominal_weights().items()
    ]  # fmt: skip
    lacking = int(rng.integers(len(made)))
    made[lacking] = replace(made[lacking], state=ReadinessState.MISSING, done=None, age_days=None)
    return tuple(made)


if __name__ == "__main__":
    main()
