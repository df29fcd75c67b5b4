"""Language of whole texts and of headlines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.articles.language import detect

FI = (
    "Hyvinvointialue aikoo sulkea kolme terveysasemaa ensi vuoden alussa. Asiakkaat ohjataan keskustaan, "
    "mutta kaikki eivät pääse sinne ilman kyytiä. Päätös tehdään marraskuussa, ja se on osa säästöjä."
)
SV = (
    "Välfärdsområdet tänker stänga tre hälsostationer i början av nästa år. Klienterna hänvisas till "
    "centrum, men alla har inte möjlighet att ta sig dit. Beslutet fattas i november och är en del av sparkraven."
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (FI, "fi"),
        (SV, "sv"),
        (
            "The county will close three of its health stations, and the decision is for the council.",
            "en",
        ),
        ("Kommunen skal ikke legge ned sykehuset, sier hun, men det blir noe mindre enn nå.", "no"),
    ],
)
def test_whole_texts(text: str, code: str) -> None:
    found = detect(text)
    assert found.code == code
    assert found.confidence > 0.5


@pytest.mark.slow
@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("Päivystys sulkeutuu Raahessa yöksi", "fi"),
        ("Hoitajamitoitus laskee vanhuspalveluissa", "fi"),
        ("Jouren i Jakobstad stängs nattetid", "sv"),
        ("Färre brandmän i Fredrikshamn", "sv"),
        ("Vårdköerna växer i Östra Nyland", "sv"),
    ],
)
def test_headlines_alone(title: str, code: str) -> None:
    assert detect(title).code == code


@pytest.mark.parametrize("text", ["", "   ", "112 / 2026", "!?", "ab cd", "中文"])
def test_no_words_no_language(text: str) -> None:
    assert detect(text).code == "und"
    assert detect(text).confidence == 0


@given(st.integers(1, 30), st.sampled_from([FI, SV]))
def test_repeating_a_text_changes_nothing(times: int, text: str) -> None:
    assert detect(" ".join([text] * times)).code == detect(text).code
