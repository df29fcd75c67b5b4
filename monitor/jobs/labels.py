"""The jobs that say how far people agree, and what to label next."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from classifiers.decisions import load_decisions
from monitor.app import App
from monitor.db.engine import reading
from monitor.jobs.run import JobProgress
from monitor.training import registry
from monitor.training.agreement import agreement
from monitor.training.choose import STRATEGIES
from monitor.training.dataset import DECISIONS
from monitor.training.exchange import stored_decisions
from monitor.training.proposals import Proposed, from_store, propose

NEWEST = 3000  # undecided articles to choose from
MOST = 200


def agree(app: App, parameters: Mapping[str, Any], progress: JobProgress) -> dict[str, Any]:
    """Alpha of every task and label, kappa of every pair, over the store and labels/decisions."""
    read = load_decisions(app.settings.labels_dir / DECISIONS, app.reference).read
    progress.look()
    with reading(app.engine) as session:
        stored = stored_decisions(session)
    progress.look()
    found = agreement((*(r.decision for r in read), *stored.decisions), seed=app.settings.seed)
    return {
        "page": "/labels/agreement",
        "said": [["labels.said.agreement", {"n": found.texts, "shared": found.shared}]],
        "texts": found.texts,
        "shared": found.shared,
        "people": dict(found.people),
        "alphas": [asdict(a) for a in found.alphas],
        "kappas": [asdict(k) for k in found.kappas],
    }


def propose_next(app: App, parameters: Mapping[str, Any], progress: JobProgress) -> dict[str, Any]:
    """The articles from which the models would learn most, and a random slice; `strategy`, `count`."""
    asked = parameters.get("strategy", "mixed")
    strategy = next((known for known in STRATEGIES if known == asked), STRATEGIES[0])
    count = min(MOST, max(1, int(parameters.get("count", 50))))
    waiting = from_store(app.engine, app.settings, NEWEST)
    progress.look()
    versions = registry.in_use(app.engine, app.settings.models_dir)
    found = propose(
        waiting,
        app.settings,
        versions,
        count,
        strategy=strategy,
        seed=app.settings.seed,
        per_story=1,
    )
    return {
        "page": "/labels/next",
        "said": [["labels.said.next", {"n": len(found), "of": len(waiting.candidates)}]],
        "strategy": strategy,
        "of": len(waiting.candidates),
        "articles": [_row(one) for one in found],
    }


def _row(one: Proposed) -> dict[str, Any]:
    text = one.candidate.text
    return {
        "id": int(text.id),
        "title": text.title,
        "language": text.language,
        "chosen_as": one.proposal.chosen_as,
        "why": one.proposal.why,
    }
