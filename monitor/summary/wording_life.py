"""What is said of a version of the summary: its state, its correction, what the week lacks. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from classifiers.reference import Reference
from monitor.i18n import Translator
from monitor.summary.document import Block, Bullets, Document, Heading, Paragraph, Run
from monitor.summary.edition import Change, Edition

SHARES = ("readiness", "media")  # kept in [0, 1], shown on the scale 0-100


def dress(document: Document, edition: Edition, t: Translator, reference: Reference) -> Document:
    """`document` with the version's state in its subtitle, and a draft's or correction's own words first."""
    first = [b for b in document.blocks[:1] if isinstance(b, Heading) and b.level == 1]
    rest = document.blocks[len(first) :]
    own = (*_draft(edition, t), *_correction(edition, t, reference))
    return replace(document, subtitle=status(edition, t), blocks=(*first, *own, *rest))


def status(edition: Edition, t: Translator) -> str:
    """ "Luonnos, ei julkaistu, versio 1; luvut ma 16.11.2026 klo 6.05"."""
    at = edition.published_at or edition.frozen_at or edition.created_at
    key = f"life.status.{edition.state}"
    return t(key, version=str(edition.version), moment=t.moment(at))


def _draft(edition: Edition, t: Translator) -> tuple[Block, ...]:
    if edition.published:
        return ()
    return (Paragraph((Run(t("life.draft"), strong=True),), "warning"),)


def _correction(edition: Edition, t: Translator, reference: Reference) -> tuple[Block, ...]:
    if not edition.reason:
        return ()
    told = t("life.correction.of", version=str(edition.version - 1))
    lines = change_lines(edition.changes, t, reference)
    said = tuple((Run(line),) for line in lines) or ((Run(t("life.correction.same")),),)
    return (
        Heading(2, t("life.correction"), "correction"),
        Paragraph((Run(told + " "), reason(edition, t.language))),
        Bullets(said),
    )


def reason(edition: Edition, language: str) -> Run:
    """Why the version before was corrected; in Finnish, and marked so, where it was not said in `language`."""
    if language in edition.reason:
        return Run(edition.reason[language])
    return Run(edition.reason["fi"], lang="fi")


def change_lines(changes: Iterable[Change], t: Translator, reference: Reference) -> list[str]:
    """One line per region: "Kainuu: yhdistetty riski 43,1 → 45,0, sija 4 → 3". What is written alike is
    counted in the last line."""
    lines, small = [], 0
    for region, of_region in groupby(changes, key=lambda c: c.region):
        parts = [_change(c, t) for c in of_region]
        shown = [part for part in parts if part]
        small += len(parts) - len(shown)
        if shown:
            lines.append(f"{place(region, t, reference)}: {', '.join(shown)}")
    return lines + ([t("life.correction.small", n=small)] if small else [])


def _change(change: Change, t: Translator) -> str:
    before, after = (_value(change.field, v, t) for v in (change.before, change.after))
    return "" if before == after else f"{t(f'life.field.{change.field}')} {before} → {after}"


def _value(field: str, value: float | None, t: Translator) -> str:
    if value is None:
        return t("life.none")
    if field in SHARES or field == "combined":
        return t.number(value * (100 if field in SHARES else 1), 1)
    return t.number(value)


def place(code: str, t: Translator, reference: Reference) -> str:
    """Short name of a unit; "" is the whole country."""
    region = reference.region.get(code)
    return region.short.get(t.language) if region else t("region.NAT")


def lack_lines(reasons: Sequence[str], t: Translator, reference: Reference) -> list[str]:
    """What a week lacks, a line per kind."""
    kinds: dict[str, list[list[str]]] = {}
    for lack in reasons:
        kind, *figures = lack.split(":")
        kinds.setdefault(kind, []).append(figures)
    return [_lack(kind, found, t, reference) for kind, found in kinds.items()]


def _lack(kind: str, found: list[list[str]], t: Translator, reference: Reference) -> str:
    if kind == "flags":
        return t("life.lack.flags", n=int(found[0][0]))
    if kind == "scores":
        return t("life.lack.scores")
    names = (
        place(code, t, reference) + "".join(f" ({t.percent(float(share))})" for share in rest)
        for code, *rest in found
    )
    return t(f"life.lack.{kind}", names=", ".join(names))
