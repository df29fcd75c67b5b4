"""What of an article tells which event it is about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.articles.events import READ_CHARACTERS, cognate, load_reader
from monitor.settings import ROOT

READER = load_reader(ROOT / "labels")


def _kind(title: str, text: str, language: str, kind: str) -> set[str]:
    return {t[1:] for t in READER.traits(title, text, language).all if t[0] == kind}


@pytest.mark.parametrize(
    ("fi", "sv", "numbers"),
    [
        ("1,6 miljoonaa euroa", "1,6 miljoner euro", {"1600000"}),
        ("17 miljoonan euron", "17 miljoner euro", {"17000000"}),
        ("5 200 taloutta", "5\u00a0200 hushåll", {"5200"}),
        ("2,3 prosenttia", "2,3 procent", {"2.3%"}),
        ("kolme hoitajaa, 3 lääkäriä", "tre vårdare, 3 läkare", set()),
        ("27,9 miljardia", "27,9 miljarder", {"27900000000"}),
    ],
)
def test_numbers_are_the_same_in_both_languages(fi: str, sv: str, numbers: set[str]) -> None:
    assert _kind("", fi, "fi", "z") == _kind("", sv, "sv", "z") == numbers


@pytest.mark.parametrize(
    ("fi", "sv", "dates"),
    [
        ("14.–15. marraskuuta", "14–15 november", {"11-14", "11-15"}),
        ("maanantaina 9.11.", "måndagen 9.11.", {"11-09"}),
        ("1. tammikuuta 2027", "1 januari 2027", {"01-01"}),
        ("pesäpallossa 20.45.", "resultatet 20.45.", set()),
    ],
)
def test_dates_are_the_same_in_both_languages(fi: str, sv: str, dates: set[str]) -> None:
    assert _kind("", fi, "fi", "d") == _kind("", sv, "sv", "d") == dates


def test_places_regions_and_concepts_are_the_same_in_both_languages() -> None:
    fi = (
        "Turun päivystys ruuhkautui",
        "Varsinais-Suomen hyvinvointialueella on pulaa lääkäreistä.",
    )
    sv = ("Rusning vid jouren i Åbo", "Egentliga Finlands välfärdsområde har brist på läkare.")
    for kind in "pr":
        assert _kind(*fi, "fi", kind) == _kind(*sv, "sv", kind) != set()
    assert {"doctor", "emergency_care"} <= _kind(*fi, "fi", "c") & _kind(*sv, "sv", "c")


@pytest.mark.parametrize(("fi", "sv"), [("festivaali", "festival"), ("konsertti", "konsert")])
def test_loans_look_alike(fi: str, sv: str) -> None:
    shorter = min(len(cognate(fi)), len(cognate(sv))) - 1
    assert cognate(fi)[:shorter] == cognate(sv)[:shorter]


def test_a_name_is_the_same_in_its_cases_and_a_sentence_begins_with_none() -> None:
    names = [_kind("", text, "fi", "n") for text in ("Nyt Kelan", "Nyt Kela", "Nyt. Sitten kelpaa")]
    assert names[0] & names[1] == {"kela"}
    assert names[2] == set()


@given(st.text(max_size=300), st.text(max_size=600), st.sampled_from(["fi", "sv", "en", "und"]))
def test_any_text_has_traits_and_those_of_the_title_are_among_all(
    title: str, text: str, language: str
) -> None:
    traits = READER.traits(title, text, language)
    assert traits.title <= traits.all
    assert traits == READER.traits(title, text, language)


def test_what_stands_far_down_costs_nothing() -> None:
    long = "x" * READ_CHARACTERS + " Raahe 123456"
    assert READER.traits("", long, "fi") == READER.traits("", long * 3, "fi")
