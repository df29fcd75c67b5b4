"""`python -m bench` runs every measurement one after the other."""

import importlib
import sys

import click

MEASUREMENTS = ("startup", "extract_quality", "extract_speed", "feeds_per_second")


def main() -> None:
    """Run all; the exit code is that of the first one that failed."""
    worst = 0
    for name in MEASUREMENTS:
        click.echo(f"\n== bench.{name}")
        try:
            importlib.import_module(f"bench.{name}").main(args=[], standalone_mode=False)
        except SystemExit as stop:
            worst = worst or int(stop.code or 0)
    sys.exit(worst)


if __name__ == "__main__":
    main()
