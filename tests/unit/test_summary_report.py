"""The summary as a document: what each level holds, and that every sentence says numbers of the summary."""

import re
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from pydantic import BaseModel

from classifiers.reference import Reference
from monitor.i18n import LANGUAGES, Translator, catalogues
from monitor.summary.document import (
    Bullets,
    Document,
    Figure,
    Heading,
    Level,
    Paragraph,
    Run,
    Table,
)
from monitor.summary.edition import Comment
from monitor.summary.picture import checked
from monitor.summary.report import IN_LEVEL, LEVELS, SECTIONS, report
from monitor.summary.values import WeeklySummary, read_summary
from tests.unit.summary_example import HEADLINE, TUESDAY, WEEK, example

SAID_IN_WORDS = {"0", "1", "100", "100000", "256"}  # scale, first rank, per inhabitants, SHA-256


def made(
    reference: Reference, level: Level = "full", language: str = "fi", **changes: Any
) -> Document:
    summary = example().model_copy(update=changes)
    return report(summary, level, reference, Translator(language))


def paragraphs(document: Document) -> Iterator[tuple[Run, ...]]:
    for block in document.blocks:
        if isinstance(block, Paragraph):
            yield block.runs
        if isinstance(block, Bullets):
            yield from block.items


def text(document: Document) -> str:
    return "\n".join("".join(r.text for r in runs) for runs in paragraphs(document))


def field(summary: WeeklySummary, path: str) -> Any:
    found: Any = summary
    for name in path.split("."):
        found = found[int(name)] if name.isdigit() else getattr(found, name)
    return found


def numbers(value: Any, t: Translator) -> Iterator[str]:
    """Every number under a field, as it may be written: whole, with decimals, as a share; and counts."""
    if isinstance(value, BaseModel):
        value = dict(value)
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        yield t.number(len(value))
        for part in value:
            yield from numbers(part, t)
    elif isinstance(value, int | float):
        size = abs(value)
        yield from (t.number(size, digits) for digits in (0, 1, 2))
        yield t.number(100 * size)
    elif value is not None:
        yield from (t.date(value), t.day(value)) if isinstance(value, date) else (str(value),)


def figures(text: str) -> set[str]:
    """The numbers in a sentence, without the marks of grouping."""
    joined = re.sub(r"(?<=\d)[\s\u00a0\u202f,](?=\d{3}\b)", "", text)
    return set(re.findall(r"\d+(?:[.,]\d+)?", joined))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("level", LEVELS)
def test_every_number_in_a_sentence_is_one_of_the_fields_it_names(
    reference: Reference, level: Level, language: str
) -> None:
    summary, t = example(), Translator(language)
    groups = {g.name.get(language) for g in reference.groups}
    checked_sentences, wrong = 0, []
    for runs in paragraphs(report(summary, level, reference, t)):
        for run in (r for r in runs if r.uses):
            said = run.text
            for name in groups:
                said = said.replace(name, "")
            known: set[str] = set(SAID_IN_WORDS)
            for path in run.uses:
                known |= figures(" ; ".join(numbers(field(summary, path), t)))
            sums = {"29", "43", "33", "61", "67", "54"} if "roadmap.cells" in run.uses else set()
            rest = figures(t.number(62.0 - 14.6 - 9.3, 1) + " ; " + t.number(14.1, 1))
            sums |= rest if any(p.endswith(".parts") for p in run.uses) else set()
            wrong += [(run.text, run.uses)] if figures(said) - known - sums else []
            checked_sentences += 1
    assert wrong == []
    assert checked_sentences >= 8


@pytest.mark.parametrize("level", LEVELS)
def test_a_sentence_with_a_number_says_where_it_is_from(reference: Reference, level: Level) -> None:
    for runs in paragraphs(made(reference, level)):
        if any(r.uses for r in runs) or any(r.href or r.lang for r in runs):
            continue
        whole = "".join(r.text for r in runs)
        assert figures(whole) <= SAID_IN_WORDS or ".2026" in whole, whole


def test_levels_hold_their_sections_in_reading_order(reference: Reference) -> None:
    for level in LEVELS:
        anchors = [
            b.anchor
            for b in made(reference, level).blocks
            if isinstance(b, Heading) and b.level == 2
        ]
        assert anchors == list(IN_LEVEL[level])
    assert set(IN_LEVEL["full"]) | {"highest"} == set(SECTIONS)


def test_the_brief_is_short_and_the_full_one_has_everything(reference: Reference) -> None:
    lengths = [len(text(made(reference, level))) for level in LEVELS]
    assert lengths == sorted(lengths)
    assert not any(isinstance(b, Figure) for b in made(reference, "brief").blocks)
    figures_shown = [b for b in made(reference).blocks if isinstance(b, Figure)]
    assert [f.data.anchor for f in figures_shown] == [
        "map-data",
        "change-data",
        "history-data",
        "groups-data",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_figures_are_safe_and_have_words_and_a_table(reference: Reference, language: str) -> None:
    for block in made(reference, language=language).blocks:
        if isinstance(block, Figure):
            assert checked(block.svg) == block.svg
            assert len(block.alternative) > 20
            assert len(block.data.rows) >= 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_are_whole_and_anchors_stand_once(reference: Reference, language: str) -> None:
    document = made(reference, language=language)
    tables = [b for b in document.blocks if isinstance(b, Table)]
    tables += [b.data for b in document.blocks if isinstance(b, Figure)]
    for table in tables:
        assert {len(row) for row in table.rows} == {len(table.columns)}, table.caption
    anchors = [b.anchor for b in document.blocks if isinstance(b, Heading)] + [
        t.anchor for t in tables
    ]
    assert len(anchors) == len(set(anchors))


def test_headings_go_down_one_level_at_a_time(reference: Reference) -> None:
    levels = [b.level for b in made(reference).blocks if isinstance(b, Heading)]
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_the_national_paragraph_says_numbers_and_why(reference: Reference) -> None:
    said = text(made(reference, "brief"))
    assert "Riski on suurin alueella Pohjanmaa: 62 asteikolla 0–100" in said
    assert "(80 prosentin väli 57–68)" in said
    assert f"14,6 pistettä, on uutinen ”{HEADLINE}”" in said
    assert "riski kasvoi enemmän kuin epävarmuus selittää: Pohjanmaa (+20)" in said
    assert "Tapahtumista yksi lisää riskiä." in said
    assert (
        "Yhtä aluetta ei kuultu riittävästi, joten sen mediapainetta ei tiedetä: Pohjois-Savo."
        in said
    )


def test_swedish_uses_finlands_terms(reference: Reference) -> None:
    said = text(made(reference, language="sv"))
    assert "välfärdsområdena" in said
    assert "Risken är störst i Österbotten: 62" in said
    assert "1\u00a0288 nyheter från 12 utgivargrupper" in said


def test_headlines_keep_their_language(reference: Reference) -> None:
    in_finnish = [r for runs in paragraphs(made(reference)) for r in runs if HEADLINE in r.text]
    assert {r.lang for r in in_finnish} == {"sv"}
    assert any(r.href == "https://kaiku.example/1" for r in in_finnish)
    in_swedish = [
        r for runs in paragraphs(made(reference, language="sv")) for r in runs if HEADLINE in r.text
    ]
    assert {r.lang for r in in_swedish} == {""}


def test_silent_sources_are_named_by_title(reference: Reference) -> None:
    (table,) = [
        b for b in made(reference).blocks if isinstance(b, Table) and b.anchor == "coverage-table"
    ]
    assert "".join(r.text for r in table.rows[0][3].runs).startswith("Lapin Kaira (")


def test_a_missing_number_stands_as_its_reason(reference: Reference) -> None:
    (table,) = [
        b for b in made(reference).blocks if isinstance(b, Table) and b.anchor == "regions-table"
    ]
    unheard = table.rows[-1][2]
    assert not unheard.number
    assert "ei riittävää kuuluvuutta" in unheard.runs[0].text


def test_sources_name_licence_and_outlets(reference: Reference) -> None:
    sources = made(reference).sources
    assert "THL Sotkanet" in sources[0]
    assert "CC BY 4.0" in sources[0]
    assert "Kaiku Nyheter" in sources[-1]


def test_comments_stand_in_their_section_and_language(reference: Reference) -> None:
    comments = [
        Comment(section="alerts", language=language, text=said, by="mv", at=TUESDAY)
        for language, said in (("fi", "Tarkistettu.\n\nEi toimia."), ("sv", "Granskat."))
    ]
    document = report(example(), "full", reference, Translator("fi"), comments)
    kinds = [b for b in document.blocks if isinstance(b, Paragraph) and b.kind == "comment"]
    assert ["".join(r.text for r in b.runs) for b in kinds] == ["Tarkistettu.", "Ei toimia."]
    before = document.blocks[document.blocks.index(kinds[0]) - 1]
    assert isinstance(before, Heading)
    assert before.anchor == "alerts"


def test_invented_news_says_so_first(reference: Reference) -> None:
    block = made(reference, sample=True).blocks[1]
    assert isinstance(block, Paragraph)
    assert block.kind == "warning"


def test_a_summary_of_the_first_shape_still_reads(reference: Reference) -> None:
    old = example().model_dump(mode="json")
    new = ("interval", "noise_share", "movers", "country", "feeds", "roadmap", "classifiers")
    for name in (*new, "attributions", "scores_hash"):
        del old[name]
    for line in old["regions"]:
        for name in ("noise", "history", "parts"):
            del line[name]
    stored = read_summary(old | {"schema_version": 1})
    assert (stored.schema_version, stored.week) == (1, WEEK)
    for level in LEVELS:
        document = report(stored, level, reference, Translator("sv"))
        anchors = {b.anchor for b in document.blocks if isinstance(b, Heading)}
        assert "roadmap" not in anchors
        assert "national" in anchors


def test_every_wording_of_the_report_is_used() -> None:
    from tests.conftest import ROOT

    code = "".join(
        path.read_text("utf-8")
        for path in (ROOT / "monitor" / "summary").glob("*.py")
        if path.stem.startswith(("report", "sections", "wording"))
    )
    families = (
        "col.",
        "driver.",
        "national.",
        "groups.",
        "forgotten.",
        "support.",
        "change.",
        "metric.",
    )
    families += ("caveat.", "method.")
    keys = [key.removeprefix("report.") for key in catalogues()["fi"] if key.startswith("report.")]
    unused = [k for k in keys if f'"{k}"' not in code and f"report.{k}" not in code]
    assert [k for k in unused if not k.startswith(families)] == []
