"""The region tagger learns how regions are mentioned, whichever they are."""

import csv
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from classifiers.corpus import load_corpus
from classifiers.gazetteer import Gazetteer
from classifiers.region_candidates import candidates
from classifiers.region_features import NAMES, WIDTH, features
from classifiers.regions import FLAT_REGION, RegionTagger
from classifiers.values import Example, RegionTag, Text

ROOT = Path(__file__).resolve().parents[2]
LABELS = ROOT / "labels"

# Place, region, and another place as a comparison: (fi inessive, fi genitive, sv name, code).
PLACES = [
    ("Kuopiossa", "Kuopion", "Kuopio", "13"),
    ("Joensuussa", "Joensuun", "Joensuu", "14"),
    ("Jyväskylässä", "Jyväskylän", "Jyväskylä", "15"),
    ("Seinäjoella", "Seinäjoen", "Seinäjoki", "16"),
    ("Kajaanissa", "Kajaanin", "Kajana", "20"),
    ("Rovaniemellä", "Rovaniemen", "Rovaniemi", "21"),
    ("Porissa", "Porin", "Björneborg", "06"),
    ("Mikkelissä", "Mikkelin", "S:t Michel", "12"),
]


def example(i: int, title: str, body: str, language: str, regions: tuple[str, ...]) -> Example:
    text = Text(f"e{i}", title, body, language)
    national = not regions
    return Example(text, True, regions, (), national, ("finance",), "risk", f"s{i}")


def tiny_corpus() -> list[Example]:
    made: list[Example] = []
    for i, (here, genitive, sv, code) in enumerate(PLACES):
        other_here, _, other_sv, _ = PLACES[(i + 3) % len(PLACES)]
        body = f"Osasto suljetaan {here} kesällä.\n\nEsimerkiksi {other_here} tehtiin vastaava ratkaisu."
        made.append(example(4 * i, f"{genitive} sairaala supistaa", body, "fi", (code,)))
        body = f"Avdelningen i {sv} stängs.\n\nSom jämförelse kan nämnas {other_sv}."
        made.append(example(4 * i + 1, f"{sv} drar in vårdplatser", body, "sv", (code,)))
        body = f"Hallitus esittää hyvinvointialueille lisää rahaa. Asiaa arvioitiin aiemmin {here}."
        made.append(example(4 * i + 2, "Koko maassa odotetaan", body, "fi", ()))
        body = f"Regeringen vill ge välfärdsområdena mer pengar, till exempel i {sv}."
        made.append(example(4 * i + 3, "Hela landet väntar", body, "sv", ()))
    return made


@pytest.fixture(scope="module")
def tagger() -> RegionTagger:
    return RegionTagger(LABELS).fit(tiny_corpus(), seed=1)


def decided(tags: tuple[RegionTag, ...]) -> set[str]:
    return {t.code for t in tags if t.decided}


def test_a_region_never_seen_in_training_is_tagged(tagger: RegionTagger) -> None:
    finnish = Text("a", "Vaasan sairaala supistaa", "Vaasassa suljetaan osasto.", "fi")
    swedish = Text("b", "Vasa drar in vårdplatser", "Avdelningen i Vasa stängs.", "sv")
    assert [decided(tags) for tags in tagger.tag([finnish, swedish])] == [{"17"}, {"17"}]


def test_a_comparison_is_only_mentioned(tagger: RegionTagger) -> None:
    body = "Lahdessa suljetaan osasto.\n\nEsimerkiksi Kotkassa tehtiin vastaava ratkaisu."
    (tags,) = tagger.tag([Text("a", "Lahden sairaala supistaa", body, "fi")])
    roles = {t.code: t.role for t in tags}
    assert roles["09"] == "happens"
    assert roles["10"] == "mentioned"


def test_a_matter_of_the_whole_country_is_national(tagger: RegionTagger) -> None:
    body = "Hallitus esittää hyvinvointialueille lisää rahaa."
    (tags,) = tagger.tag([Text("a", "Koko maassa odotetaan", body, "fi")])
    assert decided(tags) == {"NAT"}


@pytest.fixture(scope="module")
def short_texts() -> RegionTagger:
    """Learned from the short texts of the corpus that name one place, Finnish and Swedish."""
    corpus = load_corpus(LABELS / "corpus").examples
    return RegionTagger(LABELS).fit([e for e in corpus if e.origin.startswith("places.")], seed=1)


@pytest.mark.parametrize(
    ("title", "body", "language", "expected"),
    [
        (
            "Kirjasto muuttaa",
            "Kirjasto saa uudet tilat. Muutto kestää kaksi viikkoa. Kirjasto on Forssassa.",
            "fi",
            {"07"},
        ),
        (
            "Vatten i källaren",
            "Ett rör gick sönder på natten. Ingen blev skadad. Huset står i Kaskö.",
            "sv",
            {"17"},
        ),
        (
            "Hoitajista on pulaa",
            "Hallitus esittää hyvinvointialueille uutta lakia hoitajien määrästä. Valtio maksaa "
            "koulutuksen. Lakia kannattaa hoitaja, joka on kotoisin Forssasta.",
            "fi",
            set(),
        ),
    ],
)
def test_the_only_place_of_a_short_text(
    short_texts: RegionTagger, title: str, body: str, language: str, expected: set[str]
) -> None:
    """It is what the text is about where it stands last, and not where somebody comes from it."""
    (tags,) = short_texts.tag([Text("a", title, body, language)])
    assert decided(tags) - {"NAT"} == expected


def test_the_threshold_of_regions_is_the_low_end_of_what_is_as_good() -> None:
    """Text unlike the corpus has low probabilities: recall goes first there."""
    examples = [e for e in load_corpus(LABELS / "corpus").examples if "places." in e.origin]
    tagger, tags = RegionTagger(LABELS).cross_tag(examples, seed=1)
    assert tagger.model is not None
    cells = [
        (t.happens, t.code in e.regions)
        for e, of in zip(examples, tags, strict=True)
        for t in of
        if e.regions and t.code not in ("NAT", "91")
    ]

    def f1(threshold: float) -> float:
        said = [true for p, true in cells if p >= threshold]
        return 2 * sum(said) / (len(said) + sum(true for _, true in cells))

    best = max(f1(p) for p, _ in cells)
    chosen = tagger.model.thresholds["region"]
    assert f1(chosen) >= best - FLAT_REGION
    assert all(f1(p) < best - FLAT_REGION for p, _ in cells if p < chosen)


def test_evidence_is_the_mentions(tagger: RegionTagger) -> None:
    text = Text("a", "Oulun sairaala supistaa", "Oulussa suljetaan osasto.", "fi")
    (tags,) = tagger.tag([text])
    spans = next(t.spans for t in tags if t.code == "19")
    shown = [(text.title if s.field == "title" else text.text)[s.start : s.end] for s in spans]
    assert shown == ["Oulun", "Oulussa"]
    assert spans[0].why == "Oulun: municipality Oulu"


def test_tags_come_likeliest_first_with_probabilities(tagger: RegionTagger) -> None:
    (tags,) = tagger.tag([Text("a", "Turku ja Oulu", "Kuopiossa ja Porissa.", "fi")])
    happens = [t.happens for t in tags]
    assert happens == sorted(happens, reverse=True)
    assert all(0 <= p <= 1 for p in happens)


def test_aland_is_recognised_and_never_decided(tagger: RegionTagger) -> None:
    body = "I Mariehamn stängs en avdelning."
    (tags,) = tagger.tag([Text("a", "Mariehamn drar in vårdplatser", body, "sv")])
    assert [t.role for t in tags if t.code == "91"] == ["mentioned"]


def test_the_state_gives_the_same_tags_back(tagger: RegionTagger) -> None:
    again = RegionTagger.from_state(tagger.state(), LABELS)
    texts = [e.text for e in tiny_corpus()]
    assert again.tag(texts) == tagger.tag(texts)
    assert tagger.state()["gazetteer"] == again.gazetteer.digest


def test_a_state_of_other_features_is_refused(tagger: RegionTagger) -> None:
    with pytest.raises(ValueError, match="train it again"):
        RegionTagger.from_state({**tagger.state(), "version": -1}, LABELS)


def test_training_twice_gives_the_same_model(tagger: RegionTagger) -> None:
    again = RegionTagger(LABELS).fit(tiny_corpus(), seed=1)
    assert again.model is not None
    assert tagger.model is not None
    assert again.model.thresholds == tagger.model.thresholds
    texts = [e.text for e in tiny_corpus()]
    assert again.tag(texts) == tagger.tag(texts)


def test_out_of_fold_tags_are_given_for_every_example() -> None:
    corpus = tiny_corpus()
    _, tags = RegionTagger(LABELS).cross_tag(corpus, seed=1)
    assert len(tags) == len(corpus)
    hits = sum(decided(t) - {"NAT"} == set(e.regions) for t, e in zip(tags, corpus, strict=True))
    assert hits >= 0.8 * len(corpus)


def test_nothing_to_tag_and_no_model() -> None:
    with pytest.raises(ValueError, match="no model"):
        RegionTagger(LABELS).tag([])


def test_an_empty_batch_and_an_empty_text(tagger: RegionTagger) -> None:
    assert tagger.tag([]) == []
    (tags,) = tagger.tag([Text("a", "", "", "fi")])
    assert [t.code for t in tags] == ["NAT"]


def test_no_feature_knows_its_region() -> None:
    """The same text about another region has the same features."""
    gazetteer = Gazetteer.load(LABELS)

    def rows(here: str, genitive: str) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
        text = Text("a", f"{genitive} sairaala supistaa", f"Osasto {here} suljetaan.", "fi")
        scan = gazetteer.scan(text)
        return features(text, scan, candidates(scan))

    first = rows("Kuopiossa", "Kuopion")
    assert first.shape == (2, WIDTH)
    other = rows("Joensuussa", "Joensuun")
    moved = np.abs(first - other).max(axis=0) > 0.05  # the names differ in length by a character
    assert [name for name, d in zip(NAMES, moved.tolist(), strict=False) if d] == []


def test_the_rescue_feed_names_its_municipality() -> None:
    """Every first notice of the captured feed is of its municipality's region, by the rule."""
    shared = ROOT.parent / "shared"
    if not shared.is_dir():
        pytest.skip("the captured newsroom is not beside this repository (../shared)")
    with (shared / "ref" / "municipalities_2026.csv").open(encoding="utf-8", newline="") as file:
        region = {r["name_fi"].strip(): r["county_code"] for r in csv.DictReader(file)}
    feed = ET.parse(shared / "newsroom" / "peto-media_2019-08.rss.xml")
    titles = [item.findtext("title") or "" for item in feed.iter("item")]
    gazetteer = Gazetteer.load(LABELS)
    expected = [(region[title.split("/")[0].strip()],) for title in titles]
    assert len(titles) == 100
    assert [gazetteer.notice_place(title) for title in titles] == expected
