"""readiness_sources.yaml: what it may say, and that each mistake has its line."""

from pathlib import Path

import pytest

from monitor.readiness.fetch_sources import load_sources, read_sources
from monitor.readiness.fetch_values import PxwebSource, SotkanetSource, Years

OURS = ("primary-care-within-14-days", "result-per-resident")
GOOD = """\
sources:
  - id: care
    from: sotkanet
    indicator: 9001
    years: 2022-
    as: primary-care-within-14-days
  - id: result
    from: pxweb
    table: https://pxdata.stat.fi/PxWeb/api/v1/fi/StatFin/kek/11zz.px
    contents: 01  # read as it is written
    select: {Sektori: 05}
    as: result-per-resident
"""


def _said(text: str) -> list[str]:
    return [str(m) for m in read_sources(text, "lähteet.yaml", OURS).mistakes]


def test_sources_of_both_kinds_are_read() -> None:
    found = read_sources(GOOD, "lähteet.yaml", OURS)
    assert found.mistakes == ()
    assert found.sources == (
        SotkanetSource("care", OURS[0], 9001, Years(2022, None)),
        PxwebSource(
            "result", OURS[1], "https://pxdata.stat.fi/PxWeb/api/v1/fi/StatFin/kek/11zz.px", "01",
            select=(("Sektori", "05"),),
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("from: sotkanet", "from: sotka", "lähteet.yaml:3: entry 'care': 'from' is 'sotka'"),
        ("    years: 2022-\n", "", "lähteet.yaml:2: entry 'care': 'years' is missing"),
        ("years: 2022-", "years: pian", "lähteet.yaml:5: entry 'care': 'years' is 'pian'"),
        ("indicator: 9001", "indicator: x", "lähteet.yaml:4: entry 'care': 'x' is no number"),
        ("contents: 01", "content: 01", "lähteet.yaml:10: entry 'result': unknown key 'content'"),
        ("as: result-per", "as: result-for", "did you mean 'result-per-resident'?"),
        ("https://pxdata", "ftp://pxdata", "lähteet.yaml:9: entry 'result': 'table' is no web"),
        ("pxdata.stat.fi", "px.example.fi", "entry 'result': the licence is not known"),
        ("{Sektori: 05}", "[Sektori]", "lähteet.yaml:11: entry 'result': 'select' cannot be read"),
        ("id: result", "id: care", "lähteet.yaml:7: entry 'care': the id 'care' stands twice"),
        (
            "    as: primary",
            "    id: b\n    as: primary",
            "lähteet.yaml:6: entry 'care': 'id' stands",
        ),
    ],
)
def test_a_mistake_names_its_line_and_stops_only_its_entry(old: str, new: str, said: str) -> None:
    assert old in GOOD
    found = read_sources(GOOD.replace(old, new, 1), "lähteet.yaml", OURS)
    assert any(said in str(m) for m in found.mistakes), found.mistakes
    assert len(found.sources) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sources: [", "this is no YAML"),
        ("lähteet: []", "there is no list of sources"),
        ("- a", "there is no list of sources"),
        ("sources: {a: b}", "'sources' is no list"),
        ("sources: [5]", "this is no entry"),
        ("sources:\n  - [1]: 2\n", "'from' is missing"),
    ],
)
def test_a_file_of_another_form_is_refused(text: str, said: str) -> None:
    assert any(said in line for line in _said(text)), _said(text)


@pytest.mark.parametrize("text", ["", "# vain huomautus\n", "sources:\n", "sources: []\n"])
def test_a_file_that_lists_nothing_is_no_mistake(text: str) -> None:
    found = read_sources(text, "lähteet.yaml", OURS)
    assert (found.sources, found.mistakes) == ((), ())


def test_a_file_that_cannot_be_read_is_a_mistake(tmp_path: Path) -> None:
    assert "cannot be read" in str(load_sources(tmp_path / "missing.yaml", OURS).mistakes[0])
    (tmp_path / "latin.yaml").write_bytes("sources: # ä".encode("latin-1"))
    assert "UTF-8" in str(load_sources(tmp_path / "latin.yaml", OURS).mistakes[0])
