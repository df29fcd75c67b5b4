"""Jobs that are steps of the usual flow, asked for out of turn: tag again, score."""

from collections.abc import Mapping
from typing import Any

from monitor import pipeline
from monitor.app import App
from monitor.jobs.run import JobProgress
from monitor.tagging.run import retag_due


def retag(app: App, parameters: Mapping[str, Any], progress: JobProgress) -> dict[str, Any]:
    """Tag with the versions in use what other versions have tagged, then score the weeks that are open.

    Articles that nothing has tagged yet are the worker's own; so new ones do not wait for this.
    """
    report = retag_due(app.engine, app.tagger, app.clock, progress)
    scored = pipeline.score_recent(app)
    return {
        "page": "/models",
        "said": [
            ["jobs.said.retagged", {"n": report.articles}],
            ["jobs.said.scored", {"n": len(scored.weeks)}],
        ],
    }


def score(app: App, parameters: Mapping[str, Any], progress: JobProgress) -> dict[str, Any]:
    """Score `weeks`; the running one and the one before where none are given."""
    weeks = parameters.get("weeks")
    report = pipeline.score(app, list(weeks)) if weeks else pipeline.score_recent(app)
    return {"page": "/", "said": [["jobs.said.scored", {"n": len(report.weeks)}]]}
