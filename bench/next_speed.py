"""Milliseconds of a processor to say why one region is uncertain and what to find out next there.

And seconds for the findings of all regions. The week is the invented one of `bench.score_speed`: 23 regions,
5 groups, 2,000 draws, every region with stories and a missing component. Nothing is read or written.
"""

import click
import numpy as np
from threadpoolctl import threadpool_limits

from bench.score_speed import invented, timed
from classifiers.reference import load_reference
from monitor.risk.constants import load_constants
from monitor.risk.knowing import region_findings, value_of_knowing
from monitor.risk.sensitivity import sensitivity
from monitor.settings import ROOT


@click.command()
@click.option("--draws", default=2000, show_default=True)
@click.option("--stories", default=80, show_default=True, help="Mean number of stories a week.")
@click.option("--rounds", default=5, show_default=True, help="The median is printed.")
def main(draws: int, stories: int, rounds: int) -> None:
    """Print times and n."""
    constants, reference = load_constants(), load_reference(ROOT / "labels")
    (inputs,) = invented(reference, constants, 1, draws, stories)
    units = inputs.units
    with threadpool_limits(1):
        why = timed(lambda: [sensitivity(inputs, constants, u) for u in units], rounds)
        what = timed(lambda: [region_findings(inputs, constants, u) for u in units], rounds)
        every = timed(lambda: value_of_knowing(inputs, constants), rounds)
    click.echo(
        f"n: {len(units)} regions, {draws} draws, {len(inputs.stories)} stories, {rounds} rounds"
    )
    for name, seconds in (("sensitivity", why), ("findings", what)):
        click.echo(f"{name:<14} {1000 * np.median(seconds) / len(units):6.0f} ms a region")
    click.echo(f"{'all findings':<14} {np.median(every):6.2f} s")


if __name__ == "__main__":
    main()
