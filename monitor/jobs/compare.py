"""The job that lays two versions of a task side by side: figures, and recent articles they differ on."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sqlmodel import Session

from classifiers.reference import NATIONAL
from classifiers.tagger import ASKED
from classifiers.values import Text
from monitor.app import App
from monitor.db.articles import newest_articles
from monitor.db.engine import reading
from monitor.embedding import open_embedder
from monitor.errors import ModelError
from monitor.jobs.run import JobProgress
from monitor.tagging.tag import readable, text_of
from monitor.training.compare import Difference, compare
from monitor.training.dataset import load_dataset
from monitor.training.predict import Predicted, load_version, predict
from monitor.training.sides import unseen_sides

NEWEST = 2000  # articles that both are asked about
SHOWN = 50  # of those they differ on
CHUNK = 200


def run(app: App, parameters: Mapping[str, Any], progress: JobProgress) -> dict[str, Any]:
    """Figures of versions `a` and `b` of `task` on texts both had not seen, with the difference's
    interval; and of the newest articles those on which they decide otherwise, the widest apart first."""
    task, a, b = parameters["task"], parameters["a"], parameters["b"]
    differences = _figures(app, task, a, b)
    differing, asked = _articles(app, progress, task, a, b)
    return {
        "page": f"/models/compare?task={task}&a={a}&b={b}",
        "said": [["jobs.said.compared", {"task": task, "a": a, "b": b, "n": len(differing)}]],
        "task": task,
        "a": a,
        "b": b,
        "figures": None if differences is None else [_row(d) for d in differences],
        "asked": asked,
        "differing": len(differing),
        "articles": differing[:SHOWN],
    }


def _figures(app: App, task: str, a: str, b: str) -> list[Difference] | None:
    """None where one of the two stored no predictions of texts it had not seen."""
    dataset = load_dataset(app.settings.labels_dir, app.reference)
    sides = unseen_sides(app.settings, dataset.examples, task, a, b)
    if sides is None or not sides.examples:
        return None
    return compare(sides, seed=app.settings.seed)


def _row(d: Difference) -> dict[str, Any]:
    numbers = {name: round(getattr(d, name), 4) for name in ("a", "b", "low", "high")}
    return {"kind": d.kind, "part": d.part, "n": d.n, "verdict": d.verdict, **numbers}


def _articles(
    app: App, progress: JobProgress, task: str, a: str, b: str
) -> tuple[list[dict[str, Any]], int]:
    """The articles on which the two differ, the widest apart first; and how many were asked about."""
    with reading(app.engine) as session:
        texts = _texts(session, task)
    chunks = [texts[i : i + CHUNK] for i in range(0, len(texts), CHUNK)]
    versions = [load_version(app.settings.models_dir, task, name) for name in (a, b)]
    embedder = open_embedder(app.settings) if task in ASKED else None
    found: list[dict[str, Any]] = []
    for chunk in progress.over(chunks, "compare", len(chunks)):
        said = [predict(v, chunk, app.settings.labels_dir, embedder) for v in versions]
        found += differing(chunk, *said)
    return sorted(found, key=lambda row: (-row["apart"], -row["id"])), len(texts)


def _texts(session: Session, task: str) -> list[Text]:
    """Texts of the newest articles; topics and direction are asked of relevant ones."""
    articles = newest_articles(session, NEWEST, relevant=task in ASKED)
    return [text_of(article) for article in articles if readable(article)]


def differing(texts: Sequence[Text], a: Predicted, b: Predicted) -> list[dict[str, Any]]:
    """The texts of which the two decide otherwise: what each says, and how far they are apart at most."""
    if a.labels != b.labels:
        raise ModelError("the two versions know different labels; compare their figures by label")
    # Whether a matter is national is asked of relevant texts only, and these are any.
    asked = [j for j, label in enumerate(a.labels) if label != NATIONAL]
    apart = np.zeros_like(a.decided)
    apart[:, asked] = (a.decided != b.decided)[:, asked]
    found = []
    for i in np.flatnonzero(apart.any(axis=1)):
        row = int(i)
        columns = np.flatnonzero(apart[row])
        gaps = abs(a.probabilities[row] - b.probabilities[row])
        found.append(
            {
                "id": int(texts[row].id),
                "a": [a.labels[j] for j in asked if a.decided[row, j]],
                "b": [b.labels[j] for j in asked if b.decided[row, j]],
                "apart": round(float(gaps[columns].max()), 4),
            }
        )
    return found
