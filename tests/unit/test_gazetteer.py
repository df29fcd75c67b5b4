"""The gazetteer finds names as the Finnish and the Finland-Swedish press write them."""

import csv
import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.gazetteer import Gazetteer, Mention
from classifiers.gazetteer_build import WORD, inflect
from classifiers.gazetteer_words import Known, KnownRuns, KnownWords, Words
from classifiers.places import TABLES, load_places, places_digest
from classifiers.values import Text

LABELS = Path(__file__).resolve().parents[2] / "labels"
GAZETTEER = Gazetteer.load(LABELS)


def find(
    body: str, language: str = "fi", title: str = "", home: tuple[str, ...] = ()
) -> list[Mention]:
    return list(GAZETTEER.find(Text("t", title, body, language, home)))


def codes(body: str, language: str = "fi") -> list[tuple[str, ...]]:
    return [m.codes for m in find(body, language)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Tampereella", "08"),
        ("Turussa", "05"),
        ("Ylitorniolla", "21"),
        ("Torniossa", "21"),
        ("Paraisilla", "05"),
        ("Joroisissa", "13"),
        ("Uudessakaupungissa", "05"),
        ("Isossakyrössä", "16"),
        ("Uudessakaarlepyyssä", "17"),
        ("Länsi-Uudellamaalla", "03"),
        ("Pietarsaaressa", "17"),
        ("Hangossa", "03"),
        ("Helsingissäkin", "90"),
        ("Kuhmoisissa", "08"),
        ("Kuhmossa", "20"),
        ("Vaalassa", "19"),
        ("Himangalla", "19"),
        ("Pertunmaan", "12"),
    ],
)
def test_finnish_names_in_both_locative_series(text: str, code: str) -> None:
    assert codes(f"Uudesta mallista kerrottiin {text} eilen.") == [(code,)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Korsholms", "17"),
        ("S:t Michel", "12"),
        ("Lahtis", "09"),
        ("Letala", "05"),
        ("Karis", "03"),
        ("Sydösterbotten", "17"),
        ("Egentliga Finlands", "05"),
        ("Helsingforsregionen", "90"),
    ],
)
def test_swedish_names_and_genitives(text: str, code: str) -> None:
    assert codes(f"Nu gäller det {text} igen.", "sv") == [(code,)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Etelä- ja Keski-Pohjanmaan hyvinvointialueet", ["16", "18"]),
        ("Itä-, Keski- ja Länsi-Uusimaa", ["01", "02", "03"]),
        ("Pohjois- ja Etelä-Savon pelastuslaitokset", ["13", "12"]),
        ("Norra, Mellersta och Södra Österbotten", ["19", "18", "16"]),
        ("Norra och Södra Savolax välfärdsområden", ["13", "12"]),
        ("Päijät- ja Kanta-Hämeessä", ["09", "07"]),
    ],
)
def test_elliptic_coordination_names_every_region(text: str, expected: list[str]) -> None:
    assert codes(f"Sopimus: {text}.") == [(code,) for code in expected]


def test_longest_match_wins_over_the_bare_region() -> None:
    assert codes("Etelä-Pohjanmaa ja Pohjanmaa") == [("16",), ("17",)]
    assert codes("Södra Österbotten och Österbotten", "sv") == [("16",), ("17",)]
    assert codes("Norrbotten och Västerbotten", "sv") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Varhan", ("05",)),
        ("Pohteelta", ("19",)),
        ("Siun soten", ("14",)),
        ("Keusotessa", ("02",)),
        ("HUSin", ("HUS",)),
        ("HUS:n", ("HUS",)),
        ("Husissa", ("HUS",)),
        ("Taysin", ("08",)),
        ("Jorvissa", ("03", "HUS")),
        ("Peijaksen sairaalassa", ("04", "HUS")),
        ("Eksoten", ("11",)),
        ("Keski-Uudenmaan pelastuslaitoksen", ("02", "04")),
    ],
)
def test_organisations_in_their_cases(text: str, expected: tuple[str, ...]) -> None:
    assert codes(f"Asiasta päätti {text} johto.") == [expected]


def test_hus_is_never_the_swedish_word_for_house() -> None:
    assert codes("Hus brann i natt. Ett hus förstördes.", "sv") == []
    assert codes("Beslutet fattades av HUS styrelse.", "sv") == [("HUS",)]


def test_demonyms_in_both_languages() -> None:
    assert codes("Joukko turkulaisia ja pohjoiskarjalaisille tuttu lääkäri") == [("05",), ("14",)]
    assert codes("En vasabo och tre Esbobor, närpesborna", "sv") == [("17",), ("03",), ("17",)]
    assert codes("Hän on savolainen ja karjalainen.") == []


def test_a_bilingual_pair_is_one_mention() -> None:
    (mention,) = find("Helsinki/Helsingfors, rakennuspalo: pieni")
    assert (mention.surface, mention.codes) == ("Helsinki/Helsingfors", ("90",))


def test_a_homonymous_district_needs_its_town() -> None:
    assert codes("Torilla Tampereen Tammelassa juhlittiin") == [("08",), ("08",)]
    assert codes("Kunta Tammelassa juhli") == [("07",)]
    assert codes("Malmin sairaala Pietarsaaressa") == [("17",), ("17",)]
    assert codes("Malmin sairaala sulki osaston") == [("90",)]


def test_newspapers_companies_and_units_are_not_their_towns() -> None:
    assert codes("Asiasta kertoi Helsingin Sanomat.") == []
    assert codes("Kurssi laski, Nokia Oyj ilmoitti.") == []
    assert codes("Karjalan prikaatin varusmiehet") == [("10",)]
    assert codes("Lento laskeutui Helsinki-Vantaalle") == [("04",)]
    assert codes("Åbo Akademi utreder", "sv") == []
    assert [m.exception for m in find("Päätös tuli, Vaasan hallinto-oikeus kumosi sen.")] == [
        "court"
    ]
    assert [m.exception for m in find("Tutkija työskentelee Oulun yliopistossa")] == ["university"]
    assert [m.exception for m in find("Potilas on Oulun yliopistollisessa sairaalassa")] == [""]


@pytest.mark.parametrize(
    "text",
    [
        "Kolari Rovaniemellä",
        "Varkaus Kuopiossa: kultaliike",
        "Nokia sänker prognosen",
        "Lahti varoitti",
    ],
)
def test_homographs_are_kept_and_marked(text: str) -> None:
    first = find("", title=text)[0]
    assert first.ambiguous
    assert first.start == 0


def test_what_clears_a_homograph() -> None:
    assert not find("Kaupunginhallitus kokoontui Salossa.")[0].ambiguous
    assert not find("Lahden kaupunki päätti.")[0].ambiguous
    assert not find("Avtal ingås i Ingå.", "sv")[0].ambiguous
    assert not find("Lahti päätti.", home=("09",))[0].ambiguous


@pytest.mark.parametrize(
    ("text", "doubtful"),
    [
        ("Raumalla paloi yöllä.", False),
        ("Varkaudessa juhlittiin.", False),
        ("Kolarissa loukkaantui kaksi.", True),
        ("Nokialta tuli tulosvaroitus.", True),
        ("Rauman Lukko voitti.", True),
        ("Lahden poliisi varoittaa jäistä.", False),
        ("Hangon satamassa purettiin lastia.", False),
        ("Eilen julkaistu Raision tulos ylitti ennusteet.", True),
        ("Eilen julkaistu Raision kaupungin tulos ylitti ennusteet.", False),
    ],
)
def test_case_and_the_next_word_tell_a_homograph(text: str, doubtful: bool) -> None:
    assert find(text)[0].ambiguous is doubtful


def test_a_person_stays_a_person_in_every_case() -> None:
    found = find("Näyttelijä Matti Salo palkittiin. Palkinto oli jo Salon kolmas.")
    assert [m.ambiguous for m in found] == [True, True]
    found = find("Nyt valmentaja Salo muutti. Pian Salon terveysasema sulkeutuu Salossa.")
    assert [(m.exception, m.ambiguous) for m in found] == [
        ("person", True),
        ("head", False),
        ("", False),
    ]


def test_a_word_read_again_is_read_alike() -> None:
    text = "Turkulaisia ja OULU, Kuopiokin. Turkulaisia ja OULU, Kuopiokin."
    found = codes(text)
    assert found[:3] == found[3:] == [("05",), ("19",), ("13",)]
    assert codes(text) == found


@settings(deadline=None)
@given(st.text(alphabet="aÄß9_-:’'. \n/", max_size=60))
def test_words_stand_where_the_pattern_finds_them(source: str) -> None:
    everything = KnownWords(lambda word: Known(("",), False, (), ""))
    words = Words("text", source, 0, KnownRuns(everything))
    expected = list(WORD.finditer(source))
    assert [(n.place, n.text, n.start, n.end) for n in words.noted] == [
        (i, m[0], m.start(), m.end()) for i, m in enumerate(expected)
    ]
    assert words.count == len(expected)
    for m, before in zip(expected, [None, *expected], strict=False):
        found = words.before(m.start())
        assert (found and found.span()) == (before and before.span())


@settings(deadline=None)
@given(st.text(alphabet="aÄ.!?•|\n\t ", max_size=40))
def test_sentences_end_at_a_mark_and_a_blank_or_at_a_break(source: str) -> None:
    words = Words("text", source, 3, KnownRuns(KnownWords(lambda word: None)))
    ends = [m.start() for m in re.finditer(r"[.!?]\s|[\n•|]", source)]
    for at in range(len(source)):
        assert words.sentence(at) == 3 + sum(end <= at for end in ends)


def test_persons_are_recognised_by_what_stands_before() -> None:
    assert find("Kilpailun voitti valmentaja Nousiainen.")[0].exception == "person"
    assert find("Paikalla oli myös Matti Salo.")[0].exception == "person"


def test_a_rescue_notice_is_for_the_municipality_it_begins_with() -> None:
    assert GAZETTEER.notice_place("Mustasaari/Korsholm, maastopalo: pieni") == ("17",)
    assert GAZETTEER.notice_place("Korsholm/Mustasaari, terrängbrand: liten") == ("17",)
    assert GAZETTEER.notice_place("Valtimo/Valtimo, rakennuspalo") == ("14",)
    assert GAZETTEER.notice_place("Kolari, tieliikenneonnettomuus: pieni") == ("21",)
    assert GAZETTEER.notice_place("Rakennuspalo: pieni") == ()


def test_every_municipality_is_found_by_its_finnish_and_swedish_name() -> None:
    with (LABELS / "places.csv").open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["kind"] == "municipality"]
    assert len(rows) == 308
    for row in rows:
        for name in filter(None, (row["fi"], row["sv"])):
            assert (row["codes"],) in codes(f"nyt ja nu {name}"), name


def test_compounds_choose_their_vowels_by_the_last_part() -> None:
    assert {"Alavetelissä", "Alaveteliin"} <= {
        form for form, _ in inflect("Alaveteli", "Alavetelin")
    }
    assert {"Kesälahdella", "Kesälahteen"} <= {
        form for form, _ in inflect("Kesälahti", "Kesälahden")
    }
    assert {"Oravaisissa", "Oravaisilla"} <= {f for f, _ in inflect("Oravainen", "Oravaisten")}
    assert {"Pohteeseen", "Pohdetta"} <= {form for form, _ in inflect("Pohde", "Pohteen")}


@settings(deadline=None)
@given(st.text(max_size=200), st.sampled_from(["fi", "sv"]))
def test_spans_always_hold_the_surface(noise: str, language: str) -> None:
    text = f"{noise} Kuopiossa {noise} Åbo"
    for mention in find(text, language):
        assert text[mention.start : mention.end] == mention.surface
        assert mention.codes


PIECES = [
    "Salo",
    "Oulussa",
    "ja",
    "Etelä-",
    "Savon",
    "HUS:n",
    "Norra",
    "och",
    "Vasa",
    ".",
    "/",
    "-",
]


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES)))
def test_mentions_are_ordered_and_do_not_overlap(words: list[str]) -> None:
    found = find(" ".join(words))
    assert all(a.end <= b.start for a, b in pairwise(found))


def test_the_digest_follows_every_table(tmp_path: Path) -> None:
    for name in TABLES:
        (tmp_path / name).write_bytes((LABELS / name).read_bytes())
    before = places_digest(tmp_path)
    assert before == GAZETTEER.digest
    with (tmp_path / "cues.csv").open("a", encoding="utf-8") as file:
        file.write("compare,rinnalla\n")
    assert places_digest(tmp_path) != before


def test_a_row_with_a_missing_column_is_refused(tmp_path: Path) -> None:
    for name in TABLES:
        (tmp_path / name).write_bytes((LABELS / name).read_bytes())
    with (tmp_path / "places.csv").open("a", encoding="utf-8") as file:
        file.write("999,municipality\n")
    with pytest.raises(ValueError, match=r"places\.csv"):
        load_places(tmp_path)
