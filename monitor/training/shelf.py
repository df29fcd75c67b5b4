"""What stands on the shelf: every version on disk with its facts, for pages.

A version never changes, so what was read of it once is kept. Its sums are not checked here: that takes
the time a page has; `verify` and the gate do it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from classifiers import persist
from classifiers.values import TASKS


@dataclass(frozen=True, slots=True)
class Figure:
    """How good a version is on some texts it had not seen."""

    n: int
    value: float
    precision: float
    recall: float
    low: float | None = None  # 95 %; a label has no interval
    high: float | None = None
    calibration_error: float | None = None


@dataclass(frozen=True, slots=True)
class Shelved:
    """A version and its facts."""

    task: str
    name: str
    algorithm: str
    score: str  # what `value` is, as eval.json names it
    overall: Figure
    languages: Mapping[str, Figure]
    labels: Mapping[str, Figure]  # those that anything was labelled with
    texts: int  # learned from
    decided: int  # of them articles that people decided
    seed: int
    libraries: Mapping[str, str]
    folder: Path
    made: float  # when the folder was written: orders versions, and is shown to nobody


@dataclass(frozen=True, slots=True)
class Damaged:
    """A version whose files cannot be read."""

    task: str
    name: str


def versions(models: Path, task: str) -> tuple[str, ...]:
    """The versions of `task` on disk, by name."""
    folder = models / task
    if not folder.is_dir():
        return ()
    return tuple(sorted(p.name for p in folder.iterdir() if (p / persist.MANIFEST).is_file()))


def shelf(models: Path) -> dict[str, tuple[Shelved | Damaged, ...]]:
    """Task -> its versions, the newest first."""
    return {task: _of_task(models, task) for task in TASKS}


def shelved(models: Path, task: str, name: str) -> Shelved | Damaged | None:
    """One version; None where there is none of this name."""
    if task not in TASKS or name not in versions(models, task):
        return None
    return _read(models / task / name, _changed(models / task / name))


def _of_task(models: Path, task: str) -> tuple[Shelved | Damaged, ...]:
    folders = [models / task / name for name in versions(models, task)]
    found = [_read(folder, _changed(folder)) for folder in folders]
    return tuple(sorted(found, key=_age))


def _age(version: Shelved | Damaged) -> tuple[float, str]:
    return (-version.made if isinstance(version, Shelved) else 0.0, version.name)


def _changed(folder: Path) -> float:
    return (folder / persist.MANIFEST).stat().st_mtime


@lru_cache(maxsize=512)
def _read(folder: Path, changed: float) -> Shelved | Damaged:
    task, name = folder.parent.name, folder.name
    try:
        manifest = persist.read_json(folder / persist.MANIFEST)
        evaluation = persist.read_json(folder / persist.EVALUATION)
        return _shelved(folder, changed, manifest, evaluation)
    except (persist.VersionError, KeyError, TypeError):
        return Damaged(task, name)


def _shelved(
    folder: Path, changed: float, manifest: Mapping[str, Any], evaluation: Mapping[str, Any]
) -> Shelved:
    return Shelved(
        task=folder.parent.name,
        name=folder.name,
        algorithm=manifest["algorithm"],
        score=evaluation["score"],
        overall=_figure(evaluation["overall"]),
        languages={k: _figure(v) for k, v in sorted(evaluation["by_language"].items())},
        labels={
            label: Figure(f["n"], f["f1"], f["precision"], f["recall"])
            for label, f in evaluation["by_label"].items()
            if f["n"]
        },
        texts=manifest["examples"],
        decided=manifest["sources"].get("decision", 0),
        seed=manifest["seed"],
        libraries=manifest["libraries"],
        folder=folder,
        made=changed,
    )


def _figure(f: Mapping[str, Any]) -> Figure:
    return Figure(
        f["n"], f["value"], f["precision"], f["recall"], f["low"], f["high"], f["calibration_error"]
    )
