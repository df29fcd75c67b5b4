"""`tilannekuva replay`: how well the alerts and the score work, on a simulated country or on history."""

from pathlib import Path

import click


@click.command("replay")
@click.option(
    "--weeks",
    default=104,
    show_default=True,
    type=click.IntRange(8, 1040),
    help="Judged weeks of a run.",
)
@click.option(
    "--runs", default=8, show_default=True, type=click.IntRange(1, 1000), help="Runs of each case."
)
@click.option(
    "--seed", default=1, show_default=True, type=click.IntRange(0), help="Same seed, same figures."
)
@click.option(
    "--stories",
    type=click.FloatRange(0.1, 10_000),
    help="Relevant stories a week in a region of 200,000.",
)
@click.option("--alerts-only", is_flag=True, help="Leave out intervals and silence.")
@click.option(
    "--history", is_flag=True, help="Instead: who would have raised what in the stored weeks."
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write replay.json, replay.md and page.md here.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def replay_command(
    weeks: int, runs: int, seed: int, stories: float | None, alerts_only: bool, history: bool,
    out: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Measure the alerts and the score against a truth that is known.

    A simulated country is drawn: the regions with their real population and newsrooms, outages,
    classifiers that err as measured, readiness with gaps, and events of known size. Our alerts, EARS
    C1-C3, eEARS and a plain threshold judge the same weeks side by side; an oracle that knows the true
    rates shows what chance alone hides. Then: how often 80 % intervals hold the truth, and what a region
    gains by falling silent. Everything is invented but what docs/methodology.md names as measured.

    With --history the methods judge the weeks in the store. Nobody knows which of those alarms are
    true, so they are counted and listed, not scored.
    """
    files = _of_history(weeks) if history else _simulated(weeks, runs, seed, stories, alerts_only)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (out / name).write_text(text, encoding="utf-8")
    click.echo(files["replay.json" if as_json else "replay.md"], nl=False)


def _simulated(
    weeks: int, runs: int, seed: int, stories: float | None, alerts_only: bool
) -> dict[str, str]:
    """File name -> text; page.md is what docs/methodology.md shows."""
    from classifiers.reference import load_reference
    from monitor.progress import Shown
    from monitor.replay.places import places
    from monitor.replay.report import as_page, as_text, from_json
    from monitor.replay.run import Setting, replay
    from monitor.replay.world import World
    from monitor.risk.constants import load_constants
    from monitor.settings import load_settings
    from monitor.training.registry import error_rates, shipped_versions

    settings = load_settings()
    rates = error_rates(settings.models_dir, shipped_versions(settings.models_dir))
    setting = Setting(
        places(load_reference(settings.labels_dir), settings.feeds_file),
        {task: (figures["precision"], figures["recall"]) for task, figures in rates.items()},
        load_constants(),
        World() if stories is None else World(stories=stories),
        weeks,
        seed,
    )
    made = replay(setting, runs, Shown(), scores=not alerts_only).to_json()
    report = from_json(made)
    return {"replay.json": made, "replay.md": as_text(report), "page.md": as_page(report)}


def _of_history(weeks: int) -> dict[str, str]:
    from monitor.app import make_app
    from monitor.progress import Shown
    from monitor.replay.history import replay_history
    from monitor.settings import load_settings

    found = replay_history(make_app(load_settings(), progress=Shown()), weeks)
    return {"replay.json": found.to_json(), "replay.md": found.as_text()}
