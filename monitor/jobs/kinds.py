"""What each kind of job does. A kind is a name, and a function that is imported when it is run.

The function takes the application, the parameters that were given to `enqueue`, and the job's progress:

    def run(app: App, parameters: Mapping[str, Any], progress: JobProgress) -> dict[str, Any]

It loops with `progress.over(items, what, total)`, between whose items a stop is looked at; what is
expensive it keeps with `progress.keep(step, value, key, **values)` and finds in `progress.kept` when the job is resumed;
`progress.say(key, **values)` writes a line of the job's log, a message of the locale files.
`app.progress` is the same progress, so a use-case called with it shows how far it is and can be stopped.
Everything it takes and returns is JSON. Of what it returns the job's page reads

    page: address of the page that shows what came of it
    said: [[key, {name: value}], ...], messages of the locale files

and the rest is for pages that ask for the latest job of a kind. It must be fit to be begun again at any
point: a killed runner's job is taken up anew.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from monitor.app import App
    from monitor.jobs.run import JobProgress

Work = Callable[["App", Mapping[str, Any], "JobProgress"], dict[str, Any]]

# kind -> module:function
KINDS = {
    "train": "monitor.jobs.train:run",
    "judge": "monitor.jobs.models:judge",
    "activate": "monitor.jobs.models:activate",
    "compare": "monitor.jobs.compare:run",
    "suspects": "monitor.jobs.suspects:run",
    "agreement": "monitor.jobs.labels:agree",
    "label_next": "monitor.jobs.labels:propose_next",
    "retag": "monitor.jobs.flow:retag",
    "score": "monitor.jobs.flow:score",
    "publish": "monitor.jobs.summaries:publish",
    "send": "monitor.jobs.summaries:send",
}


class UnknownKind(Exception):
    """The job was asked for by a program that knows more kinds than this one."""


def work_of(kind: str) -> Work:
    """The function that does jobs of this kind. Raises UnknownKind."""
    if kind not in KINDS:
        raise UnknownKind(kind)
    module, _, name = KINDS[kind].partition(":")
    work: Work = getattr(import_module(module), name)
    return work
