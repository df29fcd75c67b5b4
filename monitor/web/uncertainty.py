"""Why a region's number is uncertain and what to find out next, in the reader's language. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from classifiers.reference import Reference
from monitor import charts
from monitor.charts import Part
from monitor.db.views import Telling
from monitor.i18n import Translator
from monitor.risk.knowing import Finding
from monitor.risk.sensitivity import MISSING, OF_MEDIA, Sensitivity, Share
from monitor.values import ALL_GROUPS
from monitor.web.text import web_address

FINDINGS = 3
LEAST = 0.01  # of the width: what narrows it less is not worth a line


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source of uncertainty."""

    kind: str  # story | readiness | rest: its colour in the bar
    label: str
    alone: float  # share of the variance, never below 0
    error: float  # standard error
    together: float  # alone or with others


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One thing to find out."""

    kind: str
    label: str
    language: str  # of the label
    href: str  # "" where there is nothing to link to
    group: str  # in words
    narrows: float  # points
    lowest: float
    highest: float
    opens: bool


def source_lines(found: Sensitivity, t: Translator) -> tuple[SourceLine, ...]:
    """The sources that matter, then what they do only together."""
    lines = [_source(s, t) for s in found.shares if s.total >= 0.005]
    rest = max(found.together, 0.0)
    together = SourceLine("rest", t("know.source.together"), rest, 0.0, rest)
    return (*lines, together) if lines else ()


def _source(found: Share, t: Translator) -> SourceLine:
    kind = "story" if found.source in OF_MEDIA else "readiness"
    if found.source == "weights":
        kind = "rest"
    label = t.word("know.source", found.source)
    if found.source.startswith(MISSING) and found.source != MISSING:
        name = t.word("component", found.source.removeprefix(MISSING))
        label = t("know.source.lacking", component=name)
    return SourceLine(kind, label, max(found.first, 0.0), found.first_error, found.total)


def sources_bar(lines: Sequence[SourceLine], t: Translator) -> Markup:
    """The shares end to end, in per cent of the variance."""
    whole = sum(line.alone for line in lines)
    parts = [
        Part(
            100 * line.alone / whole,
            line.kind,
            f"{line.label}: {t.percent(line.alone)}",
            (f"{line.label} {t.percent(line.alone)}", t.percent(line.alone)),
        )
        for line in lines
        if line.alone > 0
    ]
    return charts.contribution_bar(
        parts, total="", title=t("know.sources"), description=t("know.bar_desc"), name="sources"
    )


def finding_lines(
    findings: Sequence[Finding],
    group: str,
    tellings: Mapping[int, Sequence[Telling]],
    reference: Reference,
    t: Translator,
) -> tuple[FindingLine, ...]:
    """The best few, of a group or of the whole region."""
    chosen = shown(findings, group)
    return tuple(_finding(f, tellings, reference, t) for f in chosen)


def shown(findings: Sequence[Finding], group: str) -> list[Finding]:
    """Those that the page has room for."""
    worth = [f for f in findings if f.opens or f.reduction >= LEAST * f.width]
    return [f for f in worth if group in (ALL_GROUPS, f.group)][:FINDINGS]


def _finding(
    found: Finding, tellings: Mapping[int, Sequence[Telling]], reference: Reference, t: Translator
) -> FindingLine:
    label, language = t.word("component", found.ref), t.language
    href = f"/readiness/{found.region}#{found.ref}"
    if found.kind == "story":
        told = tellings.get(int(found.ref), ())
        label, language = found.label, told[0].language if told else "fi"
        href = web_address(told[0].address) if told else ""
    return FindingLine(
        kind=found.kind,
        label=label,
        language=language,
        href=href,
        group=reference.group[found.group].name.get(t.language),
        narrows=found.reduction,
        lowest=found.lowest,
        highest=found.highest,
        opens=found.opens,
    )
