"""Inflected forms come out alike, letters stay apart, and no query is an exception."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.reference import Reference
from monitor.search.excerpt import hits
from monitor.search.query import compose, mark, names_of, parse
from monitor.search.values import Names, Query, Wrong
from monitor.search.words import fold, lemma, lemmas, tokens

# First the word as people search for it, then forms as they stand in news.
FINNISH = """
hyvinvointialue hyvinvointialueen hyvinvointialueella hyvinvointialueiden hyvinvointialueita hyvinvointialueelle
HUS HUSin HUS:n HUSissa
Keusote Keusoten Keusotessa Keusoteen
Pirha Pirhan Pirhassa Pirhaan
Pihlajalinna Pihlajalinnan Pihlajalinnalle Pihlajalinnaa
Mehiläinen Mehiläisen Mehiläiselle Mehiläistä
potilastietojärjestelmä potilastietojärjestelmän potilastietojärjestelmässä potilastietojärjestelmien
irtisanominen irtisanomisia irtisanomiset irtisanomisten
lääkäripula lääkäripulan lääkäripulasta
palveluverkkoselvitys palveluverkkoselvityksen palveluverkkoselvityksessä
yhteistoimintaneuvottelu yhteistoimintaneuvottelut yhteistoimintaneuvotteluja yhteistoimintaneuvottelujen
pelastuslaitos pelastuslaitoksen pelastuslaitokselle pelastuslaitosta
aluevaltuusto aluevaltuuston aluevaltuustossa
hoitotakuu hoitotakuun hoitotakuuta
terveysasema terveysaseman terveysasemien terveysasemilla
Uusimaa Uudenmaan Uudellamaalla
Vantaa Vantaan Vantaalla
lakkauttaa lakkautetaan lakkautettiin
sopimuspalokunta sopimuspalokunnan sopimuspalokuntien
yhteispäivystys yhteispäivystyksen yhteispäivystyksessä
vuokralääkäri vuokralääkäreitä vuokralääkäreiden
alijäämä alijäämän alijäämää
jono jonot jonojen jonossa
"""
SWEDISH = """
välfärdsområde välfärdsområdet välfärdsområdets välfärdsområdena välfärdsområdenas
hälsocentral hälsocentralen hälsocentraler hälsocentralerna
samarbetsförhandling samarbetsförhandlingar samarbetsförhandlingarna
räddningsverk räddningsverket räddningsverkets räddningsverken
vårdgaranti vårdgarantin vårdgarantins
underskott underskottet underskotten
klientavgift klientavgifter klientavgifterna
uppsägning uppsägningar uppsägningarna
läkarbrist läkarbristen
kö köer köerna
Österbotten Österbottens
patientdatasystem patientdatasystemet patientdatasystemen
räddningsstation räddningsstationen räddningsstationerna
nämnd nämnden nämnder nämndens
sjukhus sjukhuset sjukhusens
avtalsbrandkår avtalsbrandkåren avtalsbrandkårerna
hemvård hemvården hemvårdens
HUS HUS:s
"""
NAMES = Names({"kainuu": "18"}, {"finance": "finance"}, {})


@pytest.mark.parametrize(("language", "words"), [("fi", FINNISH), ("sv", SWEDISH)])
def test_a_word_finds_its_forms(language: str, words: str) -> None:
    """Recall over an invented list, as a search asks: any reading of the word in either language."""
    found = total = 0
    for line in words.strip().splitlines():
        base, *forms = (token.word for token in tokens(line))
        query = parse(base, NAMES)
        assert isinstance(query, Query)
        found += sum((lemma(form, language),) in query.terms[0].readings for form in forms)
        total += len(forms)
    assert found / total >= 0.97, f"{found} of {total}"


def test_letters_of_their_own_stay_apart_and_accents_do_not() -> None:
    assert len({fold(word) for word in ("sää", "saa", "såå", "söö", "soo")}) == 5
    assert fold("Café Crème") == fold("CAFE CREME")
    assert fold("A\u0308kta") == "äkta"  # an umlaut that stands apart


def test_places_of_what_was_searched_for() -> None:
    text = "HUSin alijäämä. Alijäämästä ei puhuta, mutta HUS:n talous on tiukka."
    query = parse('hus alijäämä "talous on"', NAMES)
    assert isinstance(query, Query)
    assert [text[a:b] for a, b in hits(text, "fi", query)] == [
        "HUSin", "alijäämä", "Alijäämästä", "HUS", "talous on",
    ]  # fmt: skip


@given(st.text(max_size=300))
def test_a_query_is_read_or_refused(text: str) -> None:
    found = parse(text, NAMES)
    assert isinstance(found, Query | Wrong)
    if isinstance(found, Query):
        for term in (*found.terms, *found.without):
            for reading in term.readings:
                assert all(re.fullmatch(r"[^\W_]+", word) for word in reading)


@given(st.text(max_size=200), st.sampled_from(["fi", "sv", "en", "und"]))
def test_words_hold_nothing_but_letters_and_digits(text: str, language: str) -> None:
    assert all(word.isalnum() or not word for word in lemmas(text, language))


@given(st.text(max_size=60))
def test_a_mark_is_never_a_word(value: str) -> None:
    assert re.fullmatch(r"o=[a-z0-9-]*", mark("o", value))


@given(st.text(max_size=50), st.text(max_size=20))
def test_lists_cannot_break_out_of_their_field(typed: str, value: str) -> None:
    query = compose("", {"region": value})
    assert query.count('"') == (2 if value else 0)
    assert compose(typed, {}) == typed.strip()


def test_names_of_regions_in_both_languages(reference: Reference) -> None:
    names = names_of(reference, {"yle": "Yle Uutiset"})
    for text in (
        "region:HUS",
        'alue:"Keski-Pohjanmaa"',
        'område:"Mellersta Österbotten"',
        'lähde:"yle uutiset"',
    ):
        assert isinstance(parse(text, names), Query), text
    assert parse("alue:Narnia", names) == Wrong("region", {"value": "Narnia"})
