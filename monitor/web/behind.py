"""What lies behind each part of a region's number, in the reader's language. Pure.

Rows, articles and claims as `monitor.risk.explain` gives them, in words, with links; no rule of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from classifiers.reference import Reference
from monitor.i18n import Translator
from monitor.risk.explain import Node, merged
from monitor.web.text import web_address

MOST = 8  # rows, or articles, shown of one part


@dataclass(frozen=True, slots=True)
class Line:
    """One row, article or claim."""

    points: float
    label: str  # name, title, or what is claimed
    language: str  # of the label
    href: str  # "" where there is nothing to link to
    note: str
    quote: str = ""  # the sentence a claim rests on
    quote_language: str = ""
    below: tuple["Line", ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """All that is shown of one part."""

    summary: str
    lines: tuple[Line, ...]
    more: int  # lines that are not shown


def behind(
    root: Node | None, reference: Reference, t: Translator
) -> Mapping[tuple[str, str], Part]:
    """(kind, ref) of a part -> what it rests on; parts of which nothing is kept are left out."""
    if root is None:
        return {}
    parts = (
        root.children if root.kind == "group" else [p for g in root.children for p in g.children]
    )
    return {
        (part.kind, part.ref): _part(part, reference, t) for part in merged(parts) if part.children
    }


def _part(part: Node, reference: Reference, t: Translator) -> Part:
    shown = part.children[:MOST]
    key = "why.rows" if part.kind == "readiness" else "why.articles"
    return Part(
        t(key, n=len(part.children)),
        tuple(_line(node, reference, t) for node in shown),
        len(part.children) - len(shown),
    )


def _line(node: Node, reference: Reference, t: Translator) -> Line:
    match node.kind:
        case "article":
            facts = {k: str(v) for k, v in node.facts.items()}
            language = facts["language"]
            below = tuple(_claim(claim, language, reference, t) for claim in node.children)
            href = web_address(facts["address"])
            return Line(node.value, node.label, language, href, facts["outlet"], below=below)
        case "row" if node.ref.startswith("task:"):
            return Line(node.value, node.label, "fi", "", _task(node.facts, t))
        case "row":
            return Line(node.value, node.label, "fi", "", _observation(node.facts, t))
        case _:
            return Line(node.value, t("why.unknown"), t.language, "", "")


def _claim(node: Node, language: str, reference: Reference, t: Translator) -> Line:
    task, _, label = node.ref.partition(":")
    names = {
        "region": lambda: reference.region[label].short.get(t.language),
        "topic": lambda: next(x.name.get(t.language) for x in reference.topics if x.id == label),
        "direction": lambda: t.word("direction", label),
    }
    named = f": {names[task]()}" if task in names else ""
    p = node.facts["probability"]
    assert isinstance(p, float | int)
    note = t(f"why.author.{node.facts['author']}", p=t.percent(p))
    return Line(
        node.value, t(f"evidence.{task}") + named, t.language, "", note, node.label, language
    )


def _observation(facts: Mapping[str, str | float | None], t: Translator) -> str:
    value, told = facts["value"], t("why.no_value")
    if isinstance(value, float | int):
        digits = 0 if float(value).is_integer() else 2
        told = f"{t.number(value, digits)} {t.word('unit', str(facts['unit']))}"
    first, last = (date.fromisoformat(day) for day in str(facts["period"]).split("/"))
    period = t.day(last) if first == last else f"{t.day(first)}–{t.day(last)}"
    return t("why.observation", value=told, period=period, source=facts["source"])


def _task(facts: Mapping[str, str | float | None], t: Translator) -> str:
    state = "finished" if facts["finished"] else "started" if facts["started"] else "not_started"
    due, report = (t.day(date.fromisoformat(str(facts[k]))) for k in ("due", "report"))
    told = t(f"why.state.{state}")
    return t("why.task", due=due, state=told, report=report, source=facts["source"])
