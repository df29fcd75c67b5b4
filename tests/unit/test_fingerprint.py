"""Hashes of the same and of nearly the same text."""

from hypothesis import given
from hypothesis import strategies as st

from monitor.articles.fingerprint import bands, content_hash, signature, similarity

PARAGRAPHS = [
    "Kainuun hyvinvointialue aloittaa yt-neuvottelut, jotka koskevat koko henkilöstöä ja kaikkia palveluja.",
    "Neuvottelujen piirissä on noin kolmetuhatta työntekijää, ja vähennystarve on enintään sataneljäkymmentä.",
    "Johtajan mukaan alijäämä on katettava lain määräajassa, eikä muita keinoja enää löydy mistään.",
    "Pääluottamusmies pelkää, että hoitajat lähtevät naapurialueille ennen kuin neuvottelut päättyvät.",
    "Aluevaltuusto käsittelee asiaa joulukuun kokouksessaan Kajaanissa, jonne odotetaan mielenosoitusta.",
]
OTHER = (
    "Österbottens välfärdsområde öppnar en ny jour i Jakobstad. Personalen har rekryterats lokalt och "
    "klienterna får tid samma dag, berättar överläkaren, som är nöjd med hur starten har gått."
)
TEXT = "\n\n".join(PARAGRAPHS)


def test_spaces_and_quotes_do_not_change_the_hash_and_words_do() -> None:
    assert content_hash("Otsikko ”A”", TEXT) == content_hash(
        'Otsikko  "A"', TEXT.replace("\n\n", " ")
    )
    assert content_hash("Otsikko", TEXT) != content_hash("Otsikko", TEXT + " Lisäys.")
    assert content_hash("a", "b").startswith("v1:")


def test_a_shortened_copy_is_similar_and_a_candidate() -> None:
    copy = "\n\n".join([*PARAGRAPHS[:-1], "Uutistoimisto Linkki"])
    a, b = signature(TEXT), signature(copy)
    assert similarity(a, b) > 0.6
    assert set(enumerate(bands(a))) & set(enumerate(bands(b)))


def test_another_text_is_not() -> None:
    assert similarity(signature(TEXT), signature(OTHER)) < 0.1


def test_empty_texts_resemble_nothing() -> None:
    assert signature(" ") == b""
    assert bands(b"") == ()
    assert similarity(b"", signature(TEXT)) == 0.0


@given(st.text(min_size=1, max_size=200))
def test_bands_fit_an_integer_column_and_are_stable(text: str) -> None:
    found = bands(signature(text))
    assert all(-(2**31) <= value < 2**31 for value in found)
    assert found == bands(signature(text))
    assert signature(text) == signature(text.upper()) or text.casefold() != text.upper().casefold()


def test_the_signature_of_a_version_never_changes() -> None:
    """Stored signatures of old articles are compared with new ones: a change needs a migration."""
    assert bands(signature("päivystys suljetaan yöksi raahessa"))[0] == 469691555
