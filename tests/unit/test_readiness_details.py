"""The basis of a component in words: ids with parameters, in three languages."""

from datetime import date

import pytest

from monitor.i18n import LANGUAGES, Translator
from monitor.readiness import details

DAY = date(2026, 8, 31)
FI, SV = Translator("fi"), Translator("sv")


@pytest.mark.parametrize(
    ("detail", "finnish", "swedish"),
    [
        (
            details.roadmap(7, 9, DAY),
            "7/9 kriittisestä tehtävästä, joiden määräaika on ohi, valmiina (raportti 31.8.2026)",
            "7/9 förfallna kritiska uppgifter klara (rapport 31.8.2026)",
        ),
        (details.mean(1, DAY), "yksi arvo, uusin 31.8.2026", "ett värde, det nyaste 31.8.2026"),
        (
            details.first_period(DAY),
            "ensimmäinen jakso päättyy 31.8.2026",
            "den första perioden slutar 31.8.2026",
        ),
        ("no_report", "tiekarttaraporttia ei ole", "färdplansrapport saknas"),
    ],
)
def test_a_detail_in_words(detail: str, finnish: str, swedish: str) -> None:
    assert (details.words(detail, FI), details.words(detail, SV)) == (finnish, swedish)


@pytest.mark.parametrize(
    "text", ["something new", "roadmap:7", "mean:x:2026-08-31", "mean:1:soon", ""]
)
def test_what_is_no_detail_is_shown_as_it_is(text: str) -> None:
    assert details.words(text, FI) == text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_detail_has_words(language: str) -> None:
    t = Translator(language)
    sample = {"day": "2026-08-31"}
    for name, places in details.PLACES.items():
        detail = ":".join([name, *(sample.get(place, "2") for place in places)])
        assert details.words(detail, t) != detail
