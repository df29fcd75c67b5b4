"""`python -m bench` runs every measurement one after the other."""

import importlib
import sys

import click

MEASUREMENTS = (
    "startup",
    "extract_quality",
    "extract_speed",
    "feeds_per_second",
    "classifiers",
    "with_real",
    "ablation",
    "regions",
    "tag_speed",
    "soak",
    "stories",
    "endurance",
    "score_speed",
    "explain_speed",
    "summary_speed",
    "annif",
    "labelling",
)


def main() -> None:
    """Run all; the exit code is that of the first one that failed."""
    worst = 0
    for name in MEASUREMENTS:
        click.echo(f"\n== bench.{name}")
        try:
            importlib.import_module(f"bench.{name}").main(args=[], standalone_mode=False)
        except SystemExit as stop:
            worst = worst or int(stop.code or 0)
        except click.ClickException as error:
            # One that lacks its pages must not keep the others from being run.
            error.show()
            worst = worst or error.exit_code
    sys.exit(worst)


if __name__ == "__main__":
    main()
