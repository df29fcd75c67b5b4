"""Milliseconds to explain every region of a scored week, down to claims and readiness rows.

Runs on a store that has scores: the demo's (`tilannekuva demo`), or the one of the settings. Against reading
the region's stored scores alone from the same store, which any explanation begins with. After imports
and with the store open, in processor time; the week is the newest one that is scored.
"""

import time
from collections.abc import Callable

import click
import numpy as np

from classifiers.reference import load_reference
from monitor import heap
from monitor.db.engine import open_engine, reading
from monitor.db.scores import weeks_scored
from monitor.db.views import region_scores
from monitor.risk import why
from monitor.risk.explain import Node
from monitor.settings import ROOT, load_settings

MILLISECONDS = 1000
BAR = 100


@click.command()
@click.option("--database", help="Address of the store, else that of the settings.")
@click.option("--week", help="ISO week, else the newest that is scored.")
@click.option("--rounds", default=3, show_default=True)
def main(database: str | None, week: str | None, rounds: int) -> None:
    """Print median and slowest milliseconds, and n; exit code 1 where the slowest misses the bar."""
    engine = open_engine(database or load_settings().database_url)
    reference = load_reference(ROOT / "labels")
    with reading(engine) as session:
        weeks = weeks_scored(session)
    if not weeks:
        raise click.ClickException("the store has no scores; run: tilannekuva demo")
    week = week or weeks[-1]

    def explained(code: str) -> Node | None:
        with reading(engine) as session:
            return why.explain(session, region_scores(session, code, week), reference)

    def stored(code: str) -> object:
        with reading(engine) as session:
            return region_scores(session, code, week)

    heap.settle()  # as the service does once it has loaded
    nodes = [_count(explained(code)) for code in reference.units]  # warms the caches too
    ours = _timed(explained, reference.units, rounds)
    theirs = _timed(stored, reference.units, rounds)
    click.echo(f"n: {len(reference.units)} regions of {week}, {rounds} rounds")
    click.echo(
        f"   {sum(n > 0 for n in nodes)} with a score, {sum(nodes)} nodes, most {max(nodes)}"
    )
    for name, found in (("explain", ours), ("stored scores alone", theirs)):
        click.echo(f"{name:<20} median {np.median(found):6.1f} ms   slowest {max(found):6.1f} ms")
    met = max(ours) < BAR
    click.echo(f"bar: under {BAR} ms each: {'met' if met else 'MISSED'}")
    raise SystemExit(0 if met else 1)


def _timed(work: Callable[[str], object], codes: tuple[str, ...], rounds: int) -> list[float]:
    found = []
    for _ in range(rounds):
        for code in codes:
            start = time.process_time()
            work(code)
            found.append((time.process_time() - start) * MILLISECONDS)
    return found


def _count(node: Node | None) -> int:
    return 0 if node is None else 1 + sum(_count(child) for child in node.children)


if __name__ == "__main__":
    main()
