"""How often the rule that tells national from regional is wrong, and how small a national rise it sees.

On simulated countries (`monitor.replay`) without any event: the share of weeks in which some group is called
national or regional though nothing happened. *Steady* is the world the rule's level is stated for, where
regions differ by chance alone; in the *plausible* one topics rise and fall in the whole country and July is
quiet, and a national call is then about something real that is no event. Then a rise in every region is put
into one group of the steady world, and the share of weeks in which it is called national is counted.
Intervals are 95 % (Wilson). Reads and writes nothing.
"""

from collections.abc import Iterator
from dataclasses import replace
from math import sqrt

import click
import numpy as np

from classifiers.reference import load_reference
from monitor.replay.places import places
from monitor.replay.run import Setting
from monitor.replay.simulator import History
from monitor.replay.world import WARM_UP, World
from monitor.risk.constants import load_constants
from monitor.risk.inputs import WeekInputs
from monitor.risk.national import GroupPicture, national
from monitor.settings import load_settings
from monitor.training.registry import error_rates, shipped_versions

STEADY = World(wave_sd=0.0, summer=1.0)
RISES = (1.25, 1.5, 2.0)


@click.command()
@click.option("--weeks", default=104, show_default=True)
@click.option("--runs", default=4, show_default=True)
@click.option("--seed", default=1, show_default=True)
def main(weeks: int, runs: int, seed: int) -> None:
    """Count."""
    setting = _setting(weeks, seed)
    for name, world in (("steady", STEADY), ("plausible", setting.world)):
        found = [national(w, setting.constants) for w in _weeks(setting, world, runs)]
        for kind in ("national", "regional"):
            hits = sum(any(p.kind == kind for p in pictures) for pictures in found)
            click.echo(f"{name}, no event: weeks with a {kind} group {_share(hits, len(found))}")
    for times in RISES:
        click.echo(f"steady, every region x {times:g}: {_power(setting, runs, times)}")


def _setting(weeks: int, seed: int) -> Setting:
    settings = load_settings()
    rates = error_rates(settings.models_dir, shipped_versions(settings.models_dir))
    return Setting(
        places(load_reference(settings.labels_dir), settings.feeds_file),
        {task: (figures["precision"], figures["recall"]) for task, figures in rates.items()},
        load_constants(),
        World(),
        weeks,
        seed,
    )


def _histories(setting: Setting, world: World, runs: int) -> Iterator[History]:
    for run in range(runs):
        yield setting.history(None, run, world=world)


def _weeks(setting: Setting, world: World, runs: int) -> Iterator[WeekInputs]:
    for history in _histories(setting, world, runs):
        for week in range(WARM_UP, history.weeks):
            yield history.inputs(week, readiness=False)


def _power(setting: Setting, runs: int, times: float) -> str:
    """Each week one group, in turn, has `times` its stories: further ones are copies of its own."""
    rng = np.random.default_rng(setting.seed)
    found: list[tuple[str, tuple[GroupPicture, ...]]] = []
    for n, inputs in enumerate(_weeks(setting, STEADY, runs)):
        group = inputs.groups[n % len(inputs.groups)]
        of_group = [s for s in inputs.stories if dict(s.groups).get(group, 0.0) >= 0.5]
        more = [
            replace(s, story=-s.story - 1) for s in of_group for _ in range(rng.poisson(times - 1))
        ]
        risen = replace(inputs, stories=(*inputs.stories, *more))
        found.append((group, national(risen, setting.constants)))
    hits = sum(
        next(p for p in pictures if p.group == g).kind == "national" for g, pictures in found
    )
    return f"called national {_share(hits, len(found))}"


def _share(hits: int, n: int) -> str:
    p, z = hits / n, 1.96
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return f"{p:.3f} ({middle - half:.3f}-{middle + half:.3f}), n {n}"


if __name__ == "__main__":
    main()
