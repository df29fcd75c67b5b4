"""Floors under the shipped models, pinned in floors.yaml.

    python -m tests.quality.pin
    python -m tests.quality.pin --lower "held out/topic" --reason "the annotation rules changed"

The first raises floors to what is measured now less a margin, and pins the digests of what is learned
from. It never lowers one: that needs the second form, which writes figure, old and new floor and the reason into
the file, where a reviewer of the change sees them. A file changed by hand does not fit its seal, and a test
says so.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import yaml

from classifiers.reference import load_reference
from classifiers.values import TASKS
from monitor.training import registry
from monitor.training.dataset import decisions_hash, load_dataset
from tests.quality.live import LABELS, MODELS, SHIPPED, figure, tagged

FILE = Path(__file__).with_name("floors.yaml")
# How far below what was measured a floor stands: the held-out fifth has 28 relevant items, of which a
# single one moves direction by 0.03.
MARGIN = {"cross-validated": 0.015, "invented": 0.04, "held out": 0.10}
_REMEDY = "make better models, or lower a floor: --lower FIGURE --reason WHY"
Floors = dict[str, float]  # "sample/figure" -> least score


def measured() -> Floors:
    """What the shipped versions reach now. Raises OSError where the samples are absent."""
    found: Floors = {}
    for task in TASKS:
        figures = registry.evaluation(MODELS, task, SHIPPED[task])
        parts = {"all": figures["overall"], **figures["by_language"]}
        for part in ("all", "fi", "sv"):
            found[f"cross-validated/{task}/{part}"] = parts[part]["value"]
    for sample, items in tagged().items():
        for task in TASKS:
            found[f"{sample}/{task}"] = figure(items, task)
    return found


def learned_from() -> dict[str, str]:
    """Digests of what the models learn from."""
    corpus = load_dataset(LABELS, load_reference(LABELS)).corpus_hash
    return {"corpus_sha256": corpus, "decisions_sha256": decisions_hash(LABELS)}


def seal(pinned: Mapping[str, Any]) -> str:
    """SHA-256 over everything but the seal itself."""
    rest = {key: value for key, value in pinned.items() if key != "seal"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def raised(floors: Floors, now: Floors) -> Floors:
    """Each floor, or what is measured less its margin where that is higher."""
    return {
        name: max(floors.get(name, 0.0), round(value - MARGIN[name.partition("/")[0]], 3))
        for name, value in sorted(now.items())
    }


def lowered(floors: Floors, now: Floors, name: str) -> float:
    """The new floor of `name`. Raises ValueError where it need not be lowered."""
    if name not in floors:
        raise ValueError(f"there is no floor {name!r}; one of {', '.join(sorted(floors))}")
    new = round(now[name] - MARGIN[name.partition("/")[0]], 3)
    if new >= floors[name]:
        raise ValueError(f"{name} reaches {now[name]:.3f}: its floor {floors[name]} can stay")
    return new


@click.command()
@click.option("--lower", multiple=True, metavar="FIGURE", help="Lower this floor; needs --reason.")
@click.option("--reason", default="", help="Why floors are lowered; stays in the file.")
def main(lower: tuple[str, ...], reason: str) -> None:
    """Pin what the shipped models must reach."""
    if lower and not reason.strip():
        raise click.UsageError("--lower needs a --reason")
    old = yaml.safe_load(FILE.read_text("utf-8"))
    now, floors = measured(), dict(old["floors"])
    try:
        news = [
            {"figure": n, "from": floors[n], "to": lowered(floors, now, n), "reason": reason}
            for n in lower
        ]
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    floors = raised(floors | {change["figure"]: change["to"] for change in news}, now)
    below = [f"{n}: {now[n]:.3f} is under its floor {floors[n]}" for n in now if now[n] < floors[n]]
    if below:
        raise click.ClickException("\n".join(["nothing was written", *below, _REMEDY]))
    pinned = {**learned_from(), "floors": floors, "lowered": [*old["lowered"], *news]}
    FILE.write_text(text({**pinned, "seal": seal(pinned)}), encoding="utf-8")
    click.echo(f"{len(floors)} floors, {len(news)} of them lowered")


def text(pinned: Mapping[str, Any]) -> str:
    """The file's text."""
    head = "# Made by `python -m tests.quality.pin`, which lowers no floor without a reason. Do not edit.\n"
    return head + yaml.safe_dump(dict(pinned), sort_keys=False, allow_unicode=True, width=100)


if __name__ == "__main__":
    main()
