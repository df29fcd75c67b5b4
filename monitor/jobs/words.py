"""What a job says, in words: its log, its result, its error. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from monitor.i18n import Translator

UNEXPECTED = "unexpected:"  # an error that is a bug, and the name of its type
UNKNOWN = "unknown kind"
_IDS = {"task": "models.task"}  # values that are ids, and the area of their words


class Spoken(Protocol):
    """The parts of `monitor.db.jobs.Job` that are put into words."""

    @property
    def id(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def log(self) -> Sequence[Mapping[str, Any]]: ...
    @property
    def result(self) -> Mapping[str, Any] | None: ...
    @property
    def error(self) -> str: ...
    @property
    def progress(self) -> Mapping[str, Any]: ...


def lines(job: Spoken, t: Translator) -> list[tuple[datetime, str]]:
    """The job's log, the newest first."""
    return [
        (datetime.fromisoformat(line["at"]), say(line["say"], line["values"], t))
        for line in reversed(job.log)
    ]


def result_lines(job: Spoken, t: Translator) -> list[str]:
    """What came of it."""
    return [say(key, values, t) for key, values in (job.result or {}).get("said", ())]


def say(key: str, values: Mapping[str, Any], t: Translator) -> str:
    """A message with its values; one that a newer program wrote is shown as it is."""
    if not t.has(key):
        return f"{key} {dict(values)}"
    return t(key, **{name: _shown(name, value, t) for name, value in values.items()})


def _shown(name: str, value: Any, t: Translator) -> Any:
    if name in _IDS:
        return t.word(_IDS[name], str(value))
    return t.number(value, 3) if isinstance(value, float) else value


def error_words(job: Spoken, t: Translator) -> str:
    """Why it failed, and what to do."""
    if job.error.startswith(UNEXPECTED):
        return t("jobs.error.unexpected", what=job.error.removeprefix(UNEXPECTED), job=job.id)
    if job.error == UNKNOWN:
        return t("jobs.error.unknown", kind=job.kind)
    return t("jobs.error.died", job=job.id) if job.error == "died" else job.error


def how_far(job: Spoken, t: Translator) -> str:
    """ "training: 2 of 4"; "" before the first step."""
    if not job.progress:
        return ""
    what, done = t.word("jobs.what", str(job.progress["what"])), job.progress["done"]
    total = job.progress["total"]
    if total is None:
        return t("jobs.far_open", what=what, done=done)
    return t("jobs.far", what=what, done=done, total=total)
