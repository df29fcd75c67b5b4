"""The gate before a version is put in use: whole, says what it said when trained, above the pinned floors,
and not worse than the version in use by more than noise. An override needs a reason, which is kept.

Rolling back asks nothing of this: the older version has been in use before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Engine

from classifiers.reference import load_reference
from monitor.clock import Clock
from monitor.errors import ModelError
from monitor.settings import Settings
from monitor.training import registry
from monitor.training.compare import compare
from monitor.training.dataset import Dataset, load_dataset
from monitor.training.sides import unseen_sides
from monitor.training.verify import checked

FLOORS = Path(__file__).with_name("gate.yaml")
ENOUGH = 100  # texts both versions had not seen, for a comparison on the same texts


@dataclass(frozen=True, slots=True)
class Judged:
    """What the gate says of one version. It may pass where there is no objection."""

    task: str
    version: str
    objections: tuple[str, ...]


def activate(
    engine: Engine,
    settings: Settings,
    chosen: Mapping[str, str],
    clock: Clock,
    *,
    by: str,
    reason: str,
    override: str | None = None,
) -> tuple[str, ...]:
    """Put versions in use if all pass, or if `override` says why they may all the same.

    Returns the tasks that changed. Raises ModelError with every objection where one does not pass;
    then none is activated.
    """
    judged = judge(settings, chosen, registry.in_use(engine, settings.models_dir))
    objections = [f"{j.task} {j.version} {o}" for j in judged for o in j.objections]
    if objections and not override:
        raise ModelError(
            "not put in use:\n  " + "\n  ".join(objections) + "\n"
            "train better versions, or give --override with the reason why they may be used"
        )
    return registry.activate(
        engine,
        settings.models_dir,
        chosen,
        clock,
        by=by,
        reason=override if objections and override else reason,
        overridden={j.task: j.objections for j in judged},
    )


def judge(
    settings: Settings, chosen: Mapping[str, str], used: Mapping[str, str]
) -> tuple[Judged, ...]:
    """What speaks against each of `chosen`, `used` being what is in use now.

    Raises ModelError where a version is missing or damaged.
    """
    dataset = load_dataset(settings.labels_dir, load_reference(settings.labels_dir))
    return tuple(
        Judged(task, version, _objections(settings, dataset, task, version, used.get(task)))
        for task, version in chosen.items()
    )


def _objections(
    settings: Settings, dataset: Dataset, task: str, version: str, used: str | None
) -> tuple[str, ...]:
    models = settings.models_dir
    evaluation = registry.evaluation(models, task, version)
    found = [*below_floors(evaluation, floors()[task])]
    if "embedded" in evaluation:
        seeing = {**evaluation, **evaluation["embedded"]}
        found += [f"with embeddings {f}" for f in below_floors(seeing, floors()[task])]
    state = checked(models, settings.labels_dir, task, version)
    found += [f"no longer says what it said when trained: {d}" for d in state.deviations]
    if used is not None and used != version:
        found += _losses(settings, dataset, task, version, used, evaluation)
    return tuple(found)


def floors() -> dict[str, dict[str, float]]:
    """Task -> its floors, from gate.yaml beside this module."""
    read: dict[str, dict[str, float]] = yaml.safe_load(FLOORS.read_text(encoding="utf-8"))
    return read


def below_floors(evaluation: Mapping[str, Any], floor: Mapping[str, float]) -> list[str]:
    """Where `evaluation` (eval.json) falls short of `floor`, a phrase each."""
    found, score = [], evaluation["score"]
    overall, languages = evaluation["overall"], evaluation["by_language"]
    if overall["value"] < floor["score"]:
        found.append(f"has {score} {overall['value']:.3f}; the floor is {floor['score']:.2f}")
    if overall["calibration_error"] > floor["calibration_error"]:
        found.append(
            f"has calibration error {overall['calibration_error']:.3f}; "
            f"at most {floor['calibration_error']:.2f} is allowed"
        )
    for language in ("fi", "sv"):
        part = languages.get(language, {"n": 0, "value": 0.0})
        if part["n"] < floor["texts"]:
            found.append(
                f"was measured on {part['n']} {language} texts; {floor['texts']} are needed"
            )
        elif part["value"] < floor["language"]:
            found.append(
                f"has {score} {part['value']:.3f} in {language}; the floor is {floor['language']:.2f}"
            )
    return found


def _losses(
    settings: Settings,
    dataset: Dataset,
    task: str,
    version: str,
    used: str,
    evaluation: Mapping[str, Any],
) -> list[str]:
    sides = unseen_sides(settings, dataset.examples, task, used, version)
    if sides is None or len(sides.examples) < ENOUGH:
        return _loss_by_intervals(settings.models_dir, task, used, evaluation)
    return [
        f"is worse than {used}, which is in use, on {d.n} texts ({d.part}): "
        f"{d.a:.3f} -> {d.b:.3f}, {d.low:+.3f} to {d.high:+.3f}"
        for d in compare(sides, seed=settings.seed)
        if d.kind != "label" and d.verdict == "worse"  # among many labels some differ by chance
    ]


def _loss_by_intervals(
    models: Path, task: str, used: str, evaluation: Mapping[str, Any]
) -> list[str]:
    """For versions without predictions on the same texts: intervals that do not overlap."""
    try:
        other = registry.evaluation(models, task, used)["overall"]
    except ModelError:  # what is in use cannot be read: a new version is the way out
        return []
    own = evaluation["overall"]
    if own["high"] >= other["low"]:
        return []
    return [f"is worse than {used}, which is in use: {other['value']:.3f} -> {own['value']:.3f}"]
