"""The model card of a trained version: what it is for, what it learned from, how good it is."""

from collections.abc import Mapping
from typing import Any

_PURPOSE = {
    "relevance": "Says whether a text is about the organising or the state of health, social or rescue services in Finland.",
    "region": "Says which of the units of labels/regions.yaml a text is about, among those it mentions, or that it is national.",
    "topic": "Says which topics of labels/topics.yaml a relevant text is on; any number of them.",
    "direction": "Says whether a relevant text shows a risk, progress, or neither.",
}


def card(
    task: str, version: str, manifest: Mapping[str, Any], evaluation: Mapping[str, Any]
) -> str:
    """Markdown, the same text for the same figures."""
    rows = _rows(evaluation)
    labels = "\n".join(
        f"| {name} | {f['n']} | {f['precision']:.2f} | {f['recall']:.2f} | {f['f1']:.2f} |"
        for name, f in evaluation["by_label"].items()
        if f["n"]
    )
    return f"""# {task} {version}

{_PURPOSE[task]}

Finnish and Swedish texts, titles with or without a body. Learned by `{manifest["algorithm"]}` from
{_learned_from(manifest)}

## How good it is
{evaluation["method"]}; the interval is 95 %, by bootstrap over stories. The folds are texts by the same
writers as those learned from, so real text is harder than these figures.

| language | texts | {evaluation["score"]} | interval | precision | recall | calibration error |
|---|---|---|---|---|---|---|
{rows}

| label | texts | precision | recall | F1 |
|---|---|---|---|---|
{labels}
{_embedded(evaluation)}
Not for: judging persons, texts in other languages, or other countries' services.
"""


def _rows(evaluation: Mapping[str, Any]) -> str:
    figures = [("all", evaluation["overall"]), *sorted(evaluation["by_language"].items())]
    return "\n".join(
        f"| {name} | {f['n']} | {f['value']:.3f} | {f['low']:.3f}-{f['high']:.3f} "
        f"| {f['precision']:.3f} | {f['recall']:.3f} | {f['calibration_error']:.3f} |"
        for name, f in figures
    )


def _embedded(evaluation: Mapping[str, Any]) -> str:
    if "embedded" not in evaluation:
        return ""
    embedded = evaluation["embedded"]
    return f"""
## With embeddings
A second model in this version also sees the vectors of `{embedded["embedder"]}`, and speaks where that is
configured. By the same cross-validation:

| language | texts | {evaluation["score"]} | interval | precision | recall | calibration error |
|---|---|---|---|---|---|---|
{_rows(embedded)}
"""


def _learned_from(manifest: Mapping[str, Any]) -> str:
    decided = manifest["sources"].get("decision", 0)
    if not decided:
        return (
            f"{manifest['examples']} invented, labelled texts of labels/corpus (those that concern the "
            "task). It has seen no real\narticle: expect it to do worse on registers the corpus lacks, "
            "and look at what reviewers correct."
        )
    return (
        f"{manifest['examples']} labelled texts (those that concern the task): "
        f"{manifest['examples'] - decided} invented ones of labels/corpus, and\n{decided} articles that "
        "people decided (labels/decisions), whose texts are not stored here."
    )
