"""What a file would change: its data against those in force, datum by datum. Changes nothing."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from monitor.readiness.convert import Datum
from monitor.readiness.importers import Batch

Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A datum that stands already and would say something else."""

    before: Datum
    after: Datum

    def __str__(self) -> str:
        differ = [
            (f.name, getattr(self.before, f.name), getattr(self.after, f.name))
            for f in fields(self.after)
            if getattr(self.before, f.name) != getattr(self.after, f.name)
        ]
        told = ", ".join(f"{name} {_shown(old)} -> {_shown(new)}" for name, old, new in differ)
        return f"{name_of(self.after)}: {told}"


@dataclass(frozen=True, slots=True)
class Changes:
    """A file's data by what would become of them."""

    new: tuple[Datum, ...]
    changed: tuple[Change, ...]
    same: int
    gone: tuple[Datum, ...]  # of a roadmap report, which a later import replaces whole


def compare(batch: Batch, standing: Mapping[Key, Datum], gone: Iterable[Datum] = ()) -> Changes:
    """`standing` holds the data in force by `key_of`; `gone` those that the file would put out of force."""
    new, changed, same = [], [], 0
    for datum in batch.data:
        before = standing.get(key_of(datum))
        if before is None:
            new.append(datum)
        elif before == datum:
            same += 1
        else:
            changed.append(Change(before, datum))
    return Changes(tuple(new), tuple(changed), same, tuple(gone))


def key_of(datum: Datum) -> Key:
    """What may stand once: the datum's own key, apart for each kind of datum."""
    return (type(datum).__name__, *datum.key)


def name_of(datum: Datum) -> str:
    """A datum's key in figures and names."""
    return " ".join(str(part) for part in datum.key if part is not None)


def content_hash(batch: Batch, source: str, licence: str) -> str:
    """SHA-256 of what a file says and where it is from: the same for the same rows in any order and form."""
    rows = sorted(
        json.dumps([type(d).__name__, *(getattr(d, f.name) for f in fields(d))], default=str)
        for d in batch.data
    )
    text = json.dumps([batch.kind, source, licence, rows])
    return hashlib.sha256(text.encode()).hexdigest()


def _shown(value: object) -> str:
    if value in (None, ""):
        return "nothing"
    return f"{value:g}" if isinstance(value, float) else f"{value}"
