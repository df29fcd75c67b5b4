"""How long `tilannekuva --help` takes, beside a bare Python that does nothing.

    python -m bench.startup [--runs N]

Each run is a process of its own; the two take turns, so that a busy machine slows both alike. The budget
is half a second.
"""

import subprocess
import sys
import time
from statistics import median

import click

COMMANDS = {"bare python": ["-c", "pass"], "tilannekuva --help": ["-m", "monitor", "--help"]}


def _seconds(arguments: list[str]) -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


@click.command()
@click.option("--runs", default=9, show_default=True)
def main(runs: int) -> None:
    """Print the median of each and their ratio."""
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(runs):
        for name, arguments in COMMANDS.items():
            taken[name].append(_seconds(arguments))
    medians = {name: median(values) for name, values in taken.items()}
    for name, value in medians.items():
        click.echo(f"{name:20} {value:.3f} s (median of {runs}, {min(taken[name]):.3f} at best)")
    click.echo(f"ratio {medians['tilannekuva --help'] / medians['bare python']:.1f}")


if __name__ == "__main__":
    main()
