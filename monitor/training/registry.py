"""Which trained versions exist, and which are in use.

A version in use is one that somebody activated, an audited row of the store; where the store has none,
the one that models/active.json names, which is shipped. Rolling back is activating the older.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from classifiers import persist
from classifiers.tagger import EMBEDDED
from classifiers.values import TASKS
from monitor.clock import Clock
from monitor.db import activations
from monitor.db.engine import reading, transaction
from monitor.errors import ModelError
from monitor.training import shelf

SHIPPED = "active.json"
versions = shelf.versions


def active_versions(engine: Engine, models: Path) -> dict[str, str]:
    """Task -> version in use, each found whole.

    Raises ModelError where a task has none, or its version is missing or damaged.
    """
    with reading(engine) as session:
        chosen = {**shipped_versions(models), **activations.activated(session)}
    for task in TASKS:
        if task not in chosen:
            raise ModelError(
                f"no trained version of {task} is in use; run: tilannekuva train --activate"
            )
        _verified(models, task, chosen[task])
    return {task: chosen[task] for task in TASKS}


def shipped_versions(models: Path) -> dict[str, str]:
    """Task -> version that models/active.json names; {} where there is no such file."""
    path = models / SHIPPED
    if not path.is_file():
        return {}
    try:
        named = persist.read_json(path)
    except persist.VersionError as error:
        raise ModelError(f"{path} cannot be read; restore it or delete it") from error
    return {task: str(version) for task, version in named.items() if task in TASKS}


def ship(models: Path, chosen: Mapping[str, str]) -> None:
    """Name the versions in models/active.json; tasks not given keep theirs."""
    path = models / SHIPPED
    content = json.dumps({**shipped_versions(models), **chosen}, indent=2, sort_keys=True) + "\n"
    draft = path.with_suffix(".tmp")
    draft.write_text(content, encoding="utf-8")
    draft.replace(path)


def activate(
    engine: Engine,
    models: Path,
    chosen: Mapping[str, str],
    clock: Clock,
    *,
    by: str,
    reason: str,
    action: str = activations.ACTIVATE,
    overridden: Mapping[str, Sequence[str]] | None = None,
) -> tuple[str, ...]:
    """Put versions in use, one audited row each; returns the tasks that changed.

    `overridden` is what the gate held against them, by task: see `monitor.training.gate`, which asks
    whether they are good enough; here nothing is asked. Raises ModelError where a version is missing
    or damaged; then none is activated.
    """
    for task, version in chosen.items():
        _verified(models, task, version)
    shipped = shipped_versions(models)
    with transaction(engine) as session:
        before = {**shipped, **activations.activated(session)}
        changed = tuple(task for task in chosen if before.get(task) != chosen[task])
        for task in changed:
            activations.activate(
                session, task, chosen[task],
                before=before.get(task), at=clock(), by=by, reason=reason, action=action,
                overridden=(overridden or {}).get(task, ()),
            )  # fmt: skip
    return changed


def roll_back(
    engine: Engine, models: Path, tasks: Sequence[str], clock: Clock, *, by: str, reason: str
) -> dict[str, str]:
    """Put the version before the current one in use again; returns it for each of `tasks`.

    Raises ModelError where a task has none before, or it is missing or damaged; then none changes.
    """
    with reading(engine) as session:
        before = {task: activations.version_before(session, task) for task in tasks}
    for task, version in before.items():
        if version is None:
            raise ModelError(
                f"{task} has had no other version in use; there is nothing to go back to"
            )
    chosen = {task: version for task, version in before.items() if version is not None}
    activate(engine, models, chosen, clock, by=by, reason=reason, action=activations.ROLL_BACK)
    return chosen


def in_use(engine: Engine, models: Path) -> dict[str, str]:
    """Task -> version in use, whole or not; tasks that have none are left out."""
    with reading(engine) as session:
        return {**shipped_versions(models), **activations.activated(session)}


def find(models: Path, wanted: str) -> tuple[str, str]:
    """Task and name of the version named `wanted`, or beginning so. Raises ModelError unless it is one."""
    every = [(task, name) for task in TASKS for name in versions(models, task)]
    found = [v for v in every if v[1] == wanted] or [v for v in every if v[1].startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        raise ModelError(f"{wanted!r} could be {', '.join('/'.join(v) for v in found)}; write more")
    raise ModelError(f"no version {wanted!r} in {models}; tilannekuva models list shows them")


def evaluation(models: Path, task: str, version: str) -> dict[str, Any]:
    """eval.json of a version. Raises ModelError where it is missing or damaged."""
    _verified(models, task, version)
    return persist.read_json(models / task / version / persist.EVALUATION)


def error_rates(models: Path, chosen: Mapping[str, str]) -> dict[str, dict[str, float]]:
    """Task -> {"precision", "recall"} as measured on texts the versions had not seen.

    `chosen` are names as a `Tagger` gives them, which say which model of a version spoke.
    """
    measured = {task: _of_who_spoke(models, task, chosen[task]) for task in TASKS}
    return {
        task: {"precision": figures["precision"], "recall": figures["recall"]}
        for task, figures in measured.items()
    }


def _of_who_spoke(models: Path, task: str, version: str) -> dict[str, Any]:
    """The figures of the whole, of the model that sees vectors where a tagger says it spoke."""
    stored = evaluation(models, task, version.removesuffix(EMBEDDED))
    spoke: dict[str, Any] = stored["embedded"] if version.endswith(EMBEDDED) else stored
    overall: dict[str, Any] = spoke["overall"]
    return overall


def _verified(models: Path, task: str, version: str) -> None:
    try:
        persist.verify(models, task, version)
    except persist.VersionError as error:
        raise ModelError(str(error)) from error
